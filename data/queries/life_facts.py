"""What the life cycle of projects is judged by, read once per data version: the same for every viewer, month and filter.

A board of ten thousand projects looks at a hundred thousand milestones; read anew for each list they would cost more
than the rules. Nothing here decides who may see what: the queries choose the projects first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from data import models as m
from data.queries.cached import cached
from data.queries.catalogue import Resolved
from domain.lifecycle import Milestone
from domain.readiness import TRACKS, Readiness, Schedule, Track, readiness, schedule


@dataclass(frozen=True, slots=True)
class Ready:
    """Tracks of one project in their order, what they amount to, and the plan; `missing` are tracks without dates."""

    tracks: tuple[Track, ...]
    readiness: Readiness
    plan: Schedule | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LifeFacts:
    """By project id: milestones in stage order, the first month with investment, the first with capital in place
    (domestic or foreign), the tracks before the start."""

    milestones: Mapping[str, tuple[Milestone, ...]]
    invested_from: Mapping[str, str]
    paid_from: Mapping[str, str]
    ready: Mapping[str, Ready]


def life_facts(session: Session, at: Resolved) -> LifeFacts:
    """Facts of every project of the data set, kept per data version."""
    return cached(session, ("life", at.provenance), lambda: _read(session, at.provenance))


def _read(session: Session, provenance: str) -> LifeFacts:
    own = select(m.Project.id).where(m.Project.provenance == provenance)
    stone, report, track = m.Milestone, m.MonthlyReport, m.ReadinessTrack
    stones: dict[str, list[Milestone]] = {}
    for project, stage, planned, done, evidence in session.execute(
        select(stone.project_id, stone.stage, stone.planned_on, stone.done_on, stone.evidence)
        .where(stone.project_id.in_(own))
        .order_by(stone.project_id, stone.stage)
    ):
        stones.setdefault(project, []).append(Milestone(stage, planned, done, evidence or ""))
    fact = m.ProjectFact
    in_place = (fact.domestic_ytd_wan > 0) | (fact.foreign_ytd_usd_wan > 0)
    firsts = union_all(
        _first("invested", provenance, report.project_id, report.period, report.cumulative_wan > 0),
        _first("paid", provenance, fact.project_id, fact.period, in_place),
    )
    first: dict[str, dict[str, str]] = {"invested": {}, "paid": {}}
    for what, project, period in session.execute(firsts):
        first[what][project] = period
    tracks: dict[str, list[Track]] = {}
    for row in session.execute(
        select(
            track.project_id, track.track, track.percent, track.planned_start, track.planned_end, track.actual_start,
            track.actual_end,
        ).where(track.project_id.in_(own))
    ):  # fmt: skip
        tracks.setdefault(row[0], []).append(Track(*row[1:]))
    order = {code: i for i, code in enumerate(TRACKS)}
    return LifeFacts(
        {project: tuple(found) for project, found in stones.items()},
        first["invested"],
        first["paid"],
        {project: _ready(sorted(found, key=lambda t: order[t.code])) for project, found in tracks.items()},
    )


def _first(what: str, provenance: str, project: Any, period: Any, where: Any) -> Select[Any]:
    """The first period by project of the data set among the rows that meet `where`.

    Grouped before the projects are looked at: SQLite would else search every period for each project.
    """
    first = select(project.label("id"), func.min(period).label("period")).where(where).group_by(project).subquery()
    return (
        select(literal(what), first.c.id, first.c.period)
        .join(m.Project, m.Project.id == first.c.id)
        .where(m.Project.provenance == provenance)
    )


def _days(track: Track) -> int | None:
    """Planned days of a track, both ends counted; None when a date is missing or the end lies before the start."""
    if track.planned_start is None or track.planned_end is None or track.planned_end < track.planned_start:
        return None
    return (track.planned_end - track.planned_start).days + 1


def _ready(tracks: list[Track]) -> Ready:
    days: dict[str, Any] = {t.code: _days(t) for t in tracks}
    missing = tuple(code for code in TRACKS if days.get(code) is None)
    return Ready(tuple(tracks), readiness(tracks), None if missing else schedule(days), missing)
