"""Names where there is little room: at most 8 characters in Chinese and 16 in English, in both languages, no two alike."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from data import reference
from data.queries.catalogue import Catalogue
from data.reference.schemes import shipped_schemes
from i18n import COOKIE
from tests.unit.test_locale import CHINESE
from views.parts.project_card import agency_name, written

KINDS: dict[str, list[Any]] = {
    "indicators": list(reference.indicators().values()),
    "chains": list(reference.chains().values()),
    "units": list(reference.districts()),
    "zones": [e for s in shipped_schemes().values() for e in s.elements],
}


@pytest.mark.parametrize("kind", KINDS)
def test_short_names_are_short_and_in_both_languages(kind: str) -> None:
    named = KINDS[kind]
    assert [x for x in named if not 0 < len(x.short_zh) <= 8 or not CHINESE.search(x.short_zh)] == []
    assert [x for x in named if not 0 < len(x.short_en) <= 16 or CHINESE.search(x.short_en)] == []
    assert len({x.short_zh for x in named}) == len({x.short_en for x in named}) == len(named)


ZONE = SimpleNamespace(short_zh="科学城", short_en="Science Town")
KNOWN = cast(Catalogue, SimpleNamespace(zones={"CDKXC": ZONE}))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("科学城产业促进机构", "Science Town promotion office"),
        ("科学城某公司", "科学城某公司"),
        ("产业促进机构", "产业促进机构"),
        (None, ""),
    ],
)
def test_an_agency_of_a_zone_is_named_in_the_language_of_the_reader(text: str | None, english: str) -> None:
    assert agency_name(KNOWN, text) == (text or "")
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}=en"}):
        assert agency_name(KNOWN, text) == english


def test_words_of_a_fixed_list_are_translated_and_others_stay() -> None:
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}=en"}):
        assert written("标准厂房/研发办公") == "Standard factory/R&D offices"
        assert written("2021-06-15揭榜/揭牌") == "2021-06-15揭榜/揭牌"
