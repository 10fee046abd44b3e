"""Which sums of firms' figures may be shown outside the owner's group: one partition for each figure and period (rules §2.6.4).

Screens, API and exports ask here; `domain.suppression` says how the partition is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import BigInteger, and_, cast, func, literal, null, or_, select, union_all

from data import models as m
from data.indicators import LINES, Amount, Ask, amounts_of
from data.queries.cached import cached, cached_together
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
    return firm_blocks_of(question, [(kpi, period)])[0]


def firm_blocks_of(question: Question, wanted: Sequence[tuple[Indicator, str]]) -> list[Blocks]:
    """`firm_blocks` of several indicators, each at a period; their records are read together."""
    at = question.at

    def build(places: Sequence[int]) -> list[Blocks]:
        asked = [wanted[i] for i in places]
        read = amounts_of([(kpi, question.ask(at.zones, [Period.parse(period)])) for kpi, period in asked])
        return [_blocks(question, *one, amounts) for one, amounts in zip(asked, read, strict=True)]

    keys = [("blocks", at.provenance, at.scheme, kpi.id, period) for kpi, period in wanted]
    return cached_together(question.session, keys, build)


def _blocks(question: Question, kpi: Indicator, period: str, amounts: Sequence[Amount]) -> Blocks:
    cells = firm_cells(question)
    members = [
        Member(
            one.id,
            (one.numerator, one.denominator) if kpi.is_ratio else (one.numerator,),
            (one.zone_code, *cells.get(one.id, ("", "", ""))),
        )
        for one in amounts
    ]
    if _leaves_out(kpi):
        counted = {one.id for one in amounts}
        members += [
            Member(who, (0, 0), (zone, *cells.get(who, ("", "", ""))), size)
            for who, (zone, size) in _firms_of(question, Period.parse(period).year).items()
            if who not in counted
        ]
    return Blocks.of(members)


def zone_groups(question: Question, kpi: Indicator, periods: Sequence[str]) -> Mapping[str, list[frozenset[str]]]:
    """Period -> groups of zones whose sums may be shown; () for a period in which none may."""
    return zone_groups_of(question, [(kpi, periods)])[0]


def zone_groups_of(
    question: Question, wanted: Sequence[tuple[Indicator, Sequence[str]]]
) -> list[Mapping[str, list[frozenset[str]]]]:
    """`zone_groups` of several indicators, each at its periods; their records are weighed together."""
    at = question.at

    def build(places: Sequence[int]) -> list[Mapping[str, list[frozenset[str]]]]:
        asked = [wanted[i] for i in places]
        weighed = _weighed([(kpi, question.ask(at.zones, [Period.parse(p) for p in own])) for kpi, own in asked])
        return [_groups(question, kpi, weights) for (kpi, _), weights in zip(asked, weighed, strict=True)]

    keys = [("zone groups", at.provenance, at.scheme, kpi.id, tuple(periods)) for kpi, periods in wanted]
    return cached_together(question.session, keys, build)


#: Period -> zone -> how many firms there are, and the weight of each amount.
_Weighed = dict[str, dict[str, tuple[int, list[Weight]]]]


def _weighed(asked: Sequence[tuple[Indicator, Ask]]) -> list[_Weighed]:
    """The weights of the zones, of all that is asked by one statement."""
    found: list[_Weighed] = [{} for _ in asked]
    statements = []
    for place, (kpi, ask) in enumerate(asked):
        source = LINES[kpi.id].select
        assert source is not None  # noqa: S101 - firms' figures are all made by selects
        own = source(ask).subquery(f"lines_{place}").c
        weights = [
            cast(column, BigInteger)
            for part in (own.numerator, own.denominator if kpi.is_ratio else null())
            for column in (func.sum(func.abs(func.sign(part))), func.max(func.abs(part)), func.sum(func.abs(part)))
        ]
        statements.append(
            select(literal(place), own.zone_code, own.period, func.count(), *weights).group_by(
                own.zone_code, own.period
            )
        )
    if not statements:
        return found
    for place, zone, period, firms, *read in asked[0][1].session.execute(union_all(*statements)):
        parts = [read[:3], read[3:]][: 2 if asked[place][0].is_ratio else 1]
        found[place].setdefault(period, {})[zone] = firms, [Weight(a or 0, b or 0, c or 0) for a, b, c in parts]
    return found


def _groups(question: Question, kpi: Indicator, weighed: _Weighed) -> dict[str, list[frozenset[str]]]:
    result = {}
    for period, by_zone in weighed.items():
        weights: dict[str, Weights] = {}
        for zone, (firms, own) in by_zone.items():
            beside_it = []
            if _leaves_out(kpi):  # what it is made of is above size
                all_firms = Counter(_firms_of(question, Period.parse(period).year).values())
                beside_it = [beside(all_firms[zone, "above"] - firms), beside(all_firms[zone, "below"])]
            weights[zone] = (*own, *beside_it)
        cells = {zone: own for zone, own in weights.items() if any(w.contributors for w in own)}
        groups = join_unsafe(cells)
        only = len(groups) == 1 and not all(
            sum(parts, Weight(0, 0, 0)).safe for parts in zip(*(cells[z] for z in groups[0]), strict=True)
        )
        result[period] = [] if only else groups
    return result


def whole_zones_shown(groups: Sequence[frozenset[str]] | None, zones: Collection[str]) -> bool:
    """Whether the sum of these zones is one over whole groups; True where no zone has a record."""
    if groups is None:
        return True
    chosen = set(zones)
    return bool(groups) and all(not group & chosen or group <= chosen for group in groups)
