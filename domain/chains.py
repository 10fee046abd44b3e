"""Industry chains: node strength and state, coverage, gaps, the investment catalogue and overlap (rules §5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from statistics import median

BENCHMARK_FIRMS = 5
WEAK_BELOW = 35
STRONG_FROM = 70


class NodeState(StrEnum):
    """State of a node; the overlay 在补 (`filling`) is a separate mark."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"
    MISSING = "missing"


#: Names of the states.
NODE_STATE_NAMES: dict[NodeState, str] = {
    NodeState.STRONG: "优势",
    NodeState.FAIR: "一般",
    NodeState.WEAK: "薄弱",
    NodeState.MISSING: "缺失",
}


@dataclass(frozen=True)
class NodeFacts:
    """What a set of zones has at one node: ids of active firms, leaders, platforms and pipeline projects; output in 万元.

    output_wan None means not reported.
    """

    node_id: str
    firms: frozenset[str] = frozenset()
    output_wan: int | None = None
    leaders: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    pipeline: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NodeAssessment:
    """Strength 0-100 and state; both None, with the reason, when the output of an occupied node is not reported."""

    node_id: str
    strength: Fraction | None
    state: NodeState | None
    filling: bool
    reason: str | None = None


def output_benchmark(outputs_wan: Iterable[int | None]) -> Fraction | None:
    """Default benchmark o₀: median output of the chain's nodes, in 万元 (rules §5.3).

    Nodes without output are left out: they would pull the benchmark to 0 in a chain of gaps. None without any output.
    """
    known = [Fraction(output) for output in outputs_wan if output]
    return median(known) if known else None


def assess_node(facts: NodeFacts, benchmark_wan: Fraction | int | None) -> NodeAssessment:
    """S = 40·min(1, |F|/5) + 30·min(1, O/o₀) + 20·[L>0] + 10·[P>0], and the state it gives (rules §5.3).

    缺失 without firms; 薄弱 below 35; 一般 from 35; 优势 from 70. 在补 for 缺失 or 薄弱 with a project in the pipeline.
    """
    output = facts.output_wan
    if output is None and facts.firms:
        return NodeAssessment(facts.node_id, None, None, False, "output_not_reported")
    if output and not benchmark_wan:
        return NodeAssessment(facts.node_id, None, None, False, "no_benchmark")
    strength = 40 * min(Fraction(1), Fraction(len(facts.firms), BENCHMARK_FIRMS))
    if output and benchmark_wan:
        strength += 30 * min(Fraction(1), Fraction(output) / Fraction(benchmark_wan))
    strength += (20 if facts.leaders else 0) + (10 if facts.platforms else 0)
    if not facts.firms:
        state = NodeState.MISSING
    elif strength < WEAK_BELOW:
        state = NodeState.WEAK
    else:
        state = NodeState.STRONG if strength >= STRONG_FROM else NodeState.FAIR
    filling = state in (NodeState.MISSING, NodeState.WEAK) and bool(facts.pipeline)
    return NodeAssessment(facts.node_id, strength, state, filling)


@dataclass(frozen=True)
class Coverage:
    """K54 as a ratio that can be recomputed: no value for a chain without nodes, no numerator where nobody knows who is there."""

    value: Fraction | None
    numerator: int | None
    denominator: int


def coverage(
    criticality: Mapping[str, int], firms_by_zone: Sequence[Mapping[str, Iterable[str]]], weighted: bool = True
) -> Coverage:
    """K54 = Σw·[|F|>0]/Σw on the union of the firms of all zones given: never a mean of zones (rules §5.3).

    `criticality` gives the weight of every node; unweighted counts nodes.
    """
    weights = {node: weight if weighted else 1 for node, weight in criticality.items()}
    covered = sum(
        weight
        for node, weight in weights.items()
        if any(any(True for _ in zone.get(node, ())) for zone in firms_by_zone)
    )
    whole = sum(weights.values())
    return Coverage(Fraction(covered, whole) if whole else None, covered, whole)


def gap_priority(criticality: int, strength: Fraction | None, demand: int | None) -> Fraction | None:
    """criticality × (100 − S) × demand, demand being the downstream firms that need the node (rules §5.3)."""
    if strength is None or demand is None:
        return None
    return criticality * (100 - strength) * demand


@dataclass(frozen=True)
class ZoneFit:
    """What a zone offers a node: lead-chain match, carriers passing the hard constraints, plots of a permitted class."""

    zone: str
    lead_chain: bool
    carriers: int
    plots: int


def rank_zones(zones: Iterable[ZoneFit]) -> tuple[ZoneFit, ...]:
    """Zones that can host, best first: lead chain, then carriers, then plots; ties keep the given order (rules §5.3).

    A zone without carrier and plot cannot host and is left out.
    """
    able = [fit for fit in zones if fit.carriers or fit.plots]
    return tuple(sorted(able, key=lambda fit: (not fit.lead_chain, -fit.carriers, -fit.plots)))


@dataclass(frozen=True)
class CatalogueRow:
    """One row of the 一体化招商目录: node, why, whom to attract, where, with which policies."""

    chain: str
    node_id: str
    criticality: int
    assessment: NodeAssessment
    demand: int | None
    target_profile: str
    target_firms: int
    zones: tuple[ZoneFit, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def priority(self) -> Fraction | None:
        """Gap priority; None when strength or demand is unknown."""
        return gap_priority(self.criticality, self.assessment.strength, self.demand)


def rank_catalogue(rows: Iterable[CatalogueRow]) -> list[CatalogueRow]:
    """Rows of 缺失 and 薄弱 nodes, highest priority first, unknown priority last; ties by criticality, then node id."""
    gaps = [row for row in rows if row.assessment.state in (NodeState.MISSING, NodeState.WEAK)]

    def order(row: CatalogueRow) -> tuple[bool, Fraction, int, str]:
        priority = row.priority
        return priority is None, -(priority or Fraction(0)), -row.criticality, row.node_id

    return sorted(gaps, key=order)


@dataclass(frozen=True)
class OverlapCell:
    """A zone's courting in one chain: nodes courted, and those another zone courts too, with these zones."""

    nodes: tuple[str, ...]
    contested: dict[str, tuple[str, ...]]


def overlap_matrix(
    courted: Mapping[str, Iterable[str]], chain_of: Mapping[str, str]
) -> dict[tuple[str, str], OverlapCell]:
    """Zone × chain matrix of nodes courted by each zone, flagging a node two zones court (rules §1.2.5, §5.3).

    courted: zone -> nodes with live leads. Every zone meets every chain. Raises KeyError for a node of no chain.
    """
    nodes_of = {zone: sorted(set(nodes)) for zone, nodes in courted.items()}
    zones_of: dict[str, list[str]] = {}
    cells: dict[tuple[str, str], list[str]] = {
        (zone, chain): [] for zone in nodes_of for chain in dict.fromkeys(chain_of.values())
    }
    for zone, nodes in nodes_of.items():
        for node in nodes:
            zones_of.setdefault(node, []).append(zone)
            cells[zone, chain_of[node]].append(node)
    return {
        (zone, chain): OverlapCell(
            tuple(nodes),
            {
                node: tuple(other for other in zones_of[node] if other != zone)
                for node in nodes
                if len(zones_of[node]) > 1
            },
        )
        for (zone, chain), nodes in cells.items()
    }
