"""What the map draws at which zoom, and that its legend says just that (design system: map by zoom)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from data import reference
from domain.viewstate import ViewState
from layers import style
from layers.layer import BLOCK_ZOOM, BUILDING_ZOOM, CITY_ZOOM
from layers.registry import BY_ID, LAYERS, visible
from layers.theme import THEMES
from tests.unit.test_contrast import contrast
from tests.unit.test_layers import LEADER, PROSPECT, context, layers_of, legend, map_spec, of

SINGAPORE = (103.1, 0.7, 104.6, 2.0)


def spans(zooms: dict[str, dict[str, Any]], *names: str) -> list[tuple[float, float]]:
    return [(zooms[name].get("minzoom", 0), zooms[name].get("maxzoom", 25)) for name in names]


def test_each_zoom_has_its_own_marks() -> None:
    drawn = layers_of(map_spec(ViewState(), LEADER, context(), "wall"))
    assert spans(drawn, "project-single", "project", "project-mark") == [
        (0, CITY_ZOOM),
        (CITY_ZOOM, 25),
        (BLOCK_ZOOM, 25),
    ]
    assert spans(drawn, "plot-fill", "carrier-point", "platform-point", "footprint-fill") == [
        (CITY_ZOOM, 25),
        *[(BLOCK_ZOOM, 25)] * 3,
    ]
    assert spans(drawn, "carrier-fill", "carrier-body") == [(BLOCK_ZOOM, BUILDING_ZOOM), (BUILDING_ZOOM, 25)]
    assert spans(drawn, "metro-line", "airport-point") == [(0, 25), (0, 25)]
    assert spans(drawn, "station-rail", "station-metro", "station-tram") == [
        (CITY_ZOOM, 25),
        (CITY_ZOOM, 25),
        (BLOCK_ZOOM, 25),
    ]
    # Among buildings and without a selection there are no links.
    assert spans(drawn, "link-hq", "link-transfer") == [(CITY_ZOOM, BUILDING_ZOOM)] * 2


@pytest.mark.parametrize("page", ["wall", "park"])
def test_a_map_is_one_that_the_library_draws(page: Any) -> None:
    spec = map_spec(ViewState(), LEADER, context(page=page), "desk")
    drawn = layers_of(spec)
    assert all(
        0 <= low <= 24 for layer in drawn.values() for low in (layer.get("minzoom", 0), layer.get("maxzoom", 24))
    )
    assert {label["layer"] for label in spec["labels"]} <= drawn.keys()


def test_names_come_with_the_zoom_that_has_room_for_them() -> None:
    names = map_spec(ViewState(), LEADER, context(), "wall")["names"]
    of_layer = {name: [n for n in names if n["layer"] == name] for name in {n["layer"] for n in names}}
    large, single = of_layer["project"]
    assert (large["from"], large["to"], large["where"]) == (13, 15, [">=", ["coalesce", ["get", "inv"], 0], 4])
    assert (single["from"], single["to"]) == (15, 25)
    assert "where" not in single
    assert [(n["from"], n["text"]) for n in of_layer["plot-fill"]] == [(13, [["a", "mu"]])]
    assert [(n["from"], n["text"]) for n in of_layer["carrier-body"]] == [(15, ["n", ["va", "free"]])]
    assert [n["from"] for n in of_layer["airport-point"]] == [8]
    assert [n["least"] for n in of_layer["parcel-fill:CDKXC"]] == [48]


def test_land_use_is_off_on_the_wall_until_it_is_asked_for() -> None:
    assert "parcel" not in visible(ViewState(), "wall")
    assert "parcel" in visible(ViewState(), "park")
    for selection in ("parcel:P1", "landuse:07", "landstate:idle"):
        assert "parcel" in visible(ViewState(selection=selection), "wall")


def plain(image: str) -> str:
    """An icon without what a schematic position or a dark ground adds to it."""
    return image.removesuffix("-h").removesuffix("-o")


@pytest.mark.parametrize("theme", ["wall", "desk"])
@pytest.mark.parametrize("layer", [name for name in BY_ID if name not in ("zone", "link")])
def test_the_legend_shows_every_icon_that_is_drawn_and_no_other(theme: Any, layer: str) -> None:
    state = ViewState(layers=(layer,))
    shown = [e for g in legend(state, LEADER, context(), theme) for e in g["entries"]]
    drawn = {plain(i["id"]) for i in BY_ID[layer].images(THEMES[theme]) if not i["id"].endswith("-ring")}
    assert {plain(e.image) for e in shown if e.image} == drawn
    known = {i["id"] for i in BY_ID[layer].images(THEMES[theme])}
    assert {e.image for e in shown if e.image} <= known


def test_projects_have_three_sizes_and_the_legend_shows_them_as_large() -> None:
    icon_size = layers_of(map_spec(ViewState(), LEADER, context(), "wall"))["project"]["layout"]["icon-size"]
    drawn = {round(20 * float(share)) for share in (icon_size[-1], *icon_size[3::2])}
    assert drawn == {10, 14, 20}
    entries = next(g for g in legend(ViewState(), LEADER, context(), "wall") if g["id"] == "project")["entries"]
    assert [(e.size, e.label) for e in entries if "亿元" in e.label] == [
        (10, "5 亿元以下"),
        (14, "5–20 亿元"),
        (20, "20 亿元以上"),
    ]


def test_what_has_ended_does_not_look_like_what_is_being_built() -> None:
    shapes = {i["id"]: i["shape"] for i in BY_ID["project"].images(THEMES["wall"])}
    assert (shapes["mark-building-o"], shapes["mark-ended-o"]) == ("square", "cross")
    entries = next(g for g in legend(ViewState(), LEADER, context(), "wall") if g["id"] == "project")["entries"]
    assert {"mark-building-o", "mark-ended-o"} <= {e.image for e in entries}


def test_rings_stand_for_projects_that_are_close_between_the_city_and_blocks() -> None:
    wall = map_spec(ViewState(), LEADER, context(), "wall")["clusters"]
    assert (wall["from"], wall["to"], wall["layers"]) == (CITY_ZOOM, BLOCK_ZOOM, ["project", "project-leads"])
    assert map_spec(ViewState(), LEADER, context(page="park"), "desk")["clusters"]["from"] == 0
    assert wall["colors"][0] == ("r", "#F2645A")


# --- what people of the city know it by


def test_every_station_of_a_line_is_a_place() -> None:
    places = reference.places()
    assert {k: sum(p.kind == k for p in places) for k in ("airport", "rail", "metro", "tram")} == {
        "airport": 2,
        "rail": 10,
        "metro": 363,
        "tram": 32,
    }
    known = {p.name_zh for p in places}
    runs = reference.metro_runs()
    assert len({run.line_zh for run in runs}) == 17
    assert {station for run in runs for station in run.stations} <= known
    assert [run.line_zh for run in runs if run.loop] == ["7号线"]
    assert all(p.source and p.accuracy_m for p in places)


@pytest.mark.parametrize("viewer", [LEADER, PROSPECT])
def test_everybody_sees_the_lines_also_without_a_review_number(viewer: Any) -> None:
    drawn = layers_of(map_spec(ViewState(), viewer, context(), "wall"))
    assert (drawn["metro-line"]["source"], drawn["station-metro"]["source"]) == ("base", "place")
    told = {g["id"]: [e.label for e in g["entries"]] for g in legend(ViewState(), viewer, context(), "wall")}
    assert told["transit"][0] == "地铁(站间直线,示意)"
    assert told["transit"][-1] == "公开资料整理,线路截至 2026-07-18"
    assert told["station"][-1] == "公开资料整理 2026-07-18,位置误差约 130 米"


def test_a_scheme_elsewhere_has_none_of_it() -> None:
    there = replace(context(), max_bounds=SINGAPORE)
    drawn = layers_of(map_spec(ViewState(), LEADER, there, "wall"))
    assert not any(name.startswith(("metro", "airport", "station")) for name in drawn)
    assert not {"transit", "station"} & {g["id"] for g in legend(ViewState(), LEADER, there, "wall")}
    d = style.drawing(ViewState(), LEADER, of(ViewState(), there), "wall")
    assert [layer.id for layer in LAYERS if not layer.applies(d)] == ["transit", "station"]


@pytest.mark.parametrize("theme", ["wall", "desk"])
def test_lines_of_the_context_are_quieter_than_what_the_map_is_about(theme: str) -> None:
    look = THEMES[theme]
    for ground in (look.ground, look.panel):
        assert 1.3 <= contrast(look.context, ground) <= 2.2
