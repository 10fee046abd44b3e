"""The parts of the wall follow the state: that of the address, or while nobody is there that of the tour."""

from __future__ import annotations

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.part import AFTER_THE_MAP, Build, part
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views import shell
from views.pages import wall


def register(app: Dash) -> None:
    """Bind the wall's columns, cards, status line and notices to the URL."""

    builders: dict[str, Build] = {
        "left": wall.headline,
        "right": wall.side_panel,
        "filter-chips": wall.filter_chips,
    }
    for name, build in builders.items():
        part(app, name, build, AFTER_THE_MAP)

    # Of the address alone: while the tour shows one zone after another, the cards of all keep their figures, and their
    # links the filter of the person who was here.
    @app.callback(Output("cards", "children"), AFTER_THE_MAP, State("url", "search"), prevent_initial_call=True)
    @alike
    def cards(shown: str | None, search: str | None) -> Component:
        if (shown or "") != (search or ""):
            raise PreventUpdate
        with read_session() as session:
            return wall.zone_cards(Question.asked(session, current_viewer(), search))

    @app.callback(
        Output("status-line", "children"),
        Output("ignored-host", "children"),
        Input("shown", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @alike
    def status(_shown: str | None, search: str | None) -> tuple[list[Component], Component]:
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            return shell.status_line(question, wall.data_status(question)), shell.ignored_notice(question.ignored)
