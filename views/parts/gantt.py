"""One project on a time axis: per stage a bar as planned and a bar as done, each from the milestone before to its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dash import html
from dash.development.base_component import Component

from i18n import _
from views.parts.format import NONE, number

#: Most years that are named on the axis.
_YEARS = 9


@dataclass(frozen=True)
class Stone:
    """A milestone as known on a day: its stage in words, planned and reached; None for a date that is not known."""

    code: int
    name: str
    planned: date | None
    done: date | None

    def late(self, today: date) -> int | None:
        """Days behind the plan, negative before it; of one that is not reached those up to `today`, None before its day."""
        if self.planned is None or (self.done is None and self.planned >= today):
            return None
        return ((self.done or today) - self.planned).days


def late_words(late: int | None) -> str:
    """晚 6 天, 早 3 天, 按期; — for none."""
    if late is None:
        return NONE
    return _("晚 {n} 天", n=number(late)) if late > 0 else _("早 {n} 天", n=number(-late)) if late < 0 else _("按期")


def standing(stones: Sequence[Stone], today: date) -> str:
    """In one sentence: the furthest stage reached and how late it was, the next one and when it is due."""
    reached = [s for s in stones if s.done is not None]
    ahead = [
        s for s in stones if s.done is None and s.planned is not None and (not reached or s.code > reached[-1].code)
    ]
    words = []
    if reached:
        last = reached[-1]
        late = last.late(today)
        what = {"stage": last.name, "day": last.done}
        words.append(
            _("最近完成 {stage} {day}", **what) if late is None
            else _("最近完成 {stage} {day},{late}", late=late_words(late), **what)
        )  # fmt: skip
    if ahead:
        late = ahead[0].late(today)
        what = {"stage": ahead[0].name, "day": ahead[0].planned}
        words.append(
            _("下一步 {stage},计划 {day},已{late}", late=late_words(late), **what) if late
            else _("下一步 {stage},计划 {day}", **what)
        )  # fmt: skip
    return _("；").join(words)


def gantt(stones: Sequence[Stone], today: date) -> html.Div:
    """The bars; a table beside them says the same to who cannot see them. Raises ValueError where no date is known."""
    days = [d for s in stones for d in (s.planned, s.done) if d is not None]
    first, last = min(*days, today), max(*days, today)
    span = max((last - first).days, 1)

    def at(day: date) -> float:
        return (day - first).days / span * 100

    rows = []
    planned_before = done_before = None
    for stone in stones:
        rows.append(_row(stone, planned_before, done_before, today, at))
        planned_before, done_before = stone.planned or planned_before, stone.done or done_before
    years = list(range(first.year + 1, last.year + 1))
    step = -(-len(years) // _YEARS) if years else 1
    now = at(today)
    lines: list[Component] = [
        html.Span(
            html.Span(str(year)) if i % step == 0 else None,
            className="gantt-year",
            style={"left": f"{at(date(year, 1, 1)):.2f}%"},
        )
        for i, year in enumerate(years)
    ]
    side = {"right": "4px"} if now > 50 else {"left": "4px"}
    lines.append(
        html.Span(
            html.Span(_("数据日 {day}", day=today), style=side), className="gantt-now", style={"left": f"{now:.2f}%"}
        )
    )
    head = html.Span(_("早晚 / 计划日"), className="gantt-head quiet")
    chart = html.Div([html.Div(lines, className="gantt-lines"), head, *rows], className="gantt")
    return html.Div([chart, _keys()], **{"aria-hidden": "true"})


def _row(
    stone: Stone, planned_before: date | None, done_before: date | None, today: date, at: Callable[[date], float]
) -> html.Div:
    late = stone.late(today)
    behind = late is not None and late > 0
    marks = []

    def bar(look: str, start: date, end: date, title: str) -> None:
        left = at(min(start, end))
        marks.append(
            html.Span(
                className=f"gantt-bar gantt-bar--{look}",
                style={"left": f"{left:.2f}%", "width": f"max(3px, {at(max(start, end)) - left:.2f}%)"},
                title=title,
            )
        )

    if stone.planned is not None:
        look = "plan" if stone.done is not None else "ahead"
        bar(
            look, min(planned_before or stone.planned, stone.planned), stone.planned, _("计划 {day}", day=stone.planned)
        )
    if stone.done is not None:
        bar("done", min(done_before or stone.done, stone.done), stone.done, _("完成 {day}", day=stone.done))
    if behind and stone.planned is not None:
        bar("late", stone.planned, stone.done or today, late_words(late))
    if late is not None:
        words = html.Span(late_words(late), className="is-late" if behind else "quiet")
    else:
        day = stone.done or stone.planned
        words = html.Span(NONE if day is None else str(day), className="quiet")
    return html.Div(
        [html.Span(stone.name, className="gantt-name"), html.Div(marks, className="gantt-track"), words],
        className="gantt-row",
        **{"data-gantt": str(stone.code), "data-late": "" if late is None else str(late)},
    )


def _keys() -> html.Div:
    words = {"plan": _("计划"), "done": _("完成"), "late": _("晚于计划"), "ahead": _("未到,计划")}
    return html.Div(
        [
            html.Span([html.Span(className=f"gantt-bar gantt-bar--{look} gantt-key"), word])
            for look, word in words.items()
        ],
        className="gantt-keys quiet",
    )
