"""Lights of many projects over many months: which of them are alike, so that the rules are asked once for each kind.

No rule is written here a second time. Two project-months get the same light from `domain.lights.project_light` when the same
dated facts are known, each as many of its `turning_days` past, and nothing else the rules look at differs (rules §6.2).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from domain.lights import DEFAULT_THRESHOLDS, Thresholds, turning_days

Ints = NDArray[np.int64]
_INT64_MAX = int(np.iinfo(np.int64).max)


class MonthKinds:
    """Tells which project-months are alike. `days`, ascending, are those the lights are judged on."""

    def __init__(self, days: Sequence[date], thresholds: Thresholds = DEFAULT_THRESHOLDS) -> None:
        self.days = tuple(days)
        self.thresholds = thresholds
        self._known: dict[tuple[str, date], list[int]] = {}

    def position(self, day: date) -> int:
        """Position of the first of the days on or after `day`; their number when there is none."""
        return bisect_left(self.days, day)

    def number(self, dates: Sequence[Mapping[str, date]], others: Sequence[Ints]) -> tuple[Ints, list[tuple[int, int]]]:
        """Number the kinds of project-months: (projects, days) with equal numbers where the light is the same.

        `dates` are the dated facts of each project; an event that has not happened on one of the days counts as not known
        then. `others` are small numbers >= 0, shaped (projects, days) or (projects, 1), for all else that the rules look at.
        Also returns one (project, day) of each kind, in the order of the numbers. Raises OverflowError when the `others`
        have too many values to be told apart in 64 bits.
        """
        shape = (len(dates), len(self.days))
        key: Ints = np.zeros(shape, dtype=np.int64)
        size = 1
        for part in (*self._turned(dates), *others):
            width = int(part.max(initial=0)) + 1
            size *= width
            if size > _INT64_MAX:
                raise OverflowError("too many kinds of project-months")
            key = key * width + part
        starts = np.ones(shape, dtype=bool)  # where a project becomes another kind: few, so that sorting them is quick
        starts[:, 1:] = key[:, 1:] != key[:, :-1]
        _keys, first, kinds = np.unique(key[starts], return_index=True, return_inverse=True)
        numbers: Ints = kinds.astype(np.int64)[np.cumsum(starts.ravel()) - 1].reshape(shape)
        rows, columns = np.nonzero(starts)
        return numbers, list(zip(rows[first].tolist(), columns[first].tolist(), strict=True))

    def _turned(self, dates: Sequence[Mapping[str, date]]) -> list[Ints]:
        """For each fact that any project has: 0 where it is not known, else 1 and how many turning days are past."""
        known: dict[str, tuple[list[int], list[list[int]]]] = defaultdict(lambda: ([], []))
        for row, facts in enumerate(dates):
            for fact, day in facts.items():
                rows, turns = known[fact]
                rows.append(row)
                turns.append(self._turns(fact, day))
        found = []
        at = np.arange(len(self.days))
        for _fact, (rows, turns) in sorted(known.items()):
            part: Ints = np.zeros((len(dates), len(self.days)), dtype=np.int64)
            part[rows] = 1 + sum(at >= turn[:, np.newaxis] for turn in np.array(turns).T)
            found.append(part)
        return found

    def _turns(self, fact: str, day: date) -> list[int]:
        found = self._known.get((fact, day))
        if found is None:
            found = [self.position(turn) for turn in turning_days(fact, day, self.thresholds)]
            self._known[fact, day] = found
        return found
