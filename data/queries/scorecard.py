"""The score card of every zone against its own targets, with weights by zone type and data completeness (rules §3.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries import gate
from data.queries.catalogue import Resolved
from data.queries.kpis import Figure, figures
from data.queries.question import Question
from domain.indicators import Indicator
from domain.periods import Period
from domain.reasons import ReasonKey
from domain.targets import DEFAULT_WEIGHTS, DEFAULT_ZONE_TYPE, DIMENSIONS, Scorecard, ScoreItem, scorecard
from domain.units import exact
from domain.viewstate import Scope

#: KPIs of each dimension; one that a zone has no target for is not an item. Proposal, like the weights (rules §3.6).
ITEMS: dict[str, tuple[str, ...]] = {
    "innovation": ("K51", "K44", "K17"),
    "investment": ("K01", "K02", "K30"),
    "output_tax": ("K04", "K07", "K08", "K09"),
    "per_mu_land": ("K10", "K13", "K39"),
    "attraction": ("K20", "K21", "K23", "K24"),
    "carriers": ("K36", "K35"),
    "talent_city": ("K48", "K50"),
    "service": ("K52",),
}


@dataclass(frozen=True)
class ItemRow:
    """One item: figure, what was due of its target by the month, points out of 120.

    `actual` and `due` are in the stored unit of the KPI. `due` is the annual target on the time schedule for year-to-date
    figures, the whole target for others. `points` None without data; `reason` says what is missing: "not_reported"
    or the figure's own reason.
    """

    kpi_id: str
    dimension: str
    scope: str
    actual: Fraction | None
    due: Fraction | None
    target: Fraction | None
    unit: str
    weight: Fraction
    points: Fraction | None
    period: str
    reason: ReasonKey | None


@dataclass(frozen=True)
class ZoneScore:
    """The card of one zone. `score` 0-120, None without data; `completeness` is 数据完整度, a share of the weights.

    `rank` is among zones of the same type only, 1 for a zone alone in its type: ranking across types misleads.
    """

    zone: str
    zone_type: str
    weights: Mapping[str, int]
    score: Fraction | None
    completeness: Fraction
    items: tuple[ItemRow, ...]
    dimensions: dict[str, Fraction | None]
    rank: int | None
    peers: int


@dataclass(frozen=True)
class ScoreCards:
    """Cards in the order of the zones (own target first, no ranking order). `reason` "withheld" gives none.

    `weights_source` says where the weights come from: they are a proposal until a customer's dated table is stored.
    """

    period: str
    zones: tuple[ZoneScore, ...]
    weights_source: str
    reason: ReasonKey | None = None


_PROPOSAL = "建议权重，非官方"


def score_cards(
    question: Question, *, zones: Sequence[str] | None = None, weights: Mapping[str, Mapping[str, int]] | None = None
) -> ScoreCards:
    """Score cards of the chosen zones at the month: Σ w·min(actual/due, 1.2)·100 (rules §3.6).

    Items are territorial: a zone is judged by its own figures, and 双计 never enters a card. A dimension without any
    item that has a target is not an item at all and lowers 数据完整度. `weights` (zone type -> dimension -> weight)
    replaces the proposal. A filter does not narrow a card: it is judged on the whole zone.
    """
    question = question.unfiltered.with_(scope=Scope.TERRITORIAL)
    at = question.at
    chosen = tuple(zones) if zones is not None else at.chosen
    if not gate.may_see_totals(question.viewer, at.provenance):
        return ScoreCards(at.period, (), _PROPOSAL, "withheld")
    table = weights if weights is not None else DEFAULT_WEIGHTS
    wanted = [k for kpis in ITEMS.values() for k in kpis if k in question.known.kpis]
    targets = _targets(question.session, at, chosen, wanted)
    cards = []
    for zone in chosen:
        zone_type = question.known.zones[zone].zone_type or DEFAULT_ZONE_TYPE.get(zone, "manufacturing")
        found = figures(question, wanted, zones=(zone,))
        cards.append(_card(zone, zone_type, table[zone_type], found, targets, question.known.kpis))
    return ScoreCards(at.period, tuple(_ranked(cards)), _PROPOSAL if weights is None else "custom")


def _targets(
    session: Session, at: Resolved, zones: Sequence[str], kpis: Sequence[str]
) -> dict[tuple[str, str], Fraction]:
    """Targets of the year of the month by (KPI, zone)."""
    t = m.Target
    return {
        (kpi, unit): exact(value)
        for kpi, unit, value in session.execute(
            select(t.kpi_id, t.unit_code, t.value).where(
                t.provenance == at.provenance,
                t.year == Period.parse(at.period).year,
                t.unit_code.in_(list(zones)),
                t.kpi_id.in_(list(kpis)),
            )
        )
    }


def _card(
    zone: str,
    zone_type: str,
    weights: Mapping[str, int],
    found: Mapping[str, Figure],
    targets: Mapping[tuple[str, str], Fraction],
    kpis: Mapping[str, Indicator],
) -> ZoneScore:
    items: list[ScoreItem] = []
    details: list[tuple[Figure, Fraction | None]] = []
    for dimension in DIMENSIONS:
        if dimension not in weights:
            continue
        for kpi_id in ITEMS[dimension]:
            target = targets.get((kpi_id, zone))
            figure = found.get(kpi_id)
            if figure is None or target is None:
                continue
            actual = exact(figure.value) if figure.value is not None and figure.reason is None else None
            due = target * figure.due if figure.due is not None else target
            items.append(
                ScoreItem(
                    dimension, kpi_id, Scope.TERRITORIAL.value, actual, due, kpis[kpi_id].higher_is_better is False
                )
            )
            details.append((figure, target))
    card: Scorecard = scorecard(items, weights)
    rows = tuple(
        ItemRow(
            scored.item.kpi_id,
            scored.item.dimension,
            scored.item.scope,
            None if scored.item.actual is None else exact(scored.item.actual),
            None if scored.item.target is None else exact(scored.item.target),
            target,
            figure.unit,
            scored.weight,
            scored.points,
            figure.period,
            None if scored.points is not None else figure.reason or "not_reported",
        )
        for scored, (figure, target) in zip(card.items, details, strict=True)
    )
    return ZoneScore(
        zone, zone_type, dict(weights), card.score, card.completeness, rows, _by_dimension(rows, weights), None, 0
    )


def _by_dimension(rows: Sequence[ItemRow], weights: Mapping[str, int]) -> dict[str, Fraction | None]:
    """Mean points of the items with data of each dimension that has a weight; None without any."""
    found: dict[str, Fraction | None] = {}
    for dimension in weights:
        points = [r.points for r in rows if r.dimension == dimension and r.points is not None]
        found[dimension] = sum(points, Fraction(0)) / len(points) if points else None
    return found


def _ranked(cards: Sequence[ZoneScore]) -> list[ZoneScore]:
    """Cards with their place among zones of the same type."""
    result = []
    for card in cards:
        peers = [c.score for c in cards if c.zone_type == card.zone_type and c.score is not None]
        rank = None if card.score is None else 1 + sum(score > card.score for score in peers)
        result.append(
            ZoneScore(
                card.zone, card.zone_type, card.weights, card.score, card.completeness, card.items, card.dimensions,
                rank, len(peers),
            )
        )  # fmt: skip
    return result
