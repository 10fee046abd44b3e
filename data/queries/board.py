"""What the project board adds to the life cycle: who is responsible for a card, and lights by dimension (rules §6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.catalogue import catalogue
from data.queries.projects import filtered
from domain.viewer import Viewer
from domain.viewstate import ViewState

#: The four dimensions of rules §6.2 that a project month keeps a light for.
DIMENSIONS = ("start", "progress", "funds", "library")


def responsible_units(session: Session, viewer: Viewer, state: ViewState, ids: Collection[str]) -> dict[str, str]:
    """Responsible unit of those of `ids` that the state selects and the viewer may see; none where it is not known."""
    at = catalogue(session).resolve(state)
    stmt = filtered(select(m.Project.id, m.Project.responsible_unit), viewer, state, at)
    rows = session.execute(stmt.where(m.Project.id.in_(sorted(ids)), m.Project.responsible_unit.is_not(None)))
    return {row.id: row.responsible_unit for row in rows}


def dimension_lights(session: Session, viewer: Viewer, state: ViewState) -> dict[str, dict[str, int]]:
    """Projects by light in each dimension, of the selected projects that the rule looks at (rules §6.2).

    A project that a rule does not look at is in no count of it. Empty for who may not see lights, and for published
    projects, on which nobody reports.
    """
    at = catalogue(session).resolve(state)
    if not gate.allowed_fields(viewer, ("light",), at.provenance) or at.provenance == "published":
        return {}
    found: dict[str, dict[str, int]] = {}
    for name in DIMENSIONS:
        light = getattr(m.ProjectMonth, f"light_{name}")
        stmt = filtered(select(light, func.count()), viewer, state, at).where(light.is_not(None)).group_by(light)
        found[name] = {value: int(n) for value, n in session.execute(stmt)}
    return found
