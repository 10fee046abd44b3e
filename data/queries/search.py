"""The search box: records, and what a word can mean besides one, by name, pinyin (whole or initials) or code."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import case, or_, select

from data import models as m
from data.derive.search import REFERENCE
from data.queries import gate
from data.queries.catalogue import ZoneInfo
from data.queries.published import policies_in_force
from data.queries.question import Question
from domain.features import key_of
from domain.viewer import FieldClass

#: Kinds in the order in which equally good hits are shown.
KINDS = (
    "zone", "landuse", "supply", "landstate", "feature", "stage", "light", "kind", "unit", "duty", "chain", "node",
    "project", "carrier", "plot", "platform", "policy", "enterprise",
)  # fmt: skip
#: Single projects and firms, and what only they or exact parcels have: a guest finds them in the published set alone.
_NOT_FOR_GUESTS = ("project", "enterprise", "stage", "light", "kind", "landstate")


@dataclass(frozen=True)
class Hit:
    """A search result; `entity_id` is what a selection of its kind names; position in WGS 84 where it has one."""

    kind: str
    entity_id: str
    name: str
    detail: str | None
    lon: float | None
    lat: float | None


def search(question: Question, text: str, limit: int = 12) -> tuple[Hit, ...]:
    """Entries whose name, pinyin or code contains `text`; those of that very name, pinyin or code first, then those whose
    name begins with it. Empty text finds nothing.

    Records are those of the data set and scheme on screen; published policies are public and universal and found in any,
    as long as they hold at the month.
    """
    session, at = question.session, question.at
    needle = text.strip().lower()[:60]
    if not needle:
        return ()
    entry = m.SearchEntry
    pattern = "%" + needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    here = {
        u for z in question.known.scheme_zones(at.scheme) for u in (z.authority, z.functional_area, *_units(z)) if u
    }
    sets = {at.provenance, "published"}
    policies = [p.id for provenance in sets for p in policies_in_force(session, replace(at, provenance=provenance))]
    conditions = [
        or_(entry.provenance.in_((at.provenance, REFERENCE)), entry.kind == "policy"),
        or_(entry.kind != "policy", entry.entity_id.in_(policies)),
        or_(entry.scheme_id == at.scheme, entry.scheme_id.is_(None)),
        or_(entry.kind != "unit", entry.entity_id.in_(here)),
        entry.text.like(pattern, escape="\\"),
    ]
    if not question.viewer.may(FieldClass.LEADS):
        conditions.append(entry.lead.is_(False))
    if not gate.may_see_projects(question.viewer, at.provenance):
        conditions.append(entry.kind.not_in(_NOT_FOR_GUESTS))
    starts = entry.name.ilike(pattern[1:], escape="\\")
    whole = or_(*(entry.text.like(f"{a}{pattern[1:-1]}{b}", escape="\\") for a in ("", "% ") for b in ("", " %")))
    rank = case((whole, 0), (starts, 1), else_=2)
    kind_rank = case({kind: n for n, kind in enumerate(KINDS)}, value=entry.kind, else_=len(KINDS))
    stmt = select(entry).where(*conditions).order_by(rank, kind_rank, entry.name, entry.entity_id).limit(limit)
    return tuple(Hit(e.kind, _names(e), e.name, e.detail, e.lon, e.lat) for e in session.scalars(stmt))


def _units(zone: ZoneInfo) -> tuple[str, ...]:
    return (*(p.unit for p in zone.parties), *(code for code, _area in zone.districts))


def _names(entry: m.SearchEntry) -> str:
    """What a selection names: the word itself where several schemes or data sets may have it."""
    return key_of(entry.name) if entry.kind in ("feature", "duty") else entry.entity_id
