"""The legend: what the marks mean, always on screen, and a switch for each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from i18n import _
from views.parts.button import action
from views.parts.opens import opens

#: The layer whose marks are always spelled out: the others fold away.
ALWAYS = "project"
STRIP_ENTRIES = 5  # the lights and what is counted only; stages, sizes and the rest are in the folded list


def _key(entry: Any) -> Component:
    """The symbol of a line: the icon as the map draws it, at its size there, or a sample of a line or an area."""
    if entry.image:
        return html.Span(className="key key--icon", style={"--size": f"{entry.size}"}, **{"data-image": entry.image})
    return html.Span(className=f"key key--{entry.symbol}", style={"--key": entry.colour, "--size": f"{entry.size}"})


def _entries(entries: Sequence[Any]) -> list[Component]:
    return [
        html.Span([_key(e) if e.symbol else None, _label(e)], className="key-row", **between(*e.zoom)) for e in entries
    ]


def between(low: float, high: float) -> dict[str, str]:
    """Attributes of what the map's bridge shows between two zooms only (assets/map.js)."""
    return {"data-zoom-from": str(low), "data-zoom-to": str(high)}


def _further_out(group: Mapping[str, Any]) -> Component:
    """Said beside a layer that is switched on while the map is too far out to draw it."""
    nearest = min((e.zoom[0] for e in group["entries"]), default=0)
    return html.Span(_("放大后可见"), className="quiet", **between(-1, nearest))


def _label(entry: Any) -> Component | str:
    kind, _colon, code = entry.selects.partition(":")
    return opens(kind, code, entry.label) if kind else entry.label


#: The layer that has two faces: land as it is used and as it is planned.
LAND = "parcel"


def _land_switch(landuse: str) -> html.Div:
    """现状 | 规划 of the parcels."""
    words = {"status": _("现状"), "plan": _("规划")}
    return html.Div(
        [
            html.Button(
                word,
                **action("landuse", value),
                className="land-button" + (" is-chosen" if value == landuse else ""),
                type="button",
                **{"aria-pressed": "true" if value == landuse else "false"},
            )
            for value, word in words.items()
        ],
        className="land-switch",
    )


def note_id(layer: str) -> dict[str, str]:
    """Id of the place that says which facets a layer cannot follow; empty where it follows all."""
    return {"legend-note": layer}


def legend_strip(on_map: Sequence[Mapping[str, Any]]) -> list[Component]:
    """What is always on screen, of the groups of layers.style.legend."""
    entries: Sequence[Any] = next((g["entries"] for g in on_map if g["id"] == ALWAYS), [])
    return _entries(entries[:STRIP_ENTRIES])


def legend_body(
    on_map: Sequence[Mapping[str, Any]], layers: Sequence[tuple[str, str]], landuse: str, notes: Sequence[str]
) -> list[Component]:
    """All marks, with a switch for each of `layers` (id, title) that the viewer may draw; `notes` stand at its foot."""
    shown = {g["id"]: g for g in on_map}
    groups: list[Component] = []
    for layer_id, title in layers:
        group = shown.get(layer_id)
        groups.append(
            html.Div(
                [
                    html.Div(
                        [
                            html.Button(
                                [html.Span(className="switch-dot"), title],
                                **action("layer", layer_id),
                                className="legend-title" + ("" if group else " is-off"),
                                type="button",
                                **{"aria-pressed": "true" if group else "false"},
                            ),
                            _further_out(group) if group else None,
                            html.Span(group["note"], id=note_id(layer_id), className="legend-note") if group else None,
                        ],
                        className="legend-head",
                    ),
                    _land_switch(landuse) if group and layer_id == LAND else None,
                    html.Div(_entries(group["entries"]), className="legend-entries") if group else None,
                ],
                className="legend-group",
            )
        )
    return [*groups, html.P(" · ".join(note for note in notes if note), className="legend-foot note")]


def legend_box(strip: Sequence[Component]) -> html.Div:
    """The legend as a page brings it: what is folded away is asked for when it is opened (callbacks.map)."""
    return html.Div(
        [
            html.Div(strip, id="legend-strip", className="legend-keys"),
            html.Details(
                [
                    html.Summary(_("图层与图例 ▴"), id="legend-open"),
                    html.Div(id="legend-body", className="legend-body"),
                ],
                className="legend-more",
            ),
        ],
        className="legend-strip",
    )
