"""Carriers 载体: footprints among blocks, bodies with name and free area among buildings; colour is vacancy."""

from __future__ import annotations

from typing import Any

from i18n import N_, _
from layers.filter_expr import PLACE_FACETS, Expression
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
    icon,
)
from layers.theme import Theme

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
    colour = _vacancy(d.theme)
    return [
        {
            "id": "carrier-fill",
            "type": "fill",
            "source-layer": "carrier_footprint",
            "minzoom": BLOCK_ZOOM,
            "maxzoom": BUILDING_ZOOM,
            "paint": {"fill-color": colour, "fill-opacity": 0.85, "fill-outline-color": d.theme.ground},
        },
        {
            "id": "carrier-body",
            "type": "fill-extrusion",
            "source-layer": "carrier_footprint",
            "minzoom": BUILDING_ZOOM,
            "paint": {
                "fill-extrusion-color": colour,
                "fill-extrusion-height": by_zoom(BUILDING_ZOOM, 0, BUILDING_ZOOM + 0.5, ["coalesce", ["get", "h"], 0]),
                "fill-extrusion-opacity": 0.88,
            },
        },
        {
            "id": "carrier-point",
            "type": "symbol",
            "minzoom": BLOCK_ZOOM,
            "layout": {
                "icon-image": _image(d.theme),
                "icon-size": 1,
                "icon-allow-overlap": True,
                "icon-ignore-placement": True,
            },
            # A building drawn as a body needs no pin; one without a footprint keeps it.
            "paint": {"icon-opacity": ["step", ["zoom"], 1, BLOCK_ZOOM, ["case", ["==", ["get", "fp"], 1], 0, 1]]},
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
    entries = [
        LegendEntry("square", colour, _(share), size=14, image=f"carrier-{level}")
        for level, (colour, share) in enumerate(zip(d.theme.vacancy, _SHARES, strict=True))
    ]
    unknown = LegendEntry("square", d.theme.quiet, _("空置未报"), size=14, image="carrier-x")
    return [*entries, unknown, LegendEntry("square", d.theme.quiet, _("位置示意"), size=14, image="carrier-x-h")]


def _names(d: Drawing) -> list[Name]:
    text = ("n", ("va", "free"))
    near = (BUILDING_ZOOM, FARTHEST_ZOOM)
    return [
        Name("carrier-body", text, near, 25, sides=("center", "bottom", "top")),
        Name("carrier-point", text, near, 24),
    ]


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
    names=_names,
)
