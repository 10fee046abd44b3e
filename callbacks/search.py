"""The search box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from callbacks.request import current_viewer
from data.db import read_session
from data.queries.catalogue import Catalogue
from data.queries.question import Question
from data.queries.search import Hit, search
from domain.viewstate import Dataset
from i18n import N_, _, pick
from views.parts import badges
from views.parts.button import action

KINDS = {
    "zone": N_("园区"),
    "project": N_("项目"),
    "carrier": N_("载体"),
    "plot": N_("地块"),
    "enterprise": N_("企业"),
    "platform": N_("平台"),
    "landuse": N_("用地"),
    "landstate": N_("土地状态"),
    "supply": N_("供地状态"),
    "feature": N_("特点"),
    "stage": N_("阶段"),
    "light": N_("灯"),
    "kind": N_("跨区类型"),
    "unit": N_("单位"),
    "duty": N_("职责"),
    "chain": N_("产业链"),
    "node": N_("节点"),
    "policy": N_("政策"),
}
_TRANSLATED = frozenset({"landuse", "landstate", "supply", "feature", "stage", "light", "kind", "duty"})


def _name(known: Catalogue, hit: Hit) -> str:
    """Name of a hit in the request's language, where it has one in both."""
    things: dict[str, Mapping[str, Any]] = {
        "zone": known.zones, "unit": known.units, "chain": known.chains, "node": known.nodes
    }  # fmt: skip
    thing = things.get(hit.kind, {}).get(hit.entity_id)
    if thing is not None:
        return pick(thing.name_zh, thing.name_en)
    return _(hit.name) if hit.kind in _TRANSLATED else hit.name


def _button(known: Catalogue, place: int, hit: Hit, dataset: Dataset | None) -> html.Button:
    elsewhere = f"@{dataset.value}" if dataset else ""
    return html.Button(
        [
            html.Span(_(KINDS[hit.kind]), className="badge"),
            html.Span(_name(known, hit), className="search-name"),
            html.Span(hit.detail or "", className="quiet"),
        ],
        **action("select", f"{hit.kind}:{hit.entity_id}{elsewhere}"),
        id=f"search-hit-{place}",
        className="search-hit",
        type="button",
        role="option",
        tabIndex=-1,
    )


def hit_list(known: Catalogue, text: str, hits: Sequence[Hit], dataset: Dataset | None = None) -> html.Div:
    """The hits for a text as a list of buttons that select; of another data set where `dataset` names it."""
    return html.Div(
        [_button(known, place, hit, dataset) for place, hit in enumerate(hits)],
        className="search-hits",
        **{"data-for": text.strip()},
    )


def register(app: Dash) -> None:
    """Answer the search box while one types; a hit is a button that selects (assets/keys.js: arrows, Enter, Escape)."""

    @app.callback(
        Output("search-results", "children"),
        Input("search", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def find(text: str | None, query: str | None) -> list[Component]:
        if not (text or "").strip():
            return []
        asked = text or ""
        with read_session() as session:
            question = Question.asked(session, current_viewer(), query)
            hits = search(question, asked)
            if hits:
                return [hit_list(question.known, asked, hits)]
            none = html.Div(_("没有找到“{text}”", text=asked[:30]), className="search-none")
            public = question.with_(dataset=Dataset.PUBLISHED, period="")
            others = search(public, asked) if question.state.dataset is not Dataset.PUBLISHED else ()
            if not others:
                return [none]
            there = html.Div(
                [_("本数据集没有,公开数据集有:"), badges.dataset_mark(Dataset.PUBLISHED.provenance)],
                className="search-elsewhere",
            )
            return [there, hit_list(question.known, asked, others, Dataset.PUBLISHED)]
