"""The records of the ledger page follow the address, and are asked for page by page."""

from __future__ import annotations

from dash import Dash, Input, Output, State, ctx
from dash.development.base_component import Component

from callbacks.answers import alike
from callbacks.explain import offset_of
from callbacks.part import following
from callbacks.posted import PageAsked
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.pages import ledger


def register(app: Dash) -> None:
    """Bind the records."""

    @app.callback(
        Output("ledger-records", "children"),
        following(),
        Input("ledger-page", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @alike
    def records(_followed: str | None, page: PageAsked | None, search: str | None) -> Component:
        offset = offset_of(page) if ctx.triggered_id == "ledger-page" else 0
        with read_session() as session:
            return ledger.records(Question.asked(session, current_viewer(), search), offset)
