"""The project table: pages of rows on demand, so that ten thousand projects cost no more than a hundred."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks.answers import alike
from callbacks.posted import RowsAsked
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.projects import SORTS, project_page
from data.queries.question import Question
from views.parts.project_table import table_rows


def register(app: Dash) -> None:
    """Answer the table's requests for rows."""

    @app.callback(
        Output("project-table", "getRowsResponse"),
        Input("project-table", "getRowsRequest"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @alike
    def rows(request: RowsAsked | None, search: str | None) -> Any:
        if request is None:
            return no_update
        sort, descending = "investment", True
        for item in request.get("sortModel") or ():
            if item["colId"] in SORTS:
                sort, descending = item["colId"], item["sort"] == "desc"
        start = request["startRow"]
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            page = project_page(
                question,
                sort=sort,
                descending=descending,
                offset=start,
                limit=max(1, min(200, request["endRow"] - start)),
            )
            return {"rowData": table_rows(question.known, page.rows), "rowCount": page.total}

    app.clientside_callback(
        ClientsideFunction("atlas", "clickedRow"),
        Output("intent", "data", allow_duplicate=True),
        Input("project-table", "cellClicked"),
        prevent_initial_call=True,
    )
