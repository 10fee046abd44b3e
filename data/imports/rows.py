"""Rows as they are compared, kept and brought back: every value in JSON, geometry as WKB in hex."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Column, Date, and_, bindparam, insert, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from data.db import Geom
from data.derive.common import table as sql_table
from data.imports.tables import PROVENANCE, Table

Row = dict[str, Any]
_CHUNK = 500
#: Made once: `json.dumps` makes an encoder for every call, which is most of what a short row takes.
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SORTED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def columns_of(table: Table) -> list[Column[Any]]:
    """Columns of a table that a row consists of: all but a number the database gives."""
    sql = sql_table(table.model)
    return [c for c in sql.columns if not c.primary_key or c.name in (*table.key, "provenance")]


def encode(value: Any) -> Any:
    """A value for JSON."""
    if isinstance(value, BaseGeometry):
        return shapely.to_wkb(value, hex=True, include_srid=False)
    if isinstance(value, date):
        return value.isoformat()
    return value


def encode_row(row: Mapping[str, Any]) -> Row:
    """A row for JSON, every column."""
    return {name: encode(value) for name, value in row.items()}


def decode_row(table: Table, row: Mapping[str, Any]) -> Row:
    """A row out of JSON, as the database takes it."""
    kinds = {c.name: c.type for c in columns_of(table)}
    found: Row = {}
    for name, value in row.items():
        if name not in kinds:
            continue
        if value is not None and isinstance(kinds[name], Geom):
            value = shapely.from_wkb(value)
        elif value is not None and isinstance(kinds[name], Date):
            value = date.fromisoformat(value)
        found[name] = value
    return found


def row_hash(row: Mapping[str, Any]) -> str:
    """A short digest of a row (32 hex digits): tells whether it was changed since."""
    text = _SORTED(encode_row(row))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def key_text(table: Table, row: Mapping[str, Any]) -> str:
    """The key as text: a JSON list of its values."""
    return _COMPACT([encode(row.get(name)) for name in table.key])


def key_values(table: Table, text: str) -> Row:
    """Key columns of a row out of `key_text`."""
    return decode_row(table, dict(zip(table.key, json.loads(text), strict=True)))


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same; outlines that only start or turn otherwise are."""
    if isinstance(old, BaseGeometry) and isinstance(new, BaseGeometry):
        if shapely.equals_exact(old, new, 0.0):
            return True
        if shapely.get_num_coordinates(old) != shapely.get_num_coordinates(new):
            return False
        return bool(shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), 0.0))
    return bool(old == new)


def chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size`."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part


def _where(table: Table, sql: SqlTable, keys: Sequence[Row]) -> Any:
    """Condition that selects rows by their keys."""
    if len(table.key) == 1:
        return sql.c[table.key[0]].in_([key[table.key[0]] for key in keys])
    return or_(*(and_(*(sql.c[name].is_not_distinct_from(key[name]) for name in table.key)) for key in keys))


def fetch(session: Session, table: Table, keys: Sequence[Row]) -> dict[str, Row]:
    """The rows with these keys that are in the database, by `key_text`. Rows of every data set: the caller tells them apart.

    Of a table whose key holds the data set implicitly (indicators, targets) only the owner's own rows are meant.
    """
    sql = sql_table(table.model)
    columns = columns_of(table)
    found: dict[str, Row] = {}
    implicit = "provenance" in sql.c and "id" not in table.key
    size = _CHUNK if len(table.key) == 1 else 100
    first = table.key[0]
    if len(table.key) > 1 and len(keys) > 2000:  # one pass over the table costs less than thousands of conditions
        wanted = {key_text(table, key) for key in keys}
        statement = select(*columns)
        if implicit:
            statement = statement.where(sql.c.provenance == PROVENANCE)
        for record in session.execute(statement).mappings():
            row = dict(record)
            text = key_text(table, row)
            if text in wanted:
                found[text] = row
        return found
    for part in chunks(keys, size):
        statement = select(*columns).where(_where(table, sql, part))
        if implicit:
            statement = statement.where(sql.c.provenance == PROVENANCE)
        for record in session.execute(statement.order_by(sql.c[first])).mappings():
            row = dict(record)
            found[key_text(table, row)] = row
    return found


def write_new(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows (each with every column)."""
    if rows:
        for part in chunks(rows, 5000):
            session.connection().execute(insert(sql_table(table.model)), part)


def write_changed(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Set every column of rows that are there."""
    if not rows:
        return
    sql = sql_table(table.model)
    names = [c.name for c in columns_of(table) if c.name not in table.key]
    if any(row[name] is None for row in rows for name in table.key) or not names:
        for row in rows:
            if names:
                condition = _own(sql, _where(table, sql, [row]), table)
                session.connection().execute(update(sql).where(condition).values({name: row[name] for name in names}))
        return
    condition = _own(sql, and_(*(sql.c[name] == bindparam(f"key_{name}") for name in table.key)), table)
    statement = update(sql).where(condition).values({name: bindparam(f"to_{name}") for name in names})
    for part in chunks(rows, 5000):
        session.connection().execute(
            statement,
            [
                {f"key_{name}": row[name] for name in table.key} | {f"to_{name}": row[name] for name in names}
                for row in part
            ],
        )


def _own(sql: SqlTable, condition: Any, table: Table) -> Any:
    return and_(condition, sql.c.provenance == PROVENANCE) if "provenance" in sql.c else condition


def remove(session: Session, table: Table, keys: Sequence[Row]) -> None:
    """Delete rows by their keys."""
    sql = sql_table(table.model)
    for part in chunks(keys, _CHUNK if len(table.key) == 1 else 100):
        session.connection().execute(sql.delete().where(_own(sql, _where(table, sql, part), table)))
