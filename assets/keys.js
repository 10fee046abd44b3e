/* The keyboard's way through the screens: the search list, Escape for the topmost layer, rows of a grid, and what is here. */
'use strict';

(() => {
  const LONG_PRESS_MS = 550;
  const STILL_PX = 8;
  const {tell} = window.atlas;
  /** What the selector names round the place of an event, or null. */
  const round = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);
  const visible = (selector) => [...document.querySelectorAll(selector)].some((node) => node.getClientRects().length);

  // ---------------------------------------------------------------- search

  const box = () => /** @type {HTMLInputElement | null} */ (document.getElementById('search'));
  const list = () => document.getElementById('search-results');
  /** @returns {HTMLElement[]} */
  const hits = () => [...document.querySelectorAll('#search-results .search-hit')].filter((hit) => hit instanceof HTMLElement);
  const isOpen = () => visible('#search-results > *');
  let awaited = null; // Enter came before the list for this text

  const mark = (hit) => {
    for (const other of hits()) {
      other.classList.toggle('is-marked', other === hit);
      other.setAttribute('aria-selected', String(other === hit));
    }
    if (hit) {
      hit.scrollIntoView({block: 'nearest'});
      box().setAttribute('aria-activedescendant', hit.id);
    } else {
      box().removeAttribute('aria-activedescendant');
    }
  };
  const marked = () => hits().find((hit) => hit.classList.contains('is-marked'));
  const close = () => {
    awaited = null;
    list().hidden = true;
    box().setAttribute('aria-expanded', 'false');
  };
  const shown = () => {
    const found = document.querySelector('#search-results .search-hits');
    return found instanceof HTMLElement ? found.dataset.for : null;
  };

  /** The list came for a text: the first hit is the marked one, and opens at once where Enter was already pressed. */
  const arrived = () => {
    if (!box()) return;
    box().setAttribute('aria-expanded', String(isOpen()));
    const [first] = hits();
    mark(first);
    if (first && awaited !== null && awaited === shown()) first.click();
  };
  const watched = new WeakSet();
  const attach = () => {
    if (!list() || watched.has(list())) return;
    watched.add(list());
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', 'search-results']]) {
      box().setAttribute(name, value);
    }
    new MutationObserver(arrived).observe(list(), {childList: true, subtree: true});
  };

  document.addEventListener('focusin', (event) => {
    if (event.target !== box()) return;
    attach();
    list().hidden = false;
  });
  document.addEventListener('input', (event) => {
    if (event.target !== box()) return;
    attach();
    awaited = null;
    list().hidden = false;
  });
  document.addEventListener('pointerdown', (event) => {
    if (list() && !round(event, '.search')) close();
  });
  document.addEventListener('click', (event) => {
    const pin = round(event, '.here-pin');
    if (pin) pin.setAttribute('aria-pressed', String(pin.getAttribute('aria-pressed') !== 'true'));
    if (round(event, '.here-close')) window.dash_clientside.set_props('here', {children: null});
    if (!round(event, '.search-hit')) return;
    close();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); // number keys and Escape belong to the page again
  });

  const searchKey = (event) => {
    if (event.isComposing) return; // Enter and Escape belong to the input method
    const all = hits();
    const at = all.indexOf(marked());
    if (event.key === 'Enter') {
      event.preventDefault();
      if (isOpen() && shown() === box().value.trim() && all.length) (marked() || all[0]).click();
      else awaited = box().value.trim();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && all.length) {
      event.preventDefault();
      list().hidden = false;
      mark(all[(at + (event.key === 'ArrowDown' ? 1 : all.length - 1)) % all.length]);
    } else if (event.key === 'Escape') {
      event.preventDefault(); // a search field would empty itself
      if (isOpen()) close();
      else box().blur();
    }
  };

  // ---------------------------------------------------------------- Escape: one layer at a time, the topmost first

  /**
   * Layers of ours from the top down: what shows one, and how it closes.
   * @type {[string, () => void][]}
   */
  const LAYERS = [
    ['#here > *', () => window.dash_clientside.set_props('here', {children: null})],
    ['#table-host > *', () => tell({type: 'act', act: 'table', arg: 'close'})], // it covers the legend
    ['.legend-more[open] > .legend-body', () => document.querySelector('.legend-more[open]').removeAttribute('open')],
    ['.drawer', () => tell({type: 'select', selection: ''})],
    ['.column--right > .panel-body', () => tell({type: 'select', selection: ''})],
  ];
  /** Layers that close themselves. */
  const OWN = '.mantine-Popover-dropdown, .mantine-Combobox-dropdown, .mantine-Drawer-content, dialog[open]';

  // In the capture phase, before a menu has closed itself and left the layer under it to the same key.
  document.addEventListener('keydown', (event) => {
    if (event.target === box()) {
      searchKey(event);
      return;
    }
    if (event.key === 'Escape' && !event.isComposing && !visible(OWN)) {
      const found = LAYERS.find(([selector]) => visible(selector));
      if (found) found[1]();
    } else if (event.key === 'Enter') {
      const row = round(event, '.ag-row[row-id]');
      if (row) tell({type: 'select', selection: `project:${row.getAttribute('row-id')}`});
    }
  }, {capture: true});

  // ---------------------------------------------------------------- the sheet of the table: focus, and a press outside it

  const table = () => document.querySelector('#table-host > *');
  /** @type {HTMLElement | null} */
  let cameFrom = null;
  let sheet = null;
  new MutationObserver(() => {
    if (Boolean(sheet) === Boolean(table())) return;
    sheet = table();
    if (sheet) {
      cameFrom = document.activeElement instanceof HTMLElement ? document.activeElement : null;
      /** @type {HTMLElement} */ (sheet.querySelector('.icon-button')).focus({preventScroll: true});
    } else if (cameFrom?.isConnected) {
      cameFrom.focus({preventScroll: true});
    }
  }).observe(document.documentElement, {childList: true, subtree: true});
  document.addEventListener('click', (event) => {
    if (!table() || !round(event, '.wall > :not(.map-column)')) return;
    event.stopPropagation(); // what stands back only closes what stands before it
    event.preventDefault();
    tell({type: 'act', act: 'table', arg: 'close'});
  }, {capture: true});

  // ---------------------------------------------------------------- what is here, without a right button

  const bridge = () => window.atlas && window.atlas.maps && window.atlas.maps.map;
  const ask = (point) => bridge().onPointer('contextmenu', {point, lngLat: bridge().map.unproject(point)});

  document.addEventListener('click', (event) => {
    if (!round(event, '#here-hint') || !bridge() || !bridge().map) return;
    ask(bridge().map.project(bridge().map.getCenter()));
  });

  let press = null;
  const release = () => {
    if (press) clearTimeout(press.timer);
    press = null;
  };
  document.addEventListener('touchstart', (event) => {
    release();
    const canvas = round(event, '.map-canvas');
    if (!canvas || event.touches.length !== 1 || !bridge() || !bridge().map) return;
    const {clientX, clientY} = event.touches[0];
    const {left, top} = canvas.getBoundingClientRect();
    const k = bridge().enlarged;
    press = {x: clientX, y: clientY, asked: false, timer: 0};
    press.timer = setTimeout(() => {
      press.asked = true;
      ask(new window.maplibregl.Point((clientX - left) / k, (clientY - top) / k));
    }, LONG_PRESS_MS);
  }, {passive: true});
  document.addEventListener('touchmove', (event) => {
    const {clientX, clientY} = event.touches[0];
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > STILL_PX) release();
  }, {passive: true});
  document.addEventListener('touchend', (event) => {
    if (press && press.asked) event.preventDefault(); // no click after it: that would close the card
    release();
  }, {passive: false});
  document.addEventListener('touchcancel', release);
})();
