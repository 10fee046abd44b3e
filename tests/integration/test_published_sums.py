"""Published figures are never summed: not by the queries, so by no screen and no API; homes are no carriers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from data.queries.carriers import carrier_list, carrier_summary
from data.queries.lifecycle import board
from data.queries.projects import project_summary
from data.queries.published import published_facts
from data.queries.question import Question
from domain.dates import printed_day
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState

LEADER = Viewer(Role.LEADERSHIP)
PUBLISHED = ViewState(dataset=Dataset.PUBLISHED)


def test_no_query_sums_published_money_or_area(db_session: Session) -> None:
    assert project_summary(Question.of(db_session, LEADER, PUBLISHED)).total_investment_wan is None
    assert {c.total_investment_wan for c in board(Question.of(db_session, LEADER, PUBLISHED))} == {None}
    assert carrier_summary(Question.of(db_session, LEADER, PUBLISHED)).gross_area_m2 is None


def test_homes_for_talent_are_no_carriers(db_session: Session) -> None:
    names = [c["name_zh"] for c in carrier_list(Question.of(db_session, LEADER, PUBLISHED), limit=100)]
    assert len(names) == 50
    assert "天府国际生物城人才公寓" not in names
    assert "高新西区体育公园东北侧保障性租赁住房" not in names


def test_dates_are_told_as_printed_and_ordered_by_their_year(db_session: Session) -> None:
    days = {f["as_of"] for f in published_facts(Question.of(db_session, LEADER, PUBLISHED), families=("fact",))}
    assert {"约2016", "2016起", "2021-09起", "2024H1", "2021-06-07（页面只写06-07,年份由报道推定）"} <= days
    assert [printed_day(d) for d in ("约2020-04", "截至2022-11", "推算", "04-15(年份未载)", None)] == [
        "2020-04", "2022-11", "", "", "",
    ]  # fmt: skip
