"""Projects: colour and shape say the light, the mark inside says the stage group, size √investment in 5 classes.

Two signals share one symbol, so the louder one (colour and outer shape) carries what asks for action, the light; the
stage is a small mark that appears when there is room for it. A map of the whole city has room for the worst red ones
only; the others are counts in the labels of their zones (`counts`). A lead or an ended project has no light, which is not
grey: it is a plain disc. A hollow symbol stands at a schematic position. The three
kinds of archive (signed, leads, public) draw alike.
"""

from __future__ import annotations

from typing import Any

from domain.lifecycle import STAGE_BY_CODE, STAGE_CHAR, STAGE_GROUPS
from domain.lights import LIGHT_CHAR, LIGHT_MARKS, LIGHT_NAMES, NO_LIGHT_CHAR, Light
from domain.viewstate import Dataset
from i18n import N_, _, pick
from layers.context import MapZone
from layers.filter_expr import PROJECT_FACETS, Expression, at_month, group_chars, one_of
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

LIGHT_SHAPE: dict[str, Shape] = {"red": "triangle", "yellow": "diamond", "green": "circle", "grey": "ring"}
LIGHT_NAME = LIGHT_NAMES
STAGE_MARK: dict[str, Shape] = {
    "lead": "ring",
    "signed": "circle",
    "building": "square",
    "operating": "star",
    "ended": "cross",
}
#: Symbol diameter in CSS pixels by investment class 1–5: three sizes, told apart at a glance.
CLASS_PX = (10, 10, 14, 20, 20)
SIZE_NAME = {10: N_("5 亿元以下"), 14: N_("5–20 亿元"), 20: N_("20 亿元以上")}
CLASS_NAME = (N_("1 亿元以下"), N_("1–5 亿元"), N_("5–20 亿元"), N_("20–50 亿元"), N_("50 亿元以上"))
_ICON_PX = 20
_NAMED_CLASS = 4  # from 20 亿元 on, named among blocks
_CLICKS = ("project", "project-leads", "project-single", "project-single-leads")
#: As many red ones of a zone stand alone on the map of the city.
MOST_SINGLE = 5


def _size(share: float = 1.0) -> Expression:
    """Icon size, at every zoom that of the legend; a project of unknown investment is drawn as the smallest class."""
    pairs: list[Any] = []
    for level, px in enumerate(CLASS_PX[1:], start=2):
        pairs += [level, round(px / _ICON_PX * share, 3)]
    return ["match", ["get", "inv"], *pairs, round(CLASS_PX[0] / _ICON_PX * share, 3)]


def _unless_clustered(opacity: Expression | float) -> Expression:
    """Nothing while the browser shows the project in a cluster (`clusters`)."""
    return ["case", ["boolean", ["feature-state", "clustered"], False], 0, opacity]


def _light_image(index: int) -> Expression:
    hollow: Expression = ["case", ["==", ["get", "ps"], 1], "-h", ""]
    return ["concat", "light-", at_month("lh", index), hollow]


def _mark_image(index: int) -> Expression:
    pairs: list[Any] = []
    for group in STAGE_GROUPS.values():
        pairs += [group_chars(group.id), f"mark-{group.id}"]
    grey = ["==", at_month("lh", index), LIGHT_CHAR[Light.GREY]]
    on_ground: Expression = ["case", ["any", ["==", ["get", "ps"], 1], grey], "-o", ""]
    return ["concat", ["match", at_month("sh", index), *pairs, "mark-ended"], on_ground]


def _draw(d: Drawing) -> list[StyleLayer]:
    index = d.context.period_index
    light = at_month("lh", index)
    urgency: Expression = ["match", light, "r", 30, "y", 20, "g", 10, 0]
    ended = one_of(at_month("sh", index), group_chars("ended"))
    shown: dict[str, Any] = {
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
        # Urgent ones on top; among equals the small ones, which a large one would hide.
        "symbol-sort-key": ["-", urgency, ["coalesce", ["get", "inv"], 1]],
    }
    singled: StyleLayer = {
        "id": "project-single",
        "type": "symbol",
        "maxzoom": d.city_until,
        "filter": ["any", one_of(["get", "id"], d.context.singled), d.selected("project")],
        "layout": {"icon-image": _light_image(index), "icon-size": _size(), **shown},
        "paint": {"icon-opacity": 0.95},
    }
    return [
        *([singled] if d.city_until else []),
        {
            "id": "project",
            "type": "symbol",
            "minzoom": d.city_until,
            "layout": {"icon-image": _light_image(index), "icon-size": _size(), **shown},
            "paint": {"icon-opacity": _unless_clustered(["case", ended, 0.55, 0.95])},
        },
        {
            "id": "project-mark",
            "type": "symbol",
            "minzoom": BLOCK_ZOOM,
            "layout": {"icon-image": _mark_image(index), "icon-size": _size(0.46), **shown},
        },
        {
            "id": "project-selected",
            "type": "symbol",
            "filter": d.selected("project"),
            "layout": {"icon-image": "project-ring", "icon-size": _size(1.7), **shown},
        },
    ]


def _legend(d: Drawing) -> list[LegendEntry]:
    theme = d.theme
    # On the map of the city the other lights are counts in the labels of the zones, with the same symbols.
    lit = bool(d.city_until) and "projects" in d.archives and d.state.dataset is not Dataset.PUBLISHED
    drawn = () if lit else ("project",)
    lights = [
        LegendEntry(LIGHT_SHAPE[k], theme.lights[k], _(LIGHT_NAME[k]), size=14, image=f"light-{char}", drawn=drawn)
        for k, char in ((light.value, char) for light, char in LIGHT_CHAR.items())
    ]
    if lit:
        counted = _("红灯逐个标出,每区至多 {n} 个", n=MOST_SINGLE)
        lights.append(LegendEntry("", theme.quiet, counted, drawn=("project-single",)))
    disc = f"light-{NO_LIGHT_CHAR}"
    lights.append(
        LegendEntry("circle", theme.boundary, _("不亮灯(未签约或已结束)"), size=14, image=disc, drawn=("project",))
    )
    lead = any(family == "leads" for family in d.archives)
    marks = [
        LegendEntry(
            STAGE_MARK[g.id], theme.quiet, _(g.name_zh), size=9, image=f"mark-{g.id}-o", drawn=("project-mark",)
        )
        for g in STAGE_GROUPS.values()
        if g.id != "lead" or lead
    ]
    green = f"light-{LIGHT_CHAR[Light.GREEN]}"
    sizes = [
        LegendEntry("circle", theme.lights["green"], _(name), size=px, image=green) for px, name in SIZE_NAME.items()
    ]
    return [
        *lights,
        LegendEntry(
            "cluster", theme.quiet, _("相距 28 像素以内的合为一圈,按灯分段"), size=28, zoom=(d.city_until, BLOCK_ZOOM)
        ),
        *marks,
        *sizes,
        LegendEntry("circle", theme.lights["green"], _("位置示意"), size=14, hollow=True, image=f"{green}-h"),
    ]


def _images(theme: Theme) -> list[dict[str, Any]]:
    wall = theme.name == "wall"
    edge = theme.ground if wall else theme.panel
    images = []
    for light, char in LIGHT_CHAR.items():
        colour, shape = theme.lights[light.value], LIGHT_SHAPE[light.value]
        width = 3.2 if shape == "ring" else 1.4
        images.append(
            icon(f"light-{char}", shape, colour, size=_ICON_PX, stroke=colour if shape == "ring" else edge, width=width)
        )
        images.append(icon(f"light-{char}-h", shape, colour, size=_ICON_PX, width=2.4, hollow=True))
    disc = f"light-{NO_LIGHT_CHAR}"
    images.append(icon(disc, "circle", theme.boundary, size=_ICON_PX, stroke=theme.quiet, width=1.6))
    images.append(icon(f"{disc}-h", "circle", theme.boundary, size=_ICON_PX, width=2.4, hollow=True))
    for group, shape in STAGE_MARK.items():
        hollow = shape == "ring"
        images.append(icon(f"mark-{group}", shape, edge, size=_ICON_PX, width=6 if hollow else 1, hollow=hollow))
        images.append(
            icon(f"mark-{group}-o", shape, theme.quiet, size=_ICON_PX, width=6 if hollow else 1, hollow=hollow)
        )
    images.append(icon("project-ring", "ring", theme.text, size=_ICON_PX, width=2))
    return images


def _names(d: Drawing) -> list[Name]:
    large: Expression = [">=", ["coalesce", ["get", "inv"], 0], _NAMED_CLASS]
    return [
        name
        for layer in ("project", "project-leads")
        for name in (
            Name(layer, ("n",), (BLOCK_ZOOM, BUILDING_ZOOM), 30, where=large),
            Name(layer, ("n",), (BUILDING_ZOOM, FARTHEST_ZOOM), 30),
        )
    ]


def clusters(d: Drawing) -> dict[str, Any]:
    """Projects that the browser draws as one ring where they stand close: in which style layers, at which zooms, and the
    colours of the ring's segments by what the light's history says of the month, the first the most urgent."""
    colours = [(char, d.theme.lights[light.value]) for light, char in LIGHT_CHAR.items()]
    return {
        "layers": ["project", *(["project-leads"] if "leads" in d.archives else [])],
        "from": d.city_until,
        "to": BLOCK_ZOOM,
        "by": "lh",
        "colors": [*colours, (NO_LIGHT_CHAR, d.theme.boundary)],
    }


def _hover() -> dict[str, dict[str, Any]]:
    card = {
        "title": ["n"],
        "rows": [
            [_("阶段"), "sh", "month:stage"],
            [_("灯"), "lh", "month:light"],
            [_("所在"), "z", "lookup:zone"],
            [_("总投资"), "inv", "lookup:investment"],
            [_("跨区协同"), "xb", "lookup:cross"],
            [_("位置"), "ps", "lookup:position"],
        ],
    }
    return dict.fromkeys(_CLICKS, card)


def counts(d: Drawing, zone: MapZone) -> list[dict[str, str]]:
    """The projects of a zone as the bar of its label shows them: mark, number, colour and name of each light; where none
    may be or is lit, one disc for all."""
    lit = [
        {"mark": LIGHT_MARKS[k], "n": f"{zone.lights[k]:,}", "color": d.theme.lights[k], "name": _(LIGHT_NAME[k])}
        for k in LIGHT_SHAPE
        if zone.lights.get(k)
    ]
    if lit or not zone.projects:
        return lit
    return [{"mark": "●", "n": f"{zone.projects:,}", "color": d.theme.quiet, "name": _("项目")}]


def investment_names() -> dict[str, str]:
    """Investment class to its name, for hover cards."""
    return {str(i): _(name) for i, name in enumerate(CLASS_NAME, start=1)}


def light_names() -> dict[str, str]:
    """Character of a light history to its name, for hover cards."""
    return {char: _(LIGHT_NAME[light.value]) for light, char in LIGHT_CHAR.items()}


def stage_names() -> dict[str, str]:
    """Character of a stage history to the stage's name, for hover cards."""
    return {char: pick(STAGE_BY_CODE[code].name_zh, STAGE_BY_CODE[code].name_en) for code, char in STAGE_CHAR.items()}


LAYER = Layer(
    id="project",
    title=N_("项目"),
    group="project",
    families=("projects", "leads", "guest"),
    draw=_draw,
    legend=_legend,
    facets=PROJECT_FACETS,
    timed=True,
    images=_images,
    clicks=_CLICKS,
    selects="project",
    hover=_hover,
    names=_names,
)
