"""The URL is the state: round trip, tri-state chains, and broken links."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.filters import Clause, Facet, filter_of
from domain.lifecycle import STAGE_GROUPS
from domain.viewstate import (
    KINDS,
    LIGHTS,
    Dataset,
    Grouping,
    Ignored,
    Scope,
    ViewState,
    Vocabulary,
    expand_nodes,
    parse_query,
    select_nodes,
    to_query,
)

CHAINS = {"IC": ("IC-U1", "IC-M1", "IC-M2"), "DRUG": ("DRUG-U1", "DRUG-M7")}
WORDS = Vocabulary(
    schemes=("wcsc", "wenjiang"),
    zones=("CDKXC", "SMKX"),
    units={
        Grouping.STAT: ("CD-GXQ", "510116", "510118"),
        Grouping.ADMIN: ("510116", "510118"),
        Grouping.GOV: ("CD-GXQ", "CD-TFXQ"),
    },
    chain_nodes=CHAINS,
    periods=("2026-08", "2026-09"),
    kpis=("K01", "K04"),
    layers=("project", "parcel"),
)


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(values)).map(lambda s: tuple(sorted(s)))


@st.composite
def states(draw: st.DrawFn) -> ViewState:
    nodes = draw(st.sets(st.sampled_from([n for v in CHAINS.values() for n in v])))
    grouped = ViewState(scope=draw(st.sampled_from(list(Scope))), by=draw(st.sampled_from(list(Grouping))))
    return ViewState(
        scheme=draw(st.sampled_from(("", "wenjiang"))),
        dataset=draw(st.sampled_from(list(Dataset))),
        zones=draw(some(WORDS.zones)),
        stages=draw(some(tuple(sorted(STAGE_GROUPS)))),
        lights=draw(some(LIGHTS)),
        districts=draw(some(WORDS.units[grouped.grouping])),
        kinds=draw(some(KINDS)),
        period=draw(st.sampled_from(("", "2026-08"))),
        scope=grouped.scope,
        by=grouped.by,
        kpi=draw(st.sampled_from(WORDS.kpis)),
        layers=draw(some(WORDS.layers)),
        landuse=draw(st.sampled_from(("status", "plan"))),
        selection=draw(st.sampled_from(("", "project:P-1", "zone:SMKX"))),
        camera=draw(st.sampled_from(("", "104.06,30.66,9.5"))),
        table=draw(st.booleans()),
        **select_nodes(nodes, CHAINS),
    )


@given(states())
def test_a_state_survives_its_url(state: ViewState) -> None:
    assert parse_query("?" + to_query(state), WORDS) == (state.with_(), ())


@given(st.text(max_size=300))
def test_no_query_text_can_break_the_page(query: str) -> None:
    state, _ignored = parse_query(query, WORDS)
    assert parse_query(to_query(state), WORDS)[0] == state


def test_the_default_state_has_an_empty_query() -> None:
    assert to_query(ViewState()) == ""


def test_selecting_a_chain_selects_all_its_nodes() -> None:
    state, _ = parse_query("chain=IC", WORDS)
    assert state.chains == ("IC",)
    assert expand_nodes(state, CHAINS) == set(CHAINS["IC"])


def test_deselecting_one_node_keeps_the_chain_partly_selected() -> None:
    state = ViewState(**select_nodes({"IC-U1", "IC-M2"}, CHAINS))
    assert (state.chains, state.nodes) == ((), ("IC-M2", "IC-U1"))


def test_all_nodes_together_are_the_chain() -> None:
    assert select_nodes(CHAINS["DRUG"], CHAINS) == {"chains": ("DRUG",), "nodes": ()}


def test_unknown_codes_are_reported_and_the_rest_is_used() -> None:
    state, ignored = parse_query("zone=SMKX,ATLANTIS&period=1999-01&colour=red&map=here", WORDS)
    assert state.zones == ("SMKX",)
    assert set(ignored) == {
        Ignored("zone", "ATLANTIS", "unknown_code"),
        Ignored("period", "1999-01", "no_data"),
        Ignored("map", "here", "bad_format"),
        Ignored("colour", "red", "unknown_param"),
    }


def test_a_filter_ors_inside_a_facet_and_ands_across() -> None:
    state = ViewState(zones=("CDKXC", "SMKX"), chains=("IC",), nodes=("DRUG-M7",), lights=("red",))
    assert filter_of(state, "2026-09", {}).clauses == (
        Clause(Facet.ZONE, ("CDKXC", "SMKX")),
        Clause(Facet.CHAIN, ("IC", "DRUG-M7")),
        Clause(Facet.LIGHT, ("red",)),
    )
