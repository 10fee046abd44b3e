"""What of a park page is more than a part: the trend with its switch, the look of a data set, the table, leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.answers import alike
from callbacks.part import about_page, following, following_only
from callbacks.posted import RowsAsked
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.catalogue import ZoneInfo
from data.queries.projects import SORTS, project_page
from data.queries.question import Question
from views.pages import park
from views.parts.park_activity import GRID_ID
from views.parts.park_numbers import trend
from views.parts.project_table import table_rows


def _here(search: str | None, pathname: str | None, build: Callable[[Question, Question, ZoneInfo], Any]) -> Any:
    """What `build` makes of the question on screen, of the one asked of the park, and the park."""
    with read_session() as session:
        question = Question.asked(session, current_viewer(), search)
        return build(question, *about_page(question, park.PAGE, pathname))


def register(app: Dash) -> None:
    """Bind the trend, the table and the scheme switch."""
    place = State("url", "pathname")

    @app.callback(
        Output("park-trend", "children"),
        following(park.TREND_FOLLOWS),
        Input("trend-mode", "value"),
        State("url", "search"),
        place,
        prevent_initial_call=True,
    )
    @alike
    def draw_trend(_followed: str | None, mode: str, search: str | None, pathname: str | None) -> Component:
        return _here(search, pathname, lambda _q, here, zone: trend(here, zone, monthly=mode == park.MONTHLY))

    @app.callback(Output("park-main", "className"), following_only("data"), place, prevent_initial_call=True)
    @alike
    def look(search: str | None, pathname: str | None) -> str:
        return _here(search, pathname, lambda question, _here, zone: park.main_class(question, zone))

    @app.callback(Output("park-leave", "pathname"), following_only("scheme"), place, prevent_initial_call=True)
    @alike
    def leave(search: str | None, pathname: str | None) -> Any:
        # Another scheme was picked, which has other parks: its overview is where one chooses among them.
        return _here(
            search, pathname, lambda question, _here, zone: no_update if question.at.scheme == zone.scheme else "/"
        )

    @app.callback(
        Output(GRID_ID, "getRowsResponse"),
        Input(GRID_ID, "getRowsRequest"),
        State("url", "search"),
        place,
        prevent_initial_call=True,
    )
    @alike
    def rows(request: RowsAsked | None, search: str | None, pathname: str | None) -> Any:
        if request is None:
            return no_update
        sort, descending = "investment", True
        for item in request.get("sortModel") or ():
            if item["colId"] in SORTS:
                sort, descending = item["colId"], item["sort"] == "desc"
        start, end = request["startRow"], request["endRow"]
        limit = max(1, min(200, end - start))

        def read(question: Question, here: Question, _zone: ZoneInfo) -> dict[str, Any]:
            found = project_page(here, sort=sort, descending=descending, offset=start, limit=limit)
            return {"rowData": table_rows(question.known, found.rows), "rowCount": found.total}

        return _here(search, pathname, read)

    app.clientside_callback(
        ClientsideFunction("atlas", "clickedRow"),
        Output("intent", "data", allow_duplicate=True),
        Input(GRID_ID, "cellClicked"),
        prevent_initial_call=True,
    )
