"""Who a web request comes from: which origin, which role, in which language."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Literal

from flask import Request, Response, g, has_request_context, request
from sqlalchemy import exists, select

from data.db import read_session
from data.models import ImportBatch
from data.queries.cached import cached
from domain.viewer import Role, Viewer, viewer_from_role
from i18n import COOKIE as LANGUAGE_COOKIE
from i18n import LANGUAGES, language
from settings import get_settings

ROLE_COOKIE = "atlas_role"
#: What a reader may choose, by the cookie that keeps it.
CHOICES = {ROLE_COOKIE: frozenset(r.value for r in Role), LANGUAGE_COOKIE: frozenset(LANGUAGES)}
REMEMBERED = 400 * 86400  # seconds; browsers keep no cookie longer. Each visit renews it (app.py)
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9.\-]+)(?::(?P<port>\d{1,5}))?", re.ASCII)
_OWN_SITES = (None, "same-origin", "none")  # None: a program, or a browser too old to say; its Origin still counts


def current_viewer() -> Viewer:
    """The viewer of the request: the role chosen in this browser, else that of `default_role`.

    An unknown role in the cookie gets the least (domain.viewer). Accounts will replace the cookie, not this function.
    """
    chosen = request.cookies.get(ROLE_COOKIE) if has_request_context() else None
    return viewer_from_role(chosen) if chosen is not None else Viewer(default_role())


def default_role() -> Role:
    """Role of a request that names none: ``ATLAS_ROLE``, else leadership in demo mode and the least role out of it.

    Demo mode means that nothing was imported: all records are demonstration or published ones.
    """
    if get_settings().role:
        return Role(get_settings().role)
    if not has_request_context():
        return _unnamed_role()
    if "atlas_default_role" not in g:
        g.atlas_default_role = _unnamed_role()
    found: Role = g.atlas_default_role
    return found


def _unnamed_role() -> Role:
    with read_session() as session:
        committed = exists().where(ImportBatch.state == "committed")
        imported = cached(session, "imported", lambda: session.scalar(select(committed)))
    return Role.PROSPECT if imported else Role.LEADERSHIP


def reader() -> str:
    """For whom a page of this request is drawn, "leadership/zh": role and language."""
    return f"{current_viewer().role.value}/{language()}"


def remember(response: Response, cookie: str, value: str) -> None:
    """Keep a choice of the reader's in the browser, out of reach of scripts."""
    response.set_cookie(cookie, value, samesite="Lax", httponly=True, max_age=REMEMBERED)


def refusal(asked: Request) -> Literal["host", "foreign"] | None:
    """Why a request is not answered, None where it may be.

    ``host``: it is not addressed to this machine at our port. The name in it is what keeps a foreign page out that
    makes its own name mean 127.0.0.1 (DNS rebinding); an address cannot be rebound. ``foreign``: a page of another
    origin sent it, by ``Origin`` or by ``Sec-Fetch-Site``; another port of this machine is another origin.
    """
    host = asked.headers.get("Host", "").lower()
    if not _is_ours(host, asked.environ.get("SERVER_PORT", "")):
        return "host"
    origin = asked.headers.get("Origin")
    if origin is not None and origin.lower() != f"http://{host}":
        return "foreign"
    return None if asked.headers.get("Sec-Fetch-Site") in _OWN_SITES else "foreign"


def _is_ours(host: str, port: str) -> bool:
    """Whether a Host header names loopback at the port that is listened on."""
    parts = _HOST.fullmatch(host)
    if parts is None or (parts["port"] or "80") != port:
        return False
    name = parts["name"].strip("[]")
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
