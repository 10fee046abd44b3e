"""The one gate: which rows and which fields a viewer gets. Screens, API, tiles and exports all pass here (rules §2.7).

Rows fail closed: an unknown role is a prospect, and a prospect sees no project that is not published. Fields are withheld
by class, and fail closed too: a column that does not say its class (``data/columns.py``) and a computed field that is not
listed in ``_COMPUTED`` are given to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from data import models as m
from data.columns import said
from domain.reasons import ReasonKey
from domain.viewer import FieldClass, Role, Viewer

#: Why a field is withheld; the screens translate the key.
WITHHELD: ReasonKey = "withheld"


def project_rows(viewer: Viewer, provenance: str) -> ColumnElement[bool]:
    """Condition on ``project`` ⋈ ``project_month``: the projects `viewer` may see at that month.

    Leads (not signed at the month) need ``FieldClass.LEADS``; a prospect sees published projects only.
    """
    if not may_see_projects(viewer, provenance):
        return false()
    conditions: list[ColumnElement[bool]] = [true()]
    if not viewer.may(FieldClass.LEADS):
        conditions.append(m.ProjectMonth.signed.is_(True))
    if viewer.units:
        conditions.append(or_(m.Project.managing_unit.in_(viewer.units), m.Project.zone_code.in_(viewer.units)))
    return and_(*conditions)


def may_see_projects(viewer: Viewer, provenance: str) -> bool:
    """Whether single projects, or counts of them, are shown at all: a prospect gets published projects only."""
    return provenance == "published" or viewer.role is not Role.PROSPECT


def may_see_totals(viewer: Viewer, provenance: str) -> bool:
    """Whether zone totals are shown: a prospect gets published figures only."""
    return provenance == "published" or viewer.may(FieldClass.ZONE_TOTALS)


def adds_up(provenance: str) -> bool:
    """Whether records of the data set may be summed: published figures overlap and differ in date and scope (rules §1.3)."""
    return provenance != "published"


#: Fields of rows and answers that are no column, each with its class.
_COMPUTED: dict[str, FieldClass] = {
    **dict.fromkeys(("reports", "before_wan", "due_wan"), FieldClass.PROJECT_FIGURES),
    "geometry": FieldClass.EXACT_GEOMETRY,
    "target_firms": FieldClass.TARGET_COMPANIES,
    "courted": FieldClass.LEAD_COUNTS,
    **dict.fromkeys(
        (
            "provenance", "nodes", "kinds", "cross_district", "districts", "days",  # projects
            "vacant_m2", "lettable_m2", "units", "plan", "far", "landuse", "district", "industry",  # carriers, ground, firms
            "first_month", "last_month", "amount", "rule_id", "additive", "related", "fault", "records", "parts",  # splits
            "on", "cohort", "zones", "problems", "sum",  # why a record counts or is an exception
        ),
        FieldClass.OPEN,
    ),
}  # fmt: skip


def _classes() -> dict[str, FieldClass]:
    found = dict(_COMPUTED)
    for mapper in m.Base.registry.mappers:
        for name, column in said(mapper.columns).items():
            field_class = column.field_class
            if field_class is not None and found.setdefault(name, field_class) is not field_class:
                raise ValueError(f"{name} of {mapper.class_.__name__} is {field_class}, elsewhere {found[name]}")
    return found


#: Class of every field by name as used in rows and API answers: what a column says of itself, and `_COMPUTED`.
FIELD_CLASS: dict[str, FieldClass] = _classes()


def allowed_fields(viewer: Viewer, names: Iterable[str], provenance: str) -> tuple[str, ...]:
    """Those of `names` the viewer may have. A name without a class is nobody's; published records are public otherwise."""
    known = [n for n in names if n in FIELD_CLASS]
    return tuple(n for n in known if provenance == "published" or viewer.may(FIELD_CLASS[n]))


def strip(viewer: Viewer, row: dict[str, Any], provenance: str) -> dict[str, Any]:
    """`row` without the fields the viewer may not have: the key itself is gone, not only its value."""
    keep = set(allowed_fields(viewer, row, provenance))
    return {k: v for k, v in row.items() if k in keep}
