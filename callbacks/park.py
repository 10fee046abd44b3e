"""The blocks of a park page follow the URL; only those are sent that what changed can touch."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.map import legend_of, spec_of
from callbacks.posted import ParkShown, RowsAsked
from callbacks.request import current_viewer, read_state
from data.db import read_session
from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.projects import SORTS, project_page
from data.queries.question import Question
from domain.viewstate import ViewState, to_query
from views.pages import park
from views.parts.park_activity import GRID_ID
from views.parts.park_numbers import trend
from views.parts.project_table import table_rows

_PREFIX = "/park/"
_MAP_PADDING = 18  # px; the map of a park is small, so the park fills it
_OUTPUTS = (*(part.id for part in park.PARTS), "park-trend")


def zone_of(known: Catalogue, path: str | None) -> ZoneInfo | None:
    """The park a path names; None for another page, an unknown code, or an axis, which is a line."""
    if not (path or "").startswith(_PREFIX):
        return None
    zone = known.zones.get((path or "").removeprefix(_PREFIX).rstrip("/"))
    return zone if zone is not None and zone.is_area else None


def build(question: Question, zone: ZoneInfo) -> tuple[Any, str]:
    """The page of a park and its colour scheme; the map opens on the park."""
    state = question.state
    here = park.of_park(question, zone)
    at_scheme = question.with_(scheme=here.state.scheme)
    framed = at_scheme if state.camera or state.selection else at_scheme.with_(selection=f"zone:{zone.code}")
    spec = spec_of(framed, "park")
    spec["camera"] |= {"padding": _MAP_PADDING, "home": list(zone.bounds)}
    if "bounds" in spec["camera"] and not state.selection.startswith("zone:"):
        spec["camera"]["bounds"] = list(
            zone.bounds
        )  # what is selected has no place of its own: the park is the picture
    spec["shown"] = to_query(state)
    return park.page(question, here, zone, spec, legend_of(at_scheme, "park")), "light"


def _changed(old: ViewState, new: ViewState, follows: frozenset[str]) -> bool:
    return any(getattr(old, name) != getattr(new, name) for name in follows | park.COMMON)


def register(app: Dash) -> None:
    """Bind the blocks, the trend's switch, the table and the scheme switch."""

    @app.callback(
        *(Output(name, "children") for name in _OUTPUTS),
        Output("park-main", "className"),
        Output("park-shown", "data"),
        Output("park-leave", "pathname"),
        Input("url", "search"),
        Input("trend-mode", "value"),
        State("park-shown", "data"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @alike
    def follow(search: str | None, mode: str, shown: ParkShown, pathname: str | None) -> list[Any]:
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            zone = zone_of(question.known, pathname)
            if zone is None:
                raise PreventUpdate
            state, old = question.state, read_state(session, shown["query"])[0]
            if question.at.scheme not in (zone.scheme, question.about(old).at.scheme):
                # Another scheme was picked, which has other parks: its overview is where one chooses among them.
                return [*(no_update for _name in _OUTPUTS), no_update, no_update, "/"]
            here = park.of_park(question, zone)
            parts = [part.build(here, zone) if _changed(old, state, part.follows) else no_update for part in park.PARTS]
            redraw = mode != shown["mode"] or _changed(old, state, park.TREND_FOLLOWS)
            line = trend(here, zone, monthly=mode == park.MONTHLY) if redraw else no_update
            look = park.main_class(question, zone) if state.dataset is not old.dataset else no_update
            return [*parts, line, look, {"query": to_query(state), "mode": mode}, no_update]

    @app.callback(
        Output(GRID_ID, "getRowsResponse"),
        Input(GRID_ID, "getRowsRequest"),
        State("url", "search"),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @alike
    def rows(request: RowsAsked | None, search: str | None, pathname: str | None) -> Any:
        if request is None:
            return no_update
        sort, descending = "investment", True
        for item in request.get("sortModel") or ():
            if item["colId"] in SORTS:
                sort, descending = item["colId"], item["sort"] == "desc"
        start, end = request["startRow"], request["endRow"]
        with read_session() as session:
            question = Question.asked(session, current_viewer(), search)
            zone = zone_of(question.known, pathname)
            if zone is None:
                raise PreventUpdate
            found = project_page(
                park.of_park(question, zone),
                sort=sort,
                descending=descending,
                offset=start,
                limit=max(1, min(200, end - start)),
            )
            return {"rowData": table_rows(question.known, found.rows), "rowCount": found.total}

    app.clientside_callback(
        ClientsideFunction("atlas", "clickedRow"),
        Output("intent", "data", allow_duplicate=True),
        Input(GRID_ID, "cellClicked"),
        prevent_initial_call=True,
    )
