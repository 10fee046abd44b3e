"""Statutory districts: panel-coloured ground with solid grey hairlines (rules §2.1.2)."""

from __future__ import annotations

from i18n import N_, _
from layers.filter_expr import one_of
from layers.layer import Drawing, Layer, LegendEntry, StyleLayer, by_zoom


def _draw(d: Drawing) -> list[StyleLayer]:
    chosen = one_of(["get", "id"], d.state.districts)
    return [
        {"id": "district-fill", "type": "fill", "paint": {"fill-color": d.theme.panel}},
        {
            "id": "district-line",
            "type": "line",
            "layout": {"line-join": "round"},
            "paint": {
                "line-color": ["case", chosen, d.theme.text, d.theme.boundary],
                "line-width": by_zoom(8, ["case", chosen, 1.6, 0.8], 12, ["case", chosen, 2.4, 1.4]),
            },
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    return [LegendEntry("line", d.theme.boundary, _("区(市)县界"), size=1)]


LAYER = Layer(
    id="district",
    title=N_("行政区划"),
    group="boundary",
    families=("admin",),
    draw=_draw,
    legend=_legend,
    reference=True,
    clicks=("district-fill",),
)
