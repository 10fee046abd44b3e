"""The one gate: which rows and which fields a viewer gets. Screens, API, tiles and exports all pass here (rules §2.7).

Rows fail closed: an unknown role is a prospect, and a prospect sees no project that is not published. Fields are withheld
by class; a new field that must not be seen by everyone is listed in ``FIELD_CLASS`` (tests walk every answer for them).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from data import models as m
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


#: Class of every restricted field by name as used in rows and API answers; others are open.
FIELD_CLASS: dict[str, FieldClass] = {
    "total_investment_wan": FieldClass.PROJECT_FIGURES,
    "annual_tax_wan": FieldClass.PROJECT_FIGURES,
    "annual_output_wan": FieldClass.PROJECT_FIGURES,
    "fai_ytd_wan": FieldClass.PROJECT_FIGURES,
    "light": FieldClass.PROJECT_FIGURES,
    "reason": FieldClass.PROJECT_FIGURES,
    "months_red": FieldClass.PROJECT_FIGURES,
    "reports": FieldClass.PROJECT_FIGURES,
    "output_wan": FieldClass.ENTERPRISE_FIGURES,
    "revenue_wan": FieldClass.ENTERPRISE_FIGURES,
    "tax_wan": FieldClass.ENTERPRISE_FIGURES,
    "output_ytd_wan": FieldClass.ENTERPRISE_FIGURES,
    "tax_ytd_wan": FieldClass.ENTERPRISE_FIGURES,
    "employees": FieldClass.ENTERPRISE_FIGURES,
    "rent_yuan_m2_month": FieldClass.ASKING_PRICE,
    "price_yuan_m2": FieldClass.ASKING_PRICE,
    "reserve_price_wan_mu": FieldClass.RESERVE_PRICE,
    "geometry": FieldClass.EXACT_GEOMETRY,
    "target_firms": FieldClass.TARGET_COMPANIES,
    "courted": FieldClass.LEAD_COUNTS,
}


def allowed_fields(viewer: Viewer, names: Iterable[str], provenance: str) -> tuple[str, ...]:
    """Those of `names` the viewer may have; published records are public, so nothing of them is withheld."""
    if provenance == "published":
        return tuple(names)
    return tuple(n for n in names if n not in FIELD_CLASS or viewer.may(FIELD_CLASS[n]))


def strip(viewer: Viewer, row: dict[str, Any], provenance: str) -> dict[str, Any]:
    """`row` without the fields the viewer may not have: the key itself is gone, not only its value."""
    keep = set(allowed_fields(viewer, row, provenance))
    return {k: v for k, v in row.items() if k in keep}
