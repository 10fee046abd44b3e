"""Axes of a scheme (1核2轴3园): lines that take no part in totals."""

from __future__ import annotations

from i18n import N_
from layers.layer import Drawing, Layer, LegendEntry, StyleLayer, by_zoom
from layers.zone import colour_of


def _draw(d: Drawing) -> list[StyleLayer]:
    axis = ["all", ["==", ["get", "scheme"], d.context.scheme], ["==", ["get", "role"], "axis"]]
    shape = {"line-join": "round", "line-cap": "round"}
    return [
        {
            "id": "axis-band",
            "type": "line",
            "filter": axis,
            "layout": shape,
            "paint": {"line-color": colour_of(d), "line-opacity": 0.18, "line-width": by_zoom(8, 8, 11, 18, 14, 34)},
        },
        {
            "id": "axis-line",
            "type": "line",
            "filter": axis,
            "layout": shape,
            "paint": {"line-color": colour_of(d), "line-width": by_zoom(8, 2, 11, 3.5, 14, 5)},
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    axes = [z for z in d.context.zones if z.role == "axis"]
    return [LegendEntry("line", d.theme.zone(z.colour_index), z.name, size=3) for z in axes]


LAYER = Layer(
    id="axis",
    title=N_("发展轴"),
    group="boundary",
    families=("base",),
    draw=_draw,
    legend=_legend,
    reference=True,
    clicks=("axis-line",),
)
