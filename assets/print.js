/* Printing. The page is laid out for the sheet just before it is printed, while it still is on the screen: maps and charts
   are drawn for their size on paper, and a map leaves a picture of itself, as a printer gets no WebGL canvas. */
'use strict';

(() => {
  const root = document.documentElement;
  const foot = new CSSStyleSheet();
  /** @type {(() => void)[]} what takes the page back to the screen, last first */
  const undo = [];

  /** Text as a CSS string. */
  const quoted = (text) => `"${text.replace(/\s+/g, ' ').replace(/["\\]/g, '').trim()}"`;
  /** Text of an element, a space between those of its parts; of a title only what it begins with, without its marks. */
  const words = (selector) => {
    const node = document.querySelector(selector);
    if (!node) return '';
    const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const parts = [];
    while (walk.nextNode()) parts.push(walk.currentNode.textContent);
    return node.matches('h1') ? parts[0] ?? '' : parts.join(' ');
  };

  /** What every sheet says at its foot: the page, whose data of which month and scope, when it was printed, and its number. */
  const sayFoot = () => {
    const now = new Date();
    const day = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    const of = [words('.header .title'), words('main h1, h1'), words('#status-line')].filter(Boolean).join(' · ');
    foot.replaceSync(`@page {
      @bottom-left { content: ${quoted(of)}; font-size: 8pt; white-space: nowrap; }
      @bottom-right { content: ${quoted(day)} "  " counter(page) " / " counter(pages); font-size: 8pt; white-space: nowrap; }
    }`);
    document.adoptedStyleSheets.push(foot);
    undo.push(() => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== foot);
    });
  };

  /** The map over its whole extent as a picture. */
  const drawMap = (bridge) => {
    const {map} = bridge;
    if (!map) return;
    const camera = {center: map.getCenter(), zoom: map.getZoom(), bearing: map.getBearing(), pitch: map.getPitch()};
    const bounds = map.getBounds();
    bridge.fit();
    map.fitBounds(bounds, {duration: 0, bearing: camera.bearing});
    map.redraw();
    const picture = new Image();
    picture.className = 'map-picture';
    picture.alt = '';
    picture.src = map.getCanvas().toDataURL();
    map.getCanvas().after(picture);
    undo.push(() => {
      picture.remove();
      bridge.fit();
      map.jumpTo(camera);
    });
  };

  /** The large tables as plain ones: theirs draw only the rows and columns that are in view. Rows not fetched yet are counted. */
  const writeTables = () => {
    document.querySelectorAll('.ag-root-wrapper').forEach((grid) => {
      const host = grid.closest('[id]');
      const api = window.dash_ag_grid.getApi(host.id);
      const columns = api.getAllDisplayedColumns().map((column) => column.getColDef());
      const table = document.createElement('table');
      table.className = 'mini print-table';
      const write = (tag, texts) => {
        const row = table.insertRow();
        texts.forEach((text) => {
          row.appendChild(document.createElement(tag)).textContent = text ?? '';
        });
      };
      write('th', columns.map(({headerName}) => headerName));
      api.forEachNode(({data}) => {
        if (data) write('td', columns.map(({field}) => data[field]));
      });
      table.createCaption().textContent = `1–${table.rows.length - 1} / ${api.getDisplayedRowCount()}`;
      host.after(table);
      undo.push(() => table.remove());
    });
  };

  window.addEventListener('beforeprint', () => {
    const theme = root.dataset.theme;
    root.dataset.theme = 'desk'; // paper is white
    root.classList.add('is-printing');
    undo.push(() => {
      root.classList.remove('is-printing');
      root.dataset.theme = theme;
    });
    document.querySelectorAll('.map-frame').forEach((frame) => {
      if (!(frame instanceof HTMLElement)) return;
      frame.dataset.theme = theme; // the map is drawn in the colours that it has
      undo.push(() => { delete frame.dataset.theme; });
    });
    sayFoot();
    writeTables();
    document.querySelectorAll('details:not([open])').forEach((fold) => {
      if (fold instanceof HTMLDetailsElement && fold.closest('main') && !fold.closest('.map-frame, .drop-menu')) {
        fold.open = true;
        undo.push(() => { fold.open = false; });
      }
    });
    Object.values(window.atlas.maps ?? {}).forEach(drawMap);
    document.querySelectorAll('.js-plotly-plot').forEach((plot) => {
      window.Plotly.Plots.resize(plot);
      undo.push(() => window.Plotly.Plots.resize(plot));
    });
  });

  window.addEventListener('afterprint', () => {
    undo.splice(0).forEach((back) => back());
  });
})();
