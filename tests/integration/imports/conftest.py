"""An embedded database of its own for tests that really commit: a copy of the small one that all tests share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from data import store
from data.db import make_engine
from settings import Settings
from tests.conftest import SMALL


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A filled database file that nobody writes to."""
    settings: Settings = request.getfixturevalue("atlas_settings")
    target = tmp_path_factory.mktemp("imports") / "small.db"
    if make_url(settings.sqlalchemy_url).get_backend_name() != "sqlite":
        own = Settings(var_dir=target.parent, database_url=f"sqlite:///{target}")
        store.init(own, lambda *_: None, scale=SMALL)
        return target
    _copy(Path(str(make_url(settings.sqlalchemy_url).database)), target)
    return target


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.fixture
def own_file(small_file: Path, tmp_path: Path) -> Path:
    """A copy of the filled database for one test, in a var folder of its own."""
    folder = tmp_path / "var"
    folder.mkdir()
    _copy(small_file, folder / "atlas.db")
    return folder / "atlas.db"


@pytest.fixture
def own(own_file: Path) -> Iterator[Engine]:
    """Engine of the copy."""
    made = make_engine(f"sqlite:///{own_file}")
    yield made
    made.dispose()
