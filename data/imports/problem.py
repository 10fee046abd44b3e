"""What stops an import as a whole, the limits it keeps, and the watch over progress, time and cancelling."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from data.imports.words import text
from settings import Settings

MB = 1_000_000
MAX_COLUMNS = 1000

#: Called with the step, how much of it is done and how much there is (0: unknown).
Progress = Callable[[str, int, int], None]


class ImportProblem(Exception):
    """The import cannot go on; nothing was written. `code` and `values` say why (``words.TEXTS``)."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return text(self.code, self.values)

    def text(self, to: str | None = None) -> str:
        """The message in a language (None: that of the request)."""
        return text(self.code, self.values, to)


@dataclass(frozen=True)
class Limits:
    """What an import may take; from the settings ``ATLAS_IMPORT_*``."""

    file_bytes: int = 200 * MB
    expanded_bytes: int = 1000 * MB
    rows: int = 500_000
    cells: int = 20_000_000
    vertices: int = 10_000_000
    shape_vertices: int = 200_000
    seconds: float = 900.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits of the settings."""
        return cls(
            settings.import_max_mb * MB,
            settings.import_max_expanded_mb * MB,
            settings.import_max_rows,
            settings.import_max_cells,
            settings.import_max_vertices,
            settings.import_max_shape_vertices,
            float(settings.import_max_seconds),
        )


def _silent(_step: str, _done: int, _total: int) -> None:
    return None


@dataclass
class Watch:
    """Progress of one import. `step` is called often: it stops the import when it was cancelled or takes too long."""

    seconds: float = 900.0
    progress: Progress = _silent
    cancelled: bool = False
    _start: float = field(default_factory=time.monotonic)
    _said: float = 0.0

    def cancel(self) -> None:
        """Ask the import to stop; it does so at its next step and writes nothing. Safe to call from another thread."""
        self.cancelled = True

    def step(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say how far the import is. Raises ImportProblem when it was cancelled or the time is over."""
        if self.cancelled:
            raise ImportProblem("cancelled")
        now = time.monotonic()
        if now - self._start > self.seconds:
            raise ImportProblem("too_slow", limit=round(self.seconds))
        if done in (0, total) or now - self._said > 0.1:
            self._said = now
            self.progress(what, done, total)
