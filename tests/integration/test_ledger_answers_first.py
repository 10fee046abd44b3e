"""The ledger's sentence and bars say what its table says: who paid too much, what the audit made of it, what is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dash.development.base_component import Component
from flask import Flask
from sqlalchemy.orm import Session

from data.queries.ledger import Ledger, ledger
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from i18n import COOKIE
from views.pages import ledger as page
from views.parts.ledger_answer import answer, scale_end, sentence


@pytest.fixture
def question(db_session: Session) -> Question:
    return Question.of(db_session, Viewer(Role.LEADERSHIP), ViewState())


@pytest.fixture
def smkx(question: Question) -> Ledger:
    """Two parties at 6:4; 59,317 and 36,474 paid in, audited, settled, revenue retained."""
    found = ledger(question, "SMKX", 2025)
    assert found.total is not None
    assert [r.cost_in for r in found.rows] == [59317, 36474]
    return found


def told(found: Ledger, question: Question) -> str:
    return sentence(question.known, found)


def changed(found: Ledger, total: dict[str, Any], *rows: dict[str, Any]) -> Ledger:
    assert found.total is not None
    parties = tuple(replace(r, **new) for r, new in zip(found.rows, rows, strict=True))
    return replace(found, rows=parties, total=replace(found.total, **total))


def walk(item: Any) -> Iterator[Component]:
    if isinstance(item, Component):
        yield item
        yield from walk(getattr(item, "children", None))
    elif isinstance(item, list | tuple):
        for child in item:
            yield from walk(child)


def test_one_sentence_says_who_paid_too_much_what_the_audit_made_of_it_and_that_it_is_settled(
    question: Question, smkx: Ledger
) -> None:
    assert told(smkx, question) == (
        "成都高新区 实投 61.9%,约定 60%,多付 1,842 万元；审计后应收 1,782 万元,已结清；"
        "园区收入 98,798 万元 全部留在园区,不分现金"
    )
    assert told(ledger(question, "WLKJC", 2025), question) == (
        "成都高新区 实投 62.1%,约定 60%,多付 2,662 万元；审计后应收 2,548 万元,已结清；"
        "园区收入 53,565 万元 已按现金全部分配"
    )


def test_the_sentence_is_whole_in_english(question: Question, smkx: Ledger) -> None:
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}=en"}):
        assert told(smkx, question) == (
            "Hi-tech Zone paid 61.9% where 60% was agreed, CNY 18.42 m too much; "
            "is owed CNY 17.82 m after the audit, settled; "
            "revenue of CNY 987.98 m all kept in the park, no cash shared out"
        )


def test_what_is_not_audited_or_not_settled_is_said_so(question: Question, smkx: Ledger) -> None:
    unaudited = changed(
        smkx,
        {"audited": None, "revenue": None},
        {"audited": None, "balance": 1842, "settled": None, "open_wan": 1842},
        {"audited": None, "balance": -1842, "settled": None, "open_wan": -1842},
    )
    assert told(unaudited, question) == (
        "成都高新区 实投 61.9%,约定 60%,多付 1,842 万元；尚未审计,暂按实际投入应收 1,842 万元,尚未结算；园区收入尚未入账"
    )
    half = changed(smkx, {}, {"settled": 1000, "open_wan": 782}, {"settled": -1000, "open_wan": -782})
    assert "审计后应收 1,782 万元,已结 1,000 万元,未结 782 万元" in told(half, question)
    turned = changed(smkx, {}, {"balance": -5, "settled": None, "open_wan": -5}, {"balance": 5, "settled": None})
    assert "多付 1,842 万元；审计后应付 5 万元,尚未结算" in told(turned, question)
    even = changed(smkx, {}, {"difference": 0, "balance": 0}, {"difference": 0, "balance": 0})
    assert told(even, question).startswith("各方按约定比例出资；审计后互不相欠；")


def test_without_shares_that_may_be_applied_nothing_is_compared(question: Question, smkx: Ledger) -> None:
    none = changed(
        replace(smkx, agreement_reason="no_agreement"),
        {"retained": 100_000, "distributed": 6_199},
        *({"share": None, "difference": None, "balance": None} for _row in smkx.rows),
    )
    assert told(none, question) == (
        "没有财政分享协议,实投 95,791 万元 无从比较；园区收入 98,798 万元,留存 100,000 万元,分配 6,199 万元"
    )
    bars = [c for c in walk(answer(question.known, [none])) if "owes-row" in str(getattr(c, "className", ""))]
    assert bars == []


def test_every_figure_of_the_sentence_stands_in_the_table(question: Question, smkx: Ledger) -> None:
    shown = page.accounts(question)
    table = next(c for c in walk(shown) if getattr(c, "className", "") == "mini ledger-table")
    cells = {str(c.children) for c in walk(table) if isinstance(c.children, str)}
    assert {"61.9%", "60%", "1,842", "1,782", "98,798"} <= cells


@pytest.mark.parametrize(("most", "end"), [(0, 1), (7, 8), (1842, 2000), (2662, 3000), (999, 1000), (1000, 1000)])
def test_a_scale_ends_at_a_round_number_that_holds_the_longest_bar(most: int, end: int) -> None:
    assert scale_end(most) == end


def test_bars_of_all_zones_stand_on_one_scale(question: Question) -> None:
    found = answer(question.known, [ledger(question, zone, 2025) for zone in ("SMKX", "WLKJC")])
    bars = [c for c in walk(found) if str(getattr(c, "className", "")).startswith("owes-bar party")]
    assert [c.style for c in bars] == [
        {"left": "50%", "width": f"{1842 / 3000 * 50:.2f}%"},
        {"right": "50%", "width": f"{1842 / 3000 * 50:.2f}%"},
        {"left": "50%", "width": f"{2662 / 3000 * 50:.2f}%"},
        {"right": "50%", "width": f"{2662 / 3000 * 50:.2f}%"},
    ]
