"""Binds the table of addresses to the server. Answers are private to the viewer and never cached on the way."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound

from api import exports
from api.asked import Asked
from api.endpoints import ENDPOINTS, Endpoint, Own
from api.openapi import GEOJSON, JSON, document
from api.problems import STATUS, answer_error, answer_http_error, private
from api.shapes import Building, Health, Shape
from data.db import read_session
from layers.condition import condition
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
            asked = Asked.understood(
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


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database is filled and sound and there is a map to show, else 503 with what is wrong.

    Between a change of the data and its tiles the map shows the version before: that is "behind", and still 200.
    """
    found = condition()
    behind = found.building
    answer = Health(
        status="unavailable" if not found.ready else "ok" if behind is None else "behind",
        database=found.stored is not None,
        complete=found.filled,
        data_version=found.shown,
        database_version=found.stored,
        tiles=found.shown is not None,
        building=behind
        and Building(
            state=behind.state,
            reason=behind.reason or None,
            tries=behind.tries,
            seconds_to_next_try=max(0, round(behind.next_try - time.time())) if behind.state == "failed" else None,
        ),
        problems=list(found.problems),
        notice=found.notice,
    )
    return _reply(answer, status=200 if found.ready else 503)


def register(server: Flask) -> None:
    """Add the API to `server`; errors below /api/ become problem documents, those of pages stay as they are."""
    server.register_blueprint(blueprint)
    server.register_blueprint(exports.blueprint)
    server.register_error_handler(HTTPException, answer_http_error)
