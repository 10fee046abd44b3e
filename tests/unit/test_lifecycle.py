from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import lifecycle as lc
from domain.lifecycle import Milestone, StageProblem

START = date(2025, 1, 6)
LATER = date(2030, 1, 1)


def line(*codes: int) -> list[Milestone]:
    """Milestones done 30 days apart, in the order given."""
    return [Milestone(c, None, START + timedelta(days=30 * i), f"doc-{c}") for i, c in enumerate(codes)]


LAND = (30, 40, 50, 60, 70, 75, 80, 90, 100, 110, 120, 130, 140)
LEASE = (30, 40, 50, 65, 75, 90, 110, 120)


def test_stage_codes_are_those_of_the_specification():
    assert [s.code for s in lc.STAGES] == [
        10,
        20,
        30,
        40,
        50,
        60,
        65,
        70,
        75,
        80,
        90,
        100,
        110,
        120,
        130,
        140,
        900,
        910,
        920,
    ]


def test_every_stage_has_one_group_and_one_character():
    assert set(lc.GROUP_OF_STAGE) == set(lc.STAGE_BY_CODE)
    characters = set(lc.STAGE_CHAR.values())
    assert len(characters) == len(lc.STAGES)
    assert all(len(c) == 1 for c in characters)
    assert lc.NO_STAGE_CHAR not in characters
    assert lc.GROUP_OF_STAGE[110] == "building"


def test_stage_follows_the_dated_milestones():
    done = line(30, 40, 50)
    assert lc.stage_as_of(done, "land", START - timedelta(days=1)) is None
    assert lc.stage_as_of(done, "land", START) == 30
    assert lc.stage_as_of(done, "land", START + timedelta(days=59)) == 40
    assert lc.stage_as_of(done, "land", LATER) == 50


def test_planned_but_not_done_is_not_a_stage():
    assert lc.stage_as_of([Milestone(30, planned_on=START)], "land", LATER) is None


def test_complete_lines_have_no_problem_on_their_route():
    assert lc.check_stage(140, line(*LAND), "land", LATER) == []
    assert lc.check_stage(120, line(*LEASE), "lease", LATER) == []


def test_stage_ahead_of_its_earliest_missing_milestone_is_reported():
    done = line(30, 40, 50, 60, 90)
    assert lc.stage_as_of(done, "land", LATER) == 90
    assert lc.proven_stage(done, "land", LATER) == 60
    problems = lc.check_stage(90, done, "land", LATER)
    assert [p.stage for p in problems] == [70, 75, 80]
    assert problems[0] == StageProblem("missing_milestone", 70, 90)


def test_claimed_stage_without_its_own_milestone_is_reported():
    problems = lc.check_stage(130, line(*LAND[:-2]), "land", LATER)
    assert problems == [StageProblem("missing_milestone", 130, 130)]


def test_evidence_route_order_and_work_after_the_end_are_reported():
    assert lc.check_stage(30, [Milestone(30, None, START)], "land", LATER)[0].code == "missing_evidence"
    assert StageProblem("wrong_route", 60, 65) in lc.check_stage(65, line(30, 40, 50, 60, 65), "lease", LATER)
    assert StageProblem("out_of_order", 30, 40) in lc.check_stage(40, line(40, 30), "land", LATER)
    assert StageProblem("after_end", 40, 900) in lc.check_stage(900, line(30, 900, 40), "land", LATER)


def test_parallel_approvals_may_be_dated_before_the_planning_permit():
    assert lc.check_stage(80, line(30, 40, 50, 60, 75, 70, 80), "land", LATER) == []


def test_pause_remembers_the_stage_and_ends_with_the_next_milestone():
    done = line(30, 40, 910, 50)
    paused = START + timedelta(days=70)
    assert lc.stage_as_of(done, "land", paused) == lc.PAUSED
    assert lc.main_stage_as_of(done, "land", paused) == 40
    assert lc.stage_as_of(done, "land", LATER) == 50


def test_termination_and_transfer_hold():
    assert lc.stage_as_of(line(30, 900, 40), "land", LATER) == 900
    assert lc.stage_as_of(line(30, 910, 920), "land", LATER) == 920


def test_unknown_codes_are_refused():
    with pytest.raises(ValueError, match="55"):
        Milestone(55)
    with pytest.raises(ValueError, match="55"):
        lc.check_stage(55, [], "land", LATER)


milestones = st.lists(
    st.builds(
        Milestone,
        stage=st.sampled_from([s.code for s in lc.STAGES]),
        done_on=st.none() | st.dates(date(2022, 1, 1), date(2026, 12, 31)),
        evidence=st.just("doc"),
    ),
    max_size=12,
)


@given(milestones, st.sampled_from(["land", "lease"]), st.dates(date(2022, 1, 1), date(2027, 1, 1)))
def test_proven_stage_never_passes_the_claim_and_never_misses_a_milestone(done, route, on_date):
    claimed = lc.main_stage_as_of(done, route, on_date)
    proven = lc.proven_stage(done, route, on_date)
    assert (proven or 0) <= (claimed or 0)
    if proven is not None:
        found = lc.check_stage(proven, done, route, on_date)
        assert all(p.code != "missing_milestone" for p in found)
