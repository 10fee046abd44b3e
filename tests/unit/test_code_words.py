"""Every code's Chinese stands once: in domain/words.py, or beside the rule the code belongs to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from data.imports.tables import TABLES
from data.imports.values import choice_reader
from domain import words
from domain.chains import NODE_STATE_NAMES
from domain.cross_district import KIND_NAMES
from domain.idle_land import IDLE_STAGE_NAMES
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.lights import LIGHT_NAMES
from domain.monthly_report import WORKS_STATES
from i18n import translate
from settings import ROOT
from views.parts import format as shown
from views.parts import lifecycle_words, park_activity, project_card, zone_card

PACKAGES = ("api", "callbacks", "data", "domain", "layers", "views")
#: Where words of codes stand: the registry and the rules.
HOMES = {
    "domain/words.py", "domain/chains.py", "domain/cross_district.py", "domain/idle_land.py", "domain/land_states.py",
    "domain/lights.py", "domain/monthly_report.py",
}  # fmt: skip
#: Not the name of a code: what the demo calls its records, how strangers write a role, the classes
#: of a standard, four names on a narrow column.
OTHER_THINGS = {
    "data/demo/platforms.py",
    "data/new_scheme.py",
    "domain/landuse.py",
    "layers/area.py",  # what the outlines of a grouping show
    "views/parts/published_column.py",
}
LISTS: tuple[Mapping[str, str], ...] = (
    *words.EVERY, LIGHT_NAMES, LAND_STATES, SUPPLY_STATES, WORKS_STATES, KIND_NAMES, NODE_STATE_NAMES, IDLE_STAGE_NAMES,
)  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]")


def _code(node: ast.expr | None) -> str:
    """A code as a key is written: a text, or a member of an enum by its lower-case name."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return node.attr.lower() if isinstance(node, ast.Attribute) else ""


def _chinese(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Constant) and isinstance(n.value, str) and HAN.search(n.value) for n in ast.walk(node))


def _written(tree: ast.Module) -> Iterator[set[str]]:
    """Keys of every dict, and first members of every row of pairs, that puts two codes or more into Chinese."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and all(map(_chinese, node.values)):
            yield {_code(key) for key in node.keys}
        elif isinstance(node, ast.Tuple) and all(isinstance(e, ast.Tuple) and len(e.elts) > 1 for e in node.elts):
            pairs = [e.elts for e in node.elts if isinstance(e, ast.Tuple)]
            if all(_chinese(ast.Tuple(p[1:])) for p in pairs):
                yield {_code(p[0]) for p in pairs}


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def test_no_list_of_codes_is_put_into_words_twice() -> None:
    lists = [set(found) for found in LISTS]
    twice = {
        (str(path.relative_to(ROOT)), tuple(sorted(keys)))
        for path in _sources()
        if str(path.relative_to(ROOT)) not in HOMES | OTHER_THINGS
        for keys in _written(ast.parse(path.read_text("utf-8")))
        if len(keys) > 1 and any(keys <= found for found in lists)
    }
    assert sorted(twice) == []


@pytest.mark.parametrize(
    ("table", "column", "code", "word"),
    [
        ("parcels", "land_state", "ready", "已达供地条件"),
        ("plots", "supply_state", "ready", "净地"),
        ("zone_parties", "role", "lead", "主导"),
        ("places", "role", "tax", "税收入库"),
        ("platforms", "category", "laboratory", "高能级实验室"),
        ("contracts", "cause", "company", "企业原因"),
    ],
)
def test_files_use_the_words_of_the_screens(table: str, column: str, code: str, word: str) -> None:
    """`ready` was 已达供地条件 on the screen and 已整理 in the template."""
    assert dict(TABLES[table].by_name[column].choices)[code] == word


def test_screens_read_the_same_tables_as_files() -> None:
    choices = {(t.id, f.name): dict(f.choices) for t in TABLES.values() for f in t.fields if f.choices}
    assert choices["kpi_values", "status"] == shown.STATUSES
    assert choices["kpi_values", "scope"] == shown.SCOPES
    assert choices["platforms", "category"] == park_activity.CLUSTERS
    assert choices["zone_parties", "role"] == zone_card.PARTY_ROLES
    assert choices["places", "role"] == project_card.PLACES
    assert choices["monthly_reports", "progress_code"] == lifecycle_words.WORKS


@pytest.mark.parametrize(
    ("table", "column", "word", "code"),
    [
        ("parcels", "land_state", "已整理", "ready"),
        ("zones", "role", "核心", "core"),
        ("zones", "zone_type", "核心", "core"),
        ("zone_parties", "role", "牵头", "lead"),
        ("platforms", "category", "其他", "other"),
        ("sites", "role", "主址", "main"),
        ("places", "role", "纳税", "tax"),
        ("contracts", "cause", "企业", "company"),
        ("chain_links", "entity_kind", "企业", "enterprise"),
        ("chain_links", "entity_kind", "地块", "plot"),
        ("agreements", "metric_class", "非直报", "nondirect"),
        ("kpi_values", "period_type", "月", "M"),
    ],
)
def test_words_of_older_files_are_still_read(table: str, column: str, word: str, code: str) -> None:
    assert choice_reader(TABLES[table].by_name[column])(word)[0] == code


def test_every_word_has_its_english_in_the_catalogue() -> None:
    every = {word for found in LISTS for word in found.values() if HAN.search(word)}
    assert [word for word in sorted(every) if translate(word, "en") == word] == []
