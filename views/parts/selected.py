"""The panel of what is selected: the same on the wall, where it stands in the column, and beside a park page."""

from __future__ import annotations

from dash import html

from data.queries import gate
from data.queries.catalogue import ZoneInfo
from data.queries.chains import chain_boards
from data.queries.entities import entity_card
from data.queries.groups import group, policy_card
from data.queries.kpis import figures
from data.queries.projects import attention_list, project_detail
from data.queries.question import Question
from i18n import _
from views.parts import on_offer
from views.parts.button import action
from views.parts.entity_card import KINDS as ENTITY_KINDS
from views.parts.entity_card import entity_panel
from views.parts.group_panel import duty_panel, group_panel, policy_panel, unit_panel
from views.parts.project_card import project_panel
from views.parts.zone_card import STRIP, indicators, zone_panel

RED_ROWS = 5


def selected_panel(question: Question) -> html.Div | None:
    """The panel of the selection; None when nothing is selected, a sentence when it is not there or not to be seen."""
    known = question.known
    kind, _sep, code = question.state.selection.partition(":")
    if not kind:
        return None
    panel = None
    if kind == "zone" and code in known.zones and known.zones[code].is_area:
        panel = _zone(question, known.zones[code])
    elif kind == "zone" and code in known.zones:
        return None  # an axis is a line, which has no figures of its own
    elif kind == "project":
        detail = project_detail(question, code)
        panel = project_panel(question, detail) if detail else None
    elif kind in ENTITY_KINDS:
        card = entity_card(question, kind, code)
        panel = entity_panel(known, card) if card else None
    elif kind == "unit":
        panel = unit_panel(question, code)
    elif kind == "duty":
        panel = duty_panel(question, code)
    elif kind == "policy":
        policy = policy_card(question, code)
        panel = policy_panel(known, policy) if policy else None
    else:
        found = group(question, kind, code)
        panel = group_panel(question, found) if found else None
    return panel or _missing(
        _("没有这个项目,或当前角色不能看") if kind == "project" else _("没有这一项,或当前角色不能看")
    )


def _zone(question: Question, zone: ZoneInfo) -> html.Div:
    here = question.selected
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return zone_panel(question, zone, [on_offer.carriers(here), on_offer.plots(here)])
    red = attention_list(here, limit=RED_ROWS)
    shown, boards = figures(here, STRIP), chain_boards(here)
    return zone_panel(question, zone, indicators(question, zone, shown, boards, red.rows, red.total))


def _missing(words: str) -> html.Div:
    return html.Div(
        [
            html.Button("←", **action("select", ""), className="icon-button", **{"aria-label": _("返回")}),
            html.P(words, className="note"),
        ],
        className="panel-body",
        id="missing-panel",
    )
