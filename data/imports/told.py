"""What a reader asks of an import and what the import tells: kept as JSON between the page and the process that does the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data.imports.finding import Finding, Severity
from data.imports.mapping import Mapping as Columns
from domain.datum import Datum

Step = Literal["look", "check", "commit", "undo"]
Constant = str | float | bool | None
#: The one problem that is a question: under which datum do the rows lie right?
DATUM_ASKED = "datum_suspected"


@dataclass(frozen=True)
class Target:
    """The field that a column goes to (None: it is not imported) and the unit of its cells (None: as its heading says)."""

    field: str | None
    unit: str | None = None


@dataclass(frozen=True)
class Asked:
    """What was chosen for an import. `columns` by heading, `constants` by field and `year` go over what is suggested; where
    `of` names a table they are meant for it alone. `file` is a mapping file, `strict` refuses columns that are not there.
    `batch` is that of an undo.
    """

    name: str = ""
    role: str = "planner"
    table: str | None = None
    sheet: str | None = None
    crs: str | None = None
    datum: Datum | None = None
    scheme: str | None = None
    all_or_nothing: bool = False
    blanks_clear: bool = False
    save_as: str = ""
    year: int | None = None
    of: str | None = None
    columns: Mapping[str, Target] = field(default_factory=dict)
    constants: Mapping[str, Constant] = field(default_factory=dict)
    file: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False
    batch: int = 0


@dataclass(frozen=True)
class Problem:
    """Code and values of what stands in the way (``words.TEXTS``); `name` is the sheet that it is about."""

    code: str
    values: Mapping[str, Any]
    name: str = ""


@dataclass(frozen=True)
class Looked:
    """What a file holds and how `sheet` of it would be read. `sheets` are names with numbers of rows, `unread` those that
    cannot be read; `samples` are the first cells of the columns of the mapping, which began with the one `saved`. Of the
    preview every `thinned`-th row is drawn if it is `placed`; `question` is what stands in the way of that.
    """

    encoding: str | None
    sheets: tuple[tuple[str, int], ...]
    unread: tuple[Problem, ...]
    sheet: str
    rows: int
    title: str
    heading_row: int
    crs: str | None
    geometry: bool
    mapping: Columns
    samples: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]
    saved: str | None
    placed: bool
    thinned: int
    question: Problem | None


@dataclass(frozen=True)
class Told:
    """What an import did or would do: records, `tables` with (new, changed) records, `counts` of findings and the first of
    them. `batch` is None where nothing was written, `earlier` the batch of the same file.
    """

    new: int
    changed: int
    same: int
    refused: int
    tables: Mapping[str, tuple[int, int]]
    counts: Mapping[Severity, int]
    findings: tuple[Finding, ...]
    placed: bool
    batch: int | None
    earlier: int | None


@dataclass(frozen=True)
class Preview:
    """GeoJSON of where rows would lie, and its box in degrees."""

    features: tuple[Mapping[str, Any], ...]
    bbox: tuple[float, float, float, float] | None
    type: str = "FeatureCollection"


@dataclass(frozen=True)
class State:
    """How far a step is: of `total` parts (0: unknown) `done`, `rate` a second, `left` seconds; `pid` does it.

    `code` says why it failed ("": an error of the program), or, of a step that is done, why it has no report.
    """

    step: Step | Literal["", "upload"] = ""
    state: Literal["", "running", "done", "failed", "cancelled", "lost"] = ""
    pid: int = 0
    what: str = "start"
    done: int = 0
    total: int = 0
    rate: float | None = None
    left: float | None = None
    code: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
