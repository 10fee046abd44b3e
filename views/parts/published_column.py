"""What the wall shows of the published set: figures, platforms, projects and policies, each with its date and source."""

from __future__ import annotations

from dash import html
from sqlalchemy.orm import Session

from data.queries.catalogue import catalogue
from data.queries.projects import project_page
from data.queries.published import platform_counts, policy_list, published_facts
from domain.filters import Facet
from domain.viewer import Viewer
from domain.viewstate import ViewState
from i18n import N_, _, pick
from views.parts.badges import source_mark
from views.parts.block import unfollowed
from views.parts.button import action
from views.parts.column import cells_row, section
from views.parts.explain_drawer import zone_word
from views.parts.format import NONE, money, number
from views.parts.opens import opens
from views.parts.park_facts import fact_unit
from views.parts.project_card import opens_zone

#: The four clusters of K51 in few words; the park page has them whole.
_CLUSTERS = {
    "facility": N_("大科学装置"),
    "laboratory": N_("实验室"),
    "university": N_("校院地"),
    "industry": N_("产业平台"),
}
_LARGEST = 6
_POLICIES = 6


def facts(session: Session, viewer: Viewer, state: ViewState) -> html.Section:
    """Published figures one by one, newest first: they differ in date and scope, so there is no total."""
    known = catalogue(session)
    at = known.resolve(state)
    found = [
        f
        for f in published_facts(session, viewer, state, zones=at.chosen, families=("fact",))
        if f["zone_code"] in at.chosen
    ]
    found.sort(key=lambda f: (f["as_of"] or "", f["subject"]), reverse=True)
    rows = []
    for f in found:
        value = f["value_text"] or NONE
        rows.append(
            html.Div(
                [
                    html.Span(opens_zone(known, f["zone_code"], short=True), className="published-subject"),
                    html.Span(f["indicator"], className="published-name"),
                    html.Span([value, html.Small(fact_unit(f))], className="published-value"),
                    html.Span(f["as_of"] or _("日期未载"), className="quiet published-date"),
                    source_mark(f["source"]),
                ],
                className="published-row",
                title=f["note"] or "",
            )
        )
    body = rows or [html.P(_("所选园区没有公开数字"), className="note")]
    return section(
        _("公开数字"), _("各自日期与来源,不合计"), html.Div(body, className="published-rows"), unfollowed(state)
    )


def platforms(session: Session, viewer: Viewer, state: ViewState) -> html.Section | None:
    """Innovation platforms in the four clusters (K51)."""
    counts = platform_counts(session, viewer, state)
    if not counts:
        return None
    aside = _("四类 {n} 个", n=number(sum(counts.get(c, 0) for c in _CLUSTERS)))
    cells = [
        (str(counts.get(c, 0)), opens("cluster", c if counts.get(c) else None, _(name)))
        for c, name in _CLUSTERS.items()
    ]
    return section(_("创新平台"), aside, cells_row(cells), unfollowed(state, Facet.CHAIN))


def largest(session: Session, viewer: Viewer, state: ViewState) -> html.Section | None:
    """The projects with the largest published investment; a click opens one."""
    known = catalogue(session)
    found = [p for p in project_page(session, viewer, state, limit=_LARGEST).rows if p["total_investment_wan"]]
    if not found:
        return None
    rows = [
        html.Button(
            [
                html.Span(
                    [
                        html.Span(pick(p["name_zh"], p["name_en"]), className="attention-name"),
                        html.Span(
                            " · ".join(t for t in (zone_word(known, p["zone_code"]), p["as_of"] or "") if t),
                            className="attention-detail",
                        ),
                    ],
                    className="attention-text",
                ),
                html.Span(money(p["total_investment_wan"]), className="published-money"),
            ],
            **action("select", f"project:{p['id']}"),
            className="attention-row attention-row--plain",
            type="button",
        )
        for p in found
    ]
    return section(_("投资最大的公开项目"), _("按各自公布额"), html.Div(rows))


def policies(session: Session, viewer: Viewer, state: ViewState) -> html.Section | None:
    """The newest published policies, of the chosen chains where there are any."""
    found = policy_list(session, viewer, state)
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
    return section(_("政策"), _("共 {n} 项", n=number(len(found))), html.Div(rows), unfollowed(state, Facet.CHAIN))
