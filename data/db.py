"""Engines and sessions, and the one geometry column type that works on SQLite and on PostGIS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Dialect, Engine, LargeBinary, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
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


def make_engine(url: str) -> Engine:
    """Engine for `url`; SQLite gets WAL, foreign keys and a busy timeout so that readers never wait for a writer."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
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

    return engine


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
def write_session() -> Iterator[Session]:
    """A session that commits when the block ends and rolls back when it raises."""
    with sessionmaker(get_engine()).begin() as session:
        yield session
