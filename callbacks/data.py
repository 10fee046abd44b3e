"""The data page: files come up by a route of their own, the work runs beside the pages, and the page watches it."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, overload

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Response, abort, jsonify, request, send_file
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from callbacks.import_job import ASKED, CHECKED, DONE, PREVIEW, Job, Refused, disk_problem, find_job, new_job
from callbacks.map import spec_of
from callbacks.posted import DataAct, JobAsked
from callbacks.request import ROLE_COOKIE, current_viewer
from data.db import read_session
from data.imports.problem import MB, ImportProblem
from data.imports.tables import TABLES
from data.imports.told import DATUM_ASKED, Asked, Step, Target
from data.imports.told import State as Progress
from data.imports.values import units_beside
from data.imports.words import text
from data.queries.catalogue import catalogue
from data.queries.question import Question
from domain.datum import Datum
from domain.viewer import Viewer
from domain.viewstate import Dataset, ViewState, to_query
from i18n import _
from settings import Settings, get_settings
from views.pages import data
from views.parts.map_frame import register_clientside
from web import remember

if TYPE_CHECKING:
    pass

_CHUNK = 1 << 20


def register(app: Dash) -> None:
    """Bind the upload, the steps of an import, and taking back."""
    _routes(app)
    register_clientside(app, "preview")

    @app.callback(
        Output("data-progress", "children"),
        Output("data-body", "children"),
        Output("data-batches", "children"),
        Output("data-stage", "data"),
        Output("data-tick", "disabled"),
        Output("data-steps", "children"),
        Input("data-job", "data"),
        Input("data-tick", "n_intervals"),
        State("data-stage", "data"),
        prevent_initial_call=True,
    )
    def watch(job_: JobAsked | None, _ticks: int | None, stage: str | None) -> tuple[Any, ...]:
        job = _job(job_, gone_is_said=True)
        if job is None:
            return data.problem(_("没有导入"), text("upload_gone", {})), None, no_update, None, True, data.steps(1)
        if job.refused:
            job.refuse()  # its process cannot where it was killed
        state = job.state()
        now = f"{job.token}/{state.step}/{state.state}"
        busy = state.state == "running"
        if now == stage and not busy:
            return no_update, no_update, no_update, no_update, True, no_update
        shown = data.progress(state, job.token)
        if busy:
            return shown, no_update, no_update, now, False, no_update
        with read_session() as session:
            found = data.batch_list(data.batches_of(session)) if state.step == "commit" else no_update
            good = state.state == "done" or state.code == DATUM_ASKED
            body = _body(session, job, state) if good else None if job.refused else no_update
            return (
                shown,
                body,
                found,
                now,
                True,
                _steps(job, state) if good else data.steps(1) if job.refused else no_update,
            )

    @app.callback(
        Output("data-undoing", "children"),
        Output("data-batches", "children", allow_duplicate=True),
        Output("data-undo-tick", "disabled"),
        Input("data-undo-job", "data"),
        Input("data-undo-tick", "n_intervals"),
        prevent_initial_call=True,
    )
    def watch_undo(job_: JobAsked | None, _ticks: int | None) -> tuple[Any, ...]:
        job = _job(job_)
        state = job.state()
        shown = data.progress(state, job.token)
        if state.state == "running":
            return shown, no_update, False
        with read_session() as session:
            return shown, data.batch_list(data.batches_of(session)), True

    @app.callback(
        Output("data-undo-job", "data"),
        Output("data-tick", "disabled", allow_duplicate=True),
        Output("data-progress", "children", allow_duplicate=True),
        Output("data-undoing", "children", allow_duplicate=True),
        Input("data-act", "data"),
        State("data-job", "data"),
        State("data-table", "value", allow_optional=True),
        State("data-sheet", "value", allow_optional=True),
        State("data-crs", "value", allow_optional=True),
        State("data-datum", "value", allow_optional=True),
        State("data-scheme", "value", allow_optional=True),
        State("data-all", "checked", allow_optional=True),
        State("data-blanks", "checked", allow_optional=True),
        State("data-save", "value", allow_optional=True),
        State("data-year", "value", allow_optional=True),
        State({"data-column": ALL}, "value"),
        State({"data-unit": ALL}, "value"),
        State({"data-constant": ALL}, "value"),
        prevent_initial_call=True,
    )
    def act(
        said: DataAct | None, job_: JobAsked | None, table: str | None, sheet: str | None, crs: str | None,
        datum: str | None, scheme: str | None, whole: bool | None, blanks: bool | None, save: str | None,
        year: float | str | None, columns: list[str | None], units: list[str | None],
        constants: list[str | float | bool | None],
    ) -> tuple[Any, Any, Any, Any]:  # fmt: skip
        viewer = current_viewer()
        if not said or not data.may_import(viewer) or (said["act"] == "undo" and "batch" not in said):
            raise PreventUpdate
        if said["act"] == "cancel":
            _job(JobAsked(job=said.get("job", ""))).cancel()
            raise PreventUpdate
        undoing: Job | None = None
        try:
            if said["act"] == "undo":
                undoing = new_job(get_settings(), Asked(role=viewer.role.value, batch=said["batch"]))
                undoing.start("undo")
                return {"job": undoing.token}, no_update, no_update, no_update
            job = _job(job_, gone_is_said=True)
            if job is None:
                raise Refused(410, "upload_gone")
            step: Step = "commit" if said["act"] == "commit" else "check"
            if step == "check":
                names, of_unit, given = (
                    [s["id"][kind] for s in ctx.states_list[place]]
                    for place, kind in ((10, "data-column"), (11, "data-unit"), (12, "data-constant"))
                )
                unit_of = dict(zip(of_unit, units, strict=True))
                chosen = said.get("datum") or (None if datum == data.AUTO else datum)
                asked = replace(
                    job.asked, table=table, of=table, sheet=sheet, crs=(crs or "").strip() or None, scheme=scheme,
                    datum=Datum(chosen) if chosen in set(Datum) else None, all_or_nothing=bool(whole), blanks_clear=bool(blanks),
                    save_as=(save or "").strip()[:80], year=int(year) if isinstance(year, (int, float)) else None,
                    columns={n: _wanted(table, v, unit_of.get(n)) for n, v in zip(names, columns, strict=True)},
                    constants={n: v for n, v in zip(given, constants, strict=True) if v},
                )  # fmt: skip
                job.write(ASKED, asked)
            job.start(step)
            return no_update, False, no_update, no_update
        except (Refused, OSError) as error:
            if undoing is not None:
                undoing.remove()
            why = _why(error)
            if said["act"] == "undo":
                return no_update, no_update, no_update, data.problem(_("没有撤销"), why)
            return no_update, True, data.problem(_("没有导入"), why), no_update

    @app.callback(
        Output("data-tick", "disabled", allow_duplicate=True),
        Input("data-table", "value"),
        Input("data-sheet", "value"),
        State("data-job", "data"),
        prevent_initial_call=True,
    )
    def look_again(table: str | None, sheet: str | None, job_: JobAsked | None) -> bool:
        """Another table or sheet: the columns are suggested anew."""
        job = _job(job_)
        looked = job.looked
        if looked is None or (table == looked.mapping.table and sheet == looked.sheet):
            raise PreventUpdate
        job.write(ASKED, replace(job.asked, table=table, sheet=sheet, of=None, columns={}, constants={}))
        job.start("look")
        return False

    @app.callback(
        Output("preview-spec", "data"),
        Input("data-stage", "data"),
        State("data-job", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def preview(stage: str | None, job_: JobAsked | None, search: str | None) -> Any:
        job = _job(job_)
        if (
            not {"look", "check"} & set((stage or "").split("/"))
            or job.state().state == "running"
            or not job.preview.is_file()
        ):
            raise PreventUpdate
        with read_session() as session:
            return preview_spec(Question.asked(session, current_viewer(), search), job)


def _wanted(table: str | None, field: str | None, unit: str | None) -> Target:
    """What a column is to be read as; a unit that was chosen for another field says nothing of this one."""
    if field is None or field == data.SKIP:
        return Target(None)
    into = TABLES.get(table or "")
    known = into.by_name.get(field) if into is not None else None
    fits = known is not None and unit in units_beside(known.unit)
    return Target(field, unit if fits else None)


@overload
def _job(said: JobAsked | None) -> Job: ...
@overload
def _job(said: JobAsked | None, *, gone_is_said: bool) -> Job | None: ...
def _job(said: JobAsked | None, *, gone_is_said: bool = False) -> Job | None:
    """The job a page speaks of; raises PreventUpdate for none, or for who may not import.

    One that is gone by now is None where that `gone_is_said`.
    """
    token = said["job"] if said else None
    job = find_job(get_settings(), token)
    if (job is None and not (token and gone_is_said)) or not data.may_import(current_viewer()):
        raise PreventUpdate
    return job


def _why(error: Refused | OSError) -> str:
    """In words why a file or an order was not taken. Raises an error again that says nothing of the disk."""
    if isinstance(error, Refused):
        return error.text()
    code = disk_problem(error)
    if code is None:
        raise error
    return text(code, {})


def _body(session: Session, job: Job, state: Progress) -> Component | None:
    asked, looked = job.asked, job.looked
    if state.step == "commit":
        done = job.read(DONE)
        return data.done_block(job.token, done, job.report.is_file(), to_query(_own(session, job))) if done else None
    if looked is None:
        return None
    if state.step == "look":
        return data.looked_block(session, asked, looked)
    asks, checked = state.code == DATUM_ASKED, job.read(CHECKED)
    about = data.datum_question(state.values) if asks else data.checked_block(job.token, checked) if checked else None
    return data.html.Div([data.mapping_form(session, asked, looked), about])


def _steps(job: Job, state: Progress) -> Component:
    """What the import has come to; a question about the coordinates stands between the first step and the second."""
    asked, looked = job.asked, job.looked
    if looked is None:
        return data.steps(1)
    checked = job.read(CHECKED) if state.step == "check" and state.code != DATUM_ASKED else None
    return data.come_to(asked, looked, checked, job.read(DONE) if state.step == "commit" else None)


def _own(session: Session, job: Job) -> ViewState:
    """The map of the scheme that the file was brought in for, with the owner's records."""
    scheme = job.asked.scheme or ""
    return ViewState(scheme="" if scheme == catalogue(session).default_scheme else scheme, dataset=Dataset.OWN)


def preview_spec(question: Question, job: Job) -> dict[str, Any]:
    """The desk map with boundaries and zones alone, and the rows of the file over them."""
    plain = ViewState(scheme=job.asked.scheme or question.state.scheme, layers=("district", "zone"))
    spec = spec_of(question.about(plain), "park")
    style = spec["style"]
    style["layers"] = [x for x in style["layers"] if x["id"].startswith(("ground", "district", "zone", "axis"))]
    used = {x["source"] for x in style["layers"] if "source" in x}
    style["sources"] = {name: source for name, source in style["sources"].items() if name in used}
    style["sources"]["rows"] = {"type": "geojson", "data": f"/data/preview/{job.token}.json"}
    colour = ["match", ["get", "datum"], "WGS84", data.AS_IT_IS, data.CONVERTED]
    style["layers"] += [
        {"id": "rows-fill", "type": "fill", "source": "rows", "filter": ["==", ["geometry-type"], "Polygon"],
         "paint": {"fill-color": colour, "fill-opacity": 0.35, "fill-outline-color": colour}},
        {"id": "rows-line", "type": "line", "source": "rows", "filter": ["==", ["geometry-type"], "LineString"],
         "paint": {"line-color": colour, "line-width": 2}},
        {"id": "rows-point", "type": "circle", "source": "rows", "filter": ["==", ["geometry-type"], "Point"],
         "paint": {"circle-color": colour, "circle-radius": 3, "circle-stroke-color": "#FFFFFF", "circle-stroke-width": 0.6}},
    ]  # fmt: skip
    drawn = job.read(PREVIEW)
    if drawn is not None and drawn.bbox is not None:
        west, south, east, north = drawn.bbox
        spec["camera"] |= {"bounds": drawn.bbox, "padding": 30}
        spec["camera"]["maxBounds"] = [west - 2, south - 2, east + 2, north + 2]
        spec["camera"]["minZoom"] = 4
    spec["interactive"], spec["hover"], spec["labels"] = [], {}, [x for x in spec["labels"] if x["kind"] == "district"]
    return spec


def _take(settings: Settings, viewer: Viewer) -> Job:
    """The body of the request as a job whose first step has begun; of one that is refused, or breaks off, nothing stays.

    Raises Refused, and OSError of the disk.
    """
    from data.imports.source import known_suffix, safe_name  # loads the libraries of GIS files

    request.max_content_length = sys.maxsize  # counted here, so that a refusal can be said in words
    most, length = settings.import_max_mb * MB, request.content_length
    name = PurePath(request.args.get("name", "file").replace("\\", "/")).name[:200]
    try:
        known_suffix(safe_name(name))
    except ImportProblem as problem:
        raise Refused(415, problem.code, **problem.values) from None
    if length is not None and length > most:
        raise Refused(413, "too_big", size=round(length / MB, 1), limit=settings.import_max_mb)
    if length == 0:
        raise Refused(400, "empty")
    with read_session() as session:
        scheme = Question.asked(session, viewer, request.query_string.decode("utf-8", "replace")).at.scheme
    asked = Asked(name=name, role=viewer.role.value, scheme=scheme)
    job = new_job(settings, asked, most if length is None else length)
    try:
        _receive(job, length, most)
        job.start("look")
    except BaseException:
        job.remove()
        raise
    before = find_job(settings, request.args.get("instead"))
    if before is not None:
        with suppress(OSError):
            before.drop()
    return job


def _receive(job: Job, length: int | None, most: int) -> None:
    """Write the body of the request into the job's file. Raises Refused for one that is too large or breaks off."""
    got = 0
    with job.file.open("r+b") as target:
        try:
            while chunk := request.stream.read(_CHUNK):
                got += len(chunk)
                if got > most:
                    raise Refused(413, "too_big", size=f">{most // MB}", limit=most // MB)
                target.write(chunk)
        except HTTPException as lost:
            raise Refused(400, "upload_broken") from lost
        if length is not None and got != length:  # the server does not tell a body that broke off from one that ended
            raise Refused(400, "upload_broken")
        target.truncate()


def _read_off(most: int) -> None:
    """Read what is left of a refused body, up to twice the size that is taken: a browser that is still sending would see
    a broken connection instead of the answer."""
    left = 2 * most
    with suppress(HTTPException):
        while left > 0 and (chunk := request.stream.read(_CHUNK)):
            left -= len(chunk)


def _routes(app: Dash) -> None:
    server = app.server

    @server.post("/data/upload")
    def upload() -> tuple[Response, int] | Response:
        """Take a file as the body of the request; answers {"job"}. Only from our own pages: the header cannot be forged."""
        if (
            request.headers.get("X-Atlas") != "upload"
            or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
        ):
            abort(403)
        viewer = current_viewer()
        if not data.may_import(viewer):
            abort(403)
        try:
            job = _take(get_settings(), viewer)
        except (Refused, OSError) as error:
            why = _why(error)
            _read_off(get_settings().import_max_mb * MB)
            return jsonify({"problem": why}), error.status if isinstance(error, Refused) else 507
        answer = jsonify({"job": job.token})
        # Once data is in, a browser that has chosen no role gets the least one: who brings it in stays who they are.
        remember(answer, ROLE_COOKIE, viewer.role.value)
        return answer

    @server.get("/data/report/<token>.xlsx")
    def report(token: str) -> Response:
        """The marked copy of the file with its findings."""
        job = find_job(get_settings(), token)
        if job is None or not job.report.is_file() or not data.may_import(current_viewer()):
            abort(404)
        return send_file(job.report, as_attachment=True, download_name=_("导入报告") + ".xlsx", max_age=0)

    @server.get("/data/preview/<token>.json")
    def preview_rows(token: str) -> Response:
        """GeoJSON of the rows of a checked file."""
        job = find_job(get_settings(), token)
        if job is None or not job.preview.is_file() or not data.may_import(current_viewer()):
            abort(404)
        return send_file(job.preview, mimetype="application/geo+json", max_age=0)

    @server.get("/data/template/<table>.xlsx")
    def template(table: str) -> Response:
        """An empty workbook for a table, made in memory: readers at the same time share no file."""
        from data.exports.templates import template_tables, write_template

        if table not in TABLES:
            abort(404)
        book = io.BytesIO()
        with read_session() as session:
            write_template(template_tables(table), book, session)
        book.seek(0)
        return send_file(book, as_attachment=True, download_name=f"{table}.xlsx", max_age=0)
