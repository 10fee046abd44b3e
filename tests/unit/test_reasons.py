"""Every reason that the code can give has words in Chinese and English: no key of ours ever stands on a screen."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from data.derive import exceptions
from data.queries.reason_words import reason_words
from domain.attribution import Reason
from domain.filters import Facet
from domain.lights import Dimension
from domain.reasons import FAULT_WORDS, REASON_WORDS, ReasonKey
from i18n import translate
from settings import ROOT
from views.pages.ledger import AGREEMENTS
from views.parts.format import LIGHT_REASONS
from views.parts.lifecycle_words import FINDING_WORDS, PROBLEMS
from views.parts.per_mu_blocks import WHY
from views.shell import IGNORED_REASONS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
KEY = re.compile(r"[a-z]+(_[a-z]+)+")


def literals(*paths: str) -> Iterator[str]:
    """Every string constant of the modules."""
    for path in paths:
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def first_arguments(path: Path, *names: str) -> set[str]:
    """String constants given first to calls of `names`."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def said(words: Iterable[str]) -> None:
    for zh in words:
        en = translate(zh, "en")
        assert CHINESE.search(zh), zh
        assert en != zh, zh
        assert not CHINESE.search(en), zh
        assert not KEY.search(en), en


@pytest.mark.parametrize("key", get_args(ReasonKey))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reason_of_a_figure_has_words(key: ReasonKey, language: str) -> None:
    words = reason_words(key, language, reported=4, expected=5, missed=(Facet.LIGHT, Facet.DISTRICT))
    assert words
    assert bool(CHINESE.search(words)) == (language == "zh")
    assert "{" not in words
    assert key not in words.split()
    assert not KEY.search(words)


def test_there_are_no_words_for_reasons_that_nothing_gives() -> None:
    assert set(REASON_WORDS) == set(get_args(ReasonKey))


def test_what_cannot_be_followed_is_named() -> None:
    facets = (Facet.LIGHT, Facet.DISTRICT)
    assert reason_words("not_filterable", "zh", missed=facets) == "不随红黄绿灯、行政区筛选"
    assert reason_words("not_filterable", "en", missed=facets) == "Does not follow: Lights, District"


def test_a_fault_of_a_record_has_words() -> None:
    assert set(FAULT_WORDS) == {r.value for r in Reason} | set(exceptions.CODES)
    said(FAULT_WORDS.values())


def test_a_reason_of_a_light_has_words() -> None:
    given = {t for t in literals("domain/lights.py", "data/derive/months.py") if re.fullmatch(r"light\.\w+\.\w+", t)}
    late = {f"light.{d}.{end}" for d in (Dimension.LAND_START, Dimension.PRODUCTION, Dimension.CAPACITY)
            for end in ("late", "not_due")}  # fmt: skip
    stale = {f"light.{d}.not_reported" for d in (Dimension.PROGRESS, Dimension.FUNDS)}
    assert len(given) > 15, "the reasons are no longer written where this test looks for them"
    assert (given | late | stale) - set(LIGHT_REASONS) == set()
    said(LIGHT_REASONS.values())


def test_a_finding_of_a_stage_or_a_report_has_words() -> None:
    found = first_arguments(ROOT / "domain/lifecycle.py", "StageProblem")
    transitions = {"no_change", "already_ended", "back_without_reason", "back_without_approver", "skips_mandatory"}
    assert found - transitions == set(PROBLEMS), "of a change of stage nothing is shown: stages follow from milestones"
    said(w.format(stage="", blocks="") if "{" not in translate(w, "en") else w for w in PROBLEMS.values())
    said(FINDING_WORDS.values())


def test_why_a_firm_has_no_class_has_words() -> None:
    given = {"start_up", "construction", "public_utility", "new", "land_unknown", "no_land", "disqualified"}
    assert given <= set(literals("domain/per_mu.py", "data/queries/per_mu.py"))
    assert set(WHY) == given
    said(WHY.values())


def test_why_an_agreement_or_a_part_of_a_link_is_left_out_has_words() -> None:
    assert set(AGREEMENTS) == {"no_agreement", "ratios_not_one", "bad_parties", "agreements_overlap"}
    said(AGREEMENTS.values())
    said(IGNORED_REASONS.values())
