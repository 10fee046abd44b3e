"""The ledger page follows the URL; the page of its records is asked for by itself."""

from __future__ import annotations

from dash import Dash, Input, Output, ctx
from dash.development.base_component import Component

from callbacks.answers import alike
from callbacks.explain import offset_of
from callbacks.part import part
from callbacks.posted import PageAsked
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.pages import ledger


def register(app: Dash) -> None:
    """Bind the parts of the page; each is a request of its own, so that none waits for another."""

    part(app, "ledger-accounts", ledger.accounts)
    part(app, "ledger-audit", ledger.audit)
    part(app, "ledger-exceptions", ledger.exception_list)
    part(app, "ledger-scores", ledger.scores)

    @app.callback(
        Output("ledger-records", "children"),
        Input("url", "search"),
        Input("ledger-page", "data"),
        prevent_initial_call=True,
    )
    @alike
    def records(search: str | None, page: PageAsked | None) -> Component:
        offset = offset_of(page) if ctx.triggered_id == "ledger-page" else 0
        with read_session() as session:
            return ledger.records(Question.asked(session, current_viewer(), search), offset)
