"""Exact numbers of the queries as JSON numbers."""

from __future__ import annotations

from fractions import Fraction

from api.shapes import Number


def number(value: Fraction | int | None) -> Number | None:
    """A whole number as int, any other as float."""
    if value is None:
        return None
    return value.numerator if value.denominator == 1 else float(value)


def whole(value: float | None) -> Number | None:
    """The same of a stored value."""
    return int(value) if value is not None and value.is_integer() else value


def as_float(value: Fraction | None) -> float | None:
    """A share or a rate."""
    return float(value) if value is not None else None


def share(part: int | None, total: int | None) -> float | None:
    """`part` of `total`; None where either is unknown or the total is 0."""
    return part / total if part is not None and total else None
