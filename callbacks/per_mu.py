"""The per-mu page follows the URL and the trial of weights, scoring and quotas."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.posted import Natural
from callbacks.request import current_viewer, read_state
from data.db import read_session
from data.queries.question import Question
from domain.per_mu import SICHUAN
from domain.viewstate import to_query
from views.pages import per_mu
from views.parts.block import unfollowed

_RESULTS = ("mu-classes", "mu-spread", "mu-moved", "mu-parks", "mu-firms", "mu-method")


def register(app: Dash) -> None:
    """Bind the blocks to the URL and to the controls, and the way back to the default method."""

    @app.callback(
        *(Output(name, "children") for name in _RESULTS),
        Output("mu-page", "total"),
        Output("mu-page", "value"),
        Input("mu-shown", "data"),
        Input("mu-year", "value"),
        Input("mu-score", "value"),
        Input("mu-quota", "value"),
        Input({"mu-weight": ALL}, "value"),
        Input("mu-page", "value"),
        prevent_initial_call=True,
    )
    @alike
    def evaluate(
        query: str | None, year: str | None, score: str | None, quota: str | None, weights: list[float | None],
        page: Natural | None,
    ) -> list[Any]:  # fmt: skip
        keys = [item["id"]["mu-weight"] for item in ctx.inputs_list[4]]
        # Another trial starts again at the first page.
        place = page if ctx.triggered_id == "mu-page" else 1
        trial = per_mu.trial_of(year, score, quota, dict(zip(keys, weights, strict=True)), place)
        with read_session() as session:
            found, pages = per_mu.results(Question.asked(session, current_viewer(), query), trial)
        if ctx.triggered_id == "mu-page":
            # A turned page changes the table and nothing else.
            return [*(found[n] if n == "mu-firms" else no_update for n in _RESULTS), no_update, no_update]
        return [*(found[name] for name in _RESULTS), pages, 1]

    @app.callback(
        Output("mu-chain", "children"),
        Output("mu-idle", "children"),
        Output("mu-unfollowed", "children"),
        Output("mu-year", "data"),
        Output("mu-year", "value"),
        Output("mu-shown", "data"),
        Input("url", "search"),
        State("mu-shown", "data"),
        State("mu-year", "value"),
        prevent_initial_call=True,
    )
    @alike
    def follow(search: str | None, shown: str | None, year: str | None) -> tuple[Any, ...]:
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            if question.state == read_state(session, shown)[0]:
                raise PreventUpdate
            blocks = per_mu.land(question)
            known = [str(y) for y in per_mu.years(question)]
            kept = year if year in known else (known[0] if known else None)
            return (
                blocks["mu-chain"],
                blocks["mu-idle"],
                unfollowed(question),
                per_mu.year_options([int(y) for y in known]),
                no_update if kept == year else kept,
                to_query(question.state),
            )

    @app.callback(
        Output("mu-score", "value"),
        Output("mu-quota", "value"),
        Output({"mu-weight": ALL}, "value"),
        Input("mu-reset", "n_clicks"),
        prevent_initial_call=True,
    )
    def reset(clicks: int | None) -> tuple[Any, ...]:
        if not clicks:
            raise PreventUpdate
        keys = [item["id"]["mu-weight"] for item in ctx.outputs_list[2]]
        return SICHUAN.score_fn, "sichuan", [per_mu.DEFAULT_WEIGHTS.get(k, no_update) for k in keys]
