"""这个数怎么来的: every tile opens into units and records that sum to it."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data import models as m
from data.indicators import LINES
from data.queries.catalogue import catalogue
from data.queries.explain import explain, explain_xlsx
from data.queries.kpis import figures
from data.queries.question import Question
from data.reference import indicators
from domain.indicators import Method
from domain.periods import Period
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, Scope, ViewState
from tests.support.own_data import GXQ, SHUANGLIU, XINJIN, OwnData

LEADER, PLANNER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER)
PROMOTER, PROSPECT = Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)
ADDITIVE = (
    "K01", "K02", "K04", "K06", "K07", "K08", "K09", "K20", "K21", "K22", "K23", "K24", "K33", "K34", "K43", "K44",
    "K45", "K46", "K48", "K49", "K51",
)  # fmt: skip
REPORTED_ONLY = ("K05", "K48", "K49", "K50", "K52")


def test_the_additive_kpis_are_those_of_the_dictionary(db_session: Session) -> None:
    assert tuple(k.id for k in catalogue(db_session).kpis.values() if k.additive) == ADDITIVE
    assert set(catalogue(db_session).kpis) == set(LINES) | set(REPORTED_ONLY)
    assert set(LINES) == {k.id for k in indicators().values() if k.record}


@pytest.mark.parametrize("kpi_id", ADDITIVE)
@pytest.mark.parametrize("zones", [None, ("SMKX", "WLKJC")])
def test_units_and_records_sum_to_the_tile_of_every_additive_kpi(
    db_session: Session, kpi_id: str, zones: tuple[str, ...] | None
) -> None:
    state = ViewState(scope=Scope.SHARED)
    found = explain(Question.of(db_session, LEADER, state), kpi_id, zones, limit=100_000)
    tile = figures(Question.of(db_session, LEADER, state), (kpi_id,), zones=zones)[kpi_id]
    assert found.total == tile.value
    assert sum((u.value for u in found.units if u.value is not None), Fraction(0)) == tile.value
    if kpi_id in REPORTED_ONLY:
        assert (found.reconciles, found.records_reason) == (None, "reported")
        assert {v.zone for v in found.values} == set(found.zones)
        return
    assert found.reconciles is True
    assert found.difference == 0
    assert sum(row["amount"] for row in found.records) == tile.value
    assert len(found.records) == found.records_total
    if found.split is not None:
        assert found.split.records_total == tile.value


@pytest.mark.parametrize("kpi_id", [k for k in LINES if k not in ADDITIVE and k != "K47"])
def test_records_sum_to_numerator_and_denominator_of_every_ratio(db_session: Session, kpi_id: str) -> None:
    v = m.KpiValue
    mine = v.unit_code.in_(select(m.Zone.code).where(m.Zone.scheme_id == "wcsc"))
    told = select(func.max(v.period)).where(v.kpi_id == kpi_id, v.provenance == "demo", v.denominator > 0, mine)
    newest = db_session.scalar(told)
    if newest is None:  # at this scale no zone has three projects whose capacity is due: test_demo_credible.py has them
        assert kpi_id == "K28"
        return
    state = ViewState(period=str(Period.parse(newest).months()[-1]))
    found = explain(Question.of(db_session, LEADER, state), kpi_id, limit=100_000)
    assert found.reconciles is True
    assert sum(row["numerator"] for row in found.records) == found.numerator
    assert sum(row["denominator"] for row in found.records) == found.denominator
    if found.figure.kpi.method is Method.UNION:
        assert max(u.numerator for u in found.units) <= found.numerator <= sum(u.numerator for u in found.units)
    else:
        assert sum((u.numerator for u in found.units if u.numerator is not None), Fraction(0)) == found.numerator


@pytest.mark.parametrize("kpi_id", ["K01", "K08", "K21", "K51"])
def test_a_filtered_tile_opens_into_the_filtered_records(db_session: Session, kpi_id: str) -> None:
    state = ViewState(chains=("DRUG", "IC"))
    found = explain(Question.of(db_session, LEADER, state), kpi_id, limit=10_000)
    assert found.figure.from_records
    assert sum(row["amount"] for row in found.records) == (found.total or 0)
    assert found.reconciles in (True, None)
    assert found.months == ()


def test_a_value_that_its_records_do_not_support_says_by_how_much(own_state: tuple[OwnData, ViewState]) -> None:
    own, state = own_state
    value = own.session.scalars(
        select(m.KpiValue).where(
            m.KpiValue.provenance == "official", m.KpiValue.kpi_id == "K01", m.KpiValue.unit_code == "SMKX",
            m.KpiValue.period == "2026-09",
        )
    ).one()  # fmt: skip
    assert explain(Question.of(own.session, LEADER, state), "K01", ("SMKX",)).reconciles is True
    value.value = 901.0
    own.session.flush()
    found = explain(Question.of(own.session, LEADER, state), "K01", ("SMKX",))
    assert (found.reconciles, found.difference) == (False, 1)
    assert found.units[0].difference == 1


@pytest.fixture
def own_state(db_session: Session) -> tuple[OwnData, ViewState]:
    own = OwnData(db_session)
    own.agreement("A", {GXQ: "6/10", SHUANGLIU: "4/10"})
    own.project("P1", fai={"2026-02": 300, "2026-03": 500, "2026-04": 450, "2026-09": 900}, name="=1+1|cmd")
    for n in range(4):
        own.firm(f"A{n}", output=100, unit=SHUANGLIU)
    own.firm("B0", "XYDIT", output=900, unit=XINJIN)
    return own, own.state(Scope.SHARED)


def test_months_of_the_year_show_the_joint_first_point_and_revisions(own_state: tuple[OwnData, ViewState]) -> None:
    own, state = own_state
    months = explain(Question.of(own.session, LEADER, state), "K01", ("SMKX",)).months
    assert [(r.label, r.value, r.ytd, r.revised) for r in months[:3]] == [
        ("2026-01/02", 300, 300, False), ("2026-03", 200, 500, False), ("2026-04", -50, 450, True),
    ]  # fmt: skip
    assert months[2].zones_revised == ("SMKX",)
    # Months without a report by the project are 0 in the derived series, so the fall back to 0 is a revision as well.
    assert months[-1].ytd == 900


def test_a_later_version_replaces_the_earlier_one_and_both_are_listed(own_state: tuple[OwnData, ViewState]) -> None:
    own, state = own_state
    own.add(
        m.KpiValue(
            kpi_id="K48", unit_scope="zone", unit_code="SMKX", period_type="Q", period="2026Q3", accumulation="point",
            value=10.0, unit="人", status="flash", scope="territorial", channel="园区报", as_of=date(2026, 10, 8),
            source_doc="快报1", version=1, provenance="official",
        ),
        m.KpiValue(
            kpi_id="K48", unit_scope="zone", unit_code="SMKX", period_type="Q", period="2026Q3", accumulation="point",
            value=12.0, unit="人", status="revised", scope="territorial", channel="园区报", as_of=date(2026, 11, 8),
            source_doc="修订2", version=2, provenance="official",
        ),
    )  # fmt: skip
    found = explain(Question.of(own.session, LEADER, state), "K48", ("SMKX",))
    assert found.total == 12
    assert [(v.value, v.version, v.status, v.source_doc, v.current) for v in found.values] == [
        (10.0, 1, "flash", "快报1", False), (12.0, 2, "revised", "修订2", True),
    ]  # fmt: skip


def test_sums_that_give_a_firm_away_are_hidden_with_a_second_cell(own_state: tuple[OwnData, ViewState]) -> None:
    own, state = own_state
    seen = explain(Question.of(own.session, PLANNER, state), "K04")
    assert {u.zone: u.value for u in seen.units if u.value} == {"SMKX": 400, "XYDIT": 900}
    found = explain(Question.of(own.session, PROMOTER, state), "K04")
    # XYDIT is one firm; SMKX goes with it or the difference to the total would be that firm.
    assert {u.zone: u.reason for u in found.units if u.records or u.reason == "suppressed"} == {
        "SMKX": "suppressed", "XYDIT": "suppressed",
    }  # fmt: skip
    assert (found.records, found.records_reason) == ((), "withheld")
    assert found.values == ()
    assert found.months == ()
    alone = explain(Question.of(own.session, PROMOTER, state), "K04", ("XYDIT",))
    assert (alone.total, alone.records_sum, alone.figure.reason) == (None, None, "suppressed")
    text = _text(explain_xlsx(Question.of(own.session, PROMOTER, state), "K04", ("XYDIT",)))
    assert b"900" not in text, text[text.find(b"900") - 60 :][:90]


@pytest.mark.parametrize("kpi_id", sorted(k.id for k in indicators().values() if k.firm_figures))
def test_no_line_of_a_single_firm_reaches_who_may_not_see_firms(db_session: Session, kpi_id: str) -> None:
    found = explain(Question.of(db_session, PROMOTER, ViewState()), kpi_id)
    assert (found.records, found.records_total) == ((), 0)


def test_a_prospect_and_the_published_set_get_no_records(db_session: Session) -> None:
    found = explain(Question.of(db_session, PROSPECT, ViewState()), "K01")
    assert (found.total, found.records, found.values, found.split) == (None, (), (), None)
    assert all(u.value is None for u in found.units)
    published = explain(Question.of(db_session, LEADER, ViewState(dataset=Dataset.PUBLISHED)), "K01")
    assert published.total is None


def test_projects_the_viewer_may_not_see_are_one_pooled_line(db_session: Session) -> None:
    narrow = Viewer(Role.LEADERSHIP, units=frozenset({"XYDIT"}))
    found = explain(Question.of(db_session, narrow, ViewState()), "K30", limit=1_000)
    assert found.records[-1]["reason"] == "withheld"
    assert sum(r["numerator"] for r in found.records) == found.numerator
    assert {r["zone_code"] for r in found.records[:-1]} <= {"XYDIT"}


def _text(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "worksheets" in name or "shared" in name)


def test_the_workbook_starts_with_what_it_is_and_holds_no_formula(own_state: tuple[OwnData, ViewState]) -> None:
    own, state = own_state
    data = explain_xlsx(Question.of(own.session, LEADER, state), "K01")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        sheets = [archive.read(f"xl/worksheets/sheet{n + 1}.xml") for n in range(len(names))]
        strings = re.findall(r"<t[^>]*>([^<]*)</t>", archive.read("xl/sharedStrings.xml").decode())
    assert names == ["说明", "分单位", "分记录", "归属与依据", "分期", "上报值"]
    assert not any(b"<f>" in sheet for sheet in sheets)
    assert "=1+1|cmd" in strings
    for wanted in ("共建分享", "自有数据", "内部考核口径", "2026-09", "Σ 本年完成投资"):
        assert any(wanted in text for text in strings), wanted
    english = explain_xlsx(Question.of(own.session, LEADER, state), "K01", language="en")
    assert b"Reconciles" in _text(english)
