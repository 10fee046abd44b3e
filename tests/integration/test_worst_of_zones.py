"""Which projects stand alone on the map of the whole city: of each zone the longest red, then the largest, and no more."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from data.queries.projects import project_page, project_summary, worst_of_zones
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState


@pytest.mark.parametrize("most", [1, 2, 5])
@pytest.mark.parametrize("state", [ViewState(), ViewState(stages=("building",))])
def test_the_longest_red_and_then_the_largest_of_each_zone(db_session: Session, state: ViewState, most: int) -> None:
    question = Question.of(db_session, Viewer(Role.LEADERSHIP), state)
    rows = [r for r in project_page(question, limit=10_000).rows if r["light"] == "red"]
    rows.sort(key=lambda r: (-r["months_red"], -(r["total_investment_wan"] or -1), r["id"]))
    wanted = {
        r["id"] for r in rows if [x["id"] for x in rows if x["zone_code"] == r["zone_code"]].index(r["id"]) < most
    }
    assert wanted
    assert set(worst_of_zones(question, most)) == wanted


def test_who_sees_no_lights_is_told_of_none(db_session: Session) -> None:
    question = Question.of(db_session, Viewer(Role.PROSPECT), ViewState())
    assert worst_of_zones(question, 5) == ()
    assert project_summary(question).zone_lights == {}
