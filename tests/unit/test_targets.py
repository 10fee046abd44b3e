from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lights import Light
from domain.targets import (
    DEFAULT_WEIGHTS,
    DEFAULT_ZONE_TYPE,
    LINEAR,
    Schedule,
    ScoreItem,
    schedule_status,
    scorecard,
)


@pytest.mark.parametrize(
    ("actual", "light"),
    [(781, Light.GREEN), (780, Light.YELLOW), (540, Light.YELLOW), (539, Light.RED), (None, Light.GREY)],
)
def test_spec_3_5_light_against_a_linear_schedule(actual, light):
    assert schedule_status(actual, 1200, 9) is light


def test_spec_3_5_a_curve_moves_what_is_due():
    late = Schedule((*(Fraction(0),) * 6, *(Fraction(k, 6) for k in range(1, 7))))
    assert late.due(1200, 9) == 600
    assert schedule_status(600, 1200, 9, late) is Light.GREEN
    assert schedule_status(0, 1200, 3, late) is Light.GREEN
    assert schedule_status(0, 1200, 3) is Light.YELLOW
    assert schedule_status(0, 1200, 4) is Light.RED


def test_a_schedule_that_is_none_is_refused():
    with pytest.raises(ValueError, match="12 months"):
        Schedule((Fraction(1),))
    with pytest.raises(ValueError, match="rises"):
        Schedule((*(Fraction(1, 2),) * 10, Fraction(1, 3), Fraction(1)))
    with pytest.raises(ValueError, match="no month"):
        LINEAR.due(1, 13)


def test_spec_3_6_weights_of_every_zone_type_sum_to_100():
    assert {name: sum(row.values()) for name, row in DEFAULT_WEIGHTS.items()} == dict.fromkeys(DEFAULT_WEIGHTS, 100)
    assert set(DEFAULT_ZONE_TYPE.values()) == set(DEFAULT_WEIGHTS)
    assert DEFAULT_WEIGHTS["core"]["innovation"] == 35
    assert DEFAULT_WEIGHTS["co_built_bio"]["output_tax"] == 15


def item(dimension: str, actual: int | None, target: int | None = 100, scope: str = "territorial") -> ScoreItem:
    return ScoreItem(dimension, "K01", scope, actual, target)


def test_spec_3_6_over_fulfilment_counts_at_most_1_2():
    assert scorecard([item("a", 300), item("b", 50)], {"a": 60, "b": 40}).score == Fraction(60 * 120 + 40 * 50, 100)


def test_spec_3_6_items_without_data_are_left_out_and_the_weights_rescaled():
    card = scorecard([item("a", 90), item("b", None), item("b", 80)], {"a": 50, "b": 30, "c": 20})
    assert card.score == Fraction(50 * 90 + 15 * 80, 65)
    assert card.completeness == Fraction(65, 100)
    assert [scored.points for scored in card.items] == [90, None, 80]


def test_no_data_is_no_score():
    card = scorecard([item("a", None)], {"a": 100})
    assert (card.score, card.completeness) == (None, 0)


def test_the_dual_scope_needs_an_explicit_decision():
    dual = [item("a", 90, scope="dual")]
    with pytest.raises(ValueError, match="explicit decision"):
        scorecard(dual, {"a": 1})
    assert scorecard(dual, {"a": 1}, allow_dual=True).score == 90


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="no weight for x"):
        scorecard([item("x", 1)], {"a": 1})
    with pytest.raises(ValueError, match="no weight"):
        scorecard([], {})


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 1000)), min_size=1))
def test_score_and_completeness_stay_in_range(rows):
    card = scorecard([item(dimension, actual) for dimension, actual in rows], {"a": 50, "b": 30, "c": 20})
    assert 0 <= card.completeness <= 1
    assert card.score is None or 0 <= card.score <= 120
