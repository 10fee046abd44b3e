"""Small-cell suppression of sums made from single enterprises (spec §2.6).

Outside the owner's group such a sum is shown only with at least 3 contributors and none above 85 %; what could be
found by subtracting shown cells from a shown total is hidden as well. Hidden values are shown ＊.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

MIN_CONTRIBUTORS = 3
MAX_SHARE = Fraction(85, 100)

Contributions = Mapping[str, int]


@dataclass(frozen=True)
class Shown:
    """A sum fit to be shown; value None with the reason "few", "dominance" or "secondary" when it is hidden."""

    value: int | None
    reason: str | None = None


@dataclass(frozen=True)
class ShownTable:
    """The cells of a one-way table and their total, after suppression."""

    cells: dict[str, Shown]
    total: Shown


def disclosure_risk(contributions: Contributions) -> str | None:
    """Why the sum of these enterprise amounts must be hidden: "few", "dominance" or None (spec §2.6).

    An enterprise that contributes 0 hides nobody and is not counted. Amounts may be negative: shares are of the sum
    of absolute amounts. A cell without any enterprise gives nobody away and may be shown.
    """
    sizes = [abs(amount) for amount in contributions.values() if amount]
    if contributions and len(sizes) < MIN_CONTRIBUTORS:
        return "few"
    if sizes and max(sizes) > MAX_SHARE * sum(sizes):
        return "dominance"
    return None


def show_sum(contributions: Contributions) -> Shown:
    """One sum on its own."""
    reason = disclosure_risk(contributions)
    return Shown(None, reason) if reason else Shown(sum(contributions.values()))


def _pooled(cells: Iterable[Contributions]) -> dict[str, int]:
    pool: dict[str, int] = {}
    for cell in cells:
        for enterprise, amount in cell.items():
            pool[enterprise] = pool.get(enterprise, 0) + amount
    return pool


def show_table(cells: Mapping[str, Contributions]) -> ShownTable:
    """A one-way table with its total: cell -> enterprise -> amount (spec §2.6).

    Total minus shown cells is the sum of the hidden ones, so the hidden cells together must pass the same test; the
    smallest shown cells are hidden ("secondary") until they do, and when all are hidden the total is hidden too.
    Tables with totals in two directions need each direction passed through this function, hiding what either hides.
    """
    shown = {key: show_sum(cell) for key, cell in cells.items()}
    total = show_sum(_pooled(cells.values()))
    if total.value is None:
        return ShownTable(shown, total)
    by_size = sorted(
        (key for key, cell in cells.items() if cell and shown[key].value is not None),
        key=lambda key: sum(abs(amount) for amount in cells[key].values()),
    )
    hidden = [key for key in cells if shown[key].value is None]
    while hidden and disclosure_risk(_pooled(cells[key] for key in hidden)) is not None:
        if not by_size:
            return ShownTable(shown, Shown(None, "secondary"))
        key = by_size.pop(0)
        shown[key] = Shown(None, "secondary")
        hidden.append(key)
    return ShownTable(shown, total)
