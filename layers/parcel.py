"""Land parcels by status or planned land use (exclusive), in 规划标准色 on the desk and 大屏降饱和 on the wall (rules §2.2)."""

from __future__ import annotations

from typing import Any

from data.queries.catalogue import LandUse
from data.queries.land import UNCLASSED
from domain.landuse import class_of
from i18n import N_, _
from layers.context import MapContext, land_key
from layers.filter_expr import NOTHING, PLACE_FACETS, Expression, one_of
from layers.layer import (
    BLOCK_ZOOM,
    BUILDING_ZOOM,
    FARTHEST_ZOOM,
    Drawing,
    Layer,
    LegendEntry,
    Name,
    StyleLayer,
    by_zoom,
)


def _attribute(d: Drawing) -> str:
    return "p" if d.state.landuse == "plan" else "s"


def _class_colour(d: Drawing, item: LandUse) -> str:
    return (item.colour_wall if d.theme.name == "wall" else item.colour).upper()


def _colour(d: Drawing) -> Expression | str:
    """``match`` from class key to colour, one branch per colour; a parcel without a use is drawn in a colour of none."""
    by_colour: dict[str, list[str]] = {}
    for item in d.context.land_classes:
        by_colour.setdefault(_class_colour(d, item), []).append(land_key(item.scheme, item.code) or "")
    if not by_colour:
        return UNCLASSED
    pairs: list[Any] = []
    for colour, keys in by_colour.items():
        pairs += [sorted(set(keys)), colour]
    return ["match", ["get", _attribute(d)], *pairs, UNCLASSED]


def _place(zone: str, district: str | None) -> tuple[str, Expression]:
    """Suffix of a style layer's id and the filter of the parcels of one zone and district."""
    name = f"{zone}:{district}" if district else zone
    there: Expression = ["==", ["get", "d"], district] if district else ["!", ["has", "d"]]
    return name, ["all", ["==", ["get", "z"], zone], there]


def _chosen(d: Drawing) -> Expression | None:
    """Filter for the parcels of the selected class (with its subclasses) or state; None when neither is selected."""
    kind, _, code = d.state.selection.partition(":")
    here = d.where(LAYER)
    if kind == "landuse":
        scheme, own = class_of(code)
        inside = [c for c in d.context.land_classes if c.scheme == scheme and c.code.startswith(own)]
        keys = [code, *(land_key(c.scheme, c.code) or "" for c in inside)]
        return [*here, one_of(["get", _attribute(d)], keys)]
    return [*here, ["==", ["get", "st"], code]] if kind == "landstate" else None


#: How strong the others stay while one class is chosen.
_FADED = 0.3


def _draw(d: Drawing) -> list[StyleLayer]:
    start = 8 if d.state.layers else d.city_until or 8  # over the whole city only where a reader asked for it
    edge = d.theme.ground if d.theme.name == "wall" else d.theme.panel
    white = [land_key(c.scheme, c.code) or "" for c in d.context.land_classes if _class_colour(d, c) == "#FFFFFF"]
    chosen = _chosen(d)
    full = d.theme.landuse_opacity * (1 if chosen is None else _FADED)
    # Ground for what stands on it: faint while a zone is one picture, full among blocks, a tint among buildings.
    afar = full * 0.7
    low = (8, afar) if start == 8 else (start, 0, start + 1, afar)
    high = (BLOCK_ZOOM, full, BUILDING_ZOOM - 0.3, full, BUILDING_ZOOM, min(full, 0.25))
    opacity = by_zoom(*low, *high)
    # 留白用地 is white and would vanish on a light ground without a line of its own (rules §2.2).
    outline = ["case", one_of(["get", _attribute(d)], white), d.theme.boundary, edge] if white else edge
    fills: list[StyleLayer] = []
    lines: list[StyleLayer] = []
    for zone, district in d.context.land_places:
        name, inside = _place(zone, district)
        # A constant, so that the browser neither reads a tile again nor draws what is left out.
        shown = d.filter.admits_place(zone, district)
        fills.append(
            {
                "id": f"parcel-fill:{name}",
                "type": "fill",
                "minzoom": start,
                "filter": inside,
                "paint": {
                    "fill-color": _colour(d),
                    "fill-opacity": opacity if shown else 0,
                    # The canvas smooths edges by itself; outlining every parcel as well takes 30 times as long.
                    "fill-antialias": False,
                },
            }
        )
        lines.append(
            {
                "id": f"parcel-line:{name}",
                "type": "line",
                "minzoom": 12.5,
                "filter": inside,
                "paint": {
                    "line-color": outline,
                    "line-width": by_zoom(12.5, 0.3, 15, 1.2),
                    "line-opacity": 1 if shown else 0,
                },
            }
        )
    selected: StyleLayer = {
        "id": "parcel-selected",
        "type": "line",
        "filter": chosen or d.selected("parcel"),
        "layout": {"line-join": "round"},
        "paint": {"line-color": d.theme.text, "line-width": 3 if chosen is None else by_zoom(8, 0.4, 12, 1, 15, 2)},
    }
    marked: StyleLayer = {
        "id": "parcel-chosen",
        "type": "fill",
        "filter": chosen or NOTHING,
        "paint": {"fill-color": UNCLASSED if chosen is None else _colour(d), "fill-opacity": 0.95},
    }
    return [*fills, *lines, marked, selected]


def land_entries(context: MapContext, theme_name: str) -> list[LegendEntry]:
    """Lines for the land-use legend in code order: one line per colour among the classes that occur.

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
        label = f"{common} {names[common]}" if common in names else " / ".join(names[k] for k in keys)
        entries.append(LegendEntry("fill", colour, label, selects=f"landuse:{common}" if common in names else ""))
    return entries


def _legend(d: Drawing) -> list[LegendEntry]:
    entries = land_entries(d.context, d.theme.name)
    kind = _("规划用途") if d.state.landuse == "plan" else _("现状用途")
    if d.context.land_unclassed:
        entries.append(LegendEntry("fill", UNCLASSED, _("未载明用途或其他分类标准")))
    return [LegendEntry("outline", d.theme.quiet, kind), *entries]


def _names(d: Drawing) -> list[Name]:
    """The class code of a parcel that has room for it."""
    return [Name("parcel-fill", (_attribute(d),), (14, FARTHEST_ZOOM), 5, least=48, sides=("center",))]


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
    painted=True,
    wall=False,
    clicks=("parcel-fill",),
    clicks_from=13,
    selects="parcel",
    hover=_hover,
    names=_names,
)
