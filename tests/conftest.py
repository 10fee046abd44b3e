"""Fixtures that every test may use: a small, complete database, and empty ones.

``engine`` and ``db_session`` stand on one database that `data.store.init` fills once per run at `SMALL` scale; parallel
workers of pytest-xdist share it. What a test writes through ``db_session`` is rolled back when the test ends.

``ATLAS_TEST_DATABASE_URL`` moves all of it to PostgreSQL + PostGIS. The database it names belongs to the tests: it is
emptied at the start of every run, so its name must contain "test", and two runs at once need two databases. Without it
SQLite files in pytest's temporary folder are used. Tests that touch a database carry the marker ``postgis`` by themselves.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from data.db import make_engine
from data.demo.scale import DemoScale
from data.queries.catalogue import catalogue
from settings import Settings
from tests.support.databases import admin, is_server, named

# Whether a rule holds is no question of how busy the machine is.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

URL_VARIABLE = "ATLAS_TEST_DATABASE_URL"
SMALL = DemoScale(parcels=300, projects=40, enterprises=60, buildings=10, units=60, plots=12, platforms=10)

_DATABASE_FIXTURES = frozenset(
    {"engine", "db_session", "atlas_settings", "empty_settings", "empty_engine", "filled_url"}
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches a database, so that ``-m postgis`` finds it."""
    for item in items:
        if _DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgis")


def _settings(var_dir: Path, database_url: str = "") -> Settings:
    """Settings that no variable of the caller's environment reaches."""
    values = {name: field.default for name, field in Settings.model_fields.items()}
    return Settings(**(values | {"var_dir": var_dir, "database_url": database_url}))


@pytest.fixture(scope="session")
def settings_for() -> Callable[[Path], Settings]:
    """Settings of an embedded database in a folder of the caller's."""
    return _settings


@pytest.fixture(scope="session")
def small_scale() -> DemoScale:
    """Size of the demo data in the filled database."""
    return SMALL


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _server_url() -> str:
    """URL of the PostgreSQL test database, "" for SQLite. Refuses one that does not look like a test database."""
    url = os.environ.get(URL_VARIABLE, "")
    if url and "test" not in (make_url(url).database or ""):
        raise pytest.UsageError(f"{URL_VARIABLE} is emptied by the tests: its database name must contain 'test'")
    return url


@pytest.fixture(scope="session")
def atlas_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the filled database, which is built here by whichever worker comes first."""
    from data import store

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    url = _server_url()
    settings = _settings(shared / "atlas-var", url)
    done = shared / "atlas-filled"
    with _locked(shared / "atlas-lock"):
        if not done.exists():
            if url:
                admin(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
            store.init(settings, lambda *_: None, scale=SMALL)
            if url:
                copy = _filled_name(url)
                admin(named(url, "postgres"), f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
                admin(url, f"CREATE DATABASE {copy} TEMPLATE {make_url(url).database}")
            done.touch()
    return settings


def _filled_name(url: str) -> str:
    return f"{make_url(url).database}_filled"


@pytest.fixture(scope="session")
def filled_url(atlas_settings: Settings) -> str:
    """URL of a filled database that nobody is connected to and nobody may write to: see `database_copy`."""
    url = atlas_settings.sqlalchemy_url
    return named(url, _filled_name(url)) if is_server(url) else url


@pytest.fixture(scope="session")
def engine(atlas_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Engine of the filled database; on SQLite of a copy of this process, since a test that writes keeps others out."""
    url = atlas_settings.sqlalchemy_url
    if not is_server(url):
        own = tmp_path_factory.mktemp("filled") / "atlas.db"
        with closing(sqlite3.connect(make_url(url).database or "")) as source, closing(sqlite3.connect(own)) as target:
            source.backup(target)
        url = f"sqlite:///{own}"
    made = make_engine(url)
    with Session(made) as session:
        catalogue(
            session
        )  # before a test writes under the same version: what it writes is rolled back, what is kept is not
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose transaction is rolled back."""
    with engine.connect() as opened:
        transaction = opened.begin()
        yield opened
        transaction.rollback()


@pytest.fixture
def db_session(connection: Connection) -> Iterator[Session]:
    """A session on the filled database; nothing it writes stays, not even what it commits."""
    with Session(connection, join_transaction_mode="rollback_only") as session:
        yield session


@pytest.fixture
def empty_settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database that does not hold anything yet: no file, or an empty database on the server."""
    url = _server_url()
    if not url:
        yield _settings(tmp_path / "var")
        return
    name = f"atlas_test_{uuid.uuid4().hex[:12]}"
    admin(url, f"CREATE DATABASE {name}")
    try:
        yield _settings(tmp_path / "var", make_url(url).set(database=name).render_as_string(hide_password=False))
    finally:
        admin(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_engine(empty_settings: Settings) -> Iterator[Engine]:
    """Engine of an empty database with the schema of the newest revision."""
    from data import store

    empty_settings.var_dir.mkdir(parents=True, exist_ok=True)
    made = make_engine(empty_settings.sqlalchemy_url, create=True)
    with made.begin() as opened:
        store.upgrade(opened)
    yield made
    made.dispose()


@pytest.fixture
def count(db_session: Session) -> Callable[[str], int]:
    """Number that a one-cell SQL query gives."""
    return lambda sql: int(db_session.execute(text(sql)).scalar_one())
