"""The ledger page follows the URL; the page of its records is asked for by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, ctx
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from callbacks.explain import offset_of
from callbacks.request import current_viewer, read_state
from data.db import read_session
from domain.viewer import Viewer
from domain.viewstate import ViewState
from views.pages import ledger


def register(app: Dash) -> None:
    """Bind the parts of the page; each is a request of its own, so that none waits for another."""

    def part(output: str, build: Callable[[Session, Viewer, ViewState], Component]) -> None:
        @app.callback(Output(output, "children"), Input("url", "search"), prevent_initial_call=True)
        def show(search: str | None) -> Component:
            with read_session() as session:
                state, _ignored = read_state(session, search)
                return build(session, current_viewer(), state)

    part("ledger-accounts", ledger.accounts)
    part("ledger-audit", ledger.audit)
    part("ledger-exceptions", ledger.exception_list)
    part("ledger-scores", ledger.scores)

    @app.callback(
        Output("ledger-records", "children"),
        Input("url", "search"),
        Input("ledger-page", "data"),
        prevent_initial_call=True,
    )
    def records(search: str | None, page: dict[str, Any] | None) -> Component:
        offset = offset_of(page) if ctx.triggered_id == "ledger-page" else 0
        with read_session() as session:
            state, _ignored = read_state(session, search)
            return ledger.records(session, current_viewer(), state, offset)
