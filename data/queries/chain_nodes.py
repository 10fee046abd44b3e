"""What stands at the nodes of one chain: edges, firms, output, leaders, projects, and who is courted (rules §5.2, §5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators.firms import founded_by
from data.queries import gate
from data.queries.cached import cached_for_readers
from data.queries.catalogue import Resolved, platforms_at
from data.queries.chains import node_facts
from data.queries.disclosure import firm_blocks, open_to
from data.queries.question import Question
from domain.reasons import ReasonKey
from domain.viewer import FieldClass, Role, Viewer


@dataclass(frozen=True)
class NodeFigures:
    """Counts of one node in the chosen zones; output in 万元, year to date, of its firms above designated size.

    `output_wan` None has its reason: "none_above_scale" (no firm of the node reports), "not_reported", or "suppressed"
    when the sum would give a firm away (rules §2.6.4). `platforms` and `pipeline` are None where the data set ties no such
    record to a node.
    """

    firms: int
    leaders: int
    platforms: int | None
    pipeline: int | None
    output_wan: int | None
    reason: ReasonKey | None = None


@dataclass(frozen=True)
class ChainFigures:
    """Nodes of a chain by id, and the distinct firms of the chain: a firm in several nodes counts in each of them."""

    nodes: dict[str, NodeFigures]
    distinct_firms: int

    @property
    def node_firms(self) -> int:
        """Σ of the nodes' firms, which may exceed `distinct_firms`."""
        return sum(n.firms for n in self.nodes.values())


@dataclass(frozen=True)
class FirmLine:
    """A firm at a node; `leads` when it is a leader of the node's chain."""

    id: str
    name: str
    zone_code: str | None
    leads: bool
    above_scale: bool


@dataclass(frozen=True)
class ProjectLine:
    """A signed project on its way at a node."""

    id: str
    name: str
    zone_code: str | None
    stage: int


@dataclass(frozen=True)
class NodeDetail:
    """What a node's panel lists. `firms_reason` and `projects_reason` "withheld": the viewer may know counts only."""

    industries: tuple[tuple[str, str], ...]
    suppliers: tuple[str, ...]
    customers: tuple[str, ...]
    firms: tuple[FirmLine, ...]
    firms_reason: ReasonKey | None
    platforms: tuple[str, ...]
    projects: tuple[ProjectLine, ...]
    projects_reason: ReasonKey | None


@dataclass(frozen=True)
class Target:
    """A live lead at a node: whom which zone is courting."""

    node_id: str
    project: str
    firm: str | None
    zone_code: str | None


def chain_edges(session: Session, chain: str) -> tuple[tuple[str, str], ...]:
    """Supplier → customer pairs between nodes of one chain, in a fixed order."""
    edge, node = m.ChainEdge, m.ChainNode
    stmt = (
        select(edge.from_node, edge.to_node)
        .join(node, node.id == edge.from_node)
        .where(node.chain_code == chain)
        .order_by(edge.from_node, edge.to_node)
    )
    return cached_for_readers(session, ("edges", chain), lambda: tuple((a, b) for a, b in session.execute(stmt)))


def may_name_firms(viewer: Viewer, provenance: str) -> bool:
    """Whether single firms are named: everyone of the house, and anyone for published records."""
    return provenance == "published" or viewer.role is not Role.PROSPECT


def chain_figures(question: Question, chain: str, *, zones: Sequence[str] | None = None) -> ChainFigures | None:
    """Figures of every node of a chain for the chosen zones; None for who may not see totals. KeyError: no such chain.

    Outside the owner's group an output that is no sum over whole blocks of firms is hidden (rules §2.6.4).
    """
    session, at = question.session, question.at
    if not gate.may_see_totals(question.viewer, at.provenance):
        return None
    units = list(zones) if zones is not None else list(at.chosen)
    ids = [n.id for n in question.known.chains[chain].nodes]
    found = node_facts(session, at, units)
    kpi = question.known.kpis.get("K04")
    masked = kpi is not None and at.provenance != "published" and not open_to(question.viewer, kpi)
    blocks = firm_blocks(question, kpi, at.period) if masked and kpi is not None else None
    nodes = {}
    for node in ids:
        there, parts = found.at(node), found.output.get(node)
        amount = sum(parts.values()) if parts else None
        reason: ReasonKey | None = None
        if amount is None and there.firms:
            reason = "none_above_scale" if parts is None else "not_reported"
        if amount is not None and blocks is not None and not blocks.admit(parts or ()):
            amount, reason = None, "suppressed"
        nodes[node] = NodeFigures(
            len(there.firms),
            len(there.leaders),
            len(there.platforms) if "platform" in found.linked else None,
            len(there.pipeline) if "project" in found.linked else None,
            amount,
            reason,
        )
    return ChainFigures(nodes, len(set().union(*(found.at(node).firms for node in ids))))


def node_detail(question: Question, node_id: str, *, zones: Sequence[str] | None = None) -> NodeDetail:
    """Who and what is at one node in the chosen zones. Raises KeyError for an unknown node."""
    session, viewer, at = question.session, question.viewer, question.at
    node = question.known.nodes[node_id]
    units = list(zones) if zones is not None else list(at.chosen)
    edges = chain_edges(session, node.chain)
    codes = session.scalar(select(m.ChainNode.industries).where(m.ChainNode.id == node_id)) or ()
    named = may_name_firms(viewer, at.provenance)
    projects_open = gate.may_see_projects(viewer, at.provenance)
    link = m.EntityNode
    platforms = session.scalars(
        select(m.Platform.name_zh)
        .join(link, and_(link.entity_id == m.Platform.id, link.entity_kind == "platform"))
        .where(
            link.node_id == node_id,
            m.Platform.provenance == at.provenance,
            m.Platform.zone_code.in_(units),
            platforms_at(session, at),
        )
        .order_by(m.Platform.name_zh)
    )
    return NodeDetail(
        industries=tuple((str(code), str(name)) for _edition, code, name in codes),
        suppliers=tuple(a for a, b in edges if b == node_id),
        customers=tuple(b for a, b in edges if a == node_id),
        firms=_firms(session, at, node_id, node.chain, units) if named else (),
        firms_reason=None if named else gate.WITHHELD,
        platforms=tuple(platforms) if gate.may_see_totals(viewer, at.provenance) else (),
        projects=_projects(question, node_id, units) if projects_open else (),
        projects_reason=None if projects_open else gate.WITHHELD,
    )


def _firms(session: Session, at: Resolved, node: str, chain: str, zones: Sequence[str]) -> tuple[FirmLine, ...]:
    firm, link = m.Enterprise, m.EntityNode
    rows = session.execute(
        select(firm.id, firm.name_zh, firm.zone_code, firm.leader_of, firm.above_scale_since)
        .join(link, and_(link.entity_id == firm.id, link.entity_kind == "enterprise"))
        .where(
            link.node_id == node,
            firm.provenance == at.provenance,
            firm.zone_code.in_(zones),
            founded_by(int(at.period[:4])),
        )
    )
    lines = [FirmLine(i, name, zone, chain in (leads or ()), bool(since and since <= at.period))
             for i, name, zone, leads, since in rows]  # fmt: skip
    return tuple(sorted(lines, key=lambda f: (not f.leads, not f.above_scale, f.name, f.id)))


def _projects(question: Question, node: str, zones: Sequence[str]) -> tuple[ProjectLine, ...]:
    project, month, link = m.Project, m.ProjectMonth, m.EntityNode
    rows = question.session.execute(
        select(project.id, project.name_zh, project.zone_code, month.stage)
        .join(month, and_(month.project_id == project.id, month.period == question.at.period))
        .join(link, and_(link.entity_id == project.id, link.entity_kind == "project"))
        .where(
            link.node_id == node,
            project.provenance == question.at.provenance,
            project.zone_code.in_(zones),
            gate.project_rows(question.viewer, question.at.provenance),
            month.signed,
            month.stage_group.in_(("signed", "building")),
        )
        .distinct()
        .order_by(month.stage.desc(), project.name_zh, project.id)
    )
    return tuple(ProjectLine(i, name, zone, int(stage)) for i, name, zone, stage in rows)


def targets(question: Question) -> tuple[Target, ...]:
    """Live leads by node in the whole scheme, as `investment_catalogue` counts them.

    Empty without FieldClass.TARGET_COMPANIES and FieldClass.LEADS.
    """
    if not (question.viewer.may(FieldClass.TARGET_COMPANIES) and question.viewer.may(FieldClass.LEADS)):
        return ()
    project, month, link = m.Project, m.ProjectMonth, m.EntityNode
    rows = question.session.execute(
        select(link.node_id, project.name_zh, m.Enterprise.name_zh, project.enterprise_name, project.zone_code)
        .join(link, and_(link.entity_id == project.id, link.entity_kind == "project"))
        .join(month, and_(month.project_id == project.id, month.period == question.at.period))
        .outerjoin(m.Enterprise, m.Enterprise.id == project.enterprise_id)
        .where(
            project.provenance == question.at.provenance,
            project.zone_code.in_(question.at.zones),
            month.stage_group == "lead",
            gate.project_rows(question.viewer, question.at.provenance),
        )
        .order_by(link.node_id, project.id)
    )
    return tuple(Target(node, name, firm or named, zone) for node, name, firm, named, zone in rows)
