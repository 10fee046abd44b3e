"""Which page a path shows. A filter change keeps the page; only another path builds a new one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypedDict

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from callbacks.answers import alike, alike_where
from callbacks.map import fill
from callbacks.part import following
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from i18n import _
from layers.condition import condition
from layers.tiles import shown_version
from views import shell
from views.page import Missing
from views.pages import page_at, wall
from views.parts.format import ROLES
from web import reader


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


def is_page(path: str, search: str | None) -> bool:
    """Whether there is a page at a path that the viewer may see, about a thing that exists and that the viewer may see."""
    found = page_at(path)
    if found is None:
        return False
    page, code = found
    with read_session() as session:
        question = Question.asked(session, current_viewer(), search)
        if not page.open_to(question.viewer, question.at.provenance):
            return False
        try:
            about = page.about(question, code) if code else ()
            return not code or page.there is None or page.there(*about)
        except Missing:
            return False


def build(path: str, search: str | None) -> tuple[Component, str]:
    """Page component and colour scheme ("dark" wall or "light" desk) of a path."""
    found = page_at(path)
    with read_session() as session:
        question = Question.asked(session, current_viewer(), search)
        if found is None:
            return _instead(question, _("没有这个页面"), _("地址“{path}”不存在", path=path[:80])), "light"
        page, code = found
        if not page.open_to(question.viewer, question.at.provenance):
            closed = _("这一页不向{role}开放。要看它,请在右上角换一个角色。", role=_(ROLES[question.viewer.role.value]))
            return _instead(question, _(page.title), _(page.what), closed), "light"
        try:
            drawn = page.drawn(question, code)
        except Missing as missing:
            return _instead(question, *missing.args), "light"
        if page.map:
            fill(drawn, question, path)
        return drawn, page.theme


def _instead(question: Question, title: str, *text: str) -> Component:
    return shell.said_page(question, wall.data_status(question), title, *text)


def _kept(pathname: str | None, _search: str | None) -> bool:
    found = page_at(pathname)
    return found is None or found[0].kept


def register(app: Dash) -> None:
    """Show the page of the path."""

    @app.callback(
        Output("page", "children"),
        Output("page", "data-version"),
        Output("page", "data-reader"),
        Output("page", "data-address"),
        Output("theme", "forceColorScheme"),
        Input("url", "pathname"),
        State("url", "search"),
    )
    @alike_where(_kept)
    def show(pathname: str | None, search: str | None) -> tuple[Component, int | None, str, str, str]:
        drawn = now()  # before the page: what changes meanwhile then counts as news
        page, colours = build(pathname or "/", search)
        return page, drawn["version"], drawn["reader"], (pathname or "/") + (search or ""), colours

    @app.callback(
        Output("navigation", "children"), following("data"), State("url", "pathname"), prevent_initial_call=True
    )
    @alike
    def pages(search: str | None, pathname: str | None) -> list[Component]:
        """A visitor's pages are others in another data set."""
        with read_session() as session:
            return shell.navigation(Question.asked(session, current_viewer(), search), pathname or "/")

    index = app.server.view_functions["/<path:path>"]

    def page_or_404(path: str) -> ResponseReturnValue:
        """Dash takes every address for a page; one that is none says so on screen, and in its status."""
        known = is_page(f"/{path}", request.query_string.decode("utf-8", "replace"))
        return index(path=path), HTTPStatus.OK if known else HTTPStatus.NOT_FOUND

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
