"""Runs of months against the rules asked month by month (rules §6.1, §6.2)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from data.derive.months import _content, _facts, _Record, _runs
from domain.lifecycle import STAGE_BY_CODE, TERMINATED, Milestone, stage_as_of
from domain.lights import Dimension, Exemption, Light, project_light
from domain.lights_bulk import MonthKinds
from domain.periods import Period

PERIODS = Period.range(Period.of_month(2024, 11), Period.of_month(2026, 4))

days = st.dates(date(2023, 6, 1), date(2026, 8, 1))
wan = st.integers(0, 20)
maybe_wan = st.none() | wan


@st.composite
def records(draw: st.DrawFn) -> _Record:
    """A project with any milestones, plans, reports and exemptions."""
    record = _Record(
        f"P{draw(st.integers(0, 9))}",
        draw(st.sampled_from(("land", "lease"))),
        draw(st.booleans()),
        draw(st.sampled_from((None, 400, 500))),
    )
    for stage in draw(st.lists(st.sampled_from(sorted(STAGE_BY_CODE)), unique=True, max_size=6)):
        planned, done = draw(st.none() | days), draw(st.none() | days)
        record.milestones.append(Milestone(stage, planned, done))
        if done is not None:
            record.done[stage] = done
        if planned is not None:
            record.planned[stage] = planned
    record.plan_wan = draw(st.dictionaries(st.integers(2024, 2026), wan))
    names = st.sampled_from([str(period) for period in PERIODS])
    record.reports = draw(st.dictionaries(names, st.tuples(wan, maybe_wan, maybe_wan, maybe_wan)))
    record.agreed_start, record.library_on = draw(st.none() | days), draw(st.none() | days)
    for dimension in draw(st.lists(st.sampled_from(list(Dimension)), max_size=2)):
        first, last = sorted((draw(days), draw(days)))
        record.exemptions.append(Exemption(dimension, "等待批复", "园区主任", first, last))
    return record


def by_month(record: _Record):
    """The rows of a project, every month judged by itself."""
    red = 0
    for period in PERIODS:
        stage = stage_as_of(record.milestones, record.route, period.end)
        if stage is None:
            continue
        light = project_light(_facts(record, stage, period), period.end, record.exemptions)
        signed_on = record.done.get(30)
        signed = (signed_on is not None and signed_on <= period.end) or 30 <= stage < TERMINATED
        red = red + 1 if light.light is Light.RED else 0
        row = {"project_id": record.id, "period": str(period), "months_red": red}
        yield row | _content(stage, signed, light)


def expanded(runs):
    """The rows that runs stand for, as the database makes them."""
    for run in runs:
        rest = {name: value for name, value in run.items() if name not in ("first", "last")}
        for position in range(run["first"], run["last"] + 1):
            red = run["months_red"] + position - run["first"] if run["months_red"] else 0
            yield rest | {"period": str(PERIODS[position]), "months_red": red}


@given(st.lists(records(), min_size=1, max_size=6))
def test_runs_say_what_the_rules_say_of_every_month(some):
    kinds = MonthKinds([period.end for period in PERIODS])
    runs = _runs(some, PERIODS, kinds)
    assert list(expanded(runs)) == [row for record in some for row in by_month(record)]
    for before, after in pairwise(runs):  # as few as can be
        if before["last"] + 1 == after["first"]:
            ignored = dict.fromkeys(("first", "last", "months_red"))
            assert before | ignored != after | ignored
