import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readiness import (
    COMPANY_TRACKS,
    GOVERNMENT_TRACKS,
    TRACKS,
    Track,
    readiness,
    schedule,
)


def test_five_tracks_on_either_side():
    assert list(GOVERNMENT_TRACKS.values()) == ["用地拆迁", "土地保障", "规划审查", "基础配套", "对企服务"]
    assert list(COMPANY_TRACKS.values()) == ["公司注册", "可研立项", "施工设计", "工程招标", "开工准备"]


def test_readiness_is_the_minimum_over_all_tracks():
    tracks = [Track(c, 60 if c == "C3" else 80 if c == "G2" else 100) for c in TRACKS]
    found = readiness(tracks)
    assert (found.overall, found.government, found.company) == (60, 80, 60)
    assert found.bottlenecks == ("C3",)
    assert found.missing == ()


def test_a_track_not_reported_leaves_readiness_unknown():
    found = readiness([Track(c, None if c == "G4" else 100) for c in TRACKS if c != "C5"])
    assert (found.overall, found.government, found.company) == (None, None, None)
    assert found.missing == ("G4", "C5")
    assert readiness([]).overall is None


def test_bad_tracks_are_refused():
    with pytest.raises(ValueError, match="unknown"):
        Track("G6", 1)
    with pytest.raises(ValueError, match="0-100"):
        Track("G1", 101)
    with pytest.raises(ValueError, match="twice"):
        readiness([Track("G1", 1), Track("G1", 2)])


def test_saved_days_are_the_serial_sum_less_the_critical_path():
    durations = {
        "G1": 60,
        "G2": 45,
        "G3": 30,
        "G4": 90,
        "G5": 10,
        "C1": 10,
        "C2": 20,
        "C3": 80,
        "C4": 30,
        "C5": 15,
    }
    plan = schedule(durations)
    assert plan.critical_path == ("C1", "C2", "C3", "C4", "C5")
    assert (plan.days, plan.serial_days, plan.saved_days) == (155, 390, 235)
    assert plan.starts["G3"] == 110


def test_no_precedence_means_the_longest_task_decides():
    plan = schedule({"a": 3, "b": 5}, [])
    assert (plan.critical_path, plan.days, plan.saved_days) == (("b",), 5, 3)
    assert schedule({}).days == 0


def test_circles_and_negative_durations_are_refused():
    with pytest.raises(ValueError, match="circle"):
        schedule({"a": 1, "b": 1}, [("a", "b"), ("b", "a")])
    with pytest.raises(ValueError, match="negative"):
        schedule({"a": -1})


@given(
    st.dictionaries(st.sampled_from(sorted(TRACKS)), st.integers(0, 400)),
    st.sets(st.tuples(st.sampled_from(sorted(TRACKS)), st.sampled_from(sorted(TRACKS)))),
)
def test_critical_path_is_a_chain_as_long_as_the_plan(durations, pairs):
    forward = {(a, b) for a, b in pairs if a < b}
    plan = schedule(durations, forward)
    assert sum(durations[t] for t in plan.critical_path) == plan.days
    assert max(durations.values(), default=0) <= plan.days <= plan.serial_days
    for a, b in forward:
        if a in durations and b in durations:
            assert plan.starts[a] + durations[a] <= plan.starts[b]
