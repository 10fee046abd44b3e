"""The one way a screen's state changes: any control, click or link becomes a new URL, and everything follows the URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.posted import Asked, Feature, Intent
from callbacks.request import current_viewer, read_state
from data.db import read_session
from data.queries.catalogue import catalogue
from data.queries.question import Question
from domain.viewstate import Dataset, Grouping, Scope, ViewState, Vocabulary, expand_nodes, select_nodes, to_query
from layers.context import Page
from layers.registry import BY_ID, NO_LAYERS, visible
from views.parts.facets import FACETS, FOLLOWS, button_face, facet_count, unit_checks, unit_options

_TUPLES = ("zones", "districts", "stages", "lights", "kinds")

#: State fields that controls set, and what a control of each holds.
CONTROLS: dict[str, type] = (
    dict.fromkeys(("chain", *_TUPLES), list)
    | dict.fromkeys(("scope", "by", "landuse", "kpi", "year", "window"), str)
    | dict.fromkeys(("restate", "agreed"), bool)
)


def _toggle(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(v for v in values if v != value) if value in values else (*values, value)


def apply_control(state: ViewState, name: str, value: Any, words: Vocabulary) -> ViewState:
    """State after control `name` got `value`. Values outside the vocabulary are dropped, never an error."""
    if name == "chain":
        return state.with_(**select_nodes(value or (), words.chain_nodes))
    if name in _TUPLES:
        return state.with_(**{name: tuple(value or ())})
    if name == "period":
        return state.with_(period="" if value in (None, words.latest) else str(value))
    if name == "scope" and value in set(Scope):
        return _in_units(state.with_(scope=Scope(value)), words)
    if name == "by" and value in set(Grouping):
        return _in_units(state.with_(by=Grouping(value)), words)
    if name == "dataset" and value in set(Dataset):
        # Another data set has other records: what was selected in the old one has no meaning here.
        return state.with_(dataset=Dataset(value), period="", selection="")
    if name == "scheme":
        scheme = "" if value == words.default_scheme else str(value)
        return ViewState(scheme=scheme, dataset=state.dataset, scope=state.scope, by=state.by, kpi=state.kpi)
    if name == "landuse" and value in ("status", "plan"):
        return state.with_(landuse=value)
    if name == "kpi" and value in words.kpis:
        return state.with_(kpi=value)
    if name in ("restate", "agreed"):
        return state.with_(**{name: bool(value)})
    if name == "year":
        return state.with_(year="" if value in (None, FOLLOWS) else str(value))
    if name == "window":
        return state.with_(window="" if value in (None, FOLLOWS) else str(value))
    return state


def _in_units(state: ViewState, words: Vocabulary) -> ViewState:
    """The state without the units that its grouping does not have."""
    return state.with_(districts=tuple(d for d in state.districts if d in words.units[state.grouping]))


#: Facets that a selected word sets instead of opening a panel.
_FACETS = {"stage": "stages", "light": "lights", "kind": "kinds", "district": "districts"}


def select_thing(state: ViewState, selection: str, words: Vocabulary) -> ViewState:
    """State in which the thing named `kind:code` is chosen: its panel open, its facet set, or its chain on screen.

    ``kind:code@set`` is of another data set. The map goes to what is selected, so an address no longer says where the
    map is. "" selects nothing.
    """
    selection, _at, dataset = selection.partition("@")
    if dataset:
        state = apply_control(state, "dataset", dataset, words)
    kind, _sep, code = selection.partition(":")
    if kind in _FACETS:
        return state.with_(**{_FACETS[kind]: (code,)}, selection="")
    if kind == "chain" and code in words.chain_nodes:
        return state.with_(chains=(code,), nodes=(), selection="")
    if kind == "node":
        return state.with_(chains=(), nodes=(code,), selection="")
    return state.with_(selection=selection[:80], camera="" if selection else state.camera)


def page_for(selection: str, pathname: str | None) -> str:
    """Path of the page on which a thing named `kind:code` is seen: the one on screen where that shows it."""
    here = pathname or "/"
    kind, _sep, code = selection.partition("@")[0].partition(":")
    if not kind:
        return here
    if kind in ("chain", "node"):
        return "/chains"
    if kind in _FACETS and here.startswith(("/projects", "/park/")):
        return here
    if here == "/" or here.startswith("/park/"):
        return here
    return f"/{kind}/{code}" if kind == "project" else f"/park/{code}" if kind == "zone" else "/"


def apply_action(state: ViewState, act: str, arg: str, words: Vocabulary, page: Page) -> ViewState:
    """State after a button: `act` says what it does, `arg` with what."""
    match act:
        case "clear" if arg == "all":
            cleared: dict[str, Any] = dict.fromkeys((*_TUPLES, "chains", "nodes"), ())
            return state.with_(**cleared, period="")
        case "clear" if arg == "chain":
            return state.with_(chains=(), nodes=())
        case "clear" if arg in _TUPLES:
            return state.with_(**{arg: ()})
        case "drop":  # one value out of what is set
            name, _, value = arg.partition("=")
            if name == "chain":
                left = expand_nodes(state, words.chain_nodes) - set(words.chain_nodes.get(value, (value,)))
                return state.with_(**select_nodes(left, words.chain_nodes))
            if name == "period":
                return state.with_(period="")
            if name in _TUPLES:
                return state.with_(**{name: tuple(v for v in getattr(state, name) if v != value)})
        case "chain" if arg in words.chain_nodes:
            nodes = expand_nodes(state, words.chain_nodes)
            own = set(words.chain_nodes[arg])
            return state.with_(**select_nodes(nodes - own if arg in state.chains else nodes | own, words.chain_nodes))
        case "light":
            return state.with_(lights=_toggle(state.lights, arg))
        case "kind":
            return state.with_(kinds=_toggle(state.kinds, arg))
        case "stage":
            return state.with_(stages=_toggle(state.stages, arg))
        case "kpi":
            return state.with_(kpi=arg)
        case "dataset" | "scheme" | "period" | "scope" | "by" | "landuse":
            return apply_control(state, act, arg, words)
        case "select":
            return select_thing(state, arg, words)
        case "table":
            return state.with_(table=not state.table)
        case "explain":
            return state.with_(explain=arg)
        case "layer":
            return state.with_(layers=_toggle(tuple(visible(state, page)), arg) or (NO_LAYERS,))
    return state


def selection_of(features: Sequence[Feature]) -> str | None:
    """Selection a map click on `features` means, None for a click that hit nothing of ours."""
    for feature in features:
        layer = BY_ID.get(feature.get("layer", "").split("-")[0])
        properties = feature.get("properties", {})
        code = properties.get("id") or properties.get("code")
        if layer and layer.selects and code:
            return f"{layer.selects}:{code}"
    return None


def address(state: ViewState) -> str:
    """Search part of the address of a state."""
    query = to_query(state)
    return f"?{query}" if query else ""


def register(app: Dash) -> None:
    """Bind the URL, every facet control, and what buttons and the map report to one another."""

    app.clientside_callback(
        ClientsideFunction("atlas", "chosen"),
        Output("asked", "data", allow_duplicate=True),  # never answered; without it Dash keeps quiet about new controls
        Input({"facet": ALL}, "value"),
        Input({"check": ALL}, "checked"),
        prevent_initial_call=True,
    )

    # Of one callback only the last answer counts, and a reader need not wait for it: what was asked and not answered
    # is asked again together with the next (`tell` in assets/callbacks.js).
    @app.callback(
        Output("url", "search"),
        Output("url", "pathname"),
        Output("heard", "data"),
        Input("asked", "data"),
        State("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    def act(asked: Asked | None, search: str | None, pathname: str | None) -> tuple[Any, Any, int]:
        if asked is None:
            raise PreventUpdate
        with read_session() as session:
            before = after = read_state(session, search)[0]
            path = pathname or "/"
            for intent in asked["said"]:
                words = catalogue(session).vocabulary(after.dataset, after.scheme)
                after, path = apply_intent(after, intent, words, path)
        if after.row == before.row and after != before:  # a list of other records begins at its first
            after = after.with_(row=1)
        if path == (pathname or "/"):
            return no_update if after == before else address(after), no_update, asked["n"]
        return address(after), path, asked["n"]

    @app.callback(
        Output("facet-values", "data"),
        Output({"facet-button": ALL}, "children"),
        Output({"facet-button": ALL}, "className"),
        Output({"facet-units": ALL}, "children"),
        Output({"facet-units": ALL}, "data-by"),
        Input("shown", "data"),
        State({"facet": ALL}, "id"),
        State({"check": ALL}, "id"),
        State({"facet-units": ALL}, "data-by"),
        prevent_initial_call=True,
    )
    @alike
    def mark(
        search: str | None, controls: list[dict[str, str]], boxes: list[dict[str, str]], listed: list[str]
    ) -> tuple[dict[str, Any], list[Any], list[str], list[Any], list[str]]:
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
        state = question.state
        words = question.known.vocabulary(state.dataset, state.scheme)
        grouping = unit_options(question)[0]
        values = {
            name: facet_value(state, name, words)
            for name in (next(iter(c.values()), "") for c in (*controls, *boxes))
            if name in CONTROLS
        }
        names = [item["id"]["facet-button"] for item in ctx.outputs_list[1]]
        if not FACETS.keys() >= set(names):
            raise PreventUpdate
        faces = [button_face(name, facet_count(state, name)) for name in names]
        return (
            {"search": search or "", "values": values},
            [label for label, _class in faces],
            [class_name for _label, class_name in faces],
            # The list of units is another one only in another grouping or scheme.
            [no_update if before == grouping else unit_checks(question) for before in listed],
            [grouping] * len(listed),
        )

    app.clientside_callback(
        ClientsideFunction("atlas", "setControls"),
        Input("facet-values", "data"),
        State("url", "search"),
        State({"facet": ALL}, "id"),
        State({"facet": ALL}, "value"),
        State({"check": ALL}, "id"),
        State({"check": ALL}, "checked"),
        prevent_initial_call=True,
    )


def page_of(pathname: str | None) -> Page:
    """Which map page a path shows; they differ in the layers drawn by default."""
    return "park" if (pathname or "").startswith("/park/") else "wall"


def _same(a: Any, b: Any) -> bool:
    return (sorted(a) if isinstance(a, list) else a) == (sorted(b) if isinstance(b, list) else b)


def facet_value(state: ViewState, name: str, words: Vocabulary) -> Any:
    """Value the control of a state field should show."""
    if name == "chain":
        return sorted(expand_nodes(state, words.chain_nodes))
    if name in ("year", "window"):
        return getattr(state, name) or FOLLOWS
    value = getattr(state, name)
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, Scope | Grouping) else value


def selected_by(intent: Intent) -> str:
    """What an intent selects, as ``kind:code``; "" where it selects nothing."""
    if intent["type"] == "select":
        return intent.get("selection", "")
    return intent.get("arg", "") if intent.get("act") == "select" else ""


def apply_intent(state: ViewState, intent: Intent, words: Vocabulary, path: str) -> tuple[ViewState, str]:
    """State and path after something the browser reported: a control, a button, a map click, a row click, a search pick."""
    match intent["type"]:
        case "set":
            name, value = intent.get("name", ""), intent.get("value")
            known = name in CONTROLS and (value is None or isinstance(value, CONTROLS[name]))
            if known and not _same(value, facet_value(state, name, words)):
                return apply_control(state, name, value, words), path
        case "act":
            after = apply_action(state, intent.get("act", ""), intent.get("arg", ""), words, page_of(path))
            return _on_page(after, path, page_for(selected_by(intent), path))
        case "click":
            chosen = selection_of(intent.get("features", []))
            return select_thing(state, chosen, words) if chosen else state, path
        case "select":
            chosen = selected_by(intent)
            return _on_page(select_thing(state, chosen, words), path, page_for(chosen, path))
    return state, path


def _on_page(state: ViewState, before: str, path: str) -> tuple[ViewState, str]:
    """Another page starts with nothing of the one before lying over it."""
    if path != before:
        kept = {"selection": state.selection if path == "/" else "", "camera": state.camera}
        state = state.away().with_(explain="", **kept)
    return state, path
