"""The bench table: the median of the runs with their range, and the same as markdown for both READMEs."""

from __future__ import annotations

from benchmarks import __main__ as bench
from benchmarks.report import Measure, below, markdown, median_of


def _ratio(value: float) -> Measure:
    return Measure(
        "In the browser",
        "filter (Atlas / bare MapLibre)",
        "demo",
        f"{value}× shown",
        value,
        "×",
        "≤ 7 ×",
        value <= 7,
    )


def test_three_runs_are_one_line_with_the_median_and_its_range() -> None:
    (found,) = median_of([[_ratio(11.1)], [_ratio(6.4)], [_ratio(8.2)]])
    assert (found.value, found.text) == (8.2, "8.2× shown [6.4–11.1]")
    assert found.reached is False
    assert found.runs == (11.1, 6.4, 8.2)


def test_runs_that_print_the_same_have_no_range() -> None:
    (found,) = median_of([[below("Serving", "ready", "demo", v, "s")] for v in (3.61, 3.62, 3.63)])
    assert found.text == "3.6 s"


def test_three_runs_are_made() -> None:
    assert bench.RUNS >= 3


def test_the_table_is_ready_for_both_readmes() -> None:
    lines = median_of(
        [[_ratio(v), below("Rules (10,000 projects)", "per-mu", "", v, "ms", 20)] for v in (5.0, 6.0, 7.0)]
    )
    titles = {"demo": "demo", "100k": "100,000 parcels"}
    assert markdown(lines, titles, "en").splitlines() == [
        "|  | demo | 100,000 parcels | goal |",
        "| --- | --- | --- | --- |",
        "| In the browser: filter (Atlas / bare MapLibre) | 6.0× shown [5.0–7.0] |  | ≤ 7 × |",
        "| Rules: per-mu |  | 6.0 ms [5.0–7.0] | ≤ 20 ms |",
    ]
    assert markdown(lines, titles, "zh").splitlines()[0] == "|  | 演示 | 10 万图斑 | 目标 |"
