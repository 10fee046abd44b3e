"""Which page a path shows. A filter change keeps the page; only another path builds a new one."""

from __future__ import annotations

import re

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks import data, park
from callbacks.map import legend_of, spec_of
from callbacks.request import current_viewer, read_state
from data.db import read_session
from data.queries.catalogue import catalogue
from i18n import _, pick
from views import shell
from views.pages import chains, ledger, per_mu, project, projects, wall
from views.pages import data as data_page

_PARK = re.compile(r"^/park/([\w\-.:%]{1,40})/?$")


def build(path: str, search: str | None) -> tuple[Component, str]:
    """Page component and colour scheme ("dark" wall or "light" desk) of a path."""
    viewer = current_viewer()
    with read_session() as session:
        state, ignored = read_state(session, search)
        if path in ("", "/"):
            spec = spec_of(session, viewer, state, "wall")
            return wall.page(session, viewer, state, ignored, spec, legend_of(session, viewer, state, "wall")), "dark"
        if path.rstrip("/") == chains.PATH:
            return chains.page(session, viewer, state, ignored), "light"
        if path.rstrip("/") == per_mu.PATH:
            return per_mu.page(session, viewer, state, ignored), "light"
        if path.rstrip("/") == "/ledger":
            return ledger.build(session, viewer, state, ignored), "light"
        if path.rstrip("/") == "/projects":
            return projects.build(session, viewer, state, ignored), "light"
        if path.rstrip("/") == data_page.PATH:
            return data.build(session, viewer, state, ignored)
        project_id = project.id_of(path)
        if project_id is not None:
            return project.build(session, viewer, state, ignored, project_id), "light"
        match = _PARK.match(path)
        if match:
            code = match.group(1)
            known = catalogue(session)
            if code not in known.zones or not known.zones[code].is_area:
                names = _("、").join(
                    pick(z.short_zh, z.name_en) for z in known.scheme_zones(known.resolve(state).scheme)
                )
                text = _("没有代码为“{code}”的园区。当前方案有:{names}", code=code, names=names)
                return shell.error_page(_("找不到这个园区"), text), "light"
            return park.build(session, viewer, state, ignored, known.zones[code])
        return shell.error_page(_("没有这个页面"), _("地址“{path}”不存在", path=path[:80])), "light"


def register(app: Dash) -> None:
    """Show the page of the path."""

    @app.callback(
        Output("page", "children"),
        Output("theme", "forceColorScheme"),
        Input("url", "pathname"),
        State("url", "search"),
    )
    def show(pathname: str | None, search: str | None) -> tuple[Component, str]:
        return build(pathname or "/", search)
