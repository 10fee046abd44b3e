"""Writes what the map bridge draws: the whole style of a state, and the small patch from one state to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from data.queries.groups import GROUPS
from domain.filters import FACET_NAMES
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.scheme import zone_letters
from domain.viewer import Viewer
from domain.viewstate import Dataset, ViewState
from i18n import N_, _
from layers import carrier, platform, project
from layers.context import MapContext, MapZone, land_key
from layers.filter_expr import Expression
from layers.layer import BLOCK_ZOOM, FARTHEST_ZOOM, Drawing, Layer, LegendEntry, Name, StyleLayer
from layers.registry import LAYERS, offered, visible
from layers.theme import THEMES, ThemeName
from layers.tiles import MAX_ZOOM, MIN_ZOOM, open_archives
from layers.zone import state_of

_MAX_CAMERA_ZOOM = 18
_DEMO_MARK = N_("演示·")  # the header says it once; names beside the symbols go without
#: Tile layers of which the browser keeps a state by record: a zone is picked, a project stands in a cluster.
_BY_ID = {"base": {"zone": "id"}} | {family: {"project": "id"} for family in project.LAYER.families}
#: Room for the filter bar above and the legend below, CSS pixels.
_PADDING = {"top": 76, "bottom": 104, "left": 36, "right": 48}


def drawing(state: ViewState, viewer: Viewer, context: MapContext, theme: ThemeName) -> Drawing:
    """What every layer is drawn from; only archives open to `viewer` are in it (rules §2.6, §2.7)."""
    return Drawing(
        state=state,
        context=context,
        theme=THEMES[theme],
        archives=open_archives(viewer, state.dataset.provenance, reviewed=bool(context.map_review_no)),
        visible=visible(state, context.page),
    )


def _style_layers(d: Drawing, layer: Layer) -> list[StyleLayer]:
    where = d.where(layer)
    shown = "visible" if layer.id in d.visible else "none"
    drawn = []
    for family in layer.families:
        if family not in d.archives:
            continue
        suffix = "-leads" if family == "leads" else ""
        for item in layer.draw(d) if layer.applies(d) else ():
            own = item.get("filter")
            # Where the selected record is stays marked even when the filter has left it out.
            apart = layer.painted or item["id"].endswith("-selected")
            parts: Expression = ["all", own] if apart else [*where, own] if own else where
            drawn.append(
                item
                | {
                    "id": item["id"] + suffix,
                    "source": family,
                    "source-layer": item.get("source-layer", layer.id),
                    "filter": parts[1] if len(parts) == 2 else parts,
                    "layout": item.get("layout", {}) | {"visibility": shown},
                }
            )
    return drawn


def _style(d: Drawing) -> dict[str, Any]:
    url = d.context.tile_url.replace("{version}", str(d.context.tiles_version))
    sources = {
        family: {
            "type": "vector",
            "tiles": [url.replace("{archive}", archive)],
            "minzoom": MIN_ZOOM,
            "maxzoom": MAX_ZOOM,
            "bounds": list(d.context.max_bounds),
            **({"promoteId": _BY_ID[family]} if family in _BY_ID else {}),
        }
        for family, archive in d.archives.items()
    }
    ground: StyleLayer = {"id": "ground", "type": "background", "paint": {"background-color": d.theme.ground}}
    layers = [ground, *(drawn for layer in LAYERS for drawn in _style_layers(d, layer))]
    # No fading from one look to the next: MapLibre would draw everything anew for a third of a second after each change.
    return {"version": 8, "transition": {"duration": 0, "delay": 0}, "sources": sources, "layers": layers}


def label_figures(d: Drawing) -> dict[str, dict[str, Any]]:
    """What the label of each element says below its name: figure and unit, and its projects by light."""
    return {z.code: {"value": z.value, "unit": z.unit, "counts": project.counts(d, z)} for z in d.context.zones}


def _labels(d: Drawing) -> list[dict[str, Any]]:
    labels: list[dict[str, Any]] = []
    figures = label_figures(d)
    letters = zone_letters([z.code for z in d.area_zones])
    for zone in d.context.zones:
        axis = zone.role == "axis"
        labels.append(
            {
                "id": zone.code,
                "lng": zone.label[0],
                "lat": zone.label[1],
                "kind": "axis" if axis else "zone",
                "title": zone.short,
                "name": zone.name,
                "letter": letters.get(zone.code, ""),
                "targetUntil": d.city_until,
                # Nearer, the name alone, and from blocks on none: the map is in it then.
                "shortFrom": d.city_until,
                "maxzoom": BLOCK_ZOOM,
                **figures[zone.code],
                "color": d.theme.zone(zone.colour_index),
                "bbox": list(zone.bounds),
                "layer": "axis-line" if axis else "zone-fill",
                "priority": 90 if axis else 110 if zone.role == "core" else 100,
                "click": {"id": zone.code},
            }
        )
    labels += [
        {
            "id": f"{area.code}:{area.zone}",
            "lng": area.label[0],
            "lat": area.label[1],
            "kind": "area",
            "minzoom": d.city_until,
            "of": area.zone,
            "title": area.name,
            "color": d.theme.accent if area.code in d.state.districts else d.theme.quiet,
            "layer": "area-line",
            "priority": 50,
            "click": {"id": area.code},
        }
        for area in (d.context.areas if d.city_until else ())
    ]
    if "admin" in d.archives:
        for unit in d.context.districts:
            labels.append(
                {
                    "id": unit.code,
                    "lng": unit.label[0],
                    "lat": unit.label[1],
                    "kind": "district",
                    "anchor": ["center", "top", "bottom", "left", "right"],
                    "title": unit.short,
                    "maxzoom": BLOCK_ZOOM,
                    "color": d.theme.quiet,
                    "layer": "district-line",
                }
            )
    return labels


def _lookups(d: Drawing) -> dict[str, dict[str, str]]:
    return {
        "zone": {z.code: z.name for z in d.context.zones},
        "district": {u.code: u.name for u in d.context.districts},
        "landuse": {
            land_key(c.scheme, c.code) or "": f"{c.code} {_(c.name_zh)}"
            for c in d.context.land_classes
            if not d.context.land_codes or land_key(c.scheme, c.code) in d.context.land_codes
        },
        "land_state": {key: _(name) for key, name in LAND_STATES.items()},
        "supply_state": {key: _(name) for key, name in SUPPLY_STATES.items()},
        "vacancy": carrier.vacancy_names(),
        "cluster": platform.cluster_names(),
        "investment": project.investment_names(),
        "light": project.light_names(),
        "stage": project.stage_names(),
        "cross": {"1": _("是"), "0": _("否")},
        "position": {"1": _("位置示意"), "0": _("按登记坐标")},
    }


def _camera(d: Drawing) -> dict[str, Any]:
    """Where the map starts: where the address says, else at what is selected, else at home, round the whole scheme."""
    camera: dict[str, Any] = {
        "minZoom": MIN_ZOOM,
        "maxZoom": _MAX_CAMERA_ZOOM,
        "maxBounds": list(d.context.max_bounds),
        "padding": _PADDING,
        "pitch": 0,
        "home": list(d.context.bounds),
    }
    if d.context.page == "wall":  # a park's own page has no wider picture to go back to
        camera["home"] = list(d.context.bounds)
    if d.state.camera:
        lon, lat, zoom = (float(part) for part in d.state.camera.split(","))
        return camera | {"center": [lon, lat], "zoom": zoom}
    if d.context.place:
        lon, lat, zoom = d.context.place
        return camera | {"center": [lon, lat], "zoom": zoom}
    focus = _focus(d)
    return camera | {"bounds": list(focus.bounds if focus else d.context.bounds)}


def _focus(d: Drawing) -> MapZone | None:
    """The selected zone, which the camera frames. A zone in the filter does not move the map: what was in view stays."""
    kind, _sep, code = d.state.selection.partition(":")
    return d.context.zone(code) if kind == "zone" else None


def _is_group(d: Drawing) -> bool:
    """Whether what is selected lies all over the map."""
    return d.state.selection.partition(":")[0] in GROUPS


def map_spec(state: ViewState, viewer: Viewer, context: MapContext, theme: ThemeName) -> dict[str, Any]:
    """The whole map of a state, as `assets/map.js` takes it: style, camera, labels, hover cards, icons, lookups.

    Nothing in it names another host: no glyphs, no sprite, tiles from `context.tile_url`. The camera cannot leave the
    city or zoom out below 8, so no national outline is ever on screen (rules §2.6.1).
    """
    d = drawing(state, viewer, context, theme)
    style = _style(d)
    drawn = [layer["id"] for layer in style["layers"]]
    layers = offered(d)
    return {
        "style": style,
        "camera": _camera(d),
        "labels": _labels(d),
        "interactive": _hit_order(layers, style["layers"]),
        "clickFrom": {
            part: layer.clicks_from
            for layer in layers
            if layer.clicks_from
            for name in layer.clicks
            for part in _parts(name, drawn)
        },
        "hover": {
            part: card for layer in layers for name, card in layer.hover().items() for part in _parts(name, drawn)
        },
        "names": _names(d, drawn),
        "nameMark": _DEMO_MARK if state.dataset is Dataset.DEMO else "",
        "clusters": project.clusters(d) if project.LAYER in layers else None,
        "lookups": _lookups(d),
        "month": context.period_index,
        "state": state_of(d),
        "images": [image for layer in layers for image in layer.images(d.theme)],
    }


def _parts(name: str, drawn: list[str]) -> list[str]:
    """The style layer `name` and those it is divided into."""
    return [d for d in drawn if d == name or d.startswith(f"{name}:")]


def _names(d: Drawing, drawn: list[str]) -> list[dict[str, Any]]:
    return [_name(n, part) for layer in offered(d) for n in layer.names(d) for part in _parts(n.layer, drawn)]


def _name(name: Name, part: str) -> dict[str, Any]:
    """What the bridge writes beside what the style layer `part` draws."""
    low, high = name.zoom
    text = [item if isinstance(item, str) else list(item) for item in name.text]
    told = {"layer": part, "text": text, "from": low, "to": high, "priority": name.priority, "anchor": list(name.sides)}
    return told | ({"where": name.where} if name.where else {}) | ({"least": name.least} if name.least else {})


def _hit_order(layers: Sequence[Layer], drawn: Sequence[StyleLayer]) -> list[str]:
    """The style layers that answer a click, first who gets it: bodies, symbols, then what lies on top.

    A parcel lies under the tint of its zone and still comes before it, from where parcels are told apart.
    """
    ids = [item["id"] for item in drawn]
    kinds = {item["id"]: item["type"] for item in drawn}
    parts = [(part, layer) for layer in layers for name in layer.clicks for part in _parts(name, ids)]

    def rank(found: tuple[str, Layer]) -> tuple[int, bool, int]:
        part, layer = found
        kind = {"fill-extrusion": 0, "symbol": 1, "circle": 1}.get(kinds[part], 2)
        return kind, layer.id in ("zone", "district"), -ids.index(part)

    return [part for part, _layer in sorted(parts, key=rank)]


_PATCHED = ("filter", "paint", "layout")


def map_patch(
    old_state: ViewState,
    new_state: ViewState,
    viewer: Viewer,
    context: MapContext,
    theme: ThemeName,
    *,
    old_context: MapContext,
) -> dict[str, Any] | None:
    """What changes on the map between two states: filters, paint, layout, labels and a camera move, never geometry.

    `context` belongs to the new state, `old_context` to the old one. None when a patch cannot express the change
    (another data set or scheme, zoom ranges of layers): send `map_spec` then, which the bridge diffs without reloading what stayed.
    """
    before = drawing(old_state, viewer, old_context, theme)
    after = drawing(new_state, viewer, context, theme)
    old_style, new_style = _style(before), _style(after)
    if old_style["sources"] != new_style["sources"] or len(old_style["layers"]) != len(new_style["layers"]):
        return None
    patch: dict[str, Any] = {"filters": {}, "paint": {}, "layout": {}}
    for old, new in zip(old_style["layers"], new_style["layers"], strict=True):
        if {k: v for k, v in old.items() if k not in _PATCHED} != {k: v for k, v in new.items() if k not in _PATCHED}:
            return None
        if old.get("filter") != new.get("filter"):
            patch["filters"][new["id"]] = new["filter"]
        for kind in ("paint", "layout"):
            earlier, later = old.get(kind, {}), new.get(kind, {})
            changed = {k: later.get(k) for k in earlier.keys() | later.keys() if earlier.get(k) != later.get(k)}
            if changed:
                patch[kind][new["id"]] = changed
    if before.context.period_index != after.context.period_index:
        patch["month"] = after.context.period_index
    labels = _labels(after)
    if labels != _labels(before):
        patch["labels"] = labels
    before_state = state_of(before)
    changed_state = [item for item in state_of(after) if item not in before_state]
    if changed_state:
        patch["state"] = changed_state
    drawn = [layer["id"] for layer in new_style["layers"]]
    if (names := _names(after, drawn)) != _names(before, drawn):
        patch["names"] = names
    focus = _focus(after)
    if new_state.selection != old_state.selection:
        if focus:
            patch["camera"] = {"fitBounds": [list(focus.bounds), {"padding": 60}]}
        elif context.place:
            lon, lat, zoom = context.place
            patch["camera"] = {"flyTo": {"center": [lon, lat], "zoom": zoom}}
        elif _focus(before) or _is_group(after):
            patch["camera"] = {"home": True}
    return {kind: change for kind, change in patch.items() if change or kind == "month"}


def _spanned(layer: Layer, d: Drawing) -> list[LegendEntry]:
    """Legend of a layer, each line with the zooms between which the style layers of its symbol draw."""
    spans = {s["id"]: (s.get("minzoom", 0), s.get("maxzoom", FARTHEST_ZOOM)) for s in layer.draw(d)}
    entries = []
    for entry in layer.legend(d):
        if entry.zoom != LegendEntry.zoom:  # drawn by the bridge, which no style layer says
            entries.append(entry)
            continue
        # What marks a selection is drawn at every zoom and shows no symbol of its own.
        named = entry.drawn or [name for name in spans if not name.endswith(("-selected", "-chosen"))]
        lows, highs = zip(*(spans[name] for name in named), strict=True) if named else ((0,), (FARTHEST_ZOOM,))
        entries.append(replace(entry, zoom=(min(lows), max(highs))))
    return entries


def legend(state: ViewState, viewer: Viewer, context: MapContext, theme: ThemeName) -> list[dict[str, Any]]:
    """Legend of the visible layers, topmost first: ``{"id", "title", "note", "entries"}``.

    `entries` are `LegendEntry`; `note` says which facets in force the layer cannot follow (不随产业链筛选), else "".
    """
    d = drawing(state, viewer, context, theme)
    groups = []
    for layer in reversed(offered(d)):
        if layer.id not in d.visible:
            continue
        entries = _spanned(layer, d)
        missed = layer.cannot_follow(d.filter.clauses)
        note = _("不随{facets}筛选", facets=_("、").join(_(FACET_NAMES[f]) for f in missed)) if missed else ""
        if entries:
            groups.append({"id": layer.id, "title": _(layer.title), "note": note, "entries": entries})
    return groups
