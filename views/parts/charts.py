"""Charts as pure functions of data: one line of thought each, no frames, no chart junk; colours are the tokens' values.

Values come in the unit shown; periods as text ("2026-09", "2026Q3", "2026"). Nothing is computed here but positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from domain.periods import Period
from domain.units import Number
from i18n import _
from views.parts.format import beside, month_name, number

ThemeName = Literal["wall", "desk"]
FONT = '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif'


@dataclass(frozen=True)
class ChartTheme:
    """The tokens a chart needs, as colours (assets/tokens.css holds the same)."""

    panel: str
    hairline: str
    text: str
    quiet: str
    accent: str
    before: str  # the year before: present, never louder than this year
    band: str  # older years, behind all lines
    down: str


THEMES: dict[ThemeName, ChartTheme] = {
    "wall": ChartTheme(
        "#0C2138", "#1E3A57", "#E8F1FA", "#8FA9C2", "#35C9F0", "#4A6784", "rgba(143,169,194,0.12)", "#F0776C"
    ),
    "desk": ChartTheme(
        "#FFFFFF", "#DDE3EA", "#14212E", "#526272", "#0B6FA4", "#8695A4", "rgba(91,107,123,0.10)", "#C03A2F"
    ),
}
#: What the graph component is told: no tool bar, no zoom by wheel, follow the size of its box.
CONFIG: dict[str, Any] = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


def chart(graph_id: str, figure: go.Figure, name: str) -> html.Figure:
    """A drawn chart with what it shows as a table, for who cannot see it and as a file (assets/charts.js).

    The table has a row for each place on the x axis and a column for each named line or bar, in the words of its hover.
    """
    shown = [t for t in figure.data if t.name and t.hoverinfo != "skip"]
    axis = figure.layout.xaxis
    labels = dict(zip(axis.tickvals or (), axis.ticktext or (), strict=True)) if axis.type == "linear" else {}
    rows: dict[Any, dict[str, str]] = {}
    for trace in shown:
        for i, (x, y, text) in enumerate(zip(trace.x, trace.y, trace.hovertemplate, strict=True)):
            if y is not None:
                rows.setdefault(x, {})[trace.name] = text
                if trace.customdata is not None:
                    labels[x] = trace.customdata[i]
    head = html.Tr([html.Th(_("期间")), *(html.Th(t.name) for t in shown)])
    body = [
        html.Tr([html.Th(labels.get(x, x)), *(html.Td(values.get(t.name, "")) for t in shown)])
        for x, values in sorted(rows.items())
    ]
    return chart_table(
        html.Table([html.Caption(name), html.Thead(head), html.Tbody(body)], className="unseen"),
        name,
        drawn=dcc.Graph(id=graph_id, figure=figure, config=CONFIG, responsive=True, className="trend-graph"),
    )


def chart_table(table: html.Table, name: str, *below: Component | None, drawn: Component | None = None) -> html.Figure:
    """A table that is a chart itself, or stands for one that is `drawn`, with the button that saves it under `name`."""
    save = html.Button(
        _("导出 csv"), className="chart-save", type="button", **{"data-save": name, "aria-label": _("导出 csv:{name}", name=name)}
    )  # fmt: skip
    shown = [table] if drawn is None else [drawn, table]
    return html.Figure(
        [*shown, html.Div([*(b for b in below if b is not None), save], className="chart-foot")], className="chart"
    )


def bar(share: Number, *, tick: Number | None = None, colour: str | None = None) -> html.Span:
    """A share of the card's one scale as a bar, a second one as a tick on it; the numbers stand beside it."""
    parts = [html.Span(className="mix-fill", style={"width": _at(share)} | ({"--key": colour} if colour else {}))]
    if tick is not None:
        parts.append(html.Span(className="mix-tick", style={"left": _at(tick)}))
    return html.Span(parts, className="mix-bar", **{"aria-hidden": "true"})


def dots(places: Sequence[tuple[str, Number]], *, line: Number | None = None) -> html.Span:
    """Dots on one scale, each (what it is: the class of its look, share of the scale), joined where there are two; a line
    through all of them where a benchmark stands.
    """
    parts: list[Component] = []
    if len(places) == 2:
        low, high = sorted(float(share) for _look, share in places)
        parts.append(html.Span(className="mix-join", style={"left": _at(low), "width": _at(high - low)}))
    if line is not None:
        parts.append(html.Span(className="mix-line", style={"left": _at(line)}))
    parts += [html.Span(className=f"mix-dot {look}".strip(), style={"left": _at(share)}) for look, share in places]
    return html.Span(parts, className="mix-bar mix-bar--dots", **{"aria-hidden": "true"})


def _at(share: Number) -> str:
    return f"{min(max(float(share), 0), 1) * 100:.1f}%"


@dataclass(frozen=True)
class Point:
    """A value at a period; `months` is 2 where January and February are one point. None breaks the line."""

    period: str
    value: float | None
    revised: bool = False
    months: int = 1


def trend_figure(
    points: Sequence[Point],
    *,
    unit: str,
    theme: ThemeName = "desk",
    bars: bool = False,
    restarts: bool = False,
    due: Sequence[tuple[str, float]] = (),
    places: int = 1,
) -> go.Figure:
    """A KPI over time: this year as the line (or bars), the year before as a quiet line, the schedule dashed.

    `restarts`: a cumulative series begins anew each year, so the line breaks there. A missing period breaks it too and is
    never drawn through. Revised values carry ▽修订. Raises ValueError for a period that is none.
    """
    look = THEMES[theme]
    shown = sorted(points, key=lambda p: p.period)
    by_period = {p.period: p for p in shown}
    before = [
        Point(p.period, by_period[ago].value if ago in by_period else None)
        for p in shown
        if (ago := str(Period.parse(p.period).year_ago()))
    ]
    figure = go.Figure(layout=_layout(look, places))

    def said(values: Sequence[float | None]) -> list[str]:
        return ["" if v is None else beside(number(v, places), unit) for v in values]

    if any(p.value is not None for p in before):
        x, y, _names = _line(before, restarts)
        figure.add_scatter(
            x=x, y=y, mode="lines", name=_("上年同期"), line={"color": look.before, "width": 1.5}, hovertemplate=said(y)
        )  # fmt: skip
    if due:
        x, y, _names = _line([Point(p, v) for p, v in due], restarts)
        figure.add_scatter(
            x=x, y=y, mode="lines", name=_("序时目标"), hovertemplate=said(y),
            line={"color": look.quiet, "width": 1.25, "dash": "dot"},
        )  # fmt: skip
    if bars:
        _add_bars(figure, shown, look, said)
    else:
        x, y, names = _line(shown, restarts)
        single = sum(p.value is not None for p in shown) <= 6
        figure.add_scatter(
            x=x, y=y, customdata=names, mode="lines+markers" if single else "lines", name=_("本期"), hovertemplate=said(y),
            line={"color": look.accent, "width": 2.25}, marker={"size": 7, "color": look.accent},
        )  # fmt: skip
    _add_last(figure, shown, look, places)
    _add_revisions(figure, shown, look)
    _axis(figure, shown)
    return figure


def year_figure(
    points: Sequence[Point],
    *,
    unit: str,
    theme: ThemeName = "desk",
    due: Sequence[tuple[str, float]] = (),
    places: int = 1,
) -> go.Figure:
    """A sum since January over the months 1 to 12: this year, last year quieter, older years as a pale band, the plan dashed.

    `points` and `due` are months ("2026-09") of any years; this year is that of the newest point. A month that is missing
    breaks the line. Each year's line ends with its name and its figure. Raises ValueError for a period that is no month.
    """
    look = THEMES[theme]
    years = _by_year(points)
    plan = _by_year([Point(p, v) for p, v in due])
    newest = max(years)
    months = list(range(1, 13))
    figure = go.Figure(layout=_layout(look, places))

    def said(values: Sequence[float | None]) -> list[str]:
        return ["" if v is None else beside(number(v, places), unit) for v in values]

    def along(year: dict[int, Point]) -> list[float | None]:
        return [year[month].value if month in year else None for month in months]

    older = [along(months_of) for year, months_of in years.items() if year < newest - 1]
    spans = [[v for year in older if (v := year[i]) is not None] for i in range(12)]
    if any(spans):
        name = _("更早各年")
        known = [month for month, span in zip(months, spans, strict=True) if span]
        for edge, fill in ((min, None), (max, "tonexty")):
            figure.add_scatter(
                x=known, y=[edge(span) for span in spans if span], mode="lines", line={"width": 0}, fill=fill,
                fillcolor=look.band, name=name, hoverinfo="skip", showlegend=fill is not None,
            )  # fmt: skip
    lines = (
        (years.get(newest - 1, {}), str(newest - 1), {"color": look.before, "width": 1.75}),
        (plan.get(newest, {}), _("序时目标"), {"color": look.quiet, "width": 1.25, "dash": "dot"}),
        (years[newest], str(newest), {"color": look.accent, "width": 2.25}),
    )
    for year, name, line in lines:
        values = along(year)
        if any(v is not None for v in values):
            alone = sum(v is not None for v in values) == 1
            figure.add_scatter(
                x=months, y=values, mode="lines+markers" if alone else "lines", name=name, line=line,
                marker={"size": 7}, hovertemplate=said(values),
            )  # fmt: skip
    this, last = (_last_of(years.get(year, {})) for year in (newest, newest - 1))
    ends = [(this, f"{newest} {number(this[1], places)}", look.text, 13)] if this else []
    if last and (this is None or last[0] != this[0]):
        ends.append(
            (last, f"{newest - 1} {number(last[1], places)}", look.quiet, -24)
        )  # above it runs the plan, left of it the line
    for (month, value), text, colour, above in ends:
        figure.add_annotation(
            x=month, y=value, text=text, showarrow=False, yshift=above, xanchor="right" if month > 6 else "left",
            font={"color": colour, "size": 14, "weight": 600 if colour == look.text else 400},
        )  # fmt: skip
    for month, point in years[newest].items():
        if point.revised and point.value is not None:
            figure.add_annotation(
                x=month,
                y=point.value,
                text=_("▽修订"),
                showarrow=False,
                yshift=-12,
                font={"color": look.down, "size": 12},
            )
    figure.update_xaxes(
        type="linear", range=[0.6, 12.4], tickvals=months, ticktext=[month_name(month) for month in months]
    )
    return figure


def _by_year(points: Sequence[Point]) -> dict[int, dict[int, Point]]:
    found: dict[int, dict[int, Point]] = {}
    for point in points:
        period = Period.parse(point.period)
        if period.kind != "M":
            raise ValueError(f"not a month: {point.period}")
        found.setdefault(period.year, {})[period.index] = point
    return found


def _last_of(year: dict[int, Point]) -> tuple[int, float] | None:
    known = [(month, point.value) for month, point in year.items() if point.value is not None]
    return max(known, default=None)


def _position(point: Point) -> str:
    """Where a period stands on the axis: the middle of its days, so that bars cover their own months."""
    period = Period.parse(point.period)
    if period.kind == "M" and point.months == 2:
        return str(period.start)
    return str(period.start + (period.end - period.start) / 2)


def _line(points: Sequence[Point], restarts: bool) -> tuple[list[str], list[float | None], list[str]]:
    """Coordinates of a line with a gap wherever a period is missing, and before each January when it `restarts`."""
    x: list[str] = []
    y: list[float | None] = []
    names: list[str] = []
    last: Period | None = None
    for point in points:
        now = Period.parse(point.period)
        if last is not None and (now != last.next() or (restarts and now.year != last.year)):
            x.append(str(now.start - timedelta(days=1)))
            y.append(None)
            names.append("")
        x.append(_position(point))
        y.append(point.value)
        names.append(point.period)
        last = now
    return x, y, names


def _add_bars(
    figure: go.Figure, points: Sequence[Point], look: ChartTheme, said: Callable[[Sequence[float | None]], list[str]]
) -> None:
    known = [p for p in points if p.value is not None]
    day = 86_400_000
    figure.add_bar(
        x=[_position(p) for p in known],
        y=[p.value for p in known],
        width=[(p.months * 30.4 - 7) * day for p in known],
        name=_("当月"),
        hovertemplate=[
            (_("1–2月合计") + " " if p.months == 2 else "") + text
            for p, text in zip(known, said([p.value for p in known]), strict=True)
        ],
        marker={"color": [look.down if (p.value or 0) < 0 else look.accent for p in known], "line": {"width": 0}},
    )


def _add_last(figure: go.Figure, points: Sequence[Point], look: ChartTheme, places: int) -> None:
    last = next((p for p in reversed(points) if p.value is not None), None)
    if last is None or last.value is None:
        return
    figure.add_annotation(
        x=_position(last), y=last.value, text=number(last.value, places), showarrow=False, yshift=13,
        xanchor="right", xshift=10, font={"color": look.text, "size": 14, "weight": 600},
    )  # fmt: skip


def _add_revisions(figure: go.Figure, points: Sequence[Point], look: ChartTheme) -> None:
    for point in points:
        if point.revised and point.value is not None:
            figure.add_annotation(
                x=_position(point), y=point.value, text=_("▽修订"), showarrow=False,
                yshift=12 if point.value >= 0 else -12, font={"color": look.down, "size": 12},
            )  # fmt: skip


def _axis(figure: go.Figure, points: Sequence[Point]) -> None:
    if not points:
        return
    first, last = Period.parse(points[0].period), Period.parse(points[-1].period)
    kind = first.kind
    span = (last.end - first.start).days
    tick = {"M": "%Y-%m", "Q": "%Y-Q%q", "Y": "%Y"}[kind]
    pad = timedelta(days=max(12, span // 60))
    years = range(first.year, last.year + 1)
    # A cumulative year is read from its January, also where January has no release.
    start = first.start if kind == "Y" else first.start.replace(month=1)
    figure.update_xaxes(
        range=[str(start - pad), str(last.end + pad)],
        hoverformat=tick,
        tickvals=[f"{y}-07-01" if kind == "Y" else f"{y}-01-01" for y in years],
        ticktext=[str(y) for y in years],
        ticklabelmode="instant",
    )
    if kind != "Y" and len(years) <= 2:
        figure.update_xaxes(tickvals=None, ticktext=None, tickformat=tick, nticks=8)


def _layout(look: ChartTheme, places: int) -> dict[str, Any]:
    return {
        "autosize": True,
        "margin": {"l": 8, "r": 12, "t": 30, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": look.quiet},
        "template": "none",  # Plotly's own would bring its colours, and 6 kB
        "colorway": [look.accent, look.before, look.quiet, look.text],
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": look.panel,
            "bordercolor": look.hairline,
            "font": {"family": FONT, "size": 12, "color": look.text},
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "dragmode": False,
        "separators": ".,",
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "linecolor": look.hairline,
            "ticks": "outside",
            "ticklen": 4,
            "tickcolor": look.hairline,
            "showspikes": True,
            "spikemode": "across",
            "spikethickness": 1,
            "spikedash": "solid",
            "spikecolor": look.hairline,
        },
        "yaxis": {
            "fixedrange": True,
            "gridcolor": look.hairline,
            "gridwidth": 1,
            "zeroline": True,
            "zerolinecolor": look.hairline,
            "nticks": 5,
            "automargin": True,
            "tickformat": ",",
            "rangemode": "tozero",
        },
    }
