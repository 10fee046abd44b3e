"""Σ on a tile opens the drawer 这个数怎么来的; its pages and its workbook are asked for one by one."""

from __future__ import annotations

import re
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import alike, takes_long
from callbacks.posted import PageAsked
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.explain import explain, explain_xlsx
from data.queries.question import Question
from i18n import _, language, pick
from views.pages.park import of_park, zone_of
from views.parts.explain_drawer import PAGE_SIZE, explain_body
from views.parts.format import SCOPES

_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def asked(question: Question, pathname: str | None) -> tuple[Question, str, tuple[str, ...] | None]:
    """Question, KPI and zones of the opened tile: the park of the path or the one named after "@", else those of the state.

    Raises PreventUpdate for a KPI or zone that does not exist.
    """
    kpi_id, _sep, code = question.state.explain.partition("@")
    known = question.known
    zone = zone_of(known, pathname)
    if kpi_id not in known.kpis or (code and code not in known.zones):
        raise PreventUpdate
    if zone is not None:
        return of_park(question, zone), kpi_id, (zone.code,)
    return question, kpi_id, (code,) if code else None


def file_name(name: str, period: str, scope: str) -> str:
    """「这个数怎么来的_固定资产投资_2026-09_在地口径.xlsx」, without characters that file systems refuse."""
    parts = (_("这个数怎么来的"), name, period, _("{scope}口径", scope=_(SCOPES[scope])))
    return "_".join(_UNSAFE.sub(" ", p).strip() for p in parts) + ".xlsx"


def offset_of(page: PageAsked | None) -> int:
    """Offset that a pager's button asked for."""
    return page["offset"] if page else 0


def register(app: Dash) -> None:
    """Bind the tiles' buttons, the pages of the records and the export."""

    app.clientside_callback(
        ClientsideFunction("atlas", "askWhere"),
        Output("explain-ask", "data"),
        Input("url", "search"),
        State("explain-drawer", "opened"),
    )

    @app.callback(
        Output("explain-drawer", "opened"),
        Output("explain-body", "children"),
        Input("explain-ask", "data"),
        Input("explain-page", "data"),
        State("explain-drawer", "opened"),
        State("url", "pathname"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @alike
    def show(
        _ask: str | None, page: PageAsked | None, opened: bool | None, pathname: str | None, search: str | None
    ) -> tuple[Any, Any]:
        offset = offset_of(page) if ctx.triggered_id == "explain-page" else 0
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            if not question.state.explain and not opened:
                raise PreventUpdate
            if not question.state.explain:
                return False, no_update
            question, kpi_id, zones = asked(question, pathname)
            found = explain(question, kpi_id, zones, offset=offset, limit=PAGE_SIZE)
            return True, explain_body(question, found, offset)

    app.clientside_callback(
        ClientsideFunction("atlas", "closedWhere"),
        Input("explain-drawer", "opened"),
        State("url", "search"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("explain-file", "data"),
        Input("explain-export", "n_clicks"),
        State("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @takes_long
    def export(clicks: int | None, search: str | None, pathname: str | None) -> Any:
        if not clicks:
            return no_update
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            if not question.state.explain:
                return no_update
            question, kpi_id, zones = asked(question, pathname)
            book = explain_xlsx(question, kpi_id, zones, language=language())
            kpi = question.known.kpis[kpi_id]
            name = file_name(pick(kpi.name_zh, kpi.name_en), question.at.period, question.at.scope.value)
            return dcc.send_bytes(book, name)
