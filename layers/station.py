"""Railway stations, metro stations and tram stops, each with its name. Entrances are not known: a station is a point."""

from __future__ import annotations

from typing import Any

from data import reference
from i18n import N_, _
from layers.layer import BLOCK_ZOOM, CITY_ZOOM, FARTHEST_ZOOM, Drawing, Layer, LegendEntry, Name, StyleLayer, icon
from layers.theme import Theme
from layers.transit import name_of, near

#: Kind as stored, its name, its size in CSS pixels and the zoom from which it is named.
_KINDS = (
    ("rail", N_("火车站"), 10, CITY_ZOOM),
    ("metro", N_("地铁站"), 6, 11.5),
    ("tram", N_("有轨电车站"), 5, BLOCK_ZOOM),
)


def _draw(d: Drawing) -> list[StyleLayer]:
    return [
        {
            "id": f"station-{kind}",
            "type": "symbol",
            "source-layer": "station",
            "minzoom": CITY_ZOOM if kind != "tram" else BLOCK_ZOOM,
            "filter": ["==", ["get", "k"], kind],
            "layout": {"icon-image": f"station-{kind}", "icon-allow-overlap": True, "icon-ignore-placement": True},
        }
        for kind, _name, _size, _zoom in reversed(_KINDS)
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    entries = [
        LegendEntry("square", d.theme.quiet, _(name), image=f"station-{kind}", size=size, drawn=(f"station-{kind}",))
        for kind, name, size, _zoom in _KINDS
    ]
    known = [p for p in reference.places() if p.kind == "metro"]
    told = _("公开资料整理 {day},位置误差约 {n} 米", day=max(p.as_of or "" for p in known), n=known[0].accuracy_m)
    return [*entries, LegendEntry("", d.theme.quiet, told)]


def _images(theme: Theme) -> list[dict[str, Any]]:
    rail, metro, tram = _KINDS
    return [
        icon("station-rail", "square", theme.quiet, size=rail[2], stroke=theme.panel),
        icon("station-metro", "circle", theme.panel, size=metro[2], stroke=theme.quiet, width=1.5),
        icon("station-tram", "circle", theme.panel, size=tram[2], stroke=theme.context, width=1),
    ]


def _names(d: Drawing) -> list[Name]:
    return [
        Name(f"station-{kind}", (name_of(),), (zoom, FARTHEST_ZOOM), 40 - rank)
        for rank, (kind, _name, _size, zoom) in enumerate(_KINDS, start=1)
    ]


def _hover() -> dict[str, dict[str, Any]]:
    card = {"title": [name_of()], "rows": [[_("线路"), "l", "text"]]}
    return {"station-metro": card, "station-tram": card}


LAYER = Layer(
    id="station",
    title=N_("车站"),
    group="boundary",
    families=("place",),
    draw=_draw,
    legend=_legend,
    reference=True,
    images=_images,
    names=_names,
    hover=_hover,
    applies=near,
)
