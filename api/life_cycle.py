"""How far one project is: milestones, lights with their figures, readiness, and whether its stage is proven (rules §6)."""

from __future__ import annotations

from typing import Any

from api import shapes
from api.asked import Asked
from data.queries import gate
from data.queries.lifecycle import project_lights, readiness_cards, stage_check
from domain.lifecycle import STAGES
from domain.readiness import TRACKS

_STAGE = {stage.code: stage for stage in STAGES}


def milestone(asked: Asked, row: dict[str, Any]) -> shapes.MilestoneItem:
    """A milestone of `project_detail` with the names of its stage."""
    stage = _STAGE[row["stage"]]
    return shapes.MilestoneItem(
        stage_name_zh=stage.name_zh,
        stage_name_en=stage.name_en,
        **gate.strip(asked.viewer, row, asked.at.provenance),
    )


def light_rules(asked: Asked, project_id: str) -> shapes.LightRules | None:
    """Every rule behind the light at the month; None for who may not see lights."""
    found = project_lights(asked, project_id)
    if found is None:
        return None
    return shapes.LightRules(
        light=found.light,
        months_red=found.months_red,
        rules=[
            shapes.LightRule(
                dimension=d.dimension.value,
                light=d.light.value,
                message=d.reason_key,
                figures=dict(d.figures),
                exempted_from=d.exempted_from.value if d.exempted_from else None,
            )
            for d in found.dimensions
        ],
        exemptions=[shapes.ExemptionItem(**e) for e in found.exemptions],
    )


def _iso(day: object) -> str | None:
    return None if day is None else str(day)


def readiness(asked: Asked, project_id: str) -> shapes.ReadinessItem | None:
    """Tracks, readiness and schedule; None for a project without tracks or who may not see them."""
    cards = readiness_cards(asked, project_id=project_id)
    if not cards:
        return None
    (card,) = cards
    plan = card.plan
    return shapes.ReadinessItem(
        overall=card.readiness.overall,
        government=card.readiness.government,
        company=card.readiness.company,
        bottlenecks=list(card.readiness.bottlenecks),
        missing=list(card.readiness.missing),
        tracks=[
            shapes.TrackItem(
                code=t.code,
                name_zh=TRACKS[t.code],
                percent=t.percent,
                planned_start=_iso(t.planned_start),
                planned_end=_iso(t.planned_end),
                actual_start=_iso(t.actual_start),
                actual_end=_iso(t.actual_end),
            )
            for t in card.tracks
        ],
        schedule=None
        if plan is None
        else shapes.ScheduleItem(
            critical_path=list(plan.critical_path),
            days=plan.days,
            serial_days=plan.serial_days,
            saved_days=plan.saved_days,
        ),
        schedule_missing=list(card.plan_missing),
    )


def stage_finding(asked: Asked, project_id: str) -> shapes.StageCheck | None:
    """Whether the milestones prove the stage; None for published projects, whose milestones are not known."""
    found = stage_check(asked, project_id)
    if found is None:
        return None
    return shapes.StageCheck(
        claimed=found.claimed,
        proven=found.proven,
        problems=[shapes.StageProblemItem(code=p.code, stage=p.stage, blocks=p.blocks) for p in found.problems],
    )
