"""What a process keeps of what it has worked out: one bounded cache, one builder for each key at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Condition, get_ident
from typing import Any, TypeVar

from cachetools import LRUCache

_T = TypeVar("_T")
SIZE = 200

_KEPT: LRUCache[Hashable, Any] = LRUCache(SIZE)
_BUILDS: dict[Hashable, int] = {}  # key: the thread that builds its value
_WAITS: dict[int, Hashable] = {}  # thread: the key it waits for
_CHANGED = Condition()  # its lock guards the three above; nothing is built while it is held


def kept(key: Hashable, build: Callable[[], _T]) -> _T:
    """`build()` kept under `key`, which names all that the value depends on; the longest unused of `SIZE` values goes first.

    Threads that want a value another one is building wait for it. What a builder raises goes to its own caller, and the next
    of those who wait builds. Builders may ask for other keys; threads that would wait for each other build both.
    """
    me = get_ident()
    with _CHANGED:
        while key not in _KEPT and key in _BUILDS and not _waits_for(_BUILDS[key], me):
            _WAITS[me] = key
            try:
                _CHANGED.wait()
            finally:
                del _WAITS[me]
        if key in _KEPT:
            found: _T = _KEPT[key]
            return found
        mine = key not in _BUILDS
        if mine:
            _BUILDS[key] = me
    try:
        found = build()
        with _CHANGED:
            _KEPT[key] = found
    finally:
        if mine:
            with _CHANGED:
                del _BUILDS[key]
                _CHANGED.notify_all()
    return found


def _waits_for(thread: int, me: int) -> bool:
    """Whether `thread` is `me`, or waits for what `me` builds, perhaps by way of others: then waiting for it never ends."""
    while thread != me:
        key = _WAITS.get(thread)
        if key is None or key not in _BUILDS:
            return False
        thread = _BUILDS[key]
    return True
