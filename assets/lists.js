/* Lists: links that change the state of the page they stand on, menus that open from a button, and the columns a reader chose. */
'use strict';

(() => {
  const at = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

  /* A link to another state of this page. A click with a key goes on to be the browser's: a tab, a window, a file. */
  document.addEventListener('click', (event) => {
    const link = at(event, 'a[data-goes]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const {pathname, search} = new URL(link.href);
    if (pathname !== location.pathname) return;
    event.preventDefault();
    window.dash_clientside.set_props('url', {search});
    if (link.dataset.goes === 'top') window.scrollTo({top: 0});
  });

  /* Menus: one open at a time, inside the window beside its button, closed by Escape, by a click beside it and by a choice. */
  const opened = () => /** @type {HTMLDetailsElement | null} */ (document.querySelector('details.drop-menu[open]'));
  const close = (menu, focus = false) => {
    menu.open = false;
    if (focus) menu.querySelector('summary').focus();
  };
  const place = (menu) => {
    const face = menu.querySelector('summary').getBoundingClientRect();
    const body = /** @type {HTMLElement} */ (menu.lastElementChild);
    const {offsetWidth: w, offsetHeight: h} = body;
    const below = face.bottom + 4 + h <= innerHeight || face.top < h;
    body.style.left = `${Math.max(8, Math.min(face.right - w, innerWidth - w - 8))}px`;
    body.style.top = `${below ? face.bottom + 4 : face.top - h - 4}px`;
  };
  document.addEventListener('click', (event) => {
    const menu = opened();
    // Before the one pressed opens: told of the opening only later, both would stand open for a moment.
    if (menu && (at(event, 'details.drop-menu') !== menu || at(event, '.drop-menu a'))) close(menu);
  });
  document.addEventListener('keydown', (event) => {
    const menu = opened();
    if (event.key === 'Escape' && menu) {
      event.stopPropagation();
      close(menu, true);
    }
  }, true);
  ['scroll', 'resize'].forEach((name) =>
    window.addEventListener(name, (event) => {
      const menu = opened();
      if (menu && !(event.target instanceof Node && menu.contains(event.target))) place(menu);
    }, true));

  /* Columns: what this reader shows and hides of a table, kept in the browser. The rules stand in a sheet of their own, so
     that a table drawn anew is as the reader wants it from its first moment. */
  const KEPT = 'atlas-columns';
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const kept = () => {
    try {
      return JSON.parse(localStorage.getItem(KEPT) || '{}');
    } catch {
      return {};
    }
  };
  const apply = (columns) => {
    const rules = Object.entries(columns).map(
      ([name, shown]) => `.list-table .c-${CSS.escape(name)} { display: ${shown ? 'table-cell' : 'none'} !important; }`);
    // A table with columns added may be wider than a phone.
    if (Object.values(columns).includes(true)) rules.push('@media (max-width: 1023px) { .list-scroll { overflow-x: auto; } }');
    sheet.replaceSync(rules.join('\n'));
  };
  const shown = (name) => {
    const head = document.querySelector(`.list-table th.c-${CSS.escape(name)}`);
    return Boolean(head) && getComputedStyle(head).display !== 'none';
  };
  const mark = (menu) =>
    menu.querySelectorAll('[data-column]').forEach((box) => box.setAttribute('aria-checked', String(shown(box.dataset.column))));
  apply(kept());
  document.addEventListener('toggle', (event) => {
    const menu = at(event, 'details.drop-menu');
    if (!menu || !menu.open) return;
    place(menu);
    mark(menu);
  }, true);
  document.addEventListener('click', (event) => {
    const box = at(event, '[data-column]');
    if (!box) return;
    const columns = box.dataset.column ? {...kept(), [box.dataset.column]: !shown(box.dataset.column)} : {};
    localStorage.setItem(KEPT, JSON.stringify(columns));
    apply(columns);
    mark(box.closest('details'));
  });
})();
