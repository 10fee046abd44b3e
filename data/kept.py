"""What a process keeps of what it has worked out: bounded, one builder for each key at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Condition, get_ident
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

_T = TypeVar("_T")
_V = TypeVar("_V")
SIZE = 200


class Kept(Generic[_V]):
    """Values by key; the longest unused go first where all together would be more than `most`, counted by `size_of` each.

    A value that is larger than all may be is given to who asked and not kept.
    """

    def __init__(self, most: int, size_of: Callable[[_V], int] | None = None) -> None:
        self._kept: LRUCache[Hashable, _V] = LRUCache(most, size_of)
        self._builds: dict[Hashable, int] = {}  # key: the thread that builds its value
        self._waits: dict[int, Hashable] = {}  # thread: the key it waits for
        self._changed = Condition()  # its lock guards the three above; nothing is built while it is held

    @property
    def most(self) -> float:
        """How much may be kept."""
        return self._kept.maxsize

    @property
    def size(self) -> float:
        """How much is kept, in the unit of `most`."""
        return self._kept.currsize

    def get(self, key: Hashable, build: Callable[[], _V], *, keep: Callable[[_V], bool] | None = None) -> _V:
        """`build()` kept under `key`, which names all that the value depends on; not kept where `keep` says no of it.

        Threads that want a value another one is building wait for it. What a builder raises goes to its own caller, and
        the next of those who wait builds. Builders may ask for other keys; threads that would wait for each other build
        both.
        """
        me = get_ident()
        with self._changed:
            while key not in self._kept and key in self._builds and not self._waits_for(self._builds[key], me):
                self._waits[me] = key
                try:
                    self._changed.wait()
                finally:
                    del self._waits[me]
            if key in self._kept:
                return self._kept[key]
            mine = key not in self._builds
            if mine:
                self._builds[key] = me
        try:
            found = build()
            if keep is None or keep(found):
                with self._changed:
                    if self._kept.getsizeof(found) <= self._kept.maxsize:
                        self._kept[key] = found
        finally:
            if mine:
                with self._changed:
                    del self._builds[key]
                    self._changed.notify_all()
        return found

    def __contains__(self, key: Hashable) -> bool:
        """Whether a value is kept under `key` now."""
        with self._changed:
            return key in self._kept

    def forget(self) -> None:
        """Keep nothing of what was worked out so far."""
        with self._changed:
            self._kept.clear()

    def _waits_for(self, thread: int, me: int) -> bool:
        """Whether `thread` is `me`, or waits for what `me` builds, perhaps by way of others: then waiting for it never
        ends."""
        while thread != me:
            key = self._waits.get(thread)
            if key is None or key not in self._builds:
                return False
            thread = self._builds[key]
        return True


VALUES: Kept[Any] = Kept(SIZE)


def kept(key: Hashable, build: Callable[[], _T]) -> _T:
    """`build()` kept under `key` among the `SIZE` values that a process keeps (`Kept.get`)."""
    found: _T = VALUES.get(key, build)
    return found
