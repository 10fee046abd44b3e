"""Databases that a test may write to: copies of a filled one, in a file or on the server the tests run on."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


def admin(url: str, *statements: str) -> None:
    """Run statements outside a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def is_server(url: str) -> bool:
    """Whether the database is on a server, not a file."""
    return make_url(url).get_backend_name() != "sqlite"


@contextmanager
def database_copy(url: str, folder: Path) -> Iterator[str]:
    """URL of a copy, in `folder` where it is a file; gone afterwards. On a server nobody may be connected to the original."""
    if not is_server(url):
        target = folder / "atlas.db"
        with closing(sqlite3.connect(str(make_url(url).database))) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)
        yield f"sqlite:///{target}"
        return
    name = f"atlas_test_{uuid.uuid4().hex[:12]}"
    around = named(url, "postgres")
    admin(around, f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
    try:
        yield named(url, name)
    finally:
        admin(around, f"DROP DATABASE {name} WITH (FORCE)")
