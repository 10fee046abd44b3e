"""The 一体化招商目录: which nodes to fill, why, with whom and where; overlap of courting; supply and demand (rules §5.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators.places import is_carrier
from data.queries import gate
from data.queries.cached import cached, cached_for_readers
from data.queries.catalogue import Node, Resolved, ZoneInfo
from data.queries.chains import FoundNodes, chain_boards, node_facts
from data.queries.published import policies_in_force
from data.queries.question import Question
from domain.chains import (
    CatalogueRow,
    NodeState,
    OverlapCell,
    ZoneFit,
    overlap_matrix,
    rank_catalogue,
    rank_zones,
)
from domain.periods import Period
from domain.suppression import MIN_CONTRIBUTORS
from domain.viewer import FieldClass
from domain.viewstate import ViewState

#: Plots that can be offered now or soon: 规划, 已征, 净地, 已挂牌 (rules §7.2); later states have a holder.
OPEN_SUPPLY = ("planned", "expropriated", "ready", "listed")
#: Permitted classes of the land and sea use guide: mining, storage and industry for a maker, research and business else.
_INDUSTRIAL_LAND = ("10", "11")
_SERVICE_LAND = ("0802", "09")


@dataclass(frozen=True)
class CatalogueEntry:
    """A row with what a reader needs beside the rule's result.

    `customers` are the downstream nodes whose firms make the demand, `suppliers` the upstream nodes with firms here.
    `target_firms` is a count; for who may not know it, None.
    """

    row: CatalogueRow
    node: Node
    chain_name_zh: str
    customers: tuple[str, ...]
    suppliers: tuple[str, ...]
    pipeline: int | None
    target_firms: int | None


@dataclass(frozen=True)
class SupplyDemand:
    """Supply and demand at one node: firms that make it, firms downstream that need it, platforms, projects coming.

    `demand` counts each downstream firm once, however many nodes it is in; `gap` = demand without any supplier here. None
    where the data set ties no such record to a node.
    """

    node: Node
    firms: int | None
    demand: int | None
    customers: tuple[str, ...]
    suppliers: tuple[str, ...]
    platforms: int | None
    pipeline: int | None
    state: NodeState | None
    gap: bool | None


@dataclass(frozen=True)
class _Links:
    """What is at each node in the chosen zones, and which nodes feed which."""

    found: FoundNodes
    customers: Mapping[str, tuple[str, ...]]
    suppliers: Mapping[str, tuple[str, ...]]

    def demand(self, node: str) -> int:
        """Downstream firms that need the node, each once."""
        return len(frozenset().union(*(self.found.at(n).firms for n in self.customers.get(node, ()))))

    def pipeline(self, node: str) -> int | None:
        """Projects on their way at the node; None where the data set ties none to a node."""
        return len(self.found.at(node).pipeline) if "project" in self.found.linked else None


def _links(session: Session, at: Resolved, zones: Sequence[str]) -> _Links:
    customers: dict[str, list[str]] = {}
    suppliers: dict[str, list[str]] = {}
    for supplier, customer in session.execute(
        select(m.ChainEdge.from_node, m.ChainEdge.to_node).order_by(m.ChainEdge.from_node, m.ChainEdge.to_node)
    ):
        customers.setdefault(supplier, []).append(customer)
        suppliers.setdefault(customer, []).append(supplier)
    return _Links(
        node_facts(session, at, zones),
        {n: tuple(c) for n, c in customers.items()},
        {n: tuple(s) for n, s in suppliers.items()},
    )


def investment_catalogue(question: Question, *, zones: Sequence[str] | None = None) -> tuple[CatalogueEntry, ...]:
    """Rows of the 一体化招商目录 for the chosen zones, most urgent gap first (rules §5.3).

    Why: state, strength and demand. Whom: the node's industries. Where: zones ranked by lead chain, carriers with room
    now or by the end of the year, and plots named for the node or for its chain. A chain filter narrows the rows. The
    list never holds target names; the counts of them need FieldClass.TARGET_COMPANIES.

    The order is the same for everybody: a node keeps its place where its strength may not be shown. A place between two
    others bounds the strength and never states it.
    """
    session, known, at = question.session, question.known, question.at
    if not gate.may_see_totals(question.viewer, at.provenance):
        return ()
    chosen = tuple(zones) if zones is not None else at.chosen
    boards = chain_boards(question, zones=chosen, whole=True)
    shown = {n.id: a for board in chain_boards(question, zones=chosen) for n, a in board.nodes}
    links = cached(
        session, ("links", at.provenance, at.period, tuple(sorted(chosen))), lambda: _links(session, at, chosen)
    )
    codes_of = _industries(session)
    industries = {n: "、".join(f"{code} {name}" for _, code, name in codes) for n, codes in codes_of.items()}
    makers = _makers(codes_of)
    fits = _fits(session, known.zones, at, chosen, {n.id: n.chain for n in known.nodes.values()}, makers)
    targets = _targets(question)
    policies = _policies(session, at)
    rows = []
    for board in boards:
        for node, assessment in board.nodes:
            if _left_out(question.state, node):
                continue
            rows.append(
                CatalogueRow(
                    chain=board.chain.code,
                    node_id=node.id,
                    criticality=node.criticality,
                    assessment=assessment,
                    demand=links.demand(node.id),
                    target_profile=f"{node.name_zh}（{industries.get(node.id) or node.tier}）",
                    target_firms=0 if targets is None else targets.get(node.id, 0),
                    zones=rank_zones(fits(node)),
                    policies=policies.get(board.chain.code, ()),
                )
            )
    return tuple(
        _entry(
            known.nodes[row.node_id],
            known.chains[row.chain].name_zh,
            replace(row, assessment=shown[row.node_id]),
            links,
            targets,
        )
        for row in rank_catalogue(rows)
    )


def node_zones(question: Question, node_id: str, *, zones: Sequence[str] | None = None) -> tuple[ZoneFit, ...]:
    """Zones that can host a node, best first, whether it is a gap or not (rules §5.3). KeyError for an unknown node."""
    known, at = question.known, question.at
    node = known.nodes[node_id]
    if not gate.may_see_totals(question.viewer, at.provenance):
        return ()
    chosen = tuple(zones) if zones is not None else at.chosen
    makers = _makers(_industries(question.session))
    fits = _fits(question.session, known.zones, at, chosen, {n.id: n.chain for n in known.nodes.values()}, makers)
    return rank_zones(fits(node))


def _industries(session: Session) -> dict[str, list[Any]]:
    """Industry codes of every node, as [edition, code, name]."""
    return {n: codes or [] for n, codes in session.execute(select(m.ChainNode.id, m.ChainNode.industries))}


def _makers(codes_of: Mapping[str, Sequence[Any]]) -> set[str]:
    """Nodes that make things: sections B-D of GB/T 4754-2017 are the divisions 06 to 46."""
    return {n for n, codes in codes_of.items() if any("06" <= str(code)[:2] <= "46" for _, code, _ in codes)}


def _entry(
    node: Node, chain_name: str, row: CatalogueRow, links: _Links, targets: Mapping[str, int] | None
) -> CatalogueEntry:
    return CatalogueEntry(
        row,
        node,
        chain_name,
        links.customers.get(node.id, ()),
        tuple(s for s in links.suppliers.get(node.id, ()) if links.found.at(s).firms),
        links.pipeline(node.id),
        None if targets is None else row.target_firms,
    )


def _left_out(state: ViewState, node: Node) -> bool:
    return state.chain_filtered and node.chain not in state.chains and node.id not in state.nodes


def _fits(
    session: Session,
    zones: Mapping[str, ZoneInfo],
    at: Resolved,
    chosen: Sequence[str],
    chain_of: Mapping[str, str],
    makers: set[str],
) -> Callable[[Node], list[ZoneFit]]:
    """A function node -> what each zone offers it.

    A carrier fits when it has a vacant unit free by the end of the year shown and is linked to the node or its chain;
    one linked to no node takes any. A plot fits by its own nodes in the same way, if it is open and of a permitted class.
    """
    year_end = Period.parse(at.period[:4]).end
    link, unit, building = m.EntityNode, m.CarrierUnit, m.CarrierBuilding
    open_ids = (
        select(unit.building_id)
        .where(unit.state == "vacant", or_(unit.available_from.is_(None), unit.available_from <= year_end))
        .distinct()
    )
    nodes_of: dict[str, set[str]] = {}
    for kind, record, node in session.execute(
        select(link.entity_kind, link.entity_id, link.node_id).where(link.entity_kind.in_(("carrier", "plot")))
    ):
        nodes_of.setdefault(f"{kind}:{record}", set()).add(node)
    carriers: dict[str, list[frozenset[str]]] = {}
    for record, zone in session.execute(
        select(building.id, building.zone_code).where(
            building.provenance == at.provenance,
            building.zone_code.in_(list(chosen)),
            building.id.in_(open_ids),
            is_carrier(),
        )
    ):
        carriers.setdefault(zone or "", []).append(frozenset(nodes_of.get(f"carrier:{record}", ())))
    plots: dict[str, list[tuple[str, frozenset[str]]]] = {}
    plot = m.Plot
    for record, zone, own, use in session.execute(
        select(plot.id, plot.zone_code, plot.chain_nodes, plot.landuse_code).where(
            plot.provenance == at.provenance,
            plot.zone_code.in_(list(chosen)),
            plot.supply_state.in_(OPEN_SUPPLY),
        )
    ):
        linked = frozenset(own or ()) | nodes_of.get(f"plot:{record}", set())
        plots.setdefault(zone or "", []).append((use, linked))

    def fits_node(linked: frozenset[str], node: Node) -> bool:
        return not linked or node.id in linked or any(chain_of.get(n) == node.chain for n in linked)

    def fits(node: Node) -> list[ZoneFit]:
        permitted = _INDUSTRIAL_LAND if node.id in makers else _SERVICE_LAND
        return [
            ZoneFit(
                zone,
                node.chain in zones[zone].leading_chains,
                sum(fits_node(linked, node) for linked in carriers.get(zone, ())),
                sum(use.startswith(permitted) and fits_node(linked, node) for use, linked in plots.get(zone, ())),
            )
            for zone in chosen
        ]

    return fits


def _targets(question: Question) -> dict[str, int] | None:
    """Firms being courted at each node (leads before signing), None for who may not know."""
    at = question.at
    if not question.viewer.may(FieldClass.TARGET_COMPANIES):
        return None
    leads: dict[str, set[str]] = {}
    for (_zone, node), ids in _courted(question.session, at, at.zones).items():
        leads.setdefault(node, set()).update(ids)
    return {node: len(ids) for node, ids in leads.items()}


def _courted(session: Session, at: Resolved, zones: Sequence[str]) -> dict[tuple[str, str], set[str]]:
    """Live leads by zone and node. A terminated lead courts nobody."""
    link = m.EntityNode
    stmt = (
        select(m.Project.zone_code, link.node_id, m.Project.id)
        .join(link, and_(link.entity_id == m.Project.id, link.entity_kind == "project"))
        .join(m.ProjectMonth, and_(m.ProjectMonth.project_id == m.Project.id, m.ProjectMonth.period == at.period))
        .where(
            m.Project.provenance == at.provenance,
            m.Project.zone_code.in_(list(zones)),
            m.ProjectMonth.stage_group == "lead",
        )
    )
    key = ("courted", at.provenance, at.period, tuple(zones))
    found: dict[tuple[str, str], set[str]] = {}
    for zone, node, project in cached_for_readers(session, key, lambda: session.execute(stmt).all()):
        found.setdefault((zone or "", node), set()).add(project)
    return found


def _policies(session: Session, at: Resolved) -> dict[str, tuple[str, ...]]:
    """Titles of policies in force by chain; one that names no chain is for all and stands for none."""
    found: dict[str, list[str]] = {}
    for policy in policies_in_force(session, at):
        for chain in policy.chains or ():
            found.setdefault(chain, []).append(policy.title)
    return {chain: tuple(titles) for chain, titles in found.items()}


def overlap(question: Question, *, zones: Sequence[str] | None = None) -> dict[tuple[str, str], OverlapCell]:
    """Zone × chain matrix of nodes with live leads, and which of them another zone courts too (rules §1.2.5, §5.3).

    Nodes only, no lead: it needs FieldClass.LEAD_COUNTS and is empty without it. For who may not see leads a node counts
    where a zone courts `MIN_CONTRIBUTORS` firms at least: fewer would be told one by one (rules §2.6.4).
    """
    at = question.at
    if not question.viewer.may(FieldClass.LEAD_COUNTS) or not gate.may_see_totals(question.viewer, at.provenance):
        return {}
    chosen = tuple(zones) if zones is not None else at.zones
    enough = 1 if question.viewer.may(FieldClass.LEADS) else MIN_CONTRIBUTORS
    courted: dict[str, set[str]] = {zone: set() for zone in chosen}
    for (zone, node), leads in _courted(question.session, at, chosen).items():
        if len(leads) >= enough:
            courted[zone].add(node)
    return overlap_matrix(courted, {n.id: n.chain for n in question.known.nodes.values()})


def supply_demand(question: Question, *, zones: Sequence[str] | None = None) -> tuple[SupplyDemand, ...]:
    """Supply and demand of every node for the chosen zones, in the order of the taxonomy (rules §5.2, §5.3)."""
    if not gate.may_see_totals(question.viewer, question.at.provenance):
        return ()
    chosen = tuple(zones) if zones is not None else question.at.chosen
    links = _links(question.session, question.at, chosen)
    found = []
    for board in chain_boards(question, zones=chosen):
        for node, assessment in board.nodes:
            if _left_out(question.state, node):
                continue
            there = links.found.at(node.id)
            firms, demand = (
                (len(there.firms), links.demand(node.id)) if assessment.reason != "not_linked" else (None, None)
            )
            found.append(
                SupplyDemand(
                    node, firms, demand, links.customers.get(node.id, ()), links.suppliers.get(node.id, ()),
                    len(there.platforms) if "platform" in links.found.linked else None, links.pipeline(node.id),
                    assessment.state, None if demand is None else demand > 0 and firms == 0,
                )
            )  # fmt: skip
    return tuple(found)
