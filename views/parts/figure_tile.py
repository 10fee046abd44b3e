"""A KPI as a tile: level, change, target against time schedule, sparkline, channel, date and reason."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from data.queries.kpis import Figure
from data.queries.park import has_month_values
from data.queries.reason_words import reason_words
from domain.periods import ytd_to_month_values
from domain.viewstate import Scope
from i18n import _, language, pick
from views.parts.button import action
from views.parts.explain_drawer import explain_button
from views.parts.format import CHANNELS, STATUSES, figure_text, month_text, own_scope, percent, yoy_shown
from views.parts.spark import sparkline

_ACCENT = {"wall": "#35c9f0", "desk": "#0b6fa4"}


def change(figure: Figure) -> Component:
    """Change on a year ago with arrow and colour; — when there is none. Better-when-lower KPIs swap the colours.

    A change that is printed as zero is neither up nor down: no arrow, no colour.
    """
    shown = yoy_shown(figure)
    text, way = shown if shown is not None else ("—", 0)
    good = way if figure.kpi.higher_is_better is not False else -way
    look = {1: "yoy-up", -1: "yoy-down", 0: "quiet"}[good]
    return html.Span(
        [
            html.Span({1: "▲", -1: "▼", 0: ""}[way] + text, className=look),
            html.Span(_("同比"), className="quiet"),
        ],
        className="yoy",
    )


def schedule_bar(figure: Figure) -> Component | None:
    """Target reached as a bar, with a tick where the time schedule stands; None without a target."""
    if figure.attained is None:
        return None
    reached = max(0.0, min(1.0, float(figure.attained)))
    parts: list[Component] = [html.Span(className="bar-fill", style={"width": f"{reached * 100:.1f}%"})]
    if figure.due is not None:
        parts.append(html.Span(className="bar-tick", style={"left": f"{float(figure.due) * 100:.1f}%"}))
    words = [html.Span(f"{_('目标')} {percent(figure.attained, 0)}")]
    if figure.due is not None:
        words.append(html.Span(f"{_('序时')} {percent(figure.due, 0)}"))
    return html.Div(
        [
            html.Div(parts, className=f"bar bar--{figure.light.value}"),
            html.Div(words, className="bar-words"),
        ]
    )


def rhythm(figure: Figure) -> tuple[tuple[str, float | None], ...]:
    """The last two years as a line tells them: what is cumulative from January as month values, all else as it is.

    Cumulative figures fall to nothing each January, and every tile would show the same teeth. Months that are released
    together are one point, their mean; a month whose own or previous figure is unknown is unknown.
    """
    if not has_month_values(figure.kpi) or "Q" in figure.period:
        return figure.spark
    known = {period: None if value is None else round(value) for period, value in figure.spark}
    found: list[tuple[str, float | None]] = []
    for year in sorted({int(period[:4]) for period in known}):
        last = max(int(period[5:]) for period in known if period.startswith(str(year)))
        ytd = [known.get(f"{year}-{month:02d}") for month in range(1, last + 1)]
        for point in ytd_to_month_values(year, ytd, figure.kpi.no_january and ytd[0] is None):
            value = None if point.value is None else point.value / len(point.months)
            found.append((str(point.months[-1]), value))
    return tuple(point for point in found if point[0] in known)


def figure_tile(
    figure: Figure,
    page_period: str,
    theme: str,
    *,
    chosen: bool = False,
    page_scope: Scope = Scope.TERRITORIAL,
    zone: str = "",
    whole: Figure | None = None,
) -> html.Div:
    """A tile of two buttons: the tile makes this KPI the one the map and the trend show, Σ opens where it comes from.

    A figure that does not follow the scope named in the header says its own. `zone`: the one it is of, where the page
    is of more; `whole`: the same figure of all zones, quiet beside it.
    """
    shown = figure_text(figure)
    kpi = figure.kpi
    name = pick(kpi.name_zh, kpi.name_en)
    of_all = [html.Span(_("全域 {n}", n=figure_text(whole).text), className="tile-whole")] if whole is not None else []
    own_date = month_text(figure.period) if figure.period != page_period and figure.value is not None else ""
    status = _(STATUSES[figure.status]) if figure.status in STATUSES and figure.status != "final" else ""
    footer = schedule_bar(figure)
    no_growth = "" if figure.yoy_reason is None else reason_words(figure.yoy_reason, language())
    said = (
        own_date,
        status if own_date else "",
        own_scope(figure.scope, page_scope) if figure.value is not None else "",
        shown.reason,
        no_growth,
    )
    rest = " · ".join(text for text in said if text)
    channel = html.Span(_(CHANNELS.get(figure.channel, figure.channel)), className="tile-channel")
    note = [channel, *([html.Span(rest)] if rest else [])]
    tile = html.Button(
        [
            html.Span(pick(kpi.short_zh, kpi.short_en), className="tile-name", title=f"{kpi.id} {name}"),
            html.Div(
                [html.Span(shown.text, className="tile-number"), html.Span(shown.unit, className="tile-unit")],
                className="tile-value" + (" is-partial" if figure.reason == "partial" else ""),
            ),
            html.Div([change(figure), sparkline(rhythm(figure), _ACCENT[theme])], className="tile-row"),
            *([footer] if footer else []),
            html.Div([*note, *of_all], className="tile-note"),
        ],
        **action("kpi", kpi.id),
        className="tile" + (" is-chosen" if chosen else ""),
        type="button",
        **{"data-kpi": kpi.id, "aria-pressed": "true" if chosen else "false"},
    )
    return html.Div([tile, explain_button(kpi.id, name, zone)], className="tile-host")
