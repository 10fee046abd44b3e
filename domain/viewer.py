"""Who asks: roles and what each may see (rules §2.7, desensitisation levels)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The four kinds of viewer; ``prospect`` is the screen turned to a guest."""

    LEADERSHIP = "leadership"
    PLANNER = "planner"
    PROMOTER = "promoter"
    PROSPECT = "prospect"


class FieldClass(StrEnum):
    """Groups of fields that are shown or withheld together (rules §2.7)."""

    OPEN = "open"  # whoever may see the row
    ZONE_TOTALS = "zone_totals"
    ENTERPRISE_FIGURES = "enterprise_figures"
    LEADS = "leads"  # projects before signing
    LEAD_COUNTS = "lead_counts"
    TARGET_COMPANIES = "target_companies"
    CARRIER_SPECS = "carrier_specs"
    ASKING_PRICE = "asking_price"
    RESERVE_PRICE = "reserve_price"
    EXACT_GEOMETRY = "exact_geometry"
    PROJECT_FIGURES = "project_figures"  # investment, reports and lights of a single project
    GOVERNANCE = "governance"


_ALLOWED: dict[Role, frozenset[FieldClass]] = {
    Role.LEADERSHIP: frozenset(FieldClass),
    Role.PLANNER: frozenset(
        {
            FieldClass.ZONE_TOTALS,
            FieldClass.ENTERPRISE_FIGURES,
            FieldClass.LEAD_COUNTS,
            FieldClass.CARRIER_SPECS,
            FieldClass.ASKING_PRICE,
            FieldClass.RESERVE_PRICE,
            FieldClass.EXACT_GEOMETRY,
            FieldClass.PROJECT_FIGURES,
            FieldClass.GOVERNANCE,
        }
    ),
    # Own-team leads need accounts that know the team; until then a promoter sees none rather than all.
    Role.PROMOTER: frozenset(
        {
            FieldClass.ZONE_TOTALS,
            FieldClass.LEAD_COUNTS,
            FieldClass.CARRIER_SPECS,
            FieldClass.ASKING_PRICE,
            FieldClass.EXACT_GEOMETRY,
            FieldClass.PROJECT_FIGURES,
            FieldClass.GOVERNANCE,
        }
    ),
    Role.PROSPECT: frozenset({FieldClass.CARRIER_SPECS, FieldClass.ASKING_PRICE, FieldClass.GOVERNANCE}),
}


@dataclass(frozen=True)
class Viewer:
    """Who asks a query. `units` limits rows to unit codes (empty: every unit of the city)."""

    role: Role
    units: frozenset[str] = frozenset()
    device: str = ""

    def may(self, field_class: FieldClass) -> bool:
        """Whether this viewer may see fields of `field_class`; anything not listed is refused."""
        return field_class is FieldClass.OPEN or field_class in _ALLOWED.get(self.role, frozenset())


def viewer_from_role(name: str | None) -> Viewer:
    """Viewer for a role name; an unknown or missing name fails closed to the most restricted role.

    The front door chooses the default role (leadership on loopback); this function only refuses to guess upwards.
    """
    try:
        return Viewer(Role(name or ""))
    except ValueError:
        return Viewer(Role.PROSPECT)
