"""Role and language: kept in cookies, because they belong to the reader and not to a link."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, ctx
from dash.exceptions import PreventUpdate

from callbacks.posted import Turning
from web import CHOICES, remember


def register(app: Dash) -> None:
    """Bind the buttons of the reader's menu; the page loads anew so that nothing of the old role stays in the browser."""

    @app.callback(Output("turned", "data"), Input("turning", "data"), prevent_initial_call=True)
    def choose(said: Turning | None) -> str:
        choice = said["choice"] if said else ""
        cookie = next((name for name, choices in CHOICES.items() if choice in choices), None)
        if cookie is None:
            raise PreventUpdate
        remember(ctx.response, cookie, choice)
        return choice

    app.clientside_callback(ClientsideFunction("atlas", "turned"), Input("turned", "data"), prevent_initial_call=True)
