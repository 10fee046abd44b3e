"""Answers and the catalogue are kept in one cache, which threads with sessions of their own share."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data import models as m
from data.queries import catalogue as catalogue_module
from data.queries.cached import cached, cached_together
from data.queries.catalogue import Catalogue, catalogue, data_version

THREADS = 8


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """As many threads as a worker has under load."""
    with ThreadPoolExecutor(THREADS) as made:
        yield made


def test_threads_that_ask_at_once_share_one_build(engine: Engine, pool: ThreadPoolExecutor) -> None:
    ready = Barrier(THREADS)
    built: list[int] = []

    def ask() -> Any:
        with Session(engine) as session:

            def build() -> tuple[str, ...]:
                Event().wait(0.05)  # others have the time to come
                built.append(1)
                return tuple(session.scalars(m.Zone.__table__.select().with_only_columns(m.Zone.code)))

            ready.wait(20)
            return cached(session, ("test", "one build"), build)

    answers = [one.result(60) for one in [pool.submit(ask) for _ in range(THREADS)]]
    assert len(built) == 1
    assert all(one is answers[0] for one in answers)
    assert "SMKX" in answers[0]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns after every few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_answers_pushed_out_while_others_read_them_raise_nothing(engine: Engine, pool: ThreadPoolExecutor) -> None:
    ready = Barrier(THREADS)

    def ask(seed: int) -> int:
        wrong = 0
        with Session(engine, info={"reading": {}}) as session:
            data_version(session)
            ready.wait(20)
            draw = Random(seed)
            for _step in range(12_000):
                key = draw.randrange(220)  # a few more than are kept: most are found, some are pushed out
                wrong += cached(session, ("test", "pushed out", key), lambda k=key: k) != key
        return wrong

    assert [one.result(120) for one in [pool.submit(ask, n) for n in range(THREADS)]] == [0] * THREADS


def test_the_catalogue_of_a_version_is_read_once(
    engine: Engine, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = Barrier(THREADS)
    loads: list[int] = []
    load = catalogue_module._load

    def counted(session: Session, version: int, default_scheme: str) -> Catalogue:
        loads.append(version)
        return load(session, version, default_scheme)

    monkeypatch.setattr(catalogue_module, "_load", counted)
    version = 987_654_321  # of which nothing is kept yet

    def ask() -> Catalogue:
        with Session(engine, info={"reading": {"version": version}}) as session:
            ready.wait(20)
            return catalogue(session)

    found = [one.result(60) for one in [pool.submit(ask) for _ in range(THREADS)]]
    assert loads == [version]
    assert all(one is found[0] for one in found)


def test_of_several_answers_those_that_are_missing_are_worked_out_at_once(engine: Engine) -> None:
    built: list[list[int]] = []

    def build(places: Sequence[int]) -> list[int]:
        built.append(list(places))
        return [10 * place for place in places]

    def keys(*names: str) -> list[tuple[str, str]]:
        return [("test together", name) for name in names]

    with Session(engine) as session:
        assert cached_together(session, keys("a", "b"), build) == [0, 10]
        assert cached_together(session, keys("c", "b", "d"), build) == [0, 10, 20]
        assert cached_together(session, keys("a", "b", "c", "d"), build) == [0, 10, 0, 20]
        assert cached_together(session, [], build) == []
    assert built == [[0, 1], [0, 2]]
