"""Cross-district kinds A–G of every project, with what each rests on (rules §4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from data.derive.common import bulk_insert, cut_month, project_ids
from data.load import SCHEME_UNITS
from data.models import (
    AdminUnit,
    Milestone,
    Project,
    ProjectDistrict,
    ProjectKind,
    ProjectPlace,
    ProjectSite,
    Zone,
    ZoneParty,
)
from domain.cross_district import ProjectPlaces, Site, StatUnitChange, classify

_ROLE = {"registration": "registration", "production": "production", "tax": "tax", "stat": "statistics"}


def derive_kinds(session: Session, provenance: str) -> int:
    """Rebuild `project_kind` for one data set as of the end of the cut month; returns the rows written.

    Needs `project_district`. `details` holds the facts behind a kind, for the project's panel.
    """
    session.execute(delete(ProjectKind).where(ProjectKind.project_id.in_(project_ids(provenance))))
    return bulk_insert(session, ProjectKind, list(_rows(session, provenance, cut_month(session, provenance).end)))


def _rows(session: Session, provenance: str, day: date) -> Iterator[dict[str, Any]]:
    zones = {zone.code: zone for zone in session.scalars(select(Zone))}
    # A park command or a promotion centre is an organ of its park: it has no territory and shares no park.
    organs = set(session.scalars(select(AdminUnit.code).where(AdminUnit.code_system == SCHEME_UNITS)))
    parties = _parties(session, day, organs)
    ids = project_ids(provenance)
    areas: dict[str, dict[str, int | None]] = defaultdict(dict)
    for d in session.execute(
        select(ProjectDistrict.project_id, ProjectDistrict.district_code, ProjectDistrict.area_m2)
        .where(ProjectDistrict.project_id.in_(ids))
        .order_by(ProjectDistrict.is_primary.desc(), ProjectDistrict.district_code)
    ):
        areas[d.project_id][d.district_code] = d.area_m2
    sites: dict[str, list[Any]] = defaultdict(list)
    for s in session.execute(
        select(ProjectSite.project_id, ProjectSite.role, ProjectSite.district_code, ProjectSite.zone_code)
        .where(ProjectSite.project_id.in_(ids))
        .order_by(ProjectSite.id)
    ):
        sites[s.project_id].append(s)
    places: dict[str, list[Any]] = defaultdict(list)
    for q in session.execute(
        select(
            ProjectPlace.project_id,
            ProjectPlace.role,
            ProjectPlace.unit,
            ProjectPlace.zone_code,
            ProjectPlace.valid_from,
            ProjectPlace.valid_to,
        )
        .where(ProjectPlace.project_id.in_(ids))
        .order_by(ProjectPlace.project_id, ProjectPlace.valid_from, ProjectPlace.id)
    ):
        places[q.project_id].append(q)
    signed = dict(
        session.execute(
            select(Milestone.project_id, Milestone.done_on).where(Milestone.stage == 30, Milestone.project_id.in_(ids))
        ).all()
    )
    for project in session.execute(
        select(Project.id, Project.zone_code, Project.managing_unit, Project.datum)
        .where(Project.provenance == provenance)
        .order_by(Project.id)
    ):
        zone = zones.get(project.zone_code or "")
        here = places[project.id]
        facts = _facts(
            project, zone, parties, areas[project.id], sites[project.id], here, signed.get(project.id), organs, day
        )
        for kind in sorted(classify(facts, day).kinds):
            yield {"project_id": project.id, "kind": kind, "details": _details(kind, facts, sites[project.id])}


def _parties(session: Session, day: date, organs: set[str]) -> dict[str, frozenset[str]]:
    """Units that govern each zone together; a host is where the ground lies, not a party to an agreement."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in session.execute(
        select(ZoneParty.zone_code, ZoneParty.unit).where(
            ZoneParty.role.in_(("lead", "partner")),
            or_(ZoneParty.valid_from.is_(None), ZoneParty.valid_from <= day),
            or_(ZoneParty.valid_to.is_(None), ZoneParty.valid_to > day),
        )
    ):
        if row.unit not in organs:
            found[row.zone_code].add(row.unit)
    return {zone: frozenset(units) for zone, units in found.items()}


def _facts(
    project: Any,
    zone: Zone | None,
    parties: dict[str, frozenset[str]],
    areas: dict[str, int | None],
    sites: list[Any],
    places: list[Any],
    signed_on: date | None,
    organs: set[str],
    day: date,
) -> ProjectPlaces:
    now = [
        p for p in places if (p.valid_from is None or p.valid_from <= day) and (p.valid_to is None or p.valid_to > day)
    ]
    stat = [p for p in places if p.role == "stat" and p.unit is not None]
    first = next((p.zone_code for p in places if p.role == "first_contact" and p.zone_code is not None), None)
    functional = zone.functional_area if zone else None
    managing = project.managing_unit or (zone.authority if zone else None)
    managing = None if managing in organs else managing
    return ProjectPlaces(
        footprint_m2={code: area for code, area in areas.items() if area is not None},
        datum_known=project.datum != "unknown",
        zone_parties=parties.get(project.zone_code or "", frozenset()),
        places={_ROLE[p.role]: p.unit for p in now if p.role in _ROLE and p.unit is not None},
        sites=tuple(Site(s.district_code, s.zone_code) for s in sites if s.district_code is not None),
        managing_unit=managing,
        managing_territory=frozenset({managing} if managing else ()),
        site_units=frozenset({functional} if functional else areas),
        first_contact_zone=first,
        landing_zone=project.zone_code,
        signed_on=signed_on,
        stat_unit_changes=tuple(
            StatUnitChange(after.valid_from, before.unit, after.unit)
            for before, after in pairwise(stat)
            if after.valid_from is not None
        ),
        statutory_district=next(iter(areas), None),
        functional_area=functional,
    )


def _details(kind: str, p: ProjectPlaces, sites: list[Any]) -> dict[str, Any]:
    if kind == "A":
        return {"area_m2": dict(p.footprint_m2)}
    if kind == "B":
        return {"parties": sorted(p.zone_parties)}
    if kind == "C":
        return {"places": dict(p.places)}
    if kind == "D":
        return {"sites": [{"role": s.role, "district": s.district_code, "zone": s.zone_code} for s in sites]}
    if kind == "E":
        return {"managing_unit": p.managing_unit, "site_units": sorted(p.site_units)}
    if kind == "F":
        return {
            "first_contact_zone": p.first_contact_zone,
            "landing_zone": p.landing_zone,
            "stat_unit_changes": [[c.changed_on.isoformat(), c.before, c.after] for c in p.stat_unit_changes],
        }
    return {"district": p.statutory_district, "functional_area": p.functional_area}
