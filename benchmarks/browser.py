"""Measures in a headless browser: the first map of a cold page, and what a filter change takes and transfers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from benchmarks.crowd import Kind, Script, Step, step_of
from benchmarks.load import CALLBACK_PATH, MAP_PATH, Asked, callback_name, get_json
from benchmarks.server import Running
from tests.e2e.conftest import CHROMIUM_ARGS

VIEWPORT = {"width": 1366, "height": 768}
TIMEOUT_MS = 180_000
#: Layers of the comparison with Plotly: every parcel is drawn at the zoom of the first picture.
PARCELS = "layers=district,zone,parcel,project"

_MARK = "performance.getEntriesByName('{mark}').length > 0"
# The first picture may be there before Dash is; a state can change when Dash has taken the map over.
_TAKEN_OVER = "window.atlas.maps.map && !window.atlas.maps.map.early"
_APP_MARK = "atlas:first-idle"
_OTHER_MARK = "first-picture"

# The bridge writes the end of each patch into its timings at the map's own idle event; this listens to the same event.
_FILTER = """async (search) => {
  const bridge = window.atlas.maps.map;
  const done = bridge.timings.patches.length;
  const start = performance.now();
  const painted = new Promise((resolve) => {
    const look = () => {
      if (bridge.timings.patches.length === done) return;
      bridge.map.off('idle', look);
      resolve({ms: performance.now() - start, patch: bridge.timings.patches[done].ms});
    };
    bridge.map.on('idle', look);
    setTimeout(() => resolve(null), WITHOUT_PATCH_MS);
  });
  window.dash_clientside.set_props('url', {search});
  return painted;
}""".replace("WITHOUT_PATCH_MS", "15000")

# A reader filters a page that has come to rest: what a page still does for its last picture is not the filter's time.
_AT_REST = """() => new Promise((done) =>
  requestIdleCallback(() => setTimeout(() => requestIdleCallback(done), 500)))"""

_FRAME = """() => {
  const {map, host} = window.atlas.maps.map;
  const {lng, lat} = map.getCenter();
  return {w: host.clientWidth, h: host.clientHeight, lon: lng, lat, zoom: map.getZoom()};
}"""


@dataclass(frozen=True)
class Change:
    """What one filter change took and moved. `answers` are names and bytes on the wire.

    `ms` is the time to the repainted map, `patch_ms` the map's own part of it; None where the map had nothing to change.
    """

    search: str
    ms: float | None
    patch_ms: float | None
    answers: tuple[tuple[str, int], ...]
    tiles: int
    with_geometry: int
    asked: tuple[Asked, ...]

    @property
    def transferred(self) -> int:
        """Bytes of all answers, headers included."""
        return sum(size for _name, size in self.answers)


@contextmanager
def browser() -> Iterator[Browser]:
    """The Chromium that the tests use, with WebGL in software."""
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        try:
            yield launched
        finally:
            launched.close()


@contextmanager
def cold_page(launched: Browser) -> Iterator[Page]:
    """A page in a context of its own, so that nothing is cached."""
    # Less motion: no tour of an idle wall and no flights of the camera, which would be timed as well.
    context = launched.new_context(viewport=VIEWPORT, reduced_motion="reduce")
    context.set_default_timeout(TIMEOUT_MS)
    try:
        yield context.new_page()
    finally:
        context.close()


def _first(page: Page, url: str, mark: str) -> float:
    page.goto(url, wait_until="commit")
    page.wait_for_function(_MARK.format(mark=mark), polling=50)
    return float(page.evaluate(f"performance.getEntriesByName('{mark}')[0].startTime"))


def app_first_map(launched: Browser, server: Running, query: str = "") -> tuple[float, dict[str, float]]:
    """Milliseconds from navigation to the first complete map, and the map's frame (pixels, centre, zoom)."""
    with cold_page(launched) as page:
        taken = _first(page, f"{server.url}/?{query}", _APP_MARK)
        return taken, page.evaluate(_FRAME)


def bare_first_map(launched: Browser, server: Running, frame: dict[str, float], query: str = "") -> float:
    """The same for a MapLibre page of the same size with the same style and tiles and nothing else."""
    box = f"w={frame['w']:.0f}&h={frame['h']:.0f}"
    with cold_page(launched) as page:
        return _first(page, f"{server.url}/bench/maplibre?{box}&{query}", _OTHER_MARK)


def bare_changes(
    launched: Browser, server: Running, frame: dict[str, float], start: str, searches: list[str]
) -> list[float]:
    """Milliseconds of each filter change on the bare MapLibre page: the same expressions set on the same layers.

    What changes is read from the style the program draws for each search beforehand: no server takes part in the time.
    """
    box = f"w={frame['w']:.0f}&h={frame['h']:.0f}"
    with cold_page(launched) as page:
        _first(page, f"{server.url}/bench/maplibre?{box}&{start}", _OTHER_MARK)
        known = get_json(server, f"/bench/filters?{start}")
        times = []
        for search in searches:
            wanted = get_json(server, f"/bench/filters?{search}")
            changed = {layer: wanted[layer] for layer in wanted if wanted[layer] != known.get(layer)}
            page.evaluate(_AT_REST)
            times.append(float(page.evaluate("(filters) => window.filterTime(filters)", changed)))
            known = wanted
        return times


@dataclass(frozen=True)
class PlotlyRun:
    """First picture of the Plotly page and each filter change on it, ms."""

    first: float
    changes: tuple[float, ...]


def plotly_run(launched: Browser, server: Running, frame: dict[str, float], queries: list[str]) -> PlotlyRun:
    """The Plotly page with the same camera and size: its first picture, then the filters one after the other."""
    with cold_page(launched) as page:
        first = _first(page, f"{server.url}/bench/plotly?{urlencode(frame)}", _OTHER_MARK)
        changes = []
        for query in queries:
            page.evaluate(_AT_REST)
            changes.append(float(page.evaluate("(q) => window.filterTime(q)", query)))
        return PlotlyRun(first, tuple(changes))


def app_changes(launched: Browser, server: Running, start: str, searches: list[str]) -> list[Change]:
    """Set each search in turn on one page and record what follows it, until the page is quiet again."""
    with cold_page(launched) as page:
        _first(page, f"{server.url}/?{start}", _APP_MARK)
        page.wait_for_function(_TAKEN_OVER)
        page.wait_for_load_state("networkidle")
        return [_change(page, f"?{search}" if search else "") for search in searches]


def page_requests(launched: Browser, server: Running, path: str, searches: list[str]) -> list[Asked]:
    """What a page without a map of its own asks the server for: when it is opened, and at each search set in turn."""
    with cold_page(launched) as page:
        with _recorded(page) as opened:
            page.goto(f"{server.url}{path}")
            page.wait_for_selector("#page > *:not(.boot)")
        with _recorded(page) as changed:
            for search in searches:
                page.evaluate("(search) => window.dash_clientside.set_props('url', {search})", search)
                _settle(page, changed)
        return [_asked(request) for request in (*opened, *changed) if _is_state(request)]


def script_of(launched: Browser, server: Running, kind: Kind) -> Script:
    """What a browser of a kind of viewer asks for: at the opening of its page with nothing kept, then at each search."""
    with cold_page(launched) as page:
        page.context.add_cookies([{"name": "atlas_role", "value": kind.role, "url": server.url}])
        with _recorded(page) as opened:
            page.goto(f"{server.url}{kind.path}")
            page.wait_for_selector("#page > *:not(.boot)")
        changes = []
        for search in kind.searches:
            # The controls are told of every state, last of all: a slow browser is not taken for one that is done.
            with _recorded(page) as changed, page.expect_response(_tells_controls):
                page.evaluate("(search) => window.dash_clientside.set_props('url', {search})", search)
            changes.append(_step(changed))
        return Script(kind, _step(opened), tuple(changes))


def _tells_controls(response: Response) -> bool:
    body = response.request.post_data
    return body is not None and callback_name(body) == "facet-values"


def _step(requests: list[Request]) -> Step:
    def one(request: Request) -> tuple[str, str | None, float, float]:
        asked, timing = _asked(request), request.timing
        return asked.path, asked.body, timing["startTime"], timing["startTime"] + timing["responseEnd"]

    return step_of([one(request) for request in requests if not request.url.endswith("/now")])


def _settle(page: Page, asked: list[Request]) -> None:
    """Wait for half a second in which nothing was asked or answered."""
    seen = -1
    while seen != len(asked) or any(request.timing["responseEnd"] < 0 for request in asked):
        seen = len(asked)
        page.wait_for_timeout(500)


@contextmanager
def _recorded(page: Page) -> Iterator[list[Request]]:
    """Requests sent while the block runs and until the page is quiet again."""
    asked: list[Request] = []

    def on_request(request: Request) -> None:
        if request.url.startswith("http"):  # the map's worker has a blob for address
            asked.append(request)

    page.on("request", on_request)
    try:
        yield asked
        _settle(page, asked)
    finally:
        page.remove_listener("request", on_request)


def _is_state(request: Request) -> bool:
    return urlsplit(request.url).path in (CALLBACK_PATH, MAP_PATH)


def _asked(request: Request) -> Asked:
    parts = urlsplit(request.url)
    return Asked(request.url.removeprefix(f"{parts.scheme}://{parts.netloc}"), request.post_data)


def _change(page: Page, search: str) -> Change:
    page.evaluate(_AT_REST)
    with _recorded(page) as sent:
        taken: dict[str, float] = page.evaluate(_FILTER, search) or {}
    sizes = [(_short(request), request.sizes()) for request in sent]
    state = [request for request in sent if _is_state(request)]
    return Change(
        search=search,
        ms=taken.get("ms"),
        patch_ms=taken.get("patch"),
        answers=tuple((name, s["responseBodySize"] + s["responseHeadersSize"]) for name, s in sizes),
        tiles=sum(".mvt" in request.url for request in sent),
        with_geometry=sum(_has_coordinates(request.response()) for request in state),
        asked=tuple(_asked(request) for request in state),
    )


def _has_coordinates(answer: Response | None) -> bool:
    return answer is not None and answer.status == 200 and b'"coordinates"' in answer.body()


def _short(request: Request) -> str:
    """What a request was for: a callback's name, else the path."""
    path = urlsplit(request.url).path
    return callback_name(request.post_data or "") if path == CALLBACK_PATH else path
