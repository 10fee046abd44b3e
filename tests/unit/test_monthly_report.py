from dataclasses import replace
from datetime import date

import pytest

from domain.monthly_report import ISSUE_TYPES, MonthlyReport, validate

AUGUST = MonthlyReport(
    "p1",
    "2026-08",
    500,
    4_000,
    9_000,
    8_000,
    20_000,
    works_state="structure",
    works_text="主体 5 层",
    submitted_on=date(2026, 9, 3),
)
SEPTEMBER = replace(
    AUGUST, month="2026-09", done_month_wan=600, done_ytd_wan=4_600, done_total_wan=9_600, works_text="主体 7 层"
)


def codes(report, previous=AUGUST, stage=90):
    return {f.code: f.severity for f in validate(report, previous, stage)}


def test_a_consistent_report_has_no_finding():
    assert codes(SEPTEMBER) == {}
    assert codes(AUGUST, None) == {}


def test_a_falling_year_to_date_needs_a_reason():
    lower = replace(SEPTEMBER, done_month_wan=-100, done_ytd_wan=3_900)
    assert codes(lower) == {"ytd_falls": "error"}
    assert codes(replace(lower, revision_reason="audit")) == {"ytd_revised": "info"}


def test_a_new_year_may_begin_lower():
    january = replace(SEPTEMBER, month="2027-01", done_month_wan=100, done_ytd_wan=100, done_total_wan=9_700)
    december = replace(SEPTEMBER, month="2026-12", works_text="主体 6 层")
    assert codes(january, december) == {}
    assert codes(replace(january, done_month_wan=90), december) == {"ytd_not_sum": "warning"}


def test_year_to_date_must_be_the_sum_of_its_months():
    found = validate(replace(SEPTEMBER, done_ytd_wan=4_700), AUGUST, 90)
    assert [(f.code, dict(f.figures)) for f in found] == [("ytd_not_sum", {"ytd_wan": 4_700, "expected_wan": 4_600})]


def test_cumulative_above_120_percent_of_the_total_asks_for_confirmation():
    at_limit = replace(SEPTEMBER, done_total_wan=24_000)
    over = replace(SEPTEMBER, done_total_wan=24_001)
    assert codes(at_limit) == {}
    assert codes(over) == {"over_total": "confirm"}
    assert codes(replace(over, overrun_confirmed=True)) == {"over_total": "info"}


def test_investment_needs_the_works_to_have_started():
    assert codes(SEPTEMBER, stage=80) == {"investment_before_start": "error"}
    assert codes(SEPTEMBER, stage=None) == {"investment_before_start": "error"}
    assert codes(SEPTEMBER, stage=140) == {}
    nothing = replace(SEPTEMBER, done_month_wan=0, done_ytd_wan=0, done_total_wan=0)
    assert codes(nothing, None, stage=80) == {}


def test_a_paused_project_keeps_its_sum_but_adds_nothing():
    assert codes(SEPTEMBER, stage=910) == {"investment_after_end": "error"}
    still = replace(SEPTEMBER, done_month_wan=0, done_ytd_wan=4_000, done_total_wan=9_000)
    assert codes(still, stage=910) == {}


def test_above_the_annual_plan_is_allowed_and_flagged():
    assert codes(replace(SEPTEMBER, annual_plan_wan=4_599)) == {"over_plan": "info"}


def test_unchanged_text_and_skipped_months_are_noticed():
    assert codes(replace(SEPTEMBER, works_text="主体 5 层")) == {"text_unchanged": "warning"}
    assert codes(replace(SEPTEMBER, month="2026-11")) == {"months_skipped": "warning"}


def test_year_to_date_cannot_exceed_the_total_done():
    assert codes(replace(SEPTEMBER, done_total_wan=4_599)) == {"ytd_over_total": "error"}


def test_missing_figures_are_missing_and_not_zero():
    found = validate(replace(SEPTEMBER, done_ytd_wan=None, annual_plan_wan=None), AUGUST, 90)
    assert [(f.code, f.figures["field"]) for f in found] == [
        ("missing", "done_ytd_wan"),
        ("missing", "annual_plan_wan"),
    ]
    assert found[0].message_key == "report.missing"


def test_bad_reports_are_refused():
    with pytest.raises(ValueError, match="month"):
        replace(AUGUST, month="2026-13")
    with pytest.raises(ValueError, match="works state"):
        replace(AUGUST, works_state="done")
    with pytest.raises(ValueError, match="earlier"):
        validate(AUGUST, SEPTEMBER, 90)
    assert len(ISSUE_TYPES) == 6
