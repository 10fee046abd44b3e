"""Which page a path shows. A filter change keeps the page; only another path builds a new one."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TypedDict

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from callbacks import data, park
from callbacks.answers import alike_where
from callbacks.map import legend_of, spec_of
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from i18n import _, pick
from layers.condition import condition
from layers.tiles import shown_version
from views import shell
from views.pages import chains, ledger, per_mu, project, projects, wall
from views.pages import data as data_page
from web import reader

_PARK = re.compile(r"^/park/([\w\-.:%]{1,40})/?$")


class Now(TypedDict):
    """The data version that is shown, None for none, and for whom a page is drawn (web.reader)."""

    version: int | None
    reader: str


def now() -> Now:
    """What a page asked for at this moment is drawn from, and for whom.

    The version is that of the map: a page drawn while the tiles of new data are built loads anew when they are there.
    """
    with read_session() as session:
        return Now(version=shown_version(session), reader=reader())


_PATHS = frozenset({"", chains.PATH, per_mu.PATH, "/ledger", "/projects", data_page.PATH})


def is_page(path: str) -> bool:
    """Whether `build` has a page of its own for a path; whether the park or project exists is the page's to say."""
    return path.rstrip("/") in _PATHS or project.id_of(path) is not None or _PARK.match(path) is not None


def build(path: str, search: str | None) -> tuple[Component, str]:
    """Page component and colour scheme ("dark" wall or "light" desk) of a path."""
    with read_session() as session:
        question = Question.asked(session, current_viewer(), search)
        if path in ("", "/"):
            return wall.page(question, spec_of(question, "wall"), legend_of(question, "wall")), "dark"
        if path.rstrip("/") == chains.PATH:
            return chains.page(question), "light"
        if path.rstrip("/") == per_mu.PATH:
            return per_mu.page(question), "light"
        if path.rstrip("/") == "/ledger":
            return ledger.build(question), "light"
        if path.rstrip("/") == "/projects":
            return projects.build(question), "light"
        if path.rstrip("/") == data_page.PATH:
            return data.build(question)
        project_id = project.id_of(path)
        if project_id is not None:
            return project.build(question, project_id), "light"
        match = _PARK.match(path)
        if match:
            code = match.group(1)
            known = question.known
            if code not in known.zones or not known.zones[code].is_area:
                names = _("、").join(pick(z.short_zh, z.name_en) for z in known.scheme_zones(question.at.scheme))
                text = _("没有代码为“{code}”的园区。当前方案有:{names}", code=code, names=names)
                return shell.error_page(_("找不到这个园区"), text), "light"
            return park.build(question, known.zones[code])
        return shell.error_page(_("没有这个页面"), _("地址“{path}”不存在", path=path[:80])), "light"


def register(app: Dash) -> None:
    """Show the page of the path."""

    @app.callback(
        Output("page", "children"),
        Output("page", "data-version"),
        Output("page", "data-reader"),
        Output("theme", "forceColorScheme"),
        Input("url", "pathname"),
        State("url", "search"),
    )
    @alike_where(lambda pathname, _search: (pathname or "").rstrip("/") != data_page.PATH)
    def show(pathname: str | None, search: str | None) -> tuple[Component, int | None, str, str]:
        drawn = now()  # before the page: what changes meanwhile then counts as news
        page, colours = build(pathname or "/", search)
        return page, drawn["version"], drawn["reader"], colours

    index = app.server.view_functions["/<path:path>"]

    def page_or_404(path: str) -> ResponseReturnValue:
        """Dash takes every address for a page; one that is none says so on screen, and in its status."""
        return (index(path=path), HTTPStatus.OK if is_page(f"/{path}") else HTTPStatus.NOT_FOUND)

    app.server.view_functions["/<path:path>"] = page_or_404

    @app.server.get("/now")
    def watched() -> Response:
        """What a page drawn now would be drawn from and for, and what its reader has to know of the data's condition.

        An open page asks, and loads anew when it would be another one.
        """
        found = condition()
        answer = jsonify(Now(version=found.shown, reader=reader()) | {"notice": found.notice})
        answer.headers["Cache-Control"] = "no-store"
        return answer
