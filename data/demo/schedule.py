"""Milestones of a demo project: a stage at the cut, a light to end with, and dates that lead to both (rules §6.1, §6.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from data.demo.seeds import CUT, FIRST_YEAR, LAST_YEAR, shares_out
from domain.dates import add_months

LEAD, SIGNED, BUILDING, OPERATING, ENDED = "lead", "signed", "building", "operating", "ended"
GROUPS = (LEAD, SIGNED, BUILDING, OPERATING, ENDED)
GROUP_MIX = (0.25, 0.20, 0.30, 0.20, 0.05)  # rules §11
LIGHT_MIX = (0.70, 0.18, 0.08, 0.04)  # green, yellow, red, grey: rules §11

ROUTE = {
    "land": (30, 40, 50, 60, 70, 75, 80, 90, 100, 110, 120),
    "lease": (30, 40, 50, 65, 75, 90, 110, 120),
}
_DAYS = {
    "land": {
        40: (10, 45),
        50: (5, 30),
        60: (90, 240),
        70: (40, 100),
        75: (20, 70),
        80: (15, 45),
        90: (10, 60),
        100: (280, 560),
        110: (160, 400),
        120: (40, 160),
    },
    "lease": {40: (10, 45), 50: (5, 30), 65: (30, 100), 75: (40, 110), 90: (30, 90), 110: (170, 380), 120: (40, 150)},
}
_FEWEST_DUE = 3
#: What makes a project red or yellow at the cut, dealt out in turn: (group, case).
_RED = (
    (BUILDING, "progress"),
    (SIGNED, "start"),
    (BUILDING, "progress"),
    (OPERATING, "capacity"),
    (BUILDING, "library"),
    (BUILDING, "progress"),
    (SIGNED, "registration"),
    (BUILDING, "production"),
    (SIGNED, "start"),
    (BUILDING, "funds"),
    (BUILDING, "progress"),
    (SIGNED, "land_start"),
)
_YELLOW = (
    (BUILDING, "progress"),
    (SIGNED, "start"),
    (BUILDING, "progress"),
    (OPERATING, "capacity"),
    (BUILDING, "progress"),
    (SIGNED, "start"),
    (BUILDING, "production"),
    (BUILDING, "progress"),
    (SIGNED, "registration"),
    (BUILDING, "library"),
    (SIGNED, "land_start"),
    (OPERATING, "capacity"),
)


@dataclass
class Case:
    """What one project is meant to show at the cut."""

    group: str
    light: str = "green"
    why: str = ""
    route: str = "land"
    size: float = 3.0  # 亿元, before the zone's totals are met
    at: float = 0.5  # place in the queue of its group, 0 = latest: spreads dates evenly over the years
    done: dict[int, date] = field(default_factory=dict)
    planned: dict[int, date] = field(default_factory=dict)
    agreed_start: date | None = None
    library_late: int = 0  # months the entry into the statistical library is late
    gap: dict[int, float] = field(default_factory=dict)  # month -> part of the annual plan it lies behind
    silent: set[int] = field(default_factory=set)  # months without a report
    unpaid: set[int] = field(default_factory=set)  # months in which public funds are short
    funded: bool = False
    slow: float = 1.0  # works take so much longer than usual

    @property
    def stage(self) -> int:
        """Furthest milestone reached; 9xx where the project has ended."""
        return max(self.done)

    @property
    def started(self) -> date | None:
        """Start of the works."""
        return self.done.get(90)

    @property
    def ended(self) -> date | None:
        """When the project was ended, paused or transferred."""
        return next((self.done[s] for s in (900, 910, 920) if s in self.done), None)


def cases(count: int, before: int, turn: int, random: np.random.Generator) -> list[Case]:
    """`count` projects of a zone with the stage mix and the light mix of rules §11; `turn` varies the reasons by zone.

    `before` projects of other zones came first: their number carries the rounding on, so that the whole scheme fits.
    """
    parts = shares_out(count, GROUP_MIX)
    found = [Case(group) for group, n in zip(GROUPS, parts, strict=True) for _ in range(n)]
    pools = {g: [c for c in found if c.group == g] for g in GROUPS}
    for case in found:
        case.route = "land" if random.random() < 0.72 else "lease"
        case.size = float(np.exp(random.normal(np.log(3.0), 1.15)))
        # a small zone is never without a site, and what produces by now was long in building
        case.slow = 2.2 if count < 20 else 1.4 if case.group == OPERATING else 1.0
        if case.group == SIGNED:
            case.size *= 4.0  # what is signed now is as large as what is being built
        case.funded = bool(random.random() < 0.10)
    scope = sum(GROUP_MIX[1:4])
    yellow, red, grey = (int((before + count) * scope * m + 0.5) - int(before * scope * m + 0.5) for m in LIGHT_MIX[1:])
    for light, number, reasons in (("red", red, _RED), ("yellow", yellow, _YELLOW)):
        for k in range(number):
            group, why = reasons[(k + 3 * turn) % len(reasons)]
            if why == "capacity" and len(pools[OPERATING]) <= _FEWEST_DUE:
                group, why = BUILDING, "progress"  # a rate of so few would say too much
            _mark(pools, group, light, why)
    for k in range(grey):
        _mark(pools, (BUILDING, BUILDING, SIGNED)[(k + turn) % 3], "grey", "report")
    if count >= 20:  # one that is late with a valid reason: green while the exemption holds
        _mark(pools, SIGNED, "green", "exempt")
    for pool in pools.values():
        for k, case in enumerate(pool):
            case.at = (k + float(random.random())) / len(pool)
    if count < 20 and pools[BUILDING]:  # one site well under way, whatever the others are
        steady = next((c for c in pools[BUILDING] if c.why in ("", "progress")), pools[BUILDING][0])
        steady.why = steady.why if steady.why == "progress" else "" if steady.light == "green" else "progress"
        steady.at = 0.8
    for case in found:
        if case.why in ("land_start", "progress") or (count < 20 and case.group in (BUILDING, OPERATING)):
            case.route = "land"
        case.funded |= case.why == "funds"
    return [found[i] for i in random.permutation(count)]


def _mark(pools: dict[str, list[Case]], group: str, light: str, why: str) -> None:
    free = [c for c in pools[group] if not c.why]
    if not free:
        group, why = (BUILDING, "progress") if light != "grey" else (SIGNED, "report")
        free = [c for c in pools[group] if not c.why]
    if free:
        free[len(free) // 2].light, free[len(free) // 2].why = light, why


def fill_dates(case: Case, random: np.random.Generator) -> None:
    """Give a case its milestone dates, done and planned."""
    span = _durations(case, random)
    if case.group == LEAD:
        _lead(case, random)
        return
    signed = _signed_on(case, span, random)
    day = signed
    for stage in ROUTE[case.route]:
        day = day + timedelta(days=span.get(stage, 0))
        case.planned[stage] = day
    case.done = {s: d for s, d in case.planned.items() if d <= CUT and s <= _furthest(case, random)}
    _history(case, signed, random)
    _after_production(case, random)
    _plan(case, random)
    _start_case(case, random)
    if case.group == ENDED:
        _end(case, random)


def _days(low: float, high: float, random: np.random.Generator) -> int:
    return int(random.integers(int(low), int(high) + 1))


def _durations(case: Case, random: np.random.Generator) -> dict[int, int]:
    span = {stage: _days(low, high, random) for stage, (low, high) in _DAYS[case.route].items()}
    stretch = (1.0 if case.size < 10 else 1.3 if case.size < 60 else 2.0) * case.slow
    for stage in (100, 110):
        if stage in span:
            span[stage] = int(span[stage] * stretch)
    if case.why == "progress":
        span[100], span[110] = max(span[100], 480), max(span[110], 330)
    return span


def _lead(case: Case, random: np.random.Generator) -> None:
    talked = CUT - timedelta(days=_days(8, 280, random))
    case.done = {10: talked - timedelta(days=_days(15, 240, random))}
    if random.random() < 0.66:
        case.done[20] = talked
    case.planned = dict(case.done) | {30: CUT + timedelta(days=_days(25, 300, random))}


def _signed_on(case: Case, span: dict[int, int], random: np.random.Generator) -> date:
    """Signing day from which the other dates follow, so that the case stands where it should at the cut."""
    route = ROUTE[case.route]
    offset = {stage: sum(span.get(s, 0) for s in route if s <= stage) for stage in route}
    if case.group == SIGNED:
        if case.why == "registration":
            back = _days(126, 170, random) if case.light == "red" else _days(66, 112, random)
            span[40] = back + _days(10, 30, random)
            return CUT - timedelta(days=back)
        early = [s for s in route if s < 90]
        if case.why == "report":
            early = early[2:]  # signed long enough ago to owe a report
        here = early[int(random.integers(0, len(early)))]
        if case.why in ("start", "exempt", "land_start"):
            here = next(s for s in early if s in (60, 65))
        later = route[route.index(here) + 1]
        if case.why in ("start", "exempt"):
            span[later] += 200
            return CUT - timedelta(days=offset[here] + _days(120, 190, random))
        if case.why == "land_start":
            span[later] += 460
            return CUT - timedelta(days=offset[here] + _days(330, 420, random))
        return CUT - timedelta(days=offset[here] + int(span[later] * random.uniform(0.08, 0.8)))
    if case.group == BUILDING:
        works = {s: span[s] for s in route if s > 90}
        if case.why == "library":
            back = _days(100, 165, random) if case.light == "red" else _days(33, 55, random)
        elif case.why == "production":
            wait = _days(385, 460, random) if case.light == "red" else _days(196, 330, random)
            span[120] = wait + 60
            back = sum(d for s, d in works.items() if s < 120) + wait
        elif case.why == "progress":
            back = int(sum(works.values()) * random.uniform(0.36, 0.6))
        else:
            back = int(sum(works.values()) * (0.03 + 0.93 * case.at))
        return CUT - timedelta(days=offset[90] + back)
    if case.group == OPERATING:
        if case.why == "capacity":
            back = _days(1_000, 1_350, random)
        else:
            back = 20 + int(2_150 * case.at)
        return CUT - timedelta(days=offset[120] + back)
    return CUT - timedelta(days=420 + int(1_150 * case.at))


def _furthest(case: Case, random: np.random.Generator) -> int:
    if case.group == SIGNED:
        return 80
    if case.group == BUILDING:
        return 110
    if case.group == ENDED:
        return int(random.choice([30, 40, 50, 60, 65, 75, 90]))
    return 120


def _history(case: Case, signed: date, random: np.random.Generator) -> None:
    talked = signed - timedelta(days=_days(30, 260, random))
    for stage, day in ((20, talked), (10, talked - timedelta(days=_days(15, 160, random)))):
        case.done[stage] = case.planned[stage] = day


def _after_production(case: Case, random: np.random.Generator) -> None:
    made = case.done.get(120)
    if made is None:
        case.planned[140] = max(case.planned[120], CUT) + timedelta(days=_days(560, 900, random))
        return
    case.planned[140] = made + timedelta(days=_days(300, 480, random))
    if case.why == "capacity":
        late = _days(385, 460, random) if case.light == "red" else _days(25, 320, random)
        case.planned[140] = CUT - timedelta(days=late)
    elif case.planned[140] <= CUT:
        case.done[140] = case.planned[140] - timedelta(days=_days(0, 60, random))
    grown = made + timedelta(days=_days(80, 420, random))
    if grown <= CUT and random.random() < 0.55 and 140 not in case.done:
        case.planned[130] = case.done[130] = grown


def _plan(case: Case, random: np.random.Generator) -> None:
    """Planned days of what is done lie a little around it; of what is to come, after the cut."""
    for stage in list(case.planned):
        if stage in case.done:
            if stage not in (10, 20):
                slack = _days(-20, 6, random)
                case.planned[stage] = case.done[stage] - timedelta(days=slack)
        elif case.planned[stage] <= CUT and stage != 140:
            case.planned[stage] = CUT + timedelta(days=_days(20, 90, random))
    if case.started is None and 90 in case.planned:
        case.planned[90] = max(case.planned[90], CUT + timedelta(days=12))
    case.agreed_start = case.planned[90] + timedelta(days=_days(60, 150, random)) if 90 in case.planned else None


def _start_case(case: Case, random: np.random.Generator) -> None:
    if case.why in ("start", "exempt"):
        late = _days(3, 6, random) if case.light == "red" else _days(1, 2, random)
        case.planned[90] = add_months(date(CUT.year, CUT.month, _days(2, 27, random)), -late)
        case.agreed_start = CUT + timedelta(days=_days(40, 120, random))
    elif case.why == "land_start":
        late = _days(200, 280, random) if case.light == "red" else _days(25, 150, random)
        case.agreed_start = CUT - timedelta(days=late)
        case.planned[90] = CUT + timedelta(days=_days(25, 80, random))


def _end(case: Case, random: np.random.Generator) -> None:
    last = max(case.done.values())
    code = (900, 900, 910, 920)[int(random.integers(0, 4))]
    case.done[code] = case.planned[code] = min(last + timedelta(days=_days(60, 300, random)), CUT - timedelta(days=12))
    for stage in [s for s, d in case.done.items() if s not in (code,) and d > case.done[code]]:
        del case.done[stage]
    if 90 not in case.done:  # it was to start about when it was given up
        case.planned[90] = case.done[code] - timedelta(days=_days(-40, 100, random))
        case.agreed_start = case.planned[90] + timedelta(days=_days(60, 150, random))


def settle_capacity(cases: list[Case], random: np.random.Generator) -> None:
    """Agreed output: a zone's rate is told from three projects on that are due, and some reach it a year late (K28)."""
    for year in range(FIRST_YEAR, LAST_YEAR):
        end = date(year, 12, 31)
        due = sorted(
            (c for c in cases if c.group == OPERATING and c.planned[140] <= end),
            key=lambda c: c.planned[140],
            reverse=True,
        )
        if 0 < len(due) < _FEWEST_DUE:
            for case in [c for c in due if not c.why]:
                case.planned[140] = end + timedelta(days=_days(20, 150, random))
                case.done.pop(140, None)
                if case.planned[140] <= CUT and not case.why:
                    case.done[140] = case.planned[140] - timedelta(days=_days(0, 15, random))
            continue
        missed = sum(c.done.get(140, CUT) > end for c in due)
        wanted = max(int(0.15 * len(due) + 0.5), 1) if due else 0
        for case in [c for c in due if not c.why and c.done.get(140, CUT) <= end][: max(wanted - missed, 0)]:
            case.done[140] = end + timedelta(days=_days(25, 180, random))
