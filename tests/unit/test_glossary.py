"""The glossary names every column as the models do."""

from __future__ import annotations

import re

import pytest

from data import models as m
from data.columns import said
from domain.viewer import FieldClass
from scripts.column_table import GLOSSARY, table, written

ROW = re.compile(r"^\| ([^|]+) \| `([a-z_]+)\.([a-z0-9_]+)` \| ([^|]+) \| ([^|]+) \| ([a-z_]+) \|$")


def test_the_table_of_columns_is_the_one_made_from_the_models() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    assert written(text) == text, "make docs"


def test_every_column_that_says_what_it_is_stands_once_with_its_words_and_its_class() -> None:
    found = [ROW.match(line) for line in table().splitlines()[2:]]
    assert None not in found
    rows = {(row[2], row[3]): (row[1], row[4], row[6]) for row in found if row}
    assert len(rows) == len(found)
    assert rows == {
        (of.name, name): (column.zh, column.en, column.field_class.value if column.field_class else "nobody")
        for of in m.Base.metadata.sorted_tables
        for name, column in said(of.columns).items()
    }
    assert rows["project", "total_investment_wan"][::2] == ("总投资", FieldClass.PROJECT_FIGURES.value)


def test_a_glossary_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        written("no table here")
