"""Role and language: kept in cookies, because they belong to the reader and not to a link."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from callbacks.request import ROLE_COOKIE
from i18n import COOKIE
from web import CHOICES, remember


def register(app: Dash) -> None:
    """Bind the two switches; the page loads anew so that nothing of the old role stays in the browser."""

    def switch(component: str, cookie: str) -> None:
        @app.callback(
            Output("turned", "data", allow_duplicate=True),
            Input(component, "value"),
            State("page", "data-reader"),
            prevent_initial_call=True,
        )
        def choose(value: str | None, drawn_for: str | None) -> str:
            # A switch reports itself when its page brings it: what the page was drawn for is no choice.
            if value not in CHOICES[cookie] or value in (drawn_for or "").split("/"):
                raise PreventUpdate
            remember(ctx.response, cookie, str(value))
            return str(value)

    switch("role-switch", ROLE_COOKIE)
    switch("language-switch", COOKIE)
    app.clientside_callback(ClientsideFunction("atlas", "turned"), Input("turned", "data"), prevent_initial_call=True)
