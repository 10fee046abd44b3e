"""What the wall shows of the published set: figures, platforms, projects and policies, each with its date and source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries.carriers import carrier_list
from data.queries.catalogue import Catalogue
from data.queries.projects import project_page
from data.queries.published import platform_counts, policy_list, published_facts
from data.queries.question import Question
from domain.dates import printed_day
from domain.filters import Facet
from domain.units import M2
from i18n import N_, _, pick
from views.parts.badges import source_mark
from views.parts.block import unfollowed
from views.parts.column import cells_row, section
from views.parts.format import money_parts, number, scaled, scaled_text
from views.parts.opens import opens
from views.parts.park_facts import fact_parts, subject
from views.parts.project_card import opens_zone, written
from views.parts.published_line import published_line

#: The four clusters of K51 in few words; the park page has them whole.
_CLUSTERS = {
    "facility": N_("大科学装置"),
    "laboratory": N_("实验室"),
    "university": N_("校院地"),
    "industry": N_("产业平台"),
}
_LARGEST = 6
_CARRIERS = 100
_POLICIES = 6


def facts(question: Question) -> html.Section:
    """Published figures one by one, newest first: they differ in date and scope, so there is no total."""
    found = [
        f
        for f in published_facts(question, zones=question.at.chosen, families=("fact",))
        if f["zone_code"] in question.at.chosen
    ]
    found.sort(key=lambda f: (printed_day(f["as_of"]), f["subject"]), reverse=True)
    rows = [
        published_line(
            [opens_zone(question.known, f["zone_code"], short=True), *(f" · {name}" for name in subject(question, f))],
            _(f["indicator"]),
            *fact_parts(f),
            f,
        )
        for f in found
    ]
    body = rows or [html.P(_("所选园区没有公开数字"), className="note")]
    return section(
        _("公开数字"), _("各自日期与来源,不合计"), html.Div(body, className="published-rows"), unfollowed(question)
    )


def platforms(question: Question) -> html.Section | None:
    """Innovation platforms in the four clusters (K51)."""
    counts = platform_counts(question)
    if not counts:
        return None
    cells = [
        (str(counts.get(c, 0)), opens("cluster", c if counts.get(c) else None, _(name)))
        for c, name in _CLUSTERS.items()
    ]
    return section(_("创新平台"), _("公开名单的条数,不合计"), cells_row(cells), unfollowed(question, Facet.CHAIN))


def largest(question: Question) -> html.Section | None:
    """The projects with the largest published investment; a click opens one."""
    found = [p for p in project_page(question, limit=_LARGEST).rows if p["total_investment_wan"]]
    if not found:
        return None
    rows = []
    for p in found:
        amount, unit = money_parts(p["total_investment_wan"])
        name = opens("project", p["id"], pick(p["name_zh"], p["name_en"]))
        rows.append(published_line(_where(question.known, p), name, amount, unit, p))
    aside = _("按各自公布额,不合计")
    return section(_("投资最大的公开项目"), aside, html.Div(rows, className="published-rows published-rows--largest"))


def _where(known: Catalogue, record: Mapping[str, Any]) -> Component:
    code = record["zone_code"]
    return opens_zone(known, code, short=True) if code else html.Span(_("未载明园区"))


def carriers(question: Question) -> html.Section | None:
    """Published carriers one by one, largest first: some are parts of others, so there is no total."""
    found = carrier_list(question, limit=_CARRIERS)
    if not found:
        return None
    rows = []
    for c in found:
        area = scaled_text(c["gross_area_m2"], M2)
        name = opens("carrier", c["id"], c["name_zh"])
        rows.append(
            published_line(
                [_where(question.known, c), f" · {written(c['carrier_type'])}"], name, area, scaled(0, M2)[1], c
            )
        )
    return section(
        _("载体"),
        _("各自公布面积,互有包含,不合计"),
        html.Div(rows, className="published-rows published-rows--carriers"),
        unfollowed(question, Facet.DISTRICT),
    )


def policies(question: Question) -> html.Section | None:
    """The newest published policies, of the chosen chains where there are any."""
    found = policy_list(question)
    if not found:
        return None
    rows = [
        html.Div(
            [
                opens("policy", p["id"], p["title"], class_name="policy-title", title=p["support_text"] or p["title"]),
                html.Span(" · ".join(t for t in (p["issuer"], p["valid_from"]) if t), className="quiet published-date"),
                source_mark(p["source"]),
            ],
            className="policy-row",
        )
        for p in found[:_POLICIES]
    ]
    return section(_("政策"), _("共 {n} 项", n=number(len(found))), html.Div(rows), unfollowed(question, Facet.CHAIN))
