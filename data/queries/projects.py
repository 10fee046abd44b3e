"""Projects: the list, its counts, and one project with its places and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from data import models as m
from data.db import READING
from data.queries import gate
from data.queries.cached import cached, cached_for_readers
from data.queries.catalogue import Resolved
from data.queries.filter_sql import PROJECT_FACETS, project_conditions
from data.queries.question import Question
from domain.cross_district import BADGE_KINDS
from domain.filters import Facet
from domain.suppression import MIN_CONTRIBUTORS, Weight, join_unsafe
from domain.viewer import FieldClass
from domain.viewstate import ViewState

SORTS: dict[str, ColumnElement[Any]] = {
    "investment": func.coalesce(m.Project.total_investment_wan, -1),
    "name": m.Project.name_zh,  # type: ignore[dict-item]
    "stage": m.ProjectMonth.stage,  # type: ignore[dict-item]
    "zone": m.Project.zone_code,  # type: ignore[dict-item]
    "months_red": m.ProjectMonth.months_red,  # type: ignore[dict-item]
    "fai": func.coalesce(m.ProjectFact.fai_ytd_wan, -1),
    "light": case({"red": 4, "yellow": 3, "green": 2, "grey": 1}, value=m.ProjectMonth.light, else_=0),
}


@dataclass(frozen=True)
class ProjectPage:
    """Some rows of the project list and how many there are in all. Rows hold only fields the viewer may have."""

    rows: tuple[dict[str, Any], ...]
    total: int


@dataclass(frozen=True)
class LightReason:
    """A reason key and how many of the selected projects show it as their worst, by light."""

    reason: str
    light: str
    projects: int
    longest_red_months: int


@dataclass(frozen=True)
class ProjectSummary:
    """Counts over the filtered projects at the month; money in 万元.

    `hidden_leads` counts projects before signing that the viewer may count but not see, and `hidden` does so by stage
    group; None where they may not be counted either: a count of whole zones is told where it gives nobody away, one under
    a filter by anything but the stage never (rules §2.6.4). None of the other counts holds them.
    `zones` counts all of a zone's, `zone_lights` those of each light in it, `reasons` say why projects are not green, the most
    frequent first; lights and reasons are empty where the viewer may not see them.
    `without_zone` are published projects whose zone is not stated or outside the scheme: shown, in no total.
    """

    total: int
    lights: dict[str, int]
    groups: dict[str, int]
    kinds: dict[str, int]
    badge: int
    zones: dict[str, int]
    zone_lights: dict[str, dict[str, int]]
    reasons: tuple[LightReason, ...]
    total_investment_wan: int | None
    without_investment: int
    hidden: dict[str, int | None]
    hidden_leads: int | None
    without_zone: int


def filtered(
    stmt: Select[*tuple[Any, ...]], question: Question, facets: frozenset[Facet] = PROJECT_FACETS
) -> Select[*tuple[Any, ...]]:
    """`stmt` over ``project`` joined to its month, restricted to what the `facets` of the state select and the viewer may
    see."""
    joined = stmt.select_from(m.Project).join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
    return joined.where(
        m.Project.provenance == question.at.provenance,
        m.Project.zone_code.in_(question.at.zones),
        gate.project_rows(question.viewer, question.at.provenance),
        *project_conditions(question.filter.only(facets)),
    )


def chosen(question: Question, *narrowed: Any) -> Sequence[Any]:
    """What lists say of the selected projects, longest red first, then by investment.

    A request that has read all of them gives them all; else only those are read that `narrowed` admits. So who wants some
    takes them out of what is given.
    """
    read: dict[Any, Any] = question.session.info.get(READING, {})
    key = ("chosen", question.viewer, question.at.provenance, question.at.zones, question.filter)
    if key in read:
        return read[key]
    project, month = m.Project, m.ProjectMonth
    stmt = filtered(
        select(
            project.id, project.name_zh, project.zone_code, month.stage, month.light, month.reason, month.months_red,
            project.total_investment_wan, month.stage_group, month.signed, project.responsible_unit,
        ),
        question,
    )  # fmt: skip
    ordered = stmt.order_by(month.months_red.desc(), SORTS["investment"].desc(), project.id)
    rows = question.session.execute(ordered.where(*narrowed)).all()
    if not narrowed:
        read[key] = rows
    return rows


def project_ids(question: Question) -> list[str]:
    """Sorted ids of the selected projects (rules §5.4)."""
    return list(question.session.scalars(filtered(select(m.Project.id), question).order_by(m.Project.id)))


def project_page(
    question: Question,
    *,
    sort: str = "investment",
    descending: bool = True,
    offset: int = 0,
    limit: int = 100,
    only: ColumnElement[bool] | None = None,
) -> ProjectPage:
    """Rows `offset` … `offset + limit` of the selected projects.

    `sort` is a key of ``SORTS`` (KeyError otherwise); ties are broken by id, so pages never overlap.
    """
    key = SORTS[sort]
    extra = () if only is None else (only,)
    stmt = (
        filtered(select(m.Project, m.ProjectMonth, m.ProjectFact.fai_ytd_wan), question)
        .outerjoin(
            m.ProjectFact,
            and_(m.ProjectFact.project_id == m.Project.id, m.ProjectFact.period == question.at.period),
        )
        .where(*extra)
    )
    counted = filtered(select(func.count(m.Project.id)), question).where(*extra)
    ordered = stmt.order_by(key.desc() if descending else key.asc(), m.Project.id).offset(offset).limit(limit)
    rows = question.session.execute(ordered.add_columns(counted.correlate(None).scalar_subquery())).all()
    total = rows[0][-1] if rows else question.session.scalar(counted) if offset else 0
    return ProjectPage(tuple(_rows(question, rows)), total or 0)


def _rows(question: Question, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[dict[str, Any]]:
    marks = _marks(question.session, [project.id for project, *_ in rows])
    nodes, chains, kinds, districts = (marks[what] for what in ("node", "chain", "kind", "district"))
    result = []
    for project, month, fai, *_ in rows:
        own_nodes = nodes.get(project.id, [])
        own_kinds = kinds.get(project.id, [])
        row = {
            "id": project.id,
            "name_zh": project.name_zh,
            "name_en": project.name_en,
            "project_code": project.project_code,
            "zone_code": project.zone_code,
            "chains": sorted({question.known.nodes[n].chain for n in own_nodes} | set(chains.get(project.id, []))),
            "nodes": own_nodes,
            "stage": month.stage,
            "stage_group": month.stage_group,
            "published_stage": project.published_stage,
            "light": month.light,
            "reason": month.reason,
            "months_red": month.months_red,
            "total_investment_wan": project.total_investment_wan,
            "fai_ytd_wan": fai,
            "land_m2": project.land_m2,
            "floor_area_m2": project.floor_area_m2,
            "kinds": own_kinds,
            "cross_district": any(k in BADGE_KINDS for k in own_kinds),
            "districts": districts.get(project.id, []),
            "enterprise_name": project.enterprise_name,
            "responsible_unit": project.responsible_unit,
            "lon": project.lon,
            "lat": project.lat,
            "position_is_schematic": project.position_is_schematic,
            "provenance": project.provenance,
            "source": project.source,
            "as_of": project.as_of,
            "note": project.note,
            "doubt": project.doubt,
        }
        result.append(gate.strip(question.viewer, row, question.at.provenance))
    return result


def _marks(session: Session, ids: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Codes of the nodes, chains, kinds and districts of projects, in order, the main district first: what → project → codes."""
    found: dict[str, dict[str, list[str]]] = {"node": {}, "chain": {}, "kind": {}, "district": {}}
    if not ids:
        return found
    node, chain, kind, district = m.EntityNode, m.EntityChain, m.ProjectKind, m.ProjectDistrict

    def part(what: str, owner: Any, code: Any, first: Any = None) -> Select[Any]:
        place = literal(0) if first is None else first
        return select(literal(what), owner.label("owner"), place.label("first"), code.label("code")).where(
            owner.in_(ids)
        )

    parts = union_all(
        part("node", node.entity_id, node.node_id).where(node.entity_kind == "project"),
        part("chain", chain.entity_id, chain.chain_code).where(chain.entity_kind == "project"),
        part("kind", kind.project_id, kind.kind),
        part("district", district.project_id, district.district_code, case((district.is_primary, 0), else_=1)),
    )
    for what, project_id, _first, code in session.execute(parts.order_by("first", "code")):
        found[what].setdefault(project_id, []).append(code)
    return found


def project_summary(question: Question) -> ProjectSummary:
    """Counts of the selected projects by light, stage group, kind and zone; several parts of a screen ask for them."""
    return cached(question.session, ("summary", question.viewer, _plain(question)), lambda: _summary(question))


def _plain(question: Question) -> ViewState:
    """The state with nothing in it but what chooses projects."""
    return question.state.with_(**{f.name: f.default for f in fields(ViewState) if f.name not in _SELECTS})


#: Fields of the state that choose projects.
_SELECTS = frozenset(
    {"scheme", "dataset", "zones", "chains", "nodes", "stages", "lights", "districts", "kinds", "period"}
)


def _summary(question: Question) -> ProjectSummary:
    viewer = question.viewer
    grouped = question.session.execute(
        filtered(
            select(
                m.ProjectMonth.light,
                m.ProjectMonth.stage_group,
                m.Project.zone_code,
                m.ProjectMonth.reason,
                func.count(),
                func.sum(m.Project.total_investment_wan),
                func.sum(m.Project.total_investment_wan.is_(None).cast(Integer)),
                func.max(m.ProjectMonth.months_red),
            ),
            question,
        ).group_by(m.ProjectMonth.light, m.ProjectMonth.stage_group, m.Project.zone_code, m.ProjectMonth.reason)
    ).all()
    lights: dict[str, int] = {}
    groups: dict[str, int] = {}
    zones: dict[str, int] = {}
    zone_lights: dict[str, dict[str, int]] = {}
    reasons: dict[tuple[str, str], tuple[int, int]] = {}
    money: int | None = None
    unknown = 0
    for light, group, zone, reason, n, amount, missing, months_red in grouped:
        lights[light] = lights.get(light, 0) + n
        groups[group] = groups.get(group, 0) + n
        zones[zone] = zones.get(zone, 0) + n
        here = zone_lights.setdefault(zone, {})
        here[light] = here.get(light, 0) + n
        if reason:
            projects, longest = reasons.get((reason, light), (0, 0))
            reasons[reason, light] = projects + n, max(longest, months_red or 0)
        if amount is not None and gate.adds_up(question.at.provenance):
            money = (money or 0) + int(amount)
        unknown += int(missing or 0)
    ids = filtered(select(m.Project.id), question)
    kind, owner = m.ProjectKind.kind, m.ProjectKind.project_id
    each = select(kind.label("kind"), func.count()).where(owner.in_(ids)).group_by(kind)
    marked = select(literal(""), func.count(owner.distinct())).where(kind.in_(sorted(BADGE_KINDS)), owner.in_(ids))
    kinds = {kind: int(n) for kind, n in question.session.execute(each.union_all(marked).order_by("kind"))}
    badge = kinds.pop("")
    hidden = _hidden_leads(question)
    may_lights = gate.allowed_fields(viewer, ("light",), question.at.provenance)
    may_figures = gate.allowed_fields(viewer, ("total_investment_wan",), question.at.provenance)
    return ProjectSummary(
        total=sum(groups.values()),
        lights=lights if may_lights else {},
        groups=groups,
        kinds=kinds,
        badge=badge,
        zones=zones,
        zone_lights=zone_lights if may_lights else {},
        reasons=_ranked(reasons) if may_lights else (),
        total_investment_wan=money if may_figures else None,
        without_investment=unknown,
        hidden=hidden,
        hidden_leads=_together(hidden) if _sees_leads(question) or viewer.may(FieldClass.LEAD_COUNTS) else None,
        without_zone=_without_zone(question.session, question.at),
    )


def _ranked(reasons: Mapping[tuple[str, str], tuple[int, int]]) -> tuple[LightReason, ...]:
    found = [LightReason(*key, *counts) for key, counts in reasons.items()]
    return tuple(sorted(found, key=lambda r: (-r.projects, r.reason, r.light)))


def _together(counts: Mapping[str, int | None]) -> int | None:
    known = [n for n in counts.values() if n is not None]
    return sum(known) if len(known) == len(counts) else None


def _sees_leads(question: Question) -> bool:
    return question.viewer.may(FieldClass.LEADS) or question.at.provenance == "published"


def _hidden_leads(question: Question) -> dict[str, int | None]:
    """Projects that the viewer may not see, by stage group, None where their number would tell of single ones."""
    if _sees_leads(question) or not question.viewer.may(FieldClass.LEAD_COUNTS):
        return {}
    at = question.at
    asked = (
        select(m.ProjectMonth.stage_group, m.Project.zone_code, func.count(m.Project.id))
        .join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
        .where(
            m.Project.provenance == at.provenance,
            m.Project.zone_code.in_(at.zones),
            m.ProjectMonth.signed.is_(False),
            m.ProjectMonth.period == at.period,
        )
        .group_by(m.ProjectMonth.stage_group, m.Project.zone_code)
    )
    rows = cached_for_readers(
        question.session,
        ("hidden leads", at.provenance, at.scheme, at.period),
        lambda: question.session.execute(asked).all(),
    )
    by_group: dict[str, dict[str, int]] = {}
    for group, zone, n in rows:
        if not question.state.stages or group in question.state.stages:
            by_group.setdefault(group, {})[str(zone)] = int(n)
    told = {clause.facet for clause in question.filter.beyond_zone} <= {Facet.STAGE}
    found: dict[str, int | None] = {}
    for group, counts in by_group.items():
        groups = join_unsafe({zone: (Weight(n, 1, n),) for zone, n in counts.items()})
        safe = len(groups) > 1 or sum(counts.values()) >= MIN_CONTRIBUTORS
        chosen = set(question.at.chosen)
        whole = all(not zones & chosen or zones <= chosen for zones in groups)
        found[group] = sum(counts.get(z, 0) for z in chosen) if told and safe and whole else None
    return found


def _without_zone(session: Session, at: Resolved) -> int:
    if at.provenance != "published":
        return 0
    return (
        session.scalar(
            select(func.count(m.Project.id)).where(m.Project.provenance == at.provenance, m.Project.zone_code.is_(None))
        )
        or 0
    )


@dataclass(frozen=True)
class ProjectDetail:
    """One project: its row plus places, sites, district shares, milestones, plans and reports the viewer may have.

    `districts` are (code, m² or None, primary); the areas sum to the footprint.
    """

    row: dict[str, Any]
    districts: tuple[tuple[str, int | None, bool], ...]
    places: tuple[dict[str, Any], ...]
    sites: tuple[dict[str, Any], ...]
    kinds: tuple[tuple[str, dict[str, Any] | None], ...]
    milestones: tuple[dict[str, Any], ...]
    reports: tuple[dict[str, Any], ...]
    lights: dict[str, str | None]
    managing_unit: str | None
    footprint_m2: int | None
    enterprise_id: str | None


def project_detail(question: Question, project_id: str) -> ProjectDetail | None:
    """The project, or None when it does not exist or the viewer may not see it (the two look the same).

    Of the state only data set, scheme and month count: a filter does not hide a project that was asked for by id.
    """
    session, viewer, at = question.session, question.viewer, question.at
    found = session.execute(
        select(m.Project, m.ProjectMonth, m.ProjectFact.fai_ytd_wan)
        .join(m.ProjectMonth, m.ProjectMonth.project_id == m.Project.id)
        .outerjoin(m.ProjectFact, and_(m.ProjectFact.project_id == m.Project.id, m.ProjectFact.period == at.period))
        .where(
            m.Project.id == project_id,
            m.Project.provenance == at.provenance,
            m.ProjectMonth.period == at.period,
            gate.project_rows(viewer, at.provenance),
        )
    ).all()
    if not found:
        return None
    project, month, _fai = found[0]
    row = _rows(question, found)[0]
    district, place, kind = m.ProjectDistrict, m.ProjectPlace, m.ProjectKind
    shares = session.execute(
        select(district.district_code, district.area_m2, district.is_primary)
        .where(district.project_id == project_id)
        .order_by(district.is_primary.desc(), district.area_m2.desc(), district.district_code)
    ).all()
    areas = [a for _, a, _ in shares if a is not None]
    figures = bool(gate.allowed_fields(viewer, ("reports",), at.provenance))
    reports = (
        [
            gate.strip(viewer, _columns(r), at.provenance)
            for r in session.scalars(
                select(m.MonthlyReport)
                .where(m.MonthlyReport.project_id == project_id, m.MonthlyReport.period <= at.period)
                .order_by(m.MonthlyReport.period.desc())
                .limit(24)
            )
        ]
        if figures
        else []
    )
    exact = bool(gate.allowed_fields(viewer, ("geometry",), at.provenance))
    return ProjectDetail(
        row=row,
        districts=tuple((c, a, bool(p)) for c, a, p in shares),
        places=tuple(
            _columns(p)
            for p in session.scalars(
                select(place).where(place.project_id == project_id).order_by(place.role, place.valid_from, place.id)
            )
        ),
        sites=tuple(
            _columns(s)
            for s in session.scalars(
                select(m.ProjectSite).where(m.ProjectSite.project_id == project_id).order_by(m.ProjectSite.id)
            )
        )
        if exact
        else (),
        kinds=tuple(
            (k, d)
            for k, d in session.execute(
                select(kind.kind, kind.details).where(kind.project_id == project_id).order_by(kind.kind)
            )
        ),
        milestones=tuple(
            _columns(s)
            for s in session.scalars(
                select(m.Milestone).where(m.Milestone.project_id == project_id).order_by(m.Milestone.stage)
            )
        ),
        reports=tuple(reports),
        lights={
            "start": month.light_start,
            "progress": month.light_progress,
            "funds": month.light_funds,
            "library": month.light_library,
        }
        if figures
        else {},
        managing_unit=project.managing_unit,
        footprint_m2=sum(areas) if areas else None,
        enterprise_id=project.enterprise_id,
    )


def _columns(record: Any) -> dict[str, Any]:
    return {
        c.key: (str(v) if hasattr(v := getattr(record, c.key), "isoformat") else v)
        for c in record.__table__.columns
        if c.key not in ("geom", "footprint")
    }


def attention_list(question: Question, limit: int = 6) -> ProjectPage:
    """Red projects by investment: what a leader should look at first (rules §8.1)."""
    if not gate.allowed_fields(question.viewer, ("light",), question.at.provenance):
        return ProjectPage((), 0)
    return project_page(question, limit=limit, only=m.ProjectMonth.light == "red")


def worst_of_zones(question: Question, most: int) -> tuple[str, ...]:
    """Ids of at most `most` red projects of each zone, longest red first, then the largest: what a map of the city marks."""
    if not gate.allowed_fields(question.viewer, ("light",), question.at.provenance):
        return ()
    key = ("worst", most, question.viewer, _plain(question))
    return cached(question.session, key, lambda: _worst(question, most))


def _worst(question: Question, most: int) -> tuple[str, ...]:
    taken: dict[str, list[str]] = {}
    for row in chosen(question, m.ProjectMonth.light == "red"):
        here = taken.setdefault(row.zone_code, [])
        if row.light == "red" and len(here) < most:
            here.append(row.id)
    return tuple(i for ids in taken.values() for i in ids)


def coming_milestones(question: Question, start: date, end: date, limit: int = 6) -> list[dict[str, Any]]:
    """Planned, not yet done milestones from `start` to `end` of the selected projects, soonest first."""
    stone = m.Milestone
    stmt = (
        filtered(select(m.Project.id, m.Project.name_zh, m.Project.zone_code, stone.stage, stone.planned_on), question)
        .join(stone, stone.project_id == m.Project.id)
        .where(
            stone.planned_on.between(start, end),
            or_(stone.done_on.is_(None), stone.done_on > end),
        )
        .order_by(stone.planned_on, m.Project.id)
        .limit(limit)
    )
    return [
        {"id": i, "name_zh": n, "zone_code": z, "stage": s, "planned_on": str(d)}
        for i, n, z, s, d in question.session.execute(stmt)
    ]
