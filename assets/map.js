'use strict';
/**
 * A generic bridge between Dash stores and MapLibre GL JS. It knows nothing of the subject of the map.
 *
 *   {id}-spec   the whole truth: {version, style, camera, labels, interactive, clickFrom, hover, names, clusters, lookups, images,
 *               month, state, shown}.
 *               A new spec is diffed into the running map; the camera stays where the reader left it.
 *               `camera.home` are the bounds of the whole map where they are not those it opens on.
 *   {id}-patch  a small change: {version, filters, paint, layout, labels, figures, names, camera, state, highlight, month}.
 *               A patch holds until the next spec, which therefore has to carry it as well.
 *
 * What happens on it is told the window as an event `atlas:map`: {map, type, camera, lngLat, point, features}.
 *
 * `window.atlas.maps[id]` is the live bridge of a map (tests and benchmarks read `.map`, `.timings`, `.visibleIds`).
 */
(() => {
  const PIXEL_RATIO = 2;
  const TEXT_PX = 16; // root text size for which lines, symbols and labels are drawn as specified
  const MOUSE_TOLERANCE_PX = 5; // how far beside a line still hits it
  const TOUCH_TOLERANCE_PX = 16;
  const MOUSE_REACH_PX = 12; // how far from its middle a point is hit, or on it where it is drawn larger
  const MOVE_DEBOUNCE_MS = 200;
  const MEASURED = {measured: true}; // told with a move that is only the container's other size
  const FIRST_MS = 600; // how long panels may wait for the map
  const RETRY_MS = 15000;
  const REBUILD_MS = 2000; // how long a lost graphics context may take to come back before another one is asked for
  const STACK_PX = 4; // points that stay closer together however near one gets count as one place
  const TILE_UNIT_PX = 0.25; // as far as tiles may push points apart that lie together
  const MAX_STACKS = 60;
  const CLUSTER_PX = 28; // points closer together are one ring, which is as large
  const MAX_CLUSTERS = 150;
  const MAX_NAMES = 80;
  const BROAD = 0.5; // of the picture: an area that is wider or higher needs no label, the reader is in it
  const STACK_GAP_PX = 20; // counts closer together would cover one another
  const MAX_FEATURES = 12;
  const MOST_TURNS = 6; // with more cards not each gets to choose first: it is done for every picture of a move
  const LABEL_STEP_COST = 600;
  const SPOT_COST = 60;
  const FIGURE_STEP = 1; // of a card: name and figure
  const NAME_STEP = 2; // the name alone
  const NARROW_PX = 560; // a map less wide has no room for more
  const LIST_DETAILS = 3;
  const LABEL_MARGIN_PX = 8;
  const LABEL_GAP_PX = 4;
  const NAME_GAP_PX = 4; // between a point and its name
  const NAME_RADIUS_PX = 5;
  const CALLOUT_GAP_PX = 18;
  const CALLOUT_REACHES = [1, 3, 6];
  const SCALE_MAX_PX = 110;
  const EARTH_CIRCUMFERENCE_M = 40075016.686;
  const SVG = 'http://www.w3.org/2000/svg';
  /** Layer types drawn thin or small, which a finger may miss by a few pixels. */
  const SLIM_TYPES = new Set(['circle', 'symbol', 'line']);
  /** Label kinds that stand off their anchor as a card with a leader line. */
  const CALLOUT_KINDS = new Set(['zone', 'callout']);

  // ---------------------------------------------------------------- small helpers

  /**
   * @template {keyof HTMLElementTagNameMap} T
   * @param {T} tag
   * @param {string} className
   * @param {Element} [parent]
   * @returns {HTMLElementTagNameMap[T]}
   */
  function element(tag, className, parent) {
    const node = document.createElement(tag);
    node.className = className;
    if (parent) parent.appendChild(node);
    return node;
  }

  /** Round to `digits` decimals, so that events and URLs stay short. */
  const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;
  const isMissing = (value) => value === null || value === undefined || value === '';
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  /** All positions of a geometry, flat. */
  const positions = ({type, coordinates}) => (type === 'Point' ? [coordinates] : coordinates.flat(type.startsWith('Multi') ? 2 : 1));
  const isPoint = (feature) => feature.geometry.type === 'Point';
  const overlaps = (a, b, gap = 0) =>
    a.x0 < b.x1 + gap && b.x0 < a.x1 + gap && a.y0 < b.y1 + gap && b.y0 < a.y1 + gap;
  const within = (a, frame) => a.x0 >= frame.x0 && a.y0 >= frame.y0 && a.x1 <= frame.x1 && a.y1 <= frame.y1;
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  /** Whether the segment p–q passes through a rectangle (Liang–Barsky clipping). */
  function segmentHits(p, q, rect) {
    let t0 = 0;
    let t1 = 1;
    const dx = q.x - p.x;
    const dy = q.y - p.y;
    for (const [d, room] of [[-dx, p.x - rect.x0], [dx, rect.x1 - p.x], [-dy, p.y - rect.y0], [dy, rect.y1 - p.y]]) {
      if (d === 0) {
        if (room < 0) return false;
      } else if (d < 0) {
        t0 = Math.max(t0, room / d);
      } else {
        t1 = Math.min(t1, room / d);
      }
      if (t0 > t1) return false;
    }
    return true;
  }

  // ---------------------------------------------------------------- library

  let libraryPromise = null;

  /** Load MapLibre once, from this application's own route; resolves to `window.maplibregl`. */
  function loadLibrary() {
    if (window.maplibregl) return Promise.resolve(window.maplibregl);
    if (libraryPromise) return libraryPromise;
    const config = JSON.parse(document.getElementById('_dash-config').textContent);
    const base = `${config.requests_pathname_prefix}vendor/maplibre/maplibre-gl`;
    if (!document.querySelector(`link[href="${base}.css"]`)) {
      const sheet = document.createElement('link');
      sheet.rel = 'stylesheet';
      sheet.href = `${base}.css`;
      document.head.prepend(sheet); // before our own sheets, so that map.css wins
    }
    libraryPromise = new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = `${base}.js`;
      script.onload = () => resolve(window.maplibregl);
      script.onerror = () => {
        libraryPromise = null; // a later mount may try again
        reject(new Error(`cannot load ${script.src}`));
      };
      document.head.appendChild(script);
    });
    return libraryPromise;
  }

  /** Whether this browser can draw at all. */
  function hasWebGL() {
    const canvas = () => document.createElement('canvas');
    const gl = canvas().getContext('webgl2') || canvas().getContext('webgl');
    const release = gl && gl.getExtension('WEBGL_lose_context');
    if (release) release.loseContext(); // browsers allow only a few live contexts
    return Boolean(gl);
  }

  // ---------------------------------------------------------------- icons and patterns

  /** Points of a regular polygon or star round (c, c); `inner` is the radius ratio of the odd points. */
  function polygon(c, r, corners, turn, inner) {
    const steps = inner ? corners * 2 : corners;
    return Array.from({length: steps}, (_, i) => {
      const angle = turn + (i * 2 * Math.PI) / steps;
      const radius = inner && i % 2 ? r * inner : r;
      return [c + radius * Math.cos(angle), c + radius * Math.sin(angle)];
    });
  }

  const UP = -Math.PI / 2;
  const SHAPES = {
    triangle: (c, r) => polygon(c + r * 0.2, r * 1.1, 3, UP).map(([x, y]) => [x - r * 0.2, y]),
    diamond: (c, r) => polygon(c, r, 4, UP),
    square: (c, r) => polygon(c, r * 1.12, 4, UP / 2),
    hexagon: (c, r) => polygon(c, r, 6, UP),
    star: (c, r) => polygon(c, r * 1.05, 5, UP, 0.45),
    cross: (c, r) => {
      const a = r * 0.36;
      return [[-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a], [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a]]
        .map(([x, y]) => [c + x, c + y]);
    },
    plane: (c, r) => [
      [0, -1], [0.16, -0.7], [0.16, -0.25], [1, 0.3], [1, 0.5], [0.16, 0.25], [0.12, 0.65], [0.4, 0.88], [0.4, 1], [0, 0.88],
      [-0.4, 1], [-0.4, 0.88], [-0.12, 0.65], [-0.16, 0.25], [-1, 0.5], [-1, 0.3], [-0.16, -0.25], [-0.16, -0.7],
    ].map(([x, y]) => [c + r * x, c + r * y]),
    building: (c, r) => {
      const b = r * 0.9;
      return [[-b * 0.75, b], [-b * 0.75, -b * 0.35], [-b * 0.1, -b * 0.35], [-b * 0.1, -b], [b * 0.75, -b], [b * 0.75, b]]
        .map(([x, y]) => [c + x, c + y]);
    },
  };

  /**
   * Diagonal stripes that repeat without a seam: thin lines on nothing (`hatch`) or two equal bands (`split`).
   * @param {CanvasRenderingContext2D} ctx
   */
  function drawStripes(ctx, side, definition) {
    if (definition.shape === 'split' && definition.fill2) {
      ctx.fillStyle = definition.fill2;
      ctx.fillRect(0, 0, side, side);
    }
    ctx.strokeStyle = definition.fill;
    ctx.lineWidth = definition.shape === 'split' ? side / (2 * Math.SQRT2) : (definition.strokeWidth || 1) * PIXEL_RATIO;
    ctx.lineCap = 'square';
    for (const shift of [-side, 0, side]) {
      ctx.beginPath();
      ctx.moveTo(shift - 1, side + 1);
      ctx.lineTo(shift + side + 1, -1);
      ctx.stroke();
    }
  }

  /**
   * Draw one icon or fill pattern.
   * @param {{id: string, shape: string, size?: number, fill?: string, fill2?: string, stroke?: string,
   *          strokeWidth?: number, hollow?: boolean}} definition  size in CSS pixels
   * @returns {HTMLCanvasElement} at PIXEL_RATIO device pixels for one CSS pixel
   */
  function drawCanvas(definition) {
    const side = Math.round((definition.size || 16) * PIXEL_RATIO);
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    const ctx = canvas.getContext('2d', {willReadFrequently: true});
    if (definition.shape === 'hatch' || definition.shape === 'split') {
      drawStripes(ctx, side, definition);
      return canvas;
    }
    const hollow = definition.hollow || definition.shape === 'ring';
    const width = (definition.strokeWidth || (hollow ? 2 : 1)) * PIXEL_RATIO;
    const centre = side / 2;
    const radius = side / 2 - width / 2 - 1;
    ctx.lineWidth = width;
    ctx.lineJoin = 'round';
    ctx.beginPath();
    if (definition.shape === 'circle' || definition.shape === 'ring') {
      ctx.arc(centre, centre, radius, 0, 2 * Math.PI);
    } else {
      const outline = SHAPES[definition.shape];
      if (!outline) throw new Error(`unknown icon shape: ${definition.shape}`);
      outline(centre, radius).forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
      ctx.closePath();
    }
    if (!hollow) {
      ctx.fillStyle = definition.fill;
      ctx.fill();
    }
    const line = definition.stroke || (hollow ? definition.fill : null);
    if (line) {
      ctx.strokeStyle = line;
      ctx.stroke();
    }
    return canvas;
  }

  /** @returns {ImageData} of an icon or pattern */
  function drawImage(definition) {
    const canvas = drawCanvas(definition);
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  }

  // ---------------------------------------------------------------- values as text

  /** Number formats of the hover card. m² → 亩 (1 亩 = 2000/3 m²). */
  const NUMBER_FORMATS = {
    int: {factor: 1, digits: 0, unit: null},
    mu: {factor: 3 / 2000, digits: 1, unit: 'mu'},
    free: {factor: 1, digits: 0, unit: null, sentence: 'free'},
  };

  /**
   * @param {*} value     property value; null, undefined and '' mean unknown
   * @param {string|Object|undefined} format  'text' | 'int' | 'mu' | 'free' | 'lookup:NAME' | 'month:NAME' | {code: name};
   *                                  'month' looks up the one character of a history that belongs to the month shown
   * @param {Object} strings
   * @param {Object} lookups  NAME → {code: name}, from the spec
   */
  function formatValue(value, format, strings, lookups, month) {
    if (isMissing(value)) return strings.missing;
    if (typeof format === 'string' && format.startsWith('month:')) {
      return String((lookups[format.slice(6)] || {})[String(value)[month]] ?? strings.missing);
    }
    if (format && typeof format === 'object') return String(format[value] ?? value);
    if (typeof format === 'string' && format.startsWith('lookup:')) {
      return String((lookups[format.slice(7)] || {})[value] ?? value);
    }
    const number = NUMBER_FORMATS[format];
    if (!number || !Number.isFinite(Number(value))) return String(value);
    const amount = Number(value) * number.factor;
    let digits = number.digits; // as views/parts/format.py places_of: a small amount keeps two digits that count
    while (amount && Math.abs(amount) * 10 ** digits < 10 && !Number.isInteger(amount) && digits < 6) digits += 1;
    const text = new Intl.NumberFormat(document.documentElement.lang || 'zh-CN', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(amount);
    if (number.sentence) return strings[number.sentence].replace('{n}', text);
    return number.unit ? `${text} ${strings[number.unit]}` : text;
  }

  // ---------------------------------------------------------------- labels

  /** Labels as HTML over the map: no glyph files, never overlapping, never leaving the frame. */
  class LabelLayer {
    /**
     * @param {MapBridge} bridge
     * @param {HTMLElement} parent  the map's canvas container, so that drags and wheels on a label reach the map
     */
    constructor(bridge, parent) {
      this.bridge = bridge;
      this.svg = document.createElementNS(SVG, 'svg');
      this.svg.setAttribute('class', 'map-leaders');
      this.svg.setAttribute('aria-hidden', 'true');
      parent.appendChild(this.svg);
      this.root = element('div', 'map-labels', parent);
      this.entries = [];
      this.order = [];
      this.given = []; // the labels of the spec; after them come the names of what is drawn
      this.names = [];
      this.stale = false;
      // laid out in the very frame in which the canvas was drawn, so labels never trail behind the map
      bridge.map.on('render', () => { if (this.stale) this.layout(); });
    }

    schedule() {
      this.stale = true;
      this.bridge.map.triggerRepaint();
    }

    destroy() {
      this.svg.remove();
      this.root.remove();
    }

    /** Replace the labels of the spec. */
    set(labels) {
      this.given = labels;
      this.dress();
    }

    /** Replace the names of what the map draws. */
    setNames(names) {
      if (same(names, this.names)) return;
      this.names = names;
      this.dress();
    }

    /** Make what there is to write; an element whose id and role stay is reused, so keyboard focus survives. */
    dress() {
      const labels = [...this.given, ...this.names];
      const old = new Map(this.entries.map((entry) => [entry.label.id, entry]));
      this.entries = labels.map((label, index) => {
        const kept = old.get(label.id);
        const reuse = kept && Boolean(kept.label.click) === Boolean(label.click) ? kept : null;
        if (reuse) old.delete(label.id);
        const entry = reuse || this.create(label);
        entry.label = label;
        entry.callout = CALLOUT_KINDS.has(label.kind);
        entry.priority = label.priority ?? (entry.callout ? 100 : 0);
        entry.index = index;
        this.fill(entry);
        return entry;
      });
      for (const gone of old.values()) {
        gone.node.remove();
        if (gone.leader) gone.leader.remove();
      }
      this.order = [...this.entries].sort((a, b) => b.priority - a.priority || a.index - b.index);
      this.measure();
      this.schedule();
    }

    /** Other figures on the labels that there are: {id: {value, unit}}. */
    setFigures(figures) {
      const labels = this.given.map((label) => ({...label, ...figures[label.id]}));
      if (!same(labels, this.given)) this.set(labels);
    }

    create(label) {
      const node = element(label.click ? 'button' : 'div', '', this.root);
      const entry = {node, label, leader: null, choice: null};
      if (node instanceof HTMLButtonElement) {
        node.type = 'button';
        node.addEventListener('click', (event) => {
          event.stopPropagation(); // the map below must not answer the same click
          const {id, layer, lng, lat, click} = entry.label;
          this.bridge.emit('click', {
            label: id,
            lngLat: [lng, lat],
            features: [{layer: layer || null, id, properties: click}],
          });
        });
        // Enter and Space press the button; the map's own keys must not see them
        node.addEventListener('keydown', (event) => {
          if (event.key === 'Enter' || event.key === ' ') event.stopPropagation();
        });
      }
      return entry;
    }

    fill(entry) {
      const {label, node} = entry;
      const kind = /^[a-z][a-z0-9-]*$/.test(label.kind || '') ? label.kind : 'plain';
      node.className = `map-label map-label--${kind}${entry.callout ? ' map-label--card' : ''}`;
      node.style.setProperty('--label-colour', label.color || `var(--map-${entry.callout ? 'text' : 'quiet'})`);
      node.dataset.label = label.id;
      node.title = entry.callout ? label.name || label.title : '';
      node.replaceChildren();
      element('span', 'map-label__title', node).textContent = label.title;
      if (label.letter) element('span', 'map-label__letter', node).textContent = label.letter;
      if (!isMissing(label.value)) {
        const figure = element('span', 'map-label__figure', node);
        element('span', 'map-label__value', figure).textContent = label.value;
        if (label.unit) element('span', 'map-label__unit', figure).textContent = label.unit;
      }
      if (label.counts && label.counts.length) {
        const bar = element('span', 'map-label__counts', node);
        for (const {mark, n, color, name} of label.counts) {
          const count = element('span', 'map-label__count', bar);
          count.title = `${name} ${n}`;
          const symbol = element('i', '', count);
          symbol.textContent = mark;
          symbol.style.color = color;
          count.append(n);
        }
      }
      if (entry.callout && !entry.leader) {
        entry.leader = document.createElementNS(SVG, 'g');
        entry.leader.append(document.createElementNS(SVG, 'line'), document.createElementNS(SVG, 'circle'));
        entry.leader.lastChild.setAttribute('r', '2.5');
        this.svg.appendChild(entry.leader);
      } else if (!entry.callout && entry.leader) {
        entry.leader.remove();
        entry.leader = null;
      }
      if (entry.leader) entry.leader.style.color = label.color || 'currentColor';
    }

    /** Sizes of each label in full and, of a card, shortened step by step: name and figure, name, letter (map.css). */
    measure() {
      for (const entry of this.entries) entry.sizes = [];
      for (const step of [0, 1, 2, 3]) {
        const able = this.entries.filter((e) => step === 0 || (e.callout && (step < 3 || e.label.letter)));
        for (const {node} of able) node.dataset.step = String(step);
        for (const {node, sizes} of able) sizes.push({w: node.offsetWidth, h: node.offsetHeight});
      }
    }

    wanted(label) {
      const {map} = this.bridge;
      const zoom = map.getZoom();
      if (zoom < (label.minzoom ?? 0) || zoom >= (label.maxzoom ?? 25)) return false;
      if (zoom >= (label.shortFrom ?? 25) && this.broad(label)) return false;
      if (!label.layer) return true;
      return Boolean(map.getLayer(label.layer)) && map.getLayoutProperty(label.layer, 'visibility') !== 'none';
    }

    /** Whether the area that a label stands for fills the picture. */
    broad(label) {
      const {x0, y0, x1, y1} = this.subject(label, null);
      const {clientWidth: width, clientHeight: height} = this.bridge.host;
      const [w, h] = [Math.min(x1, width) - Math.max(x0, 0), Math.min(y1, height) - Math.max(y0, 0)];
      return w > 0 && h > 0 && Math.max(w / width, h / height) > BROAD;
    }

    /** Rectangles that labels must leave free: the controls and anything marked `data-map-obstacle` in the frame. */
    obstacles(host) {
      const origin = host.getBoundingClientRect();
      const nodes = this.bridge.frame.querySelectorAll('[data-map-obstacle]');
      const inner = (r, k) => ({
        x0: (r.left - origin.left) / k, y0: (r.top - origin.top) / k,
        x1: (r.right - origin.left) / k, y1: (r.bottom - origin.top) / k,
      });
      return Array.from(nodes, (node) => node.getBoundingClientRect())
        .filter((r) => r.width && r.height)
        .map((r) => inner(r, this.bridge.enlarged));
    }

    /** On the screen the middles, of the shape and of its box, of the areas that are targets themselves at this zoom. */
    targets() {
      const {map} = this.bridge;
      return this.entries
        .filter(({label}) => label.bbox && map.getZoom() < (label.targetUntil || 0))
        .flatMap(({label: {lng, lat, bbox: [w, s, e, n]}}) => [[lng, lat], [(w + e) / 2, (s + n) / 2]])
        .map((at) => map.project(at));
    }

    /** Screen box of what a callout speaks of: its projected `bbox` [w,s,e,n], or a spot round the anchor. */
    subject(label, at) {
      if (!label.bbox) return {x0: at.x - 10, y0: at.y - 10, x1: at.x + 10, y1: at.y + 10};
      const [w, s, e, n] = label.bbox;
      const corners = [[w, s], [w, n], [e, s], [e, n]].map((c) => this.bridge.map.project(c));
      const [xs, ys] = [corners.map((c) => c.x), corners.map((c) => c.y)];
      return {x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys)};
    }

    /** The part of a box that is in the room, and in any case its anchor. */
    inRoom(box, at, room) {
      return {
        x0: clamp(box.x0, room.x0, at.x),
        y0: clamp(box.y0, room.y0, at.y),
        x1: clamp(box.x1, at.x, room.x1),
        y1: clamp(box.y1, at.y, room.y1),
      };
    }

    /** Places beside what it speaks of where a card may stand, best first by side, slide and reach. */
    * calloutPlaces(entry, box, {w, h}) {
      const preferred = [].concat(entry.label.anchor || []);
      const sides = [...new Set([...preferred, 'right', 'left', 'bottom', 'top'])];
      const cx = (box.x0 + box.x1) / 2;
      const cy = (box.y0 + box.y1) / 2;
      for (const [rank, side] of sides.entries()) {
        const cost = rank * 14 + (preferred.length && !preferred.includes(side) ? 20 : 0);
        for (const reach of CALLOUT_REACHES) {
          const gap = CALLOUT_GAP_PX * reach;
          for (const slide of [0, -0.5, 0.5, -1, 1]) {
            const key = `${side}:${reach}:${slide}`;
            const extra = cost + (reach - 1) * 8 + Math.abs(slide) * 10;
            if (side === 'left' || side === 'right') {
              const y = cy - h / 2 + slide * Math.max(h, (box.y1 - box.y0) / 2);
              yield {key, cost: extra, x: side === 'right' ? box.x1 + gap : box.x0 - gap - w, y};
            } else {
              const x = cx - w / 2 + slide * (w / 2 + 10);
              yield {key, cost: extra, x, y: side === 'bottom' ? box.y1 + gap : box.y0 - gap - h};
            }
          }
        }
      }
    }

    /** Places on what it speaks of, for a card that finds none beside it. */
    * insidePlaces(at, {w, h}) {
      yield {key: 'inside', cost: 500, x: at.x - w / 2, y: at.y + 12};
      yield {key: 'above', cost: 510, x: at.x - w / 2, y: at.y - h - 12};
    }

    /** Places of a plain text; `anchor` names the side of the point on which the text stands. */
    * plainPlaces(entry, at, {w, h}) {
      const gap = entry.label.gap ?? 10;
      for (const [rank, side] of [].concat(entry.label.anchor || 'center').entries()) {
        const dx = {left: -w / 2 - gap, right: w / 2 + gap}[side] || 0;
        const dy = {top: -h / 2 - gap, bottom: h / 2 + gap}[side] || 0;
        yield {key: side, cost: rank, x: at.x + dx - w / 2, y: at.y + dy - h / 2};
      }
    }

    layout() {
      this.stale = false;
      const {map, host} = this.bridge;
      const width = host.clientWidth;
      const height = host.clientHeight;
      const room = {
        x0: LABEL_MARGIN_PX, y0: LABEL_MARGIN_PX, x1: width - LABEL_MARGIN_PX, y1: height - LABEL_MARGIN_PX,
      };
      const shown = [];
      const subjects = []; // also those of which only a part is in view, without the anchor
      for (const entry of this.order) {
        const at = this.wanted(entry.label) ? map.project([entry.label.lng, entry.label.lat]) : null;
        entry.box = at && entry.callout ? this.subject(entry.label, at) : null;
        if (entry.box) subjects.push(entry);
        if (at && at.x >= 0 && at.y >= 0 && at.x <= width && at.y <= height) {
          entry.at = at;
          if (entry.box) entry.box = this.inRoom(entry.box, at, room);
          shown.push(entry);
        } else {
          this.hide(entry);
        }
      }
      const cards = shown.filter((entry) => entry.callout);
      const texts = shown.filter((entry) => !entry.callout);
      const spots = texts.filter(({label}) => label.within).map(({at}) => at); // named points, which no card should hide
      // Who chooses first may leave no room for who comes last: each card gets to be the first once.
      const turns = cards.slice(0, MOST_TURNS).map((_card, i) => [...cards.slice(i), ...cards.slice(0, i)])
        .flatMap((turn) => [turn, [...turn].reverse()]);
      const obstacles = this.obstacles(host);
      let best = {cost: Infinity, places: new Map(), taken: obstacles};
      for (const turn of turns) {
        const found = this.arrange(turn, room, [...obstacles], subjects, spots);
        if (found.cost < best.cost) best = found;
      }
      const last = this.arrange(texts, room, best.taken, subjects, spots);
      for (const entry of shown) {
        const place = best.places.get(entry) || last.places.get(entry);
        if (place) this.show(entry, place);
        else this.hide(entry);
      }
    }

    /** Places of labels that choose one after the other, what they cost together, and what is taken then. */
    arrange(entries, room, taken, subjects, spots) {
      const leaders = [];
      const places = new Map();
      let cost = 0;
      for (const entry of entries) {
        const place = this.choose(entry, room, taken, leaders, subjects, spots);
        cost += place ? place.cost : 2000;
        if (!place) continue;
        places.set(entry, place);
        taken.push(place.rect);
        if (place.leader) leaders.push(place.leader);
      }
      return {cost, places, taken};
    }

    /** A place of one label, or null: a card stands beside what it speaks of, shortened where it must, else on it. */
    choose(entry, room, taken, leaders, subjects, spots) {
      const {at, sizes} = entry;
      const around = {entry, room, taken, leaders, subjects, spots};
      if (!entry.callout) return this.cheapest(this.plainPlaces(entry, at, sizes[0]), 0, around);
      const narrow = this.bridge.host.clientWidth < NARROW_PX ? FIGURE_STEP : 0;
      const from = this.bridge.map.getZoom() >= (entry.label.shortFrom ?? 25) ? NAME_STEP : narrow;
      const steps = [...sizes.keys()].slice(from);
      for (const step of steps) {
        const found = this.cheapest(this.calloutPlaces(entry, entry.box, sizes[step]), step, around);
        if (found) return found;
      }
      for (const step of steps) {
        const found = this.cheapest(this.insidePlaces(at, sizes[step]), step, around);
        if (found) return found;
      }
      return null;
    }

    /**
     * The cheapest of the places where a label covers no other, and nothing that another one speaks of. What was chosen
     * last is favoured, so cards do not hop about.
     */
    cheapest(places, step, {entry, room, taken, leaders, subjects, spots}) {
      const {at} = entry;
      const {w, h} = entry.sizes[step];
      const zoom = this.bridge.map.getZoom();
      let best = null;
      for (const place of places) {
        const x = Math.round(place.x);
        const y = Math.round(place.y);
        const rect = {x0: x, y0: y, x1: x + w, y1: y + h};
        if (!within(rect, room) || taken.some((other) => overlaps(rect, other, LABEL_GAP_PX))) continue;
        // A name belongs where its thing is, also inside an area; over the city areas are for their own labels.
        const kept = ({label}) => !entry.label.within || zoom < (label.targetUntil ?? 0);
        if (subjects.some((other) => other !== entry && other.label.id !== entry.label.of && kept(other) && overlaps(rect, other.box))) continue;
        let {cost} = place;
        let leader = null;
        if (entry.callout) {
          cost += SPOT_COST * spots.filter((p) => overlaps(rect, {x0: p.x - 8, y0: p.y - 8, x1: p.x + 8, y1: p.y + 8})).length;
          const end = {x: clamp(at.x, rect.x0, rect.x1), y: clamp(at.y, rect.y0, rect.y1)};
          const length = Math.hypot(end.x - at.x, end.y - at.y);
          if (length > 4) leader = {p: at, q: end};
          cost += length * 0.3 + step * LABEL_STEP_COST;
          if (leader) cost += 40 * subjects.filter((other) => other !== entry && segmentHits(leader.p, leader.q, other.box)).length;
          if (leader) cost += 300 * taken.filter((other) => segmentHits(leader.p, leader.q, other)).length;
          cost += 300 * leaders.filter((other) => segmentHits(other.p, other.q, rect)).length;
          if (entry.choice === place.key) cost -= 40;
        }
        if (!best || cost < best.cost) best = {key: place.key, step, cost, x, y, rect, leader};
      }
      return best;
    }

    show(entry, place) {
      entry.choice = place.key;
      if (entry.node.dataset.step !== String(place.step)) entry.node.dataset.step = String(place.step);
      entry.node.style.transform = `translate(${place.x}px, ${place.y}px)`;
      entry.node.style.visibility = 'visible';
      if (!entry.leader) return;
      entry.leader.style.display = place.leader ? '' : 'none';
      if (!place.leader) return;
      const {p, q} = place.leader;
      const [line, dot] = entry.leader.children;
      for (const [name, value] of [['x1', p.x], ['y1', p.y], ['x2', q.x], ['y2', q.y]]) line.setAttribute(name, value);
      dot.setAttribute('cx', p.x);
      dot.setAttribute('cy', p.y);
    }

    hide(entry) {
      entry.choice = null;
      entry.node.style.visibility = 'hidden';
      if (entry.leader) entry.leader.style.display = 'none';
    }
  }

  // ---------------------------------------------------------------- several points at one place

  /**
   * Counts on points that no zoom takes apart, each opens the list of what lies there; and rings for points that stand
   * close (`clusters` of the spec), which stand for them and open a nearer view.
   */
  class StackLayer {
    /**
     * @param {MapBridge} bridge
     * @param {HTMLElement} parent  the map's canvas container
     */
    constructor(bridge, parent) {
      this.bridge = bridge;
      this.root = element('div', 'map-stacks', parent);
      this.shown = new Map(); // place -> {node, lngLat, features}
      this.stale = true;
      const {map} = bridge;
      // Not at every idle: a hover repaints the map as well, and asking for all points takes a while where there are many.
      for (const change of ['data', 'moveend', 'resize']) map.on(change, () => { this.stale = true; });
      map.on('render', () => this.place());
    }

    /** Count anew if anything may have changed: what is drawn is what is counted, so a filter and a role count too. */
    refresh() {
      if (!this.stale || !this.bridge.styleReady) return;
      this.stale = false;
      this.bridge.labels.setNames(this.bridge.named());
      const found = this.find();
      for (const [key, stack] of this.shown) {
        if (found.has(key)) continue;
        stack.node.remove();
        this.shown.delete(key);
      }
      for (const [key, {lngLat, features, ring}] of found) {
        const stack = this.shown.get(key) || this.create(ring);
        Object.assign(stack, {lngLat, features});
        const n = String(features.length);
        stack.node.textContent = n;
        stack.node.setAttribute('aria-label', this.bridge.strings[ring ? 'cluster' : 'stack'].replace('{n}', n));
        if (ring) stack.node.style.setProperty('--ring', ring);
        this.shown.set(key, stack);
      }
      this.bridge.setClustered([...found.values()].filter(({ring}) => ring).flatMap(({features}) => features));
      this.place();
    }

    /** The stacks in view by place, the largest first where they would cover one another. */
    find() {
      const {map} = this.bridge;
      const layers = this.bridge.pointLayers();
      const points = layers.length ? this.bridge.distinct(map.queryRenderedFeatures({layers}).filter(isPoint)) : [];
      const zoom = map.getZoom();
      const reach = Math.max(TILE_UNIT_PX, STACK_PX * 2 ** (zoom - map.getMaxZoom()));
      const rule = this.bridge.spec.clusters;
      const close = rule && zoom >= rule.from && zoom < rule.to ? new Set(rule.layers) : new Set();
      const clustered = points.filter((feature) => close.has(feature.layer.id));
      const rings = clustered.length ? this.rings(clustered, rule) : [];
      const ringed = new Set(rings.flatMap(({features}) => features));
      const stacks = this.groups(points.filter((feature) => !ringed.has(feature)), reach);
      const kept = [];
      for (const group of stacks.filter((g) => g.features.length > 1).sort((a, b) => b.features.length - a.features.length)) {
        if (kept.length >= MAX_STACKS) break;
        if (kept.every((other) => Math.hypot(other.at.x - group.at.x, other.at.y - group.at.y) >= STACK_GAP_PX)) kept.push(group);
      }
      const found = new Map();
      for (const group of [...kept, ...rings]) {
        found.set(`${group.ring ? 'ring ' : ''}${group.lngLat.map((v) => round(v, 5)).join()}`, group);
      }
      return found;
    }

    /** Points that stand close as rings, segments by what a history says of the month; the urgent ones apart from a ring stay. */
    rings(points, rule) {
      const month = this.bridge.month ?? this.bridge.spec.month;
      const said = (feature) => String(feature.properties[rule.by])[month];
      const [urgent] = rule.colors[0];
      const groups = this.groups(points.filter((feature) => said(feature) !== urgent), CLUSTER_PX).filter((g) => g.features.length > 1)
        .sort((a, b) => b.features.length - a.features.length).slice(0, MAX_CLUSTERS);
      for (const feature of points.filter((f) => said(f) === urgent)) {
        const at = this.bridge.map.project(feature.geometry.coordinates);
        const under = groups.find((group) => Math.hypot(group.at.x - at.x, group.at.y - at.y) < CLUSTER_PX * 0.7);
        if (under) under.features.push(feature);
      }
      for (const group of groups) {
        let from = 0;
        const parts = [];
        for (const [char, colour] of rule.colors) {
          const n = group.features.filter((feature) => said(feature) === char).length;
          if (!n) continue;
          const to = from + (360 * n) / group.features.length;
          parts.push(`${colour} ${from.toFixed(1)}deg ${to.toFixed(1)}deg`);
          from = to;
        }
        group.ring = `conic-gradient(${parts.join(', ')})`;
      }
      return groups;
    }

    /** Points by the first one within `reach` pixels. */
    groups(points, reach) {
      const {map} = this.bridge;
      const cells = new Map();
      const groups = [];
      for (const feature of points) {
        const at = map.project(feature.geometry.coordinates);
        const [cx, cy] = [Math.floor(at.x / reach), Math.floor(at.y / reach)];
        let group = null;
        for (let i = -1; i <= 1 && !group; i += 1) {
          for (let j = -1; j <= 1 && !group; j += 1) {
            group = (cells.get(`${cx + i},${cy + j}`) || [])
              .find((other) => Math.hypot(other.at.x - at.x, other.at.y - at.y) <= reach);
          }
        }
        if (group) {
          group.features.push(feature);
          continue;
        }
        group = {at, lngLat: feature.geometry.coordinates, features: [feature], ring: ''};
        groups.push(group);
        const cell = `${cx},${cy}`;
        cells.set(cell, [...(cells.get(cell) || []), group]);
      }
      return groups;
    }

    create(ring) {
      const stack = {node: element('button', ring ? 'map-cluster' : 'map-stack', this.root)};
      stack.node.type = 'button';
      stack.node.addEventListener('click', (event) => {
        event.stopPropagation(); // the map below must not answer the same click
        const {map} = this.bridge;
        const points = stack.features.map((feature) => map.project(feature.geometry.coordinates));
        const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)];
        const [w, h] = [Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)];
        if (!ring || Math.hypot(w, h) <= STACK_PX) {
          this.bridge.offer(stack.features, map.project(stack.lngLat), stack.node);
          return;
        }
        const bounds = [[Math.min(...xs), Math.max(...ys)], [Math.max(...xs), Math.min(...ys)]].map((p) => map.unproject(p));
        map.fitBounds(bounds, {padding: 80, maxZoom: map.getZoom() + 3}, {originalEvent: event});
      });
      // Enter and Space press the button; the map's own keys must not see them
      stack.node.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === ' ') event.stopPropagation();
      });
      return stack;
    }

    place() {
      for (const {node, lngLat} of this.shown.values()) {
        const at = this.bridge.map.project(lngLat);
        node.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
      }
    }
  }

  // ---------------------------------------------------------------- the bridge

  /** One live map: its stores' state applied to MapLibre, and MapLibre's events sent back. */
  class MapBridge {
    /** @param {string} id  @param {HTMLElement} host */
    constructor(id, host) {
      this.id = id;
      this.host = host;
      this.frame = host.closest('.map-frame') || host;
      this.strings = JSON.parse(host.dataset.strings);
      this.map = null;
      this.spec = null;
      this.month = null; // of the last patch that changed it; at first the spec says it
      this.namesRules = null; // the same of `names`
      this.shown = null; // what the server said of the state after the last change; at first the spec says it
      this.styleReady = false;
      this.destroyed = false;
      this.early = false; // started before Dash: its container is not there yet, and nobody listens
      this.unsent = [];
      this.queued = [];
      this.images = new Map();
      this.highlighted = [];
      this.clustered = new Map(); // points for which a ring stands
      this.askedAt = null; // the place that was last asked about
      this.states = new Map(); // what is known of features from outside the tiles
      this.hovered = null;
      this.lost = false; // the graphics context is gone, and what replaces it has not drawn its tiles yet
      this.kept = null; // what the map showed when that happened
      this.failed = new Set();
      this.failedSince = null;
      this.unfinished = [];
      /** Milliseconds: first idle since navigation; each spec and patch from its arrival to the next idle. */
      this.timings = {firstIdle: null, specs: [], patches: []};
      this.canvasBox = element('div', 'map-canvas', host);
      this.skeleton = element('div', 'map-skeleton', host);
      this.skeleton.setAttribute('role', 'status');
      element('span', 'map-skeleton__text', this.skeleton).textContent = this.strings.loading;
      // In the frame and not in the host, which may be scaled: nothing that stands over the map may cover these two.
      this.message = element('div', 'map-message', this.frame);
      this.message.setAttribute('role', 'alert');
      this.message.hidden = true;
      this.list = null;
      this.moved = false; // by the reader
      host.dataset.state = 'loading';
      this.enlarged = 1;
      this.enlarge();
      this.onResize = () => this.enlarge();
      window.addEventListener('resize', this.onResize);
      this.sizes = new ResizeObserver(() => this.fit());
      this.onOnline = () => this.retry();
      window.addEventListener('online', this.onOnline);
    }

    // ---- life

    /**
     * Draw lines, symbols and labels as much larger as the page's text is, so that a wall of any size shows one picture:
     * the container is laid out smaller and scaled up, the canvas keeps every pixel of the screen.
     */
    enlarge() {
      const k = Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / TEXT_PX);
      this.enlarged = k;
      if (k > 1) this.host.style.setProperty('--map-scale', String(k));
      else this.host.style.removeProperty('--map-scale');
      const ratio = k * window.devicePixelRatio;
      if (this.map && this.map.getPixelRatio() !== ratio) {
        this.map.setPixelRatio(ratio);
        this.map.resize(MEASURED);
      }
    }

    /** The map is as large as its container; a map that is already, as at its start, is not drawn again. */
    fit() {
      if (!this.map) return;
      const {clientWidth, clientHeight} = this.map.getContainer();
      const canvas = this.map.getCanvas();
      if (canvas.clientWidth !== clientWidth || canvas.clientHeight !== clientHeight) this.map.resize(MEASURED);
    }

    /** Move a map that was started before Dash into the container that Dash has made for it, with all the reader did to it. */
    adopt(host) {
      const shell = this.host.parentElement;
      const {list} = this;
      const focused = document.activeElement;
      this.list = null; // it loses the focus on the way, and the map is measured anew: neither is the reader's doing
      host.replaceChildren(...this.host.childNodes);
      host.dataset.state = this.host.dataset.state;
      this.host = host;
      this.frame = host.closest('.map-frame') || host;
      this.frame.appendChild(this.message);
      if (list) this.frame.appendChild(list);
      this.early = false;
      shell.remove();
      this.enlarge();
      if (this.map) {
        this.fit();
        this.map.triggerRepaint(); // a canvas that is moved may show nothing until it is drawn
        const {bounds} = this.spec.camera || {};
        if (bounds && !this.moved) this.map.fitBounds(bounds, {...this.fitOptions(this.spec.camera), duration: 0});
      }
      this.list = list;
      if (list) this.placeList();
      if (focused instanceof HTMLElement && this.frame.contains(focused)) focused.focus({preventScroll: true});
      for (const detail of this.unsent.splice(0)) window.dispatchEvent(new CustomEvent('atlas:map', {detail}));
    }

    destroy() {
      this.destroyed = true;
      clearTimeout(this.moveTimer);
      clearTimeout(this.retryTimer);
      clearTimeout(this.rebuildTimer);
      cancelAnimationFrame(this.hoverFrame);
      window.removeEventListener('online', this.onOnline);
      window.removeEventListener('resize', this.onResize);
      this.sizes.disconnect();
      this.closeList();
      this.message.remove();
      if (this.labels) this.labels.destroy();
      if (this.map) this.map.remove();
      this.map = null;
      this.host.replaceChildren();
      delete this.host.dataset.state;
    }

    /** @param {Object} spec */
    applySpec(spec) {
      const first = this.spec === null;
      const before = this.spec;
      this.spec = spec;
      this.month = null;
      this.namesRules = null;
      this.queued = []; // what still waited belonged to the picture before
      if (first) {
        loadLibrary().then(
          (library) => { if (!this.destroyed) this.create(library); },
          (error) => this.fail('error_library', error),
        );
      } else if (this.styleReady) {
        this.begin('specs', spec.version);
        this.updateSpec(before);
      } // else: create() or its style.load reads this.spec
    }

    create(library) {
      if (!hasWebGL()) {
        this.fail('error_webgl', new Error('WebGL is not available'));
        return;
      }
      this.applied = this.spec;
      try {
        this.draw(library, this.spec.style, this.spec.camera || {});
      } catch (error) {
        this.fail('error_webgl', error);
        return;
      }
      this.buildControls();
      this.hoverCard = element('div', 'map-hover', this.host);
      this.hoverCard.setAttribute('role', 'tooltip');
      this.hoverCard.hidden = true;
      this.drawScale();
    }

    /** Make the MapLibre map in `canvasBox`; raises where the browser cannot. */
    draw(library, style, view) {
      const camera = this.spec.camera || {};
      const options = {
        container: this.canvasBox,
        style,
        center: view.center || [0, 0],
        zoom: view.zoom ?? 8,
        pitch: view.pitch || 0,
        bearing: view.bearing || 0,
        minZoom: camera.minZoom ?? 0,
        maxZoom: camera.maxZoom ?? 22,
        attributionControl: false,
        trackResize: false, // this.sizes does, and says so
        pixelRatio: this.enlarged * window.devicePixelRatio,
        renderWorldCopies: false,
        fadeDuration: 0,
        locale: {'Map.Title': this.strings.label},
        canvasContextAttributes: {antialias: false}, // lines and fills are smoothed as they are drawn
        // tiles are fetched in a worker made from a blob, where a path alone has no base
        transformRequest: (url) => ({url: new URL(url, document.baseURI).href}),
      };
      if (camera.maxBounds) options.maxBounds = camera.maxBounds;
      if (view.bounds) {
        options.bounds = view.bounds;
        options.fitBoundsOptions = this.fitOptions(view);
      }
      this.map = new library.Map(options);
      this.sizes.disconnect();
      this.sizes.observe(this.canvasBox);
      this.stacks = new StackLayer(this, this.map.getCanvasContainer());
      this.labels = new LabelLayer(this, this.map.getCanvasContainer());
      this.listen();
    }

    listen() {
      const {map} = this;
      map.on('styleimagemissing', ({id}) => this.addImage(id));
      map.once('style.load', () => {
        this.styleReady = true;
        this.syncImages();
        this.labels.set(this.kept ? this.kept.labels : this.applied.labels || []);
        this.setState(this.kept ? [...this.states.values()] : this.applied.state);
        for (const target of this.highlighted) map.setFeatureState(target, {highlight: true});
        if (this.spec !== this.applied) this.updateSpec(this.applied);
        for (const patch of this.queued.splice(0)) this.applyPatch(patch);
      });
      map.on('move', () => {
        this.labels.schedule();
        this.drawScale();
        this.dress();
        this.placeCard();
      });
      map.on('resize', () => {
        this.labels.measure();
        this.labels.schedule();
        this.drawScale();
        if (this.list) this.placeList();
        this.placeCard();
      });
      document.fonts.ready.then(() => {
        if (this.destroyed || map !== this.map) return;
        this.labels.measure();
        this.labels.schedule();
      });
      map.on('movestart', (event) => {
        this.hideHover();
        if (event.measured) return;
        this.moved ||= Boolean(event.originalEvent);
        this.closeList();
      });
      map.on('moveend', (event) => {
        clearTimeout(this.moveTimer);
        const byReader = Boolean(event.originalEvent);
        this.moveTimer = setTimeout(() => this.emit('moveend', {byReader}), MOVE_DEBOUNCE_MS);
      });
      map.on('idle', () => this.onIdle());
      map.on('error', (event) => this.onError(event));
      map.on('webglcontextlost', () => this.onLost());
      map.on('webglcontextrestored', () => this.rebuild());
      map.on('click', (event) => this.onClick(event));
      map.on('contextmenu', (event) => this.onPointer('contextmenu', event));
      map.on('mousemove', (event) => {
        cancelAnimationFrame(this.hoverFrame);
        this.hoverFrame = requestAnimationFrame(() => this.onHover(event.point, MOUSE_TOLERANCE_PX));
      });
      map.on('mouseout', () => this.hideHover());
    }

    // ---- spec and patch

    /** Bring the running map from the spec `before` to `this.spec`; MapLibre diffs sources and layers itself. */
    updateSpec(before) {
      const {map, spec} = this;
      const camera = spec.camera || {};
      const old = before.camera || {};
      this.applied = spec;
      this.hideHover();
      this.closeList();
      this.syncImages();
      map.setStyle(spec.style, {diff: true});
      if (!same(camera.maxBounds, old.maxBounds)) map.setMaxBounds(camera.maxBounds || null);
      if (camera.minZoom !== old.minZoom) map.setMinZoom(camera.minZoom ?? null);
      if (camera.maxZoom !== old.maxZoom) map.setMaxZoom(camera.maxZoom ?? null);
      this.labels.set(spec.labels || []);
      this.setState(spec.state);
    }

    /** Set what is known of features from outside the tiles: [{source, sourceLayer, id, state}]. */
    setState(items) {
      for (const {source, sourceLayer, id, state} of items || []) {
        const key = JSON.stringify([source, sourceLayer, id]);
        const known = this.states.get(key);
        this.states.set(key, {source, sourceLayer, id, state: {...(known && known.state), ...state}});
        if (this.map.getSource(source)) this.map.setFeatureState({source, sourceLayer, id}, state);
      }
    }

    /** Points for which a ring stands are not drawn (feature-state `clustered`), and are no target. */
    setClustered(features) {
      const now = new Map(features.map((feature) => [this.keyOf(feature), feature]));
      const tell = ({source, sourceLayer, id}, clustered) => {
        if (this.map.getSource(source)) this.map.setFeatureState({source, sourceLayer, id}, {clustered});
      };
      for (const [key, feature] of this.clustered) if (!now.has(key)) tell(feature, false);
      for (const [key, feature] of now) if (!this.clustered.has(key)) tell(feature, true);
      this.clustered = now;
    }

    /** What is drawn by name (`names` of the spec), as labels: the most important first, no more than can be read. */
    named() {
      const {map} = this;
      const zoom = map.getZoom();
      const found = new Map();
      for (const rule of this.namesRules ?? this.spec.names ?? []) {
        if (zoom < rule.from || zoom >= rule.to || !this.paints(rule.layer)) continue;
        const drawn = map.queryRenderedFeatures({layers: [rule.layer], ...(rule.where && {filter: rule.where})});
        for (const feature of drawn) {
          const title = this.titleOf({title: rule.text}, feature).replace(this.spec.nameMark ?? '', '');
          if (!title) continue;
          const key = `${rule.layer}|${feature.id ?? feature.properties.id ?? title}`;
          const box = found.get(key) || {rule, title, w: Infinity, s: Infinity, e: -Infinity, n: -Infinity};
          for (const [x, y] of positions(feature.geometry)) {
            Object.assign(box, {w: Math.min(box.w, x), s: Math.min(box.s, y), e: Math.max(box.e, x), n: Math.max(box.n, y)});
          }
          found.set(key, box);
        }
      }
      return [...found]
        .filter(([, {rule, w, s, e, n}]) => {
          if (!rule.least) return true;
          const [a, b] = [map.project([w, n]), map.project([e, s])];
          return Math.min(b.x - a.x, b.y - a.y) >= rule.least;
        })
        .sort(([a, one], [b, other]) => other.rule.priority - one.rule.priority || (a < b ? -1 : 1))
        .slice(0, MAX_NAMES)
        .map(([id, {rule, title, w, s, e, n}]) => ({
          id, title, lng: (w + e) / 2, lat: (s + n) / 2, kind: 'name', anchor: rule.anchor, gap: NAME_GAP_PX + NAME_RADIUS_PX,
          priority: rule.priority, layer: rule.layer, minzoom: rule.from, maxzoom: rule.to, within: true,
        }));
    }

    /** @param {Object} patch */
    applyPatch(patch) {
      if (this.destroyed) return; // asked for on a page that has been left
      if (this.host.dataset.state === 'error') return; // nothing is drawn, and the reader was told
      if (!this.styleReady) {
        this.queued.push(patch);
        return;
      }
      const {map} = this;
      if (Object.keys(patch).some((kind) => kind !== 'figures')) this.begin('patches', patch.version);
      this.eachLayer(patch.filters, (id, filter) => map.setFilter(id, filter));
      this.eachLayer(patch.paint, (id, paint) => {
        for (const [name, value] of Object.entries(paint)) map.setPaintProperty(id, name, value);
      });
      this.eachLayer(patch.layout, (id, layout) => {
        for (const [name, value] of Object.entries(layout)) map.setLayoutProperty(id, name, value);
      });
      this.setState(patch.state);
      if (patch.highlight !== undefined) this.highlight(patch.highlight);
      if (patch.labels) this.labels.set(patch.labels);
      else if (patch.figures) this.labels.setFigures(patch.figures);
      else if (patch.layout) this.labels.schedule(); // a hidden layer takes its labels along
      if (patch.month !== undefined) this.month = patch.month;
      if (patch.names) this.namesRules = patch.names;
      if (patch.month !== undefined || patch.names || patch.layout) this.stacks.stale = true;
      if (patch.filters) {
        this.hideHover();
        this.closeList();
      }
      if (patch.camera) this.moveCamera(patch.camera);
    }

    /** Call `change(id, value)` for the layers that exist; a layer the style does not have is reported, not hidden. */
    eachLayer(changes, change) {
      for (const [id, value] of Object.entries(changes || {})) {
        if (this.map.getLayer(id)) change(id, value);
        else console.warn(`map ${this.id}: patch names an unknown layer: ${id}`);
      }
    }

    /** Put feature-state `highlight` on the given ids and take it from those before. */
    highlight(group) {
      for (const target of this.highlighted) {
        if (this.map.getSource(target.source)) this.map.removeFeatureState(target, 'highlight');
      }
      this.highlighted = ((group && group.ids) || []).map((id) => ({source: group.source, sourceLayer: group.sourceLayer, id}));
      for (const target of this.highlighted) this.map.setFeatureState(target, {highlight: true});
    }

    /**
     * `essential` is dropped on purpose: MapLibre then jumps instead of flying where the reader asked for less motion.
     * @param {{flyTo?: any, easeTo?: any, jumpTo?: any, fitBounds?: [any, any], home?: boolean, stop?: boolean}} move  of MapLibre's options
     */
    moveCamera(move) {
      const calm = (options) => ({...options, essential: false});
      if (move.stop) this.map.stop();
      if (move.jumpTo) this.map.jumpTo(move.jumpTo);
      if (move.easeTo) this.map.easeTo(calm(move.easeTo));
      if (move.flyTo) this.map.flyTo(calm(move.flyTo));
      if (move.fitBounds) this.map.fitBounds(move.fitBounds[0], calm(move.fitBounds[1] || {}));
      if (move.home) this.home();
    }

    fitOptions(camera) {
      return {padding: camera.padding ?? 32, pitch: camera.pitch || 0, bearing: camera.bearing || 0};
    }

    /** Back to the whole map: `camera.home`, else the camera of the spec. */
    home() {
      const camera = this.spec.camera || {};
      const bounds = camera.home || camera.bounds;
      if (bounds) {
        this.map.fitBounds(bounds, this.fitOptions(camera));
      } else {
        const {center, zoom} = camera;
        this.map.easeTo({center, zoom, pitch: camera.pitch || 0, bearing: camera.bearing || 0});
      }
    }

    // ---- images

    addImage(id) {
      const definition = this.images.get(id);
      if (definition && !this.map.hasImage(id)) {
        this.map.addImage(id, drawImage(definition), {pixelRatio: PIXEL_RATIO});
      }
    }

    /** Make the style's images those of the spec; an image whose definition changed is drawn again. */
    syncImages() {
      const wanted = new Map((this.spec.images || []).map((definition) => [definition.id, definition]));
      for (const [id, definition] of this.images) {
        if (!same(definition, wanted.get(id)) && this.map.hasImage(id)) this.map.removeImage(id);
      }
      this.images = wanted;
      for (const id of wanted.keys()) this.addImage(id);
      this.dress();
    }

    // ---- events to Dash

    cameraState() {
      const {map} = this;
      const {lng, lat} = map.getCenter();
      return {
        center: [round(lng, 6), round(lat, 6)],
        zoom: round(map.getZoom(), 3),
        pitch: round(map.getPitch(), 1),
        bearing: round(map.getBearing(), 1),
        bounds: map.getBounds().toArray().flat().map((value) => round(value, 6)),
      };
    }

    /** Tell the window what happened, before Dash is there only as soon as it is. */
    emit(type, details = {}) {
      if (this.destroyed) return;
      const detail = {map: this.id, type, camera: this.cameraState(), ...details};
      if (this.early) this.unsent.push(detail);
      else window.dispatchEvent(new CustomEvent('atlas:map', {detail}));
    }

    /** Note the start of a change; its time ends at the next idle. */
    begin(list, version) {
      this.unfinished.push({list, version: version ?? null, start: performance.now()});
      this.map.triggerRepaint(); // a change without effect must come to idle too
    }

    /** Resolves when the first picture, or the change under way, is on the screen, at the latest after `ms`. */
    drawn(ms) {
      const done = this.timings.firstIdle !== null && !this.unfinished.length;
      if (done || !this.map || document.hidden) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.map.once('idle', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }

    onIdle() {
      if (!this.styleReady) return;
      const now = performance.now();
      if (this.timings.firstIdle === null) {
        this.timings.firstIdle = now;
        performance.mark('atlas:first-idle');
        this.reveal();
        this.emit('ready');
      }
      const finished = this.unfinished.splice(0);
      for (const {list, version, start} of finished) this.timings[list].push({version, ms: now - start});
      if (this.failed.size === 0) this.failedSince = null;
      this.lost = false;
      this.kept = null;
      this.reveal();
      this.tell();
      setTimeout(() => { if (!this.destroyed) this.stacks.refresh(); }); // after those who wait for this picture
    }

    // ---- picking

    /** Whether a layer is there and not painted clear, which MapLibre would still find things in. */
    paints(id) {
      const layer = this.map.getLayer(id);
      if (!layer) return false;
      return !['fill', 'line', 'circle'].includes(layer.type) || this.map.getPaintProperty(id, `${layer.type}-opacity`) !== 0;
    }

    /** Each feature once: those on the edge of a tile come from both. */
    distinct(features) {
      const unique = new Map();
      for (const feature of features) {
        const key = this.keyOf(feature);
        if (!unique.has(key)) unique.set(key, feature);
      }
      return [...unique.values()];
    }

    keyOf(feature) {
      const identity = feature.id ?? feature.properties.id ?? JSON.stringify(feature.properties);
      return `${feature.layer.id}\u0000${identity}`;
    }

    /** Layers of points that answer a click. */
    pointLayers() {
      return (this.spec.interactive || [])
        .filter((id) => this.paints(id) && ['circle', 'symbol'].includes(this.map.getLayer(id).type));
    }

    /**
     * What lies under a point, each feature once: first what answers a click, in the order of `interactive`, then the
     * rest, topmost first. Fills must be hit; lines may be missed by `tolerance` pixels, and of a point the middle by
     * MOUSE_REACH_PX or by as much as it is drawn larger. Where areas are targets themselves it is hit only so near its
     * middle, and not where one of theirs is nearer.
     */
    pick(point, layers, tolerance) {
      const {map} = this;
      const zoom = map.getZoom();
      const from = this.spec.clickFrom || {};
      const present = layers.filter((id) => this.paints(id));
      if (!present.length) return [];
      const slim = present.filter((id) => SLIM_TYPES.has(map.getLayer(id).type));
      const hits = map.queryRenderedFeatures(point, {layers: present});
      const away = (at) => Math.hypot(at.x - point.x, at.y - point.y);
      const distance = (feature) => (isPoint(feature) ? away(map.project(feature.geometry.coordinates)) : 0);
      const reach = Math.max(tolerance, MOUSE_REACH_PX);
      if (slim.length) {
        const near = (by) => map.queryRenderedFeatures([[point.x - by, point.y - by], [point.x + by, point.y + by]], {layers: slim});
        hits.push(...near(reach).filter((feature) => isPoint(feature) && distance(feature) <= reach));
        hits.push(...near(tolerance).filter((feature) => !isPoint(feature)));
      }
      const depth = new Map(map.getLayersOrder().map((id, index) => [id, index]));
      const turn = new Map((this.spec.interactive || []).filter((id) => zoom >= (from[id] || 0)).map((id, index) => [id, index]));
      const targets = this.labels.targets();
      const limit = targets.length ? Math.min(reach, ...targets.map(away)) : Infinity;
      return this.distinct(hits)
        .filter((feature) => !feature.state.clustered && distance(feature) <= limit)
        .map((feature) => ({
          feature, depth: depth.get(feature.layer.id), turn: turn.get(feature.layer.id) ?? Infinity, far: distance(feature),
        }))
        .sort((a, b) => (a.turn === b.turn ? 0 : a.turn - b.turn) || b.depth - a.depth || a.far - b.far)
        .map((hit) => hit.feature);
    }

    onClick(event) {
      const kind = event.originalEvent.pointerType; // absent where a click is not a PointerEvent
      const touch = kind ? kind === 'touch' : window.matchMedia('(pointer: coarse)').matches;
      if (touch) this.onHover(event.point, TOUCH_TOLERANCE_PX);
      this.onPointer('click', event, touch ? TOUCH_TOLERANCE_PX : MOUSE_TOLERANCE_PX);
    }

    onPointer(type, event, tolerance = MOUSE_TOLERANCE_PX) {
      if (!this.styleReady) return;
      const found = this.pick(event.point, this.spec.interactive || [], tolerance);
      const alike = type === 'click' ? this.alike(event.point, found, tolerance) : [];
      if (alike.length > 1) this.offer(alike, event.point, this.map.getCanvas());
      else this.closeList();
      const features = alike.length > 1 ? [] : found.slice(0, MAX_FEATURES); // which one is for the reader to say
      if (type === 'contextmenu') this.askedAt = event.lngLat;
      this.emit(type, {
        lngLat: [round(event.lngLat.lng, 7), round(event.lngLat.lat, 7)],
        point: [Math.round(event.point.x), Math.round(event.point.y)],
        features: features.map((feature) => this.report(feature)),
      });
    }

    /** A feature as an event tells of it. */
    report(feature) {
      return {layer: feature.layer.id, id: feature.id ?? feature.properties.id ?? null, properties: feature.properties};
    }

    // ---- choosing one of several

    /**
     * Of what was found under a pointer, those among which it cannot tell: several points, or several areas of the
     * topmost layer. A mouse means what it touches; a near miss, and a finger, mean all that is near.
     */
    alike(point, found, tolerance) {
      const points = found.filter(isPoint);
      if (!points.length) {
        const area = found[0] && found[0].geometry.type.endsWith('Polygon');
        return area ? found.filter((feature) => feature.layer.id === found[0].layer.id) : [];
      }
      if (tolerance > MOUSE_TOLERANCE_PX) return points;
      const layers = [...new Set(points.map((feature) => feature.layer.id))];
      const touched = new Set(this.map.queryRenderedFeatures(point, {layers}).map((feature) => this.keyOf(feature)));
      return touched.size ? points.filter((feature) => touched.has(this.keyOf(feature))) : points;
    }

    /**
     * List `features` beside a point of the map; choosing one is a click on it alone. Arrows walk, Escape leaves, and
     * the focus goes back to where it came from.
     */
    offer(features, point, from) {
      this.closeList();
      this.hideHover();
      const {strings} = this;
      const title = strings.stack.replace('{n}', String(features.length));
      const list = element('div', 'map-list', this.frame);
      list.setAttribute('role', 'dialog');
      list.setAttribute('aria-label', title);
      list.tabIndex = -1; // a press beside its buttons does not take the focus out of it
      const leave = () => {
        this.closeList();
        from.focus({preventScroll: true});
      };
      const head = element('div', 'map-list__head', list);
      element('span', 'map-list__title', head).textContent = title;
      const close = element('button', 'map-list__close', head);
      close.type = 'button';
      close.textContent = '✕';
      close.setAttribute('aria-label', strings.close);
      close.addEventListener('click', leave);
      const rows = element('ul', 'map-list__rows', list);
      const order = new Intl.Collator(document.documentElement.lang || 'zh-CN', {numeric: true});
      const told = features.map((feature) => ({feature, ...this.words(feature)}));
      for (const {feature, name, details} of told.sort((a, b) => order.compare(a.name, b.name))) {
        const row = element('button', 'map-list__row', element('li', '', rows));
        row.type = 'button';
        element('span', 'map-list__name', row).textContent = name;
        if (details) element('span', 'map-list__details', row).textContent = details;
        row.addEventListener('click', () => {
          leave();
          this.emit('click', {lngLat: feature.geometry.type === 'Point' ? feature.geometry.coordinates : null, features: [this.report(feature)]});
        });
      }
      list.addEventListener('keydown', (event) => {
        const buttons = [...rows.querySelectorAll('button')];
        const at = buttons.findIndex((button) => button === document.activeElement);
        const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1}[event.key];
        if (to !== undefined) {
          event.preventDefault();
          buttons[(to + buttons.length) % buttons.length].focus();
        } else if (event.key === 'Escape') {
          leave();
        } else {
          return;
        }
        event.stopPropagation(); // the page's own keys must not see what the list has answered
      });
      list.addEventListener('focusout', (event) => {
        if (this.list === list && document.hasFocus() && !list.contains(/** @type {Node | null} */ (event.relatedTarget))) this.closeList();
      });
      this.list = list;
      this.listAt = this.map.unproject(point);
      this.placeList();
      rows.querySelector('button').focus({preventScroll: true});
    }

    placeList() {
      this.putBeside(this.list, this.listAt);
    }

    /** The card that answers what is at a place (`data-map-pointer`) stands beside that place. */
    placeCard() {
      const card = /** @type {HTMLElement | null} */ (this.frame.querySelector('[data-map-pointer]'));
      if (card && this.askedAt && card.firstElementChild) this.putBeside(card, this.askedAt);
    }

    /** Beside a place, inside the frame. */
    putBeside(node, place) {
      const k = this.enlarged;
      const point = this.map.project(place);
      const {offsetWidth: w, offsetHeight: h} = node;
      const {clientWidth, clientHeight} = this.frame;
      const {offsetLeft, offsetTop} = this.host; // a small screen has its controls beside the map
      const right = offsetLeft + point.x * k + 16;
      const x = right + w + LABEL_MARGIN_PX > clientWidth ? right - 32 - w : right;
      const y = offsetTop + point.y * k - h / 2;
      node.style.left = `${Math.round(clamp(x, LABEL_MARGIN_PX, Math.max(LABEL_MARGIN_PX, clientWidth - w - LABEL_MARGIN_PX)))}px`;
      node.style.top = `${Math.round(clamp(y, LABEL_MARGIN_PX, Math.max(LABEL_MARGIN_PX, clientHeight - h - LABEL_MARGIN_PX)))}px`;
    }

    closeList() {
      const {list} = this;
      this.list = null; // before it goes, for the focus leaves it then and closes it as well
      if (list) list.remove();
    }

    /** Name of a feature and what tells it from its neighbours, in the words of its hover card. */
    words(feature) {
      const card = (this.spec.hover || {})[feature.layer.id] || {};
      const details = (card.rows || []).filter(([, key]) => !isMissing(feature.properties[key])).slice(0, LIST_DETAILS)
        .map(([, key, format]) => this.read(feature, key, format));
      return {name: this.titleOf(card, feature) || String(feature.properties.id ?? feature.id), details: details.join(' · ')};
    }

    titleOf(card, feature) {
      return (card.title || [])
        .map((part) => (Array.isArray(part) ? part : [part]))
        .filter(([name]) => !isMissing(feature.properties[name]))
        .map(([name, format]) => this.read(feature, name, format))
        .join(' · ');
    }

    /** A property of a feature as text. */
    read(feature, name, format) {
      return formatValue(feature.properties[name], format, this.strings, this.spec.lookups || {}, this.month ?? this.spec.month);
    }

    // ---- hover

    onHover(point, tolerance) {
      if (this.destroyed || !this.styleReady || this.map.isMoving()) return;
      const cards = this.spec.hover || {};
      const layers = [...new Set([...Object.keys(cards), ...(this.spec.interactive || [])])];
      const features = this.pick(point, layers, tolerance);
      const interactive = new Set(this.spec.interactive || []);
      this.map.getCanvas().style.cursor = features.some((f) => interactive.has(f.layer.id)) ? 'pointer' : '';
      this.setHovered(features[0] || null);
      const feature = features.find((f) => cards[f.layer.id]);
      if (!feature) {
        this.hoverCard.hidden = true;
        return;
      }
      this.fillHover(cards[feature.layer.id], feature);
      this.hoverCard.hidden = false;
      const {offsetWidth: w, offsetHeight: h} = this.hoverCard;
      const x = point.x + 16 + w > this.host.clientWidth ? point.x - 16 - w : point.x + 16;
      const y = point.y + 16 + h > this.host.clientHeight ? point.y - 16 - h : point.y + 16;
      this.hoverCard.style.transform = `translate(${Math.max(4, Math.round(x))}px, ${Math.max(4, Math.round(y))}px)`;
    }

    fillHover(card, feature) {
      this.hoverCard.replaceChildren();
      const title = this.titleOf(card, feature);
      if (title) element('div', 'map-hover__title', this.hoverCard).textContent = title;
      for (const [label, name, format] of card.rows || []) {
        const row = element('div', 'map-hover__row', this.hoverCard);
        element('span', 'map-hover__label', row).textContent = label;
        element('span', 'map-hover__value', row).textContent = this.read(feature, name, format);
      }
    }

    /** Keep feature-state `hover` on the one feature under the pointer. */
    setHovered(feature) {
      const target = feature && feature.id !== undefined
        ? {source: feature.source, sourceLayer: feature.sourceLayer, id: feature.id} : null;
      if (same(target, this.hovered)) return;
      if (this.hovered && this.map.getSource(this.hovered.source)) this.map.removeFeatureState(this.hovered, 'hover');
      if (target) this.map.setFeatureState(target, {hover: true});
      this.hovered = target;
    }

    hideHover() {
      cancelAnimationFrame(this.hoverFrame);
      this.hoverCard.hidden = true;
      this.setHovered(null);
    }

    // ---- controls

    buildControls() {
      const box = element('div', 'map-controls', this.host);
      box.dataset.mapObstacle = '';
      const button = (key, path, action) => {
        const node = element('button', 'map-control', box);
        node.type = 'button';
        node.title = this.strings[key];
        node.setAttribute('aria-label', this.strings[key]);
        const icon = document.createElementNS(SVG, 'svg');
        icon.setAttribute('viewBox', '0 0 16 16');
        icon.setAttribute('aria-hidden', 'true');
        icon.appendChild(document.createElementNS(SVG, 'path')).setAttribute('d', path);
        node.appendChild(icon);
        node.addEventListener('click', action);
      };
      button('zoom_in', 'M8 3v10M3 8h10', (event) => this.map.zoomIn({}, {originalEvent: event}));
      button('zoom_out', 'M3 8h10', (event) => this.map.zoomOut({}, {originalEvent: event}));
      button('home', 'M2.5 8 8 3l5.5 5M4.5 7v6h7V7', () => this.home());
      this.scale = element('div', 'map-scale', this.host);
      this.scale.dataset.mapObstacle = '';
      this.scale.setAttribute('role', 'img');
      this.scaleText = element('span', 'map-scale__text', this.scale);
      this.scaleBar = element('span', 'map-scale__bar', this.scale);
    }

    /** Round ground distance (1, 2, 5 × 10ⁿ) at the centre of the map, at most SCALE_MAX_PX wide. */
    drawScale() {
      const {map} = this;
      const latitude = (map.getCenter().lat * Math.PI) / 180;
      const metresPerPixel = (EARTH_CIRCUMFERENCE_M * Math.cos(latitude)) / (512 * 2 ** map.getZoom());
      const longest = metresPerPixel * SCALE_MAX_PX;
      const power = 10 ** Math.floor(Math.log10(longest));
      const metres = power * [5, 2, 1].find((step) => step * power <= longest);
      const text = metres >= 1000
        ? this.strings.kilometres.replace('{n}', String(metres / 1000))
        : this.strings.metres.replace('{n}', String(metres));
      this.scaleText.textContent = text;
      this.scaleBar.style.width = `${Math.round(metres / metresPerPixel)}px`;
      this.scale.setAttribute('aria-label', `${this.strings.scale} ${text}`);
    }

    /**
     * Parts of the frame that belong to some zooms only (a legend says what is drawn) come and go with them, and a key with
     * `data-image` shows that icon as the map draws it.
     */
    dress() {
      if (!this.map) return;
      const keys = /** @type {NodeListOf<HTMLElement>} */ (this.frame.querySelectorAll('[data-image]'));
      for (const key of keys) {
        const {image, drawn} = key.dataset;
        const definition = this.images.get(image);
        if (drawn === image || !definition) continue;
        key.dataset.drawn = image;
        key.style.backgroundImage = `url(${drawCanvas(definition).toDataURL()})`;
      }
      const zoom = this.map.getZoom();
      const parts = /** @type {NodeListOf<HTMLElement>} */ (this.frame.querySelectorAll('[data-zoom-from]'));
      for (const part of parts) {
        const hidden = zoom < Number(part.dataset.zoomFrom) || zoom >= Number(part.dataset.zoomTo);
        if (part.hidden !== hidden) part.hidden = hidden;
      }
    }

    // ---- trouble

    /** No map can be drawn: say so instead of the skeleton. */
    fail(key, error) {
      console.error(`map ${this.id}:`, error);
      this.host.dataset.state = 'error';
      this.skeleton.hidden = true;
      this.say(key);
    }

    say(key) {
      const time = this.failedSince ? this.failedSince.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'}) : '';
      this.message.textContent = this.strings[key].replace('{time}', time);
      this.message.hidden = false;
    }

    /** Say what is the matter, the worse of two troubles, or nothing. */
    tell() {
      if (this.host.dataset.state === 'error') return;
      if (this.lost) this.say('error_context');
      else if (this.failedSince) this.say('error_source');
      else this.message.hidden = true;
    }

    reveal() {
      if (this.lost || this.host.dataset.state === 'error') return;
      this.host.dataset.state = 'live';
      this.skeleton.hidden = true;
    }

    /**
     * The graphics context is gone. MapLibre cannot go on with another one: the map is made anew as it was, as soon as
     * the context comes back, or with a new canvas when it does not; until its tiles are drawn the reader is told.
     */
    onLost() {
      if (this.styleReady) {
        this.kept = {style: this.map.getStyle(), labels: this.labels.given};
      }
      this.lost = true;
      this.styleReady = false; // what comes meanwhile waits
      this.unfinished = [];
      this.hideHover();
      this.closeList();
      this.host.dataset.state = 'lost';
      this.skeleton.hidden = false;
      this.tell();
      clearTimeout(this.rebuildTimer);
      this.rebuildTimer = setTimeout(() => this.rebuild(), REBUILD_MS);
    }

    rebuild() {
      clearTimeout(this.rebuildTimer);
      if (this.destroyed) return;
      if (!hasWebGL()) {
        this.rebuildTimer = setTimeout(() => this.rebuild(), REBUILD_MS);
        return;
      }
      const {map: gone, canvasBox: box} = this;
      this.canvasBox = element('div', 'map-canvas');
      box.before(this.canvasBox);
      try {
        this.draw(window.maplibregl, this.kept ? this.kept.style : this.applied.style, {
          center: gone.getCenter(), zoom: gone.getZoom(), pitch: gone.getPitch(), bearing: gone.getBearing(),
        });
      } catch (error) {
        console.error(`map ${this.id}:`, error);
        this.canvasBox.remove();
        this.canvasBox = box;
        this.rebuildTimer = setTimeout(() => this.rebuild(), REBUILD_MS);
        return;
      }
      gone.remove();
      box.remove();
      this.hovered = null;
      this.clustered.clear();
      this.failed.clear();
    }

    /** A source that fails leaves the last good picture, says since when, and is tried again by itself. */
    onError(event) {
      console.error(`map ${this.id}:`, event.error || event);
      if (!event.sourceId) {
        if (!this.styleReady && !this.lost) this.fail('error_style', event.error);
        return;
      }
      this.failed.add(event.sourceId);
      this.failedSince = this.failedSince || new Date();
      this.reveal();
      this.tell();
      clearTimeout(this.retryTimer);
      this.retryTimer = setTimeout(() => this.retry(), RETRY_MS);
    }

    retry() {
      if (!this.styleReady) return;
      const again = [...this.failed];
      this.failed.clear();
      for (const id of again) {
        const source = this.map.getSource(id);
        if (!source) continue;
        if (source.type === 'geojson') {
          source.setData(this.spec.style.sources[id].data);
          continue;
        }
        // MapLibre has no public call that reloads only the failed tiles and keeps the good ones on screen
        const cache = this.map.style.sourceCaches[id];
        for (const [key, tile] of Object.entries(cache._tiles)) {
          if (tile.state === 'errored') cache._reloadTile(key, 'loading');
        }
      }
      this.map.triggerRepaint();
    }

    // ---- answers for tests and benchmarks

    /**
     * Sorted unique ids of what the given layers show in view: rendered features, and for symbol layers also those
     * that pass the filter but lost their place to a neighbour.
     * @param {string[]} layerIds
     * @param {string} property  falls back to the feature's own id
     */
    visibleIds(layerIds, property = 'id') {
      const {map} = this;
      const present = layerIds.filter((id) => this.paints(id));
      const found = present.length ? map.queryRenderedFeatures({layers: present}) : [];
      const zoom = map.getZoom();
      const view = map.getBounds();
      for (const layer of present.map((id) => map.getLayer(id))) {
        if (layer.type !== 'symbol' || layer.isHidden(zoom)) continue;
        const options = {sourceLayer: layer.sourceLayer, filter: map.getFilter(layer.id)};
        found.push(...map.querySourceFeatures(layer.source, options)
          .filter((f) => f.geometry.type === 'Point' && view.contains(f.geometry.coordinates)));
      }
      return this.idsOf(found, property);
    }

    /** Sorted unique ids in the loaded tiles of a source that pass `filter`, drawn or not. */
    sourceIds(source, sourceLayer, filter, property = 'id') {
      return this.idsOf(this.map.querySourceFeatures(source, {sourceLayer, filter}), property);
    }

    idsOf(features, property) {
      return [...new Set(features.map((f) => f.properties[property] ?? f.id))]
        .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    }
  }

  // ---------------------------------------------------------------- Dash

  const maps = {};

  /** The bridge of the host now on the page; one whose host was replaced is removed first. */
  function bridgeOf(mapId) {
    const host = document.getElementById(mapId);
    const live = maps[mapId];
    if (live && live.host === host) return live;
    if (live && live.early && host) {
      live.adopt(host);
      return live;
    }
    if (live) {
      live.destroy();
      delete maps[mapId];
    }
    if (!host) return null;
    maps[mapId] = new MapBridge(mapId, host);
    return maps[mapId];
  }

  /** Remove maps whose container left the page; mount containers that came back without a callback (tabs). */
  function sweep() {
    for (const mapId of Object.keys(maps)) {
      maps[mapId].dress();
      if (maps[mapId].map) maps[mapId].placeCard();
      if (!maps[mapId].host.isConnected) {
        maps[mapId].destroy();
        delete maps[mapId];
      }
    }
    const hosts = /** @type {HTMLCollectionOf<HTMLElement>} */ (document.getElementsByClassName('map-host'));
    for (const host of hosts) {
      const live = maps[host.id];
      if ((live && !live.early) || host.dataset.mapId) continue;
      const store = window.dash_component_api.getLayout(`${host.id}-spec`);
      const spec = store && store.props && store.props.data;
      if (spec) applySpec(spec, host.id);
    }
  }

  function applySpec(spec, mapId) {
    const bridge = spec && bridgeOf(mapId);
    if (bridge && !same(bridge.spec, spec)) bridge.applySpec(spec);
  }

  function applyPatch(patch, mapId) {
    const bridge = patch && bridgeOf(mapId);
    if (bridge) bridge.applyPatch(patch);
  }

  let asking = null;

  /**
   * The address is another one: bring the map on the page, if there is one, from what it shows to that, and answer
   * with the state for everything else that waits for it. A newer address takes the place of an older one.
   */
  async function follow(search, path) {
    const bridge = maps.map;
    if (asking) asking.abort();
    asking = new AbortController();
    if (!bridge || bridge.early || !bridge.spec || !bridge.host.isConnected) return search || '';
    const shown = bridge.shown ?? bridge.spec.shown;
    const query = new URLSearchParams({path, shown, search: search || ''});
    const config = JSON.parse(document.getElementById('_dash-config').textContent);
    try {
      const answer = await fetch(`${config.requests_pathname_prefix}map/change?${query}`, {signal: asking.signal});
      if (!answer.ok) throw new Error(`the map's change was answered with ${answer.status}`);
      const change = await answer.json();
      if (change.shown === shown) return window.dash_clientside.no_update; // the page was built for this address
      if (change.spec) window.dash_clientside.set_props('map-spec', {data: change.spec});
      else if (Object.keys(change.patch).length) bridge.applyPatch(change.patch);
      bridge.shown = change.shown;
      if (change.quiet) return window.dash_clientside.no_update;
      await bridge.drawn(FIRST_MS);
    } catch (error) {
      if (error.name === 'AbortError') return window.dash_clientside.no_update;
      console.error('map:', error); // the map keeps its last picture; the rest of the page can follow
    }
    return search || '';
  }

  /**
   * A page may bring its first map along (`#early-map` with its spec in `#early-spec`): it is drawn while the rest of
   * the page still loads, and moves into Dash's container when that is there. A small screen has no room set aside for it.
   */
  function startEarly() {
    const host = document.getElementById('early-map');
    const data = document.getElementById('early-spec');
    if (!host || !data) return;
    if (window.innerWidth <= 820) {
      host.parentElement.remove();
      return;
    }
    const bridge = new MapBridge(host.dataset.mapId, host);
    bridge.early = true;
    maps[bridge.id] = bridge;
    bridge.applySpec(JSON.parse(data.textContent));
  }

  /** Start Dash, after the first map: the page that it builds would hold up the picture. */
  async function startDash() {
    if (maps.map) await maps.map.drawn(FIRST_MS);
    new window.DashRenderer();
  }

  new MutationObserver(sweep).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ['data-zoom-from', 'data-zoom-to'],
  });
  window.atlas = Object.assign(window.atlas || {}, {maps, startDash});
  startEarly();
  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    atlas: Object.assign((window.dash_clientside || {}).atlas || {}, {applySpec, applyPatch, follow}),
  });
})();
