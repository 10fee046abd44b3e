/* The upload of the data page: a file dropped or chosen goes up as it is, and the page is told which import it became. */
'use strict';

(() => {
  const words = (text) => {
    const place = document.getElementById('data-upload');
    if (place) place.textContent = text;
  };

  const send = (file) => {
    const drop = document.getElementById('data-drop');
    const request = new XMLHttpRequest();
    request.open('POST', `/data/upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('X-Atlas', 'upload');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    const failed = (reason) => words(drop.dataset.failed.replace('{reason}', reason));
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) {
        words(drop.dataset.sending.replace('{percent}', String(Math.round((100 * event.loaded) / event.total))));
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
        window.dash_clientside.set_props('data-job', {data: {job: answer.job, n: Date.now()}});
      } else {
        failed(answer.problem || `${request.status}`);
      }
    };
    request.onerror = () => failed(request.statusText || '—');
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
    document.addEventListener(kind, (event) => {
      const drop = zone(event);
      if (!drop) return;
      event.preventDefault();
      drop.classList.toggle('is-over', kind === 'dragover');
      if (kind === 'drop' && event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    }));
})();
