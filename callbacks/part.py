"""A part of a page that is built anew for the state: a request of its own, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable

from dash import Dash, Input, Output
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from callbacks.answers import alike
from callbacks.request import current_viewer, read_state
from data.db import read_session
from domain.viewer import Viewer
from domain.viewstate import ViewState

Build = Callable[[Session, Viewer, ViewState], Component]

#: The address; and the address once the map on the page has it, which is what a reader waits for.
URL, AFTER_THE_MAP = Input("url", "search"), Input("shown", "data")


def part(app: Dash, output: str, build: Build, follows: Input = URL) -> None:
    """Fill the component `output` with what `build` makes of the state whenever `follows` changes."""

    @app.callback(Output(output, "children"), follows, prevent_initial_call=True)
    @alike
    def show(search: str | None) -> Component:
        with read_session() as session:
            state, _ignored = read_state(session, search)
            return build(session, current_viewer(), state)
