"""The 一体化招商目录 follows the address and its own switch; it is exported as what the viewer sees."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from callbacks.answers import alike, takes_long
from callbacks.part import following
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.chain_nodes import targets
from data.queries.question import Question
from i18n import _
from views.parts.catalogue_xlsx import catalogue_workbook, file_name
from views.parts.chain_gaps import ALL, entries, investment
from views.parts.chain_view import read
from views.parts.format import ROLES


def register(app: Dash) -> None:
    """Bind the catalogue and its export."""

    @app.callback(
        Output("catalogue-rows", "children"),
        following(),
        Input("catalogue-span", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @alike
    def rows(_followed: str | None, span: str, search: str | None) -> Any:
        with read_session() as session:
            return investment(read(Question.asked(session, current_viewer(), search)), span)

    @app.callback(
        Output("catalogue-file", "data"),
        Input("catalogue-export", "n_clicks"),
        State("catalogue-span", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @takes_long
    def export(clicks: int | None, span: str, search: str | None) -> Any:
        if not clicks:
            raise PreventUpdate
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            view = read(question)
            found = entries(view, span)
            book = catalogue_workbook(
                question,
                found,
                targets(question),
                chain=None if span == ALL else view.chain.code,
                role=_(ROLES[question.viewer.role.value]),
            )
            return dcc.send_bytes(book, file_name(question.at.period))
