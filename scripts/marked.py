"""A part of a document that is made and not written: it stands between two markers."""

from __future__ import annotations


def put(text: str, begin: str, end: str, body: str) -> str:
    """`text` with `body` between the markers. Raises ValueError where one of them is missing."""
    before, found, rest = text.partition(begin)
    _old, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the markers {begin} and {end} are not in the text")
    return f"{before}{begin}\n{body}\n{end}{after}"
