"""A line of a published record: of what, what was printed, when, by whom, and what is in doubt, all to be read."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from i18n import N_, _, language
from views.parts import badges

#: Words that sources put round a date.
_DATES = (
    N_("约{day}"),
    N_("{day}起"),
    N_("截至{day}"),
    N_("{day}前后"),
    N_("{day}前三季度"),
    N_("{day}(转载)"),
    N_("{day}(年份未载)"),
)


def printed_date(words: str | None) -> str:
    """The date of a published record as printed; in English the words round it are translated, the date is left as it is."""
    if not words:
        return _("日期未载")
    if language() == "zh":
        return words
    for message in _DATES:
        before, after = message.split("{day}")
        if words.startswith(before) and words.endswith(after):
            return _(message, day=words.removeprefix(before).removesuffix(after))
    return _(words)


def doubt_mark(doubt: str | None) -> html.Span | None:
    """What the source leaves open, marked; None where nothing is."""
    if not doubt:
        return None
    return html.Span([html.B(_("存疑")), f" {_(doubt)}"], className="doubt")


def published_line(
    subject: Component | list[Component | str], name: Component | str, value: str, unit: str, record: dict[str, Any]
) -> html.Div:
    """`record` has `as_of` (as printed), `source`, `note` and `doubt`; figures of two lines are never put together."""
    return html.Div(
        [
            html.Span(subject, className="published-subject"),
            html.Span(name, className="published-name"),
            html.Span([value, html.Small(unit)], className="published-value"),
            html.Span(
                [html.Span(printed_date(record["as_of"])), " · ", badges.source_mark(record["source"])],
                className="quiet published-date",
            ),
            doubt_mark(record["doubt"]),
        ],
        className="published-row",
        title=record["note"] or "",
    )
