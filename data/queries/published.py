"""Published figures, platforms and policies: each with its date and source, never summed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.cached import cached_for_readers
from data.queries.catalogue import Resolved, platforms_at
from data.queries.filter_sql import entity_conditions
from data.queries.question import Question
from domain.dates import printed_day
from domain.periods import Period


def published_facts(
    question: Question,
    *,
    zones: Sequence[str] | None = None,
    families: Sequence[str] = ("fact", "series", "governance"),
) -> list[dict[str, Any]]:
    """Published facts about zones (all of the scheme when None is given) and the units that govern them.

    They are public, so every viewer gets them; the data set on screen does not matter.
    """
    chosen = tuple(zones) if zones is not None else question.at.zones
    units = {p.unit for z in chosen for p in question.known.zones[z].parties}
    fact = m.PublishedFact
    stmt = select(fact).order_by(fact.zone_code.is_(None), fact.family, fact.subject, fact.indicator, fact.as_of)
    facts = cached_for_readers(question.session, "published facts", lambda: question.session.scalars(stmt).all())
    return [
        {
            "family": f.family,
            "subject": f.subject,
            "zone_code": f.zone_code,
            "unit_code": f.unit_code,
            "scope_note": f.scope_note,
            "indicator": f.indicator,
            "period": f.period,
            "value_text": f.value_text,
            "value_number": f.value_number,
            "unit": f.unit,
            "growth_pct": f.growth_pct,
            "as_of": f.as_of,
            "source": f.source,
            "note": f.note,
            "doubt": f.doubt,
        }
        for f in facts
        if f.family in families and (zones is None or f.zone_code in chosen or f.unit_code in units)
    ]


def platform_counts(question: Question, *, zones: Sequence[str] | None = None) -> dict[str, int]:
    """Innovation platforms by category in the chosen zones (K51); of a filter only the chain restricts them (rules §5.4)."""
    chosen = tuple(zones) if zones is not None else question.at.chosen
    counts: dict[str, int] = {}
    for category in question.session.scalars(
        select(m.Platform.category).where(
            m.Platform.provenance == question.at.provenance,
            m.Platform.zone_code.in_(chosen),
            platforms_at(question.session, question.at),
            *entity_conditions("platform", question.filter),
        )
    ):
        counts[category] = counts.get(category, 0) + 1
    return counts


def policies_in_force(session: Session, at: Resolved) -> list[m.Policy]:
    """Policies of the data set that hold at the end of the month: no draft, none that was replaced or has run out.

    Dates are as printed: a year or a month holds to its last day; where no beginning was published, it has begun.
    """
    last = str(Period.parse(at.period).end)

    def holds(p: m.Policy) -> bool:
        start, end = printed_day(p.valid_from), printed_day(p.valid_to)
        if p.status in ("draft", "historic") or (p.status == "superseded" and not end):
            return False
        return start <= last and (not end or last[: len(end)] <= end)

    found = session.scalars(select(m.Policy).where(m.Policy.provenance == at.provenance).order_by(m.Policy.id))
    return [p for p in found if holds(p)]


def policy_list(question: Question) -> list[dict[str, Any]]:
    """Published policies (rules §7.6), newest first; of a chosen chain those that name it. Public: every viewer gets them."""
    chosen = {*question.state.chains, *(question.known.nodes[n].chain for n in question.state.nodes)}
    found = policies_in_force(question.session, question.at)
    rows = [
        {
            "id": p.id,
            "title": p.title,
            "doc_no": p.doc_no,
            "issuer": p.issuer,
            "valid_from": p.valid_from,
            "support_text": p.support_text,
            "as_of": p.as_of,
            "source": p.source,
        }
        for p in found
        if not chosen or chosen.intersection(p.chains or ())
    ]
    return sorted(rows, key=lambda r: (r["valid_from"] or r["as_of"] or "", r["id"]), reverse=True)
