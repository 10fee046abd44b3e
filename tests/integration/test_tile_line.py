"""What the small line of a tile tells: the months of a cumulative figure, not the same teeth for every indicator."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from data.queries.kpis import Figure, figures
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from views.parts.figure_tile import rhythm


@pytest.fixture
def wall(db_session: Session) -> dict[str, Figure]:
    return figures(Question.of(db_session, Viewer(Role.LEADERSHIP), ViewState()), ("K01", "K04", "K16"))


def test_a_cumulative_figure_is_told_by_its_months(wall: dict[str, Figure]) -> None:
    told = (("2025-11", 110.0), ("2025-12", 150.0), ("2026-01", 10.0), ("2026-02", 25.0), ("2026-03", 24.0))
    # November follows no known figure; the year begins anew; a revision downwards is not clipped.
    assert rhythm(replace(wall["K04"], spark=told)) == (
        ("2025-11", None), ("2025-12", 40.0), ("2026-01", 10.0), ("2026-02", 15.0), ("2026-03", -1.0),
    )  # fmt: skip


def test_months_released_together_are_one_point_and_a_gap_stays_a_gap(wall: dict[str, Figure]) -> None:
    told = (("2026-01", None), ("2026-02", 30.0), ("2026-03", None), ("2026-04", 80.0), ("2026-05", 95.0))
    assert rhythm(replace(wall["K01"], spark=told)) == (
        ("2026-02", 15.0), ("2026-03", None), ("2026-04", None), ("2026-05", 15.0),
    )  # fmt: skip


def test_what_is_no_sum_of_months_is_told_as_it_is(wall: dict[str, Figure]) -> None:
    assert wall["K16"].kpi.is_ratio
    told = (("2025-12", 0.5), ("2026-01", 0.6))
    assert rhythm(replace(wall["K16"], spark=told)) == told
