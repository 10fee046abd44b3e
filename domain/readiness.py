"""Parallel readiness: five government and five company tracks before breaking ground (rules §6.4, §1.2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

GOVERNMENT_TRACKS: dict[str, str] = {
    "G1": "用地拆迁",
    "G2": "土地保障",
    "G3": "规划审查",
    "G4": "基础配套",
    "G5": "对企服务",
}
COMPANY_TRACKS: dict[str, str] = {
    "C1": "公司注册",
    "C2": "可研立项",
    "C3": "施工设计",
    "C4": "工程招标",
    "C5": "开工准备",
}
TRACKS: dict[str, str] = GOVERNMENT_TRACKS | COMPANY_TRACKS

#: Which track must end before which begins: a default for projects without a plan of their own.
DEFAULT_PRECEDENCE: tuple[tuple[str, str], ...] = (
    ("G1", "G2"),
    ("G2", "G3"),
    ("C1", "C2"),
    ("C2", "C3"),
    ("C3", "G3"),
    ("C3", "C4"),
    ("C4", "C5"),
)


@dataclass(frozen=True, slots=True)
class Track:
    """Progress of one track: 0–100 (None = not reported), with planned and actual dates.

    Raises ValueError for an unknown code or a percentage outside 0–100.
    """

    code: str
    percent: int | None
    planned_start: date | None = None
    planned_end: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None

    def __post_init__(self) -> None:
        if self.code not in TRACKS:
            raise ValueError(f"unknown track {self.code!r}")
        if self.percent is not None and not 0 <= self.percent <= 100:
            raise ValueError(f"track {self.code}: {self.percent} % is outside 0-100")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Readiness to break ground. A value is None while any of its tracks is not reported."""

    overall: int | None
    government: int | None
    company: int | None
    bottlenecks: tuple[str, ...]
    missing: tuple[str, ...]


def readiness(tracks: Iterable[Track]) -> Readiness:
    """Readiness = the minimum over all ten tracks (rules §6.4).

    `bottlenecks` are the reported tracks at the lowest percentage below 100. Raises ValueError when a track
    comes twice.
    """
    found: dict[str, int | None] = {}
    for t in tracks:
        if t.code in found:
            raise ValueError(f"track {t.code} comes twice")
        found[t.code] = t.percent
    known = {code: p for code in TRACKS if (p := found.get(code)) is not None}
    lowest = min(known.values(), default=100)
    return Readiness(
        overall=_minimum(known, TRACKS),
        government=_minimum(known, GOVERNMENT_TRACKS),
        company=_minimum(known, COMPANY_TRACKS),
        bottlenecks=tuple(c for c, p in known.items() if p == lowest and p < 100),
        missing=tuple(c for c in TRACKS if c not in known),
    )


def _minimum(known: Mapping[str, int], codes: Iterable[str]) -> int | None:
    values = [known.get(c) for c in codes]
    return None if None in values else min(v for v in values if v is not None)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Critical path of a set of tasks. Days; `starts` are the earliest start days counted from 0."""

    critical_path: tuple[str, ...]
    days: int
    serial_days: int
    starts: Mapping[str, int]

    @property
    def saved_days(self) -> int:
        """Days saved by working in parallel: Σ durations − critical path."""
        return self.serial_days - self.days


@lru_cache(maxsize=64)  # thousands of projects have the same few sets of tasks
def _order(tasks: tuple[str, ...], precedence: tuple[tuple[str, str], ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tasks, each after those before it, which are given sorted. Raises ValueError for a circle in the precedence."""
    before: dict[str, set[str]] = {task: set() for task in tasks}
    for first, then in precedence:
        if first in before and then in before:
            before[then].add(first)
    try:
        order = tuple(TopologicalSorter(before).static_order())
    except CycleError as e:
        raise ValueError(f"tasks wait for each other in a circle: {' -> '.join(e.args[1])}") from e
    return tuple((task, tuple(sorted(before[task]))) for task in order)


def schedule(durations: Mapping[str, int], precedence: Iterable[tuple[str, str]] = DEFAULT_PRECEDENCE) -> Schedule:
    """Earliest schedule of tasks with finish-to-start precedence (rules §6.4).

    `durations` in days. Pairs of `precedence` with a task that is not in `durations` do not apply. Among equal
    paths the one through the alphabetically first tasks is given. Raises ValueError for a negative duration or
    a circle in the precedence.
    """
    negative = [t for t, d in durations.items() if d < 0]
    if negative:
        raise ValueError(f"negative duration of {', '.join(sorted(negative))}")
    starts: dict[str, int] = {}
    came_from: dict[str, str] = {}
    for task, before in _order(tuple(sorted(durations)), tuple(precedence)):
        starts[task] = 0
        for p in before:
            end = starts[p] + durations[p]
            if end > starts[task] or task not in came_from:
                starts[task] = max(end, starts[task])
                came_from[task] = p
    path: list[str] = []
    if starts:
        task = min(starts, key=lambda t: (-(starts[t] + durations[t]), t))
        path = [task]
        while task in came_from:
            task = came_from[task]
            path.insert(0, task)
    days = max((starts[t] + durations[t] for t in starts), default=0)
    return Schedule(tuple(path), days, sum(durations.values()), starts)
