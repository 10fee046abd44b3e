"""What every derivation needs: the months of the data, and quick bulk writing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from data.models import Base, Meta, Project
from domain.periods import Period

FIRST_MONTH = Period.of_month(2022, 1)
_CHUNK = 20_000


def cut_key(provenance: str) -> str:
    """The `meta` key of a data set's own cut month, for one whose months run on after those of the database."""
    return f"cut_month_{provenance}"


def cut_month(session: Session, provenance: str = "") -> Period:
    """The newest month that has data, in one data set when that is named. Raises LookupError when it is not known."""
    wanted = select(Meta.key, Meta.value).where(Meta.key.in_(("cut_month", cut_key(provenance))))
    found = {row.key: row.value for row in session.execute(wanted)}
    value = found.get(cut_key(provenance)) or found.get("cut_month")
    if value is None:
        raise LookupError("meta.cut_month is not set: the database was not filled by `store.init`")
    return Period.parse(value)


def months(session: Session, provenance: str = "") -> list[Period]:
    """Every month of the data (of one data set), oldest first."""
    return Period.range(FIRST_MONTH, cut_month(session, provenance))


def table(model: type[Base]) -> Table:
    """The table of a model, for statements that bypass the object layer."""
    found = model.__table__
    assert isinstance(found, Table)  # noqa: S101 - narrows the declared FromClause; every model here maps a table
    return found


def bulk_insert(session: Session, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows (all with the same keys) in chunks without building objects; returns how many."""
    statement = insert(table(model))
    source, count = iter(rows), 0
    while chunk := list(islice(source, _CHUNK)):
        session.connection().execute(statement, chunk)
        count += len(chunk)
    return count


def project_ids(provenance: str) -> Any:
    """Sub-query of the project ids of one data set."""
    return select(Project.id).where(Project.provenance == provenance)
