"""The lists of the project board are read when they are opened."""

from __future__ import annotations

from dash import MATCH, Dash, Input, Output, State, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.pages import projects


def _rows(code: str, search: str | None, *, whole: bool) -> Component:
    with read_session() as session:
        return projects.list_rows(Question.asked(session, current_viewer(), search), code, whole=whole)


def register(app: Dash) -> None:
    """Bind the lists."""

    @app.callback(
        Output({"list": MATCH, "part": "rows"}, "children"),
        Input({"list": MATCH, "part": "head"}, "n_clicks"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def open_list(clicks: int | None, search: str | None) -> Component:
        # The first click opens the list; what follows closes and opens what is there already.
        if clicks != 1:
            raise PreventUpdate
        return _rows(ctx.triggered_id["list"], search, whole=False)

    @app.callback(
        Output({"list": MATCH, "part": "rows"}, "children", allow_duplicate=True),
        Input({"list": MATCH, "part": "whole"}, "n_clicks"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def whole_list(clicks: int | None, search: str | None) -> Component:
        if not clicks:
            raise PreventUpdate
        return _rows(ctx.triggered_id["list"], search, whole=True)
