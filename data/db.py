"""Engines and sessions, and the one geometry column type that works on SQLite and on PostGIS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from time import time_ns
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Dialect, Engine, LargeBinary, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from settings import get_settings


class Geom(TypeDecorator[BaseGeometry]):
    """A Shapely geometry in CGCS2000/WGS 84 longitude-latitude (x = lon, y = lat).

    Stored as WKB in SQLite and as ``geometry(Geometry, 4326)`` in PostGIS, so both give Shapely objects back.
    """

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        # GeoAlchemy2 asks without a dialect while it creates tables on PostGIS.
        if dialect is None:
            return _postgis_type()
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_postgis_type())
        return dialect.type_descriptor(LargeBinary())

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        wkb = shapely.to_wkb(value, include_srid=False)
        if dialect.name != "postgresql":
            return wkb
        from geoalchemy2.elements import WKBElement

        return WKBElement(wkb, srid=4326)

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseGeometry | None:
        if value is None:
            return None
        data = getattr(value, "data", value)  # PostGIS gives an element with the bytes (or their hex text) in it
        return shapely.from_wkb(data if isinstance(data, str) else bytes(data))


def _postgis_type() -> TypeEngine[Any]:
    # Imported where PostGIS is in use: SQLite, the default, starts without it.
    from geoalchemy2 import Geometry

    return Geometry("GEOMETRY", srid=4326, spatial_index=False)


#: Execution option of a connection whose transaction writes: see `write_session`.
WRITING = "atlas_writing"
#: Number of the advisory lock that a writer on PostgreSQL holds; any constant of ours does.
_WRITER_LOCK = 20_260_911


def make_engine(url: str, *, create: bool = False) -> Engine:
    """Engine for `url`; SQLite gets WAL, foreign keys and a busy timeout so that readers never wait for a writer.

    A transaction on SQLite is a real one from its first statement (the driver by itself would open none for reading): what
    it reads is one state of the database, and what it writes stands on that state or is refused. A file that was put in the
    place of the one that is open is noticed when a connection is next taken; one that is gone is made anew only for `create`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})
    path = Path(parsed.database or "")

    @event.listens_for(engine, "do_connect")
    def _open(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        if not create:
            arguments[0] = f"{path.absolute().as_uri()}?mode=rw"
            options["uri"] = True

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # `_begin` opens the transactions, not the driver
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "synchronous=NORMAL",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        record.info["file"] = file_identity(path)

    @event.listens_for(engine, "checkout")
    def _same_file(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != file_identity(path):
            raise DisconnectionError(f"{path} is another file than the one that was opened")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def file_identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


#: Nanoseconds for which a file has to lie still before its times tell one state of it from the next.
_STILL = 10**9


def file_mark(engine: Engine) -> tuple[tuple[int, int, int], ...] | None:
    """What tells one state of an SQLite database from another without asking it: identity, time and size of its files.

    None where that tells nothing: on a server, in memory, and for a second after something was written, since two writes
    may then bear one time.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    found = []
    for name in (engine.url.database, f"{engine.url.database}-wal"):
        try:
            stat = os.stat(name)
        except OSError:
            continue
        found.append((stat.st_ino, stat.st_mtime_ns, stat.st_size))
    newest = max((time for _file, time, _size in found), default=0)
    return tuple(found) if found and time_ns() - newest > _STILL else None


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """The process-wide engine of `url`."""
    return make_engine(url)


def get_engine() -> Engine:
    """The engine of the configured database."""
    return engine_for(get_settings().sqlalchemy_url)


#: Where a session for reading keeps what stays the same for as long as it lives (`Session.info`).
READING = "reading"


@contextmanager
def read_session() -> Iterator[Session]:
    """A session for reading, for one request; nothing is committed."""
    with Session(get_engine(), info={READING: {}}) as session:
        yield session


@contextmanager
def write_session(engine: Engine | None = None) -> Iterator[Session]:
    """A session that commits when the block ends and rolls back when it raises: the one way to change the database.

    It holds the write lock before it reads anything, so nothing it reads can change before it commits, and of two writers
    one waits. A reader that writes later cannot have that: it may stand on a state that another writer has replaced.
    `engine` is the configured one when left out. Raises sqlalchemy.exc.OperationalError when SQLite's lock is not free
    within 30 s.
    """
    engine = engine if engine is not None else get_engine()
    with Session(engine.execution_options(**{WRITING: True})) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.execute(select(func.pg_advisory_xact_lock(_WRITER_LOCK)))
        else:
            session.connection()  # BEGIN IMMEDIATE
        yield session
