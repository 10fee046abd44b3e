"""Nobody outside the owner's group finds a single firm's figure, not even by subtracting one answer from another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations, product

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators import Ask, lines
from data.queries.attribution import split
from data.queries.catalogue import Catalogue, catalogue
from data.queries.explain import explain
from data.queries.investment_catalogue import investment_catalogue
from data.queries.kpis import figures, record_conditions
from data.queries.per_mu import KPI_OF, per_mu
from data.queries.projects import project_summary
from data.queries.question import Question
from data.reference import indicators
from domain.per_mu import SICHUAN
from domain.periods import Period
from domain.viewer import Role, Viewer
from domain.viewstate import Scope, ViewState
from tests.support.own_data import GXQ, SHUANGLIU, OwnData

LEADER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER)


def questions(session: Session) -> Iterator[ViewState]:
    """What a curious reader would ask: every zone and pair, chain, node and district, and these together."""
    known = catalogue(session)
    zones = known.resolve(ViewState()).zones
    nodes = session.scalars(
        select(m.EntityNode.node_id).where(m.EntityNode.entity_kind == "enterprise").distinct()
    ).all()
    places = session.scalars(select(m.Enterprise.district_code).distinct().order_by(m.Enterprise.district_code)).all()
    choices: list[dict[str, tuple[str, ...]]] = [
        {}, *({"chains": (c,)} for c in known.chains), *({"nodes": (n,)} for n in sorted(nodes)),
    ]  # fmt: skip
    where: list[tuple[str, ...]] = [(), *((z,) for z in zones), zones[:2], zones[1:]]
    for zone, choice in product(where, choices):
        yield ViewState(zones=zone, **choice)
    for place in places:
        if place:
            yield ViewState(districts=(place,))
            yield ViewState(districts=(place,), zones=zones[:1])


def found_out(equations: np.ndarray) -> list[int]:
    """Unknowns that the equations determine: e_i lies in the space of the rows."""
    if not len(equations):
        return []
    _u, sizes, rows = np.linalg.svd(equations, full_matrices=False)
    basis = rows[sizes > 1e-9 * sizes[0]]
    return [i for i in range(equations.shape[1]) if np.isclose((basis[:, i] ** 2).sum(), 1.0, atol=1e-9)]


def test_the_attack_finds_the_firm_that_two_sums_give_away() -> None:
    assert found_out(np.array([[1.0, 1, 1, 1], [1, 1, 1, 0]])) == [3]
    assert found_out(np.array([[1.0, 1, 1, 1], [1, 1, 0, 0]])) == []


@pytest.mark.parametrize("kpi_id", ["K04", "K07", "K08", "K09", "K53"])
def test_no_combination_of_shown_sums_finds_a_firm(db_session: Session, kpi_id: str) -> None:
    known, kpi = catalogue(db_session), indicators()[kpi_id]
    at = known.resolve(ViewState())
    seen, shown, asked = [], 0, 0
    for state in questions(db_session):
        tile = figures(Question.of(db_session, PROMOTER, state), (kpi_id,))[kpi_id]
        asked += 1
        if tile.value is None:
            continue
        chosen = known.resolve(state).chosen
        conditions = tuple(record_conditions(Question.of(db_session, LEADER, state), kpi)) if tile.from_records else ()
        ask = Ask(db_session, "demo", chosen, (Period.parse(tile.period),), Period.parse(at.period), conditions)
        seen.append({line.id: line for line in lines(kpi, ask)})
        shown += 1
    firms = sorted({firm for row in seen for firm in row})
    assert firms
    assert shown >= 2, "what hides everything proves nothing"
    assert shown < asked
    matrix = np.array([[float(firm in row) for firm in firms] for row in seen])
    assert [firms[i] for i in found_out(matrix)] == []


def _zone_choices(known: Catalogue) -> Iterator[tuple[str, ...]]:
    zones = known.resolve(ViewState()).zones
    for size in range(1, len(zones) + 1):
        yield from combinations(zones, size)


#: Zone -> firms: two zones that may be shown, one of two firms, and one of a single firm.
PER_MU = {"SMKX": 5, "XYDIT": 4, "CDKXC": 2, "WLKJC": 1}


def _evaluated(own: OwnData) -> dict[str, list[str]]:
    """The firms of `PER_MU` with all that the evaluation asks for, by zone."""
    year = {"tax_wan": 30, "employees": 10, "energy_tce": 100, "rd_wan": 20, "land_m2": 6667}
    for zone, count in PER_MU.items():
        for n in range(count):
            own.firm(f"{zone}{n}", zone, output=1, year={"revenue_wan": 1000 + 10 * n, **year})
    return {zone: [f"{zone}{n}" for n in range(count)] for zone, count in PER_MU.items()}


def test_no_combination_of_per_mu_values_finds_a_firm_and_they_are_hidden_with_their_tiles(db_session: Session) -> None:
    """Every choice of zones, each with its rows and its total, numerators and denominators."""
    own = OwnData(db_session)
    firms_of = _evaluated(own)
    state = own.state()
    names = sorted(firm for firms in firms_of.values() for firm in firms)
    seen: dict[str, list[list[float]]] = {i.key: [] for i in SICHUAN.indicators}
    hidden = set()
    for choice in _zone_choices(catalogue(db_session)):
        question = Question.of(db_session, PROMOTER, state.with_(zones=choice))
        tiles = figures(question, tuple(KPI_OF[key] for key in seen))
        for part in per_mu(question).parks:
            if part.zone == "" and part.reason != "no_data":
                assert (part.value is None) == (tiles[KPI_OF[part.indicator]].value is None), (choice, part.indicator)
            if part.value is None:
                assert (part.numerator, part.denominator) == (None, None)
                hidden |= {part.zone} if part.reason == "suppressed" else set()
                continue
            inside = {firm for zone in ((part.zone,) if part.zone else choice) for firm in firms_of.get(zone, ())}
            seen[part.indicator].append([float(firm in inside) for firm in names])
    assert {"CDKXC", "WLKJC", ""} <= hidden
    for key, rows in seen.items():
        assert len(rows) > 2, "what hides everything proves nothing"
        assert [names[i] for i in found_out(np.array(rows))] == [], key


def test_no_combination_of_counts_by_class_finds_the_class_of_a_firm(db_session: Session) -> None:
    own = OwnData(db_session)
    firms_of = _evaluated(own)
    state = own.state()
    names = sorted(firm for firms in firms_of.values() for firm in firms)
    seen, hidden = [], set()
    for choice in _zone_choices(catalogue(db_session)):
        found = per_mu(Question.of(db_session, PROMOTER, state.with_(zones=choice)))
        if found.reason == "no_firms":
            continue
        assert (found.changed_count is None) == ("" in found.hidden)
        for zone in ("", *choice):
            if zone in found.hidden:
                assert zone not in found.classes
                hidden.add(zone)
                continue
            inside = {firm for z in ((zone,) if zone else choice) for firm in firms_of.get(z, ())}
            if inside:
                seen.append([float(firm in inside) for firm in names])
    assert {"CDKXC", "WLKJC", ""} <= hidden, "one firm, two firms, and choices of few"
    assert len(seen) > 2
    assert found_out(np.array(seen)) == []
    # A chain is no facet of the evaluation: it takes nothing out of the counts that subtraction could put back.
    whole = per_mu(Question.of(db_session, PROMOTER, state))
    for chain in catalogue(db_session).chains:
        assert per_mu(Question.of(db_session, PROMOTER, state.with_(chains=(chain,)))).classes == whole.classes
    assert per_mu(Question.of(db_session, LEADER, state)).hidden == frozenset()


@pytest.mark.parametrize("scope", list(Scope))
def test_no_combination_of_parts_of_a_split_finds_a_firm(db_session: Session, scope: Scope) -> None:
    own = OwnData(db_session)
    own.agreement("A", {GXQ: "6/10", SHUANGLIU: "4/10"})
    for zone, count in (("SMKX", 5), ("XYDIT", 4), ("CDKXC", 2)):
        for n in range(count):
            own.firm(f"{zone}{n}", zone, output=100 + 7 * n, unit=SHUANGLIU if n < 4 else "510118")
    state = own.state(scope)
    parts = split(Question.of(db_session, PROMOTER, state), "K04")
    by_zone = {z.zone: z for z in parts.by_zone}
    assert by_zone["CDKXC"].records_total is None, "two firms"
    hidden = {z for z, row in by_zone.items() if row.records_total is None}
    assert len(hidden) >= 2, "else the total less the others would be the two firms"
    lonely = [p for z in parts.by_zone for p in z.parts if p.unit == "510118" and scope is Scope.TERRITORIAL]
    assert all(p.amount is None for p in lonely)
    for zone in ("SMKX", "XYDIT", "CDKXC"):
        opened = explain(Question.of(db_session, PROMOTER, state), "K04", (zone,))
        assert (opened.records, opened.months) == ((), ())
        assert (opened.total is None) == (zone in hidden)


def test_growth_and_sparkline_are_hidden_where_the_year_before_gives_a_firm_away(db_session: Session) -> None:
    own = OwnData(db_session)
    for n in range(4):
        own.firm(f"E{n}", "SMKX", output=100 + n)
    own.add(m.EnterpriseMonth(period="2025-09", enterprise_id="E0", output_ytd_wan=50))
    state = own.state(zones=("SMKX",))
    leader = figures(Question.of(db_session, LEADER, state), ("K04",))["K04"]
    assert (leader.value, leader.yoy is not None) == (406, True)
    found = figures(Question.of(db_session, PROMOTER, state), ("K04",))["K04"]
    assert (found.value, found.yoy, found.yoy_reason) == (406, None, "suppressed")
    assert dict(found.spark)["2025-09"] is None


def test_leads_are_counted_for_whole_zones_and_never_under_a_filter(db_session: Session) -> None:
    own = OwnData(db_session)
    for zone, count in (("SMKX", 4), ("XYDIT", 3), ("CDKXC", 1)):
        for n in range(count):
            own.add(m.Project(id=f"L{zone}{n}", name_zh=f"线索{zone}{n}", zone_code=zone, route="land", provenance="official",
                              position_is_schematic=False, source="test"))  # fmt: skip
            own.add(m.Milestone(project_id=f"L{zone}{n}", stage=20, done_on=date(2026, 3, 1)))
    state = own.state()
    seen = {
        zones: project_summary(Question.of(db_session, PROMOTER, state.with_(zones=zones))).hidden_leads
        for zones in ((), ("SMKX",), ("XYDIT",), ("CDKXC",), ("CDKXC", "XYDIT"))
    }
    # One lead of 科学城 hides 基地 with it, or the difference to the whole would be that one.
    assert seen == {(): 8, ("SMKX",): 4, ("XYDIT",): None, ("CDKXC",): None, ("CDKXC", "XYDIT"): 4}
    assert project_summary(Question.of(db_session, PROMOTER, state.with_(stages=("lead",)))).hidden_leads == 8
    for filter_ in ({"chains": ("IC",)}, {"districts": (SHUANGLIU,)}, {"kinds": ("B",)}, {"lights": ("red",)}):
        found = project_summary(Question.of(db_session, PROMOTER, state.with_(**filter_)))
        assert (found.hidden, found.hidden_leads) == ({"lead": None}, None)
    assert project_summary(Question.of(db_session, LEADER, state)).groups == {"lead": 8}
    assert project_summary(Question.of(db_session, Viewer(Role.PROSPECT), state)).hidden == {}


def test_the_catalogue_keeps_its_order_where_strengths_are_hidden(db_session: Session) -> None:
    open_ = investment_catalogue(Question.of(db_session, LEADER, ViewState()))
    hidden = investment_catalogue(Question.of(db_session, PROMOTER, ViewState()))
    assert [e.node.id for e in hidden] == [e.node.id for e in open_]
    masked = [e for e in hidden if e.row.assessment.reason == "suppressed"]
    assert masked
    assert {(e.row.assessment.strength, e.row.priority) for e in masked} == {(None, None)}
