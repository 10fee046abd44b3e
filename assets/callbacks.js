/* Callbacks that need no server: what Python registers as ClientsideFunction('atlas', …), and what they answer to. */
'use strict';

(() => {
  const same = (a, b) => {
    const sorted = (value) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
    return sorted(a) === sorted(b);
  };
  const asksWhere = (search) => new URLSearchParams(search || '').has('explain');

  const MOST_ASKED = 200; // no server takes more
  const FAILED_MS = 20_000; // what has no answer for so long gets none

  /** What the reader asked of the address and no answer has brought, oldest first. */
  let unheard = [];
  let asks = 0;

  /**
   * The reader wants something of the address: it is asked for after all that came before and has no answer yet. The
   * list is kept here: a store that held one wish would lose it to the next before anybody had read it.
   */
  const tell = (said) => {
    const {props} = window.dash_component_api.getLayout('heard');
    asks += 1;
    unheard = unheard.filter(({n, at}) => n > (props.data || 0) && performance.now() - at < FAILED_MS).slice(1 - MOST_ASKED);
    unheard.push({n: asks, at: performance.now(), said});
    window.dash_clientside.set_props('asked', {data: {n: asks, said: unheard.map((one) => one.said)}});
  };

  /** What each control was last seen to hold, by its property. */
  const held = new Map();

  /**
   * What a reader set. Controls report themselves too when a page brings them, then several at once, and when
   * `setControls` has set them: no server needs to hear of those.
   */
  const chosen = () => {
    const {triggered} = window.dash_clientside.callback_context;
    const news = triggered.filter(({prop_id: name, value}) => !same(held.get(name), value));
    triggered.forEach(({prop_id: name, value}) => held.set(name, value));
    if (triggered.length === 1 && news.length) {
      const {facet, check} = JSON.parse(news[0].prop_id.slice(0, news[0].prop_id.lastIndexOf('.')));
      tell({type: 'set', name: facet || check, value: news[0].value});
    }
    return window.dash_clientside.no_update;
  };

  /** What the reader did on the map: choose what is there, ask about a place, or go on from what was answered. */
  window.addEventListener('atlas:map', ({detail}) => {
    const {type, features} = detail;
    if (type === 'contextmenu') window.dash_clientside.set_props('here-ask', {data: {...detail, n: Date.now()}});
    if (['click', 'moveend'].includes(type) && document.querySelector('#here > *')
      && !document.querySelector('.here-pin[aria-pressed="true"]')) {
      window.dash_clientside.set_props('here', {children: null});
    }
    if (type === 'click' && features.length) tell({type, features});
  });

  /** A click on a row of a project table. */
  const clickedRow = (cell) => {
    if (cell && cell.rowId) tell({type: 'select', selection: `project:${cell.rowId}`});
  };

  /** Most addresses explain no number: the server is asked only about one that does, or that closes what is open. */
  const askWhere = (search, opened) => (opened || asksWhere(search) ? search || '' : window.dash_clientside.no_update);

  /** A drawer that its reader closes is no longer in the address. */
  const closedWhere = (opened, search) => {
    if (opened || !asksWhere(search)) return;
    tell({type: 'act', act: 'explain', arg: ''});
  };

  /**
   * The controls follow the URL and write it. Dash takes no circle of callbacks, and in one callback everything that
   * follows the URL, the map first, would wait for it; so this half sets the controls by hand.
   */
  const setControls = (known, search, controls, shown, boxes, checked) => {
    if (known.search !== (search || '')) return; // already another address: its own values are on their way
    const {values} = known;
    const set = (id, property, value) => {
      held.set(`${JSON.stringify(id)}.${property}`, value);
      window.dash_clientside.set_props(id, {[property]: value});
    };
    controls.forEach((id, i) => {
      if (id.facet in values && !same(values[id.facet], shown[i])) set(id, 'value', values[id.facet]);
    });
    boxes.forEach((id, i) => {
      if (id.check in values && !same(values[id.check], checked[i])) set(id, 'checked', values[id.check]);
    });
  };

  /** Another page starts with nothing of this one lying over it; pairs are kept as they are written. */
  const linked = (shown, links) => {
    const kept = (shown || '').replace('?', '').split('&').filter((pair) => pair && !/^(sel|map|table|explain|view|list|rank|row)=/.test(pair));
    return links.map(({page}) => page + (kept.length ? `?${kept.join('&')}` : ''));
  };

  /**
   * What the page shows is another state: of the stores that name parameters of the address ("" for all) those are set
   * of which one has changed. `drawn` is path and search that the page's parts are of; another path brings a page of its own.
   */
  const followed = (shown, drawn, path, stores) => {
    const none = window.dash_clientside.no_update;
    const was = new URL(drawn || '', location.origin);
    if (was.pathname !== path) return [none, stores.map(() => none)];
    const [old, now] = [was.searchParams, new URLSearchParams(shown || '')];
    const all = [...new Set([...old.keys(), ...now.keys()])].filter((name) => !['explain', 'map'].includes(name));
    const value = (query, [name, start]) => (query.get(name)?.startsWith(start || '') ? query.get(name) : null);
    const differs = (name) => value(old, name.split('=')) !== value(now, name.split('='));
    const changed = ({follows}) => (follows ? follows.split(',') : all).some(differs);
    return [path + (shown || ''), stores.map((id) => (changed(id) ? shown || '' : none))];
  };

  /** A button opens its drawer. */
  const opens = (clicks) => Boolean(clicks);

  const ours = {askWhere, chosen, clickedRow, closedWhere, followed, linked, opens, setControls};
  window.atlas = Object.assign(window.atlas || {}, {tell});
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    atlas: Object.assign((window.dash_clientside || {}).atlas || {}, ours),
  });
})();
