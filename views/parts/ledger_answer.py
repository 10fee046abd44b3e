"""The answer of a co-building ledger: one sentence per zone, and who paid more or less than agreed on one common scale."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue
from data.queries.ledger import Ledger, LedgerRow
from domain.units import WAN
from i18n import N_, _, pick
from views.parts.block import head
from views.parts.explain_drawer import amount_text, stored_text
from views.parts.format import percent, stored_unit
from views.parts.opens import opens
from views.parts.project_card import opens_zone, unit_name

AGREEMENTS = {
    "no_agreement": N_("没有财政分享协议"),
    "ratios_not_one": N_("协议比例合计不为1,不套用"),
    "bad_parties": N_("协议分享方有误,不套用"),
    "agreements_overlap": N_("协议期限重叠,不套用"),
}
#: First digits of the end of a scale; half of each is a round number too.
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10)


def ratio_text(share: Fraction | None) -> str:
    """A share as the ledger prints it: 60 % where it is whole, else one decimal."""
    return percent(share, 0 if share is not None and (share * 100) % 1 == 0 else 1)


def paid_share(row: LedgerRow, total: LedgerRow) -> Fraction | None:
    """Part of all cost that a party paid; None where nothing is booked."""
    return None if row.cost_in is None or not total.cost_in else Fraction(row.cost_in, total.cost_in)


def _wan(value: int | None) -> str:
    return stored_text(value, WAN)


def sentence(known: Catalogue, found: Ledger) -> str:
    """Who paid more than agreed, what the audit makes of it, whether that is settled, and where the revenue is.

    Every figure is one of the table's. A party that is owed nothing is not told: what it owes is what another is owed.
    """
    total = found.total
    if total is None:
        return _("本年没有入账")
    told = [r for r in found.rows if r.share is not None and ((r.difference or 0) > 0 or (r.balance or 0) > 0)]
    if found.agreement_reason is not None:
        words = [_("{why},实投 {paid} 无从比较", why=_(AGREEMENTS[found.agreement_reason]), paid=_wan(total.cost_in))]
    elif total.cost_in is None:
        words = [_("投入尚未入账")]
    elif not told:
        words = [_("各方按约定比例出资"), _("尚未审计") if total.audited is None else _("审计后互不相欠")]
    else:
        words = [clause for r in told for clause in _party(known, r, total)]
    return _("；").join([*words, _revenue(total)])


def _party(known: Catalogue, row: LedgerRow, total: LedgerRow) -> list[str]:
    gap = row.difference or 0
    figures = {
        "unit": unit_name(known, row.unit, short=True),
        "paid": ratio_text(paid_share(row, total)),
        "agreed": ratio_text(row.share),
        "n": _wan(abs(gap)),
    }
    if gap > 0:
        words = [_("{unit} 实投 {paid},约定 {agreed},多付 {n}", **figures)]
    elif gap < 0:
        words = [_("{unit} 实投 {paid},约定 {agreed},少付 {n}", **figures)]
    else:
        words = [_("{unit} 实投与约定都是 {agreed}", **figures)]
    balance = row.balance or 0
    owed = {"n": _wan(abs(balance))}
    if total.audited is None:
        words.append(_("尚未审计,暂按实际投入应收 {n}", **owed))
    elif balance > 0:
        words.append(_("审计后应收 {n}", **owed))
    else:
        words.append(_("审计后应付 {n}", **owed) if balance else _("审计后不收不付"))
    if balance:
        words[-1] += _(",") + _settled(row)
    return words


def _settled(row: LedgerRow) -> str:
    if row.open_wan == 0:
        return _("已结清")
    if not row.settled:
        return _("尚未结算")
    return _("已结 {done},未结 {rest}", done=_wan(abs(row.settled)), rest=_wan(abs(row.open_wan or 0)))


def _revenue(total: LedgerRow) -> str:
    if total.revenue is None:
        return _("园区收入尚未入账")
    whole = _wan(total.revenue)
    if total.retained == total.revenue:
        return _("园区收入 {n} 全部留在园区,不分现金", n=whole)
    if total.distributed == total.revenue and not total.retained:
        return _("园区收入 {n} 已按现金全部分配", n=whole)
    return _("园区收入 {n},留存 {kept},分配 {paid}", n=whole, kept=_wan(total.retained), paid=_wan(total.distributed))


# --- picture ------------------------------------------------------------------------------------------------------------


def scale_end(most: int) -> int:
    """The end of a scale that holds `most`, with a round half: 2,662 → 3,000; 0 → 1."""
    if not most:
        return 1
    step = 10 ** (len(str(most)) - 1)
    return next(n * step for n in _ROUND if n * step >= most)


def answer(known: Catalogue, ledgers: Sequence[Ledger], *notes: Component) -> html.Section:
    """One sentence per zone with its bars under the `notes`; all bars stand on one scale around what was agreed."""
    differences = [r.difference for found in ledgers for r in found.rows if r.difference is not None]
    end = scale_end(max((abs(d) for d in differences), default=0))
    years = sorted({found.year for found in ledgers})
    lines: list[Component] = []
    for found in ledgers:
        lines.append(
            html.P(
                [
                    html.B(opens_zone(known, found.zone, short=True)),
                    html.Span(f" {found.year} ", className="quiet") if len(years) > 1 else " ",
                    sentence(known, found),
                ],
                className="owes-words",
                **{"data-owes": found.zone},
            )
        )
        bars = [
            _bar(known, row, found.total, n, end)
            for n, row in enumerate(found.rows)
            if row.difference is not None and found.total is not None
        ]
        lines.append(html.Div(bars, className="owes-bars"))
    if differences:
        lines.append(_axis(end))
    return html.Section(
        [
            head(_("谁多付、谁少付"), " · ".join([*(str(y) for y in years), _("内部账,不是统计口径")])),
            *notes,
            html.Div(lines, className="owes"),
        ],
        className="card",
    )


def _bar(known: Catalogue, row: LedgerRow, total: LedgerRow, place: int, end: int) -> html.Div:
    """A party's payment around its agreed part: to the right what it paid too much, to the left too little."""
    gap = row.difference or 0
    size = abs(gap) / end * 50
    side = "right" if gap < 0 else "left"  # where the bar is held: in the middle
    name = pick(row.name_zh, row.name_en)
    text = amount_text(gap, WAN)
    return html.Div(
        [
            html.Span(
                opens("unit", row.unit, unit_name(known, row.unit, short=True), title=name), className="owes-name"
            ),
            html.Span(
                f"{ratio_text(paid_share(row, total))} / {ratio_text(row.share)}", className="owes-ratio quiet num"
            ),
            html.Div(
                [
                    html.Span(className=f"owes-bar party--{place}", style={side: "50%", "width": f"{size:.2f}%"}),
                    html.Span(
                        f"+{text}" if gap > 0 else text,
                        className="owes-value num",
                        style={side: f"calc({50 + size:.2f}% + 8px)"},
                    ),
                ],
                className="owes-track",
            ),
        ],
        className="owes-row",
        **{"data-party": row.unit, "data-difference": str(gap)},
    )


def _axis(end: int) -> html.Div:
    """Five ticks; what the ratios and the sides mean stands over them, the unit in the last."""
    ticks = [
        html.Span(
            [amount_text(round(end * part), WAN), html.Span(f" {stored_unit(WAN)}") if part == 1 else None],
            style={"left": f"{50 + part * 50:g}%"},
        )
        for part in (-1, -0.5, 0, 0.5, 1)
        if end > 1 or part in (-1, 0, 1)
    ]
    return html.Div(
        [
            html.Span(_("实投 / 约定"), className="owes-ratio quiet num"),
            html.Div(
                [
                    html.Div(ticks, className="owes-ticks num"),
                    html.Div(
                        [html.Span(_("← 少付")), html.Span(_("按约定")), html.Span(_("多付 →"))], className="owes-sides"
                    ),
                ],
            ),
        ],
        className="owes-row owes-axis quiet",
        **{"aria-hidden": "true"},
    )
