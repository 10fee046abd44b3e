"""The demo's figures lie where those of such zones do: the ranges of rules §11, held by name.

One database at the default scale, derived in full: what is asserted is what the screens show, in every month. Areas whose
count of projects or firms is too small for a share to mean anything are left out where a test says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Row, create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from data import models as m
from data.demo import DemoScale, generate
from data.derive.run import derive_all
from data.load import load_reference
from data.queries.chains import ChainBoard, chain_boards
from data.queries.explain import explain
from data.queries.per_mu import per_mu
from data.queries.question import Question
from domain.chains import NodeState
from domain.per_mu import SCORE_CAP, SICHUAN
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState

SCHEMES = ("wcsc", "wenjiang")
MU_M2 = 2000 / 3
CUT = "2026-09"
LEADER = Viewer(Role.LEADERSHIP)


def filled(scale: DemoScale, schemes: tuple[str, ...] | None = None) -> Session:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    m.Base.metadata.create_all(engine)
    session = Session(engine)
    load_reference(session, scheme_ids=schemes)
    generate(session, scale=scale)
    if session.get(m.Meta, "cut_month") is None:
        session.add(m.Meta(key="cut_month", value=CUT))
    session.flush()
    derive_all(session, "demo")
    return session


@pytest.fixture(scope="module")
def demo() -> Iterator[Session]:
    """Both shipped schemes at the default scale, everything derived."""
    session = filled(DemoScale())
    yield session
    session.close()


def zones(session: Session, scheme: str | None = None) -> dict[str, str]:
    """Zone code -> zone type."""
    stmt = select(m.Zone.code, m.Zone.zone_type).where(m.Zone.role != "axis").order_by(m.Zone.order_no)
    if scheme:
        stmt = stmt.where(m.Zone.scheme_id == scheme)
    return {code: kind or "" for code, kind in session.execute(stmt)}


def values(session: Session, kpi: str) -> dict[str, dict[str, float]]:
    """Value of an indicator by period and zone."""
    v = m.KpiValue
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for period, zone, value in session.execute(
        select(v.period, v.unit_code, v.value)
        .where(v.kpi_id == kpi, v.provenance == "demo", v.unit_scope == "zone", v.value.is_not(None))
        .order_by(v.period)
    ):
        found[period][zone] = value
    return found


def growth(session: Session, kpi: str) -> dict[str, dict[str, float]]:
    """Growth over the same period of the year before in %, to the tenth that is shown, by period and zone."""
    level = values(session, kpi)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for period, now in level.items():
        for zone, value in now.items():
            before = level.get(f"{int(period[:4]) - 1}{period[4:]}", {}).get(zone)
            if before:
                found[period][zone] = round((value / before - 1) * 100, 1)
    return found


# ── chains ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def boards(session: Session, scheme: str, **chosen: Any) -> dict[str, ChainBoard]:
    return {
        b.chain.code: b
        for b in chain_boards(Question.of(session, LEADER, ViewState(scheme=scheme, period=CUT)), **chosen)
    }


def shares(board: ChainBoard) -> dict[NodeState, float]:
    states = Counter(a.state for _, a in board.nodes)
    return {state: states[state] / len(board.nodes) for state in NodeState}


def test_chains_of_the_science_city_are_strong_fair_and_weak(demo: Session) -> None:
    states = Counter(b.state for b in boards(demo, "wcsc").values())
    assert states[NodeState.STRONG] >= 1
    assert states[NodeState.FAIR] >= 3
    assert states[NodeState.WEAK] >= 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_chains_of_single_zones_reach_from_fair_to_missing(demo: Session, scheme: str) -> None:
    seen = {b.state for zone in zones(demo, scheme) for b in boards(demo, scheme, zones=[zone]).values()}
    assert {NodeState.FAIR, NodeState.WEAK, NodeState.MISSING} <= seen


def test_chain_states_of_the_demo_spread_from_strong_to_missing(demo: Session) -> None:
    assert {b.state for scheme in SCHEMES for b in boards(demo, scheme).values()} == set(NodeState)


def test_nodes_match_the_state_of_their_chain(demo: Session) -> None:
    for scheme in SCHEMES:
        for board in boards(demo, scheme).values():
            part = shares(board)
            gaps = part[NodeState.WEAK] + part[NodeState.MISSING]
            if board.state is NodeState.STRONG:
                assert part[NodeState.STRONG] >= 0.5, board.chain.code
                assert gaps <= 0.1, board.chain.code
            elif board.state is NodeState.FAIR:
                assert gaps <= 0.5, board.chain.code
            elif board.state is NodeState.WEAK:
                assert gaps >= 0.5, board.chain.code
                assert part[NodeState.STRONG] <= 0.2, board.chain.code
            else:
                assert part[NodeState.MISSING] == 1, board.chain.code


def test_every_state_is_found_among_the_nodes_of_the_science_city(demo: Session) -> None:
    states = Counter(a.state for b in boards(demo, "wcsc").values() for _, a in b.nodes)
    for state in NodeState:
        assert states[state] / states.total() >= 0.08, state


# ── growth ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kpi", ["K01", "K04", "K07", "K08", "K09", "K23", "K24"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_growth_differs_by_zone_in_every_month(demo: Session, kpi: str, scheme: str) -> None:
    mine = zones(demo, scheme)
    for period, by_zone in growth(demo, kpi).items():
        rates = [rate for zone, rate in by_zone.items() if zone in mine and rate > -100]
        if len(rates) > 1:
            assert max(rates) - min(rates) >= (1.0 if scheme == "wcsc" else 0.2), (period, by_zone)


@pytest.mark.parametrize("kpi", ["K01", "K04", "K08", "K23", "K24"])
def test_growth_differs_by_month_in_every_zone(demo: Session, kpi: str) -> None:
    rates = growth(demo, kpi)
    for zone in zones(demo, "wcsc"):
        mine = [by_zone[zone] for by_zone in rates.values() if zone in by_zone]
        assert len(set(mine)) >= 0.5 * len(mine), zone
        assert max(mine) - min(mine) >= 2.0, zone


@pytest.mark.parametrize(("kpi", "low", "high"), [("K01", -5, 30), ("K04", -5, 25), ("K08", -15, 25), ("K23", -10, 30)])
def test_growth_of_the_last_two_years_is_that_of_such_zones(demo: Session, kpi: str, low: float, high: float) -> None:
    rates = growth(demo, kpi)
    for period in (p for p in rates if p >= "2025"):
        for zone in zones(demo, "wcsc"):
            assert low <= rates[period][zone] <= high, (period, zone)


# ── shares and rates ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_leading_industries_are_55_to_80_percent_of_output(demo: Session) -> None:
    leading = set(demo.scalars(select(m.Zone.code).where(m.Zone.leading_chains != [])))
    found = values(demo, "K53")
    assert len(found) == 19
    for period, by_zone in found.items():
        assert set(by_zone) == leading & set(zones(demo)), period
        for zone, share in by_zone.items():
            assert 55 <= share <= 80, (period, zone)


def test_capacity_rate_is_60_to_95_percent(demo: Session) -> None:
    found = values(demo, "K28")
    for year in ("2023", "2024", "2025"):
        assert set(zones(demo, "wcsc")) <= set(found[year])
    for year, by_zone in found.items():
        for zone, rate in by_zone.items():
            assert 60 <= rate <= 95, (year, zone)


def test_the_projects_behind_the_capacity_rate_add_up_to_it(demo: Session) -> None:
    found = explain(Question.of(demo, LEADER, ViewState()), "K28", limit=1_000)
    assert found.reconciles is True
    assert sum(row["numerator"] for row in found.records) == found.numerator
    assert sum(row["denominator"] for row in found.records) == found.denominator


def test_no_capacity_rate_is_told_of_fewer_than_three_projects(demo: Session) -> None:
    v = m.KpiValue
    due = demo.scalars(select(v.denominator).where(v.kpi_id == "K28", v.provenance == "demo")).all()
    assert {n for n in due if n} & {1, 2} == set()


def lights(session: Session, scheme: str) -> dict[str, Counter[str]]:
    month, project = m.ProjectMonth, m.Project
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for period, light, count in session.execute(
        select(month.period, month.light, func.count())
        .join(project, project.id == month.project_id)
        .where(project.provenance == "demo", project.zone_code.in_(zones(session, scheme)), month.light != "none")
        .group_by(month.period, month.light)
        .order_by(month.period)
    ):
        found[period][light] = count
    return found


@pytest.mark.parametrize(
    ("light", "share", "within"), [("green", 70, 6.5), ("yellow", 18, 6.5), ("red", 8, 4.5), ("grey", 4, 2.0)]
)
def test_lights_are_near_the_mix_in_every_month(demo: Session, light: str, share: float, within: float) -> None:
    by_month = lights(demo, "wcsc")
    assert len(by_month) == 57
    for period, counts in by_month.items():
        one = 100 / counts.total()  # early months have few projects: one more or less of them must be let pass
        assert counts[light] / counts.total() * 100 == pytest.approx(share, abs=max(within, 1.5 * one)), period


def test_lights_have_their_reasons_in_every_year(demo: Session) -> None:
    month, project = m.ProjectMonth, m.Project
    rows = demo.execute(
        select(func.substr(month.period, 1, 4), month.reason)
        .join(project, project.id == month.project_id)
        .where(project.provenance == "demo", month.light.in_(("yellow", "red")))
        .distinct()
    ).all()
    by_year: dict[str, set[str]] = defaultdict(set)
    for year, reason in rows:
        by_year[year].add(reason)
    for year in ("2023", "2024", "2025", "2026"):
        assert len(by_year[year]) >= 6, year


# ── money ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_intensities_are_below_1500(demo: Session) -> None:
    project = m.Project
    rows = demo.execute(
        select(project.id, project.total_investment_wan, project.land_m2).where(
            project.provenance == "demo", project.land_m2 > 0, project.total_investment_wan.is_not(None)
        )
    ).all()
    assert len(rows) > 100
    intensities = {row.id: row.total_investment_wan / (row.land_m2 / MU_M2) for row in rows}
    assert max(intensities.values()) < 1_500
    assert 500 <= np.median(list(intensities.values())) <= 800  # the nation's 599 (rules §3.2)
    assert max(v for by_zone in values(demo, "K19").values() for v in by_zone.values()) < 1_500


def test_plans_and_investment_stay_within_what_the_total_allows(demo: Session) -> None:
    report, project, plan = m.MonthlyReport, m.Project, m.ProjectYear
    excused = set(demo.scalars(select(m.DataException.entity_id).where(m.DataException.code == "ytd_falls")))
    totals = dict(
        demo.execute(select(project.id, project.total_investment_wan).where(project.provenance == "demo"))
        .tuples()
        .all()
    )
    before: dict[tuple[str, int], int] = {}
    rows = demo.execute(
        select(report.project_id, report.period, report.ytd_wan, report.cumulative_wan, report.plan_ytd_wan)
    ).all()
    plans = {(p, y): wan for p, y, wan in demo.execute(select(plan.project_id, plan.year, plan.plan_wan))}
    for row in rows:
        year = int(row.period[:4])
        assert row.cumulative_wan <= totals[row.project_id], row
        if row.project_id not in excused:
            before[row.project_id, year] = row.cumulative_wan - row.ytd_wan
            assert row.cumulative_wan - row.ytd_wan + row.plan_ytd_wan <= totals[row.project_id], row
        if (row.project_id, year) in plans:
            assert row.plan_ytd_wan <= plans[row.project_id, year], row
    assert len(before) > 200
    for key, spent in before.items():
        assert spent + plans.get(key, 0) <= totals[key[0]], key


def test_reds_rest_on_sound_plans(demo: Session) -> None:
    """A project that is red for its progress has a plan of the year it could still keep, and falls short of it."""
    month, report, plan, project = m.ProjectMonth, m.MonthlyReport, m.ProjectYear, m.Project
    rows = demo.execute(
        select(month.project_id, month.period, report.ytd_wan, report.cumulative_wan, report.plan_ytd_wan,
               plan.plan_wan, project.total_investment_wan)
        .join(project, project.id == month.project_id)
        .join(report, (report.project_id == month.project_id) & (report.period == month.period))
        .join(plan, (plan.project_id == month.project_id)
              & (plan.year == func.cast(func.substr(month.period, 1, 4), m.ProjectYear.year.type)))
        .where(month.light == "red", month.reason == "light.progress.behind", project.provenance == "demo")
    ).all()  # fmt: skip
    assert len({row.project_id for row in rows}) >= 10
    for row in rows:
        assert row.plan_wan <= row.total_investment_wan - (row.cumulative_wan - row.ytd_wan), row
        assert 0.3 * row.plan_wan < row.plan_ytd_wan - row.ytd_wan < row.plan_wan, row


# ── firms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_per_mu_values_differ_between_unlike_zones(demo: Session) -> None:
    for scheme in SCHEMES:
        kinds = zones(demo, scheme)
        for kpi in ("K10", "K11", "K13"):
            for year, by_zone in values(demo, kpi).items():
                for a, b in combinations(sorted(set(by_zone) & set(kinds)), 2):
                    if kinds[a] != kinds[b] and year == "2025":
                        apart = abs(by_zone[a] - by_zone[b]) / min(by_zone[a], by_zone[b])
                        assert apart >= 0.05, (kpi, year, a, b)


@pytest.mark.parametrize("kpi", ["K10", "K11", "K12", "K13"])
def test_per_mu_values_of_the_five_zones_are_a_fifth_to_twice_apart(demo: Session, kpi: str) -> None:
    for year, by_zone in values(demo, kpi).items():
        mine = [by_zone[zone] for zone in zones(demo, "wcsc")]
        assert max(mine) / min(mine) >= 1.8, year


def evaluation(session: Session, scheme: str, year: int) -> tuple[Any, ...]:
    return per_mu(Question.of(session, LEADER, ViewState(scheme=scheme)), year=year).rows


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_two_firms_tie_by_the_cap(demo: Session, scheme: str, year: int) -> None:
    """A firm at the cap of every indicator would tie with every other one: none is, and the first rank is one firm's."""
    rows = [row for row in evaluation(demo, scheme, year) if row["score"] is not None]
    most = {i.key: SCORE_CAP * i.weight for i in SICHUAN.indicators}
    for row in rows:
        assert any(row["scores"][key] < most[key] - 1e-9 for key in most), row["id"]
    ranks = Counter(row["rank"] for row in rows)
    assert ranks[1] == 1
    assert max(ranks.values()) <= 3  # equal to two decimals by chance


def test_no_firm_makes_a_fifth_of_its_zones_output(demo: Session) -> None:
    month, firm = m.EnterpriseMonth, m.Enterprise
    rows = demo.execute(
        select(firm.zone_code, month.period, func.max(month.output_ytd_wan), func.sum(month.output_ytd_wan))
        .join(firm, firm.id == month.enterprise_id)
        .where(firm.provenance == "demo", firm.above_scale_since <= month.period)
        .group_by(firm.zone_code, month.period)
    ).all()
    assert len(rows) == 57 * len(zones(demo))
    for zone, period, largest, whole in rows:
        assert largest / whole < 0.20, (zone, period)


def test_high_tech_firms_grow(demo: Session) -> None:
    found = values(demo, "K44")
    years = [found[f"{year}Q3"] for year in range(2022, 2027)]
    for before, after in pairwise(years):
        for zone in zones(demo):
            assert after[zone] >= before[zone], zone
        for zone in zones(demo, "wcsc"):
            assert 1.03 <= after[zone] / before[zone] <= 1.25, zone


# ── ground ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "column", [m.Project.footprint, m.CarrierBuilding.footprint, m.LandParcel.geom, m.Plot.geom], ids=str
)
def test_no_invalid_footprint(demo: Session, column: Any) -> None:
    shapes = demo.scalars(select(column).where(column.is_not(None))).all()
    assert len(shapes) > 90
    assert shapely.is_valid(shapes).all()
    assert set(shapely.get_type_id(shapes)) == {3}


# ── a larger scale ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_four_times_the_projects_keep_the_ranges() -> None:
    """The benchmarks generate more of everything: the same rules hold there."""
    with filled(DemoScale(parcels=4_500, projects=960, enterprises=1_200), ("wcsc",)) as session:
        for period, counts in lights(session, "wcsc").items():
            for light, share, within in (("green", 70, 10), ("yellow", 18, 9), ("red", 8, 4.5), ("grey", 4, 2.0)):
                assert counts[light] / counts.total() * 100 == pytest.approx(share, abs=within), (period, light)
        for by_zone in values(session, "K53").values():
            assert all(55 <= share <= 80 for share in by_zone.values())
        for by_zone in values(session, "K28").values():
            assert all(60 <= rate <= 95 for rate in by_zone.values())
        over: Row[Any] = session.execute(
            select(func.count())
            .select_from(m.MonthlyReport)
            .join(m.Project, m.Project.id == m.MonthlyReport.project_id)
            .where(m.MonthlyReport.cumulative_wan > m.Project.total_investment_wan)
        ).one()
        assert over[0] == 0
