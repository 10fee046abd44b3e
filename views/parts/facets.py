"""The filter bar: one small panel per facet, all bound to the one state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data.queries.question import Question
from domain.cross_district import KIND_NAMES
from domain.lifecycle import STAGE_GROUPS
from domain.viewstate import KINDS, LIGHTS, Scope, ViewState, expand_nodes
from i18n import N_, _, pick
from views.parts.button import action
from views.parts.format import GROUPINGS, LIGHT_MARK, SCOPES
from views.parts.format import LIGHTS as LIGHT_NAMES

#: Facets in the order of the bar, with the word on the button.
FACETS = {
    "chain": N_("产业链"),
    "zones": N_("园区"),
    "districts": N_("区县/单位"),
    "stages": N_("阶段"),
    "lights": N_("灯"),
    "kinds": N_("跨区"),
}

#: Value of a control that follows another one or has no bound: the state says "" then, which a control cannot.
FOLLOWS = "0"


def facet_id(name: str) -> dict[str, str]:
    """Component id of the control of a state field; callbacks/state.py listens to all of them at once."""
    return {"facet": name}


def check_id(name: str) -> dict[str, str]:
    """Component id of a control of a state field whose value is what is checked."""
    return {"check": name}


def facet_count(state: ViewState, name: str) -> int:
    """How many values a facet of the bar has set."""
    return len(state.chains) + len(state.nodes) if name == "chain" else len(getattr(state, name))


def button_face(name: str, count: int) -> tuple[list[Component | str], str]:
    """Content and class of a facet's button with `count` values set."""
    label: list[Component | str] = [_(FACETS[name])]
    if count:
        label.append(html.Span(str(count), className="facet-count"))
    label.append(html.Span("▾", className="facet-caret", **{"aria-hidden": "true"}))
    return label, "facet-button" + (" is-set" if count else "")


def _button(name: str, count: int) -> html.Button:
    label, class_name = button_face(name, count)
    return html.Button(
        label,
        id={"facet-button": name},
        className=class_name,
        type="button",
        **{"aria-haspopup": "dialog"},
    )


def _panel(name: str, count: int, body: Component, width: int) -> dmc.Popover:
    return dmc.Popover(
        [
            dmc.PopoverTarget(html.Div(_button(name, count), className="facet-target")),
            dmc.PopoverDropdown(
                [
                    html.Div(
                        [
                            html.Span(_(FACETS[name]), className="facet-title"),
                            html.Button(_("清除"), **action("clear", name), className="link-button", type="button"),
                        ],
                        className="facet-head",
                    ),
                    body,
                ],
                className="facet-panel",
            ),
        ],
        width=width,
        position="bottom-start",
        shadow="md",
        withinPortal=True,
        keepMounted=True,
        trapFocus=False,
        returnFocus=True,
    )


def _checks(name: str, options: Sequence[tuple[str, Component | str]], chosen: Sequence[str]) -> dmc.CheckboxGroup:
    return dmc.CheckboxGroup(
        id=facet_id(name),
        value=list(chosen),
        children=html.Div([dmc.Checkbox(value=v, label=label, size="sm") for v, label in options], className="checks"),
    )


def chain_tree(question: Question, counts: Mapping[str, int]) -> dmc.Tree:
    """Chains and their nodes with tri-state boxes (rules §5.4); the number is the chain's signed projects."""
    state = question.state
    data = [
        {
            "value": c.code,
            "label": f"{pick(c.name_zh, c.name_en)}  {counts.get(c.code, 0)}",
            "children": [{"value": n.id, "label": f"{_(n.tier)} · {pick(n.name_zh, n.name_en)}"} for n in c.nodes],
        }
        for c in question.known.chains.values()
    ]
    chosen = expand_nodes(state, {c.code: tuple(n.id for n in c.nodes) for c in question.known.chains.values()})
    return dmc.Tree(
        id=check_id("chain"),
        data=data,
        checkboxes=True,
        checked=sorted(chosen),
        expanded=sorted({n.split("-")[0] for n in state.nodes}),
        expandOnClick=True,
        className="chain-tree",
    )


def unit_options(question: Question) -> tuple[str, list[str]]:
    """What the units to choose from depend on, and the units of the grouping in force: those of the scheme first."""
    at = question.at
    grounds = at.grounds.values()
    owners = {owner for ground in grounds if (owner := ground.owner(at.by))}
    hosts = {district for ground in grounds for district in ground.hosts}
    cities = {district[:4] for district in hosts}
    offered = [
        code
        for code in question.known.units_of(at.by, at.scheme)
        if code in owners or code[:4] in cities or question.known.units[code].kind != "statutory"
    ]
    return f"{at.scheme} {at.by.value}", sorted(offered, key=lambda c: (c not in owners, c not in hosts, c))


def unit_checks(question: Question) -> dmc.CheckboxGroup:
    """The units of the grouping in force (rules §4.2.1)."""
    _on, codes = unit_options(question)
    named = [(code, pick(*question.known.unit_name(code, question.state.grouping))) for code in codes]
    return _checks("districts", named, question.state.districts)


def filter_bar(question: Question, counts: Mapping[str, int], chips: Sequence[Component]) -> html.Div:
    """All facets and what is set, for the state given; callbacks keep it in step with the URL."""
    state = question.state
    zones = question.known.scheme_zones(question.at.scheme)
    light_labels = [
        (light, html.Span([html.Span(LIGHT_MARK[light], className=f"light light--{light}"), _(LIGHT_NAMES[light])]))
        for light in LIGHTS
    ]
    kind_labels = [(k, f"{k} {_(KIND_NAMES[k])}") for k in KINDS]
    bodies: dict[str, tuple[int, Component, int]] = {
        "chain": (
            len(state.chains) + len(state.nodes),
            html.Div(chain_tree(question, counts), className="facet-scroll"),
            340,
        ),
        "zones": (
            len(state.zones),
            _checks("zones", [(z.code, pick(z.name_zh, z.name_en)) for z in zones], state.zones),
            260,
        ),
        "districts": (
            len(state.districts),
            html.Div(
                unit_checks(question),
                id={"facet-units": "districts"},
                className="facet-scroll",
                **{"data-by": unit_options(question)[0]},
            ),
            300,
        ),
        "stages": (
            len(state.stages),
            _checks("stages", [(g.id, pick(g.name_zh, g.name_en)) for g in STAGE_GROUPS.values()], state.stages),
            200,
        ),
        "lights": (len(state.lights), _checks("lights", light_labels, state.lights), 160),
        "kinds": (len(state.kinds), _checks("kinds", kind_labels, state.kinds), 240),
    }
    return html.Div(
        [
            html.Div(
                [
                    *(_panel(name, n, body, width) for name, (n, body, width) in bodies.items()),
                    html.Button(
                        _("全部清除"), **action("clear", "all"), className="link-button facet-clear", type="button"
                    ),
                ],
                className="facet-row",
            ),
            html.Div(list(chips), id="filter-chips", className="filter-chips"),
        ],
        className="filter-bar",
        role="search",
        **{"aria-label": _("筛选"), "data-map-obstacle": "1"},
    )


def grouping_switch(state: ViewState) -> dmc.SegmentedControl | None:
    """By which units records are counted (rules §4.2.1); None by area, where the ground says which."""
    if state.scope is Scope.AREA:
        return None
    return dmc.SegmentedControl(
        id=facet_id("by"),
        value=state.by.value,
        data=[{"value": k, "label": _(v)} for k, v in GROUPINGS.items()],
        size="xs",
        fullWidth=True,
        className="grouping-switch",
    )


def scope_switch(state: ViewState) -> dmc.SegmentedControl:
    """The four scopes 口径 (rules §4.2)."""
    return dmc.SegmentedControl(
        id=facet_id("scope"),
        value=state.scope.value,
        data=[{"value": k, "label": _(v)} for k, v in SCOPES.items()],
        size="xs",
        fullWidth=True,
    )
