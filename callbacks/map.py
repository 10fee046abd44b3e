"""The map follows the state: the whole style once, afterwards only what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from flask import Response, jsonify, request
from plotly.utils import PlotlyJSONEncoder

from callbacks.answers import alike, answer
from callbacks.posted import Camera, MapEvent
from callbacks.request import current_viewer, read_state
from callbacks.state import page_of
from data.db import read_session
from data.queries import gate
from data.queries.entities import position_of
from data.queries.groups import marked
from data.queries.kpis import figures
from data.queries.land import what_is_here
from data.queries.projects import ProjectSummary, project_summary, worst_of_zones
from data.queries.question import Question
from domain.viewstate import Dataset, ViewState, to_query
from i18n import _
from layers.context import MapContext, Page, make_context
from layers.project import MOST_SINGLE
from layers.registry import offered
from layers.style import drawing, label_figures, legend, map_patch, map_spec
from layers.theme import ThemeName
from layers.tiles import shown_version
from settings import get_settings
from views.pages.park import zone_of
from views.pages.wall import free_of_zones, label_values
from views.parts.block import in_place
from views.parts.format import km2
from views.parts.here import here_card
from views.parts.legend import legend_body, legend_box, legend_strip
from views.parts.map_frame import register_clientside
from views.shell import foot_notes

TILE_URL = "/tiles/{version}/{archive}/{z}/{x}/{y}.mvt"
_PARK_PADDING = 18  # px; the map of a park is small, so the park fills it
_THEME: dict[Page, ThemeName] = {"wall": "wall", "park": "desk"}


def map_context(question: Question, page: Page) -> MapContext:
    """What the map needs besides the state, on the wall with the chosen KPI of each zone on its label."""
    if page == "park":
        return _context(question, page)  # its small map has plain names
    zones = question.at.zones
    summary = project_summary(question.everywhere)
    published = question.state.dataset is Dataset.PUBLISHED  # without months, so nobody knows their lights
    values = {z: figures(question, (question.state.kpi,), zones=(z,))[question.state.kpi] for z in zones}
    if any(figure.value is not None for figure in values.values()):
        told = replace(summary, zone_lights={}) if published else summary
        return _context(question, page, label_values(values, question.state.scope), told)
    return _context(question, page, _known_instead(question, summary), None if published else summary)


def _known_instead(question: Question, summary: ProjectSummary) -> dict[str, tuple[str, str]]:
    """What a label says where no zone has a figure: how many projects it has, and before any came in, how large it is;
    to a visitor, how much room its carriers have."""
    zones = question.known.scheme_zones(question.at.scheme)
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return free_of_zones(question)
    if any(summary.zones.values()):
        words = in_place(question, _("个项目"))
        return {z.code: (str(summary.zones.get(z.code, 0)), words) for z in zones}
    return {z.code: (km2(z.geometry_area_m2, 1), "" if z.geometry_area_m2 is None else "km²") for z in zones}


def _context(
    question: Question,
    page: Page,
    values: Mapping[str, tuple[str, str]] | None = None,
    summary: ProjectSummary | None = None,
) -> MapContext:
    return make_context(
        question,
        page=page,
        tile_url=TILE_URL,
        tiles_version=shown_version(question.session),
        values=values,
        summary=summary,
        singled=worst_of_zones(question.everywhere, MOST_SINGLE) if page == "wall" else (),
        map_review_no=get_settings().map_review_no,
        marked=marked(question),
        place=position_of(question),
    )


def spec_of(question: Question, page: Page) -> dict[str, Any]:
    """The whole map of a state, for the first picture of a page; `shown` is the state, from which changes start."""
    state = question.state
    return map_spec(state, question.viewer, map_context(question, page), _THEME[page]) | {"shown": to_query(state)}


@dataclass(frozen=True)
class Legend:
    """What the legend says, without the remarks of `notes`, which change with every filter: a `strip` that is always on
    screen and a `body` that is folded away. `key` tells by part what it shows: what has the same key is not sent again."""

    strip: Sequence[Component]
    body: Sequence[Component]
    notes: Mapping[str, str]
    key: dict[str, str]


def legend_of(question: Question, page: Page) -> Legend:
    """The legend of a state."""
    return _legend(question, _context(question, page), page)


def _legend(question: Question, context: MapContext, page: Page) -> Legend:
    on_map = legend(question.state, question.viewer, context, _THEME[page])
    offers = offered(drawing(question.state, question.viewer, context, _THEME[page]))
    layers = [(layer.id, _(layer.title)) for layer in reversed(offers)]
    landuse = question.state.landuse
    foot = foot_notes(question, get_settings().map_review_no)
    plain = legend_body([group | {"note": ""} for group in on_map], layers, landuse, foot)
    strip, body = legend_strip(on_map), legend_body(on_map, layers, landuse, foot)
    key = {"strip": _key_of(strip), "body": _key_of(plain)}
    return Legend(strip, body, {group["id"]: group["note"] for group in on_map}, key)


def _key_of(parts: Sequence[Component]) -> str:
    return hashlib.sha256(json.dumps(parts, cls=PlotlyJSONEncoder, sort_keys=True).encode()).hexdigest()[:16]


def fill(page: Component, question: Question, path: str) -> None:
    """Put map and legend into a new page at a path; that of a park opens on the park, and draws its scheme."""
    zone = zone_of(question.known, path)
    if zone is None:
        page["map-spec"].data = spec_of(question, "wall")
        _put(page, legend_of(question, "wall"))
        return
    state = question.state
    here = _shown_on(question, path)
    spec = spec_of(here if state.camera or state.selection else here.with_(selection=f"zone:{zone.code}"), "park")
    spec["camera"] |= {"padding": _PARK_PADDING, "home": list(zone.bounds)}
    if "bounds" in spec["camera"] and not state.selection.startswith("zone:"):
        spec["camera"]["bounds"] = spec["camera"]["home"]  # what is selected has no place: the park is the picture
    page["map-spec"].data = spec | {"shown": to_query(state)}
    _put(page, legend_of(here, "park"))


def _shown_on(question: Question, path: str | None) -> Question:
    """The question of the map at a path: that of a park draws its scheme."""
    zone = zone_of(question.known, path or "")
    if zone is None:
        return question
    return question.with_(scheme="" if zone.scheme == question.known.default_scheme else zone.scheme)


def _put(page: Component, found: Legend) -> None:
    page["legend"].children, page["legend-key"].data = legend_box(found.strip), found.key | {"body": ""}


def change_of(question: Question, shown: str | None, page: Page) -> dict[str, Any]:
    """What the map has to change from the state of one query string to another; the figures on its labels follow later.

    ``{"shown": query, "patch": …}``, or ``{"shown": query, "spec": …}`` where a patch cannot express it; ``"quiet"`` where
    nothing but the open drawer changes.
    """
    state, old = question.state, read_state(question.session, shown)[0]
    context = _context(question, page)
    before = _context(question.about(old), page)
    patch = map_patch(old, state, question.viewer, context, _THEME[page], old_context=before)
    if patch is None:
        return {"spec": spec_of(question, page), "shown": to_query(state)}
    quiet = state.with_(explain="") == old.with_(explain="")
    return {"patch": patch, "shown": to_query(state)} | ({"quiet": True} if quiet and state != old else {})


def link_to(href: str, state: ViewState, camera: Camera) -> str:
    """Address of the state with the map where it is now."""
    if "center" in camera and "zoom" in camera:
        lon, lat = camera["center"]
        state = state.with_(camera=f"{lon:.5f},{lat:.5f},{camera['zoom']:.2f}")
    query = to_query(state)
    return href.partition("?")[0] + (f"?{query}" if query else "")


def register(app: Dash) -> None:
    """Bind the map's stores to the URL, and a place that is asked about to its answer."""
    register_clientside(app, "map")

    @app.callback(
        Output("here", "children"),
        Input("here-ask", "data"),
        State("url", "href"),
        prevent_initial_call=True,
    )
    def here(event: MapEvent | None, href: str | None) -> Component:
        if event is None or "lngLat" not in event:
            raise PreventUpdate
        lon, lat = event["lngLat"]
        camera = event.get("camera", Camera())
        href = href or ""
        with read_session() as session:
            question = Question.asked(session, current_viewer(), href.partition("?")[2])
            found = what_is_here(question, lon, lat)
            return here_card(question.known, found, link_to(href, question.state, camera))

    # The map first: the bridge asks for its change as soon as the URL is another one, and what else follows the state
    # waits for `shown`. Through a store of Dash's own the map would be the last to hear of it.
    app.clientside_callback(
        ClientsideFunction("atlas", "follow"),
        Output("shown", "data"),
        Input("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )

    @app.server.get("/map/change")
    def change() -> Response:
        """From the state ``shown`` to the state ``search`` on ``path``: {"shown"} and a "patch" or a whole "spec"."""
        shown, search, path = (request.args.get(name) for name in ("shown", "search", "path"))

        def work() -> Response:
            with read_session() as session:
                question = Question.asked(session, current_viewer(), search)
                found = jsonify(change_of(question, shown, page_of(path)))
            found.headers["Cache-Control"] = "no-store"
            return found

        return answer(("map", shown, search, page_of(path)), work)

    @app.callback(
        Output("map-patch", "data"),
        Output("legend-strip", "children"),
        Output("legend-body", "children"),
        Output("legend-key", "data"),
        Output({"legend-note": ALL}, "children"),
        Input("shown", "data"),
        State("url", "search"),
        State("url", "pathname"),
        State("legend-key", "data"),
        prevent_initial_call=True,
    )
    @alike
    def dress(
        shown: str | None, search: str | None, pathname: str | None, key: dict[str, str] | None
    ) -> tuple[Any, ...]:
        if (shown or "") != (search or ""):
            raise PreventUpdate  # the tour: labels and legend stay those of the address
        page = page_of(pathname)
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            context = map_context(question, page)
            figures_ = label_figures(drawing(question.state, question.viewer, context, _THEME[page]))
            found = _legend(question, context, page)
        places = [place["id"]["legend-note"] for place in ctx.outputs_list[4]]
        known = {"strip": "", "body": ""} | (key or {})
        strip = no_update if known["strip"] == found.key["strip"] else found.strip
        new = found.key if known["body"] else found.key | {"body": ""}  # until it is opened nobody has it
        if known["body"] in ("", found.key["body"]):
            notes = [found.notes.get(layer, "") for layer in places]
            return {"figures": figures_}, strip, no_update, no_update if new == known else new, notes
        return {"figures": figures_}, strip, found.body, new, [no_update] * len(places)  # the body brings its notes

    @app.callback(
        Output("legend-body", "children", allow_duplicate=True),
        Output("legend-key", "data", allow_duplicate=True),
        Input("legend-open", "n_clicks"),
        State("url", "search"),
        State("url", "pathname"),
        State("legend-key", "data"),
        prevent_initial_call=True,
    )
    def unfold(
        n_clicks: int | None, search: str | None, pathname: str | None, key: dict[str, str] | None
    ) -> tuple[Any, ...]:
        if not n_clicks or (key and key.get("body")):
            raise PreventUpdate
        with read_session() as session:
            found = legend_of(_shown_on(Question.asked(session, current_viewer(), search), pathname), page_of(pathname))
        return found.body, found.key
