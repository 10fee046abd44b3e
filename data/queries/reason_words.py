"""The words of a reason in a language: the same on the screens and in the files."""

from __future__ import annotations

from collections.abc import Iterable

from domain.filters import FACET_NAMES, Facet
from domain.reasons import REASON_WORDS, ReasonKey
from i18n import translate


def reason_words(
    key: ReasonKey, language: str, *, reported: int = 0, expected: int = 0, missed: Iterable[Facet] = ()
) -> str:
    """Why there is no figure, or only a partial one; `missed` are the facets of "not_filterable"."""
    facets = translate("、", language).join(translate(FACET_NAMES[f], language) for f in missed)
    return translate(REASON_WORDS[key], language).format(reported=reported, expected=expected, facets=facets)
