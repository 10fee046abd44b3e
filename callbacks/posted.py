"""The shapes of what the browser's scripts post into stores: annotations of the callbacks that read them.

callbacks/guard.py holds a body against these, so a callback finds the keys it reads with values of their types.
"""

from __future__ import annotations

from typing import Annotated, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict  # that of typing is not enough for pydantic before Python 3.12

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
MOST_ASKED = 200  # what a held key repeats before the first answer
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
    """What the reader wants: a control of a state field set to a value, a button, a map click, a row, a search pick."""

    type: Required[str]
    name: str
    value: str | bool | list[str] | None
    act: str
    arg: str
    selection: str
    features: list[Feature]


class Asked(TypedDict):
    """What the reader wants of the address, oldest first, and the number of the last."""

    n: Natural
    said: Annotated[list[Intent], Field(max_length=MOST_ASKED)]


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
