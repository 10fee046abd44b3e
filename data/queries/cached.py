"""Answers kept per database and data version; what depends on the viewer names the viewer in its key."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from sqlalchemy.orm import Session

from data.db import READING
from data.kept import kept
from data.queries.catalogue import data_version

_T = TypeVar("_T")


def cached(session: Session, key: Hashable, build: Callable[[], _T]) -> _T:
    """`build()` kept per database, data version and `key`, which names all that the answer depends on, the viewer too.

    A new data version makes new keys, so nothing is ever dropped by a clock.
    """
    return kept((str(session.get_bind().engine.url), data_version(session), key), build)


def cached_for_readers(session: Session, key: Hashable, build: Callable[[], _T]) -> _T:
    """As `cached` in a session for reading; any other may have written what no version says yet, and sees that."""
    return cached(session, key, build) if READING in session.info else build()
