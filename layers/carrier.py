"""Carriers 载体: small squares from afar, footprints nearer, buildings in 3-D from zoom 14.5; colour is vacancy."""

from __future__ import annotations

from typing import Any

from i18n import N_, _
from layers.filter_expr import PLACE_FACETS, Expression
from layers.layer import Drawing, Layer, LegendEntry, StyleLayer, by_zoom, icon
from layers.theme import Theme

_BODY = 14.5
_SHARES = (N_("满租"), N_("空置 10% 以内"), N_("空置 10–30%"), N_("空置 30% 以上"))


def _vacancy(theme: Theme) -> Expression:
    pairs: list[Any] = []
    for level, colour in enumerate(theme.vacancy):
        pairs += [level, colour]
    return ["match", ["get", "v"], *pairs, theme.quiet]


def _image(theme: Theme) -> Expression:
    known: Expression = [
        "match",
        ["get", "v"],
        0,
        "carrier-0",
        1,
        "carrier-1",
        2,
        "carrier-2",
        3,
        "carrier-3",
        "carrier-x",
    ]
    return ["case", ["==", ["get", "ps"], 1], ["concat", known, "-h"], known]


def _draw(d: Drawing) -> list[StyleLayer]:
    start = d.minzoom(10.8)
    colour = _vacancy(d.theme)
    return [
        {
            "id": "carrier-fill",
            "type": "fill",
            "source-layer": "carrier_footprint",
            "minzoom": 13,
            "maxzoom": _BODY,
            "paint": {"fill-color": colour, "fill-opacity": 0.85, "fill-outline-color": d.theme.ground},
        },
        {
            "id": "carrier-body",
            "type": "fill-extrusion",
            "source-layer": "carrier_footprint",
            "minzoom": _BODY,
            "paint": {
                "fill-extrusion-color": colour,
                "fill-extrusion-height": by_zoom(_BODY, 0, _BODY + 0.7, ["coalesce", ["get", "h"], 0]),
                "fill-extrusion-opacity": 0.88,
            },
        },
        {
            "id": "carrier-point",
            "type": "symbol",
            "minzoom": start,
            "layout": {
                "icon-image": _image(d.theme),
                "icon-size": by_zoom(8, 0.5, 11, 0.7, 14, 1.1),
                "icon-allow-overlap": True,
                "icon-ignore-placement": True,
            },
            # A building drawn as a body needs no pin; one without a footprint keeps it.
            "paint": {"icon-opacity": ["step", ["zoom"], 1, 13, ["case", ["==", ["get", "fp"], 1], 0, 1]]},
        },
        {
            "id": "carrier-selected",
            "type": "symbol",
            "filter": d.selected("carrier"),
            "layout": {
                "icon-image": "carrier-ring",
                "icon-size": by_zoom(8, 0.8, 14, 1.3),
                "icon-allow-overlap": True,
                "icon-ignore-placement": True,
            },
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    entries = [LegendEntry("square", colour, _(share)) for colour, share in zip(d.theme.vacancy, _SHARES, strict=True)]
    entries.append(LegendEntry("square", d.theme.quiet, _("空置未报")))
    return [*entries, LegendEntry("square", d.theme.quiet, _("位置示意"), hollow=True)]


def _images(theme: Theme) -> list[dict[str, Any]]:
    edge = theme.ground if theme.name == "wall" else theme.panel
    colours = [*((str(i), c) for i, c in enumerate(theme.vacancy)), ("x", theme.quiet)]
    solid = [icon(f"carrier-{name}", "square", colour, size=14, stroke=edge) for name, colour in colours]
    hollow = [icon(f"carrier-{name}-h", "square", colour, size=14, width=1.6, hollow=True) for name, colour in colours]
    return [*solid, *hollow, icon("carrier-ring", "square", theme.text, size=24, width=2, hollow=True)]


def _hover() -> dict[str, dict[str, Any]]:
    card = {
        "title": ["n"],
        "rows": [
            [_("类型"), "t", "text"],
            [_("所在"), "z", "lookup:zone"],
            [_("空置"), "v", "lookup:vacancy"],
            [_("位置"), "ps", "lookup:position"],
        ],
    }
    return {"carrier-point": card, "carrier-fill": card, "carrier-body": card}


def vacancy_names() -> dict[str, str]:
    """Vacancy class to its name, for hover cards."""
    return {str(i): _(share) for i, share in enumerate(_SHARES)}


LAYER = Layer(
    id="carrier",
    title=N_("产业载体"),
    group="carrier",
    families=("staff", "guest"),
    draw=_draw,
    legend=_legend,
    facets=PLACE_FACETS,
    images=_images,
    clicks=("carrier-point", "carrier-fill", "carrier-body"),
    selects="carrier",
    hover=_hover,
)
