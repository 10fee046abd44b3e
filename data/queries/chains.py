"""Industry chains: how strong each node is and which are covered, on the union of firms (rules §5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy import and_, case, exists, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from data import models as m
from data.indicators.firms import founded_by
from data.queries.cached import cached, cached_for_readers
from data.queries.catalogue import ChainInfo, Node, Resolved, platforms_at
from data.queries.disclosure import firm_blocks, open_to
from data.queries.question import Question
from domain.chains import (
    STRONG_FROM,
    WEAK_BELOW,
    Coverage,
    NodeAssessment,
    NodeFacts,
    NodeState,
    assess_node,
    coverage,
    output_benchmark,
)
from domain.reasons import ReasonKey


@dataclass(frozen=True)
class ChainBoard:
    """One chain at the level shown: every node assessed, its coverage, and its strength.

    `strength` (0-100) is the mean of its nodes' strengths weighted by criticality; `state` follows from it with the
    limits of a node. None where no node has a strength. `reason` "not_linked": the data set ties no firm to a node, or
    knows none in these zones, so that nothing is known of any node and none may be called missing.
    """

    chain: ChainInfo
    nodes: tuple[tuple[Node, NodeAssessment], ...]
    coverage: Coverage
    strength: Fraction | None
    state: NodeState | None
    reason: ReasonKey | None = None

    @property
    def covered(self) -> int | None:
        """Nodes with a firm, however critical; None where nothing is known of them."""
        if self.reason is not None:
            return None
        return sum(1 for _n, a in self.nodes if a.state is not NodeState.MISSING)


def chain_boards(
    question: Question, *, zones: Sequence[str] | None = None, whole: bool = False
) -> tuple[ChainBoard, ...]:
    """Every chain of the taxonomy for the chosen zones, in order.

    Output of a node is that of its firms above designated size, year to date (rules §5.3); a firm in several nodes
    counts in each, so nodes may sum to more than the total. Who may not see figures of firms gets no strength of a node
    whose output is no sum over whole blocks of firms; `whole` boards are for putting nodes in order, never for showing (rules §2.6.4).
    """
    session, known, at = question.session, question.known, question.at
    units = tuple(zones) if zones is not None else at.chosen
    found = node_facts(session, at, units)
    if "enterprise" not in found.linked:
        return tuple(_unknown(chain) for chain in known.chains.values())
    hidden: frozenset[str] = frozenset()
    if not whole and "K04" in known.kpis and not open_to(question.viewer, known.kpis["K04"]):
        blocks = firm_blocks(question, known.kpis["K04"], at.period)
        hidden = frozenset(node for node, firms in found.output.items() if not blocks.admit(firms))
    boards = []
    for chain in known.chains.values():
        own = [found.at(n.id) for n in chain.nodes]
        benchmark = output_benchmark(f.output_wan for f in own)
        assessed = tuple((n, assess_node(f, benchmark)) for n, f in zip(chain.nodes, own, strict=True))
        covered = coverage({n.id: n.criticality for n in chain.nodes}, [{f.node_id: f.firms for f in own}])
        strength = _strength(assessed)
        state_ = _state(strength)
        if strength is not None and any(n.id in hidden for n in chain.nodes):
            # To the ten: the exact one, less the other nodes, would be the strength of the node that is hidden.
            strength = Fraction(round(strength / 10) * 10)
        shown = tuple((n, _masked(a) if n.id in hidden else a) for n, a in assessed)
        boards.append(ChainBoard(chain, shown, covered, strength, state_))
    return tuple(boards)


@dataclass(frozen=True)
class FoundNodes:
    """Facts of every node that has any in some zones, and the output of each of its firms above designated size.

    `linked` are the kinds of records ("enterprise", "platform", "project") that the zones have and the data set ties to
    nodes: of another kind nobody knows how many are at a node, so that none is no finding.
    """

    nodes: Mapping[str, NodeFacts]
    output: Mapping[str, Mapping[str, int]]
    linked: frozenset[str]

    def at(self, node: str) -> NodeFacts:
        """Facts of a node, nobody where there are none."""
        return self.nodes.get(node, NodeFacts(node))


def node_facts(session: Session, at: Resolved, units: Sequence[str]) -> FoundNodes:
    """What is known of the nodes in these zones, for no viewer in particular."""
    key = ("nodes", at.provenance, at.period, tuple(sorted(units)))
    return cached_for_readers(session, key, lambda: _node_facts(session, at, units))


def _masked(assessment: NodeAssessment) -> NodeAssessment:
    """Without the strength, which would give the output of single firms away; the state is too coarse to (rules §2.6.4)."""
    return replace(assessment, strength=None, reason="suppressed")


def _strength(nodes: Sequence[tuple[Node, NodeAssessment]]) -> Fraction | None:
    weight = sum(n.criticality for n, a in nodes if a.strength is not None)
    if not weight:
        return None
    return sum((n.criticality * a.strength for n, a in nodes if a.strength is not None), Fraction(0)) / weight


def _state(strength: Fraction | None) -> NodeState | None:
    if strength is None:
        return None
    if not strength:
        return NodeState.MISSING
    if strength < WEAK_BELOW:
        return NodeState.WEAK
    return NodeState.STRONG if strength >= STRONG_FROM else NodeState.FAIR


def _unknown(chain: ChainInfo) -> ChainBoard:
    nodes = tuple((n, NodeAssessment(n.id, None, None, False, "not_linked")) for n in chain.nodes)
    whole = sum(n.criticality for n in chain.nodes)
    return ChainBoard(chain, nodes, Coverage(None, None, whole), None, None, "not_linked")


def _node_facts(session: Session, at: Resolved, units: Sequence[str]) -> FoundNodes:
    link, firm, month = m.EntityNode, m.Enterprise, m.EnterpriseMonth
    firms: dict[str, set[str]] = {}
    leaders: dict[str, set[str]] = {}
    output: dict[str, dict[str, int]] = {}
    platforms: dict[str, set[str]] = {}
    pipeline: dict[str, set[str]] = {}
    above = case((firm.above_scale_since <= at.period, 1), else_=0)
    of_firms = (
        select(literal("firm"), link.node_id, firm.id, firm.leader_of, month.output_ytd_wan, above)
        .join(firm, and_(firm.id == link.entity_id, link.entity_kind == "enterprise"))
        .outerjoin(month, and_(month.enterprise_id == firm.id, month.period == at.period))
        .where(firm.provenance == at.provenance, firm.zone_code.in_(units), founded_by(int(at.period[:4])))
    )
    of_platforms = (
        select(literal("platform"), link.node_id, m.Platform.id, null(), null(), null())
        .join(m.Platform, and_(m.Platform.id == link.entity_id, link.entity_kind == "platform"))
        .where(m.Platform.provenance == at.provenance, m.Platform.zone_code.in_(units), platforms_at(session, at))
    )
    of_projects = (
        select(literal("project"), link.node_id, m.Project.id, null(), null(), null())
        .join(m.Project, and_(m.Project.id == link.entity_id, link.entity_kind == "project"))
        .join(m.ProjectMonth, and_(m.ProjectMonth.project_id == m.Project.id, m.ProjectMonth.period == at.period))
        .where(
            m.Project.provenance == at.provenance,
            m.Project.zone_code.in_(units),
            m.ProjectMonth.signed,
            m.ProjectMonth.stage_group.in_(("signed", "building")),
        )
    )
    linked = []
    for kind, table in (("enterprise", firm), ("platform", m.Platform), ("project", m.Project)):
        there = select(table.id).where(table.provenance == at.provenance)
        tied = there.where(table.id.in_(select(link.entity_id).where(link.entity_kind == kind)))
        linked.append(
            select(literal("linked"), literal(kind), null(), null(), null(), null()).where(
                exists(there.where(table.zone_code.in_(units))), exists(tied)
            )
        )
    kinds = set()
    for what, node, owner, leads, amount, reports in session.execute(
        union_all(of_firms, of_platforms, of_projects, *linked)
    ):
        if what == "linked":
            kinds.add(node)
            continue
        if what != "firm":
            (platforms if what == "platform" else pipeline).setdefault(node, set()).add(owner)
            continue
        firms.setdefault(node, set()).add(owner)
        if reports:
            own = output.setdefault(node, {})
            if amount is not None:
                own[owner] = int(amount)
        if node.split("-")[0] in (leads or ()):
            leaders.setdefault(node, set()).add(owner)
    ids = set(firms) | set(platforms) | set(pipeline)
    facts = {
        n: NodeFacts(
            n,
            frozenset(firms.get(n, ())),
            None if output.get(n) == {} else sum(output.get(n, {}).values()),
            frozenset(leaders.get(n, ())),
            frozenset(platforms.get(n, ())),
            frozenset(pipeline.get(n, ())),
        )
        for n in ids
    }
    return FoundNodes(facts, output, frozenset(kinds))


def projects_per_chain(question: Question) -> dict[str, int]:
    """How many signed projects of the data set each chain has at the month, whatever the filter: the filter's counts."""
    key = ("per chain", question.at.provenance, question.at.scheme, question.at.period)
    return cached(question.session, key, lambda: _projects_per_chain(question.session, question.at))


def _projects_per_chain(session: Session, at: Resolved) -> dict[str, int]:
    by_node = (
        select(m.ChainNode.chain_code, m.EntityNode.entity_id)
        .join(m.ChainNode, m.ChainNode.id == m.EntityNode.node_id)
        .where(m.EntityNode.entity_kind == "project")
    )
    by_chain = select(m.EntityChain.chain_code, m.EntityChain.entity_id).where(m.EntityChain.entity_kind == "project")
    links = by_node.union(by_chain).subquery()
    rows = session.execute(
        select(links.c.chain_code, func.count())
        .join(m.Project, m.Project.id == links.c.entity_id)
        .join(m.ProjectMonth, and_(m.ProjectMonth.project_id == m.Project.id, m.ProjectMonth.period == at.period))
        .where(m.Project.provenance == at.provenance, m.Project.zone_code.in_(at.zones), m.ProjectMonth.signed)
        .group_by(links.c.chain_code)
    )
    return {chain: int(n) for chain, n in rows}
