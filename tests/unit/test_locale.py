"""Everything a screen can say is in the English catalogue, once, with the same places to fill in (i18n.py).

To see what a change left untranslated or orphaned, run this file: the failures list the texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.pofile import read_po

from data import reference
from data.queries.attribution import BALANCE_NAME, INTERNAL_BADGE
from data.queries.lifecycle import WORKLISTS
from data.queries.scorecard import _PROPOSAL
from data.reference.schemes import shipped_schemes
from domain import words
from domain.chains import NODE_STATE_NAMES
from domain.cross_district import KIND_NAMES
from domain.features import FIXED_NAMES
from domain.filters import FACET_NAMES
from domain.idle_land import IDLE_STAGE_NAMES
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.lifecycle import STAGE_GROUPS, STAGES
from domain.lights import LIGHT_NAMES
from domain.monthly_report import ISSUE_TYPES, WORKS_STATES
from domain.readiness import TRACKS
from domain.reasons import FAULT_WORDS, REASON_WORDS
from domain.units import PRINTED, READ
from i18n import _, translate
from settings import ROOT
from views.parts.chain_graph import FLOW, SUPPORT
from views.parts.park_facts import fact_unit

CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "atlas.po"
PACKAGES = ("api", "callbacks", "commands", "data", "domain", "layers", "views")
MODULES = ("app.py", "web.py")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Separators differ between the languages, so they are translated too.
SEPARATORS = re.compile(r"[\u3001\u3002\uff0c\uff1b\uff1a]")
#: Names that are the same in every language: the brand before a page is there, and the languages' own names.
SAME_EVERYWHERE = {"核区一张图", "中文", "中"}
#: Units in published sources that are put into one spelling before they are shown as printed.
AS_PRINTED = {"万m²", "万㎡"}


def shown_from_data() -> set[str]:
    """Texts that reach `_` through a variable: names of rules and of reference data, and units."""
    dictionary = reference.indicator_rows()
    stored = {row["stored_unit"] for row in dictionary}
    printed = {fact_unit({"unit": fact.get("unit")}) for fact in reference.published("facts")}
    printed |= {fact_unit({"unit": fact["unit_of_measure"]}) for fact in reference.published("kpi_series")}
    # A unit that is read as another one in English goes with its number, never through the catalogue (domain/units.py).
    units = (stored | printed) - READ["en"].keys() - PRINTED.keys()
    names = {
        BALANCE_NAME,
        INTERNAL_BADGE,
        _PROPOSAL,
        "未覆盖",  # data/queries/land.py: ground that no parcel covers
        "未归类",  # data/queries/land.py: parcels without a use, or of another standard
        SUPPORT,
        *FLOW,
        *FACET_NAMES.values(),
        *FAULT_WORDS.values(),
        *REASON_WORDS.values(),
        *KIND_NAMES.values(),
        *NODE_STATE_NAMES.values(),
        *IDLE_STAGE_NAMES.values(),
        *LIGHT_NAMES.values(),
        *(word for table in words.EVERY for word in table.values()),
        *words.AS_WRITTEN,
        *(d for s in shipped_schemes().values() for e in s.elements for p in e.parties for d in p.duties),
        *LAND_STATES.values(),
        *SUPPLY_STATES.values(),
        *FIXED_NAMES,
        *(group.name_zh for group in STAGE_GROUPS.values()),
        *TRACKS.values(),
        *WORKS_STATES.values(),
        *ISSUE_TYPES.values(),
        *(name for name, _stage, _ends in WORKLISTS.values()),
        *(item.name_zh for item in reference.landuse_classes().values()),
        *(chain.ecosystem_zh for chain in reference.chains().values()),
        *(row["definition_zh"] for row in dictionary),
        *(row["data_owner"] for row in dictionary),
        *units,
    }
    return {name for name in names if CHINESE.search(name)}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))
    yield from (ROOT / module for module in MODULES)


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls of `_` and `N_`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
            yield node


def literals(node: ast.expr) -> Iterator[str]:
    """Texts that an argument can be; none for a variable."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from literals(value)


@cache
def marked() -> frozenset[str]:
    """Every text written inside `_()` or `N_()`."""
    return frozenset(
        text
        for path in sources()
        for call in calls(ast.parse(path.read_text("utf-8")))
        for text in literals(call.args[0])
    )


@cache
def catalogue() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def places(text: str) -> set[str]:
    """Names of the ``{places}`` of a text."""
    return {name for _before, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_every_text_has_an_english_one() -> None:
    assert sorted((marked() | shown_from_data()) - catalogue().keys()) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(catalogue().keys() - marked() - shown_from_data()) == []


def test_translations_are_complete_final_and_english() -> None:
    with CATALOGUE.open("rb") as file:
        entries = [m for m in read_po(file) if m.id]

    assert [m.id for m in entries if m.fuzzy or not m.string] == []
    assert [m.id for m in entries if CHINESE.search(str(m.string)) or SEPARATORS.search(str(m.string))] == []


def test_a_translation_fills_in_what_the_text_does() -> None:
    assert [text for text, english in catalogue().items() if places(text) != places(english)] == []


def test_a_text_is_never_put_together_before_it_is_looked_up() -> None:
    built = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources()
        for call in calls(ast.parse(path.read_text("utf-8")))
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]

    assert built == []


@pytest.mark.parametrize("package", ["callbacks", "layers", "views"])
def test_no_text_reaches_a_screen_past_the_catalogue(package: str) -> None:
    """A Chinese literal outside `_()` has to be a known text that is looked up later; separators never are."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        inside = {id(part) for call in calls(tree) for part in ast.walk(call.args[0])}
        inside |= {id(text) for text in docstrings(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                text = node.value
                known = text in catalogue() or text in SAME_EVERYWHERE | AS_PRINTED
                if SEPARATORS.search(text) or (CHINESE.search(text) and not known):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {text}")

    assert found == []


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def test_records_of_the_reference_data_have_english_names() -> None:
    kinds: list[Iterable[Any]] = [STAGES, STAGE_GROUPS.values(), reference.districts(), reference.indicators().values()]
    kinds += [reference.chains().values(), reference.chain_nodes().values(), shipped_schemes().values()]
    kinds += [s.elements for s in shipped_schemes().values()]

    assert [item for items in kinds for item in items if not item.name_en or CHINESE.search(item.name_en)] == []


def test_the_catalogue_says_what_the_reference_tables_say() -> None:
    pairs = [(c.name_zh, c.name_en) for c in reference.landuse_classes().values() if c.name_en]
    pairs += [(c.ecosystem_zh, c.ecosystem_en) for c in reference.chains().values()]
    pairs += [(row["definition_zh"], row["definition"]) for row in reference.indicator_rows()]

    assert [(zh, en) for zh, en in pairs if translate(zh, "en") != en] == []


def test_without_a_request_texts_stay_chinese() -> None:
    assert _("{n} 公里", n=3) == "3 公里"
    assert translate("{n} 公里", "en") == "{n} km"
    assert translate("没有这句话", "en") == "没有这句话"
