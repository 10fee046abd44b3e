/* The upload of the data page: a file dropped or chosen goes up as it is, and the page is told which import it became. */
'use strict';

(() => {
  const words = (text, bad = false) => {
    const place = document.getElementById('data-upload');
    if (!place) return;
    place.textContent = text;
    place.classList.toggle('is-bad', bad);
  };

  let sending = null; // the upload under way
  let job = ''; // the import that the last upload became: the next one replaces it

  const send = (file) => {
    const said = document.getElementById('data-drop').dataset;
    const failed = (reason) => words(said.failed.replace('{reason}', reason), true);
    if (sending) sending.abort();
    if (file.size > Number(said.most)) {
      failed(said.large.replace('{size}', (file.size / 1e6).toFixed(1)));
      return;
    }
    const request = new XMLHttpRequest();
    sending = request;
    const query = new URLSearchParams(window.location.search); // the state of the page: which scheme the file is for
    query.set('name', file.name);
    query.set('instead', job);
    request.open('POST', `/data/upload?${query}`);
    request.setRequestHeader('X-Atlas', 'upload');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) {
        words(said.sending.replace('{percent}', String(Math.round((100 * event.loaded) / event.total))));
      }
    };
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch (error) {
        console.warn('upload:', error.message);
      }
      if (request.status === 200) {
        words(file.name);
        job = answer.job;
        window.dash_clientside.set_props('data-job', {data: {job, n: Date.now()}});
      } else {
        failed(answer.problem || `${request.status}`);
      }
    };
    request.onerror = () => failed(said.broken);
    request.send(file);
  };

  const choose = () => {
    const input = document.createElement('input');
    input.type = 'file';
    input.onchange = () => input.files.length && send(input.files[0]);
    input.click();
  };

  const zone = (event) => (event.target instanceof Element ? event.target.closest('#data-drop') : null);
  document.addEventListener('click', (event) => zone(event) && choose());
  document.addEventListener('keydown', (event) => {
    if (zone(event) && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      choose();
    }
  });
  ['dragover', 'dragleave', 'drop'].forEach((kind) =>
    document.addEventListener(kind, (/** @type {DragEvent} */ event) => {
      const drop = zone(event);
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle('is-over', kind === 'dragover');
      if (kind === 'drop' && event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    }));
})();
