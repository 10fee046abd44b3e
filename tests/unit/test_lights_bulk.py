"""The kinds of project-months against the rules: equal numbers, equal lights (rules §6.2)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.lifecycle import STAGE_BY_CODE
from domain.lights import (
    DATED_FACTS,
    ProjectFacts,
    ProjectLight,
    due_report_month,
    figures_kind,
    project_light,
    turning_days,
)
from domain.lights_bulk import MonthKinds
from domain.periods import Period

PERIODS = Period.range(Period.of_month(2023, 11), Period.of_month(2026, 2))
ENDS = [period.end for period in PERIODS]

days = st.dates(date(2022, 6, 1), date(2026, 6, 1))
stages = st.sampled_from([None, *STAGE_BY_CODE])
dated = st.fixed_dictionaries({}, optional=dict.fromkeys(DATED_FACTS, days))
figures = st.fixed_dictionaries(
    {},
    optional={
        "annual_plan_wan": st.integers(0, 5),
        "planned_to_date_wan": st.integers(0, 5),
        "done_to_date_wan": st.integers(0, 5),
        "funds_required_wan": st.integers(0, 2),
        "funds_paid_wan": st.integers(0, 2),
    },
)


def shown(light: ProjectLight) -> object:
    """A light without the figures that explain it: days and months, which go on between two turning days."""
    return light.light, [(d.dimension, d.light, d.reason_key, d.exempted_from) for d in light.dimensions]


WALK = [date(2022, 5, 1) + timedelta(days=n) for n in range(365 * 5 + 100)]


#: A stage and what else must be known for a rule to look at a fact.
LONG_AGO = date(2015, 1, 1)
LIVE = {
    "signed_on": (30, ()),
    "registered_on": (30, ("signed_on",)),
    "land_deal_on": (60, ()),
    "agreed_start_on": (60, ("land_deal_on",)),
    "planned_start_on": (60, ()),
    "started_on": (90, ()),
    "library_on": (90, ("started_on",)),
    "completed_on": (110, ()),
    "production_on": (110, ("completed_on",)),
    "agreed_capacity_on": (120, ()),
    "capacity_on": (120, ()),
}


def changes(stage, facts, reported):
    """Days of five years on which the light is not that of the day before."""
    before = None
    for day in WALK:
        known = {name: on for name, on in facts.items() if on <= day or name.startswith(("agreed", "planned"))}
        light = ProjectFacts(stage, **known, last_report_month=due_report_month(day) if reported else None)
        now = shown(project_light(light, day))
        if before not in (None, now):
            yield day
        before = now


@pytest.mark.parametrize("fact", LIVE)
@pytest.mark.parametrize("day", [date(2024, 3, 10), date(2024, 8, 31), date(2024, 12, 1)])
def test_a_light_changes_on_every_turning_day_of_its_fact_and_on_no_other(fact, day):
    stage, others = LIVE[fact]
    facts = {fact: day} | dict.fromkeys(others, LONG_AGO)
    assert sorted(changes(stage, facts, True)) == sorted(turning_days(fact, day))


@settings(max_examples=30)
@given(stages, dated, st.booleans())
def test_a_light_changes_on_turning_days_only(stage, facts, reported):
    turns = {turn for name, day in facts.items() for turn in turning_days(name, day)}
    assert turns.issuperset(changes(stage, facts, reported))


def test_every_dated_fact_has_turning_days():
    """A rule that looks at a new date needs them; without, months that differ in it would be taken for alike."""
    assert set(DATED_FACTS) == {f.name for f in fields(ProjectFacts) if f.type == "date | None"}
    with pytest.raises(KeyError):
        turning_days("anything", date(2026, 1, 1))


def test_turning_days_of_dates_at_the_end_of_time():
    assert turning_days("agreed_start_on", date.max) == (date.max, date.max)
    assert turning_days("signed_on", date(9999, 11, 30))[-1] == date(9999, 12, 6)


@given(st.lists(st.tuples(dated, figures, stages, stages, st.booleans(), st.booleans(), st.booleans()), min_size=1))
def test_months_of_one_kind_have_one_light(projects):
    """Of any projects and months: the light of the example of its kind is the light of each of them."""

    def facts_of(row: int, position: int) -> ProjectFacts:
        known, numbers, before, after, funded, required, reported = projects[row]
        end = ENDS[position]
        happened = {name: day for name, day in known.items() if day <= end or name.startswith(("agreed", "planned"))}
        facts = ProjectFacts(after if position > 12 else before, **happened, government_funded=funded)
        facts = replace(facts, library_required=required)
        if reported and position % 2:
            facts = replace(facts, **numbers, last_report_month=str(PERIODS[position].prev()))
        return facts

    shape = (len(projects), len(ENDS))
    facts = [[facts_of(row, position) for position in range(shape[1])] for row in range(shape[0])]
    numbers: dict[object, int] = {}

    def column(what):
        found = [[numbers.setdefault(what(f), len(numbers)) for f in row] for row in facts]
        return np.array(found, dtype=np.int64)

    others = [column(lambda f: f.stage), column(figures_kind), column(lambda f: f.last_report_month is not None)]
    others += [column(lambda f: f.government_funded), column(lambda f: f.library_required)[:, :1]]
    kinds, examples = MonthKinds(ENDS).number([known for known, *_rest in projects], others)
    assert kinds.shape == shape
    assert set(kinds.ravel().tolist()) == set(range(len(examples)))
    for row in range(shape[0]):
        for position in range(shape[1]):
            at_row, at_position = examples[kinds[row, position]]
            example = project_light(facts[at_row][at_position], ENDS[at_position])
            assert shown(example) == shown(project_light(facts[row][position], ENDS[position]))


def test_more_kinds_than_a_number_can_tell_apart_are_refused():
    wide = np.array([[0], [2**40]])
    with pytest.raises(OverflowError):
        MonthKinds(ENDS).number([{}, {}], [wide, wide])
