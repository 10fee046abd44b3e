from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import lights
from domain.lights import (
    DEFAULT_THRESHOLDS as T,
)
from domain.lights import (
    Dimension,
    Exemption,
    Light,
    ProjectFacts,
    project_light,
)

AS_OF = date(2026, 9, 30)
BUILDING = ProjectFacts(
    stage=100,
    signed_on=date(2024, 1, 10),
    registered_on=date(2024, 2, 1),
    planned_start_on=date(2025, 3, 1),
    started_on=date(2025, 3, 15),
    library_on=date(2025, 4, 1),
    annual_plan_wan=120_000,
    planned_to_date_wan=60_000,
    done_to_date_wan=56_000,
    last_report_month="2026-08",
)


@pytest.mark.parametrize(
    ("done_wan", "gap", "light"),
    [(56_000, 3.3, Light.GREEN), (42_000, 15.0, Light.YELLOW), (20_000, 33.3, Light.RED)],
)
def test_progress_gap_of_the_worked_example(done_wan, gap, light):
    """Rules §6.2: annual 12 亿, planned to date 6.0; done 5.6, 4.2, 2.0."""
    found = lights.progress_light(replace(BUILDING, done_to_date_wan=done_wan), AS_OF, T)
    assert (found.light, found.figures["gap_pp"]) == (light, gap)


@pytest.mark.parametrize(
    ("done_wan", "light"),
    [(48_001, Light.GREEN), (48_000, Light.YELLOW), (24_000, Light.YELLOW), (23_999, Light.RED)],
)
def test_progress_is_yellow_from_10_to_30_inclusive(done_wan, light):
    assert lights.progress_light(replace(BUILDING, done_to_date_wan=done_wan), AS_OF, T).light is light


def test_ahead_of_schedule_is_green():
    assert lights.progress_gap_pp(10, 40, 100) == -30
    with pytest.raises(ValueError, match="positive"):
        lights.progress_gap_pp(1, 1, 0)


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2026, 6, 30), Light.GREEN),
        (date(2026, 7, 1), Light.YELLOW),
        (date(2026, 8, 31), Light.YELLOW),
        (date(2026, 9, 1), Light.RED),
    ],
)
def test_start_light_counts_calendar_months_after_the_planned_one(as_of, light):
    facts = ProjectFacts(stage=80, planned_start_on=date(2026, 6, 10))
    assert lights.start_light(facts, as_of, T).light is light


def test_funds_only_concern_government_money():
    assert lights.funds_light(BUILDING, AS_OF, T) is None
    paid = replace(BUILDING, government_funded=True, funds_required_wan=100, funds_paid_wan=100)
    assert lights.funds_light(paid, AS_OF, T).light is Light.GREEN
    assert lights.funds_light(replace(paid, funds_paid_wan=99), AS_OF, T).light is Light.RED
    assert lights.funds_light(replace(paid, funds_paid_wan=None), AS_OF, T).light is Light.GREY


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2026, 5, 9), Light.GREEN),
        (date(2026, 5, 10), Light.YELLOW),
        (date(2026, 6, 10), Light.YELLOW),
        (date(2026, 6, 11), Light.RED),
    ],
)
def test_library_light_runs_from_the_start(as_of, light):
    facts = replace(BUILDING, started_on=date(2026, 4, 10), library_on=None)
    assert lights.library_light(facts, as_of, T).light is light


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2026, 3, 2), Light.GREEN),  # 60 days
        (date(2026, 3, 3), Light.YELLOW),
        (date(2026, 5, 1), Light.YELLOW),  # 120 days
        (date(2026, 5, 2), Light.RED),
    ],
)
def test_signed_but_not_registered(as_of, light):
    facts = ProjectFacts(stage=30, signed_on=date(2026, 1, 1))
    assert lights.registration_light(facts, as_of, T).light is light


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2026, 3, 31), Light.GREEN),
        (date(2026, 4, 1), Light.YELLOW),
        (date(2026, 9, 30), Light.YELLOW),
        (date(2026, 10, 1), Light.RED),
    ],
)
def test_land_taken_but_not_started(as_of, light):
    facts = ProjectFacts(stage=60, land_deal_on=date(2025, 10, 1), agreed_start_on=date(2026, 3, 31))
    assert lights.land_start_light(facts, as_of, T).light is light


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2026, 7, 1), Light.GREEN),
        (date(2026, 7, 2), Light.YELLOW),
        (date(2027, 1, 1), Light.YELLOW),
        (date(2027, 1, 2), Light.RED),
    ],
)
def test_completed_but_not_producing(as_of, light):
    facts = ProjectFacts(stage=110, completed_on=date(2026, 1, 1))
    assert lights.production_light(facts, as_of, T).light is light


@pytest.mark.parametrize(
    ("as_of", "light"),
    [
        (date(2025, 12, 31), Light.GREEN),
        (date(2026, 1, 1), Light.YELLOW),
        (date(2026, 12, 31), Light.YELLOW),
        (date(2027, 1, 1), Light.RED),
    ],
)
def test_producing_but_not_at_capacity(as_of, light):
    facts = ProjectFacts(stage=120, production_on=date(2024, 1, 1), agreed_capacity_on=date(2025, 12, 31))
    assert lights.capacity_light(facts, as_of, T).light is light


def test_report_is_due_by_the_fifth():
    assert lights.due_report_month(date(2026, 9, 5)) == "2026-07"
    assert lights.due_report_month(date(2026, 9, 6)) == "2026-08"
    assert lights.due_report_month(date(2026, 1, 6)) == "2025-12"


def test_all_reported_and_on_time_is_green():
    assert project_light(BUILDING, AS_OF).light is Light.GREEN


def test_unreported_is_grey_and_not_green():
    missing = project_light(replace(BUILDING, last_report_month="2026-07"), AS_OF)
    assert missing.light is Light.GREY
    assert missing.dimensions[0].light is Light.GREY


def test_unreported_hides_yellow_but_not_red():
    late = replace(BUILDING, last_report_month=None, done_to_date_wan=42_000)
    assert project_light(late, AS_OF).light is Light.GREY
    outside = replace(late, library_on=None)
    assert project_light(outside, AS_OF).light is Light.RED


def test_red_from_old_figures_is_grey_when_the_report_is_missing():
    stale = replace(BUILDING, last_report_month=None, done_to_date_wan=20_000)
    assert project_light(stale, AS_OF).light is Light.GREY


def test_worst_dimension_comes_first():
    found = project_light(replace(BUILDING, done_to_date_wan=42_000), AS_OF)
    assert found.light is Light.YELLOW
    assert found.dimensions[0].dimension is Dimension.PROGRESS
    assert found.dimensions[0].reason_key == "light.progress.behind"


def test_exemption_turns_red_green_until_it_expires():
    late = replace(BUILDING, done_to_date_wan=20_000)
    pass_until = Exemption(Dimension.PROGRESS, "utility relocation", "发改", date(2026, 8, 1), date(2026, 9, 30))
    exempt = project_light(late, AS_OF, [pass_until])
    assert exempt.light is Light.GREEN
    assert {d.exempted_from for d in exempt.dimensions} == {None, Light.RED}
    assert project_light(late, date(2026, 10, 1), [pass_until]).light is Light.RED
    assert project_light(late, date(2026, 7, 31), [pass_until]).light is Light.RED


def test_exemption_never_turns_grey_green():
    missing = replace(BUILDING, last_report_month=None)
    excuse = Exemption(Dimension.REPORT, "holiday", "发改", date(2026, 1, 1), date(2026, 12, 31))
    assert project_light(missing, AS_OF, [excuse]).light is Light.GREY


def test_exemption_needs_an_approver():
    with pytest.raises(ValueError, match="approver"):
        Exemption(Dimension.START, "reason", " ", date(2026, 1, 1), date(2026, 2, 1))
    with pytest.raises(ValueError, match="expire"):
        Exemption(Dimension.START, "reason", "发改", date(2026, 2, 1), date(2026, 1, 1))


@pytest.mark.parametrize("stage", [None, 10, 20, 900, 910, 920])
def test_leads_and_ended_projects_have_no_light(stage):
    assert project_light(replace(BUILDING, stage=stage), AS_OF).light is None


@pytest.mark.parametrize(("history", "months"), [("", 0), ("gyyrrr", 3), ("rrrg", 0), ("rnr", 1), ("rr", 2)])
def test_months_red_counts_the_unbroken_end(history, months):
    assert lights.months_red(history) == months


@given(st.lists(st.sampled_from(list(Light))))
def test_project_light_is_red_if_any_is_and_green_only_if_all_are(found):
    worst = lights.worst(found)
    assert (worst is Light.RED) == (Light.RED in found)
    assert (worst is Light.GREEN) == (bool(found) and set(found) == {Light.GREEN})
    assert (worst is None) == (not found)


@given(st.integers(-(10**6), 10**7), st.integers(0, 10**7), st.integers(1, 10**7))
def test_progress_light_agrees_with_its_gap(planned, done, annual):
    facts = replace(BUILDING, annual_plan_wan=annual, planned_to_date_wan=planned, done_to_date_wan=done)
    light = lights.progress_light(facts, AS_OF, T).light
    gap = lights.progress_gap_pp(planned, done, annual)
    if gap < 9.999:
        assert light is Light.GREEN
    elif 10.001 < gap < 29.999:
        assert light is Light.YELLOW
    elif gap > 30.001:
        assert light is Light.RED
