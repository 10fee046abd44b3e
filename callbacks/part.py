"""A part of a page that is built anew for the state: a request of its own, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable

from dash import Dash, Input, Output
from dash.development.base_component import Component

from callbacks.answers import alike
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question

Build = Callable[[Question], Component]

#: The address; and the address once the map on the page has it, which is what a reader waits for.
URL, AFTER_THE_MAP = Input("url", "search"), Input("shown", "data")


def part(app: Dash, output: str, build: Build, follows: Input = URL) -> None:
    """Fill the component `output` with what `build` makes of the question whenever `follows` changes."""

    @app.callback(Output(output, "children"), follows, prevent_initial_call=True)
    @alike
    def show(search: str | None) -> Component:
        with read_session() as session:
            return build(Question.asked(session, current_viewer(), search))
