"""The ledger page follows the URL and its own switches: year, restatement, agreements only, page of records."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, ctx
from dash.development.base_component import Component

from callbacks.explain import offset_of
from callbacks.request import current_viewer, read_state
from data.db import read_session
from views.pages import ledger


def register(app: Dash) -> None:
    """Bind the parts of the page; each is built anew only for what it depends on."""

    @app.callback(
        Output("ledger-accounts", "children"),
        Input("url", "search"),
        Input("ledger-year", "value"),
        prevent_initial_call=True,
    )
    def accounts(search: str | None, year: str | None) -> Component:
        with read_session() as session:
            state, _ignored = read_state(session, search)
            known_year = year if year and year.isdigit() else ledger.BY_PERIOD
            return ledger.accounts(session, current_viewer(), state, known_year)

    @app.callback(
        Output("ledger-audit", "children"),
        Input("url", "search"),
        Input("ledger-restate", "checked"),
        prevent_initial_call=True,
    )
    def audit(search: str | None, restate: bool | None) -> Component:
        with read_session() as session:
            state, _ignored = read_state(session, search)
            return ledger.audit(session, current_viewer(), state, bool(restate))

    @app.callback(
        Output("ledger-records", "children"),
        Input("url", "search"),
        Input("ledger-restate", "checked"),
        Input("ledger-shared", "checked"),
        Input("ledger-page", "data"),
        prevent_initial_call=True,
    )
    def records(
        search: str | None, restate: bool | None, shared: bool | None, page: dict[str, Any] | None
    ) -> Component:
        offset = offset_of(page) if ctx.triggered_id == "ledger-page" else 0
        with read_session() as session:
            state, _ignored = read_state(session, search)
            return ledger.records(session, current_viewer(), state, bool(restate), bool(shared), offset)

    @app.callback(
        Output("ledger-exceptions", "children"),
        Output("ledger-scores", "children"),
        Input("url", "search"),
        prevent_initial_call=True,
    )
    def rest(search: str | None) -> tuple[Component, Component]:
        viewer = current_viewer()
        with read_session() as session:
            state, _ignored = read_state(session, search)
            return ledger.exception_list(session, viewer, state), ledger.scores(session, viewer, state)
