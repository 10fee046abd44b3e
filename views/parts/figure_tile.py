"""A KPI as a tile: level, change, target against time schedule, sparkline, channel, date and reason."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dash import html
from dash.development.base_component import Component

from data.queries.kpis import Figure
from data.queries.park import has_month_values
from data.queries.reason_words import reason_words
from domain.indicators import Method
from domain.lights import behind_plan
from domain.periods import Period, ytd_to_month_values
from domain.viewstate import Scope
from i18n import _, language, pick
from views.parts.button import action
from views.parts.charts import THEMES, ThemeName
from views.parts.explain_drawer import explain_button
from views.parts.format import CHANNELS, STATUSES, figure_text, fixed, month_text, own_scope, percent, yoy_shown
from views.parts.spark import sparkline

SHOWN_PERIODS = 24
#: From here on a fall of what ought to rise is told in its colour: 5 %, and 5 points of a share.
BAD_FALL = Fraction(5)


def change(figure: Figure) -> Component:
    """Change on a year ago: arrow and sign in a column of their own, the number beside them; — when there is none.

    A change that is printed as zero is neither up nor down and has no arrow. Only a bad fall of at least 5 % has a colour.
    """
    shown = yoy_shown(figure)
    text, way = shown if shown is not None else ("—", 0)
    arrow, plus = {1: ("▲", "+"), -1: ("▼", "−"), 0: ("", "")}[way]
    sign = html.Span([arrow, html.Span(plus)] if way else None, className="yoy-sign")
    return html.Span(
        [
            html.Span([sign, text], className="yoy-down" if _is_bad_fall(figure, way) else "" if way else "quiet"),
            html.Span(_("同比"), className="yoy-word quiet"),
        ],
        className="yoy",
    )


def _is_bad_fall(figure: Figure, way: int) -> bool:
    if figure.yoy is None or way >= 0 or figure.kpi.higher_is_better is not True:
        return False
    if figure.yoy_kind == "growth":
        return -figure.yoy * 100 >= BAD_FALL
    return figure.kpi.unit in ("%", "pp") and -figure.yoy >= BAD_FALL


def progress(figure: Figure) -> Component | None:
    """Target reached as a bar with a tick where the time schedule stands, and in words how far it is from it; None
    without a target. Yellow and red by the limits of a project's light."""
    if figure.attained is None:
        return None
    reached = max(0.0, min(1.0, float(figure.attained)))
    parts: list[Component] = [html.Span(className="bar-fill", style={"width": f"{reached * 100:.1f}%"})]
    words = [html.Span(f"{_('目标')} {percent(figure.attained, 0)}")]
    light = figure.light.value
    said = None
    if figure.due is not None:
        parts.append(html.Span(className="bar-tick", style={"left": f"{float(figure.due) * 100:.1f}%"}))
        said = f"{_('序时')} {percent(figure.due, 0)}"
        words.append(html.Span(_pace(figure.attained - figure.due), className=f"pace pace--{light}"))
    return html.Div(
        [html.Div(parts, className=f"bar bar--{light}"), html.Div(words, className="bar-words")],
        className="progress",
        title=said,
    )


def _pace(ahead: Fraction) -> str:
    """Whole points; with a decimal where a rounded gap would stand on the other side of a limit of the light."""
    gap = abs(ahead) * 100
    whole = round(gap)
    crosses = ahead < 0 and behind_plan(gap, 100) is not behind_plan(whole, 100)
    if not whole:
        return _("与序时持平")
    shown = fixed(gap, 1 if crosses else 0)
    return _("超前 {n} pp", n=shown) if ahead > 0 else _("落后 {n} pp", n=shown)


def rhythm(figure: Figure) -> tuple[tuple[tuple[str, float | None], ...], bool]:
    """What the sparkline tells of the last 24 periods, and whether as bars: a count by its own months, as bars; all else
    by the change on a year ago that the tile states of the last one.

    Never sums since January, which fall to nothing each year. Every period that is released has its place; one whose own
    or earlier figure is unknown is empty. Months released together are one point, their mean.
    """
    known = dict(figure.spark)
    if not known:
        return (), False  # under a filter only the last period is summed
    counted = figure.kpi.method is Method.DISTINCT and has_month_values(figure.kpi)
    values = _month_values(figure) if counted else _changes(figure)
    last = Period.parse(figure.period)
    first = Period.parse(min(known))
    start = first if counted else replace(first, year=first.year + 1)
    periods = [p for p in Period.range(start, last) if figure.kpi.released(p)][-SHOWN_PERIODS:]
    return tuple((str(p), values.get(str(p))) for p in periods), counted


def _changes(figure: Figure) -> dict[str, float | None]:
    known = dict(figure.spark)
    found: dict[str, float | None] = {}
    for period, now in known.items():
        before = known.get(str(Period.parse(period).year_ago()))
        if now is None or before is None:
            found[period] = None
        elif figure.yoy_kind == "points":
            found[period] = now - before
        else:
            found[period] = now / before - 1 if before > 0 else None
    return found


def _month_values(figure: Figure) -> dict[str, float | None]:
    known = {period: None if value is None else round(value) for period, value in figure.spark}
    found: dict[str, float | None] = {}
    for year in sorted({int(period[:4]) for period in known}):
        last = max(int(period[5:]) for period in known if period.startswith(str(year)))
        ytd = [known.get(f"{year}-{month:02d}") for month in range(1, last + 1)]
        for point in ytd_to_month_values(year, ytd, figure.kpi.no_january and ytd[0] is None):
            found[str(point.months[-1])] = None if point.value is None else point.value / len(point.months)
    return found


def figure_tile(
    figure: Figure,
    page_period: str,
    theme: ThemeName,
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
    own_date = month_text(figure.period) if figure.period != page_period and figure.value is not None else ""
    status = _(STATUSES[figure.status]) if figure.status in STATUSES and figure.status != "final" else ""
    no_growth = "" if figure.yoy_reason is None else reason_words(figure.yoy_reason, language())
    said = (
        own_date,
        status if own_date else "",
        own_scope(figure.scope, page_scope) if figure.value is not None else "",
        shown.reason,
        no_growth,
    )
    channel = _(CHANNELS.get(figure.channel, figure.channel))
    rest = " · ".join(text for text in said if text)
    note = [
        html.Span(f"{channel} · " if rest else channel, className="tile-channel"),
        html.Span(rest) if rest else None,
    ]
    if whole is not None:
        note.append(html.Span(_("全域 {n}", n=figure_text(whole).text), className="tile-whole"))
    points, bars = rhythm(figure)
    look = THEMES[theme]
    target = progress(figure)
    tile = html.Button(
        [
            html.Span(pick(kpi.short_zh, kpi.short_en), className="tile-name", title=f"{kpi.id} {name}"),
            html.Div(
                [html.Span(shown.text, className="tile-number"), html.Span(shown.unit, className="tile-unit")],
                className="tile-value" + (" is-partial" if figure.reason == "partial" else ""),
            ),
            html.Div([change(figure), sparkline(points, look.accent, look.before, bars=bars)], className="tile-row"),
            *([target] if target else []),
            html.Div(note, className="tile-note"),
        ],
        **action("kpi", kpi.id),
        className="tile" + (" is-chosen" if chosen else ""),
        type="button",
        **{"data-kpi": kpi.id, "aria-pressed": "true" if chosen else "false"},
    )
    return html.Div([tile, explain_button(kpi.id, name, zone)], className="tile-host")
