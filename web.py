"""Who a web request comes from."""

from __future__ import annotations

from flask import has_request_context, request

from domain.viewer import Role, Viewer, viewer_from_role

ROLE_COOKIE = "atlas_role"


def current_viewer() -> Viewer:
    """The viewer of the request: the role chosen on screen, leadership when none was chosen.

    An unknown role in the cookie gets the least (domain.viewer). Accounts will replace the cookie, not this function.
    """
    chosen = request.cookies.get(ROLE_COOKIE) if has_request_context() else None
    return viewer_from_role(chosen if chosen is not None else Role.LEADERSHIP.value)
