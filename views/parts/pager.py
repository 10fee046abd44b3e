"""The one pager of all tables: 1–25 / 240 ‹ ›."""

from __future__ import annotations

from collections.abc import Callable

from dash import html
from dash.development.base_component import Component

from i18n import _
from views.parts.format import number


def pager(offset: int, size: int, total: int, step: Callable[[str, int, str], Component]) -> html.Div | None:
    """Which rows are shown, and the ways to those before and after; None for no rows.

    `step` makes a way from its sign, the offset it leads to, and its name.
    """
    if not total:
        return None
    ways = ((offset - size, offset > 0, "‹", _("上一页")), (offset + size, offset + size < total, "›", _("下一页")))
    return html.Div(
        [
            html.Span(f"{number(offset + 1)}–{number(min(offset + size, total))} / {number(total)}", className="num"),
            *(
                step(sign, max(0, to), name)
                if possible
                else html.Span(sign, className="page-button", **{"aria-disabled": "true"})
                for to, possible, sign, name in ways
                if total > size
            ),
        ],
        className="pager",
        role="group",
        **{"aria-label": _("翻页")},
    )
