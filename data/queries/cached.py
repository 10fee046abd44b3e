"""Answers kept per database and data version; what depends on the viewer names the viewer in its key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from data.db import READING
from data.kept import VALUES, kept
from data.queries.catalogue import data_version

_T = TypeVar("_T")


def cached(session: Session, key: Hashable, build: Callable[[], _T]) -> _T:
    """`build()` kept per database, data version and `key`, which names all that the answer depends on, the viewer too.

    A new data version makes new keys, so nothing is ever dropped by a clock.
    """
    return kept(_key(session, key), build)


def cached_together(
    session: Session,
    keys: Sequence[Hashable],
    build: Callable[[Sequence[int]], Sequence[_T]],
    *,
    for_readers: bool = False,
) -> list[_T]:
    """`cached` (or `cached_for_readers`) of several keys; `build` works out the values at some positions of `keys`, all that
    are missing at once.
    """
    if for_readers and READING not in session.info:
        return list(build(range(len(keys))))
    missing = [i for i, key in enumerate(keys) if _key(session, key) not in VALUES]
    built = dict(zip(missing, build(missing), strict=True)) if len(missing) > 1 else {}

    def value(i: int) -> _T:
        return built[i] if i in built else build([i])[0]

    return [cached(session, key, partial(value, i)) for i, key in enumerate(keys)]


def _key(session: Session, key: Hashable) -> Hashable:
    return str(session.get_bind().engine.url), data_version(session), key


def cached_for_readers(session: Session, key: Hashable, build: Callable[[], _T]) -> _T:
    """As `cached` in a session for reading; any other may have written what no version says yet, and sees that."""
    return cached(session, key, build) if READING in session.info else build()
