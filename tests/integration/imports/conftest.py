"""A database of its own for tests that really commit: a copy of the small one that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.db import make_engine
from tests.support.databases import database_copy


@pytest.fixture
def own_var(tmp_path: Path) -> Path:
    """The var folder of one test."""
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.fixture
def own_url(filled_url: str, own_var: Path) -> Iterator[str]:
    """URL of a copy of the filled database for one test; a file is in its var folder."""
    with database_copy(filled_url, own_var) as url:
        yield url


@pytest.fixture
def own(own_url: str) -> Iterator[Engine]:
    """Engine of the copy."""
    made = make_engine(own_url)
    yield made
    made.dispose()
