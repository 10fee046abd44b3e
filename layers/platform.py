"""Innovation platforms in the four clusters of the core and ``other`` (rules §1.2.1): one hue, shape by cluster."""

from __future__ import annotations

from typing import Any

from domain import words
from i18n import N_, _
from layers.filter_expr import PLATFORM_FACETS, Expression
from layers.layer import (
    BLOCK_ZOOM,
    BUILDING_ZOOM,
    FARTHEST_ZOOM,
    Drawing,
    Layer,
    LegendEntry,
    Name,
    Shape,
    StyleLayer,
    icon,
)
from layers.theme import Theme

#: Cluster as stored, its name and its shape; anything else is drawn as ``other``.
CLUSTERS: tuple[tuple[str, str, Shape], ...] = (
    ("facility", words.PLATFORM_CATEGORIES["facility"], "hexagon"),
    ("laboratory", words.PLATFORM_CATEGORIES["laboratory"], "star"),
    ("university", words.PLATFORM_CATEGORIES["university"], "building"),
    ("industry", words.PLATFORM_CATEGORIES["industry"], "cross"),
)


def _image() -> Expression:
    pairs: list[Any] = []
    for cluster, _name, shape in CLUSTERS:
        pairs += [cluster, f"platform-{shape}"]
    known: Expression = ["match", ["get", "c"], *pairs, "platform-circle"]
    return ["case", ["==", ["get", "ps"], 1], ["concat", known, "-h"], known]


def _draw(d: Drawing) -> list[StyleLayer]:
    shown = {"icon-allow-overlap": True, "icon-ignore-placement": True}
    return [
        {
            "id": "platform-point",
            "type": "symbol",
            "minzoom": BLOCK_ZOOM,
            "layout": {"icon-image": _image(), **shown},
        },
        {
            "id": "platform-selected",
            "type": "symbol",
            "filter": d.selected("platform"),
            "layout": {"icon-image": "platform-ring", **shown},
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    kinds = [*((shape, name) for _cluster, name, shape in CLUSTERS), ("circle", N_("其他平台"))]
    entries = [LegendEntry(s, d.theme.accent, _(name), size=18, image=f"platform-{s}") for s, name in kinds]
    return [*entries, LegendEntry("hexagon", d.theme.accent, _("位置示意"), size=18, image="platform-hexagon-h")]


def _names(d: Drawing) -> list[Name]:
    return [Name("platform-point", ("n",), (BUILDING_ZOOM, FARTHEST_ZOOM), 20)]


def _images(theme: Theme) -> list[dict[str, Any]]:
    edge = theme.ground if theme.name == "wall" else theme.panel
    shapes: list[Shape] = [*(shape for _cluster, _name, shape in CLUSTERS), "circle"]
    solid = [icon(f"platform-{s}", s, theme.accent, size=18, stroke=edge) for s in shapes]
    hollow = [icon(f"platform-{s}-h", s, theme.accent, size=18, width=1.6, hollow=True) for s in shapes]
    return [*solid, *hollow, icon("platform-ring", "ring", theme.text, size=28, width=2)]


def _hover() -> dict[str, dict[str, Any]]:
    rows = [[_("类别"), "c", "lookup:cluster"], [_("所在"), "z", "lookup:zone"], [_("位置"), "ps", "lookup:position"]]
    return {"platform-point": {"title": ["n"], "rows": rows}}


def cluster_names() -> dict[str, str]:
    """Cluster as stored to its name, for hover cards."""
    return {cluster: _(name) for cluster, name, _shape in CLUSTERS} | {"other": _(words.PLATFORM_CATEGORIES["other"])}


LAYER = Layer(
    id="platform",
    title=N_("创新平台"),
    group="platform",
    families=("staff", "guest"),
    draw=_draw,
    legend=_legend,
    facets=PLATFORM_FACETS,
    images=_images,
    clicks=("platform-point",),
    selects="platform",
    hover=_hover,
    names=_names,
)
