"""Cores, zones, special areas and parks of the scheme: fill 0.2 and a 3 px outline (rules §10).

Zones with more than one governing party carry a light hatch (cross-district kind B, rules §4.1). A picked zone stands
out because the others step back.
"""

from __future__ import annotations

from typing import Any

from i18n import N_, _
from layers.filter_expr import Expression, one_of
from layers.layer import Drawing, Layer, LegendEntry, StyleLayer, by_zoom, icon
from layers.theme import Theme


def colour_of(d: Drawing) -> Expression | str:
    """Colour by the zone's place in its scheme."""
    if not d.context.zones:
        return d.theme.quiet
    pairs: list[Any] = []
    for zone in d.context.zones:
        pairs += [zone.code, d.theme.zone(zone.colour_index)]
    return ["match", ["get", "id"], *pairs, d.theme.quiet]


def emphasis(chosen: float, plain: float, dimmed: float) -> Expression:
    """A number by whether the zone is picked, nothing is picked, or another one is.

    Read from the feature's state, which is set from outside (`state_of`): an expression with the names of the picked
    ones would have the browser read the tiles again at each pick.
    """
    return ["match", ["coalesce", ["feature-state", "pick"], "none"], "chosen", chosen, "other", dimmed, plain]


def state_of(d: Drawing) -> list[dict[str, Any]]:
    """The state of every area on screen: ``pick`` is "chosen", "other" or "none"."""
    picked = d.chosen_zones
    return [
        {
            "source": "base",
            "sourceLayer": "zone",
            "id": zone.code,
            "state": {"pick": "none" if not picked else "chosen" if zone.code in picked else "other"},
        }
        for zone in d.area_zones
    ]


def _draw(d: Drawing) -> list[StyleLayer]:
    scheme = ["==", ["get", "scheme"], d.context.scheme]
    area = ["all", scheme, ["!=", ["get", "role"], "axis"]]
    shared = ["all", area, one_of(["get", "id"], [z.code for z in d.area_zones if z.co_governed])]
    colour = colour_of(d)
    base = d.theme.zone_fill
    fill = emphasis(base * 1.5, base, base * 0.5)
    faint = emphasis(base * 0.5, base * 0.35, base * 0.15)
    hatch: list[Any] = ["match", ["get", "id"]]
    for zone in d.area_zones:
        hatch += [zone.code, f"hatch-{zone.colour_index % len(d.theme.zones)}"]
    return [
        {
            "id": "zone-fill",
            "type": "fill",
            "filter": area,
            "paint": {"fill-color": colour, "fill-opacity": by_zoom(10.5, fill, 13, faint)},
        },
        {
            "id": "zone-hatch",
            "type": "fill",
            "filter": shared,
            "paint": {
                "fill-pattern": [*hatch, "hatch-0"] if d.area_zones else "hatch-0",
                "fill-opacity": by_zoom(10.5, emphasis(0.36, 0.28, 0.10), 13, emphasis(0.10, 0.08, 0.04)),
            },
        },
        {
            "id": "zone-line",
            "type": "line",
            "filter": area,
            "layout": {"line-join": "round", "line-cap": "round"},
            "paint": {
                "line-color": colour,
                "line-width": by_zoom(8, emphasis(2.6, 1.8, 1.6), 10, emphasis(4, 3, 2.4)),
                "line-opacity": emphasis(1, 1, 0.4),
            },
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    entries = []
    for zone in d.area_zones:
        entries.append(LegendEntry("fill", d.theme.zone(zone.colour_index), zone.name))
    if any(z.co_governed for z in d.area_zones):
        entries.append(LegendEntry("hatch", d.theme.quiet, _("共建园区")))
    return entries


def _images(theme: Theme) -> list[dict[str, Any]]:
    return [icon(f"hatch-{i}", "hatch", colour, size=9, width=0.8) for i, colour in enumerate(theme.zones)]


LAYER = Layer(
    id="zone",
    title=N_("核区与功能区"),
    group="boundary",
    families=("base",),
    draw=_draw,
    legend=_legend,
    reference=True,
    images=_images,
    clicks=("zone-fill",),
    selects="zone",
)
