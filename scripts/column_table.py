"""Writes the table of columns into the glossary, between two markers: ``python -m scripts.column_table``.

It is made from what the columns say of themselves (data/columns.py). tests/unit/test_glossary.py fails while it is behind.
"""

from __future__ import annotations

from data import models as m
from data.columns import Column, said
from scripts.marked import put
from settings import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
BEGIN, END = "<!-- columns: make docs -->", "<!-- end of columns -->"
_HEAD = "| 中文 | Code | English | Holds | Class |\n| --- | --- | --- | --- | --- |"


def _holds(column: Column) -> str:
    """Kind and unit, what it refers to, or its codes with their Chinese."""
    kind = f"{column.kind}, {column.unit}" if column.unit else column.kind
    if column.choices:
        return f"{kind}: " + " ".join(f"`{code}` {word}" for code, word in column.choices)
    return f"{kind} of {column.refers}" if column.refers else kind


def _row(table: str, column: Column) -> str:
    owner = column.field_class.value if column.field_class is not None else "nobody"
    cells = (column.zh, f"`{table}.{column.name}`", column.en, _holds(column), owner)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table() -> str:
    """The markdown table: every column that says what it is, in the order of the models."""
    rows = [
        _row(table.name, column) for table in m.Base.metadata.sorted_tables for column in said(table.columns).values()
    ]
    return "\n".join([_HEAD, *rows])


def written(text: str) -> str:
    """The glossary `text` with its table as it should be. Raises ValueError where the markers are missing."""
    return put(text, BEGIN, END, table())


def main() -> None:
    """Write the glossary."""
    GLOSSARY.write_text(written(GLOSSARY.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
