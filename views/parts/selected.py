"""The panel of what is selected: the same on the wall, where it stands in the column, and beside a park page."""

from __future__ import annotations

from dash import html
from sqlalchemy.orm import Session

from data.queries.catalogue import catalogue
from data.queries.chains import chain_boards
from data.queries.entities import entity_card
from data.queries.groups import group, policy_card
from data.queries.kpis import figures
from data.queries.projects import attention_list, project_detail
from domain.viewer import Viewer
from domain.viewstate import ViewState
from i18n import _
from views.parts.button import action
from views.parts.entity_card import KINDS as ENTITY_KINDS
from views.parts.entity_card import entity_panel
from views.parts.group_panel import duty_panel, group_panel, policy_panel, unit_panel
from views.parts.project_card import project_panel
from views.parts.zone_card import STRIP, zone_panel

RED_ROWS = 5


def selected_panel(session: Session, viewer: Viewer, state: ViewState) -> html.Div | None:
    """The panel of the selection; None when nothing is selected, a sentence when it is not there or not to be seen."""
    kind, _sep, code = state.selection.partition(":")
    if not kind:
        return None
    known = catalogue(session)
    panel = None
    if kind == "zone" and code in known.zones and known.zones[code].is_area:
        red = attention_list(session, viewer, state.with_(zones=(code,)), limit=RED_ROWS)
        panel = zone_panel(
            known,
            state,
            known.zones[code],
            figures(session, viewer, state, STRIP, zones=(code,)),
            chain_boards(session, viewer, state, zones=(code,)),
            red.rows,
            red.total,
        )
    elif kind == "zone" and code in known.zones:
        return None  # an axis is a line, which has no figures of its own
    elif kind == "project":
        detail = project_detail(session, viewer, state, code)
        panel = project_panel(known, state, detail) if detail else None
    elif kind in ENTITY_KINDS:
        card = entity_card(session, viewer, state, kind, code)
        panel = entity_panel(known, card) if card else None
    elif kind == "unit":
        panel = unit_panel(known, state, code)
    elif kind == "duty":
        panel = duty_panel(known, state, code)
    elif kind == "policy":
        policy = policy_card(session, state, code)
        panel = policy_panel(known, policy) if policy else None
    else:
        found = group(session, viewer, state, kind, code)
        panel = group_panel(known, state, found, known.resolve(state).provenance) if found else None
    return panel or _missing(
        _("没有这个项目,或当前角色不能看") if kind == "project" else _("没有这一项,或当前角色不能看")
    )


def _missing(words: str) -> html.Div:
    return html.Div(
        [
            html.Button("←", **action("select", ""), className="icon-button", **{"aria-label": _("返回")}),
            html.P(words, className="note"),
        ],
        className="panel-body",
        id="missing-panel",
    )
