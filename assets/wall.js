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
    if (clock) {
      const now = new Date();
      clock.textContent = `${pad(now.getHours())}:${pad(now.getMinutes())}`;
      clock.dateTime = now.toISOString();
    }
  };

  const typing = (target) => target.closest('input, textarea, select, [contenteditable]');

  /** Zone cards in order: what the number keys and the tour go through. */
  const cards = () => [...document.querySelectorAll('.zone-card[data-zone]')];
  const select = (selection) =>
    window.dash_clientside.set_props('intent', {data: {type: 'select', selection, n: Date.now()}});

  /* A button of ours says what it is for in its attributes (views/parts/button.py): pressing it writes that into a store. */
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-store]');
    if (button && !button.disabled) {
      window.dash_clientside.set_props(button.dataset.store, {data: {...JSON.parse(button.dataset.says), n: Date.now()}});
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) {
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
    } else if (event.key === 'Escape' && document.querySelector('#project-panel, #zone-panel')) {
      select('');
    }
  });

  /* The tour: after 30 s without a touch it frames one zone after another and names it; any touch rests it. It moves
     the camera only: the state and the URL stay, so nobody's link changes while nobody is there. */
  let restUntil = Date.now() + IDLE_MS;
  let stop = -1;
  const rest = (ms) => {
    restUntil = Date.now() + ms;
    if (stop >= 0) {
      stop = -1;
      name(null);
      window.dash_clientside.set_props('map-patch', {data: {camera: {home: true}, version: Date.now()}});
    }
  };
  const name = (card) => {
    cards().forEach((other) => other.classList.toggle('is-toured', other === card));
    const banner = document.getElementById('tour');
    if (banner) {
      banner.textContent = card ? card.querySelector('.card-name').textContent : '';
      banner.hidden = !card;
    }
  };
  const touched = () => rest(stop >= 0 ? PAUSE_MS : IDLE_MS);
  ['pointerdown', 'keydown', 'wheel', 'touchstart'].forEach((kind) =>
    document.addEventListener(kind, touched, {passive: true, capture: true}));
  const tour = () => {
    const stops = cards();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const busy = still || document.hidden || document.querySelector('#project-panel, #zone-panel, .table-panel');
    if (!onWall() || !stops.length || busy || Date.now() < restUntil || innerWidth <= 820) {
      return;
    }
    stop = (stop + 1) % stops.length;
    restUntil = Date.now() + STOP_MS;
    const card = stops[stop];
    name(card);
    const bounds = JSON.parse(card.dataset.bounds);
    window.dash_clientside.set_props('map-patch', {
      data: {camera: {fitBounds: [bounds, {padding: 120, duration: 4000}]}, version: Date.now()},
    });
  };

  /* Data refreshes by itself. A lost connection keeps the last good picture and says since when. */
  let version = null;
  let lostSince = null;
  const watch = async () => {
    const note = document.getElementById('connection');
    if (document.hidden || !note) {
      return;
    }
    try {
      const answer = await fetch('/healthz', {cache: 'no-store'});
      const health = await answer.json();
      lostSince = null;
      note.textContent = health.notice;
      note.hidden = !health.notice;
      // An import changes the data while its own page shows what came of it.
      if (version !== null && health.data_version !== null && health.data_version !== version && location.pathname !== '/data') {
        location.reload();
      }
      version = health.data_version ?? version;
    } catch (error) {
      lostSince = lostSince || new Date();
      note.hidden = false;
      note.textContent = note.dataset.text.replace('{time}', `${pad(lostSince.getHours())}:${pad(lostSince.getMinutes())}`);
      console.info('connection lost', error.message);
    }
  };

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
