"""Lines of the indicators made of firms: monthly and annual figures, registers, leading industries, chain nodes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from data import models as m
from data.indicators.asking import Ask, Lines


def founded_by(year: Any) -> ColumnElement[bool]:
    """Firms that were there in the year; one without a year of founding is known to exist (K54)."""
    return func.coalesce(m.Enterprise.founded, 0) <= year


def _record(ask: Ask, *columns: Any) -> Select[Any]:
    firm = m.Enterprise
    return select(firm.id, firm.name_zh, firm.zone_code, ask.dates.c.label.label("period"), *columns).where(
        *ask.own(firm)
    )


def _month(amount: Any, *, above_scale: bool = False) -> Lines:
    """A figure of the month, year to date; `above_scale`: of firms on the register of that month."""

    def lines(ask: Ask) -> Select[Any]:
        month = m.EnterpriseMonth
        found = (
            _record(ask, amount.label("numerator"))
            .join(month, month.enterprise_id == m.Enterprise.id)
            .join(ask.dates, ask.at_end(month.period))
            .where(amount.is_not(None))
        )
        return found.where(m.Enterprise.above_scale_since <= month.period) if above_scale else found

    return Lines(m.Enterprise, lines)


def _leading(ask: Ask) -> Select[Any]:
    """Output of firms on the register; in the numerator those at a node of a leading chain of their zone (K53)."""
    firm, month, link, node = m.Enterprise, m.EnterpriseMonth, m.EntityNode, m.ChainNode
    known = ask.settled("leading chains", lambda: [*ask.session.execute(select(m.Zone.code, m.Zone.leading_chains))])
    # Without a leading chain the share is undefined, not 0.
    chains_of = {zone: chains for zone, chains in known if chains and zone in ask.zones}
    leading = [
        and_(
            firm.zone_code == zone,
            exists(
                select(link.entity_id)
                .join(node, node.id == link.node_id)
                .where(
                    link.entity_kind == "enterprise",
                    link.entity_id == firm.id,
                    node.chain_code.in_(chains),
                )
            ),
        )
        for zone, chains in chains_of.items()
    ]
    output = month.output_ytd_wan
    top = case((or_(*leading), output), else_=0) if leading else literal(0)
    return (
        _record(ask, top.label("numerator"), output.label("denominator"))
        .join(month, month.enterprise_id == firm.id)
        .join(ask.dates, ask.at_end(month.period))
        .where(output.is_not(None), firm.above_scale_since <= month.period, firm.zone_code.in_(chains_of))
    )


def _land_in_use() -> ColumnElement[int]:
    """Land in use for the per-mu indicators, m²: own land, and leased floor space converted by its plot ratio (K10).

    NULL when neither is known, or when leased space comes without its plot ratio.
    """
    year = m.EnterpriseYear
    leased = case(
        (func.coalesce(year.leased_m2, 0) == 0, 0),
        (func.coalesce(year.leased_far, 0) == 0, None),
        else_=cast(func.round(cast(year.leased_m2, Float) / year.leased_far), Integer),
    )
    known = or_(year.land_m2.is_not(None), year.leased_m2.is_not(None))
    return case((known, func.coalesce(year.land_m2, 0) + leased), else_=None)


def _year(top: Any, bottom: Any = None) -> Lines:
    """An annual figure of firms above size at the end of the year, or a ratio of two.

    Firms that are not graded (启动期, 在建, 公用) stay out of the ratios (rules §3.4).
    """

    def lines(ask: Ask) -> Select[Any]:
        year, firm = m.EnterpriseYear, m.Enterprise
        columns = [top.label("numerator"), *([] if bottom is None else [bottom.label("denominator")])]
        found = (
            _record(ask, *columns)
            .join(year, year.enterprise_id == firm.id)
            .join(ask.dates, ask.dates.c.year == year.year)
            .where(firm.above_scale_since <= ask.dates.c.last_month, top.is_not(None))
        )
        return found if bottom is None else found.where(firm.grading_status.is_(None), bottom > 0)

    return Lines(m.Enterprise, lines)


def _register(on_it: Any, basis: Any, stated: Any) -> Lines:
    """Firms on a register at the end of the period; `stated` is the column that says so."""

    def lines(ask: Ask) -> Select[Any]:
        condition = on_it(ask.dates.c)
        return _record(ask, literal(1).label("numerator"), basis.label("basis")).join(ask.dates, condition)

    return Lines(m.Enterprise, lines, stated=lambda: stated)


_FIRM = m.Enterprise
_LEADS = and_(_FIRM.leader_of.is_not(None), cast(_FIRM.leader_of, String).not_in(("[]", "null")))


def _nodes(ask: Ask) -> Select[Any]:
    """Every node of every chain for every zone that has firms: 1 where one of them is at the node (K54, rules §5.3)."""
    firm, link, node, dates = m.Enterprise, m.EntityNode, m.ChainNode, ask.dates
    zones = select(firm.zone_code).where(*ask.own(firm)).distinct().subquery()
    first = (
        select(firm.zone_code, link.node_id, func.min(func.coalesce(firm.founded, 0)).label("since"))
        .join(firm, and_(firm.id == link.entity_id, link.entity_kind == "enterprise"))
        .where(*ask.own(firm))
        .group_by(firm.zone_code, link.node_id)
        .subquery()
    )
    covered = case((first.c.since <= dates.c.year, 1), else_=0)
    return (
        select(
            node.id,
            node.name_zh,
            zones.c.zone_code,
            dates.c.label.label("period"),
            covered.label("numerator"),
            literal(1).label("denominator"),
        )
        .select_from(node)
        .join(zones, literal(True))
        .join(dates, literal(True))
        .outerjoin(first, and_(first.c.zone_code == zones.c.zone_code, first.c.node_id == node.id))
    )


def _tied() -> ColumnElement[bool]:
    return _FIRM.id.in_(select(m.EntityNode.entity_id).where(m.EntityNode.entity_kind == "enterprise"))


_Y = m.EnterpriseYear
LINES: dict[str, Lines] = {
    "K04": _month(m.EnterpriseMonth.output_ytd_wan, above_scale=True),
    "K07": _month(m.EnterpriseMonth.revenue_ytd_wan),
    "K08": _month(m.EnterpriseMonth.tax_ytd_wan),
    "K09": _month(m.EnterpriseMonth.retained_ytd_wan),
    "K53": Lines(m.Enterprise, _leading),
    "K06": _year(_Y.value_added_wan),
    "K10": _year(_Y.tax_wan, _land_in_use()),
    "K11": _year(_Y.output_wan, _land_in_use()),
    "K12": _year(_Y.value_added_wan, _land_in_use()),
    "K13": _year(_Y.revenue_wan, _land_in_use()),
    "K14": _year(_Y.revenue_wan, _Y.employees),
    "K15": _year(_Y.revenue_wan, _Y.energy_tce),
    "K16": _year(_Y.value_added_wan, _Y.energy_tce),
    "K17": _year(_Y.rd_wan, _Y.revenue_wan),
    "K18": _year(_Y.value_added_wan, _Y.employees),
    "K44": _register(
        lambda at: and_(_FIRM.high_tech_from <= at.year, func.coalesce(_FIRM.high_tech_to, 9999) >= at.year),
        cast(_FIRM.high_tech_from, String) + "-" + func.coalesce(cast(_FIRM.high_tech_to, String), ""),
        _FIRM.high_tech_from.is_not(None),
    ),
    "K45": _register(
        lambda at: _FIRM.above_scale_since <= at.last_month,
        _FIRM.above_scale_since,
        _FIRM.above_scale_since.is_not(None),
    ),
    "K46": _register(lambda at: _FIRM.ladder.is_not(None), _FIRM.ladder, _FIRM.ladder.is_not(None)),
    "K47": _register(lambda at: _LEADS, _FIRM.leader_of, _LEADS),
    "K54": Lines(m.Enterprise, _nodes, stated=_tied),
}
