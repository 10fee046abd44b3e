"""The shapes of what the browser's scripts post into stores: annotations of the callbacks that read them.

callbacks/guard.py holds a body against these, so a callback finds the keys it reads with values of their types.
"""

from __future__ import annotations

from typing import Annotated, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict  # that of typing is not enough for pydantic before Python 3.12

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
Natural = Annotated[int, Field(ge=0, le=2**31)]


class Feature(TypedDict, total=False):
    """A feature under the pointer: its style layer and the properties of its tile."""

    layer: str
    properties: dict[str, str | float | bool | None]


class Camera(TypedDict, total=False):
    """Where the map looks: centre [lon, lat] in degrees, and zoom."""

    center: Pair
    zoom: float


class MapEvent(TypedDict, total=False):
    """What happened on the map (assets/map.js)."""

    type: Required[str]
    lngLat: Annotated[Pair, "degrees"]
    camera: Camera
    features: list[Feature]


class Intent(TypedDict, total=False):
    """What the reader wants: a button, a map click, a row, a search pick, a moved map."""

    type: Required[str]
    act: str
    arg: str
    selection: str
    camera: str
    features: list[Feature]


class Chosen(TypedDict, total=False):
    """What a control of a state field was set to."""

    name: Required[str]
    value: Required[str | bool | list[str] | None]


class Turning(TypedDict):
    """The role or language that a reader chose."""

    choice: str


class PageAsked(TypedDict):
    """A page of records, by the offset of its first."""

    offset: Natural


class Sorted(TypedDict):
    """A column that the grid sorts by."""

    colId: str
    sort: str


class RowsAsked(TypedDict, total=False):
    """Rows that the grid asks for: from `startRow` to before `endRow`."""

    startRow: Required[Natural]
    endRow: Required[Natural]
    sortModel: list[Sorted] | None


class JobAsked(TypedDict):
    """An import by its token."""

    job: str


class DataAct(TypedDict, total=False):
    """A button of the data page."""

    act: Required[Literal["check", "commit", "undo", "cancel"]]
    batch: Natural
    job: str
    datum: str
