"""The search box: parks, projects, carriers, plots, firms and platforms by name, pinyin initials or code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.catalogue import catalogue
from domain.viewer import FieldClass, Role, Viewer
from domain.viewstate import ViewState


@dataclass(frozen=True)
class Hit:
    """A search result; position in WGS 84 where it has one."""

    kind: str
    entity_id: str
    name: str
    detail: str | None
    lon: float | None
    lat: float | None


def search(session: Session, viewer: Viewer, state: ViewState, text: str, limit: int = 12) -> tuple[Hit, ...]:
    """Entries whose name, pinyin or code contains `text`; names that begin with it first. Empty text finds nothing."""
    needle = text.strip().lower()[:60]
    if not needle:
        return ()
    at = catalogue(session).resolve(state)
    entry = m.SearchEntry
    pattern = "%" + needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    conditions = [
        or_(entry.provenance == at.provenance, entry.kind == "zone"),
        or_(entry.scheme_id == at.scheme, entry.scheme_id.is_(None)),
        entry.text.like(pattern, escape="\\"),
    ]
    if not viewer.may(FieldClass.LEADS):
        conditions.append(entry.lead.is_(False))
    if viewer.role is Role.PROSPECT and at.provenance != "published":
        conditions.append(entry.kind.in_(("zone", "carrier", "plot", "platform")))
    rank = case((entry.name.ilike(pattern[1:], escape="\\"), 0), else_=1)
    kind_rank = case({"zone": 0, "project": 1, "carrier": 2, "plot": 3, "platform": 4}, value=entry.kind, else_=5)
    stmt = select(entry).where(*conditions).order_by(rank, kind_rank, entry.name).limit(limit)
    return tuple(Hit(e.kind, e.entity_id, e.name, e.detail, e.lon, e.lat) for e in session.scalars(stmt))
