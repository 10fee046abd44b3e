"""Role and language: kept in cookies, because they belong to the reader and not to a link."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from callbacks.request import ROLE_COOKIE, current_viewer
from domain.viewer import Role
from i18n import COOKIE, LANGUAGES, language


def register(app: Dash) -> None:
    """Bind the two switches; the page loads anew so that nothing of the old role stays in the browser."""

    def switch(component: str, cookie: str, allowed: tuple[str, ...], current: Any) -> None:
        @app.callback(
            Output("reload", "href", allow_duplicate=True),
            Input(component, "value"),
            State("url", "href"),
            prevent_initial_call=True,
        )
        def choose(value: str | None, href: str) -> str:
            if value not in allowed or value == current():
                raise PreventUpdate
            ctx.response.set_cookie(cookie, str(value), samesite="Lax", httponly=True, max_age=30 * 86400)
            return href

    switch("role-switch", ROLE_COOKIE, tuple(Role), lambda: current_viewer().role.value)
    switch("language-switch", COOKIE, LANGUAGES, language)
