"""What goes wrong in demo projects and when: dealt out so that every month shows the mix of lights of rules §11.

A project's dates say what happened; here some of its plans turn out too early, a report stays away, investment falls
behind. Which, is chosen greedily: of all single troubles that could befall some project, always the one that brings the
counts of yellow, red and grey closest to the mix, over all months and in each zone. Nothing here touches the newest
month: its lights are dealt in `schedule`. The lights themselves are derived from the records later, by the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.demo.schedule import ENDED, LEAD, LIGHT_MIX, OPERATING, Case
from data.demo.seeds import CUT, MONTH_OF, MONTHS, YEAR_OF, month_end, month_no, rng
from domain.dates import add_months

_SPAN = len(MONTHS)
_ENDS = np.array([month_end(t).toordinal() for t in range(_SPAN)])
_T = np.arange(_SPAN)
GREEN, YELLOW, GREY, RED = range(1, 5)  # the worst has the highest number (rules §6.2)
_WAYS = 9  # ways to fall behind that are weighed for a project and year
_BLOCK = 120  # projects weighed against one another at once
_OWN_ZONE = 0.35  # weight of a zone's own mix beside the scheme's
Levels = NDArray[np.int8]


@dataclass(frozen=True)
class _Trouble:
    """One thing that can go wrong: what it does to the project's months, and how it is written into the case."""

    case: int
    kind: str
    levels: Levels
    strike: Callable[[], None]


def deal_out(zones: Sequence[Sequence[Case]], scheme_id: str) -> None:
    """Let things go wrong in the projects of a scheme, given by zone; changes the cases."""
    random = rng("trouble", scheme_id)
    cases = [(case, zone) for zone, group in enumerate(zones) for case in group if case.group != LEAD]
    order = random.permutation(len(cases))
    blocks = max(len(cases) // _BLOCK, 1)
    owed = np.zeros((len(zones), 3, _SPAN))
    for n in range(blocks):
        owed = _block([cases[i] for i in order[n::blocks]], owed, random)


def _block(cases: list[tuple[Case, int]], owed: Any, random: np.random.Generator) -> Any:
    """Deal out among one block; returns what every zone still lacks by light and month, to be made up in the next."""
    for case, _ in cases:
        if case.why in ("progress", "funds") or case.light == "grey":
            _at_the_cut(case, random)
    base = np.array([_levels(case) for case, _ in cases])
    zone_of = np.array([zone for _, zone in cases])
    lit = base > 0
    mix = np.array(LIGHT_MIX[1:])[:, None]
    lacking = owed.copy()
    for zone in range(len(lacking)):
        mine = zone_of == zone
        lacking[zone] += mix * lit[mine].sum(axis=0) - _counts(base[mine]).sum(axis=0)
    chances = [(zone_of[i], t) for i, (case, _) in enumerate(cases) for t in _possible(i, case, random)]
    chances.sort(key=lambda pair: int(pair[0]))
    found = [t for _, t in chances]
    if not found:
        return lacking
    cuts = np.searchsorted([int(zone) for zone, _ in chances], np.arange(len(lacking) + 1))
    of = np.array([t.case for t in found])
    kinds = {name: n for n, name in enumerate(dict.fromkeys(t.kind for t in found if t.kind not in _REPEATED))}
    kind = np.array([kinds.get(t.kind, -1) for t in found])
    levels = np.array([t.levels for t in found])
    after = np.maximum(levels, base[of])
    moved = (_counts(after) - _counts(base[of])).reshape(len(found), -1).astype(np.float32)
    cost = (moved**2).sum(axis=1) * (1 + _OWN_ZONE)
    open_ = (cost > 0) & (after[:, -1] == base[of][:, -1])
    spans = levels > 0
    gain = np.empty(len(found), dtype=np.float32)
    while True:
        whole = lacking.sum(axis=0)
        for zone, (low, high) in enumerate(pairwise(cuts.tolist())):
            wish = (whole + _OWN_ZONE * lacking[zone]).astype(np.float32).ravel()
            np.matmul(moved[low:high], wish, out=gain[low:high])
        best = int(np.argmax(np.where(open_, 2 * gain - cost, -1.0)))
        if not open_[best] or 2 * gain[best] <= cost[best]:
            return lacking
        found[best].strike()
        lacking[zone_of[of[best]]] -= moved[best].reshape(3, _SPAN)
        near = np.convolve(spans[best], (1, 1, 1), "same") > 0  # one thing at a time
        mine = np.flatnonzero(of == of[best])
        alike = (kind[mine] == kind[best]) & (kind[best] >= 0)
        open_[mine] &= ~(alike | (spans[mine] & near).any(axis=1))


_REPEATED = ("silence", "funds")


def _counts(levels: Levels) -> Any:
    """Ones by (project, light, month) for yellow, red and grey."""
    return np.stack([levels == light for light in (YELLOW, RED, GREY)], axis=1).astype(np.int16)


def _late(since: date, limit: date | None, yellow: int, red: int) -> Levels:
    """Levels of a clock that runs from `since`: yellow after so many months, red after more, until `limit`."""
    first, second = add_months(since, yellow).toordinal(), add_months(since, red).toordinal()
    level = np.where(second < _ENDS, RED, np.where(first < _ENDS, YELLOW, 0))
    return np.where((limit.toordinal() if limit else np.inf) > _ENDS, level, 0).astype(np.int8)


def _start(planned: date, until: int) -> Levels:
    """Planned month passed without a start: yellow, red from the third month."""
    late = _T - month_no(planned)
    return np.where(until <= _T, 0, np.where(late >= 3, RED, np.where(late > 0, YELLOW, 0))).astype(np.int8)


def _library(started: date, late: int) -> Levels:
    first = month_no(started)
    seen = first + 1 + late
    seen += 0 <= seen < _SPAN and MONTH_OF[seen] == 1  # January has no figure
    level = np.zeros(_SPAN, dtype=np.int8)
    level[max(first + 1, 0) : max(first + 2, 0)] = YELLOW
    level[max(first + 2, 0) :] = RED
    level[max(seen - 1, 0) :] = 0
    return level


def _reporting(case: Case) -> tuple[int, int]:
    """First month with a report due, and the one after the last."""
    last = month_no(case.done[120]) if 120 in case.done else _SPAN
    if case.ended:
        last = min(last, month_no(case.ended))
    return max(month_no(case.done[30]), 0), min(last, _SPAN)


def _levels(case: Case) -> Levels:
    """Lights of a case by month as its dates and figures stand; 0 outside its time."""
    done, first = case.done, month_no(case.done[30])
    last = month_no(case.ended) if case.ended else _SPAN
    start = month_no(case.started) if case.started else _SPAN
    level = np.full(_SPAN, GREEN, dtype=np.int8)
    until = case.done.get(40)
    registration = np.where(
        _ENDS - done[30].toordinal() > 120, RED, np.where(_ENDS - done[30].toordinal() > 60, YELLOW, 0)
    )
    level = np.maximum(level, np.where((until.toordinal() if until else 10**9) > _ENDS, registration, 0))
    if 90 in case.planned and case.why != "exempt":
        level = np.maximum(level, _start(case.planned[90], start))
    if 60 in done and case.agreed_start:
        level = np.maximum(level, _late(case.agreed_start, case.started, 0, 6))
    if 110 in done:
        level = np.maximum(level, _late(done[110], done.get(120), 6, 12))
    if 120 in done:
        level = np.maximum(level, _late(case.planned[140], done.get(140), 0, 12))
    if case.started:
        never = case.why == "library"
        library = _library(case.started, _SPAN if never else case.library_late)
        level = np.maximum(level, np.where(_reporting(case)[1] > _T, library, 0))
    for t, gap in case.gap.items():
        level[t] = max(level[t], RED if gap > 0.3 else YELLOW)
    for t in case.silent:
        level[t] = max(level[t], GREY)
    for t in case.unpaid:
        level[t] = RED
    return np.where((first <= _T) & (last > _T), level, 0).astype(np.int8)


def _at_the_cut(case: Case, random: np.random.Generator) -> None:
    """The figures of what is wrong in the newest month."""
    last = _SPAN - 1
    if case.light == "grey":
        case.silent.update(range(_SPAN - int(random.integers(1, 4)), _SPAN))
    elif case.why == "funds":
        case.unpaid.update(range(_SPAN - int(random.integers(2, 5)), _SPAN))
    elif case.started:
        span = int(random.integers(3, 7))
        red = int(random.integers(1, 5)) if case.light == "red" else 0
        first = max(last - max(span, red + 1) + 1, month_no(case.started) + 1)
        _fall_behind(case, first, last, red, float(random.uniform(0.13, 0.22)))


def _fall_behind(case: Case, first: int, last: int, red: int, gap: float) -> None:
    """Behind the plan from the month `first` to `last`, the final `red` of them by more than 30 points."""
    for t in range(first, last + 1):
        case.gap[t] = 0.335 if t > last - red else gap


def _possible(i: int, case: Case, random: np.random.Generator) -> Iterator[_Trouble]:
    """Everything single that could have gone wrong in a project without changing what was done when."""
    if not case.why:
        yield from _slips(i, case)
        yield from _hitches(i, case)
    if case.why in ("progress", "funds") or case.light == "grey":
        return
    _, last = _reporting(case)
    for t in range(max(month_no(case.done[30]) + 1, 0) + int(random.integers(3)), last, 3):
        yield _trouble(i, "silence", {t: GREY}, partial(case.silent.add, t))
    begun = month_no(case.started) + 2 if case.started else _SPAN
    if case.funded:
        for t in range(max(begun, 0), last):
            for n in (1, 2, 3):
                months = range(t, min(t + n, last))
                yield _trouble(i, "funds", dict.fromkeys(months, RED), partial(case.unpaid.update, months))
    if case.started:
        yield from _behind(i, case, begun, last, random)


def _trouble(i: int, kind: str, months: dict[int, int], strike: Callable[[], None]) -> _Trouble:
    level = np.zeros(_SPAN, dtype=np.int8)
    for t, light in months.items():
        level[t] = light
    return _Trouble(i, kind, level, strike)


def _slips(i: int, case: Case) -> Iterator[_Trouble]:
    """Starts that were planned or agreed earlier than they came."""
    started = case.started
    if started is None or case.group == ENDED:
        return
    signed, first = case.done[30], month_no(started)
    for months in (2, 3, 4, 5, 6, 7):
        planned = add_months(started.replace(day=12), -months)
        if planned > signed:

            def plan(day: date = planned) -> None:
                case.planned[90] = day
                case.agreed_start = max(case.agreed_start or started, started + timedelta(days=20))

            yield _Trouble(i, "start", _start(planned, first), plan)
    deal = case.done.get(60)
    for months in (1, 2, 3, 4, 5, 7, 8):
        agreed = add_months(started, -months) - timedelta(days=3)
        if deal is not None and agreed > deal + timedelta(days=20):

            def agree(day: date = agreed) -> None:
                case.agreed_start = day

            yield _Trouble(i, "land_start", _late(agreed, started, 0, 6), agree)


def _hitches(i: int, case: Case) -> Iterator[_Trouble]:
    """Registration, library, production and capacity that took longer; no stage passes a later one."""
    done = case.done
    later = min((d for s, d in done.items() if s not in (10, 20, 30, 40, 50)), default=CUT)
    for days in (78, 100, 135, 168):
        day = done[30] + timedelta(days=days)
        if 50 in done and day + timedelta(days=8) < later:
            over = _ENDS - done[30].toordinal()
            level = np.where(day.toordinal() <= _ENDS, 0, np.where(over > 120, RED, np.where(over > 60, YELLOW, 0)))

            def register(day: date = day) -> None:
                for stage, on in ((40, day), (50, day + timedelta(days=5))):
                    done[stage] = case.planned[stage] = on

            yield _Trouble(i, "registration", level.astype(np.int8), register)
    if case.started and month_no(case.started) > 0 and case.group != ENDED:
        for late in (2, 3, 4):

            def enter(late: int = late) -> None:
                case.library_late = late

            yield _Trouble(i, "library", _library(case.started, late), enter)
    if 120 in done and case.started:
        for days in (212, 240, 275, 310, 345, 395, 430, 465):
            finished = done[120] - timedelta(days=days)
            if finished > case.started + timedelta(days=190):

                def finish(day: date = finished) -> None:
                    done[110] = case.planned[110] = day
                    if 100 in done:
                        done[100] = case.planned[100] = min(done[100], day - timedelta(days=60))

                yield _Trouble(i, "production", _late(finished, done[120], 6, 12), finish)
    if 140 in done and case.group == OPERATING and done[140] <= case.planned[140]:
        for months in (2, 3, 4, 5, 6, 8, 10):
            reached = add_months(case.planned[140], months)
            if reached <= CUT and reached.year == case.planned[140].year:  # a rate at the year's end stays what it is

                def reach(day: date = reached) -> None:
                    done[140] = day

                yield _Trouble(i, "capacity", _late(case.planned[140], reached, 0, 12), reach)


def _behind(i: int, case: Case, begun: int, last: int, random: np.random.Generator) -> Iterator[_Trouble]:
    """Investment behind its plan: for some months, or on to the end of the year; early in a year too little is due."""
    gap = float(random.uniform(0.125, 0.17))
    for year in range(2022, 2027):
        months = [int(t) for t in _T[(year == YEAR_OF) & (begun <= _T) & (last > _T)]]
        if len(months) < 3 or (year < 2026 and MONTH_OF[months[-1]] != 12):
            continue
        due = [t for t in months if MONTH_OF[t] >= 3 and t >= begun + 1]
        spans = [(a, b, 0) for a in due for b in due if a + 1 <= b <= a + 5]
        spans += [(a, months[-1], red) for a in due for red in (1, 2, 3, 4) if MONTH_OF[months[-1] - red + 1] >= 5]
        spans += [
            (a, b, red)
            for a in due
            for b in due
            for red in (1, 2, 3)
            if a + 1 <= b - red <= a + 3 and MONTH_OF[b - red + 1] >= 6
        ]
        # what was caught up late would still show in the newest month
        spans = [(a, b, red) for a, b, red in spans if b >= a + red and (year < 2026 or b <= _SPAN - (5 if red else 4))]
        for n in sorted(random.permutation(len(spans))[:_WAYS].tolist()):
            a, b, red = spans[n]
            if b >= a + red:
                levels = {t: RED if t > b - red else YELLOW for t in range(a, b + 1)}
                yield _trouble(i, f"progress{year}", levels, partial(_fall_behind, case, a, b, red, gap))
