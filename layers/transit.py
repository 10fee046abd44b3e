"""Metro lines and airports: what people of the city know it by. Of no data set; straight between stations, so 示意."""

from __future__ import annotations

from typing import Any

from data import reference
from i18n import N_, _, language
from layers.layer import FARTHEST_ZOOM, Drawing, Layer, LegendEntry, Name, StyleLayer, by_zoom, icon
from layers.theme import Theme


def near(d: Drawing) -> bool:
    """Whether the map shows the city whose places these are: another city has others."""
    west, south, east, north = d.context.max_bounds
    return any(west <= p.lon <= east and south <= p.lat <= north for p in reference.places())


def name_of() -> str:
    """The attribute that holds a name in the request's language; a name without one in it is written in English."""
    return "n" if language() == "zh" else "e"


def _draw(d: Drawing) -> list[StyleLayer]:
    return [
        {
            "id": "metro-line",
            "type": "line",
            "source-layer": "metro",
            "layout": {"line-join": "round", "line-cap": "round"},
            "paint": {"line-color": d.theme.context, "line-width": by_zoom(8, 1, 11, 1, 14, 2)},
        },
        {
            "id": "airport-point",
            "type": "symbol",
            "source-layer": "airport",
            "layout": {"icon-image": "airport", "icon-allow-overlap": True, "icon-ignore-placement": True},
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    newest = max(run.as_of for run in reference.metro_runs())
    return [
        LegendEntry("line", d.theme.context, _("地铁(站间直线,示意)"), size=1, drawn=("metro-line",)),
        LegendEntry("plane", d.theme.quiet, _("机场"), image="airport", size=14, drawn=("airport-point",)),
        LegendEntry("", d.theme.quiet, _("公开资料整理,线路截至 {day}", day=newest)),
    ]


def _images(theme: Theme) -> list[dict[str, Any]]:
    return [icon("airport", "plane", theme.quiet, size=14, width=0.5)]


def _names(d: Drawing) -> list[Name]:
    return [Name("airport-point", (name_of(),), (8, FARTHEST_ZOOM), 40)]


LAYER = Layer(
    id="transit",
    title=N_("地铁与机场"),
    group="boundary",
    families=("base",),
    draw=_draw,
    legend=_legend,
    reference=True,
    images=_images,
    names=_names,
    applies=near,
)
