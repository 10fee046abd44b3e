"""The cache of a process under threads: built once, bounded, never a deadlock (data/kept.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from data.kept import SIZE, VALUES, Kept, kept

PATIENCE = 20  # seconds after which a wait counts as a deadlock


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """An empty cache before and after."""
    VALUES.forget()
    yield
    VALUES.forget()
    assert not VALUES._builds
    assert not VALUES._waits


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What each task gives or raises when all start together. Raises TimeoutError for a deadlock."""
    ready = Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        ready.wait(PATIENCE)
        try:
            return task()
        except Exception as error:  # noqa: BLE001 - the test says what it expects
            return error

    pool = ThreadPoolExecutor(len(tasks))
    running = [pool.submit(run, task) for task in tasks]
    found = [one.result(PATIENCE) for one in running]
    pool.shutdown()
    return found


def test_a_key_is_built_once_and_everybody_gets_that_value() -> None:
    built: list[object] = []

    def build() -> object:
        Event().wait(0.05)  # others have the time to come
        built.append(object())
        return built[-1]

    found = at_once(*[lambda: kept("k", build)] * 16)
    assert len(built) == 1
    assert all(one is built[0] for one in found)


def test_a_builder_that_fails_raises_for_its_caller_and_lets_the_next_one_try() -> None:
    began, others = Event(), Barrier(4)
    tries: list[int] = []

    def build() -> str:
        tries.append(len(tries))
        if len(tries) == 1:
            began.set()
            others.wait(PATIENCE)  # the others are about to ask
            raise LookupError("the first one fails")
        return "whole"

    def later() -> str:
        assert began.wait(PATIENCE)
        others.wait(PATIENCE)
        return kept("k", build)

    first, *rest = at_once(lambda: kept("k", build), later, later, later)
    assert isinstance(first, LookupError)
    assert rest == ["whole"] * 3
    assert len(tries) == 2  # the failing one and one for the three
    assert kept("k", build) == "whole"
    assert len(tries) == 2


def test_a_value_of_none_is_kept_too() -> None:
    built = []
    for _ in range(2):
        assert kept("none", lambda: built.append(1)) is None
    assert built == [1]


def test_one_key_does_not_wait_for_another() -> None:
    go = Event()

    def slow() -> str:
        assert go.wait(PATIENCE)
        return "slow"

    def quick() -> str:
        found = kept("quick", lambda: "quick")
        go.set()
        return found

    assert at_once(lambda: kept("slow", slow), quick) == ["slow", "quick"]


def test_it_stays_bounded_and_keeps_what_was_used_last() -> None:
    kept("used", lambda: "used")
    for number in range(3 * SIZE):
        kept(number, lambda n=number: n)
        kept("used", lambda: "anew")
    assert VALUES.size == SIZE
    assert kept("used", lambda: "anew") == "used"
    assert kept(0, lambda: "anew") == "anew"


def test_eviction_under_threads_raises_nothing() -> None:
    def many(seed: int) -> None:
        for step in range(3_000):
            key = (step * (seed + 3)) % (2 * SIZE)
            assert kept(key, lambda k=key: k) == key

    assert at_once(*[lambda s=seed: many(s) for seed in range(8)]) == [None] * 8
    assert VALUES.size == SIZE


def test_a_builder_asks_for_other_keys() -> None:
    def outer() -> str:
        return "outer " + kept("inner", lambda: "inner")

    assert (
        at_once(*[lambda: kept("outer", outer), lambda: kept("inner", lambda: "inner")] * 8)
        == [
            "outer inner",
            "inner",
        ]
        * 8
    )


def test_builders_that_ask_for_each_others_keys_do_not_wait_for_ever() -> None:
    both = Barrier(2)

    def build(mine: str, other: str) -> Callable[[], str]:
        def body() -> str:
            both.wait(PATIENCE)  # both keys are being built, each by one thread
            kept(other, lambda: other)
            return mine

        return body

    assert at_once(lambda: kept("a", build("a", "b")), lambda: kept("b", build("b", "a"))) == ["a", "b"]


def test_a_ring_of_three_builders_does_not_wait_for_ever() -> None:
    all_three = Barrier(3)

    def build(mine: str, other: str) -> Callable[[], str]:
        def body() -> str:
            all_three.wait(PATIENCE)
            kept(other, lambda: other)
            return mine

        return body

    ring = (("a", "b"), ("b", "c"), ("c", "a"))
    assert at_once(*[lambda m=m, o=o: kept(m, build(m, o)) for m, o in ring]) == ["a", "b", "c"]


def test_a_builder_that_asks_for_its_own_key_does_not_wait_for_itself() -> None:
    assert kept("self", lambda: "outer " + kept("self", lambda: "inner")) == "outer inner"


def test_a_bound_in_bytes_holds_and_what_is_larger_than_all_is_not_kept() -> None:
    texts: Kept[bytes] = Kept(100, len)
    for number in range(50):
        assert texts.get(number, lambda: b"x" * 30) == b"x" * 30
        assert texts.size <= 100
    assert texts.size == 90
    assert texts.get("large", lambda: b"y" * 101) == b"y" * 101
    assert texts.size == 90
    assert texts.get("large", lambda: b"anew") == b"anew"


def test_what_is_not_to_be_kept_is_built_for_everybody() -> None:
    texts: Kept[bytes] = Kept(100, len)
    assert texts.get("k", lambda: b"no", keep=lambda _value: False) == b"no"
    assert texts.get("k", lambda: b"yes") == b"yes"
    assert texts.get("k", lambda: b"third") == b"yes"
