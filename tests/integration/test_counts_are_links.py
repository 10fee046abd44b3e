"""Every count on the page of projects leads to the list of exactly the projects that it counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dash import html
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from data.queries.question import Question
from data.queries.record_lists import listed_projects, record_list
from domain.viewer import Role, Viewer
from views.pages import projects

STATES = (
    "",
    "?chain=IC",
    "?zone=SMKX&light=red,yellow",
    "?kind=A,C",
    "?stage=building",
    "?period=2026-06",
    "?data=published",
)


def _links(page: Component) -> Iterator[tuple[int, str]]:
    """(count, address) of every link that begins a list; of those that hold several numbers the last one counts."""
    for part in page._traverse():
        if isinstance(part, html.A) and getattr(part, "data-goes", "") == "top" and part.className != "primary-button":
            words = getattr(part, "data-count", None) or _text(part).replace(",", "")
            digits = "".join(c if c.isdigit() else " " for c in words).split()
            yield int(digits[-1]), part.href


def _text(part: Component | str) -> str:
    if isinstance(part, str):
        return part
    children = getattr(part, "children", None) or []
    return " ".join(_text(c) for c in (children if isinstance(children, list) else [children]))


@pytest.mark.parametrize("role", [Role.LEADERSHIP, Role.PLANNER, Role.PROSPECT])
@pytest.mark.parametrize("search", STATES)
def test_the_list_behind_a_count_is_as_long_as_the_count_says(db_session: Session, search: str, role: Role) -> None:
    viewer, seen = Viewer(role), set()
    for view in ("", "board"):
        way = f"{search}{'&' if search else '?'}view={view}" if view else search
        for count, href in _links(projects.build(Question.asked(db_session, viewer, way))):
            if (count, href) in seen:
                continue
            seen.add((count, href))
            path, _mark, query = href.partition("?")
            asked = Question.asked(db_session, viewer, query)
            assert path == "/projects"
            assert asked.ignored == ()
            assert (asked.state.view, asked.state.row) == ("", 1)
            listed = record_list(asked, asked.state.records)
            found = listed_projects(asked, listed, rank="", offset=0, limit=10_000)
            assert (href, found.total, len(found.rows)) == (href, count, count)
    assert len(seen) > 5


def test_kinds_of_count_are_all_links(db_session: Session) -> None:
    page = projects.build(Question.asked(db_session, Viewer(Role.LEADERSHIP), "?view=board"))
    asked = "&".join(href.partition("?")[2] for _count, href in _links(page))
    for kind in ("stage=lead", "light=red", "kind=B", "list=stage/", "list=light/progress/", "list=reason/", "list=wait/",
                 "list=claim", "list=report/error/", "list=cohort/"):  # fmt: skip
        assert kind in asked, kind


def test_a_list_says_why_each_project_is_on_it_and_keeps_its_order(db_session: Session) -> None:
    asked = Question.asked(db_session, Viewer(Role.LEADERSHIP), "?list=wait/filed_not_started")
    listed = record_list(asked, asked.state.records)
    assert listed is not None
    found = listed_projects(asked, listed, rank="", offset=0, limit=10)
    days = [listed.says[row["id"]]["days"] for row in found.rows]
    assert days == sorted(days, reverse=True)
    by_name = listed_projects(asked, listed, rank="name", offset=0, limit=10)
    assert by_name.total == found.total
    assert [row["name_zh"] for row in by_name.rows] == sorted(row["name_zh"] for row in by_name.rows)


@pytest.mark.parametrize("code", ["wait/nothing", "stage/7", "reason/blue/x", "cohort/x/y", "nothing"])
def test_a_code_that_names_no_list_holds_nothing(db_session: Session, code: str) -> None:
    asked = Question.asked(db_session, Viewer(Role.LEADERSHIP), f"?list={code}")
    assert listed_projects(asked, record_list(asked, code), rank="", offset=0, limit=10).total == 0


def test_an_export_holds_the_list_that_is_open(db_session: Session) -> None:
    from data.exports.extract import extract

    asked = Question.asked(db_session, Viewer(Role.LEADERSHIP), "?list=wait/filed_not_started")
    listed = record_list(asked, asked.state.records)
    assert listed is not None
    found = extract(asked, "projects")
    assert sorted(row[0] for row in found.rows) == sorted(listed.order)
