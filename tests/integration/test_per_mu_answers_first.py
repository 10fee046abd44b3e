"""The per-mu page's answer, class limits and dumbbell say what the evaluation says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component
from sqlalchemy.orm import Session

from data.queries.per_mu import per_mu
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from views.pages import per_mu as page
from views.parts.format import percent
from views.parts.per_mu_blocks import answer, classes, limits, moved, parks
from views.parts.project_card import unit_name

LEADER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER)


def walk(item: Any) -> Iterator[Component]:
    if isinstance(item, Component):
        yield item
        yield from walk(getattr(item, "children", None))
    elif isinstance(item, list | tuple):
        for child in item:
            yield from walk(child)


def words(item: Any) -> str:
    if isinstance(item, Component):
        return words(getattr(item, "children", None))
    return "".join(words(child) for child in item) if isinstance(item, list | tuple) else str(item or "")


def test_the_answer_counts_each_class_and_names_the_first_and_the_last_park(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, ViewState())
    found = per_mu(question)
    shown = answer(question.known, found)
    cells = [c for c in walk(shown) if getattr(c, "className", "") == "answer-cell"]
    assert {getattr(c, "data-class"): words(c.children[1]) for c in cells} == {
        grade: str(n) for grade, n in found.classes[""].items()
    }
    share = {z: found.classes[z].get("A", 0) / sum(found.classes[z].values()) for z in found.zones}
    best, worst = max(share, key=lambda z: share[z]), min(share, key=lambda z: share[z])
    text = words(shown)
    assert f"A 类占比 {unit_name(question.known, best, short=True)} {percent(share[best], 0)}(" in text
    assert f"{unit_name(question.known, worst, short=True)} {percent(share[worst], 0)}(" in text
    tied = sum(row["tied"] > 1 for row in found.rows)
    assert (f"{tied} 家与别家同分" if tied else "没有同分并列") in text


def test_a_role_without_single_firms_gets_the_answer_and_no_ties(db_session: Session) -> None:
    question = Question.of(db_session, PROMOTER, ViewState())
    text = words(answer(question.known, per_mu(question)))
    assert "A 类占比" in text
    assert "同分" not in text


def test_class_limits_part_the_scores_of_the_classes(db_session: Session) -> None:
    found = per_mu(Question.of(db_session, LEADER, ViewState()))
    known = dict(limits(found))
    assert list(known) == ["A", "B"]
    for row in found.rows:
        if row["grade"] == "A":
            assert row["attained"] >= known["A"]
        if row["grade"] == "B":
            assert known["B"] <= row["attained"] <= known["A"]
        if row["grade"] == "C":
            assert row["attained"] <= known["B"]


def test_class_bars_of_several_parks_stand_on_one_scale(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, ViewState())
    found = per_mu(question)
    bars = [c for c in walk(classes(question.known, found)) if getattr(c, "className", "") == "grade-bar"]
    whole = [sum(found.classes[z].values()) for z in found.zones]
    assert [c.style["width"] for c in bars] == [f"{n / max(whole) * 100:.1f}%" for n in whole if n]


def test_who_changes_class_is_one_line_under_the_default_method(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, ViewState())
    line = moved(question.known, per_mu(question))
    assert line.className == "note"
    assert "现在就是四川默认方法" in words(line)
    trial = page.trial_of(None, "benchmark_capped", "anhui", {"tax_per_mu": 40}, 1)
    assert moved(question.known, page.evaluation(question, trial)).className == "card"


def test_the_dumbbell_is_sorted_by_the_lead_of_output_over_land(db_session: Session) -> None:
    question = Question.of(db_session, LEADER, ViewState())
    rows = [c for c in walk(parks(question.known, per_mu(question))) if hasattr(c, "data-gap")]
    gaps = [float(getattr(c, "data-gap")) for c in rows]
    assert len(gaps) == 5
    assert gaps == sorted(gaps, reverse=True)
    assert abs(sum(gaps)) < 0.001
