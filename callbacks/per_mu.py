"""The per-mu evaluation follows the address and the trial of weights, scoring and quotas."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.part import following
from callbacks.posted import Natural
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from domain.per_mu import SICHUAN
from views.page import COMMON
from views.pages import per_mu

_RESULTS = ("mu-classes", "mu-answer", "mu-spread", "mu-moved", "mu-parks", "mu-firms", "mu-method")


def register(app: Dash) -> None:
    """Bind the evaluation to its controls, and the way back to the default method."""

    @app.callback(
        *(Output(name, "children") for name in _RESULTS),
        Output("mu-page", "total"),
        Output("mu-page", "value"),
        following(),
        Input("mu-year", "value"),
        Input("mu-score", "value"),
        Input("mu-quota", "value"),
        Input({"mu-weight": ALL}, "value"),
        Input("mu-page", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    @alike
    def evaluate(
        _followed: str | None, year: str | None, score: str | None, quota: str | None, weights: list[float | None],
        page: Natural | None, search: str | None,
    ) -> list[Any]:  # fmt: skip
        keys = [item["id"]["mu-weight"] for item in ctx.inputs_list[4]]
        # Another trial starts again at the first page.
        place = page if ctx.triggered_id == "mu-page" else 1
        trial = per_mu.trial_of(year, score, quota, dict(zip(keys, weights, strict=True)), place)
        with read_session() as session:
            found, pages = per_mu.results(Question.asked(session, current_viewer(), search), trial)
        if ctx.triggered_id == "mu-page":
            # A turned page changes the table and nothing else.
            return [*(found[n] if n == "mu-firms" else no_update for n in _RESULTS), no_update, no_update]
        return [*(found[name] for name in _RESULTS), pages, 1]

    app.clientside_callback(
        ClientsideFunction("atlas", "opens"),
        Output("mu-drawer", "opened"),
        Input("mu-open", "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("mu-year", "data"),
        Output("mu-year", "value"),
        following(*COMMON),
        State("mu-year", "value"),
        prevent_initial_call=True,
    )
    @alike
    def follow(search: str | None, year: str | None) -> tuple[Any, ...]:
        with read_session() as session:
            known = per_mu.years(Question.asked(session, current_viewer(), search))
        years = [str(y) for y in known]
        kept = year if year in years else next(iter(years), None)
        return per_mu.year_options(known), no_update if kept == year else kept

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
