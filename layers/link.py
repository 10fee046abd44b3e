"""Links: headquarters to base as dashed curves (kind D), transferred projects as arrows (kind F, rules §4.1)."""

from __future__ import annotations

from typing import Any

from i18n import N_, _
from layers.filter_expr import PROJECT_FACETS, Expression
from layers.layer import BUILDING_ZOOM, Drawing, Layer, LegendEntry, StyleLayer, by_zoom, icon
from layers.theme import Theme

HQ_BASE, TRANSFER = "hq_base", "transfer"
_CLICKS = ("link-hq", "link-transfer", "link-hq-far", "link-transfer-far")


def _draw(d: Drawing) -> list[StyleLayer]:
    kind, _sep, code = d.state.selection.partition(":")
    chosen: Expression = ["==", ["get", "id"], code]
    opacity: Expression | float = ["case", chosen, 1, 0.25] if kind == "project" and code else 0.75
    is_hq: Expression = ["==", ["get", "kind"], HQ_BASE]
    is_transfer: Expression = ["==", ["get", "kind"], TRANSFER]
    near: list[StyleLayer] = [
        {
            "id": "link-hq",
            "type": "line",
            "filter": is_hq,
            "layout": {"line-cap": "butt"},
            "paint": {
                "line-color": d.theme.accent,
                "line-width": by_zoom(8, 1.1, 11, 1.7, 14, 2.2),
                "line-dasharray": [3, 2.5],
                "line-opacity": opacity,
            },
        },
        {
            "id": "link-transfer",
            "type": "line",
            "filter": is_transfer,
            "paint": {
                "line-color": d.theme.text,
                "line-width": by_zoom(8, 0.8, 11, 1.2, 14, 1.8),
                "line-opacity": opacity,
            },
        },
        {
            "id": "link-arrow",
            "type": "symbol",
            "filter": is_transfer,
            "layout": {
                "symbol-placement": "line-center",
                "icon-image": "link-arrow",
                "icon-size": by_zoom(8, 0.6, 12, 0.9),
                "icon-rotate": 90,
                "icon-rotation-alignment": "map",
                "icon-allow-overlap": True,
                "icon-ignore-placement": True,
            },
            "paint": {"icon-opacity": opacity},
        },
    ]
    # A project's own, while one is selected; among buildings none.
    own = [
        item
        | {"minzoom": d.city_until, "maxzoom": BUILDING_ZOOM, "filter": ["all", item["filter"], d.selected("project")]}
        for item in near
    ]
    if not d.city_until:
        return own
    # All of them over the whole city are a cobweb: there only who asks for what crosses districts, or for a project, sees any.
    wanted: Expression = ["all"] if d.state.kinds else d.selected("project")
    far = [
        item | {"id": item["id"] + "-far", "maxzoom": d.city_until, "filter": ["all", item["filter"], wanted]}
        for item in near
    ]
    return [*far, *own]


def _legend(d: Drawing) -> list[LegendEntry]:
    drawn = ("link-hq", "link-hq-far") if d.city_until and d.state.kinds else ("link-hq",)
    return [
        LegendEntry("dashed", d.theme.accent, _("总部—基地"), size=2, drawn=drawn),
        LegendEntry("arrow", d.theme.text, _("流转(首谈地→落地地)"), size=1, drawn=drawn),
    ]


def _images(theme: Theme) -> list[dict[str, Any]]:
    return [icon("link-arrow", "triangle", theme.text, size=13)]


def _hover() -> dict[str, dict[str, Any]]:
    rows = [[_("联系"), "kind", {HQ_BASE: _("总部—基地"), TRANSFER: _("流转")}]]
    card = {"title": ["n"], "rows": rows}
    return dict.fromkeys(_CLICKS, card)


LAYER = Layer(
    id="link",
    title=N_("跨区联系"),
    group="project",
    families=("staff",),
    draw=_draw,
    legend=_legend,
    facets=PROJECT_FACETS,
    timed=True,
    images=_images,
    clicks=_CLICKS,
    hover=_hover,
)
