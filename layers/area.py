"""What a functional area or a governing body manages: dashed outlines round the zones that are known to be theirs.

No public file says where a functional area runs (rules §2.1.2). Drawn is the union of the outlines of its zones, which is
marked 示意; the rest of it is listed street by street in its panel. Which outlines there are follows the grouping.
"""

from __future__ import annotations

from domain.viewstate import Grouping
from i18n import N_, _
from layers.filter_expr import one_of
from layers.layer import Drawing, Layer, LegendEntry, StyleLayer, by_zoom


def _draw(d: Drawing) -> list[StyleLayer]:
    chosen = one_of(["get", "id"], d.state.districts)
    line: StyleLayer = {
        "id": "area-line",
        "type": "line",
        "filter": [
            "all",
            ["==", ["get", "scheme"], d.context.scheme],
            ["==", ["get", "by"], d.state.grouping.value],
        ],
        "layout": {"line-join": "round"},
        "paint": {
            "line-color": ["case", chosen, d.theme.accent, d.theme.quiet],
            "line-dasharray": [3, 2],
            # Outside the outline of the zone, so that both are seen.
            "line-offset": by_zoom(8, -4, 12, -7),
            "line-width": by_zoom(8, ["case", chosen, 2.4, 1.2], 12, ["case", chosen, 3, 1.6]),
        },
    }
    # A second outline round each zone is too much for a map of the city, or of a park: there only that of who was chosen.
    far = line | {
        "id": "area-line-far",
        "filter": [*line["filter"], ["any", chosen, d.selected("unit")]],
    }
    return [far | {"maxzoom": d.city_until}, line | {"minzoom": d.city_until}] if d.city_until else [far]


def _legend(d: Drawing) -> list[LegendEntry]:
    words = {
        Grouping.STAT: _("功能区所管园区(示意)"),
        Grouping.GOV: _("治理主体所管园区(示意)"),
    }
    name = words.get(d.state.grouping)
    far = ("area-line-far",) if d.state.districts or not d.city_until else ()
    drawn = (*far, *(("area-line",) if d.city_until else ()))
    return [LegendEntry("dashed", d.theme.quiet, name, size=1, drawn=drawn)] if name and d.context.areas else []


LAYER = Layer(
    id="area",
    title=N_("统计与治理单元"),
    group="boundary",
    families=("base",),
    draw=_draw,
    legend=_legend,
    reference=True,
    clicks=("area-line", "area-line-far"),
    selects="unit",
)
