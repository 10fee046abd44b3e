/* What is wrong with the screen as it stands, by the design system: read from the page, nothing is changed.
   `records` selects what holds names of records, the only texts that may be cut. */
(records) => {
  const shown = (node) => {
    const style = getComputedStyle(node);
    return node.getClientRects().length > 0 && style.visibility !== "hidden" && node.checkVisibility({ opacityProperty: true });
  };
  const say = (node, what) => `${what}: <${node.tagName.toLowerCase()} ${node.getAttribute("class") ?? ""}> ${(node.textContent ?? "").trim().slice(0, 40)}`;
  /** For a reader of the screen only: one pixel, clipped away. */
  const unseen = (node) => Boolean(node.closest(".unseen, .visually-hidden, .sr-only, [aria-hidden=true] > svg title"));
  const found = { small: new Set(), cut: new Set(), faint: new Set(), narrow: new Set(), pairs: new Set(), wide: [] };

  const parse = (text) => {
    const n = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    if (text.startsWith("color(srgb")) return [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1];
    return [n[0], n[1], n[2], n[3] ?? 1];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (c) => {
    const [r, g, b] = c.map((x) => { const p = x / 255; return p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
  const ground = (node) => {
    const stack = [];
    // The chosen one of a row of switches stands on a mark that slides under it and is no ancestor.
    const mark = node.closest(".mantine-SegmentedControl-control[data-active], .mantine-SegmentedControl-label[data-active]") &&
      node.closest(".mantine-SegmentedControl-root")?.querySelector(".mantine-SegmentedControl-indicator");
    if (mark) return over(parse(getComputedStyle(mark).backgroundColor), [255, 255, 255]);
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) stack.push(colour);
      if (colour[3] === 1) break;
    }
    return stack.reverse().reduce((below, colour) => over(colour, below), [255, 255, 255]);
  };

  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !shown(node) || unseen(node) || node.closest("script, style, noscript")) continue;
    const style = getComputedStyle(node);
    const scaled = node.closest(".map-host[style*='--map-scale']");
    const size = parseFloat(style.fontSize) * (scaled ? parseFloat(scaled.style.getPropertyValue("--map-scale")) : 1);
    found.pairs.add(`${Math.round(size)}/${style.fontWeight}`);
    if (size < 12) found.small.add(say(node, String(size)));
    const ink = node instanceof SVGElement ? style.fill : style.color;
    const on = node instanceof SVGElement ? ground(node.closest("svg").parentElement) : ground(node);
    const drawn = over(parse(ink), on);
    const contrast = ratio(drawn, on);
    if (contrast < 4.5 && !node.closest("[disabled], [data-disabled], [aria-disabled=true]") && !(node instanceof SVGElement && node.closest("[data-on]"))) {
      found.faint.add(say(node, contrast.toFixed(1)));
    }
    if (!(node instanceof SVGElement) && !node.closest(records)) {
      for (let at = node; at && at !== document.body && at.contains(node); at = at.parentElement) {
        const clip = getComputedStyle(at);
        const across = ["hidden", "clip"].includes(clip.overflowX) && at.scrollWidth > at.clientWidth + 1 && at.clientWidth > 1;
        const down = ["hidden", "clip"].includes(clip.overflowY) && at.scrollHeight > at.clientHeight + 1 && at.clientHeight > 1;
        if ((across || down) && clip.position !== "fixed" && !at.matches(".map-frame, .map-host, .map-canvas")) {
          const box = at.getBoundingClientRect();
          const range = document.createRange();
          range.selectNodeContents(walk.currentNode);
          const text = range.getBoundingClientRect();
          if ((across && (text.right > box.right + 1 || text.left < box.left - 1)) || (down && text.bottom > box.bottom + 1 && text.top < box.bottom)) {
            found.cut.add(say(node, `in ${at.getAttribute("class") ?? at.tagName}`));
          }
        }
        if (["auto", "scroll"].includes(clip.overflowX) || ["auto", "scroll"].includes(clip.overflowY)) break;
      }
    }
  }

  const targets = [...document.querySelectorAll(
    "button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=radio], [role=option], [role=slider]",
  )].filter((node) => shown(node) && !unseen(node) && getComputedStyle(node).pointerEvents !== "none");
  for (const node of targets) {
    let box = node.getBoundingClientRect();
    const field = node.matches("input") && node.closest("[class*=Input-wrapper]");
    if (field) box = field.getBoundingClientRect();
    const label = node.closest("label") ?? (node.id && document.querySelector(`label[for="${CSS.escape(node.id)}"]`));
    if (label && node.matches("input")) box = label.getBoundingClientRect();
    const inline = node.matches("a") && getComputedStyle(node).display === "inline" && node.closest("p, .sentence");
    if (!inline && box.width > 1 && (box.height < 23.5 || box.width < 23.5)) {
      found.narrow.add(say(node, `${box.width.toFixed(0)}×${box.height.toFixed(0)}`));
    }
  }

  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) {
    found.wide = [...document.querySelectorAll("body *")]
      .filter((node) => shown(node) && node.getBoundingClientRect().right > innerWidth + 1 && !node.closest(".scroll-x, .ag-root-wrapper, .maplibregl-map"))
      .slice(0, 5).map((node) => say(node, String(Math.round(node.getBoundingClientRect().right))));
    if (!found.wide.length) found.wide = [`the page is ${page.scrollWidth} wide`];
  }
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, [...values].sort()]));
}
