from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cohorts import CohortProject, cohort_end, cohort_of, funnel

AS_OF = date(2026, 9, 30)


def cohort_2025h1() -> list[CohortProject]:
    """40 signed, 34 registered, 22 started, 9 in production (rules §6.5); 30 have first capital."""
    return [
        CohortProject(
            f"p{i}",
            date(2025, 3, 1),
            registered_on=date(2025, 4, 1) if i < 34 else None,
            first_capital_on=date(2025, 5, 1) if i < 30 else None,
            started_on=date(2025, 10, 1) if i < 22 else None,
            production_on=date(2026, 8, 1) if i < 9 else None,
        )
        for i in range(40)
    ]


def test_worked_funnel_40_34_22_9_with_both_denominators():
    f = funnel(cohort_2025h1(), "2025H1", AS_OF)
    assert (f.signed, f.registered, f.started, f.in_production) == (40, 34, 22, 9)
    assert f.registration.value == Fraction(85, 100)
    assert f.start.value == Fraction(55, 100)
    assert (f.production_of_signed.value, f.production_of_signed.of) == (Fraction(225, 1000), "signed")
    assert f.production_of_started.of == "started"
    assert round(float(f.production_of_started.value) * 100, 1) == 40.9


def test_performance_needs_registration_and_first_capital():
    f = funnel(cohort_2025h1(), "2025H1", AS_OF)
    assert (f.performance.numerator, f.performance.denominator) == (30, 40)


def test_terminated_leave_the_numerators_and_stay_in_the_denominators():
    projects = cohort_2025h1()
    projects[0] = replace(projects[0], ended_on=date(2026, 9, 1))
    f = funnel(projects, "2025H1", AS_OF)
    assert (f.ended, f.signed, f.started, f.in_production) == (1, 40, 21, 8)
    assert (f.production_of_started.numerator, f.production_of_started.denominator) == (8, 22)


@pytest.mark.parametrize(("window", "started", "producing"), [(6, 0, 0), (12, 22, 0), (24, 22, 9)])
def test_observation_windows(window, started, producing):
    f = funnel(cohort_2025h1(), "2025H1", AS_OF, window)
    assert (f.signed, f.started, f.in_production) == (40, started, producing)
    assert f.complete is (window != 24)


def test_capacity_rate_counts_only_projects_past_their_agreed_date():
    base = CohortProject("a", date(2023, 1, 5), production_on=date(2024, 1, 1))
    projects = [
        replace(base, capacity_due_on=date(2026, 1, 1), capacity_on=date(2025, 12, 1)),
        replace(base, project_id="b", capacity_due_on=date(2026, 1, 1)),
        replace(base, project_id="c", capacity_due_on=date(2027, 1, 1), capacity_on=date(2026, 1, 1)),
    ]
    rate = funnel(projects, "2023H1", AS_OF).capacity
    assert (rate.numerator, rate.denominator, rate.of) == (1, 2, "capacity_due")


def test_empty_cohort_has_no_rate_and_not_zero():
    f = funnel([], "2025H2", AS_OF)
    assert f.start.value is None
    assert f.production_of_started.value is None


def test_running_half_year_is_not_complete():
    assert funnel([], "2026H2", AS_OF).complete is False


def test_cohorts_are_half_years():
    assert cohort_of(date(2025, 6, 30)) == "2025H1"
    assert cohort_of(date(2025, 7, 1)) == "2025H2"
    assert cohort_end("2025H2") == date(2025, 12, 31)
    for bad in ("2025", "2025H3", "25H1", "2025Q1"):
        with pytest.raises(ValueError, match="not like"):
            cohort_end(bad)


def test_bad_input_is_refused():
    twice = [CohortProject("a", date(2025, 1, 1))] * 2
    with pytest.raises(ValueError, match="twice"):
        funnel(twice, "2025H1", AS_OF)
    with pytest.raises(ValueError, match="positive"):
        funnel([], "2025H1", AS_OF, 0)


days = st.none() | st.dates(date(2025, 1, 1), date(2027, 12, 31))
projects = st.lists(
    st.builds(
        CohortProject,
        project_id=st.uuids().map(str),
        signed_on=st.dates(date(2025, 1, 1), date(2025, 6, 30)),
        registered_on=days,
        first_capital_on=days,
        started_on=days,
        production_on=days,
        capacity_due_on=days,
        capacity_on=days,
        ended_on=days,
    ),
    max_size=15,
    unique_by=lambda p: p.project_id,
)


@given(projects, st.none() | st.sampled_from([6, 12, 24]))
def test_numerators_never_exceed_denominators_and_ending_never_moves_a_denominator(found, window):
    f = funnel(found, "2025H1", AS_OF, window)
    alive = funnel([replace(p, ended_on=None) for p in found], "2025H1", AS_OF, window)
    rates = ("performance", "registration", "start", "production_of_signed", "capacity")
    for name in rates:
        assert getattr(f, name).numerator <= getattr(f, name).denominator
        assert getattr(f, name).denominator == getattr(alive, name).denominator
    assert f.started_ever == alive.started_ever
