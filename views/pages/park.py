"""The page of one park (`/park/<code>`): the path decides the zone, the other facets still filter its projects."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue, ZoneInfo
from data.queries.chains import projects_per_chain
from data.queries.kpis import figures
from data.queries.park import park_agreements
from data.queries.question import Question
from domain.viewstate import ViewState
from i18n import N_, _, pick
from settings import get_settings
from views import shell
from views.page import COMMON, FILTER, Missing, Page, Part
from views.pages.desk import page_head
from views.pages.wall import filter_chips
from views.parts import park_activity, park_compare, park_facts, park_head, park_numbers
from views.parts.facets import facet_id, filter_bar
from views.parts.map_frame import map_frame
from views.parts.selected import selected_panel

MONTHLY, CUMULATIVE = "month", "ytd"
LANDUSE = {"status": N_("现状"), "plan": N_("规划")}


def zone_of(known: Catalogue, path: str | None) -> ZoneInfo | None:
    """The park a path names; None for another page, an unknown code, or an axis, which is a line."""
    zone = known.zones.get(PAGE.code_in(path) or "")
    return zone if zone is not None and zone.is_area else None


def of_park(question: Question, zone: ZoneInfo) -> Question:
    """The question the park's queries take: its scheme and its zone come from the path, the rest from the URL."""
    default = question.known.default_scheme
    return question.with_(scheme="" if zone.scheme == default else zone.scheme, zones=(zone.code,))


def drawer(question: Question, zone: ZoneInfo) -> html.Div:
    """What is selected beside the page; empty when nothing is, or the park itself, which is the page."""
    if question.state.selection == f"zone:{zone.code}":
        return html.Div()
    panel = selected_panel(question)
    return html.Div(panel, className="drawer") if panel else html.Div()


def _of(question: Question, code: str) -> tuple[Question, ZoneInfo]:
    zone = zone_of(question.known, f"/park/{code}")
    if zone is None:
        names = _("、").join(pick(z.short_zh, z.short_en) for z in question.known.scheme_zones(question.at.scheme))
        text = _("没有代码为“{code}”的园区。当前方案有:{names}", code=code, names=names)
        raise Missing(_("找不到这个园区"), text)
    return of_park(question, zone), zone


def _head(question: Question, zone: ZoneInfo) -> html.Div:
    return park_head.governing(question, zone, park_agreements(question, zone.code))


#: The trend has a switch of its own besides.
TREND_FOLLOWS = COMMON | FILTER | {"kpi"}


def kpi_picker(question: Question) -> dmc.Select:
    """All KPIs of the dictionary; the chosen one is also what the map's labels and the tiles mark."""
    return dmc.Select(
        id=facet_id("kpi"),
        value=question.state.kpi,
        data=[{"value": k.id, "label": f"{k.id} {pick(k.name_zh, k.name_en)}"} for k in question.known.kpis.values()],
        size="xs",
        w=232,
        searchable=True,
        allowDeselect=False,
        maxDropdownHeight=320,
        comboboxProps={"withinPortal": True},
        **{"aria-label": _("指标")},
    )


def mode_switch() -> dmc.SegmentedControl:
    """Cumulative or single months; a way of drawing, so it is not part of the state."""
    return dmc.SegmentedControl(
        id="trend-mode",
        value=CUMULATIVE,
        data=[{"value": CUMULATIVE, "label": _("累计")}, {"value": MONTHLY, "label": _("当月")}],
        size="xs",
    )


def _landuse_switch(state: ViewState) -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id=facet_id("landuse"),
        value=state.landuse,
        data=[{"value": k, "label": _(v)} for k, v in LANDUSE.items()],
        size="xs",
    )


def _card(name: str, columns: int, *body: Component, **extra: str) -> html.Section:
    """A card over so many of twelve columns; one whose part draws nothing is not there (assets/park.css)."""
    return html.Section(list(body), className=f"card card--{name}", style={"--columns": columns}, **extra)


def page(question: Question, code: str) -> html.Div:
    """The whole page of a park; its parts are replaced when the state changes. Raises Missing.

    The answer first (ten figures), then the chosen one over time beside the map, then what is behind them.
    """
    here, zone = _of(question, code)
    status = figures(here, ("K01",), zones=(zone.code,))["K01"].status
    frame = map_frame(
        "map",
        overlays=[
            html.Div(id="legend", className="legend", **{"data-map-obstacle": "1"}),
            shell.footer_notes(question, get_settings().map_review_no),
            html.Div(id="here", className="here-host", **{"data-map-pointer": "1"}),
        ],
    )
    built = PAGE.places(here, zone)
    trend_head = html.Div(
        [html.H2(_("趋势")), html.Div([kpi_picker(question), mode_switch()], className="controls")],
        className="section-head",
    )
    trend = html.Div(park_numbers.trend(here, zone, monthly=False), id="park-trend")
    land_head = html.Div([html.H2(_("用地构成")), _landuse_switch(question.state)], className="section-head")
    main = html.Main(
        [
            built["park-switcher"],
            page_head(park_head.title(question, zone), park_head.area(zone), built["park-export"]),
            filter_bar(question, projects_per_chain(here), filter_chips(question)),
            built["park-tiles"],
            html.Div(
                [
                    _card("trend", 6, trend_head, trend),
                    html.Div(
                        [
                            html.Section(frame, className="card card--map", **{"aria-label": _("地图")}),
                            _card("head", 6, built["park-head"]),
                        ],
                        className="park-side",
                    ),
                ],
                className="park-view",
            ),
            html.Div(
                [
                    _card("more", 12, built["park-more"]),
                    _card("split", 5, built["park-split"]),
                    _card("land", 7, land_head, built["park-land"]),
                    _card("shares", 5, built["park-shares"]),
                    _card("matrix", 7, built["park-matrix"]),
                    _card("ratios", 12, built["park-ratios"]),
                    _card("chains", 12, built["park-chains"]),
                    _card("cycle", 7, built["park-cycle"]),
                    _card("rates", 5, built["park-rates"]),
                    _card("lights", 5, built["park-lights"]),
                    _card("carriers", 7, built["park-carriers"]),
                    _card("platforms", 12, built["park-platforms"]),
                    _card("projects", 12, built["park-projects"]),
                    _card("facts", 7, built["park-facts"]),
                    _card("governance", 5, park_facts.governance_facts(here, zone)),
                    _card("notes", 12, built["park-notes"]),
                ],
                className="park-cards",
            ),
        ],
        id="park-main",
        className=f"park park--zone zone--{question.known.colour_index(zone.code)}",
        **{"data-zone": zone.code},
    )
    # Its own location, so that leaving for another page needs nothing that other pages lack.
    leave = dcc.Location(id="park-leave", refresh="callback-nav")
    body = (main, built["park-drawer"], leave, dcc.Store(id="legend-key"))
    return shell.page(question, "", status, *body, look="page--park")


PAGE = Page(
    "/park/<code>",
    page,
    parts=(
        Part("park-head", _head, COMMON),
        Part("park-shares", park_compare.shares, COMMON),
        Part("park-matrix", park_compare.matrix, COMMON),
        Part("park-ratios", park_compare.ratios, COMMON),
        Part("park-more", park_numbers.more_figures, COMMON),
        Part("park-facts", park_facts.published, COMMON),
        Part("park-switcher", park_head.switcher, FILTER | {"kpi", "scope", "by", "landuse", "layers"}),
        Part("park-tiles", park_numbers.tiles, FILTER | {"kpi"}),
        Part("park-export", park_head.files, FILTER),
        Part("park-split", park_numbers.who_counts, FILTER | {"kpi", "scope", "by"}),
        Part("park-land", park_numbers.land_mix, FILTER | {"landuse"}),
        Part("park-rates", park_numbers.land_rates, FILTER),
        Part("park-chains", park_activity.chains, FILTER),
        Part("park-cycle", park_activity.life_cycle, FILTER),
        Part("park-lights", park_activity.lights, FILTER),
        Part("park-carriers", park_activity.carriers, FILTER),
        Part("park-platforms", park_activity.platforms, FILTER),
        Part("park-projects", park_activity.projects, FILTER),
        Part("park-notes", park_numbers.completeness, frozenset({"scope"})),
        Part("park-drawer", drawer, frozenset({"sel", "landuse", "district", "by"})),
    ),
    of=_of,
    map=True,
)
