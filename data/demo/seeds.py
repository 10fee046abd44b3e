"""Repeatable randomness and the calendar of the demo data: no clock, no process-dependent hash."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

SEED = 20260930
SOURCE = f"演示数据生成器 seed {SEED}"
PROVENANCE = "demo"
CUT_MONTH = "2026-09"
CUT = date(2026, 9, 30)
FIRST_YEAR, LAST_YEAR = 2022, 2026

MONTHS: tuple[str, ...] = tuple(
    f"{year}-{month:02d}"
    for year in range(FIRST_YEAR, LAST_YEAR + 1)
    for month in range(1, 13)
    if f"{year}-{month:02d}" <= CUT_MONTH
)
YEAR_OF = np.array([int(m[:4]) for m in MONTHS])
MONTH_OF = np.array([int(m[5:]) for m in MONTHS])
#: Columns every record with provenance carries.
ORIGIN = {"provenance": PROVENANCE, "source": SOURCE, "as_of": CUT_MONTH, "note": None}


def rng(table: str, zone: str = "") -> np.random.Generator:
    """The generator of one table in one zone: adding a table or a zone never changes another one."""
    return np.random.Generator(np.random.PCG64([SEED, zlib.crc32(table.encode()), zlib.crc32(zone.encode())]))


def month_no(day: date) -> int:
    """Month counted from 2022-01 = 0; negative before it, above 56 after the cut."""
    return (day.year - FIRST_YEAR) * 12 + day.month - 1


def month_end(index: int) -> date:
    """Last day of the month with this number."""
    year, month0 = divmod(index + 1, 12)
    return date(FIRST_YEAR + year, month0 + 1, 1) - timedelta(days=1)


def ytd(monthly: NDArray[np.float64]) -> NDArray[np.float64]:
    """Year-to-date sums along the last axis (57 months from 2022-01)."""
    running = np.cumsum(monthly, axis=-1)
    base = np.zeros_like(running)
    for year in range(FIRST_YEAR + 1, LAST_YEAR + 1):
        start = (year - FIRST_YEAR) * 12
        base[..., start : start + 12] = running[..., start - 1][..., None]
    return running - base


def wander(random: np.random.Generator, size: float, span: int = len(MONTHS)) -> NDArray[np.float64]:
    """Factors around 1 by month that stray and come back: a good month is mostly followed by another one."""
    steps = random.normal(0.0, size, span)
    for t in range(1, span):
        steps[t] += 0.72 * steps[t - 1]
    return np.exp(steps)


def shares_out(total: int, weights: Sequence[float]) -> list[int]:
    """`total` split into whole parts in proportion to `weights` (largest remainder; ties to the first)."""
    scale = sum(weights)
    exact = [total * w / scale for w in weights]
    parts = [int(x) for x in exact]
    rest = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in rest[: total - sum(parts)]:
        parts[i] += 1
    return parts
