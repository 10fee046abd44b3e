"""The per-mu evaluation on the database: worked example, park values from sums, what-if, who sees firms."""

from __future__ import annotations

import pytest
from dash.development.base_component import Component
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.kpis import figures
from data.queries.per_mu import REFERENCES, PerMu, per_mu
from data.queries.question import Question
from domain.per_mu import SICHUAN
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from tests.support.own_data import OwnData
from views.parts import per_mu_blocks

LEADER, PROMOTER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)
MU = 2000 / 3


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def texts(component: object) -> list[str]:
    if isinstance(component, list | tuple):
        return [text for child in component for text in texts(child)]
    if isinstance(component, Component):
        return texts(getattr(component, "children", None))
    return [str(component)] if isinstance(component, str | int | float) else []


def firm(own: OwnData, key: str, zone: str, year: dict[str, float | None], **fields: object) -> None:
    own.firm(key, zone, output=1, year=year, **fields)


def figure(found: PerMu, zone: str, indicator: str) -> float | None:
    return next(p.value for p in found.parks if (p.zone, p.indicator) == (zone, indicator))


def example(own: OwnData) -> None:
    """The three firms of rules §3.4 on 300 亩 each (a: 甲, b: 乙, c: 丙)."""
    land = round(300 * MU)
    for key, per_mu_, tax, head, tce, rd in (
        ("a", 900, 42, 180, 9.0, 0.042), ("b", 430, 15, 150, 4.0, 0.009), ("c", 120, -1.2, 60, 2.0, 0.0),
    ):  # fmt: skip
        revenue = per_mu_ * 300
        firm(own, key, "XYDIT", {
            "revenue_wan": revenue, "tax_wan": round(tax * 300), "employees": round(revenue / head),
            "energy_tce": round(revenue / tce), "rd_wan": round(revenue * rd), "land_m2": land,
        })  # fmt: skip


def test_the_worked_example_of_three_firms(own: OwnData) -> None:
    example(own)
    found = per_mu(Question.of(own.session, LEADER, own.state()), zones=("XYDIT",))
    assert [(r["id"], round(r["score"], 2), r["rank"]) for r in found.rows] == [
        ("a", 99.93, 1), ("b", 68.96, 2), ("c", 15.97, 3),
    ]  # fmt: skip
    # A at most 30 % of three firms is nobody; C at least 10 % is the last one.
    assert [r["grade"] for r in found.rows] == ["B", "B", "C"]


def test_the_park_value_is_recomputed_from_sums_and_never_the_mean(own: OwnData) -> None:
    land = {"a": 1500, "b": 4500}
    for key, tax, zone in (("a", 60_000, "XYDIT"), ("b", 9_000, "WLKJC")):
        firm(own, key, zone, {"tax_wan": tax, "land_m2": round(land[key] * MU)})
    found = per_mu(Question.of(own.session, LEADER, own.state()))
    assert figure(found, "", "tax_per_mu") == pytest.approx(11.5)  # rules §3.3.1; the mean would be 21
    assert figure(found, "XYDIT", "tax_per_mu") == pytest.approx(40.0)
    assert figure(found, "WLKJC", "tax_per_mu") == pytest.approx(2.0)
    assert figure(found, "SMKX", "tax_per_mu") is None
    # Without revenue the firms get no class instead of a low one.
    assert {r["grade"] for r in found.rows} == {"ungraded"}
    assert found.rows[0]["reason"].startswith("missing.")


def test_firms_without_land_leased_floor_and_firms_by_standing(own: OwnData) -> None:
    full = {"revenue_wan": 1000, "tax_wan": 30, "employees": 10, "energy_tce": 100, "rd_wan": 20}
    firm(own, "owned", "XYDIT", {**full, "land_m2": 6667})
    firm(own, "leased", "XYDIT", {**full, "leased_m2": 20_000, "leased_far": 2.0})
    firm(own, "landless", "XYDIT", {**full, "land_m2": 0, "leased_m2": 0})
    firm(own, "unknown", "XYDIT", full)
    firm(own, "young", "XYDIT", {**full, "land_m2": 6667}, founded=2025)
    firm(own, "start", "XYDIT", {**full, "land_m2": 6667}, grading_status="startup")
    firm(own, "small", "XYDIT", {**full, "land_m2": 6667}, above_scale_since=None)
    rows = {r["id"]: r for r in per_mu(Question.of(own.session, LEADER, own.state())).rows}
    assert rows["leased"]["values"]["revenue_per_mu"] == pytest.approx(1000 / 15)  # 10,000 m² of land
    assert (rows["landless"]["grade"], rows["landless"]["reason"]) == ("excluded", "no_land")
    assert (rows["unknown"]["grade"], rows["unknown"]["reason"]) == ("ungraded", "land_unknown")
    assert (rows["young"]["grade"], rows["young"]["treated_as"]) == ("ungraded", "B")
    assert (rows["start"]["grade"], rows["start"]["treated_as"]) == ("ungraded", None)
    assert "small" not in rows


def test_other_weights_say_who_changes_class(db_session: Session) -> None:
    plain = per_mu(Question.of(db_session, LEADER, ViewState()))
    assert plain.is_default
    assert plain.changed == ()
    weights = {i.key: 0.0 for i in SICHUAN.indicators} | {"rd_intensity": 70.0}
    other = per_mu(Question.of(db_session, LEADER, ViewState()), weights=weights, score_fn="minmax_20_80")
    moved = {r["id"]: (r["default_grade"], r["grade"]) for r in other.rows if r["default_grade"] != r["grade"]}
    assert moved == {firm: (old, new) for firm, _, _, old, new in other.changed}
    assert len(moved) == other.changed_count > 0
    assert {r["id"]: r["grade"] for r in plain.rows} == {r["id"]: r["default_grade"] for r in other.rows}
    assert sum(other.classes[""].values()) == other.firms
    for name in other.classes[""]:
        assert other.classes[""][name] == sum(other.classes[z].get(name, 0) for z in other.zones)
    quarters = per_mu(
        Question.of(db_session, LEADER, ViewState()), cutoffs=(("A", 25), ("B", 70), ("C", 95), ("D", 100))
    )
    assert quarters.classes[""].get("D", 0) >= 1
    for bad in ({"weights": {"nothing": 1.0}}, {"weights": {"tax_per_mu": -1.0}}, {"year": 1999}):
        with pytest.raises(ValueError, match=r"."):
            per_mu(Question.of(db_session, LEADER, ViewState()), **bad)  # type: ignore[arg-type]


def test_park_values_are_those_of_the_kpi_tiles(db_session: Session) -> None:
    found = per_mu(Question.of(db_session, LEADER, ViewState()))
    tiles = figures(Question.of(db_session, LEADER, ViewState()), ("K10", "K13", "K14", "K15"))
    for park in found.parks:
        if park.zone == "" and park.kpi_id in tiles:
            assert park.value == pytest.approx(float(tiles[park.kpi_id].value or 0), rel=1e-6)


def test_single_firms_are_for_those_who_may_see_them_and_park_values_give_none_away(own: OwnData) -> None:
    example(own)
    for key in ("d", "e"):
        firm(own, key, "WLKJC", {"revenue_wan": 500, "land_m2": 6667, "tax_wan": 5})
    state = own.state()
    found = per_mu(Question.of(own.session, PROMOTER, state))
    assert (found.rows, found.changed, found.rows_reason) == ((), (), "withheld")
    assert found.classes[""] == {"B": 2, "C": 1, "ungraded": 2}
    reasons = {(p.zone, p.indicator): p.reason for p in found.parks}
    assert reasons["WLKJC", "tax_per_mu"] == "suppressed"
    assert reasons["XYDIT", "tax_per_mu"] == "suppressed"  # or the total minus it would be WLKJC
    assert per_mu(Question.of(own.session, PROSPECT, state)).reason == "withheld"
    assert per_mu(Question.of(own.session, LEADER, state.with_(dataset=Dataset.PUBLISHED))).reason == "no_firms"


def test_a_score_is_told_out_of_what_the_weights_allow(own: OwnData) -> None:
    land = round(300 * MU)
    base = {"revenue_wan": round(427.4 * 300), "tax_wan": 4290, "employees": 888, "energy_tce": 26167, "rd_wan": 1923.3}
    firm(own, "at", "XYDIT", {**base, "land_m2": land})  # every benchmark just reached
    firm(
        own,
        "low",
        "XYDIT",
        {**{k: v / 2 for k, v in base.items()}, "employees": 888, "energy_tce": 26167, "land_m2": land},
    )
    found = per_mu(Question.of(own.session, LEADER, own.state()))
    assert found.method.full == 70
    rows = {r["id"]: r for r in found.rows}
    assert (rows["at"]["score"], rows["at"]["attained"]) == (pytest.approx(70, abs=0.05), pytest.approx(1.0, abs=0.001))
    assert rows["low"]["attained"] == pytest.approx(rows["low"]["score"] / 70)
    heavier = per_mu(Question.of(own.session, LEADER, own.state()), weights={"tax_per_mu": 40})
    assert heavier.method.full == 90
    assert {r["id"]: r for r in heavier.rows}["at"]["attained"] == pytest.approx(1.0, abs=0.001)
    said = " ".join(texts(per_mu_blocks.firms(Question.of(own.session, LEADER, own.state()).known, found, 1)))
    assert "100% = 各项均达基准(70 分)" in said
    assert "100.0%" in said


def test_firms_with_one_score_share_their_rank_and_it_is_said(own: OwnData) -> None:
    example(own)
    twin = own.session.scalars(select(m.EnterpriseYear).where(m.EnterpriseYear.enterprise_id == "b")).one()
    firm(own, "b2", "XYDIT", {k: getattr(twin, k) for k in (
        "revenue_wan", "tax_wan", "employees", "energy_tce", "rd_wan", "land_m2")})  # fmt: skip
    question = Question.of(own.session, LEADER, own.state())
    found = per_mu(question)
    assert [(r["id"], r["rank"], r["tied"]) for r in found.rows] == [
        ("a", 1, 1),
        ("b", 2, 2),
        ("b2", 2, 2),
        ("c", 4, 1),
    ]
    table = per_mu_blocks.firms(question.known, found, 1)
    ranks = ["".join(texts(row.children[0])) for row in table.children[0].children.children[1].children]
    assert ranks == ["1", "并列 2", "并列 2", "4"]


def test_hidden_counts_are_starred_and_never_none(own: OwnData) -> None:
    example(own)
    for key in ("d", "e"):
        firm(own, key, "WLKJC", {"revenue_wan": 500, "land_m2": 6667, "tax_wan": 5})
    question = Question.of(own.session, PROMOTER, own.state())
    found = per_mu(question)
    assert found.hidden == {"XYDIT", "WLKJC"}
    said = texts(per_mu_blocks.classes(question.known, found))
    assert said.count("＊") == 2 * (len({g for c in found.classes.values() for g in c}) + 1)
    alone = per_mu(Question.of(own.session, PROMOTER, own.state(zones=("WLKJC",))), weights={"tax_per_mu": 40})
    assert (alone.hidden, alone.classes, alone.changed_count) == ({"", "WLKJC"}, {}, None)
    assert "换类" not in " ".join(texts(per_mu_blocks.moved(question.known, alone)))


def test_reference_lines_carry_year_and_source() -> None:
    lines = {(r.indicator, r.level): r.value for r in REFERENCES}
    assert lines["revenue_per_mu", "province"] == 427.4
    assert lines["tax_per_mu", "province"] == 14.3
    assert lines["tax_per_mu", "nation"] == 45.3
    assert lines["investment_per_mu", "nation"] == 599
    assert all(r.source for r in REFERENCES)


def test_pages_of_firms(db_session: Session) -> None:
    whole = per_mu(Question.of(db_session, LEADER, ViewState())).rows
    pages = [
        r
        for o in range(0, len(whole), 10)
        for r in per_mu(Question.of(db_session, LEADER, ViewState()), offset=o, limit=10).rows
    ]
    assert pages == list(whole)


def test_the_classes_of_five_thousand_firms_keep_their_quotas(own: OwnData) -> None:
    firms = [
        {"id": f"E{n}", "name_zh": f"企业{n}", "zone_code": "XYDIT", "provenance": "official", "above_scale_since": "2020-01",
         "founded": 2010, "leader_of": []}
        for n in range(5_000)
    ]  # fmt: skip
    years = [
        {"enterprise_id": f"E{n}", "year": 2025, "revenue_wan": 1_000 + n, "tax_wan": 20 + n % 90, "employees": 9 + n % 70,
         "energy_tce": 50 + n % 300, "rd_wan": n % 60, "land_m2": 7_000 + n}
        for n in range(5_000)
    ]  # fmt: skip
    own.session.execute(insert(m.Enterprise), firms)
    own.session.execute(insert(m.EnterpriseYear), years)
    state = own.state()
    found = per_mu(Question.of(own.session, LEADER, state), weights={"tax_per_mu": 40})
    assert (found.firms, len(found.rows)) == (5_000, 5_000)
    grades = found.classes[""]
    assert grades["A"] <= 1_500
    assert grades["C"] >= 500
