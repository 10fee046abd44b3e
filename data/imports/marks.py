"""Marks in files that exports and templates write and the import takes off again."""

from __future__ import annotations

#: What a spreadsheet would take for a formula when a text begins with it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_QUOTE = "'"


def escape_formula(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would calculate it (or take an apostrophe off again)."""
    return _QUOTE + text if text.lstrip(_QUOTE).startswith(FORMULA_STARTS) else text


def unescape_formula(text: str) -> str:
    """The text that `escape_formula` was given; any other text is returned as it is."""
    if text.startswith(_QUOTE) and text.lstrip(_QUOTE).startswith(FORMULA_STARTS):
        return text[1:]
    return text


#: Sheets that exports and templates write beside the records: descriptions and lists of allowed values.
OWN_SHEETS = frozenset({"说明", "About", "可选值", "atlas-fields", "atlas-about"})
