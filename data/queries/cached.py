"""Answers kept per database and data version; what depends on the viewer names the viewer in its key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from data.queries.catalogue import data_version

_T = TypeVar("_T")
_CACHE: OrderedDict[Hashable, Any] = OrderedDict()
_CACHE_SIZE = 192


def cached(session: Session, key: Hashable, build: Callable[[], _T]) -> _T:
    """`build()` kept per database, data version and `key`, which names all that the answer depends on, the viewer too.

    A new data version makes new keys, so nothing is ever dropped by a clock.
    """
    full = (str(session.get_bind().engine.url), data_version(session), key)
    if full in _CACHE:
        _CACHE.move_to_end(full)
        found: _T = _CACHE[full]
        return found
    found = build()
    _CACHE[full] = found
    while len(_CACHE) > _CACHE_SIZE:
        _CACHE.popitem(last=False)
    return found
