"""The READMEs name every address that answers, and only those."""

from __future__ import annotations

import re

import pytest

from api.openapi import document
from scripts.api_table import README, table, written
from settings import ROOT

ADDRESS = re.compile(r"^\| `(/[^`]+)` \|", re.MULTILINE)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_of_addresses_is_the_one_made_from_the_routes(language: str) -> None:
    text = README[language].read_text(encoding="utf-8")
    assert written(text, language) == text, "make docs"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_address_of_the_openapi_document_is_named(name: str) -> None:
    named = ADDRESS.findall((ROOT / name).read_text(encoding="utf-8"))
    assert sorted(named) == sorted({"/healthz", "/api/v1/openapi.json", *document()["paths"]})
    assert len(named) == len(set(named)) >= 16


def test_a_line_of_the_chinese_table_is_chinese() -> None:
    rows = table("zh").splitlines()[2:]
    assert [row for row in rows if not re.search(r"[\u4e00-\u9fff]", row)] == []


def test_a_readme_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        written("no table here", "en")


@pytest.mark.parametrize(
    ("name", "untrue"),
    [
        ("README.md", "empty in this version"),
        ("README.zh-CN.md", "本版为空"),
        ("docs/glossary.md", "empty in this version"),
        ("docs/architecture.md", "not on a screen yet"),
    ],
)
def test_what_is_built_is_not_called_missing(name: str, untrue: str) -> None:
    assert untrue not in (ROOT / name).read_text(encoding="utf-8")
