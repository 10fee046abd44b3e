from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chains import (
    CatalogueRow,
    NodeAssessment,
    NodeFacts,
    NodeState,
    OverlapCell,
    ZoneFit,
    assess_node,
    coverage,
    gap_priority,
    output_benchmark,
    overlap_matrix,
    rank_catalogue,
    rank_zones,
)


def ids(count: int, prefix: str = "f") -> frozenset[str]:
    return frozenset(f"{prefix}{number}" for number in range(count))


def facts(firms: int, output: int | None = 0, leaders: int = 0, platforms: int = 0, pipeline: int = 0) -> NodeFacts:
    return NodeFacts("IC-M3", ids(firms), output, ids(leaders, "l"), ids(platforms, "p"), ids(pipeline, "q"))


@pytest.mark.parametrize(
    ("node", "strength", "state"),
    [
        (facts(0), 0, NodeState.MISSING),
        (facts(0, platforms=1), 10, NodeState.MISSING),
        (facts(4), 32, NodeState.WEAK),
        (facts(3, 5_500), Fraction(81, 2), NodeState.FAIR),
        (facts(2, 6_000), 34, NodeState.WEAK),
        (facts(5, 10_000), 70, NodeState.STRONG),
        (facts(9, 99_000, 1, 1), 100, NodeState.STRONG),
    ],
)
def test_spec_5_3_strength_and_state(node, strength, state):
    assessed = assess_node(node, 10_000)
    assert (assessed.strength, assessed.state) == (strength, state)


def test_state_boundaries_belong_to_the_better_state():
    assert assess_node(facts(4, 1_000), 10_000).strength == 35
    assert assess_node(facts(4, 1_000), 10_000).state is NodeState.FAIR


def test_filling_overlays_only_missing_and_weak_nodes():
    assert assess_node(facts(0, pipeline=1), 10_000).filling
    assert assess_node(facts(1, pipeline=1), 10_000).filling
    assert not assess_node(facts(5, 10_000, pipeline=1), 10_000).filling
    assert not assess_node(facts(0), 10_000).filling


def test_unreported_output_is_not_zero():
    assert assess_node(facts(3, None), 10_000) == NodeAssessment("IC-M3", None, None, False, "output_not_reported")
    assert assess_node(facts(0, None), 10_000).state is NodeState.MISSING
    assert assess_node(facts(3, 500), None).reason == "no_benchmark"


def test_default_benchmark_is_the_median_of_nodes_with_output():
    assert output_benchmark([0, None, 100, 300, 200]) == 200
    assert output_benchmark([100, 200]) == 150
    assert output_benchmark([0, None]) is None


def test_k54_is_recomputed_on_the_union():
    weights = {"n1": 3, "n2": 2, "n3": 1}
    zones = [{"n1": ["a"]}, {"n2": ["b"], "n3": []}]
    assert coverage(weights, zones).value == Fraction(5, 6)
    assert coverage(weights, zones[:1]).value == Fraction(1, 2)
    assert coverage(weights, zones, weighted=False).value == Fraction(2, 3)
    assert coverage({}, zones).value is None


presence = st.dictionaries(st.sampled_from(["n1", "n2", "n3", "n4"]), st.lists(st.sampled_from("abc")))


@given(st.lists(presence, min_size=1, max_size=5), st.booleans())
def test_k54_of_all_zones_is_at_least_that_of_any_zone(zones, weighted):
    weights = {"n1": 3, "n2": 2, "n3": 1, "n4": 1}
    assert coverage(weights, zones, weighted).value >= max(coverage(weights, [z], weighted).value for z in zones)


def test_gap_priority_is_criticality_times_lack_times_demand():
    assert gap_priority(3, Fraction(20), 4) == 960
    assert gap_priority(3, None, 4) is None
    assert gap_priority(3, Fraction(20), None) is None


def row(node: str, state: NodeState, strength: int, demand: int | None, criticality: int = 1) -> CatalogueRow:
    return CatalogueRow("IC", node, criticality, NodeAssessment(node, Fraction(strength), state, False), demand, "", 0)


def test_the_catalogue_lists_gaps_by_priority_with_unknown_demand_last():
    rows = [
        row("strong", NodeState.STRONG, 80, 9),
        row("unknown", NodeState.MISSING, 0, None, 3),
        row("weak", NodeState.WEAK, 20, 5),
        row("missing", NodeState.MISSING, 0, 5, 2),
    ]
    assert [entry.node_id for entry in rank_catalogue(rows)] == ["missing", "weak", "unknown"]


def test_zones_are_ranked_by_lead_chain_then_carriers_then_plots():
    zones = [
        ZoneFit("CDKXC", False, 9, 9),
        ZoneFit("XJJHL", True, 0, 0),
        ZoneFit("SMKX", True, 1, 0),
        ZoneFit("WLKJC", True, 1, 4),
    ]
    assert [fit.zone for fit in rank_zones(zones)] == ["WLKJC", "SMKX", "CDKXC"]


def test_overlap_flags_a_node_two_zones_court():
    matrix = overlap_matrix(
        {"XYDIT": ["IC-M3", "IC-M5"], "WLKJC": ["IC-M3"], "SMKX": []}, {"IC-M3": "IC", "IC-M5": "IC", "BIO-1": "BIO"}
    )
    assert matrix["XYDIT", "IC"] == OverlapCell(("IC-M3", "IC-M5"), {"IC-M3": ("WLKJC",)})
    assert matrix["WLKJC", "IC"].contested == {"IC-M3": ("XYDIT",)}
    assert matrix["SMKX", "BIO"] == OverlapCell((), {})
    with pytest.raises(KeyError):
        overlap_matrix({"SMKX": ["nowhere"]}, {"IC-M3": "IC"})
