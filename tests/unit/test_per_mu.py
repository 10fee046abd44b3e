from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.per_mu import (
    ANHUI_CUTOFFS,
    LAND_MU,
    SICHUAN,
    Firms,
    Indicator,
    Method,
    benchmark_capped,
    benchmark_ratio,
    changes,
    evaluate,
    land_mu,
    minmax_20_80,
    park_values,
)

ONE_MU = 2000 / 3
#: Huangyan, Zhejiang, 2022 data: the six provincial indicators with that year's bases (rules §3.4).
HUANGYAN_2022 = Method(
    (
        Indicator("tax_per_mu", "tax_wan", LAND_MU, 30, 24.097),
        Indicator("va_per_mu", "value_added_wan", LAND_MU, 20, 136.16),
        Indicator("va_per_tce", "value_added_wan", "energy_tce", 20, 2.694),
        Indicator("va_per_emission", "value_added_wan", "emission", 10, 4929.81, "cohort_mean"),
        Indicator("va_per_employee", "value_added_wan", "employees", 10, 18.14),
        Indicator("rd_intensity", "rd_wan", "revenue_wan", 10, 0.0302),
    ),
    score_fn="benchmark_ratio",
)


def firms(standing=None, disqualified=None, **columns) -> Firms:
    """Firms of one 亩 each unless the land columns say otherwise."""
    n = len(next(iter(columns.values())))
    land = {"owned_m2": [ONE_MU] * n, "leased_floor_m2": [0.0] * n, "far": [np.nan] * n}
    return Firms(
        tuple(f"f{i}" for i in range(n)),
        {k: np.array(v, dtype=float) for k, v in (land | columns).items()},
        tuple(standing or [""] * n),
        np.array(disqualified or [False] * n, dtype=bool),
    )


def by_score(scores, **kwargs) -> Firms:
    """Firms whose total under `ONE` is the given score."""
    return firms(revenue_wan=scores, **kwargs)


ONE = Method((Indicator("revenue_per_mu", "revenue_wan", LAND_MU, 1, 1.0),), score_fn="benchmark_ratio")


def jia_yi_bing() -> Firms:
    """The three firms of rules §3.4: per mu, per employee and per tce as in the table, R&D 4.2, 0.9, 0 %."""
    revenue = np.array([900.0, 430.0, 120.0])
    return firms(
        revenue_wan=revenue,
        tax_wan=[42, 15, -1.2],
        employees=revenue / [180, 150, 60],
        energy_tce=revenue / [9, 4, 2],
        rd_wan=revenue * [0.042, 0.009, 0],
    )


@pytest.mark.parametrize(
    ("k", "items", "total"),
    [
        (0, [30.00, 30.00, 24.93, 7.50, 7.50], 99.93),
        (1, [20.12, 20.98, 20.78, 4.08, 3.00], 68.96),
        (2, [5.62, 0.00, 8.31, 2.04, 0.00], 15.97),
    ],
)
def test_sichuan_worked_example_jia_yi_bing(k, items, total):
    found = evaluate(jia_yi_bing())
    assert [round(float(s[k]), 2) for s in found.scores.values()] == items
    assert round(float(found.total[k]), 2) == total


def test_sichuan_unified_weights_are_70_and_the_cap_makes_105():
    weight = sum(i.weight for i in SICHUAN.indicators)
    assert weight == 70
    assert sum(benchmark_capped(1e9, i.weight, i.base) for i in SICHUAN.indicators) == 105


def test_a_firm_exactly_on_huangyans_bases_scores_100():
    base = {i.key: i.base for i in HUANGYAN_2022.indicators}
    va = base["va_per_mu"]
    found = evaluate(
        firms(
            tax_wan=[base["tax_per_mu"]],
            value_added_wan=[va],
            energy_tce=[va / base["va_per_tce"]],
            emission=[va / base["va_per_emission"]],
            employees=[va / base["va_per_employee"]],
            rd_wan=[100 * base["rd_intensity"]],
            revenue_wan=[100.0],
        ),
        HUANGYAN_2022,
    )
    assert found.total[0] == pytest.approx(100)


def test_three_scoring_functions():
    assert list(benchmark_ratio([2, -1, 8], 10, 4)) == [5, -2.5, 20]
    assert list(benchmark_capped([2, -1, 8], 10, 4)) == [5, 0, 15]
    assert list(minmax_20_80([0, 5, 10], 10, 0, 10)) == [2, 6, 10]
    assert list(minmax_20_80([3, 3], 10, 3, 3)) == [10, 10]


def test_missing_emission_gets_the_cohort_mean():
    method = Method(
        (Indicator("va_per_emission", "value_added_wan", "emission", 10, 1.0, "cohort_mean"),),
        score_fn="benchmark_ratio",
    )
    found = evaluate(firms(value_added_wan=[4, 8, 100], emission=[1, 1, np.nan]), method)
    assert list(found.scores["va_per_emission"]) == [40, 80, 60]
    assert list(found.filled["va_per_emission"]) == [False, False, True]


def test_other_missing_figures_leave_the_firm_ungraded_and_not_zero():
    found = evaluate(by_score([1, np.nan, 3]), ONE)
    assert (found.grade[1], found.reason[1], found.rank[1]) == ("ungraded", "missing.revenue_per_mu", 0)
    assert np.isnan(found.total[1])


def test_leased_floor_is_converted_by_the_plots_far():
    mu = land_mu([1000.0, 0.0, 0.0, 0.0, np.nan], [0.0, 4000.0, 4000.0, 0.0, 0.0], [np.nan, 2.0, np.nan, 1.0, 1.0])
    assert mu[0] == pytest.approx(1.5)
    assert mu[1] == pytest.approx(3.0)
    assert np.isnan(mu[2])
    assert mu[3] == 0
    assert np.isnan(mu[4])


def test_firms_without_land_are_excluded_and_not_infinite():
    found = evaluate(by_score([5, 5, 5], owned_m2=[ONE_MU, 0, 0], leased_floor_m2=[0, 0, 100], far=[1, 1, np.nan]), ONE)
    assert list(found.grade) == ["C", "excluded", "ungraded"]
    assert list(found.reason) == ["", "no_land", "land_unknown"]
    assert np.isnan(found.values["revenue_per_mu"][1])


def test_quotas_of_sichuan_a_at_most_30_percent_c_at_least_10():
    found = evaluate(by_score(list(range(11, 0, -1))), ONE)
    assert list(found.grade) == ["A"] * 3 + ["B"] * 6 + ["C"] * 2


def test_ties_share_the_better_class():
    found = evaluate(by_score([9, 8, 7, 7, 7, 6, 5, 4, 3, 3]), ONE)
    assert list(found.grade) == ["A"] * 5 + ["B"] * 5
    assert list(found.rank) == [1, 2, 3, 3, 3, 6, 7, 8, 9, 9]


def test_scores_equal_to_two_published_decimals_are_ties():
    found = evaluate(by_score([7.004, 7.001, 6, 5]), replace(ONE, cutoffs=(("A", 25), ("B", 100))))
    assert list(found.grade) == ["A", "A", "B", "B"]


def test_cutoffs_with_a_class_d():
    found = evaluate(by_score(list(range(20, 0, -1))), replace(ONE, cutoffs=ANHUI_CUTOFFS))
    assert list(found.grade) == ["A"] * 5 + ["B"] * 9 + ["C"] * 5 + ["D"]


def test_disqualified_firms_get_d_and_take_no_place():
    found = evaluate(by_score([9, 8, 7, 6], disqualified=[True, False, False, False]), ONE)
    assert (found.grade[0], found.reason[0], found.rank[0]) == ("D", "disqualified", 0)
    assert list(found.rank[1:]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("standing", "treated_as"), [("public_utility", ""), ("start_up", ""), ("construction", ""), ("new", "B")]
)
def test_ungraded_by_standing_and_new_firms_are_treated_as_b(standing, treated_as):
    found = evaluate(by_score([100, 2, 1], standing=[standing, "", ""]), ONE)
    assert (found.grade[0], found.reason[0], found.treated_as[0]) == ("ungraded", standing, treated_as)
    assert list(found.rank) == [0, 1, 2]


def test_ungraded_firms_do_not_move_the_extremes():
    method = Method((Indicator("r", "revenue_wan", LAND_MU, 100),), score_fn="minmax_20_80")
    found = evaluate(by_score([10, 20, 1_000], standing=["", "", "new"]), method)
    assert list(found.total[:2]) == [20, 100]


def test_park_value_comes_from_sums_and_is_not_the_mean():
    """Rules §3.3.1: 60 000 万元 on 1500 亩 and 9 000 on 4500 are 11.5 万元/亩, not 21."""
    two = firms(tax_wan=[60_000, 9_000], owned_m2=[1500 * ONE_MU, 4500 * ONE_MU])
    method = Method((Indicator("tax_per_mu", "tax_wan", LAND_MU, 20, 14.3),))
    assert park_values(two, method)["tax_per_mu"].value == pytest.approx(11.5)
    assert park_values(two, method, np.array([True, False]))["tax_per_mu"].value == pytest.approx(40)
    assert park_values(two, method, np.array([False, False]))["tax_per_mu"].value is None


def test_park_value_uses_only_firms_with_both_parts():
    some = firms(tax_wan=[10, np.nan, 99], owned_m2=[ONE_MU, ONE_MU, 0])
    found = park_values(some, Method((Indicator("t", "tax_wan", LAND_MU, 1, 1.0),)))["t"]
    assert (found.numerator, found.firms) == (10, 1)
    assert found.value == pytest.approx(10)


def test_what_if_on_weights_names_who_changes_class():
    base = Method(
        (Indicator("r", "revenue_wan", LAND_MU, 90, 1.0), Indicator("t", "tax_wan", LAND_MU, 10, 1.0)),
        "benchmark_ratio",
        (("A", 50), ("C", 100)),
    )
    turned = replace(base, indicators=tuple(replace(i, weight=100 - i.weight) for i in base.indicators))
    two = firms(revenue_wan=[2, 1], tax_wan=[1, 2])
    assert changes(evaluate(two, base), evaluate(two, turned)) == [("f0", "A", "C"), ("f1", "C", "A")]
    with pytest.raises(ValueError, match="different firms"):
        changes(evaluate(two, base), evaluate(by_score([1]), ONE))


def test_no_firm_at_all_is_an_empty_evaluation():
    assert evaluate(by_score([]), ONE).grade.size == 0


def test_bad_methods_and_tables_are_refused():
    with pytest.raises(ValueError, match="base"):
        Method((Indicator("r", "revenue_wan", LAND_MU, 1),))
    with pytest.raises(ValueError, match="once"):
        Method(ONE.indicators * 2)
    with pytest.raises(ValueError, match="weight"):
        Method((Indicator("r", "revenue_wan", LAND_MU, -1, 1.0),))
    with pytest.raises(ValueError, match="100"):
        replace(ONE, cutoffs=(("A", 30), ("B", 90)))
    with pytest.raises(ValueError, match="needs the column 'tax_wan'"):
        evaluate(by_score([1]), Method((Indicator("t", "tax_wan", LAND_MU, 1, 1.0),)))
    with pytest.raises(ValueError, match="twice"):
        Firms(("a", "a"), {}, ("", ""), np.zeros(2, dtype=bool))
    with pytest.raises(ValueError, match="another length"):
        firms(revenue_wan=[1, 2], tax_wan=[1])
    with pytest.raises(ValueError, match="standing"):
        by_score([1], standing=["odd"])


scores = st.lists(st.floats(-100, 1_000).map(lambda x: round(x, 2)), min_size=1, max_size=60)


@given(scores)
def test_better_scores_never_get_a_worse_class_and_equal_scores_the_same(values):
    found = evaluate(by_score(values), ONE)
    ordered = sorted(zip(values, found.grade, strict=True), key=lambda p: -p[0])
    grades = [g for _, g in ordered]
    assert grades == sorted(grades)
    assert len({(v, g) for v, g in ordered}) == len(set(values))


@given(st.integers(1, 400))
def test_quota_bounds_hold_without_ties(n):
    grade = evaluate(by_score(list(range(n))), ONE).grade
    assert (grade == "A").sum() <= 0.3 * n
    assert (grade == "C").sum() >= 0.1 * n


@given(scores)
def test_capped_scores_stay_between_zero_and_one_and_a_half_weights(values):
    found = benchmark_capped(values, 20, 3.0)
    assert ((found >= 0) & (found <= 30)).all()
