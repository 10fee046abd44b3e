"""Project footprints; one that crosses districts (kind A) is drawn in its parts, each in another tone (rules §4.1)."""

from __future__ import annotations

from typing import Any

from i18n import N_, _
from layers.filter_expr import PROJECT_FACETS, Expression
from layers.layer import BLOCK_ZOOM, Drawing, Layer, LegendEntry, StyleLayer, by_zoom


def _draw(d: Drawing) -> list[StyleLayer]:
    tone: Expression = [
        "match",
        ["get", "pt"],
        0,
        d.theme.accent,
        1,
        d.theme.zones[0],
        2,
        d.theme.zones[3],
        d.theme.accent,
    ]
    return [
        {
            "id": "footprint-fill",
            "type": "fill",
            "minzoom": BLOCK_ZOOM,
            "paint": {"fill-color": tone, "fill-opacity": ["case", ["==", ["get", "xa"], 1], 0.42, 0.16]},
        },
        {
            "id": "footprint-line",
            "type": "line",
            "minzoom": BLOCK_ZOOM,
            "layout": {"line-join": "round"},
            "paint": {"line-color": tone, "line-width": by_zoom(BLOCK_ZOOM, 0.8, 15, 1.8), "line-opacity": 0.9},
        },
        {
            "id": "footprint-selected",
            "type": "line",
            "filter": d.selected("project"),
            "layout": {"line-join": "round"},
            "paint": {"line-color": d.theme.text, "line-width": 2.6},
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    return [
        LegendEntry("outline", d.theme.accent, _("项目用地")),
        LegendEntry("split", d.theme.zones[0], _("跨区用地(按区分色)")),
    ]


def _hover() -> dict[str, dict[str, Any]]:
    rows = [[_("所在区县"), "fd", "lookup:district"], [_("该区部分"), "fa", "mu"]]
    return {"footprint-fill": {"title": ["n"], "rows": rows}}


LAYER = Layer(
    id="footprint",
    title=N_("项目用地"),
    group="project",
    families=("staff",),
    draw=_draw,
    legend=_legend,
    facets=PROJECT_FACETS,
    timed=True,
    clicks=("footprint-fill",),
    selects="project",
    hover=_hover,
)
