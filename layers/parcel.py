"""Land parcels by status or planned land use (exclusive), in 规划标准色 on the desk and 大屏降饱和 on the wall (spec §2.2)."""

from __future__ import annotations

from typing import Any

from data.queries.catalogue import LandUse
from i18n import N_, _
from layers.context import MapContext, land_key
from layers.filter_expr import PLACE_FACETS, Expression, one_of
from layers.layer import Drawing, Layer, LegendEntry, StyleLayer, by_zoom


def _attribute(d: Drawing) -> str:
    return "p" if d.state.landuse == "plan" else "s"


def _class_colour(d: Drawing, item: LandUse) -> str:
    return (item.colour_wall if d.theme.name == "wall" else item.colour).upper()


def _colour(d: Drawing) -> Expression | str:
    """``match`` from class key to colour, one branch per colour; unknown or missing use stays clear."""
    by_colour: dict[str, list[str]] = {}
    for item in d.context.land_classes:
        by_colour.setdefault(_class_colour(d, item), []).append(land_key(item.scheme, item.code) or "")
    if not by_colour:
        return "rgba(0,0,0,0)"
    pairs: list[Any] = []
    for colour, keys in by_colour.items():
        pairs += [sorted(set(keys)), colour]
    return ["match", ["get", _attribute(d)], *pairs, "rgba(0,0,0,0)"]


def _draw(d: Drawing) -> list[StyleLayer]:
    start = d.minzoom(10.6)
    edge = d.theme.ground if d.theme.name == "wall" else d.theme.panel
    white = [land_key(c.scheme, c.code) or "" for c in d.context.land_classes if _class_colour(d, c) == "#FFFFFF"]
    opacity = d.theme.landuse_opacity
    return [
        {
            "id": "parcel-fill",
            "type": "fill",
            "minzoom": start,
            "paint": {
                "fill-color": _colour(d),
                "fill-opacity": opacity if start == 8 else by_zoom(start, 0, start + 1, opacity),
                "fill-antialias": True,
            },
        },
        {
            "id": "parcel-line",
            "type": "line",
            "minzoom": 12.5,
            "paint": {
                # 留白用地 is white and would vanish on a light ground without a line of its own (spec §2.2).
                "line-color": ["case", one_of(["get", _attribute(d)], white), d.theme.boundary, edge]
                if white
                else edge,
                "line-width": by_zoom(12.5, 0.3, 15, 1.2),
            },
        },
        {
            "id": "parcel-selected",
            "type": "line",
            "filter": d.selected("parcel"),
            "layout": {"line-join": "round"},
            "paint": {"line-color": d.theme.text, "line-width": 3},
        },
    ]


def land_entries(context: MapContext, theme_name: str) -> list[tuple[str, str]]:
    """(colour, name) for the land-use legend in code order: one line per colour among the classes that occur.

    Classes that share a colour are named by the class they have in common (0701 and 0702 make 07 居住用地).
    """
    names = {land_key(c.scheme, c.code) or "": _(c.name_zh) for c in context.land_classes}
    present = [c for c in context.land_classes if land_key(c.scheme, c.code) in context.land_codes]
    if not context.land_codes:
        present = [c for c in context.land_classes if c.level == 1 and c.is_construction]
    groups: dict[str, list[str]] = {}
    for item in sorted(present, key=lambda c: (c.scheme, c.code)):
        colour = item.colour_wall if theme_name == "wall" else item.colour
        groups.setdefault(colour, []).append(land_key(item.scheme, item.code) or "")
    entries = []
    for colour, keys in groups.items():
        common = keys[0]
        while common and not all(k.startswith(common) for k in keys):
            common = common[:-2]
        entries.append((colour, f"{common} {names[common]}" if common in names else " / ".join(names[k] for k in keys)))
    return entries


def _legend(d: Drawing) -> list[LegendEntry]:
    entries = [LegendEntry("fill", colour, name) for colour, name in land_entries(d.context, d.theme.name)]
    kind = _("规划用途") if d.state.landuse == "plan" else _("现状用途")
    return [LegendEntry("outline", d.theme.quiet, kind), *entries]


def _hover() -> dict[str, dict[str, Any]]:
    return {
        "parcel-fill": {
            "title": ["id"],
            "rows": [
                [_("现状用途"), "s", "lookup:landuse"],
                [_("规划用途"), "p", "lookup:landuse"],
                [_("面积"), "a", "mu"],
                [_("开发状态"), "st", "lookup:land_state"],
            ],
        }
    }


LAYER = Layer(
    id="parcel",
    title=N_("土地利用"),
    group="land",
    families=("land",),
    draw=_draw,
    legend=_legend,
    facets=PLACE_FACETS,
    clicks=("parcel-fill",),
    hover=_hover,
)
