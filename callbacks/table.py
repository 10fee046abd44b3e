"""The project tables: pages of rows on demand, so that ten thousand projects cost no more than a hundred."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks.answers import alike
from callbacks.part import about_page
from callbacks.posted import RowsAsked
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.projects import SORTS, project_page
from data.queries.question import Question
from views.page import Page
from views.pages import park, wall
from views.parts.park_activity import GRID_ID
from views.parts.project_table import table_rows


def register(app: Dash) -> None:
    """Bind the table of the wall and that of a park page."""
    _bind(app, "project-table", wall.PAGE)
    _bind(app, GRID_ID, park.PAGE)


def _bind(app: Dash, grid: str, page: Page) -> None:
    @app.callback(
        Output(grid, "getRowsResponse"),
        Input(grid, "getRowsRequest"),
        State("url", "search"),
        State("url", "pathname"),
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
        start = request["startRow"]
        limit = max(1, min(200, request["endRow"] - start))
        with read_session() as session:
            question = about_page(Question.asked(session, current_viewer(), search), page, pathname)[0]
            found = project_page(question, sort=sort, descending=descending, offset=start, limit=limit)
            return {"rowData": table_rows(question.known, found.rows), "rowCount": found.total}

    app.clientside_callback(
        ClientsideFunction("atlas", "clickedRow"),
        Input(grid, "cellClicked"),
        prevent_initial_call=True,
    )
