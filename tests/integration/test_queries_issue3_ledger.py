"""The co-building ledger: agreed share against paid, audited, retained, distributed, settled."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from data import models as m
from data.queries.ledger import Ledger, LedgerRow, ledger, ledger_years
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from tests.support.own_data import GXQ, SHUANGLIU, OwnData

LEADER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROSPECT)
LINES = {
    "cost_in": (70_000, 30_000), "audited": (69_000, 29_000), "revenue": (0, 32_000), "retained": (0, 32_000),
    "distributed": (0, 0), "settled": (10_200, -10_200),
}  # fmt: skip


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def book(own: OwnData, year: int = 2025, doc: str | None = "凭证", **lines: tuple[int, int]) -> None:
    for line, amounts in {**LINES, **lines}.items():
        for unit, amount in zip((GXQ, SHUANGLIU), amounts, strict=True):
            own.add(m.LedgerLine(zone_code="SMKX", year=year, unit=unit, line=line, amount_wan=amount, doc=doc,
                                 provenance="official"))  # fmt: skip


def row(found: Ledger, unit: str) -> LedgerRow:
    return next(r for r in found.rows if r.unit == unit)


def test_paid_audited_and_settled_are_measured_against_the_agreed_share(own: OwnData) -> None:
    own.agreement("A", {GXQ: "6/10", SHUANGLIU: "4/10"}, metric_class="fiscal", retention=True)
    book(own)
    found = ledger(Question.of(own.session, LEADER, own.state()), "SMKX", 2025)
    lead, host = row(found, GXQ), row(found, SHUANGLIU)
    assert (lead.share, lead.cost_in, lead.cost_due, lead.difference) == (Fraction(3, 5), 70_000, 60_000, 10_000)
    assert (lead.audited, lead.disallowed, lead.audited_due, lead.balance) == (69_000, -1_000, 58_800, 10_200)
    assert (lead.settled, lead.open_wan) == (10_200, 0)
    assert (host.difference, host.balance, host.settled, host.open_wan) == (-10_000, -10_200, -10_200, 0)
    # Retention: the shares count for assessment (rules §4.4.2: 1.92 / 1.28 of 3.20), and nobody is paid.
    assert (lead.revenue_due, host.revenue_due) == (19_200, 12_800)
    assert (lead.cash_due, host.cash_due, host.distributed) == (0, 0, 0)
    assert found.total is not None
    assert (found.total.cost_in, found.total.cost_due, found.total.difference) == (100_000, 100_000, 0)
    assert (found.total.revenue, found.total.revenue_due, found.total.retained) == (32_000, 32_000, 32_000)
    assert (found.retention, found.basis_doc, found.illustrative) == (True, "协议A", False)
    assert found.findings == ()
    assert len(found.entries) == 12


def test_contradictions_are_findings_and_nothing_is_corrected(own: OwnData) -> None:
    own.agreement("A", {GXQ: "6/10", SHUANGLIU: "4/10"}, metric_class="fiscal", retention=True, end=date(2025, 7, 1))
    own.agreement("B", {GXQ: "1/2", SHUANGLIU: "1/2"}, metric_class="fiscal", start=date(2025, 7, 1))
    book(own, distributed=(500, 0), settled=(10_200, -10_000))
    own.add(m.LedgerLine(zone_code="SMKX", year=2025, unit="510118", line="cost_in", amount_wan=7, doc="",
                         provenance="official"))  # fmt: skip
    found = ledger(Question.of(own.session, LEADER, own.state()), "SMKX", 2025)
    assert [(f.code, dict(f.figures)) for f in found.findings] == [
        ("agreement_changes_in_year", {"applied": "A"}),
        ("not_a_party", {"unit": "510118"}),
        ("distributed_while_retained", {"distributed_wan": 500}),
        ("revenue_not_accounted", {"revenue_wan": 32_000, "accounted_wan": 32_500}),
        ("settled_not_balanced", {"settled_wan": 200}),
        ("no_document", {"unit": "510118", "line": "cost_in", "amount_wan": 7}),
    ]
    assert row(found, "510118").cost_due is None


@pytest.mark.parametrize(
    ("shares", "reason"), [({GXQ: "6/10", SHUANGLIU: "3/10"}, "ratios_not_one"), (None, "no_agreement")]
)
def test_without_a_usable_agreement_the_booked_amounts_stay_and_no_share_is_applied(
    own: OwnData, shares: dict[str, str] | None, reason: str
) -> None:
    if shares is not None:
        own.agreement("A", shares, metric_class="fiscal")
    book(own)
    found = ledger(Question.of(own.session, LEADER, own.state()), "SMKX", 2025)
    assert found.agreement_reason == reason
    assert row(found, GXQ).cost_in == 70_000
    assert row(found, GXQ).cost_due is None
    assert row(found, GXQ).open_wan is None
    assert found.total is not None
    assert found.total.cost_due is None


def test_demo_ledgers_of_every_zone_and_year_add_up(db_session: Session) -> None:
    state = ViewState()
    years = ledger_years(Question.of(db_session, LEADER, state))
    assert set(years) == {"SMKX", "WLKJC"}
    for zone, found_years in years.items():
        assert found_years == tuple(sorted(found_years, reverse=True))
        for year in found_years:
            found = ledger(Question.of(db_session, LEADER, state), zone, year)
            assert found.total is not None
            assert found.illustrative
            assert found.findings == ()
            for name in ("cost_in", "cost_due", "audited", "audited_due", "revenue", "revenue_due", "settled"):
                assert sum(getattr(r, name) for r in found.rows) == getattr(found.total, name)
            assert found.total.cost_in == found.total.cost_due
            assert found.total.revenue == (found.total.retained or 0) + (found.total.distributed or 0)
            assert found.total.difference == found.total.balance == found.total.settled == 0
            assert all(r.open_wan == 0 for r in found.rows)
            if found.retention:
                assert all(r.cash_due == 0 for r in found.rows)


def test_a_year_without_lines_a_foreign_zone_and_a_prospect(db_session: Session) -> None:
    assert ledger(Question.of(db_session, LEADER, ViewState()), "SMKX").reason == "no_lines"  # 2026 is not booked yet
    assert ledger(Question.of(db_session, PROSPECT, ViewState()), "SMKX", 2025).reason == "withheld"
    assert ledger(Question.of(db_session, PROSPECT, ViewState()), "SMKX", 2025).entries == ()
    assert ledger_years(Question.of(db_session, PROSPECT, ViewState())) == {}
    with pytest.raises(KeyError):
        ledger(Question.of(db_session, LEADER, ViewState()), "WJ-CORE", 2025)
