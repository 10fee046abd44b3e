"""Binds the table of addresses to the server. Answers are private to the viewer and never cached on the way."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from werkzeug.exceptions import HTTPException, NotFound

from api import exports
from api.asked import Asked
from api.endpoints import ENDPOINTS, Endpoint, Own
from api.openapi import GEOJSON, JSON, document
from api.problems import MEND, STATUS, answer_error, answer_http_error, private
from api.shapes import Health, Shape
from data import models as m
from data.db import read_session
from data.queries.catalogue import data_version
from layers.tiles import TileStore
from settings import get_settings
from web import current_viewer

FORMAT = Own("format", "", "", values=("json", "geojson"))

blueprint = Blueprint("api", __name__)


def _reply(answer: Shape, mimetype: str = JSON, status: int = 200) -> Response:
    return private(Response(answer.model_dump_json(exclude_unset=True), status, mimetype=mimetype))


def _wants_features(endpoint: Endpoint) -> bool:
    """Whether GeoJSON is asked for; ``format`` outweighs the Accept header. Raises BadParameter."""
    if endpoint.features is None:
        return False
    if request.args.get("format", "").strip():
        return bool(FORMAT.read(request.args["format"]) == "geojson")
    return request.accept_mimetypes.best_match([JSON, GEOJSON], JSON) == GEOJSON


def _view(endpoint: Endpoint) -> Any:
    own_names = {o.name for o in endpoint.own} | ({"format"} if endpoint.features else set())

    def view(**path: str) -> ResponseReturnValue:
        features = _wants_features(endpoint)
        own = {o.name: o.read(request.args.get(o.name)) for o in endpoint.own}
        search = request.query_string.decode("utf-8", "replace")
        with read_session() as session:
            asked = Asked.of(
                session, current_viewer(), search, facets=endpoint.facets, own=own_names, scoped=endpoint.scoped
            )
            if features and endpoint.features is not None:
                return _reply(endpoint.features(asked, **path, **own), GEOJSON)
            return _reply(endpoint.answer(asked, **path, **own))

    return view


for _endpoint in ENDPOINTS:
    blueprint.add_url_rule("/api/v1" + _endpoint.path, _endpoint.name, _view(_endpoint), methods=["GET"])
for _blueprint in (blueprint, exports.blueprint):
    for _kind in STATUS:
        _blueprint.register_error_handler(_kind, answer_error)
    _blueprint.register_error_handler(500, answer_http_error)  # before the page that the application has for it


@blueprint.get("/api/v1/openapi.json")
def openapi() -> Response:
    """The description of this API."""
    return private(jsonify(document()))


@blueprint.route("/api/", defaults={"rest": ""})
@blueprint.route("/api/<path:rest>")
def elsewhere(rest: str) -> Response:
    """Any other address below /api/ is a problem document, not a page."""
    raise NotFound


@lru_cache(maxsize=4)
def _tile_store(folder: Path) -> TileStore:
    return TileStore(folder)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database is filled and the tiles of its version are whole, else 503 with what is wrong."""
    problems: list[str] = []
    version: int | None = None
    filled = False
    try:
        with read_session() as session:
            version = data_version(session)
            filled = session.scalar(select(m.Meta.value).where(m.Meta.key == "state")) == "complete"
    except DatabaseError as error:
        problems.append(f"The database does not answer ({type(error).__name__}). Run: {MEND}")
    if version is not None and not filled:
        problems.append(f"The database is not filled. Run: {MEND}")
    broken = _tile_store(get_settings().tiles_dir).problem(version) if version is not None else None
    if broken is not None:
        problems.append(str(broken))
    ready = version is not None and filled and broken is None
    answer = Health(
        status="ok" if ready else "unavailable",
        database=version is not None,
        complete=filled,
        data_version=version,
        tiles=version is not None and broken is None,
        problems=problems,
    )
    return _reply(answer, status=200 if ready else 503)


def register(server: Flask) -> None:
    """Add the API to `server`; errors below /api/ become problem documents, those of pages stay as they are."""
    server.register_blueprint(blueprint)
    server.register_blueprint(exports.blueprint)
    server.register_error_handler(HTTPException, answer_http_error)
