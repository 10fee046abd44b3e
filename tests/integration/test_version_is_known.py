"""The data version is asked for only where the database's file may have changed; whoever writes is seen at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from data.db import READING, file_mark, make_engine, write_session
from data.queries.catalogue import data_version
from data.store import bump_version
from tests.support.databases import database_copy, is_server


@pytest.fixture
def own(filled_url: str, tmp_path: Path) -> Iterator[Engine]:
    if is_server(filled_url):
        pytest.skip("a server has no file of which a time is known")
    with database_copy(filled_url, tmp_path) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def asked(own: Engine) -> list[str]:
    """The statements so far."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "SELECT meta" in statement:
            statements.append(statement)

    event.listen(own, "before_cursor_execute", note)
    return statements


def rest(engine: Engine, seconds: float) -> None:
    """Let the files be as if nobody had written to them for so long."""
    for path in Path(str(engine.url.database)).parent.glob("atlas.db*"):
        os.utime(path, (time.time() - seconds,) * 2)


def version(engine: Engine) -> int:
    with Session(engine, info={READING: {}}) as session:
        return data_version(session)


def test_a_file_that_lies_still_is_asked_once(own: Engine, asked: list[str]) -> None:
    version(own)
    rest(own, 60)
    before = version(own)
    asked.clear()
    assert [version(own) for _ in range(3)] == [before] * 3
    assert asked == []


def test_a_new_version_is_seen_at_once_and_known_when_the_file_lies_still(own: Engine, asked: list[str]) -> None:
    version(own)
    rest(own, 60)
    before = version(own)
    with write_session(own) as session:
        bump_version(session)
    assert version(own) == before + 1
    assert file_mark(own) is None  # for a second two writes may bear one time
    rest(own, 30)
    assert version(own) == before + 1
    asked.clear()
    assert version(own) == before + 1
    assert asked == []


def test_a_session_that_may_write_asks_the_database(own: Engine, asked: list[str]) -> None:
    rest(own, 60)
    before = version(own)
    rest(own, 60)
    with write_session(own) as session:
        bump_version(session)
        asked.clear()
        assert data_version(session) == before + 1
        assert len(asked) == 1
