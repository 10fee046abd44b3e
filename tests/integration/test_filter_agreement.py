"""One filter, compiled twice: SQL and the map select the same projects (rules §5.4, T14)."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.catalogue import Catalogue, catalogue
from data.queries.filter_sql import entity_conditions
from data.queries.projects import project_ids, project_page, project_summary
from data.queries.question import Question
from domain.filters import filter_of
from domain.lifecycle import STAGE_GROUPS
from domain.viewer import Role, Viewer
from domain.viewstate import KINDS, LIGHTS, Dataset, Grouping, Scope, ViewState, select_nodes
from layers.features import project_frame, project_rows
from layers.filter_expr import PLACE_FACETS, compile_filter
from layers.project import LAYER
from tests.support.maplibre_eval import evaluate

LEADER, PLANNER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER)


@lru_cache(maxsize=4)
def _tiles(session: Session, dataset: Dataset) -> dict[str, list[dict]]:
    """Properties of the project features in the staff and the leads archive."""
    rows = project_rows(session, dataset)
    return {
        name: project_frame(rows, histories).drop(columns="geometry").to_dict("records")
        for name, histories in (("staff", rows.signed), ("leads", rows.leads))
    }


def on_map(session: Session, known: Catalogue, viewer: Viewer, state: ViewState) -> list[str]:
    at = known.resolve(state)
    index = known.periods[state.dataset].index(at.period)
    expression = compile_filter(
        filter_of(state, at.period, at.grounds), index, facets=LAYER.facets, timed=LAYER.timed, zones=at.zones
    )
    archives = ("staff", "leads") if viewer is LEADER else ("staff",)
    tiles = _tiles(session, state.dataset)
    return sorted(p["id"] for a in archives for p in tiles[a] if evaluate(expression, p))


def draw_state(data: st.DataObject, known: Catalogue) -> ViewState:
    words = known.vocabulary(Dataset.DEMO)

    def some(values: tuple[str, ...], most: int = 3) -> tuple[str, ...]:
        return tuple(sorted(data.draw(st.sets(st.sampled_from(values), max_size=most))))

    nodes = some(tuple(n for v in words.chain_nodes.values() for n in v), 30)
    whole = {n for c in some(tuple(words.chain_nodes), 1) for n in words.chain_nodes[c]}
    grouping = ViewState(scope=data.draw(st.sampled_from(list(Scope))), by=data.draw(st.sampled_from(list(Grouping))))
    return ViewState(
        scope=grouping.scope,
        by=grouping.by,
        dataset=data.draw(st.sampled_from((Dataset.DEMO, Dataset.PUBLISHED))),
        zones=some(words.zones),
        districts=some(words.units[grouping.grouping]),
        stages=some(tuple(STAGE_GROUPS)),
        lights=some(LIGHTS),
        kinds=some(KINDS),
        period=data.draw(st.sampled_from(("", *words.periods))),
        **select_nodes(data.draw(st.sampled_from(((), whole, {*nodes, *whole}))), words.chain_nodes),
    )


@pytest.mark.parametrize("viewer", [LEADER, PLANNER], ids=["leadership", "planner"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sql_and_map_select_the_same_projects(db_session: Session, viewer: Viewer, data: st.DataObject) -> None:
    known = catalogue(db_session)
    state = draw_state(data, known)
    if state.dataset is Dataset.PUBLISHED:
        state = state.with_(period="")
    assert project_ids(Question.of(db_session, viewer, state)) == on_map(db_session, known, viewer, state)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_table_pages_counts_and_ids_agree(db_session: Session, data: st.DataObject) -> None:
    state = draw_state(data, catalogue(db_session)).with_(dataset=Dataset.DEMO)
    ids = project_ids(Question.of(db_session, LEADER, state))
    rows = [
        row["id"]
        for start in range(0, max(1, len(ids)), 7)
        for row in project_page(Question.of(db_session, LEADER, state), sort="zone", offset=start, limit=7).rows
    ]
    assert sorted(rows) == ids
    summary = project_summary(Question.of(db_session, LEADER, state))
    assert summary.total == len(ids) == sum(summary.zones.values()) == sum(summary.groups.values())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sql_and_the_places_painted_hold_the_same_parcels(db_session: Session, data: st.DataObject) -> None:
    """Parcels follow the filter by place, painted or not; the expression and SQL would choose the same."""
    known = catalogue(db_session)
    state = draw_state(data, known).with_(dataset=Dataset.DEMO)
    at = known.resolve(state)
    wanted = filter_of(state, at.period, at.grounds)
    parcel = m.LandParcel
    rows = db_session.execute(
        select(parcel.id, parcel.zone_code, parcel.district_code).where(parcel.provenance == at.provenance)
    ).all()
    places = {p for p in known.land_places[at.provenance] if p[0] in at.zones and wanted.admits_place(*p)}
    expression = compile_filter(wanted, 0, facets=PLACE_FACETS, zones=at.zones)
    in_sql = db_session.scalars(
        select(parcel.id).where(
            parcel.provenance == at.provenance, parcel.zone_code.in_(at.zones), *entity_conditions("parcel", wanted)
        )
    )
    painted = sorted(r.id for r in rows if (r.zone_code, r.district_code) in places)
    assert painted == sorted(r.id for r in rows if evaluate(expression, {"z": r.zone_code, "d": r.district_code}))
    assert painted == sorted(in_sql)


@pytest.mark.parametrize(
    ("by", "unit", "zones"),
    [
        (Grouping.STAT, "CD-GXQ", {"XJJHL", "XYDIT"}),
        (Grouping.STAT, "CD-TFXQ", {"CDKXC"}),
        (Grouping.STAT, "CD-DBXQ", {"WLKJC"}),
        (Grouping.STAT, "510116", {"SMKX"}),
        (Grouping.STAT, "510107", set()),
        (Grouping.ADMIN, "510116", {"CDKXC", "XJJHL", "SMKX"}),
        (Grouping.GOV, "CD-GXQ", {"XJJHL", "XYDIT", "SMKX", "WLKJC"}),
        (Grouping.GOV, "CD-TFXQ", {"CDKXC"}),
    ],
)
def test_a_unit_selects_the_ground_it_counts(db_session: Session, by: Grouping, unit: str, zones: set[str]) -> None:
    """SQL and map, for projects and for every record with a place: those on ground that the unit counts, and no other."""
    known = catalogue(db_session)
    state = ViewState(by=by, districts=(unit,))
    ids = project_ids(Question.of(db_session, LEADER, state))
    assert ids == on_map(db_session, known, LEADER, state)
    at = known.resolve(state)
    standing = {
        zone for (zone,) in db_session.execute(select(m.Project.zone_code).where(m.Project.id.in_(ids)).distinct())
    }
    assert standing == zones
    wanted = filter_of(state, at.period, at.grounds)
    expression = compile_filter(wanted, 0, facets=PLACE_FACETS, zones=at.zones)
    for kind, table in (
        ("parcel", m.LandParcel), ("plot", m.Plot), ("carrier", m.CarrierBuilding), ("enterprise", m.Enterprise),
    ):  # fmt: skip
        own = (table.provenance == at.provenance, table.zone_code.in_(at.zones))
        rows = db_session.execute(select(table.id, table.zone_code, table.district_code).where(*own)).all()
        drawn = {r.id for r in rows if evaluate(expression, {"z": r.zone_code, "d": r.district_code})}
        assert drawn == set(db_session.scalars(select(table.id).where(*own, *entity_conditions(kind, wanted)))), kind
        assert bool(drawn) == bool(zones), kind
        assert {r.zone_code for r in rows if r.id in drawn} <= zones, kind


def test_a_project_in_two_selected_nodes_appears_once(db_session: Session) -> None:
    known = catalogue(db_session)
    every_node = tuple(n for c in known.chains.values() for n in (x.id for x in c.nodes))
    chains = {c.code: tuple(n.id for n in c.nodes) for c in known.chains.values()}
    ids = project_ids(Question.of(db_session, LEADER, ViewState(**select_nodes(every_node, chains))))
    assert len(ids) == len(set(ids)) > 0
