"""The search box."""

from __future__ import annotations

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from callbacks.request import current_viewer, read_state
from data.db import read_session
from data.queries.search import search
from i18n import N_, _
from views.parts.button import action

KINDS = {
    "zone": N_("园区"),
    "project": N_("项目"),
    "carrier": N_("载体"),
    "plot": N_("地块"),
    "enterprise": N_("企业"),
    "platform": N_("平台"),
}


def register(app: Dash) -> None:
    """Answer the search box while one types; a hit is a button that selects."""

    @app.callback(
        Output("search-results", "children"),
        Input("search", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def find(text: str | None, query: str | None) -> list[Component]:
        if not (text or "").strip():
            return []
        with read_session() as session:
            state, _ignored = read_state(session, query)
            hits = search(session, current_viewer(), state, text or "")
        if not hits:
            return [html.Div(_("没有找到“{text}”", text=(text or "")[:30]), className="search-none")]
        return [
            html.Button(
                [
                    html.Span(_(KINDS.get(h.kind, h.kind)), className="badge"),
                    html.Span(h.name, className="search-name"),
                    html.Span(h.detail or "", className="quiet"),
                ],
                **action("select", f"{h.kind}:{h.entity_id}"),
                className="search-hit",
                type="button",
                role="option",
            )
            for h in hits
        ]
