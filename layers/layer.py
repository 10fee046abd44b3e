"""What a map layer is: one `Layer` per module of this package, drawn from a `Drawing`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.filters import Clause, Facet, Filter
from domain.viewstate import ViewState
from layers.context import MapContext, MapZone
from layers.filter_expr import NOTHING, Expression, compile_filter, one_of
from layers.theme import Theme

StyleLayer = dict[str, Any]
Family = Literal["admin", "base", "place", "land", "staff", "projects", "leads", "guest"]
Group = Literal["boundary", "land", "carrier", "project", "platform"]
Shape = Literal[
    "circle", "triangle", "diamond", "ring", "square", "hexagon", "star", "building", "cross", "plane", "hatch", "split"
]

#: Up to here the map shows the city, of which zones are the parts; nearer, a zone with its projects; then blocks and
#: what stands on them by name; at last buildings.
CITY_ZOOM = 10.8
BLOCK_ZOOM = 13.0
BUILDING_ZOOM = 15.0
FARTHEST_ZOOM = 25.0


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: a symbol in words the screen can draw, and what it means.

    `symbol` is an icon shape, ``fill``, ``line``, ``dashed``, ``arrow`` or ``outline``; `size` is in CSS pixels.
    `image` is the icon it is drawn with on the map, `size` CSS pixels large as there.
    `selects` is what a click on it chooses, ``landuse:07``; "" where it names nothing that can be chosen. `drawn` names the
    style layers that draw it (none: all of its layer); from them it follows between which zooms it is on the map
    (`zoom`), and the screen shows it only there. No symbol: a remark.
    """

    symbol: str
    colour: str
    label: str
    size: int = 12
    hollow: bool = False
    image: str = ""
    selects: str = ""
    drawn: tuple[str, ...] = ()
    zoom: tuple[float, float] = (0, FARTHEST_ZOOM)


@dataclass(frozen=True)
class Name:
    """What a style layer writes beside what it draws, from one zoom up to another.

    `text` is read like the title of a hover card. `where` is a filter of MapLibre's; areas have to be `least` CSS pixels
    wide and high. Labels of a higher `priority` take their place first; `sides` names the sides of a point to try.
    """

    layer: str
    text: tuple[str | tuple[str, str], ...]
    zoom: tuple[float, float]
    priority: int
    where: Expression | None = None
    least: int = 0
    sides: tuple[str, ...] = ("right", "left", "bottom", "top")


@dataclass(frozen=True)
class Drawing:
    """One drawing of the map: the state, what is known, the look, and the archives the viewer may load.

    `archives` maps the family of an archive (``staff``) to the archive's name (``staff-demo``).
    """

    state: ViewState
    context: MapContext
    theme: Theme
    archives: Mapping[str, str]
    visible: frozenset[str]

    @property
    def filter(self) -> Filter:
        """The state's filter at the month on screen."""
        return self.context.filter

    @property
    def chosen_zones(self) -> frozenset[str]:
        """Zones the reader picked: as a filter or as the selection."""
        kind, _, code = self.state.selection.partition(":")
        picked = {code} if kind == "zone" else set()
        return frozenset(z.code for z in self.context.zones if z.code in picked | set(self.state.zones))

    @property
    def area_zones(self) -> tuple[MapZone, ...]:
        """Elements of the scheme that are areas."""
        return tuple(z for z in self.context.zones if z.role != "axis")

    @property
    def city_until(self) -> float:
        """Zoom up to which projects are counted and not drawn one by one; 0 on the map of one park."""
        return CITY_ZOOM if self.context.page == "wall" else 0

    def selected(self, kind: str) -> Expression:
        """Filter for the selected record of `kind`, or for those of the selected group; nothing when none is selected."""
        group = self.context.marked.get(kind)
        if group:
            return one_of(["get", "id"], group)
        found, _, code = self.state.selection.partition(":")
        return ["==", ["get", "id"], code] if found == kind and code else NOTHING

    def where(self, layer: Layer) -> Expression:
        """The part of the filter that `layer` can follow, within the scheme on screen."""
        zones = [] if layer.reference else [z.code for z in self.area_zones]
        return compile_filter(
            self.filter, self.context.period_index, facets=layer.facets, timed=layer.timed, zones=zones
        )


@dataclass(frozen=True)
class Layer:
    """A layer a reader can switch on or off.

    `families` are the archives it may come from, by family; it is drawn from each that the viewer may load, so the
    field classes that open an archive (`layers.tiles.archives_for`) are those the layer needs. `facets` are those its
    records can be filtered by, so that the rest can say 不随…筛选; `reference` layers (boundaries) are never filtered
    and need not say so. A `painted` layer has a style layer for each place and follows the filter by painting it or
    not: another expression would make the browser read every tile again, which takes seconds for 100,000 parcels.
    `wall` and `park`: switched on by default on that page.
    `draw` gives MapLibre style layers without source, filter base and visibility, which `style.py` fills in;
    `images` the icons they use. `clicks` names the style layers that answer a click, `selects` the kind of thing that
    one chooses (none opens no panel), `clicks_from` the zoom from which they come before what else lies there, `hover`
    their cards; a name of a style layer stands for its parts as well (``parcel-fill`` for ``parcel-fill:SMKX:510116``).
    """

    id: str
    title: str
    group: Group
    families: tuple[Family, ...]
    draw: Callable[[Drawing], list[StyleLayer]]
    legend: Callable[[Drawing], list[LegendEntry]]
    facets: frozenset[Facet] = frozenset()
    timed: bool = False
    reference: bool = False
    painted: bool = False
    wall: bool = True
    park: bool = True
    images: Callable[[Theme], list[dict[str, Any]]] = field(default=lambda theme: [])
    clicks: tuple[str, ...] = ()
    clicks_from: float = 0
    selects: str = ""
    hover: Callable[[], dict[str, dict[str, Any]]] = field(default=lambda: {})
    names: Callable[[Drawing], list[Name]] = field(default=lambda d: [])
    applies: Callable[[Drawing], bool] = field(default=lambda d: True)

    def cannot_follow(self, clauses: tuple[Clause, ...]) -> tuple[Facet, ...]:
        """Facets in force that this layer's records do not know."""
        return () if self.reference else tuple(c.facet for c in clauses if c.values and c.facet not in self.facets)


def icon(
    image_id: str, shape: Shape, fill: str, *, size: int = 24, stroke: str = "", width: float = 1, hollow: bool = False
) -> dict[str, Any]:
    """Definition of an icon or pattern that the map bridge draws; `size` and `width` in CSS pixels."""
    definition: dict[str, Any] = {"id": image_id, "shape": shape, "size": size, "fill": fill, "strokeWidth": width}
    if stroke:
        definition["stroke"] = stroke
    if hollow:
        definition["hollow"] = True
    return definition


def by_zoom(*stops: float | Expression) -> Expression:
    """Linear interpolation over the zoom: ``by_zoom(8, a, 12, b)``."""
    return ["interpolate", ["linear"], ["zoom"], *stops]
