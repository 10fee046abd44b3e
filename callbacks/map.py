"""The map follows the state: the whole style once, afterwards only what changed."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from callbacks.request import current_viewer, read_state
from callbacks.state import page_of
from data.db import read_session
from data.queries.catalogue import catalogue
from data.queries.entities import position_of
from data.queries.kpis import figures
from data.queries.land import what_is_here
from domain.viewer import Viewer
from domain.viewstate import ViewState, to_query
from i18n import _
from layers.context import MapContext, Page, make_context
from layers.registry import offered
from layers.style import drawing, legend, map_patch, map_spec
from layers.theme import ThemeName
from settings import get_settings
from views.pages.wall import label_values
from views.parts.here import here_card
from views.parts.legend import legend_box
from views.parts.map_frame import register_clientside

_CLOSE = 12.5  # zoom at which one project stands alone and its zone still shows
TILE_URL = "/tiles/{version}/{archive}/{z}/{x}/{y}.mvt"
_THEME: dict[Page, ThemeName] = {"wall": "wall", "park": "desk"}


def map_context(session: Session, viewer: Viewer, state: ViewState, page: Page) -> MapContext:
    """What the map needs besides the state, with the chosen KPI of each zone on its label."""
    known = catalogue(session)
    at = known.resolve(state)
    values = {z: figures(session, viewer, state, (state.kpi,), zones=(z,))[state.kpi] for z in at.zones}
    return make_context(
        known,
        state,
        page=page,
        tile_url=TILE_URL,
        values=label_values(values),
        map_review_no=get_settings().map_review_no,
    )


def spec_of(session: Session, viewer: Viewer, state: ViewState, page: Page) -> dict[str, Any]:
    """The whole map of a state, for the first picture of a page."""
    return map_spec(state, viewer, map_context(session, viewer, state, page), _THEME[page])


def legend_of(session: Session, viewer: Viewer, state: ViewState, page: Page) -> Component:
    """Legend with a switch per layer; what cannot follow the filter says so."""
    return _legend(state, viewer, map_context(session, viewer, state, page), page)


def _legend(state: ViewState, viewer: Viewer, context: MapContext, page: Page) -> Component:
    on_map = legend(state, viewer, context, _THEME[page])
    layers = reversed(offered(drawing(state, viewer, context, _THEME[page]).archives))
    return legend_box(on_map, [(layer.id, _(layer.title)) for layer in layers], state.landuse)


def link_to(href: str, state: ViewState, camera: dict[str, Any]) -> str:
    """Address of the state with the map where it is now."""
    if "center" in camera and "zoom" in camera:
        lon, lat = camera["center"]
        state = state.with_(camera=f"{lon:.5f},{lat:.5f},{camera['zoom']:.2f}")
    query = to_query(state)
    return href.partition("?")[0] + (f"?{query}" if query else "")


def register(app: Dash) -> None:
    """Bind the map's stores to the URL, and its clicks to the one state."""
    register_clientside(app, "map")
    app.clientside_callback(
        """(event) => (event && event.type === 'click' && event.features && event.features.length)
            ? {type: 'click', features: event.features, n: event.n} : window.dash_clientside.no_update""",
        Output("intent", "data", allow_duplicate=True),
        Input("map-event", "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output("here", "children"),
        Input("map-event", "data"),
        State("url", "href"),
        prevent_initial_call=True,
    )
    def here(event: dict[str, Any] | None, href: str) -> Any:
        kind = (event or {}).get("type")
        if kind == "contextmenu" and event:
            lon, lat = (float(v) for v in event["lngLat"])
            camera = event.get("camera") or {}
            with read_session() as session:
                state, _ignored = read_state(session, href.partition("?")[2])
                found = what_is_here(session, current_viewer(), state, lon, lat)
                link = link_to(href, state, camera)
                return here_card(catalogue(session), found, link)
        return None if kind in ("click", "moveend") else no_update

    @app.callback(
        Output("map-patch", "data"),
        Output("map-spec", "data"),
        Output("map-shown", "data"),
        Output("legend", "children"),
        Input("url", "search"),
        State("map-shown", "data"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    def follow(search: str | None, shown: str | None, pathname: str | None) -> tuple[Any, Any, Any, Any]:
        page = page_of(pathname)
        viewer = current_viewer()
        with read_session() as session:
            state, _ignored = read_state(session, search)
            old, _old_ignored = read_state(session, shown)
            context = map_context(session, viewer, state, page)
            old_context = map_context(session, viewer, old, page)
            box = _legend(state, viewer, context, page)
            patch = map_patch(old, state, viewer, context, _THEME[page], old_context=old_context)
            if patch is not None and state.selection != old.selection:
                place = position_of(session, viewer, state)
                if place:
                    patch["camera"] = {"flyTo": {"center": list(place), "zoom": _CLOSE}}
            if patch is None:
                return no_update, map_spec(state, viewer, context, _THEME[page]), to_query(state), box
            return (patch or no_update), no_update, to_query(state), box
