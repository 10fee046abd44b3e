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
    return shapes.LightRules.of(
        found, rules=[shapes.LightRule.of(rule, message=rule.reason_key) for rule in found.dimensions]
    )


def readiness(asked: Asked, project_id: str) -> shapes.ReadinessItem | None:
    """Tracks, readiness and schedule; None for a project without tracks or who may not see them."""
    cards = readiness_cards(asked, project_id=project_id)
    if not cards:
        return None
    (card,) = cards
    return shapes.ReadinessItem.of(
        card.readiness,
        tracks=[shapes.TrackItem.of(track, name_zh=TRACKS[track.code]) for track in card.tracks],
        schedule=card.plan,
        schedule_missing=card.plan_missing,
    )


def stage_finding(asked: Asked, project_id: str) -> shapes.StageCheck | None:
    """Whether the milestones prove the stage; None for published projects, whose milestones are not known."""
    found = stage_check(asked, project_id)
    return None if found is None else shapes.StageCheck.of(found)
