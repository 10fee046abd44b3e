/* What belongs to the reader's hands and the wall's clock, not to the state: keys, clock, tour, lost connection. */
'use strict';

(() => {
  const IDLE_MS = 30_000;
  const STOP_MS = 15_000;
  const PAUSE_MS = 180_000;
  const onWall = () => document.documentElement.dataset.theme === 'wall';

  /** Theme of a path: the wall is dark, the desk light. */
  const setTheme = () => {
    document.documentElement.dataset.theme = location.pathname === '/' ? 'wall' : 'desk';
  };

  const pad = (n) => String(n).padStart(2, '0');
  const tick = () => {
    const clock = document.getElementById('clock');
    if (clock instanceof HTMLTimeElement) {
      const now = new Date();
      clock.textContent = `${pad(now.getHours())}:${pad(now.getMinutes())}`;
      clock.dateTime = now.toISOString();
    }
  };

  const round = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);
  const typing = (event) => round(event, 'input, textarea, select, [contenteditable]');

  /** Zone cards in order: what the number keys and the tour go through. */
  const cards = () => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.zone-card[data-zone]'))];
  const {tell} = window.atlas;
  const select = (selection) => tell({type: 'select', selection});

  /* A button of ours says what it is for in its attributes (views/parts/button.py): of the address, or into a store. */
  document.addEventListener('click', (event) => {
    const button = round(event, '[data-store]');
    if (button && !button.disabled) {
      const said = JSON.parse(button.dataset.says);
      if (button.dataset.store === 'asked') tell(said);
      else window.dash_clientside.set_props(button.dataset.store, {data: {...said, n: Date.now()}});
      const menu = button.closest('.menu'); // stays open and is drawn anew: the focus must not go with its button
      if (menu) menu.focus({preventScroll: true});
    }
  });

  const keys = () => /** @type {HTMLDialogElement} */ (document.getElementById('keys'));
  document.addEventListener('click', (event) => {
    if (event.target === keys() || round(event, '.keys-close')) keys().close(); // outside of it one hits the dialog itself
  });

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) {
      return;
    }
    if (event.key === '/') {
      const box = document.getElementById('search');
      if (box) {
        event.preventDefault();
        box.focus();
      }
    } else if (onWall() && /^[1-9]$/.test(event.key)) {
      const card = cards()[Number(event.key) - 1];
      if (card) {
        select(`zone:${card.dataset.zone}`);
      }
    } else if (onWall() && event.key === '0') {
      select('');
    } else if (onWall() && event.key.toLowerCase() === 'f') {
      if (document.fullscreenElement) {
        document.exitFullscreen();
      } else {
        document.documentElement.requestFullscreen();
      }
    } else if (event.key.toLowerCase() === 't' && document.querySelector('.table-toggle')) {
      tell({type: 'act', act: 'table', arg: ''});
    } else if (event.key.toLowerCase() === 'l') {
      document.querySelector('.legend-more')?.toggleAttribute('open');
    } else if (event.key === '?') {
      keys().showModal();
    }
  });

  /* The tour: left alone for 30 s, the wall shows one zone after another, map and columns; any input ends it and rests
     it for three minutes. What was left open is closed first, after three minutes, for somebody may be reading.
     The address stays that of the person who was here: a tour asks for the map and the columns of another state and
     leaves no trace in the history, and whoever comes next finds the filter that was set. */
  const LEFT_OPEN = ['sel', 'table', 'explain'];
  let touchedAt = Date.now();
  let restUntil = 0; // a rest only ever lengthens
  let nextStop = 0;
  let stop = -1;
  let turn = 0;

  const name = (card) => {
    cards().forEach((other) => other.classList.toggle('is-toured', other === card));
    const banner = document.getElementById('tour');
    if (banner) {
      banner.textContent = card ? card.querySelector('.card-name').title : '';
      banner.hidden = !card;
    }
  };

  /** Bring map and columns to the state of a query; what is asked for later takes its place. */
  const show = async (search, camera) => {
    turn += 1;
    const mine = turn;
    const {follow} = window.dash_clientside.atlas;
    const bridge = window.atlas.maps.map;
    if (bridge) {
      bridge.applyPatch({camera});
    }
    const answer = await follow(search, location.pathname);
    if (mine === turn && onWall() && answer !== window.dash_clientside.no_update) {
      window.dash_clientside.set_props('shown', {data: answer});
    }
  };
  const endTour = () => {
    if (stop >= 0) {
      stop = -1;
      name(null);
      show(location.search, {home: true});
    }
  };
  const touched = () => {
    touchedAt = Date.now();
    if (stop >= 0) {
      restUntil = Math.max(restUntil, touchedAt + PAUSE_MS);
      endTour();
    }
  };
  ['pointerdown', 'keydown', 'wheel', 'touchstart'].forEach((kind) =>
    document.addEventListener(kind, touched, {passive: true, capture: true}));
  window.addEventListener('popstate', (event) => event.isTrusted && touched());
  let pointerAt = '';
  document.addEventListener('pointermove', (event) => {
    const at = `${event.screenX},${event.screenY}`;
    if (at !== pointerAt) { // browsers report a move too when the page moves under a pointer that lies still
      pointerAt = at;
      touched();
    }
  }, {passive: true, capture: true});

  const leftOpen = () => {
    const query = new URLSearchParams(location.search);
    /** @type {NodeListOf<HTMLElement>} */
    const lists = document.querySelectorAll('#here > *, .map-list, .search-results > *, .mantine-Popover-dropdown');
    return LEFT_OPEN.some((part) => query.has(part)) || [...lists].some((list) => list.offsetHeight);
  };
  /** The address without what is open, in the place of the one before: nobody went anywhere. */
  const goHome = () => {
    const query = new URLSearchParams(location.search);
    LEFT_OPEN.forEach((part) => query.delete(part));
    history.replaceState(history.state, '', location.pathname + (query.size ? `?${query}` : ''));
    window.dispatchEvent(new PopStateEvent('popstate', {state: history.state})); // Dash reads the address again
    window.dash_clientside.set_props('here', {children: null});
    window.dash_clientside.set_props('search', {value: ''});
    document.body.dispatchEvent(new MouseEvent('mousedown', {bubbles: true})); // a press outside closes the filters' lists
    const bridge = window.atlas.maps.map;
    if (bridge) {
      bridge.applyPatch({camera: {home: true}});
    }
  };
  /** Whether the map shows its picture and nothing is the matter with it. */
  const mapIsWell = () => document.querySelector('#map[data-state=live]') && !document.querySelector('.map-message:not([hidden])');

  const tour = () => {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const stops = cards();
    if (!onWall()) {
      stop = -1; // the page that took the wall's place shows its own state
      return;
    }
    if (still || !stops.length || innerWidth <= 820 || !mapIsWell()) {
      endTour();
      return;
    }
    const lost = document.querySelector('.connection:not([hidden])'); // the picture stays what it is
    const now = Date.now();
    const open = leftOpen();
    if (document.hidden || lost || now < Math.max(restUntil, nextStop, touchedAt + (open ? PAUSE_MS : IDLE_MS))) {
      return;
    }
    nextStop = now + STOP_MS;
    if (open) {
      goHome();
      return;
    }
    stop = (stop + 1) % stops.length;
    const card = stops[stop];
    name(card);
    const query = new URLSearchParams(location.search);
    query.delete('map');
    query.set('zone', card.dataset.zone);
    show(`?${query}`, {fitBounds: [JSON.parse(card.dataset.bounds), {padding: 120, duration: 4000}]});
  };

  /* A page says what it was drawn from and for whom (callbacks/router.py). When a page drawn now would be another one,
     it loads anew: data refreshes by itself, and no page stays another reader's. A lost connection keeps the last good
     picture and says since when. */
  let lostSince = null;
  const watch = async () => {
    const note = document.getElementById('connection');
    const drawn = document.getElementById('page')?.dataset;
    if (document.hidden || !note || !drawn.reader) {
      return;
    }
    try {
      const answer = await fetch('/now', {cache: 'no-store'});
      if (!answer.ok) throw new Error(`answered with ${answer.status}`);
      const now = await answer.json();
      lostSince = null;
      note.textContent = now.notice;
      note.hidden = !now.notice;
      // An import changes the data while its own page shows what came of it.
      const old = now.version !== null && String(now.version) !== drawn.version && location.pathname !== '/data';
      if (old || now.reader !== drawn.reader) {
        location.reload();
      }
    } catch (error) {
      lostSince = lostSince || new Date();
      note.hidden = false;
      note.textContent = note.dataset.text.replace('{time}', `${pad(lostSince.getHours())}:${pad(lostSince.getMinutes())}`);
      console.info('connection lost', error.message);
    }
  };

  /* Another role or language: this page and every other one of this browser load anew, and so does one that the browser
     kept whole to step back to. */
  const readers = new BroadcastChannel('atlas-reader');
  readers.onmessage = () => location.reload();
  const turned = (chosen) => {
    if (chosen) {
      readers.postMessage(chosen);
      location.reload();
    }
  };
  window.addEventListener('pageshow', (event) => event.persisted && location.reload());
  document.addEventListener('visibilitychange', watch);
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    atlas: Object.assign((window.dash_clientside || {}).atlas || {}, {turned}),
  });

  /* A page has been swapped in when the child of #page changes. */
  const host = new MutationObserver(() => {
    setTheme();
    tick();
  });
  const attach = new MutationObserver(() => {
    const page = document.getElementById('page');
    if (page) {
      attach.disconnect();
      host.observe(page, {childList: true});
      setTheme();
    }
  });
  attach.observe(document.documentElement, {childList: true, subtree: true});
  setInterval(tick, 5_000);
  setInterval(tour, 1_000);
  setInterval(watch, 30_000);
})();
