"""Calendar arithmetic on plain dates that the clocks, lights and cohorts share."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return `day` moved by whole months; a day the target month lacks becomes its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month0 = divmod(index, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def month_index(day: date) -> int:
    """Number the calendar month of `day`, so that a difference of two is a count of months."""
    return day.year * 12 + day.month - 1


_PRINTED = re.compile(r"\D{0,6}((?:19|20)\d\d(?:-\d\d){0,2})")


def printed_day(words: str | None) -> str:
    """The date that a printed one begins with, to order by: 约2020-04 -> 2020-04; "" for one without a year."""
    found = _PRINTED.match(words or "")
    return found[1] if found else ""


def happened(day: date | None, as_of: date) -> bool:
    """Tell whether a dated fact is known to have happened by `as_of` (inclusive)."""
    return day is not None and day <= as_of
