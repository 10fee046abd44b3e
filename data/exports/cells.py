"""Values as the cells of a file: words and units for people's tables, codes for GIS."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely

from data.columns import Column as Field
from data.imports.tables import LIST_SEPARATOR

YES, NO = "是", "否"
_YES_NO = {"zh": (NO, YES), "en": ("no", "yes")}


def person_cell(field: Field, value: Any, language: str) -> str | int | float | date | None:
    """A value as a person reads it: the word of a choice, 是/否, a list in one cell, WKT for a shape."""
    if value is None:
        return None
    if field.kind == "bool":
        return _YES_NO[language][bool(value)]
    if field.choices:
        words = dict(field.choices)
        return words.get(str(value), str(value))
    return _plain(field, value)


def machine_cell(field: Field, value: Any) -> str | int | float | bool | None:
    """A value as a program reads it: stored codes, ISO dates, a list in one text."""
    if value is None:
        return None
    if field.kind == "bool":
        return bool(value)
    plain = _plain(field, value)
    return plain.isoformat() if isinstance(plain, date) else plain


def _plain(field: Field, value: Any) -> str | int | float | date:
    if field.kind == "list":
        return LIST_SEPARATOR.join(str(item) for item in value)
    if field.kind == "shares":
        return LIST_SEPARATOR.join(f"{unit}={share}" for unit, share in sorted(value.items()))
    if field.kind == "geometry":
        return str(shapely.to_wkt(value, rounding_precision=20))
    if isinstance(value, int | float | date):
        return value
    return str(value)
