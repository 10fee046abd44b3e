"""The project board and the page of one project follow the URL."""

from __future__ import annotations

from dash import MATCH, Dash, Input, Output, State, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.part import part
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.pages import project, projects


def _rows(code: str, search: str | None, *, whole: bool) -> Component:
    with read_session() as session:
        return projects.list_rows(Question.asked(session, current_viewer(), search), code, whole=whole)


def register(app: Dash) -> None:
    """Bind the parts of the board, the window of its cohorts, and the project page."""

    for name, build in projects.PARTS.items():
        part(app, name, build)
    part(app, "projects-cohorts", projects.cohorts)

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

    @app.callback(
        Output("project-body", "children"),
        Input("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @alike
    def one(search: str | None, pathname: str | None) -> Component:
        project_id = project.id_of(pathname)
        if project_id is None:
            raise PreventUpdate
        with read_session() as session:
            return project.body(Question.asked(session, current_viewer(), search), project_id)
