"""What the project board adds to the life cycle: who is responsible for a card, and lights by dimension (rules §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from data import models as m
from data.queries import gate
from data.queries.projects import filtered
from data.queries.question import Question

#: The four dimensions of rules §6.2 that a project month keeps a light for.
DIMENSIONS = ("start", "progress", "funds", "library")


def responsible_units(question: Question, ids: Collection[str]) -> dict[str, str]:
    """Responsible unit of those of `ids` that the state selects and the viewer may see; none where it is not known."""
    stmt = filtered(select(m.Project.id, m.Project.responsible_unit), question)
    rows = question.session.execute(stmt.where(m.Project.id.in_(sorted(ids)), m.Project.responsible_unit.is_not(None)))
    return {row.id: row.responsible_unit for row in rows}


def dimension_lights(question: Question) -> dict[str, dict[str, int]]:
    """Projects by light in each dimension, of the selected projects that the rule looks at (rules §6.2).

    A project that a rule does not look at is in no count of it. Empty for who may not see lights, and for published
    projects, on which nobody reports.
    """
    at = question.at
    if not gate.allowed_fields(question.viewer, ("light",), at.provenance) or at.provenance == "published":
        return {}
    found: dict[str, dict[str, int]] = {}
    for name in DIMENSIONS:
        light = getattr(m.ProjectMonth, f"light_{name}")
        stmt = filtered(select(light, func.count()), question).where(light.is_not(None)).group_by(light)
        found[name] = {value: int(n) for value, n in question.session.execute(stmt)}
    return found
