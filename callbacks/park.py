"""What of a park page is more than a part: the trend with its switch, leaving for another scheme."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.answers import alike
from callbacks.part import about_page, following
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.pages import park
from views.parts.park_numbers import trend


def register(app: Dash) -> None:
    """Bind the trend and the scheme switch."""

    @app.callback(
        Output("park-trend", "children"),
        following(*park.TREND_FOLLOWS),
        Input("trend-mode", "value"),
        State("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @alike
    def draw_trend(_followed: str | None, mode: str, search: str | None, path: str | None) -> Component | None:
        with read_session() as session:
            about = about_page(Question.asked(session, current_viewer(), search), park.PAGE, path)
            return trend(*about, monthly=mode == park.MONTHLY)

    @app.callback(
        Output("park-leave", "pathname"),
        following("data", "scheme"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @alike
    def leave(search: str | None, path: str | None) -> Any:
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            _here, zone = about_page(question, park.PAGE, path)
            # Another scheme has other parks: its overview is where one chooses among them.
            return no_update if question.at.scheme == zone.scheme else "/"
