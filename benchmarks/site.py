"""What gunicorn serves while measuring: the program itself and, beside it, the pages it is compared with.

Each answer says in ``X-Bench-*`` headers how many SQL statements it took, and how often the state was resolved and its filter
made; ``/bench/fresh`` makes the worker forget what it has worked out since the start.

``/bench/maplibre`` is a bare MapLibre page with the program's own style and tiles. ``/bench/plotly`` is a Plotly choropleth
over the same parcels: the GeoJSON by URL, loaded once, and a new figure from the server for each filter, as Dash would.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Collection, Hashable
from functools import wraps
from pathlib import Path
from string import Template
from typing import Any

import plotly
from flask import Response, g, has_request_context, jsonify, request, send_file
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app import server, warm
from benchmarks.build import PARCELS_FILE
from callbacks.answers import ANSWERS
from callbacks.map import TILE_URL, spec_of
from callbacks.request import current_viewer
from data import models as m
from data.db import get_engine, read_session
from data.kept import VALUES
from data.queries.catalogue import Catalogue, catalogue
from data.queries.filter_sql import entity_conditions
from data.queries.question import Question
from domain.filters import filter_of
from layers.style import MAX_ZOOM
from settings import get_settings

COUNTED = ("sql", "resolve", "filter")


def _count(what: str, of: Hashable = None) -> None:
    if has_request_context():
        g.setdefault("bench_counts", Counter())[what, of] += 1


def _counted(what: str, function: Callable[..., Any], place: int) -> Callable[..., Any]:
    """`function`, with its calls counted for each state, which is its argument `place`."""

    @wraps(function)
    def counting(*args: Any, **kwargs: Any) -> Any:
        _count(what, args[place])
        return function(*args, **kwargs)

    return counting


def _count_calls() -> None:
    """Count the statements of every connection, and the calls of `Catalogue.resolve` and `filter_of` wherever imported."""

    @event.listens_for(get_engine(), "before_cursor_execute")
    def _statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            _count("sql")

    Catalogue.resolve = _counted("resolve", Catalogue.resolve, 1)  # type: ignore[method-assign]
    original = filter_of
    counting = _counted("filter", original, 0)
    for module in list(sys.modules.values()):
        if getattr(module, "filter_of", None) is original:
            vars(module)["filter_of"] = counting


_count_calls()


@server.after_request
def say_counts(response: Response) -> Response:
    """Write down what the request took: all statements, and how often at most one state was resolved and its filter made."""
    counts: Counter[tuple[str, Hashable]] = g.get("bench_counts", Counter())
    for what in COUNTED:
        response.headers[f"X-Bench-{what}"] = str(
            max((n for (name, _of), n in counts.items() if name == what), default=0)
        )
    return response


@server.before_request
def anew() -> None:
    """What is measured one at a time is worked out each time."""
    if "X-Bench-Anew" in request.headers:
        ANSWERS.forget()


@server.get("/bench/fresh")
def fresh() -> Response:
    """Forget every answer, and be as warm as a server that has just started."""
    VALUES.forget()
    ANSWERS.forget()
    warm(server)
    return Response(status=204)


_PAGES = Path(__file__).resolve().parent / "pages"
_PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def _page(name: str, **values: object) -> Response:
    text = Template((_PAGES / name).read_text(encoding="utf-8"))
    written = {key: json.dumps(value, ensure_ascii=False).replace("</", "<\\/") for key, value in values.items()}
    return Response(text.substitute(written), mimetype="text/html")


def _question(session: Session, own: Collection[str] = ()) -> Question:
    return Question.asked(session, current_viewer(), request.query_string.decode(), own=own)


_PLOTLY_GZ = gzip.compress(_PLOTLY.read_bytes(), 6)


@server.get("/bench/maplibre")
def bare_maplibre() -> Response:
    """The map of the state in the query and nothing else, in a box of ``w`` × ``h`` pixels."""
    with read_session() as session:
        spec = spec_of(_question(session, own=("w", "h")), "wall")
    return _page(
        "maplibre.html",
        style=spec["style"],
        camera=spec["camera"],
        images=spec["images"],
        width=int(request.args["w"]),
        height=int(request.args["h"]),
    )


@server.get("/bench/filters")
def filters() -> Response:
    """The filter of each layer in the style of the state in the query, null for none."""
    with read_session() as session:
        style = spec_of(_question(session), "wall")["style"]
    return jsonify({layer["id"]: layer.get("filter") for layer in style["layers"]})


@server.get("/bench/plotly")
def plotly_page() -> Response:
    """A Plotly choropleth of the parcels in a box of ``w`` × ``h`` pixels with its centre at ``lon``, ``lat``, ``zoom``."""
    names = ("w", "h", "lon", "lat", "zoom")
    return _page("plotly.html", **{name: float(request.args[name]) for name in names})


@server.get("/bench/plotly.min.js")
def plotly_library() -> Response:
    """Plotly from the installed package; compressed beforehand, so that the comparison page does not pay for it."""
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store"}
    return Response(_PLOTLY_GZ, mimetype="text/javascript", headers=headers)


@server.get("/bench/parcels.geojson")
def parcels_geojson() -> Response:
    """All parcels, compressed beforehand."""
    response = send_file(get_settings().var_dir / PARCELS_FILE, mimetype="application/geo+json")
    response.headers["Content-Encoding"] = "gzip"
    return response


@server.get("/bench/figure")
def plotly_figure() -> Response:
    """What a Dash callback would answer to a filter: ids and land-use class of the parcels that the state selects."""
    parcel = m.LandParcel
    with read_session() as session:
        question = _question(session)
        rows = session.execute(
            select(parcel.id, parcel.status_code)
            .where(
                parcel.provenance == question.at.provenance,
                parcel.zone_code.in_(question.at.zones),
                *entity_conditions("parcel", question.filter),
            )
            .order_by(parcel.id)
        ).all()
        number = {code: i for i, code in enumerate(sorted({c.code[:2] for c in question.known.landuse.values()}))}
    return jsonify({"locations": [i for i, _ in rows], "z": [number.get((c or "")[:2]) for _, c in rows]})


@server.get("/bench/tiles")
def tile_list() -> Response:
    """The fixed list of tiles to ask for: at each zoom an even choice of those over the zones, of land, then of projects."""
    with read_session() as session:
        known = catalogue(session)
        boxes = [z.bounds for z in known.scheme_zones(known.default_scheme)]
        url = TILE_URL.replace("{version}", str(known.data_version))
    chosen = []
    for zoom in range(9, MAX_ZOOM + 1):
        over = sorted({tile for box in boxes for tile in _tiles(box, zoom)})
        step = max(1, len(over) // 25)
        for archive in ("land-demo", "projects-demo"):
            chosen += [url.format(archive=archive, z=zoom, x=x, y=y) for x, y in over[::step]]
    return jsonify(chosen)


def _tiles(box: tuple[float, float, float, float], zoom: int) -> list[tuple[int, int]]:
    west, north = _tile_at(box[0], box[3], zoom)
    east, south = _tile_at(box[2], box[1], zoom)
    return [(x, y) for x in range(west, east + 1) for y in range(north, south + 1)]


def _tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    n = 1 << zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * n), int(y * n)
