/* What the browser scripts find in the page and TypeScript does not know. */

/** Each script may be the first to come: what others put there is optional. */
interface DashClientside {
  /** Set properties of a component by its id; callbacks that have them as an input run. */
  set_props?(id: string | object, props: Record<string, unknown>): void;
  no_update?: unknown;
  /** What made the running clientside callback run. */
  callback_context?: {triggered: {prop_id: string, value: any}[]};
  /** Our own functions that clientside callbacks name, put there by the scripts of this folder. */
  atlas?: Record<string, (...given: any[]) => any>;
}

interface Window {
  /** MapLibre GL JS, loaded from this server (assets/map.js, loadLibrary); its own types are not installed. */
  maplibregl: any;
  dash_clientside: DashClientside;
  dash_component_api: {getLayout(id: string | object): any};
  /** Each script may be the first to come. `maps`: the live bridge of each map by its id. `tell`: what the reader wants. */
  atlas: {maps?: Record<string, any>, tell?(said: object): void, startDash?(): Promise<void>};
  DashRenderer: new () => void;
  /** Of the pages that have charts and large tables. */
  Plotly: any;
  dash_ag_grid: any;
  /** What happened on a map (assets/map.js). */
  addEventListener(type: 'atlas:map', listener: (event: CustomEvent) => void): void;
}
