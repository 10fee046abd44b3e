"""The parts of the wall follow the state."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.request import current_viewer, read_state
from data.db import read_session
from data.queries.catalogue import catalogue
from views import shell
from views.pages import wall


def register(app: Dash) -> None:
    """Bind the wall's columns, cards, status line and notices to the URL."""

    def part(output: str, build: Any) -> None:
        # After the map: its change is what a reader waits for, and two cores draw it sooner when nothing else runs.
        @app.callback(Output(output, "children"), Input("shown", "data"), prevent_initial_call=True)
        def show(search: str | None) -> Component:
            viewer = current_viewer()
            with read_session() as session:
                state, _ignored = read_state(session, search)
                return build(session, viewer, state)

    part("left", wall.headline)
    part("right", wall.side_panel)
    part("cards", wall.zone_cards)
    part("filter-chips", lambda session, viewer, state: wall.filter_chips(catalogue(session), state))

    @app.callback(
        Output("status-line", "children"),
        Output("ignored-host", "children"),
        Input("shown", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def status(_shown: str | None, search: str | None) -> tuple[list[Component], Component]:
        viewer = current_viewer()
        with read_session() as session:
            state, ignored = read_state(session, search)
            known = catalogue(session)
            status = wall.data_status(session, viewer, state)
            return shell.status_line(known, state, status), shell.ignored_notice(ignored)
