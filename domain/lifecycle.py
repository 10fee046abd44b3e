"""Project life cycle: stages, milestones with evidence, allowed moves (rules §6.1).

A stage is never typed in: it follows from dated milestones. `stage_as_of` says how far the dated
milestones claim to be, `proven_stage` how far they go without a hole, and `check_stage` lists what a
claim lacks (the "虚报" check).

Grouping decision: 110 竣工 belongs to `building`. A finished but silent plant has no output and no tax,
and "竣工未投产" is one of the warnings, so it must not be counted among operating projects.

Lease route decision (rules §6.1): 60 is
replaced by 65, there is no new structure to top out so 100 does not apply either; 75 and 110 (fit-out
acceptance) stay mandatory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

Route = Literal["land", "lease"]
StageGroupId = Literal["lead", "signed", "building", "operating", "ended"]

TERMINATED, PAUSED, TRANSFERRED = 900, 910, 920
ENDED: frozenset[int] = frozenset({TERMINATED, PAUSED, TRANSFERRED})


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of rules §6.1; `on_*` = the route has it, `mandatory_*` = nothing later may precede it."""

    code: int
    name_zh: str
    name_en: str
    owner: str
    char: str
    on_land: bool = True
    on_lease: bool = True
    mandatory_land: bool = True
    mandatory_lease: bool = True

    def on_route(self, route: Route) -> bool:
        """Tell whether the stage exists on `route`."""
        return self.on_land if route == "land" else self.on_lease

    def mandatory(self, route: Route) -> bool:
        """Tell whether the stage's milestone is mandatory on `route`."""
        return self.mandatory_land if route == "land" else self.mandatory_lease


def _optional(code: int, zh: str, en: str, owner: str, char: str) -> Stage:
    return Stage(code, zh, en, owner, char, mandatory_land=False, mandatory_lease=False)


def _land_only(code: int, zh: str, en: str, owner: str, char: str) -> Stage:
    return Stage(code, zh, en, owner, char, on_lease=False, mandatory_lease=False)


STAGES: tuple[Stage, ...] = (
    _optional(10, "谋划储备", "Planned reserve", "发改/园区", "a"),
    _optional(20, "在谈", "In negotiation", "投促/产业促进中心", "b"),
    Stage(30, "签约", "Signed", "投促", "c"),
    Stage(40, "注册", "Company registered", "行审", "d"),
    Stage(50, "立项备案", "Project filed", "发改/行审", "e"),
    _land_only(60, "用地", "Land acquired", "规自", "f"),
    Stage(65, "载体签租", "Space leased", "平台公司", "g", on_land=False, mandatory_land=False),
    _land_only(70, "规划许可", "Planning permits", "规自", "h"),
    Stage(75, "环评能评水保", "Environmental, energy and water approvals", "生态环境/发改", "i"),
    _land_only(80, "施工许可", "Construction permit", "住建", "j"),
    Stage(90, "开工", "Construction started", "业主", "k"),
    _land_only(100, "主体封顶", "Structure topped out", "业主", "l"),
    Stage(110, "竣工", "Completed", "住建", "m"),
    Stage(120, "投产/投运", "In production", "经信", "n"),
    _optional(130, "升规入统", "Above-size register", "统计", "o"),
    Stage(140, "达产", "At design capacity", "经信/园区", "p"),
    _optional(TERMINATED, "终止/退出", "Terminated", "园区", "x"),
    _optional(PAUSED, "暂停", "Paused", "园区", "z"),
    _optional(TRANSFERRED, "流转", "Transferred", "园区", "t"),
)
STAGE_BY_CODE: dict[int, Stage] = {s.code: s for s in STAGES}
#: Name of every stage by its code as text.
STAGE_NAMES: dict[str, str] = {str(s.code): s.name_zh for s in STAGES}
_ROUTES: tuple[Route, ...] = ("land", "lease")
#: Stage codes in order that a route has, and those it may not skip.
_ON_ROUTE: dict[Route, tuple[int, ...]] = {r: tuple(s.code for s in STAGES if s.on_route(r)) for r in _ROUTES}
_MANDATORY: dict[Route, tuple[int, ...]] = {r: tuple(s.code for s in STAGES if s.mandatory(r)) for r in _ROUTES}

#: One character per stage for month-by-month history strings; `NO_STAGE_CHAR` = not yet in the register.
STAGE_CHAR: dict[int, str] = {s.code: s.char for s in STAGES}
NO_STAGE_CHAR = "-"


@dataclass(frozen=True, slots=True)
class StageGroup:
    """A block of stages that one symbol on the map and one bar of the board stand for."""

    id: StageGroupId
    name_zh: str
    name_en: str
    stages: tuple[int, ...]


_GROUPS: tuple[StageGroup, ...] = (
    StageGroup("lead", "谋划在谈", "Leads", (10, 20)),
    StageGroup("signed", "签约落地", "Signed", (30, 40, 50, 60, 65, 70, 75, 80)),
    StageGroup("building", "在建", "Building", (90, 100, 110)),
    StageGroup("operating", "投产运营", "Operating", (120, 130, 140)),
    StageGroup("ended", "终止暂停流转", "Ended or paused", (TERMINATED, PAUSED, TRANSFERRED)),
)
#: Groups by id, in the order of the life cycle.
STAGE_GROUPS: dict[str, StageGroup] = {g.id: g for g in _GROUPS}
GROUP_OF_STAGE: dict[int, StageGroupId] = {code: g.id for g in _GROUPS for code in g.stages}


@dataclass(frozen=True, slots=True)
class Milestone:
    """The dated fact that opens a stage. `evidence` is a document or record number, "" when none."""

    stage: int
    planned_on: date | None = None
    done_on: date | None = None
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.stage not in STAGE_BY_CODE:
            raise ValueError(f"unknown stage code {self.stage}")


ProblemCode = Literal[
    "missing_milestone",
    "missing_evidence",
    "wrong_route",
    "out_of_order",
    "after_end",
    "skips_mandatory",
    "back_without_reason",
    "back_without_approver",
    "no_change",
    "already_ended",
]


@dataclass(frozen=True, slots=True)
class StageProblem:
    """One finding of a check: `stage` is the stage at fault, `blocks` the stage that needs it."""

    code: ProblemCode
    stage: int
    blocks: int


def _done(milestones: Iterable[Milestone], on_date: date) -> dict[int, date]:
    """Earliest done date per stage, up to and including `on_date`."""
    found: dict[int, date] = {}
    for m in milestones:
        if m.done_on is not None and m.done_on <= on_date:
            found[m.stage] = min(found.get(m.stage, m.done_on), m.done_on)
    return found


def main_stage_as_of(milestones: Iterable[Milestone], route: Route, on_date: date) -> int | None:
    """Furthest stage of the main line (never 9xx) with a milestone done by `on_date`, or None.

    For a paused project this is the stage that 910 remembers (rules §6.1). Milestones that the route does
    not have are left out; `check_stage` reports them.
    """
    reached = [c for c in _done(milestones, on_date) if c not in ENDED and STAGE_BY_CODE[c].on_route(route)]
    return max(reached, default=None)


def stage_as_of(milestones: Sequence[Milestone], route: Route, on_date: date) -> int | None:
    """Stage claimed by the dated milestones on `on_date`; None when nothing has happened yet.

    900 and 920 hold from their date on. 910 holds until a main-line milestone is done after it, so a
    resumed project needs no extra record. Use `proven_stage` for totals that must not lie (rules §6.1).
    """
    done = _done(milestones, on_date)
    final = [(day, code) for code, day in done.items() if code in (TERMINATED, TRANSFERRED)]
    if final:
        return max(final)[1]
    pauses = [m.done_on for m in milestones if m.stage == PAUSED and m.done_on and m.done_on <= on_date]
    if pauses:
        moves = [
            m.done_on
            for m in milestones
            if m.stage not in ENDED
            and m.done_on is not None
            and m.done_on <= on_date
            and STAGE_BY_CODE[m.stage].on_route(route)
        ]
        if not moves or max(moves) <= max(pauses):
            return PAUSED
    return main_stage_as_of(milestones, route, on_date)


def proven_stage(milestones: Iterable[Milestone], route: Route, on_date: date) -> int | None:
    """Furthest main-line stage with every mandatory milestone before it done; None when none is proven."""
    done = _done(milestones, on_date)
    furthest: int | None = None
    for stage in STAGES:
        if stage.code in ENDED or not stage.on_route(route):
            continue
        if stage.code in done:
            furthest = stage.code
        elif stage.mandatory(route):
            break
    return furthest


#: Problems that put a stage in doubt; missing evidence alone does not.
SERIOUS = frozenset({"missing_milestone", "wrong_route", "out_of_order", "after_end"})


def check_stage(stage: int, milestones: Sequence[Milestone], route: Route, on_date: date) -> list[StageProblem]:
    """List what contradicts the claim that a project is at `stage` on `on_date` (rules §6.1, "虚报").

    `missing_milestone`: a mandatory milestone at or before the stage is not done; the first one listed is
    the earliest, and the stage may not be ahead of it. `missing_evidence`: done without a document.
    `wrong_route`: a milestone the route does not have. `out_of_order`: a mandatory milestone dated after a
    later one (75 runs in parallel and is not compared). `after_end`: work dated after 900 or 920.
    Raises ValueError for an unknown stage code.
    """
    if stage not in STAGE_BY_CODE:
        raise ValueError(f"unknown stage code {stage}")
    done = _done(milestones, on_date)
    problems: list[StageProblem] = []
    if stage in ENDED:
        if stage not in done:
            problems.append(StageProblem("missing_milestone", stage, stage))
    else:
        problems += [
            StageProblem("missing_milestone", code, stage)
            for code in _ON_ROUTE[route]
            if code <= stage and code not in done and (code in _MANDATORY[route] or code == stage)
        ]
        if stage not in _ON_ROUTE[route]:
            problems.append(StageProblem("wrong_route", stage, stage))
    for m in milestones:
        if m.stage not in done:
            continue
        if not m.evidence.strip():
            problems.append(StageProblem("missing_evidence", m.stage, stage))
        if m.stage not in _ON_ROUTE[route] and m.stage != stage:
            problems.append(StageProblem("wrong_route", m.stage, stage))
    problems += _order_problems(done, route)
    ends = [day for code, day in done.items() if code in (TERMINATED, TRANSFERRED)]
    if ends:
        problems += [
            StageProblem("after_end", code, stage)
            for code, day in sorted(done.items())
            if code not in ENDED and day > min(ends)
        ]
    return problems


def _order_problems(done: dict[int, date], route: Route) -> list[StageProblem]:
    line = [code for code in _MANDATORY[route] if code in done and code not in ENDED and code != 75]
    return [
        StageProblem("out_of_order", earlier, later) for earlier, later in pairwise(line) if done[earlier] > done[later]
    ]
