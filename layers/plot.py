"""Plots on offer or to come (rules §7.2). Guests get them generalised to 50 m (rules §2.6.3)."""

from __future__ import annotations

from typing import Any

from i18n import N_, _
from layers.filter_expr import PLACE_FACETS
from layers.layer import BLOCK_ZOOM, CITY_ZOOM, FARTHEST_ZOOM, Drawing, Layer, LegendEntry, Name, StyleLayer, by_zoom


def _draw(d: Drawing) -> list[StyleLayer]:
    return [
        {
            "id": "plot-fill",
            "type": "fill",
            "minzoom": d.city_until,
            "paint": {"fill-color": d.theme.accent, "fill-opacity": by_zoom(CITY_ZOOM, 0.35, 14, 0.16)},
        },
        {
            "id": "plot-line",
            "type": "line",
            "minzoom": d.city_until,
            "layout": {"line-join": "round"},
            "paint": {
                "line-color": d.theme.accent,
                "line-width": by_zoom(CITY_ZOOM, 0.8, 14, 2),
                "line-dasharray": [3, 1.5],
            },
        },
        {
            "id": "plot-selected",
            "type": "line",
            "filter": d.selected("plot"),
            "layout": {"line-join": "round"},
            "paint": {"line-color": d.theme.text, "line-width": 3},
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    return [LegendEntry("dashed", d.theme.accent, _("招商地块"), size=1)]


def _names(d: Drawing) -> list[Name]:
    return [Name("plot-fill", (("a", "mu"),), (BLOCK_ZOOM, FARTHEST_ZOOM), 15, least=24, sides=("center",))]


def _hover() -> dict[str, dict[str, Any]]:
    return {
        "plot-fill": {
            "title": ["id"],
            "rows": [
                [_("用地性质"), "c", "lookup:landuse"],
                [_("面积"), "a", "mu"],
                [_("供地状态"), "ss", "lookup:supply_state"],
            ],
        }
    }


LAYER = Layer(
    id="plot",
    title=N_("招商地块"),
    group="land",
    families=("staff", "guest"),
    draw=_draw,
    legend=_legend,
    facets=PLACE_FACETS,
    clicks=("plot-fill",),
    selects="plot",
    hover=_hover,
    names=_names,
)
