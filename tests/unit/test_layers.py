"""Style, patch, legend and registry of the map (rules §2.1, §2.6, §10)."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from data.queries.catalogue import LAYER_IDS, LandUse
from domain.filters import Filter, filter_of
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from layers import style
from layers.context import MapContext, MapDistrict, MapZone, land_key
from layers.parcel import UNCLASSED
from layers.registry import BY_ID, LAYERS, NO_LAYERS, visible
from layers.theme import THEMES, ThemeName, darker

CODES = ("CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT")
LEADER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROSPECT)
LAND = (
    ("07", "居住用地", "#FFFF2D", "#B8B84A", 1),
    ("0701", "城镇住宅用地", "#FFFF2D", "#B8B84A", 2),
    ("0702", "社区服务用地", "#FFFF2D", "#B8B84A", 2),
    ("1001", "工业用地", "#BB9674", "#8A7460", 2),
)


def context(**changes: Any) -> MapContext:
    zones = tuple(
        MapZone(
            code=code, name=f"园区{i}", short=f"区{i}", role="core" if i == 0 else "zone", colour_index=i, label=(104 + i / 10, 30.5),
            bounds=(103.95 + i / 10, 30.45, 104.05 + i / 10, 30.55), co_governed=code in ("SMKX", "WLKJC"),
            value="128.6", unit="亿元",
        )
        for i, code in enumerate(CODES)
    )  # fmt: skip
    base = MapContext(
        page="wall",
        tiles_version=7,
        tile_url="/tiles/{version}/{archive}/{z}/{x}/{y}.mvt",
        scheme="wcsc",
        scheme_name="一核四区",
        period="2026-09",
        periods=("2026-08", "2026-09"),
        zones=zones,
        districts=tuple(MapDistrict(f"5101{n:02}", f"行政区{n}", f"行政区{n}", (104, 30 + n / 50)) for n in range(20)),
        land_classes=tuple(LandUse("YDYH2023", c, n, level, col, wall, True, False) for c, n, col, wall, level in LAND),
        land_codes=frozenset({"0701", "0702", "1001"}),
        land_places=(("CDKXC", None), ("SMKX", "510116"), ("SMKX", "510118")),
        land_unclassed=False,
        map_review_no="",
        max_bounds=(102.9, 30.0, 104.95, 31.5),
        filter=Filter((), "2026-09"),
    )
    return replace(base, **changes)


def of(state: ViewState, known: MapContext) -> MapContext:
    return replace(known, filter=filter_of(state, known.period, {}))


def map_spec(state: ViewState, viewer: Viewer, known: MapContext, theme: Any) -> dict[str, Any]:
    return style.map_spec(state, viewer, of(state, known), theme)


def legend(state: ViewState, viewer: Viewer, known: MapContext, theme: Any) -> list[dict[str, Any]]:
    return style.legend(state, viewer, of(state, known), theme)


def map_patch(
    old: ViewState,
    new: ViewState,
    viewer: Viewer,
    known: MapContext,
    theme: Any,
    *,
    old_context: MapContext | None = None,
) -> dict[str, Any] | None:
    return style.map_patch(old, new, viewer, of(new, known), theme, old_context=of(old, old_context or known))


def layers_of(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {layer["id"]: layer for layer in spec["style"]["layers"]}


def test_the_registry_holds_the_layers_that_urls_may_name() -> None:
    assert tuple(BY_ID) == LAYER_IDS
    assert len(BY_ID) == len(LAYERS)


def test_layers_are_drawn_bottom_to_top_as_the_spec_orders_them() -> None:
    drawn = list(layers_of(map_spec(ViewState(), LEADER, context(), "wall")))
    order = [
        "ground",
        "district-line",
        "parcel-fill:SMKX:510118",
        "zone-fill",
        "plot-fill",
        "carrier-point",
        "project",
        "platform-point",
        "link-hq",
    ]
    assert sorted(order, key=drawn.index) == order


@pytest.mark.parametrize("theme", ["wall", "desk"])
def test_a_spec_is_json_without_glyphs_sprite_or_another_host(theme: Any) -> None:
    spec = map_spec(ViewState(), LEADER, context(), theme)
    text = json.dumps(spec)
    assert "http" not in text
    assert not {"glyphs", "sprite"} & spec["style"].keys()
    assert spec["camera"]["minZoom"] == 8
    assert spec["camera"]["maxBounds"] == [102.9, 30.0, 104.95, 31.5]
    assert "text-field" not in text


def test_every_layer_has_a_source_and_every_named_layer_and_image_exists() -> None:
    spec = map_spec(ViewState(selection="project:A"), LEADER, context(), "wall")
    layers = layers_of(spec)
    for layer in layers.values():
        assert layer["type"] == "background" or layer["source"] in spec["style"]["sources"]
    assert set(spec["interactive"]) <= layers.keys()
    assert spec["hover"].keys() <= layers.keys()
    assert {label["layer"] for label in spec["labels"]} <= layers.keys()
    images = {image["id"] for image in spec["images"]}
    for char in "rygn-":
        assert {f"light-{char}", f"light-{char}-h"} <= images
    for group in ("lead", "signed", "building", "operating", "ended"):
        assert {f"mark-{group}", f"mark-{group}-o"} <= images


def test_tile_addresses_carry_version_and_archive() -> None:
    sources = map_spec(ViewState(dataset=Dataset.OWN), LEADER, context(), "wall")["style"]["sources"]
    assert sources["staff"]["tiles"] == ["/tiles/7/staff-official/{z}/{x}/{y}.mvt"]
    assert sources["base"]["tiles"] == ["/tiles/7/base/{z}/{x}/{y}.mvt"]
    assert (sources["staff"]["minzoom"], sources["staff"]["maxzoom"]) == (8, 14)


def test_a_prospect_without_review_number_sees_no_administrative_map() -> None:
    spec = map_spec(ViewState(), PROSPECT, context(), "wall")
    assert spec["style"]["sources"].keys() == {"base", "guest", "place"}
    assert not any(name.startswith("district") for name in layers_of(spec))
    assert {label["kind"] for label in spec["labels"]} == {"zone"}
    reviewed = map_spec(ViewState(), PROSPECT, context(map_review_no="川S(2026)1号"), "wall")
    assert reviewed["style"]["sources"].keys() == {"admin", "base", "guest", "place"}


def test_a_prospect_is_offered_neither_parcels_nor_footprints_nor_links() -> None:
    drawn = layers_of(map_spec(ViewState(), PROSPECT, context(), "desk"))
    assert not any(name.startswith(("parcel", "footprint", "link")) or name.endswith("-leads") for name in drawn)


def test_only_leadership_draws_leads() -> None:
    def has_leads(role: Role) -> bool:
        return "project-leads" in layers_of(map_spec(ViewState(), Viewer(role), context(), "wall"))

    assert [has_leads(role) for role in Role] == [True, False, False, False]


def test_zones_have_their_colour_in_fixed_order_and_a_3_px_outline() -> None:
    line = layers_of(map_spec(ViewState(), LEADER, context(), "wall"))["zone-line"]
    assert line["paint"]["line-color"][2:4] == ["CDKXC", "#F2C14E"]
    assert line["paint"]["line-color"][10:12] == ["XYDIT", "#F08C7A"]
    assert line["paint"]["line-width"][-1][-1] == 3
    assert (
        layers_of(map_spec(ViewState(), LEADER, context(), "desk"))["zone-line"]["paint"]["line-color"][3] == "#CEA442"
    )


def test_a_zone_is_named_in_short_on_its_label_and_in_full_in_the_legend() -> None:
    """That outlines are sketches is said once, at the foot of the map."""
    spec = map_spec(ViewState(), LEADER, context(), "wall")
    assert next(label["title"] for label in spec["labels"] if label["kind"] == "zone") == "区0"
    zones = next(g for g in legend(ViewState(), LEADER, context(), "wall") if g["id"] == "zone")
    assert [e.label for e in zones["entries"]][:2] == ["园区0", "园区1"]


def test_a_selected_zone_stands_out_and_is_framed() -> None:
    state = ViewState(selection="zone:SMKX")
    patch = map_patch(ViewState(), state, LEADER, context(), "wall")
    assert patch is not None
    picks = {item["id"]: item["state"]["pick"] for item in patch["state"]}
    assert picks == {code: "chosen" if code == "SMKX" else "other" for code in CODES}
    assert "zone-line" not in patch.get("paint", {})  # no tile is read again for it
    assert patch["camera"]["fitBounds"][0] == [104.15, 30.45, 104.25, 30.55]
    back = map_patch(state, ViewState(), LEADER, context(), "wall")
    assert back is not None
    assert back["camera"] == {"home": True}


def test_a_zone_in_the_filter_stands_out_and_the_map_stays_where_it_is() -> None:
    patch = map_patch(ViewState(), ViewState(zones=("SMKX",)), LEADER, context(), "wall")
    assert patch is not None
    assert {item["id"] for item in patch["state"] if item["state"]["pick"] == "chosen"} == {"SMKX"}
    assert "camera" not in patch


def test_a_filter_patch_is_small_and_has_no_geometry() -> None:
    state = ViewState(chains=("IC",), nodes=("AI-M1", "AI-M2", "DRUG-U1"), lights=("red", "yellow"), zones=("SMKX",))
    patch = map_patch(ViewState(), state, LEADER, context(), "wall")
    text = json.dumps(patch, ensure_ascii=False)
    assert len(text.encode()) < 8 * 1024
    assert "coordinates" not in text
    assert patch is not None
    assert {"project", "project-leads", "project-mark"} <= patch["filters"].keys()
    # Another filter would have the browser read all parcels again: they are painted or not.
    assert not any(name.startswith("parcel") for name in patch["filters"])
    assert patch["paint"]["parcel-fill:CDKXC"] == {"fill-opacity": 0}


def test_parcels_of_a_zone_and_district_are_painted_when_the_filter_admits_them() -> None:
    def shown(state: ViewState) -> set[str]:
        layers = layers_of(map_spec(state, LEADER, context(), "wall")).items()
        return {
            name for name, layer in layers if name.startswith("parcel-fill") and layer["paint"]["fill-opacity"] != 0
        }

    assert shown(ViewState()) == {"parcel-fill:CDKXC", "parcel-fill:SMKX:510116", "parcel-fill:SMKX:510118"}
    assert shown(ViewState(zones=("SMKX",))) == {"parcel-fill:SMKX:510116", "parcel-fill:SMKX:510118"}
    assert shown(ViewState(districts=("510118",))) == {"parcel-fill:SMKX:510118"}
    assert shown(ViewState(zones=("CDKXC",), districts=("510116",))) == set()


def test_a_click_on_a_parcel_is_answered_in_each_of_its_places() -> None:
    spec = map_spec(ViewState(), LEADER, context(), "wall")
    places = {"parcel-fill:CDKXC", "parcel-fill:SMKX:510116", "parcel-fill:SMKX:510118"}
    assert places <= set(spec["interactive"])
    assert places <= spec["hover"].keys()


def test_even_every_facet_at_once_is_a_few_kilobytes_on_the_wire() -> None:
    state = ViewState(
        chains=("DRUG", "IC"), nodes=tuple(f"AI-M{n}" for n in range(12)), lights=("red", "yellow"), stages=("building",),
        districts=("510116", "510118"), kinds=("A", "D"), zones=("SMKX", "CDKXC"),
    )  # fmt: skip
    patch = map_patch(ViewState(), state, LEADER, context(), "wall")
    assert len(gzip.compress(json.dumps(patch).encode())) < 2 * 1024


def test_the_same_state_needs_no_patch() -> None:
    assert map_patch(ViewState(), ViewState(), LEADER, context(), "wall") == {}


def test_another_month_changes_only_expressions() -> None:
    patch = map_patch(
        ViewState(), ViewState(period="2026-08"), LEADER, context(period="2026-08"), "wall", old_context=context()
    )
    assert patch is not None
    assert patch.keys() == {"filters", "paint", "layout", "month"}
    assert patch["layout"]["project"]["icon-image"][2] == ["slice", ["get", "lh"], 0, 1]


def test_new_figures_on_the_labels_travel_with_the_patch() -> None:
    fresh = replace(context(), zones=tuple(replace(z, value="9.9") for z in context().zones))
    patch = map_patch(ViewState(), ViewState(), LEADER, fresh, "wall", old_context=context())
    assert patch is not None
    assert patch.keys() == {"labels"}
    assert patch["labels"][0]["value"] == "9.9"


def test_switching_land_use_repaints_the_parcels() -> None:
    patch = map_patch(ViewState(), ViewState(landuse="plan"), LEADER, context(), "desk")
    planned = ["match", ["get", "p"], ["07", "0701", "0702"], "#FFFF2D", ["1001"], "#BB9674", UNCLASSED]
    places = ("CDKXC", "SMKX:510116", "SMKX:510118")
    assert patch is not None
    assert patch["paint"] == {f"parcel-fill:{place}": {"fill-color": planned} for place in places}
    assert [n["text"] for n in patch["names"] if n["layer"].startswith("parcel-fill")] == [["p"]] * 3
    assert patch.keys() == {"paint", "names"}


def test_another_data_set_needs_a_whole_spec() -> None:
    assert map_patch(ViewState(), ViewState(dataset=Dataset.PUBLISHED), LEADER, context(), "wall") is None


def test_chosen_layers_are_shown_and_the_others_hidden() -> None:
    two = ViewState(layers=("parcel", "zone"))
    assert visible(two, "wall") == {"parcel", "zone"}
    assert visible(ViewState(layers=(NO_LAYERS,)), "wall") == frozenset()
    layers = layers_of(map_spec(two, LEADER, context(), "wall"))
    shown = {name for name, layer in layers.items() if layer.get("layout", {}).get("visibility") == "visible"}
    parcels = {
        f"{part}:{place}"
        for part in ("parcel-fill", "parcel-line")
        for place in ("CDKXC", "SMKX:510116", "SMKX:510118")
    }
    assert shown == {*parcels, "parcel-chosen", "parcel-selected", "zone-fill", "zone-hatch", "zone-line"}
    other = map_patch(two, ViewState(layers=("zone",)), LEADER, context(), "wall")
    assert other is not None
    assert other["layout"] == {name: {"visibility": "none"} for name in (*parcels, "parcel-chosen", "parcel-selected")}


def test_the_legend_says_what_cannot_follow_the_filter() -> None:
    notes = {g["id"]: g["note"] for g in legend(ViewState(chains=("IC",)), LEADER, context(page="park"), "desk")}
    assert notes["parcel"] == notes["carrier"] == notes["plot"] == "不随产业链筛选"
    assert notes["project"] == notes["platform"] == notes["zone"] == notes["link"] == ""
    lit = ViewState(chains=("IC",), lights=("red",))
    both = {g["id"]: g["note"] for g in legend(lit, LEADER, context(page="park"), "desk")}
    assert both["parcel"] == "不随产业链、红黄绿灯筛选"
    assert both["platform"] == "不随红黄绿灯筛选"


def test_lights_are_shape_and_colour() -> None:
    project = next(g for g in legend(ViewState(), LEADER, context(), "wall") if g["id"] == "project")
    lights = [(e.symbol, e.colour) for e in project["entries"][:4]]
    assert lights == [("triangle", "#F2645A"), ("diamond", "#F2B33D"), ("circle", "#3FC58A"), ("ring", "#7E93A8")]


def test_land_use_legend_joins_classes_of_one_colour_and_follows_the_theme() -> None:
    yellows: dict[ThemeName, str] = {"desk": "#FFFF2D", "wall": "#B8B84A"}
    for theme, yellow in yellows.items():
        shown = legend(ViewState(), LEADER, context(page="park"), theme)
        parcel = next(g for g in shown if g["id"] == "parcel")
        entries = [(e.colour, e.label) for e in parcel["entries"][1:]]
        assert entries[0] == (yellow, "07 居住用地")
        assert entries[1][1] == "1001 工业用地"


def test_a_camera_in_the_url_wins_over_the_frame() -> None:
    camera = map_spec(ViewState(camera="104.1,30.6,11.5"), LEADER, context(), "wall")["camera"]
    assert (camera["center"], camera["zoom"]) == ([104.1, 30.6], 11.5)
    assert "bounds" not in camera
    assert map_spec(ViewState(), LEADER, context(), "wall")["camera"]["bounds"] == [103.95, 30.45, 104.45, 30.55]


def test_a_month_outside_the_list_selects_no_project() -> None:
    assert context(period="2019-01").period_index == 2
    assert land_key("GBT21010_2017", "1001") == "GBT21010_2017:1001"


def test_desk_colours_are_the_wall_hues_darker() -> None:
    assert darker("#F2C14E", 0.15) == "#CEA442"
    assert THEMES["desk"].zones[0] == "#CEA442"
    assert THEMES["desk"].lights["red"] == "#DA5A51"
