"""Binds the table of addresses to the server. Answers are private to the viewer and never cached on the way."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import make_url, select
from sqlalchemy.exc import DatabaseError
from werkzeug.exceptions import HTTPException, NotFound

from api import exports
from api.asked import Asked
from api.endpoints import ENDPOINTS, Endpoint, Own
from api.openapi import GEOJSON, JSON, document
from api.problems import MEND, STATUS, answer_error, answer_http_error, private
from api.shapes import Building, Health, Shape
from data import models as m
from data import store
from data.db import read_session
from data.queries.catalogue import data_version
from i18n import N_, _
from layers import keeper
from layers.tiles import shown_version, tile_store
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


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database is filled and sound and there is a map to show, else 503 with what is wrong.

    Between a change of the data and its tiles the map shows the version before: that is "behind", and still 200.
    """
    problems: list[str] = []
    stored: int | None = None
    shown: int | None = None
    filled = False
    said = keeper.told()
    try:
        with read_session() as session:
            stored = data_version(session)
            filled = session.scalar(select(m.Meta.value).where(m.Meta.key == "state")) == store.COMPLETE
            shown = shown_version(session)
    except DatabaseError as error:
        if not said.damage:
            problems.append(_why_unusable(error))
    if said.damage:
        problems.append(str(store.damaged(Path(make_url(get_settings().sqlalchemy_url).database or ""), said.damage)))
    if stored is not None and not filled:
        problems.append(f"The database is not filled. Run: {MEND}")
    building = None
    if stored is not None and shown != stored:
        building = _building(said if said.version == stored else keeper.Told())
        if shown is None:
            problems.append(str(tile_store().problem(stored)))
        if building.reason:
            problems.append(f"The tiles of data version {stored} could not be built: {building.reason}")
    usable = filled and not said.damage
    ready = usable and shown is not None
    answer = Health(
        status="unavailable" if not ready else "ok" if shown == stored else "behind",
        database=stored is not None,
        complete=filled,
        data_version=shown,
        database_version=stored,
        tiles=shown is not None,
        building=building,
        problems=problems,
        notice=_notice(usable, building),
    )
    return _reply(answer, status=200 if ready else 503)


def _why_unusable(error: DatabaseError) -> str:
    """What keeps the database from answering, with the command that mends it."""
    try:
        store.check(get_settings())
    except store.DatabaseProblem as problem:
        return str(problem)
    return f"The database did not answer ({error.orig})."


def _building(said: keeper.Told) -> Building:
    left = max(0, round(said.next_try - time.time())) if said.state == "failed" else None
    return Building(state=said.state, reason=said.reason or None, tries=said.tries, seconds_to_next_try=left)


#: Reasons of the operating system that a page can say in the reader's language.
_REASONS = {
    "No space left on device": N_("磁盘已满"),
    "Read-only file system": N_("磁盘只读"),
    "Permission denied": N_("没有写入权限"),
}


def _notice(usable: bool, building: Building | None) -> str:
    if not usable:
        return _("数据库无法使用,画面为最后一次成功的内容;原因与处理办法见 /healthz")
    if building is None:
        return ""
    if not building.reason:
        return _("新数据已入库,地图正在更新,画面暂为上一版")
    reason = next((_(text) for words, text in _REASONS.items() if words in building.reason), building.reason)
    return _("新数据已入库,地图未能更新({reason}),画面暂为上一版;系统会自动重试", reason=reason)


def register(server: Flask) -> None:
    """Add the API to `server`; errors below /api/ become problem documents, those of pages stay as they are."""
    server.register_blueprint(blueprint)
    server.register_blueprint(exports.blueprint)
    server.register_error_handler(HTTPException, answer_http_error)
