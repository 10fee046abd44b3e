"""Blocks of the per-mu page: classes, spread of scores, who changes class, park values from sums, firms (rules §3.4)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue
from data.queries.per_mu import ParkFigure, PerMu, ReferenceLine
from domain.per_mu import EXCLUDED, UNGRADED
from domain.reasons import REASON_WORDS
from domain.units import WAN_MU, WAN_PERSON, WAN_TCE
from i18n import N_, _
from views.parts.block import block, reason_line
from views.parts.format import MINUS, NONE, SUPPRESSED, beside, direction, fixed, number, percent, scaled, scaled_text
from views.parts.opens import opens, opens_row
from views.parts.project_card import opens_unit, unit_name

INDICATORS = {
    "revenue_per_mu": (N_("亩均营业收入"), WAN_MU),
    "tax_per_mu": (N_("亩均税收"), WAN_MU),
    "revenue_per_employee": (N_("人均营业收入"), WAN_PERSON),
    "revenue_per_tce": (N_("单位能耗营业收入"), WAN_TCE),
    "rd_intensity": (N_("研发强度"), "%"),
    "investment_per_mu": (N_("亩均投资"), WAN_MU),
}
GRADES = {
    "A": N_("A 类"),
    "B": N_("B 类"),
    "C": N_("C 类"),
    "D": N_("D 类"),
    UNGRADED: N_("不定级"),
    EXCLUDED: N_("不参评"),
}
#: Why a firm has no class, or one without a rank.
WHY = {
    "start_up": N_("投产初期"),
    "construction": N_("在建"),
    "public_utility": N_("公用事业"),
    "new": N_("当年新设,参照 B"),
    "land_unknown": N_("用地未报"),
    "no_land": N_("无用地"),
    "disqualified": N_("一票否决"),
}
LEVELS = {"province": N_("四川省平均"), "nation": N_("全国国家级开发区")}
NO_FIRMS = N_("本数据集没有企业年度数据")
_BIN = 5
_LISTED = 24
PAGE_ROWS = 20


def reason(found: PerMu) -> str | None:
    """Why there is no evaluation; None when there is one."""
    if found.reason is None:
        return None
    return _(REASON_WORDS["withheld"]) if found.reason == "withheld" else _(NO_FIRMS)


def aside(found: PerMu) -> str:
    """What the figures of an evaluation are."""
    return _("{year} 年 · 规上工业企业 · 在地口径 · {n} 家", year=found.year, n=number(found.firms))


def value_text(key: str, value: float | None) -> str:
    """An indicator's value without its unit."""
    if value is None:
        return NONE
    return percent(value, 2) if key == "rd_intensity" else scaled_text(value, INDICATORS[key][1])


def unit_word(key: str) -> str:
    """The unit of an indicator, in which `value_text` counts."""
    return scaled(0, INDICATORS[key][1])[1]


def value_words(key: str, value: float | None) -> str:
    """An indicator's value with its unit in one text."""
    text = value_text(key, value)
    return text if key == "rd_intensity" or value is None else beside(text, unit_word(key))


def _used(counts: Iterable[dict[str, int]]) -> list[str]:
    seen = {grade for c in counts for grade in c}
    return [g for g in GRADES if g in seen]


# --- classes ------------------------------------------------------------------------------------------------------------


def classes(known: Catalogue, found: PerMu) -> html.Div:
    """Firms by class for all chosen zones and for each, whose bars stand on one scale; the rows sum to the firms evaluated."""
    title = _("各园区的类别")
    if found.reason:
        return block(title, "", reason_line(reason(found) or ""))
    used = _used(found.classes.values())
    most = max((sum(found.classes.get(zone, {}).values()) for zone in found.zones), default=0) or 1
    ends = [
        html.Span("0"),
        html.Span(_("{n} 家", n=number(most)), className="of-amounts"),
        html.Span("100%", className="of-shares"),
    ]
    header = html.Tr(
        [
            html.Th(_("园区")),
            *(html.Th([_key(g), _(GRADES[g])], className="num") for g in used),
            html.Th(_("合计"), className="num"),
            html.Th(html.Div(ends, className="scale-ends num"), className="bar-column"),
        ]
    )
    rows = []
    for zone in ("", *found.zones):
        name = opens_unit(known, zone, short=True) if zone else _("合计")
        if zone in found.hidden:
            stars = [html.Td(SUPPRESSED, className="num quiet") for _grade in (*used, "")]
            why = html.Td(_(REASON_WORDS["suppressed"]), className="quiet")
            rows.append(html.Tr([html.Td(name), *stars, why], className="" if zone else "is-total"))
            continue
        counts = found.classes.get(zone, {})
        whole = sum(counts.values())
        rows.append(
            html.Tr(
                [
                    html.Td(name),
                    *(html.Td(number(counts.get(g, 0)), className="num") for g in used),
                    html.Td(number(whole), className="num strong"),
                    html.Td(_("无规上企业") if not whole else _class_bar(counts, whole, most) if zone else None),
                ],
                className="" if zone else "is-total",
                **{"data-zone": zone or "all", "data-firms": str(whole)},
            )
        )
    return block(
        title,
        aside(found),
        html.Div(
            html.Table([html.Thead(header), html.Tbody(rows)], className="mini class-table"), className="scroll-x"
        ),
        html.P(
            _("所选园区的企业一起排名;不定级:投产初期、在建、公用事业、当年新设或缺指标,不占名额"), className="note"
        ),
    )


def _key(grade: str) -> html.Span:
    return html.Span(className=f"grade-key grade--{grade}")


def _class_bar(counts: Mapping[str, int], whole: int, most: int) -> html.Div:
    """As long as the zone's firms are part of the most that one has."""
    parts = [
        html.Span(
            className=f"grade-part grade--{g}",
            style={"flexGrow": counts[g]},
            title=f"{_(GRADES[g])} {counts[g]} · {percent(counts[g] / whole, 1)}",
        )
        for g in _used([dict(counts)])
        if counts[g]
    ]
    return html.Div(parts, className="grade-bar", style={"width": f"{whole / most * 100:.1f}%"})


# --- answer -------------------------------------------------------------------------------------------------------------


def answer(known: Catalogue, found: PerMu) -> Component:
    """How many of which class, which park leads and which is last, and what the trial would change."""
    if found.reason:
        return html.Div(reason_line(reason(found) or ""))
    if "" in found.hidden:
        return html.Div(reason_line(_(REASON_WORDS["suppressed"])))
    counts = found.classes[""]
    whole = sum(counts.values())
    figures = [
        html.Div(
            [
                html.Span([_key(g), _(GRADES[g])], className="answer-name"),
                html.B(number(counts[g]), className="answer-number"),
                html.Span(percent(counts[g] / whole), className="quiet"),
            ],
            className="answer-cell",
            **{"data-class": g},
        )
        for g in _used([counts])
    ]
    words = [w for w in (_lead(known, found), _ties(found), _change(found)) if w]
    return html.Div(
        [html.Div(figures, className="answer-cells"), html.Div([html.P(w) for w in words], className="answer-words")],
        className="answer",
    )


def _lead(known: Catalogue, found: PerMu) -> str:
    """The park with the largest share of class A firms and the one with the smallest, with the firms behind it."""
    shares = []
    for zone in found.zones:
        counts = found.classes.get(zone, {})
        if sum(counts.values()):
            shares.append((counts.get("A", 0) / sum(counts.values()), zone, counts.get("A", 0), sum(counts.values())))
    if len(shares) < 2:
        return ""
    shares.sort(key=lambda one: -one[0])

    def told(one: tuple[float, str, int, int]) -> str:
        share, zone, first, whole = one
        return _(
            "{zone} {share}({a}/{n})",
            zone=unit_name(known, zone, short=True),
            share=percent(share, 0),
            a=first,
            n=whole,
        )

    if shares[0][0] == shares[-1][0]:
        return _("各园区 A 类占比相同,{share}", share=percent(shares[0][0], 0))
    return _("A 类占比 {first} 最高,{last} 最低", first=told(shares[0]), last=told(shares[-1]))


def _ties(found: PerMu) -> str:
    """How many firms share a rank with another: their order among each other is none."""
    if found.rows_reason:
        return ""
    tied = sum(row["tied"] > 1 for row in found.rows)
    return _("{n} 家与别家同分,名次并列", n=number(tied)) if tied else _("没有同分并列")


def _change(found: PerMu) -> str:
    if found.is_default or found.changed_count is None:
        return ""
    return _("试算与四川默认方法相比 {n} 家换类", n=number(found.changed_count))


# --- spread -------------------------------------------------------------------------------------------------------------


def spread(found: PerMu) -> html.Div:
    """How the scores are spread, in bins of five percent of the points of all benchmarks reached, by class."""
    title = _("得分分布")
    if found.reason:
        return block(title, "", reason_line(reason(found) or ""))
    if found.rows_reason:
        return html.Div()  # not for this role: the card is not drawn, and the list of firms says why
    bins: dict[int, Counter[str]] = {}
    for row in found.rows:
        if row["attained"] is not None:
            bins.setdefault(int(row["attained"] * 100 // _BIN), Counter())[row["grade"]] += 1
    if not bins:
        return block(title, "", reason_line(_("没有能评分的企业")))
    tallest = max(c.total() for c in bins.values())
    first, last = min(bins), max(bins)
    bars = []
    for place in range(first, last + 1):
        counts = bins.get(place, Counter())
        low = str(place * _BIN).replace("-", MINUS)
        high = str((place + 1) * _BIN).replace("-", MINUS)
        bars.append(
            html.Div(
                [
                    html.Span(str(counts.total()) if counts else "", className="spread-count"),
                    html.Div(
                        [
                            html.Span(className=f"grade-part grade--{g}", style={"flexGrow": counts[g]})
                            for g in reversed(GRADES)
                            if counts[g]
                        ],
                        className="spread-bar",
                        style={"height": f"{counts.total() / tallest * 8:.2f}rem"},
                    ),
                    html.Span(low, className="spread-label"),
                ],
                className="spread-column",
                title=_("{low}%–{high}%:{n} 家", low=low, high=high, n=counts.total()),
            )
        )
    scored = sum(c.total() for c in bins.values())
    return block(
        title,
        _("每 {n}% 一档 · {scored} 家有得分 · {scale}", n=_BIN, scored=number(scored), scale=_scale(found)),
        html.Div(html.Div([*bars, *_limits(found, first, last)], className="spread"), className="scroll-x"),
        _legend(found),
    )


def limits(found: PerMu) -> list[tuple[str, float]]:
    """Where each class but the last begins: the lowest score that is still in it, as a share of all points."""
    lowest: dict[str, float] = {}
    for row in found.rows:
        if row["attained"] is not None and len(row["grade"]) == 1:
            lowest[row["grade"]] = min(row["attained"], lowest.get(row["grade"], row["attained"]))
    return [(grade, lowest[grade]) for grade in sorted(lowest)[:-1]]


def _limits(found: PerMu, first: int, last: int) -> list[Component]:
    whole = (last - first + 1) * _BIN
    return [
        html.Span(
            html.Span(_("{grade} 类从 {share} 起", grade=grade, share=percent(at))),
            className="spread-limit",
            style={"left": f"{(at * 100 - first * _BIN) / whole * 100:.2f}%", "--row": row},
            **{"data-limit": grade},
        )
        for row, (grade, at) in enumerate(limits(found))
    ]


def _scale(found: PerMu) -> str:
    """What 100 % of a score is under the weights and the scoring function in force."""
    points = number(found.method.full, 0 if float(found.method.full).is_integer() else 1)
    if found.method.score_fn == "minmax_20_80":
        return _("100% = 各项均为最优({points} 分)", points=points)
    return _("100% = 各项均达基准({points} 分)", points=points)


def _legend(found: PerMu) -> html.Div:
    return html.Div(
        [html.Span([_key(g), _(GRADES[g])], className="graph-key") for g in _used(found.classes.values())],
        className="graph-legend",
    )


# --- who changes class --------------------------------------------------------------------------------------------------


def moved(known: Catalogue, found: PerMu) -> Component:
    """Firms whose class differs from the one under Sichuan's default: names for who may, else how many."""
    title = _("谁换了类别")
    if found.reason:
        return html.P(reason(found), className="note")
    if found.is_default:
        return html.P(_("谁换了类别:现在就是四川默认方法,改权重、评分函数或名额再看"), className="note")
    if found.changed_count is None:
        return block(title, "", reason_line(_(REASON_WORDS["suppressed"])), className="card")
    note = _("与四川默认方法相比 {n} 家换类", n=number(found.changed_count))
    if not found.changed_count:
        return block(title, "", reason_line(_("没有企业换类")), className="card")
    if found.rows_reason:
        return block(title, note, reason_line(_("企业名称不在当前角色的可见范围")), className="card")
    ways = Counter((old, new) for _i, _n, _z, old, new in found.changed)
    chips = [
        html.Span(f"{_(GRADES[old])} → {_(GRADES[new])}  {n}", className="way")
        for (old, new), n in sorted(ways.items(), key=lambda item: (-item[1], item[0]))
    ]
    items = [
        html.Li(
            [
                opens("enterprise", firm, name, class_name="list-name"),
                opens_unit(known, zone, "quiet list-side", short=True),
                html.Span([_grade(old), " → ", _grade(new)], className="way-grades"),
            ]
        )
        for firm, name, zone, old, new in found.changed
    ]
    more = items[_LISTED:]
    rest = (
        html.Details(
            [
                html.Summary(_("其余 {n} 家", n=len(more)), className="text-link"),
                html.Ul(more, className="plain-list plain-list--columns"),
            ]
        )
        if more
        else None
    )
    return block(
        title,
        note,
        html.Div(chips, className="ways"),
        html.Ul(items[:_LISTED], className="plain-list plain-list--columns"),
        rest,
        className="card",
        **{"data-changed": str(found.changed_count)},
    )


def _grade(grade: str) -> html.Span:
    return html.Span(grade if len(grade) == 1 else _(GRADES[grade]), className=f"grade-mark grade--{grade}")


# --- parks --------------------------------------------------------------------------------------------------------------


def parks(known: Catalogue, found: PerMu) -> html.Div:
    """Indicators of each park from sums beside provincial and national means, and its share of land and of results."""
    title = _("园区亩均水平")
    if found.reason:
        return block(title, "", reason_line(reason(found) or ""))
    keys = [i.key for i in found.method.indicators]
    at = {(p.zone, p.indicator): p for p in found.parks}
    lines = {(r.level, r.indicator): r for r in found.references}
    header = html.Tr(
        [
            html.Th(_("园区")),
            *(
                html.Th([_(INDICATORS[k][0]), html.Span(f" {unit_word(k)}", className="quiet")], className="num")
                for k in keys
            ),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Td(opens_unit(known, zone, short=True) if zone else _("合计(由总量相除)")),
                *(_park_cell(at[zone, k], lines.get(("province", k))) for k in keys),
            ],
            className="" if zone else "is-total",
            **{"data-park": zone or "all"},
        )
        for zone in ("", *found.zones)
    ]
    for level, word in LEVELS.items():
        if any((level, k) in lines for k in keys):
            rows.append(
                html.Tr([html.Td(_(word)), *(_line_cell(lines.get((level, k))) for k in keys)], className="is-line")
            )
    return block(
        title,
        aside(found),
        html.Div(
            html.Table([html.Thead(header), html.Tbody(rows)], className="mini park-values"), className="scroll-x"
        ),
        html.P(_("园区值 = 分子合计 ÷ 分母合计,不是企业得分的平均;▲▼ 与四川省平均比"), className="note"),
        _sources(found.references),
        _land_shares(known, found, at),
    )


def _park_cell(figure: ParkFigure, line: ReferenceLine | None) -> html.Td:
    if figure.value is None:
        star = figure.reason == "suppressed"
        words = _(REASON_WORDS["suppressed"]) if star else _("未报")
        return html.Td(html.Span("＊" if star else NONE, title=words), className="num quiet", title=words)
    mark = html.Span(className="sign")
    # What is printed alike is alike: neither above nor below.
    if line is not None and value_text(line.indicator, line.value) != value_text(figure.indicator, figure.value):
        up = figure.value > line.value
        mark = html.Span("▲" if up else "▼", className="sign")
    title = _("分子 {top} · 分母 {bottom} · {n} 家", top=number(figure.numerator or 0, 0),
              bottom=number(figure.denominator or 0, 0), n=figure.firms)  # fmt: skip
    return html.Td(
        [value_text(figure.indicator, figure.value), mark],
        className="num",
        title=title,
        **{"data-value": f"{figure.indicator}={figure.value!r}"},
    )


def _line_cell(line: ReferenceLine | None) -> html.Td:
    if line is None:
        return html.Td(NONE, className="num quiet", title=_("来源没有这一指标"))
    told = [value_text(line.indicator, line.value), html.Span(className="sign")]
    return html.Td(told, className="num", title=f"{line.year} {line.source}".strip())


def _sources(lines: Sequence[ReferenceLine]) -> html.P:
    texts: dict[str, str] = {}
    for line in lines:
        year = _("{year} 年", year=line.year) if line.year else _("年份未载明")
        texts.setdefault(line.source, f"{_(LEVELS[line.level])} {year}:{line.source}")
    others = [
        f"{_(INDICATORS[r.indicator][0])} {value_words(r.indicator, r.value)}"
        for r in lines
        if r.indicator == "investment_per_mu"
    ]  # fmt: skip
    tail = f" · {_('全国另有')} {_('、').join(others)}" if others else ""
    return html.P(_("参照线来源:") + _("；").join(texts.values()) + tail, className="note source")


def _land_shares(known: Catalogue, found: PerMu, at: dict[tuple[str, str], ParkFigure]) -> Component:
    """Each park's share of the land beside its share of the tax on one scale, the widest lead first."""
    title = html.H3(_("用地占比与产出占比"))
    if len(found.zones) < 2:
        return html.Div([title, html.P(_("选两个以上园区才有占比"), className="note")], className="shares")
    land, tax, revenue = (at["", "tax_per_mu"], at["", "tax_per_mu"], at["", "revenue_per_mu"])
    lines = []
    for zone in found.zones:
        own = at[zone, "tax_per_mu"], at[zone, "revenue_per_mu"]
        lines.append(
            (
                zone,
                own[0].reason,
                _share(own[0].denominator, land.denominator),
                _share(own[0].numerator, tax.numerator),
                _share(own[1].numerator, revenue.numerator),
            )
        )
    lines.sort(key=lambda line: (line[2] is None or line[3] is None, (line[2] or 0) - (line[3] or 0)))
    end = math.ceil(max((s for line in lines for s in line[2:4] if s is not None), default=0) * 10) / 10 or 1
    header = html.Tr(
        [
            html.Th(_("园区")),
            html.Th(
                html.Div(
                    [html.Span("0"), html.Span(percent(end / 2, 0)), html.Span(percent(end, 0))],
                    className="scale-ends num",
                ),
                className="bar-column",
            ),
            html.Th([html.Span(className="dumbbell-key"), _("用地")], className="num"),
            html.Th([html.Span(className="dumbbell-key is-output"), _("税收")], className="num"),
            *(html.Th(t, className="num") for t in (_("税收 − 用地 pp"), _("营业收入"))),
        ]
    )
    rows = []
    for zone, why, ground, result, sales in lines:
        gap = None if ground is None or result is None else (result - ground) * 100
        sign = "+" if gap is not None and direction(gap, 1) > 0 else ""
        rows.append(
            html.Tr(
                [
                    html.Td(opens_unit(known, zone, short=True)),
                    html.Td(None if ground is None or result is None else _dumbbell(ground, result, end)),
                    *(_share_cell(s, why) for s in (ground, result)),
                    html.Td(NONE if gap is None else sign + fixed(gap, 1), className="num"),
                    _share_cell(sales, why),
                ],
                **{"data-gap": "" if gap is None else f"{gap:.4f}"},
            )
        )
    return html.Div(
        [
            title,
            html.Div(html.Table([html.Thead(header), html.Tbody(rows)], className="mini"), className="scroll-x"),
            html.P(_("用地为有税收与用地数据的参评企业用地(亩),租用按容积率折算"), className="note"),
        ],
        className="shares",
    )


def _dumbbell(ground: float, result: float, end: float) -> html.Div:
    places = [max(0.0, min(1.0, share / end)) * 100 for share in (ground, result)]
    left, right = min(places), max(places)
    return html.Div(
        [
            html.Span(className="dumbbell-line", style={"left": f"{left:.1f}%", "width": f"{right - left:.1f}%"}),
            html.Span(className="dumbbell-dot", style={"left": f"{places[0]:.1f}%"}),
            html.Span(className="dumbbell-dot is-output", style={"left": f"{places[1]:.1f}%"}),
        ],
        className="dumbbell",
        **{"aria-hidden": "true"},
    )


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _share_cell(share: float | None, why: str | None) -> html.Td:
    if share is None:
        star = why == "suppressed"
        return html.Td(
            "＊" if star else NONE, className="num quiet", title=_(REASON_WORDS["suppressed"]) if star else _("未报")
        )
    return html.Td(percent(share), className="num")


# --- firms --------------------------------------------------------------------------------------------------------------


def pages_of(found: PerMu) -> int:
    """Pages of the firm table; at least one."""
    return max(1, -(-len(found.rows) // PAGE_ROWS))


def firms(known: Catalogue, found: PerMu, page: int) -> Component:
    """Firms by rank, a page of them; those without a rank follow with the reason."""
    if found.reason:
        return html.Div(reason_line(reason(found) or ""))
    if found.rows_reason:
        return html.P(_("单家企业数据不在当前角色的可见范围,只提供园区合计"), className="note")
    keys = [i.key for i in found.method.indicators]
    start = (min(max(page, 1), pages_of(found)) - 1) * PAGE_ROWS
    header = html.Tr(
        [
            html.Th(_("名次"), className="num"),
            html.Th(_("企业")),
            html.Th(_("园区")),
            html.Th(_("类别")),
            html.Th(_("得分"), className="num"),
            *(
                html.Th([_(INDICATORS[k][0]), html.Span(f" {unit_word(k)}", className="quiet")], className="num")
                for k in keys
            ),
        ]
    )
    body = []
    for row in found.rows[start : start + PAGE_ROWS]:
        changed = row["grade"] != row["default_grade"]
        grade: list[Component | str] = [_grade(row["grade"])]
        if changed:
            grade.append(html.Span(_(" 原 {g}", g=_(GRADES[row["default_grade"]])), className="quiet"))
        if row["reason"]:
            grade.append(html.Span(f" {_why(row['reason'])}", className="quiet"))
        body.append(
            html.Tr(
                [
                    html.Td(_rank(row), className="num nowrap"),
                    html.Td(opens("enterprise", row["id"], row["name_zh"])),
                    html.Td(opens_unit(known, row["zone_code"], short=True), className="quiet"),
                    html.Td(grade),
                    html.Td(_score(row), className="num nowrap"),
                    *(
                        html.Td(
                            value_text(k, row["values"][k]),
                            className="num",
                            title="" if row["scores"][k] is None else _("得 {s} 分", s=number(row["scores"][k], 2)),
                        )
                        for k in keys
                    ),
                ],
                className="opens-row is-changed" if changed else "opens-row",
                **opens_row("enterprise", row["id"]),
            )
        )
    return html.Div(
        [
            html.Div(
                html.Table([html.Thead(header), html.Tbody(body)], className="mini firm-table"), className="scroll-x"
            ),
            html.P(_("{scale};得分相同的企业名次并列", scale=_scale(found)), className="note"),
        ]
    )


def _rank(row: Mapping[str, Any]) -> list[Component | str]:
    if row["rank"] is None:
        return [NONE]
    tied = (
        [html.Small(_("并列"), className="quiet", title=_("{n} 家并列", n=row["tied"])), " "] if row["tied"] > 1 else []
    )
    return [*tied, str(row["rank"])]


def _score(row: Mapping[str, Any]) -> list[Component | str]:
    """Share of what the weights allow, with the points it is made of."""
    if row["attained"] is None:
        return [NONE]
    return [html.B(percent(row["attained"], 1)), html.Span(f" {number(row['score'], 2)}", className="quiet")]


def _why(key: str) -> str:
    if key.startswith("missing."):
        name = INDICATORS.get(key.removeprefix("missing."))
        return _("缺{name}", name=_(name[0]) if name else key)
    return _(WHY[key]) if key in WHY else key
