"""The cards of the wall follow the address alone: while the tour shows one zone after another, the cards of all keep their
figures, and their links the filter of the person who was here."""

from __future__ import annotations

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.pages import wall


def register(app: Dash) -> None:
    """Bind the cards."""

    @app.callback(
        Output("cards", "children"), Input("shown", "data"), State("url", "search"), prevent_initial_call=True
    )
    @alike
    def cards(shown: str | None, search: str | None) -> Component:
        if (shown or "") != (search or ""):
            raise PreventUpdate
        with read_session() as session:
            return wall.zone_cards(Question.asked(session, current_viewer(), search))
