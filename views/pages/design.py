"""Every part with hard content, in both themes: what a change of look is seen on before it lands. In debug only.

Its figures are made up to be hard (long, missing, negative, huge), follow no data set and are marked as samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.attribution import Split, UnitPart
from data.queries.kpis import Figure
from data.queries.question import Question
from domain.attribution import Scope
from domain.reasons import ReasonKey
from domain.targets import Light
from domain.viewstate import Grouping
from i18n import N_, _
from views import shell
from views.page import Page
from views.pages import desk
from views.parts import badges
from views.parts.block import block, reason_line
from views.parts.charts import CONFIG, Point, ThemeName, year_figure
from views.parts.explain_drawer import pager
from views.parts.figure_tile import figure_tile
from views.parts.format import figure_text
from views.parts.opens import opens
from views.parts.split_bar import split_block

PATH = "/design"
_MONTH = "2026-09"
#: Use, size token and weight of the type that pages are set in (docs/design.md).
_TYPE = (
    (N_("页面标题"), "t28", 600),
    (N_("大数字"), "t28", 600),
    (N_("其他页标题"), "t20", 600),
    (N_("卡片标题"), "t16", 600),
    (N_("小标题、文中数字"), "t14", 600),
    (N_("正文、表格"), "t14", 400),
    (N_("说明、坐标"), "t12", 400),
)
_ROLES = (
    *("accent", "text", "quiet", "hairline", "panel", "raised"),
    *("light-red", "light-yellow", "light-green", "light-grey", "down", "demo"),
    *(f"zone-{i}" for i in range(5)),
)
_LONG = N_("成都天府国际生物城生命科学创新区高端医疗器械与创新药产业化协同创新公共服务平台二期扩容项目")


def _figure(
    question: Question,
    code: str,
    value: int | None,
    yoy: str | None = None,
    reached: str = "",
    reason: ReasonKey | None = None,
) -> Figure:
    kpi = question.known.kpis[code]
    spark = tuple(
        (f"{2025 + i // 12}-{i % 12 + 1:02}", None if i in (8, 9) else 100.0 * (i % 12 + 1) + 7 * (i * 5 % 9))
        for i in range(21)
    )
    return Figure(
        kpi=kpi, value=value, unit=kpi.stored_unit, numerator=None, denominator=None, reason=reason,
        reported=0 if value is None else 5, expected=5, missing=(), yoy=None if yoy is None else Fraction(yoy),
        yoy_kind="growth", period=_MONTH, status="flash", channel=kpi.channel, as_of="2026-10-12", target=None,
        attained=Fraction(reached) if reached else None, due=Fraction(3, 4) if reached else None,
        light=Light.GREY, spark=() if value is None else spark,
    )  # fmt: skip


def _figures(question: Question) -> tuple[Figure, ...]:
    """Usual, behind the plan, negative, huge, not reported, not to be filtered."""
    return (
        _figure(question, "K01", 5_034_000, "0.081", "0.74"),
        _figure(question, "K04", 21_867_000, "-0.068", "0.58"),
        _figure(question, "K08", -120_000, "-2.35", "0.31"),
        _figure(question, "K21", 1_234_568, "6.01", "1.2"),
        _figure(question, "K23", None, reason="not_reported"),
        replace(_figure(question, "K24", None, reason="not_filterable"), missed=()),
    )


def _split(question: Question, scope: Scope, amounts: Sequence[int]) -> Split:
    units = [unit for unit in question.known.units.values() if unit.kind == "statutory"]
    parts = tuple(
        UnitPart(unit=unit.code, name_zh=unit.name_zh, name_en=unit.name_en or "", amount=amount, share=None)
        for unit, amount in zip(units, amounts, strict=False)
    )
    total = None if scope is Scope.DUAL else sum(amounts)
    return Split(
        kpi_id="K01", scope=scope, period=_MONTH, unit=question.known.kpis["K01"].stored_unit, zones=(), parts=parts, total=total,
        records_total=sum(amounts), reason="dual" if scope is Scope.DUAL else None, unattributed=0, exceptions=2,
        exception_reasons={}, rules=(), by_zone=(), badge=None, illustrative=False, is_count=False, retained_wan=None,
        restated=False, by=Grouping.STAT,
    )  # fmt: skip


def _table() -> html.Div:
    rows = ((_("合计"), "1,234,567.89", "+8.1%"), (_(_LONG), "−12.00", "−2.0%"), (_("短名"), "—", "—"))
    return desk.table(
        [_("项目"), (f"{_('总投资')} {_('亿元')}", True), (_("同比"), True)],
        [
            html.Tr([html.Td(name), desk.num(amount), desk.num(change, quiet=True)], className="sum" if not i else "")
            for i, (name, amount, change) in enumerate(rows)
        ],
    )


def _chart(theme: ThemeName) -> dcc.Graph:
    """Three years with a gap of two months in this one."""
    points = [
        Point(f"{year}-{month:02}", None if (year, month) in ((2026, 4), (2026, 5)) else scale * month)
        for year, scale in ((2024, 40.0), (2025, 52.0), (2026, 56.0))
        for month in range(1, 10 if year == 2026 else 13)
    ]
    plan = [(f"2026-{month:02}", 60.0 * month) for month in range(1, 13)]
    return dcc.Graph(
        figure=year_figure(points, unit=_("亿元"), theme=theme, due=plan), config=CONFIG, style={"height": "15rem"}
    )


def _type() -> list[Component]:
    sample = _("核区一张图 503.4 亿元")
    return [
        html.Div(
            [
                html.Span(sample, style={"fontSize": f"var(--{size})", "fontWeight": weight}),
                html.Span(f"{_(use)} · {size[1:]}/{weight}", className="quiet"),
            ],
            className="sample-line",
        )
        for use, size, weight in _TYPE
    ]


def _half(question: Question, theme: ThemeName) -> html.Section:
    figures = _figures(question)
    tiles = [figure_tile(f, _MONTH, theme, chosen=not i) for i, f in enumerate(figures)]
    swatches = [
        html.Span(
            [html.Span(className="sample-colour", style={"background": f"var(--{role})"}), role],
            className="sample-swatch",
        )
        for role in _ROLES
    ]
    marks = [
        *(badges.dataset_mark(p) for p in ("demo", "published", "official")),
        badges.schematic_mark(),
        *(badges.light(value, word=True) for value in ("red", "yellow", "green", "grey")),
        badges.light(None),
        badges.kinds(["A", "B", "G"]),
    ]
    controls = [
        html.Button(_("导出"), type="button", className="page-button"),
        html.Button(_("导出"), type="button", className="page-button", disabled=True),
        opens("zone", "SMKX", _("打开一个园区")),
        html.A(_("链接"), href=PATH, className="text-link"),
    ]
    cards = (
        block(_("字号"), "", *_type()),
        block(_("颜色"), "", html.Div(swatches, className="samples")),
        block(_("标记"), "", html.Div(marks, className="samples")),
        block(_("控件"), "", html.Div(controls, className="samples"), pager("design-page", 25, 25, 240)),
        block(_("表格"), "", _table()),
        block(_("谁计入、计多少"), _("在地"), split_block(question, _split(question, Scope.TERRITORIAL, (2_438_000, 1_286_000, 712_000, 598_000)))),
        block(_("谁计入、计多少"), _("双计"), split_block(question, _split(question, Scope.DUAL, (2_438_000, 1_286_000)))),
        block(_("走势"), figure_text(figures[0]).unit, _chart(theme)),
        block(_("空"), "", reason_line(_("没有符合筛选的项目"), _("清除部分筛选再看"))),
    )  # fmt: skip
    return html.Section(
        [
            html.Div(tiles, className="tiles"),
            html.Div([desk.card(c) for c in cards], className="sample-cards"),
        ],
        className="sample-half",
        id=f"design-{theme}",
        **{"data-theme": theme},
    )


def page(question: Question) -> html.Div:
    """The page: the desk above, the wall below."""
    body = html.Main(
        [
            desk.page_head(_("设计样张"), _("每个部件在两种主题下的长、短、缺、负;样例数字,不属于任何数据集")),
            _half(question, "desk"),
            _half(question, "wall"),
        ],
        className="park desk",
    )
    return shell.page(question, PATH, None, body, look="page--park")


PAGE = Page(PATH, page)
