"""Which sums of firms' figures may be shown outside the owner's group: one partition for each figure and period (rules §2.6.4).

Screens, API and exports ask here; `domain.suppression` says how the partition is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select

from data import models as m
from data.indicators import LINES, lines
from data.queries.cached import cached
from data.queries.question import Question
from domain.indicators import Indicator
from domain.periods import Period
from domain.suppression import Beside, Blocks, Member, Weight, Weights, beside, join_unsafe
from domain.viewer import FieldClass, Viewer


def open_to(viewer: Viewer, kpi: Indicator) -> bool:
    """Whether every sum of the indicator may be shown to the viewer."""
    return not kpi.firm_figures or viewer.may(FieldClass.ENTERPRISE_FIGURES)


def firm_cells(question: Question) -> Mapping[str, tuple[str, str, str]]:
    """(district, chains, nodes) of every firm of the data set, each as a word."""

    def build() -> dict[str, tuple[str, str, str]]:
        link, firm = m.EntityNode, m.Enterprise
        nodes: dict[tuple[str, str], list[str]] = {}
        for who, district, node in question.session.execute(
            select(firm.id, firm.district_code, link.node_id)
            .outerjoin(link, and_(link.entity_id == firm.id, link.entity_kind == "enterprise"))
            .where(firm.provenance == question.at.provenance)
        ):
            nodes.setdefault((who, district or ""), []).extend([node] if node is not None else [])
        return {
            who: (district, " ".join(sorted({question.known.nodes[n].chain for n in own})), " ".join(sorted(own)))
            for (who, district), own in nodes.items()
        }

    return cached(question.session, ("firm cells", question.at.provenance), build)


def _leaves_out(kpi: Indicator) -> bool:
    """Whether the indicator is made of some of the firms that totals are made of: per-mu ratios know no ungraded firm, and
    their numerator is a total without them."""
    return kpi.is_ratio and kpi.period_type == "Y"


def _firms_of(question: Question, year: int) -> Mapping[str, tuple[str, Beside]]:
    """Zone of every firm with any figure at the end of the year, and whether it is above size then."""
    at, firm, annual, month = question.at, m.Enterprise, m.EnterpriseYear, m.EnterpriseMonth
    asked = select(firm.id, firm.zone_code, firm.above_scale_since).where(
        firm.provenance == at.provenance,
        firm.zone_code.in_(at.zones),
        or_(
            firm.id.in_(select(annual.enterprise_id).where(annual.year == year)),
            firm.id.in_(select(month.enterprise_id).where(month.period == f"{year}-12")),
        ),
    )

    def build() -> dict[str, tuple[str, Beside]]:
        return {
            who: (str(zone), "above" if since and since <= f"{year}-12" else "below")
            for who, zone, since in question.session.execute(asked)
        }

    return cached(question.session, ("firms with figures", at.provenance, at.scheme, year), build)


def firm_blocks(question: Question, kpi: Indicator, period: str) -> Blocks:
    """The blocks of an indicator at one of its periods, over all zones of the scheme: zone, district, chains, nodes."""

    def build() -> Blocks:
        cells = firm_cells(question)
        found = lines(kpi, question.ask(question.at.zones, [Period.parse(period)]))
        members = [
            Member(line.id, _amounts(kpi, line), (line.zone_code, *cells.get(line.id, ("", "", "")))) for line in found
        ]
        if _leaves_out(kpi):
            counted = {line.id for line in found}
            members += [
                Member(who, (0, 0), (zone, *cells.get(who, ("", "", ""))), size)
                for who, (zone, size) in _firms_of(question, Period.parse(period).year).items()
                if who not in counted
            ]
        return Blocks.of(members)

    return cached(question.session, ("blocks", question.at.provenance, question.at.scheme, kpi.id, period), build)


def _amounts(kpi: Indicator, line: Any) -> tuple[int, ...]:
    return (line.numerator or 0, line.denominator or 0) if kpi.is_ratio else (line.amount or 0,)


def zone_groups(question: Question, kpi: Indicator, periods: Sequence[str]) -> Mapping[str, list[frozenset[str]]]:
    """Period -> groups of zones whose sums may be shown; () for a period in which none may."""
    session = question.session

    def build() -> dict[str, list[frozenset[str]]]:
        source = LINES[kpi.id].select
        assert source is not None  # noqa: S101 - firms' figures are all made by selects
        asked = source(question.ask(question.at.zones, [Period.parse(p) for p in periods])).subquery()
        parts = [asked.c.numerator, *([asked.c.denominator] if kpi.is_ratio else [])]
        columns = [
            column
            for part in parts
            for column in (
                func.sum(func.abs(func.sign(part))),
                func.max(func.abs(part)),
                func.sum(func.abs(part)),
            )
        ]
        weights: dict[str, dict[str, Weights]] = {}
        for zone, period, firms, *found in session.execute(
            select(asked.c.zone_code, asked.c.period, func.count(), *columns).group_by(
                asked.c.zone_code, asked.c.period
            )
        ):
            of_parts = [found[i : i + 3] for i in range(0, len(found), 3)]
            own = [Weight(int(count or 0), int(largest or 0), int(total or 0)) for count, largest, total in of_parts]
            if _leaves_out(kpi):  # what it is made of is above size
                all_firms = Counter(_firms_of(question, Period.parse(period).year).values())
                own += [beside(all_firms[zone, "above"] - firms), beside(all_firms[zone, "below"])]
            weights.setdefault(period, {})[zone] = tuple(own)
        result = {}
        for period, found_cells in weights.items():
            cells = {zone: own for zone, own in found_cells.items() if any(w.contributors for w in own)}
            groups = join_unsafe(cells)
            only = len(groups) == 1 and not all(
                sum(parts, Weight(0, 0, 0)).safe for parts in zip(*(cells[z] for z in groups[0]), strict=True)
            )
            result[period] = [] if only else groups
        return result

    return cached(session, ("zone groups", question.at.provenance, question.at.scheme, kpi.id, tuple(periods)), build)


def whole_zones_shown(groups: Sequence[frozenset[str]] | None, zones: Collection[str]) -> bool:
    """Whether the sum of these zones is one over whole groups; True where no zone has a record."""
    if groups is None:
        return True
    chosen = set(zones)
    return bool(groups) and all(not group & chosen or group <= chosen for group in groups)
