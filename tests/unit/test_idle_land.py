from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.idle_land import (
    IDLE_STAGE_NAMES,
    Cause,
    Disposal,
    IdleFacts,
    IdleStage,
    LandChain,
    LegalStatus,
    check_land_chain,
    idle_clock,
    idle_fee_wan,
)

AGREED = date(2024, 6, 1)
IDLE = IdleFacts(
    AGREED,
    price_wan=9_600,
    cause=Cause.COMPANY,
    legal_status=LegalStatus.DETERMINED_IDLE,
    legal_document="认定书〔2025〕1号",
)


def test_fee_of_the_worked_example():
    """Rules §7.4: price 9600 万元 → fee 1920."""
    assert idle_fee_wan(9_600) == 1_920
    assert idle_clock(IDLE, date(2025, 6, 1)).fee_wan == 1_920


@pytest.mark.parametrize(
    ("as_of", "stage", "years"),
    [
        (date(2025, 3, 2), IdleStage.NORMAL, 0),
        (date(2025, 3, 3), IdleStage.WARNING, 0),  # 90 days before the year is full
        (date(2025, 5, 31), IdleStage.WARNING, 0),
        (date(2025, 6, 1), IdleStage.ONE_YEAR, 1),
        (date(2026, 5, 31), IdleStage.ONE_YEAR, 1),
        (date(2026, 6, 1), IdleStage.TWO_YEARS, 2),
        (date(2029, 6, 1), IdleStage.TWO_YEARS, 5),
    ],
)
def test_stages_run_from_the_agreed_start(as_of, stage, years):
    clock = idle_clock(IDLE, as_of)
    assert (clock.stage, clock.years_full, clock.reclaim) == (stage, years, years >= 2)
    assert clock.since == AGREED


def test_the_clock_only_suspects_until_somebody_decides():
    undecided = replace(IDLE, legal_status=None, legal_document="")
    clock = idle_clock(undecided, date(2027, 1, 1))
    assert (clock.stage, clock.years_full, clock.fee_wan) == (IdleStage.SUSPECTED, 2, 1_920)
    investigated = replace(IDLE, legal_status=LegalStatus.INVESTIGATING)
    assert idle_clock(investigated, date(2025, 9, 1)).stage is IdleStage.INVESTIGATION
    cleared = idle_clock(replace(IDLE, legal_status=LegalStatus.NOT_IDLE), date(2027, 1, 1))
    assert (cleared.stage, cleared.fee_wan, cleared.reclaim) == (IdleStage.NORMAL, None, False)


@pytest.mark.parametrize("cause", [Cause.GOVERNMENT, Cause.FORCE_MAJEURE])
def test_only_the_company_runs_the_fee(cause):
    clock = idle_clock(replace(IDLE, cause=cause), date(2027, 1, 1))
    assert (clock.stage, clock.fee_wan, clock.reclaim) == (IdleStage.DISPOSAL, None, False)


def test_unknown_cause_has_no_fee_and_stays_in_investigation():
    clock = idle_clock(replace(IDLE, cause=None), date(2027, 1, 1))
    assert (clock.stage, clock.fee_wan, clock.reason_key) == (IdleStage.INVESTIGATION, None, "idle.cause_unknown")


def test_unknown_price_has_no_fee_and_not_zero():
    assert idle_clock(replace(IDLE, price_wan=None), date(2025, 9, 1)).fee_wan is None


def test_a_disposal_route_is_shown_as_such():
    clock = idle_clock(replace(IDLE, disposal=Disposal.BUY_BACK), date(2025, 9, 1))
    assert (clock.stage, clock.reason_key) == (IdleStage.DISPOSAL, "idle.disposal.buy_back")


STOPPED = replace(
    IDLE,
    started_on=date(2024, 7, 1),
    stopped_on=date(2025, 1, 1),
    developed_m2=30_000,
    due_m2=90_000,
    invested_wan=2_500,
    total_wan=10_000,
)


@pytest.mark.parametrize(
    ("developed_m2", "invested_wan", "stage"),
    [
        (30_000, 2_500, IdleStage.NORMAL),  # a third and a quarter exactly are enough
        (29_999, 2_500, IdleStage.ONE_YEAR),
        (30_000, 2_499, IdleStage.ONE_YEAR),
        (29_999, None, IdleStage.ONE_YEAR),
        (30_000, None, IdleStage.UNDECIDED),
        (None, None, IdleStage.UNDECIDED),
    ],
)
def test_stopped_works_count_below_a_third_or_a_quarter(developed_m2, invested_wan, stage):
    facts = replace(STOPPED, developed_m2=developed_m2, invested_wan=invested_wan)
    assert idle_clock(facts, date(2026, 3, 1)).stage is stage


def test_stopped_works_count_from_the_stop():
    clock = idle_clock(replace(STOPPED, developed_m2=0), date(2025, 12, 31))
    assert (clock.stage, clock.since, clock.days) == (IdleStage.WARNING, date(2025, 1, 1), 364)


def test_works_under_way_are_normal_even_when_they_began_late():
    late = replace(IDLE, started_on=date(2026, 1, 1))
    assert idle_clock(late, date(2026, 2, 1)).stage is IdleStage.NORMAL
    assert idle_clock(late, date(2025, 12, 31)).stage is IdleStage.ONE_YEAR


def test_missing_contract_date_is_undecided():
    assert idle_clock(IdleFacts(None), date(2026, 1, 1)).stage is IdleStage.UNDECIDED


def test_legal_status_needs_a_document():
    with pytest.raises(ValueError, match="document"):
        IdleFacts(AGREED, legal_status=LegalStatus.DETERMINED_IDLE)


def test_every_stage_has_a_name():
    assert set(IDLE_STAGE_NAMES) == set(IdleStage)


def test_national_land_chain_identity():
    """Rules §3.2.4: 89.46 % × 92.68 % × 92.77 % = 76.92 %, reported 76.92 %."""
    check = check_land_chain(0.8946, 0.9268, 0.9277, 0.7692)
    assert round(check.product, 4) == 0.7692
    assert check.ok


def test_land_chain_with_another_base_fails():
    assert not check_land_chain(0.8946, 0.9268, 0.9277, 0.78).ok


def test_land_chain_rates_and_nesting():
    chain = LandChain(1_000, 800, 600, 300)
    assert (chain.development, chain.supply, chain.completion) == (Fraction(4, 5), Fraction(3, 4), Fraction(1, 2))
    assert chain.not_nested() == ()
    assert LandChain(1_000, 800, 900, 950).not_nested() == ("supplied_m2", "built_m2")
    assert LandChain(0, 0, 0, 0).development is None


@given(st.lists(st.integers(1, 10**9), min_size=4, max_size=4))
def test_identity_holds_for_rates_of_one_set_of_areas(areas):
    chain = LandChain(*areas)
    assert chain.development * chain.supply * chain.completion == chain.built_share


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_no_fee_and_no_reclaim_before_a_full_year(as_of):
    clock = idle_clock(IDLE, as_of)
    assert (clock.fee_wan is not None) == (as_of >= date(2025, 6, 1))
    assert clock.reclaim == (as_of >= date(2026, 6, 1))
