"""What the project board adds to the life cycle: who is responsible for a card, and lights by dimension (rules §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from data import models as m
from data.queries import gate
from data.queries.projects import chosen, filtered
from data.queries.question import Question

#: The four dimensions of rules §6.2 that a project month keeps a light for.
DIMENSIONS = ("start", "progress", "funds", "library")


def responsible_units(question: Question, ids: Collection[str]) -> dict[str, str]:
    """Responsible unit of those of `ids` that the state selects and the viewer may see; none where it is not known."""
    rows = chosen(question, m.Project.id.in_(sorted(ids)), m.Project.responsible_unit.is_not(None))
    return {row.id: row.responsible_unit for row in rows if row.id in ids and row.responsible_unit is not None}


def dimension_lights(question: Question) -> dict[str, dict[str, int]]:
    """Projects by light in each dimension, of the selected projects that the rule looks at (rules §6.2).

    A project that a rule does not look at is in no count of it. Empty for who may not see lights, and for published
    projects, on which nobody reports.
    """
    at = question.at
    if not gate.allowed_fields(question.viewer, ("light",), at.provenance) or at.provenance == "published":
        return {}
    found: dict[str, dict[str, int]] = {name: {} for name in DIMENSIONS}
    lights = [getattr(m.ProjectMonth, f"light_{name}") for name in DIMENSIONS]
    for *values, n in question.session.execute(filtered(select(*lights, func.count()), question).group_by(*lights)):
        for name, value in zip(DIMENSIONS, values, strict=True):
            if value is not None:
                found[name][value] = found[name].get(value, 0) + int(n)
    return found
