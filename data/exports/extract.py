"""The rows of a table that a viewer may take out, with the filter of the screen or without one.

Only ``data.queries.gate`` and the field classes of ``domain.viewer`` decide who gets what. A table a role may not have is
refused, a field it may not have is no column, a row it may not see is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true, union_all

from data import models as m
from data import reference
from data.columns import Column as Field
from data.exports.about import About, about
from data.imports.tables import TABLES, Table
from data.queries import gate
from data.queries.cached import cached
from data.queries.filter_sql import ENTERPRISE_FACETS, PLACE_FACETS, PLATFORM_FACETS, entity_conditions
from data.queries.projects import filtered
from data.queries.question import Question
from data.queries.record_lists import record_list
from domain.filters import Facet, Filter
from domain.grouping import places_of
from domain.periods import Period
from domain.viewer import FieldClass, Role, Viewer

#: What a role needs for a table at all; the others are open to every role that may see their rows.
TABLE_CLASS: dict[str, FieldClass] = {
    "parcels": FieldClass.EXACT_GEOMETRY,
    "sites": FieldClass.EXACT_GEOMETRY,
    "leads": FieldClass.LEADS,
    "project_years": FieldClass.PROJECT_FIGURES,
    "monthly_reports": FieldClass.PROJECT_FIGURES,
    "project_facts": FieldClass.PROJECT_FIGURES,
    "contracts": FieldClass.PROJECT_FIGURES,
    "per_mu": FieldClass.ENTERPRISE_FIGURES,
    "enterprise_months": FieldClass.ENTERPRISE_FIGURES,
    "kpi_values": FieldClass.ZONE_TOTALS,
    "targets": FieldClass.ZONE_TOTALS,
    "agreements": FieldClass.GOVERNANCE,
}
#: Tables that belong to no data set.
REFERENCE_TABLES = frozenset({"boundaries", "schemes", "zones", "zone_areas", "zone_parties"})
_MILITARY = "1501%"  # military land never leaves the database, whatever the import let through (rules §2.6.2)
_PLACES = ("geometry", "lon", "lat")
_FACETS: dict[str, frozenset[Facet]] = {
    "projects": frozenset(Facet),
    "leads": frozenset(Facet),
    "enterprises": ENTERPRISE_FACETS,
    "platforms": PLATFORM_FACETS,
    "policies": frozenset({Facet.CHAIN}),
    "zones": frozenset({Facet.ZONE}),
    "zone_areas": frozenset({Facet.ZONE}),
    "zone_parties": frozenset({Facet.ZONE}),
    "boundaries": PLACE_FACETS,
    "schemes": frozenset(),
    "kpi_values": frozenset({Facet.ZONE}),
    "targets": frozenset({Facet.ZONE}),
    "agreements": frozenset({Facet.ZONE}),
    "chain_links": frozenset(Facet),
}


class NotForRole(PermissionError):
    """The role may not have this table at all."""

    def __init__(self, table: Table, role: Role) -> None:
        super().__init__(f"the role {role.value} may not take out {table.id}")
        self.table = table


class NoPlace(ValueError):
    """The table has no geometry, and the format holds nothing else."""


class TooLarge(ValueError):
    """More rows than the format holds."""


@dataclass(frozen=True)
class Extract:
    """Rows to write: values in the order of `fields`, and one shape for each row where the table has any place.

    Values are those of the database: codes, date objects, whole 万元 and m², lists.
    """

    table: Table
    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]
    shapes: tuple[BaseGeometry | None, ...] | None
    about: About


def extract(question: Question, table_id: str, *, whole: bool = False, language: str = "zh") -> Extract:
    """The rows of a table for the viewer, by key.

    `whole` takes every row of the data set, of all schemes and months; else the scheme, the filter and the month of
    the state restrict it like the screens (rules §5.4). Raises KeyError for an unknown table, NotForRole for one the role
    may not have.
    """
    table = TABLES[table_id]
    if not may_take(question.viewer, table, question.at.provenance):
        raise NotForRole(table, question.viewer.role)
    fields = allowed_fields(question.viewer, table, question.at.provenance)
    ask = _Ask(question, whole)
    rows = _rows(ask, table, fields)
    notes: list[str] = []
    if table.id == "kpi_values" and _hides_firms(ask):
        notes.append("firm_figures")
    left_out = [f for f in table.columns if f not in fields]
    unused = (
        {c.facet for c in ask.filter.clauses} - _FACETS.get(table.id, _facets_of_parent(table)) if not whole else set()
    )
    found = about(
        question, table, whole=whole, rows=len(rows), left_out=left_out, unused=unused, notes=notes,
        sources=_sources(fields, rows), codes=_codes(fields, rows), language=language
    )  # fmt: skip
    return Extract(table, fields, tuple(rows), _shapes(table, fields, rows), found)


def may_take(viewer: Viewer, table: Table, provenance: str) -> bool:
    """Whether the role may have any of this table; published records are public."""
    if provenance == "published" and table.id != "leads":
        return True
    if table.id in ("enterprises", "chain_links") and not gate.may_see_projects(viewer, provenance):
        return False
    needs = TABLE_CLASS.get(table.id)
    return needs is None or viewer.may(needs)


def allowed_fields(viewer: Viewer, table: Table, provenance: str) -> tuple[Field, ...]:
    """The columns of the table that the viewer may have: places are exact geometry, and a firm is named only to those
    who may see firms."""
    exact = provenance == "published" or viewer.may(FieldClass.EXACT_GEOMETRY)
    firms = gate.may_see_projects(viewer, provenance)
    return tuple(
        f
        for f in table.columns
        if f.field_class is not None
        and (provenance == "published" or viewer.may(f.field_class))
        and (exact or f.kind not in _PLACES)
        and (firms or f.refers not in ("enterprises.id", "projects.id"))
    )


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Ask:
    question: Question
    whole: bool

    @property
    def filter(self) -> Filter:
        """The filter of the state at the month in force; nothing for a whole table."""
        return Filter((), self.question.at.period) if self.whole else self.question.filter

    @property
    def chosen(self) -> tuple[str, ...]:
        """Elements of the scheme that the filter leaves, axes included where it names no zone."""
        question = self.question
        return question.at.chosen if question.state.zones else question.known.schemes[question.at.scheme].zones


def _rows(ask: _Ask, table: Table, fields: Sequence[Field]) -> list[tuple[Any, ...]]:
    model = table.model
    names = {f.name for f in fields}
    keys = [getattr(model, name) for name in table.key]
    statement = select(*(getattr(model, f.name) for f in fields)).where(*_chosen(ask, table, names)).order_by(*keys)
    rows = [tuple(row) for row in ask.question.session.execute(statement)]
    if table.id == "policies" and (wanted := _chains(ask)):
        at = [f.name for f in fields].index("chains")
        rows = [row for row in rows if wanted & set(row[at] or ())]
    return _without_hidden_projects(ask, table, fields, rows)


def _chosen(ask: _Ask, table: Table, names: Collection[str]) -> list[ColumnElement[bool]]:
    """What rows of the table are taken, up to the month of the state where they have one."""
    conditions, columns = _conditions(ask, table), table.model.__table__.c
    if not ask.whole:
        if "period" in names and table.by_name["period"].kind == "month":
            conditions.append(columns.period <= ask.question.at.period)
        if "year" in names:
            conditions.append(columns.year <= int(ask.question.at.period[:4]))
    return conditions


def holdings(question: Question) -> dict[str, int | None]:
    """How many rows an export of each table would have for the state; None for a table that the role may not have."""
    key = ("holdings", question.viewer, question.state.away().with_(explain="", layers=()))
    return cached(question.session, key, lambda: _holdings(question))


def _holdings(question: Question) -> dict[str, int | None]:
    ask, counts = _Ask(question, whole=False), []
    found: dict[str, int | None] = dict.fromkeys(TABLES)
    for table in TABLES.values():
        if not may_take(question.viewer, table, question.at.provenance):
            continue
        fields = allowed_fields(question.viewer, table, question.at.provenance)
        if table.id == "policies" and _chains(ask):
            found[table.id] = len(_rows(ask, table, fields))
            continue
        rows = select(literal(table.id), func.count()).select_from(table.model)
        counts.append(rows.where(*_chosen(ask, table, {f.name for f in fields})))
    return found | {str(name): int(n) for name, n in question.session.execute(union_all(*counts))}


def _conditions(ask: _Ask, table: Table) -> list[ColumnElement[bool]]:
    model, at = table.model, ask.question.at
    match table.id:
        case "boundaries":
            return [] if ask.whole else [m.AdminUnit.code.in_(_district_codes(ask))]
        case "schemes":
            return [] if ask.whole else [m.ZoneScheme.id == at.scheme]
        case "zones":
            return [] if ask.whole else [m.Zone.code.in_(ask.chosen)]
        case "zone_areas":
            return [] if ask.whole else [m.ZoneArea.zone_code.in_(ask.chosen)]
        case "zone_parties":
            return [] if ask.whole else [m.ZoneParty.zone_code.in_(ask.chosen)]
        case "policies":
            return [m.Policy.provenance == at.provenance]
        case "kpi_values":
            found: list[ColumnElement[bool]] = [m.KpiValue.provenance == at.provenance]
            if _hides_firms(ask):
                found.append(
                    m.KpiValue.kpi_id.not_in(sorted(k.id for k in reference.indicators().values() if k.firm_figures))
                )
            if not ask.whole:
                found += [m.KpiValue.unit_scope == "zone", m.KpiValue.unit_code.in_(ask.chosen)]
                # Reports of a month come in during the next one; what is dated later was not known on this screen.
                found.append(m.KpiValue.as_of <= Period.parse(at.period).shift(1).end)
            return found
        case "targets":
            found = [m.Target.provenance == at.provenance]
            return found if ask.whole else [*found, m.Target.unit_code.in_(ask.chosen)]
        case "agreements":
            share = m.ShareAgreement
            place = true() if ask.whole else share.zone_code.in_(ask.chosen)
            mine = and_(share.project_id.is_(None), place)
            return [share.provenance == at.provenance, or_(mine, share.project_id.in_(_ids(ask, "project")))]
        case "chain_links":
            link = m.EntityNode
            kinds = ("project", "enterprise", "carrier", "platform", "plot")
            return [or_(*(and_(link.entity_kind == k, link.entity_id.in_(_ids(ask, k))) for k in kinds))]
        case "leads":
            month = m.ProjectMonth
            unsigned = select(month.project_id).where(month.period == at.period, month.signed.is_(False))
            return [m.Project.id.in_(_ids(ask, "project")), m.Project.id.in_(unsigned)]
    if table.entity:
        return [model.__table__.c.id.in_(_ids(ask, table.entity))]
    column, parent = table.parent or ("", "")
    return [getattr(model, column).in_(_ids(ask, TABLES[parent].entity))]


def _ids(ask: _Ask, kind: str) -> Select[str]:
    """Ids of the records of `kind` that the viewer may see and the filter leaves."""
    at, viewer = ask.question.at, ask.question.viewer
    if kind == "project":
        return _project_ids(ask)
    model: Any = {
        "enterprise": m.Enterprise,
        "carrier": m.CarrierBuilding,
        "platform": m.Platform,
        "plot": m.Plot,
        "parcel": m.LandParcel,
    }[kind]
    conditions: list[ColumnElement[bool]] = [model.provenance == at.provenance]
    if kind == "enterprise" and not gate.may_see_projects(viewer, at.provenance):
        conditions.append(false())
    codes = {"parcel": (m.LandParcel.status_code, m.LandParcel.plan_code), "plot": (m.Plot.landuse_code,)}
    conditions += [or_(column.is_(None), column.not_like(_MILITARY)) for column in codes.get(kind, ())]
    if not ask.whole:
        conditions += [model.zone_code.in_(at.zones), *entity_conditions(kind, ask.filter)]
    return select(model.id).where(*conditions).correlate(None)


def _project_ids(ask: _Ask) -> Select[str]:
    at, viewer = ask.question.at, ask.question.viewer
    if not ask.whole:
        chosen = filtered(select(m.Project.id), ask.question)
        listed = record_list(ask.question, ask.question.state.records)
        return (chosen if listed is None else chosen.where(listed.condition)).correlate(None)
    own = (m.Project.provenance == at.provenance, gate.project_rows(viewer, at.provenance))
    if viewer.may(FieldClass.LEADS):  # then the gate asks nothing of a month, and a project without one is taken too
        return select(m.Project.id).where(*own).correlate(None)
    month = m.ProjectMonth
    joined = select(m.Project.id).join(month, month.project_id == m.Project.id)
    return joined.where(month.period == at.period, *own).correlate(None)


def _without_hidden_projects(
    ask: _Ask, table: Table, fields: Sequence[Field], rows: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Rows that only mention a project (a contract, say) do not name one the viewer may not see."""
    own = table.parent[0] if table.parent else ""
    places = [i for i, f in enumerate(fields) if f.refers == "projects.id" and f.name != own]
    if not places or table.id == "agreements" or ask.question.viewer.may(FieldClass.LEADS):
        return rows
    everything = _Ask(ask.question, whole=True)
    seen = set(ask.question.session.scalars(_project_ids(everything)))
    return [tuple(None if i in places and v not in seen else v for i, v in enumerate(row)) for row in rows]


def _hides_firms(ask: _Ask) -> bool:
    return ask.question.at.provenance != "published" and not ask.question.viewer.may(FieldClass.ENTERPRISE_FIGURES)


def _district_codes(ask: _Ask) -> Iterable[str]:
    if ask.question.state.districts:
        # Of a functional area or a governing body there is no boundary file: the districts that host its zones.
        places = places_of(ask.question.at.by, ask.question.state.districts, ask.question.at.grounds)
        hosts = {district for zone in places.whole for district in ask.question.at.grounds[zone].hosts}
        return hosts | set(ask.question.state.districts)
    return {district for zone in ask.chosen for district, _area in ask.question.known.zones[zone].districts}


def _chains(ask: _Ask) -> set[str]:
    if ask.whole:
        return set()
    return {*ask.question.state.chains, *(ask.question.known.nodes[node].chain for node in ask.question.state.nodes)}


def _facets_of_parent(table: Table) -> frozenset[Facet]:
    if table.parent and table.parent[1] in TABLES and table.parent[1] not in REFERENCE_TABLES:
        return _FACETS.get(table.parent[1], PLACE_FACETS)
    return PLACE_FACETS


def _sources(fields: Sequence[Field], rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """The different sources the rows name, at most twenty."""
    at = next((i for i, f in enumerate(fields) if f.name in ("source", "source_doc", "basis_doc")), None)
    if at is None:
        return []
    return sorted({str(row[at]) for row in rows if row[at]})[:20]


def _codes(fields: Sequence[Field], rows: Sequence[tuple[Any, ...]]) -> set[str]:
    """Codes of reference data in the rows; a land-use code stands with its scheme (rules §2.2)."""
    names = [f.name for f in fields]
    scheme = names.index("landuse_scheme") if "landuse_scheme" in names else None
    found: set[str] = set()
    for i, field in enumerate(fields):
        if field.refers == "landuse" and scheme is not None:
            found |= {f"{row[scheme]}:{row[i]}" for row in rows if row[i] is not None}
        elif field.refers in ("kpi", "unit", "zones.code", "chain", "node") or field.name == "unit_code":
            values = {v for row in rows for v in (row[i] if isinstance(row[i], list) else (row[i],))}
            found |= {str(v) for v in values if v is not None}
    return found


def _shapes(
    table: Table, fields: Sequence[Field], rows: Sequence[tuple[Any, ...]]
) -> tuple[BaseGeometry | None, ...] | None:
    """The geometry column of each row, else a point of its longitude and latitude; None for a table without places."""
    names = [f.name for f in fields]
    shape = names.index(table.geometry) if table.geometry in names else None
    point = (names.index("lon"), names.index("lat")) if "lon" in names and "lat" in names else None
    if shape is None and point is None:
        return None
    found: list[BaseGeometry | None] = []
    for row in rows:
        geometry = row[shape] if shape is not None else None
        if geometry is None and point is not None and None not in (row[point[0]], row[point[1]]):
            geometry = shapely.Point(row[point[0]], row[point[1]])
        found.append(geometry)
    return tuple(found)
