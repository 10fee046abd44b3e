/* The button of a chart saves its table as csv: UTF-8 with a mark, so that Excel reads it; a real minus becomes a sign to count with. */
'use strict';

(() => {
  const cell = (element) => {
    const text = element.textContent.trim().replace(/\s+/g, ' ').replaceAll('\u2212', '-');
    const safe = /^[=@]/.test(text) ? `'${text}` : text; // text is never a formula
    return `"${safe.replaceAll('"', '""')}"`;
  };

  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element && event.target.closest('[data-save]');
    if (!(button instanceof HTMLElement)) return;
    const table = button.closest('figure')?.querySelector('table');
    if (!table) return;
    const lines = [...table.rows].map((row) => [...row.cells].map(cell).join(','));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`\ufeff${lines.join('\r\n')}\r\n`], { type: 'text/csv' }));
    link.download = `${button.dataset.save}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
})();
