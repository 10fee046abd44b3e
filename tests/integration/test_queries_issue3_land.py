"""Idle land and the land chain on the database."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from shapely.geometry import box
from sqlalchemy.orm import Session

from data import models as m
from data.queries.idle_land import idle_list, land_chains
from data.queries.land import land_chain
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from tests.support.own_data import OWN, OwnData

LEADER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROSPECT)


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def parcel(own: OwnData, key: str, state: str, area: int = 10_000, zone: str = "XYDIT") -> None:
    own.add(m.LandParcel(id=key, zone_code=zone, district_code="510117", landuse_scheme="YDYH2023", status_code="1001",
                         plan_code="1001", land_state=state, area_m2=area, geom=box(103.9, 30.7, 103.91, 30.71),
                         datum="WGS84", provenance=OWN))  # fmt: skip


def contract(own: OwnData, key: str, agreed: date, **fields: object) -> None:
    parcel(own, f"L-{key}", "supplied")
    own.add(m.LandContract(**{"id": key, "parcel_id": f"L-{key}", "signed_on": date(2023, 1, 1), "price_wan": 9_600,
                              "agreed_start": agreed, "cause": "enterprise", "provenance": OWN, **fields}))  # fmt: skip


def test_the_clock_suggests_and_the_authority_decides(own: OwnData) -> None:
    own.project("PX", "XYDIT")
    contract(own, "FEE", date(2025, 3, 1), legal_status="determined_idle", legal_doc="认定〔2026〕5号")
    contract(own, "SUSPECT", date(2025, 3, 1))
    contract(own, "NODOC", date(2025, 3, 1), legal_status="determined_idle")
    contract(own, "STATE", date(2025, 3, 1), cause="government", legal_status="determined_idle", legal_doc="认定1号")
    contract(own, "RECLAIM", date(2024, 9, 30), legal_status="determined_idle", legal_doc="认定2号")
    contract(own, "WARN", date(2025, 10, 15))
    contract(own, "QUARTER", date(2024, 1, 1), actual_start=date(2024, 2, 1), stopped_on=date(2025, 2, 1),
             developed_ratio=0.34, invested_ratio=0.25)  # fmt: skip
    contract(own, "ODD", date(2025, 3, 1), cause="weather")
    found = idle_list(Question.of(own.session, LEADER, own.state()))
    rows = {r.contract_id: r for r in found.rows}
    assert [(r.contract_id, r.clock.stage.value, r.clock.fee_wan) for r in found.rows] == [
        ("RECLAIM", "two_years", 1_920), ("FEE", "one_year", 1_920), ("STATE", "disposal", None),
        ("NODOC", "suspected", 1_920), ("ODD", "suspected", None), ("SUSPECT", "suspected", 1_920),
        ("WARN", "warning", None),
    ]  # fmt: skip
    assert rows["NODOC"].problems == ("no_document",)
    assert rows["ODD"].problems == ("unknown_cause",)
    assert rows["RECLAIM"].clock.reclaim
    # Exactly a quarter invested and more than a third developed is not idle, however long it stopped.
    assert "QUARTER" not in rows
    assert found.stages["normal"] == (1, 10_000)
    assert found.fee_wan == 2 * 1_920  # not of what nobody decided, nor of a decision without its document
    assert sum(n for n, _ in found.stages.values()) == 8
    assert idle_list(Question.of(own.session, LEADER, own.state()), include_normal=True).total == 8
    assert idle_list(Question.of(own.session, PROSPECT, own.state())).reason == "withheld"


def test_every_contract_of_the_demo_has_a_stage(db_session: Session) -> None:
    found = idle_list(Question.of(db_session, LEADER, ViewState()), include_normal=True, limit=10_000)
    assert found.total == len(found.rows) == sum(n for n, _ in found.stages.values()) > 0
    assert all(r.problems == () for r in found.rows)
    assert sum(a for _, a in found.stages.values()) == sum(r.area_m2 for r in found.rows)


def test_the_identity_of_the_land_chain_is_exact_for_every_zone_and_for_all(own: OwnData) -> None:
    for n, (state, area) in enumerate(
        (("developable", 1_054), ("ready", 655), ("supplied", 599), ("built", 7_692), ("undevelopable", 500))
    ):
        parcel(own, f"Q{n}", state, area)
    state = own.state()
    whole, *zones = land_chains(Question.of(own.session, LEADER, state))
    xydit = next(z for z in zones if z.zone == "XYDIT")
    assert xydit.chain is not None
    assert (xydit.chain.developable_m2, xydit.chain.built_m2) == (10_000, 7_692)
    assert xydit.chain.development == Fraction(8_946, 10_000)
    assert xydit.chain.built_share == Fraction(7_692, 10_000)  # rules §3.2.4: 76.92 %
    assert xydit.identity is True
    assert (xydit.derived, xydit.check, xydit.reported) == (True, None, {})
    assert whole.chain == xydit.chain
    assert next(z for z in zones if z.zone == "SMKX").chain is None


def test_reported_rates_that_contradict_the_parcels_fail_the_check(own: OwnData) -> None:
    parcel(own, "Q1", "built", 8_000)
    parcel(own, "Q2", "developable", 2_000)
    state = own.state()
    value = (
        own.session.query(m.KpiValue)
        .filter_by(provenance=OWN, kpi_id="K37", unit_code="XYDIT")
        .order_by(m.KpiValue.as_of.desc())
        .first()
    )
    assert value is not None
    value.numerator = 9_000.0
    own.session.flush()
    row = next(r for r in land_chains(Question.of(own.session, LEADER, state)) if r.zone == "XYDIT")
    assert row.identity is True
    assert row.check is not None
    assert not row.check.ok
    assert row.check.gap == pytest.approx(0.1)


def test_the_demo_chain_is_that_of_the_land_panel(db_session: Session) -> None:
    whole, *zones = land_chains(Question.of(db_session, LEADER, ViewState()))
    panel = land_chain(Question.of(db_session, LEADER, ViewState()))
    assert panel is not None
    assert whole.chain is not None
    assert (whole.chain.developable_m2, whole.chain.built_m2) == (panel.developable_m2, panel.built_m2)
    for row in (whole, *zones):
        assert row.identity is True
        # The demo's rates are those of its parcels: compared with them they would prove nothing.
        assert (row.derived, row.check) == (True, None)
        assert row.not_nested == ()
    assert land_chains(Question.of(db_session, PROSPECT, ViewState())) == ()
