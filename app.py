"""Builds the application: the one place that wires everything. ``server`` is what gunicorn serves."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import escape
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from dash import Dash
from dash.exceptions import DependencyException
from dash.fingerprint import check_fingerprint
from flask import Flask, Response, abort, jsonify, request, send_from_directory

import api
from callbacks import (
    chains,
    explain,
    guard,
    ledger,
    park,
    part,
    per_mu,
    router,
    search,
    state,
    switches,
    table,
    wall,
)
from callbacks import data as data_callbacks
from callbacks import map as map_callbacks
from callbacks.answers import ANSWERS, COMPRESS, TURN, Answer, answer, asker, file
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from data.store import check
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from i18n import language
from layers.tiles import TileProblem, archives_for, tile_store
from settings import ROOT, get_settings
from views import refused, shell
from views.pages import page_at
from views.parts.charts import Point, trend_figure
from views.parts.map_frame import map_texts
from web import CHOICES, refusal, remember

_FOREVER = 365 * 86400
_DATA = frozenset({"application/json", "application/geo+json", "application/vnd.mapbox-vector-tile"})
_ASSETS = ROOT / "assets"
_INDEX = (ROOT / "views" / "index.html").read_text(encoding="utf-8")


@cache
def _maplibre_folder() -> Path:
    """Folder of MapLibre's files, found without importing the package: its Python side pulls in notebooks."""
    spec = find_spec("maplibre")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package maplibre is not installed; type: make run")
    return Path(next(iter(spec.submodule_search_locations))) / "srcjs"


def _vendor_address(name: str) -> str:
    return f"/vendor/maplibre/{name}?m={_mark(_maplibre_folder() / name)}"


def create_app() -> Dash:
    """The Dash application with every route, callback and header.

    Raises data.store.DatabaseProblem when the database is missing, half written or of another version.
    """
    settings = get_settings()
    check(settings)
    server = Flask("atlas")
    server.config["COMPRESS_MIMETYPES"] = [
        "text/html", "text/css", "application/json", "application/geo+json", "application/javascript", "text/javascript",
        "image/svg+xml",
    ]  # fmt: skip
    server.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
    COMPRESS.init_app(server)
    _front_door(server)
    app = Dash(
        "atlas",
        server=server,
        assets_folder=str(_ASSETS),
        assets_ignore=r"^map\.js$",  # the page loads it itself, before Dash: see _early_map
        title="核区一张图 CoreZone Atlas",
        update_title=None,
        suppress_callback_exceptions=True,
        compress=False,
        index_string=_INDEX.replace("/vendor/maplibre/maplibre-gl.css", _vendor_address("maplibre-gl.css")).replace(
            "/assets/favicon.svg", f"/assets/favicon.svg?m={_mark(_ASSETS / 'favicon.svg')}"
        ),  # a browser asks for the icon whenever the address changes: it is kept
        serve_locally=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.renderer = "atlas.startDash();"  # assets/map.js
    app.layout = lambda: shell.frame(part.FOLLOWED)
    _vendor(server)
    _files(server)
    _tiles(server)
    _headers(server)
    api.register(server)
    for module in (
        router,
        part,
        state,
        map_callbacks,
        wall,
        park,
        chains,
        per_mu,
        table,
        search,
        switches,
        explain,
        ledger,
        data_callbacks,
    ):
        module.register(app)
    guard.register(app)
    with server.test_request_context("/"):
        app.index()
    warm(server)
    return app


def warm(app: Flask) -> None:
    """Do once, before the workers are forked, what each would otherwise do for whoever opens a page first.

    Most of what a page is drawn from is the same for every viewer, and stays: the pages that read most are drawn as the
    leaders see them, and a park as promoters do too, for whom it is worked out what gives no firm away.
    """
    # Plotly looks for a module of pandas that another thread may be half way through loading: it is loaded here, whole.
    import_module("pandas")
    trend_figure([Point("2026-01", 1.0), Point("2026-02", 2.0)], unit="")
    leaders, promoters, park = Role.LEADERSHIP, Role.PROMOTER, "/park/<code>"
    pages = ((leaders, "/"), (leaders, "/projects"), (promoters, park), (leaders, park), (leaders, "/chains"))
    with ThreadPoolExecutor(2) as pool:  # one draws while the database reads for the other
        for drawn in [pool.submit(_draw, app, *page) for page in pages]:
            drawn.result()
    gc.freeze()  # the workers share what is there now: the collector need not walk through it again and again


def _draw(app: Flask, role: Role, path: str) -> None:
    """Draw a page as a role sees it, the first park where it is about one."""
    with app.test_request_context("/"), read_session() as session:
        question = Question.of(session, Viewer(role), ViewState())
        if found := page_at(path.replace("<code>", next(iter(question.at.zones), ""))):
            page, code = found
            page.drawn(question, code)
        if path == "/":
            map_callbacks.spec_of(question, "wall")


def _front_door(server: Flask) -> None:
    """Answer only what is addressed to this machine and comes from our own pages, before anything else looks at it."""

    @server.before_request
    def refuse() -> Response | None:
        reason = refusal(request)
        if reason is not None:
            return refused.answer(reason)
        if "\0" in request.path or b"%00" in request.query_string:
            abort(400)  # no text of ours holds it, and PostgreSQL takes none
        return None


def _vendor(server: Flask) -> None:
    folder = _maplibre_folder()

    @server.get("/vendor/maplibre/<path:name>")
    def maplibre_file(name: str) -> Response:
        """MapLibre from the installed package; nothing is loaded from another host."""
        if name not in ("maplibre-gl.js", "maplibre-gl.css"):
            abort(404)
        return send_from_directory(folder, name)


def _files(server: Flask) -> None:
    """Files of the page are compressed once, and for ever the browser's where their address says which they are."""

    def kept(endpoint: str, known: Callable[..., bool]) -> None:
        view = server.view_functions[endpoint]

        def given(**place: str) -> Response:
            response = file(request.path, lambda: view(**place))
            if response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
                lasts = known(**place)
                response.headers["Cache-Control"] = f"public, max-age={_FOREVER}, immutable" if lasts else "no-cache"
            return response

        server.view_functions[endpoint] = given

    kept("maplibre_file", lambda name: request.args.get("m") == _mark(_maplibre_folder() / name))
    kept("_dash_assets.static", lambda filename: request.args.get("m") == _mark(_ASSETS / filename))
    kept(
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        lambda package_name, fingerprinted_path: check_fingerprint(fingerprinted_path)[1],
    )
    for path in ("/_dash-layout", "/_dash-dependencies"):
        view = server.view_functions[path]
        server.view_functions[path] = lambda view=view, path=path: answer(path, view)


def _mark(path: Path) -> str:
    """What tells one state of a file from another in its address; Dash writes it the same way."""
    return str(path.stat().st_mtime)


def _tiles(server: Flask) -> None:
    settings = get_settings()

    @server.get("/tiles/<int:version>/<archive>/<int:z>/<int:x>/<int:y>.mvt")
    def tile(version: int, archive: str, z: int, x: int, y: int) -> Response:
        """One vector tile, through the gate; an empty tile is 204, one of a version that is not there or not whole 404."""
        viewer = current_viewer()
        open_to_viewer = {
            name for d in Dataset for name in archives_for(viewer, d.provenance, reviewed=bool(settings.map_review_no))
        }
        if archive not in open_to_viewer:
            abort(403)
        try:
            found = tile_store().get(version, archive, z, x, y)
        except TileProblem:
            return Response(status=404, headers={"Cache-Control": "no-store"})  # it may come to be
        if found is None:
            response = Response(status=204)
        else:
            response = Response(found, mimetype="application/vnd.mapbox-vector-tile")
            response.headers["Content-Encoding"] = "gzip"
        # The role is part of the answer, so only the reader's own browser may keep it.
        response.headers["Cache-Control"] = f"private, max-age={_FOREVER}, immutable"
        response.headers["Vary"] = "Cookie"
        return response


def _early_map() -> str:
    """Start of the page: the map's scripts, and on the wall its first picture, drawn while Dash still loads.

    The spec is the one the page's own store gets; the bridge moves the running map into the page's container.
    """
    scripts = "".join(
        f'<script src="{address}"></script>'
        for address in (_vendor_address("maplibre-gl.js"), f"/assets/map.js?m={_mark(_ASSETS / 'map.js')}")
    )
    if request.path != "/":
        return scripts
    search = request.query_string.decode("utf-8", "replace")

    def spec_of_state() -> Answer:
        with TURN, read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            found = json.dumps(map_callbacks.spec_of(question, "wall"), ensure_ascii=False)
        return Answer((), found.encode())

    found = ANSWERS.get(("early map", search, *asker()), spec_of_state)
    spec = found.body.decode().replace("<", "\\u003c")  # no text in it can end the element it stands in
    strings = escape(json.dumps(map_texts(), ensure_ascii=False))
    return (
        '<div class="map-frame map-early">'
        f'<div id="early-map" class="map-host" data-map-id="map" data-strings="{strings}"></div></div>'
        f'<script id="early-spec" type="application/json">{spec}</script>{scripts}'
    )


def _headers(server: Flask) -> None:
    policy = "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "connect-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )

    nothing = "default-src 'none'"  # of what is no page; it comes with each of a dozen answers

    @server.after_request
    def secure(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", nothing if response.mimetype in _DATA else policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.mimetype in ("text/html", "application/json") and not response.cache_control:
            # Drawn for one reader: after a switch, or a step back, the browser must ask again.
            response.headers["Cache-Control"] = "private, no-store"
        if response.mimetype == "text/html":
            if response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):  # a page that is shut to its reader too
                for cookie, choices in CHOICES.items():
                    if request.cookies.get(cookie) in choices:
                        remember(response, cookie, request.cookies[cookie])
            page = response.get_data(as_text=True)
            page = page.replace("{lang}", "zh-CN" if language() == "zh" else language())
            response.set_data(page.replace("{early}", _early_map() if "{early}" in page else ""))
        return response

    @server.errorhandler(DependencyException)
    def no_such_file(_error: DependencyException) -> tuple[str, int]:
        return "", HTTPStatus.NOT_FOUND  # of a component library; Dash has the error, but no answer for it

    @server.errorhandler(500)
    def failed(error: Exception) -> tuple[Response, int]:
        logging.getLogger("atlas").exception("unhandled error on %s", request.path, exc_info=error)
        return jsonify({"title": "服务器内部错误 Internal error", "status": 500}), 500


app = create_app()
server = app.server
