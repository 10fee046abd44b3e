"""How Chinese names are spelled in Latin letters. The tables of words are large: they are loaded when first asked for, so
that a server, which only reads what is spelled already, starts without them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypinyin.core import Pinyin


@cache
def _spelling() -> Pinyin:
    from pypinyin.converter import UltimateConverter
    from pypinyin.core import Pinyin

    whole = UltimateConverter()
    looked_up = lru_cache(maxsize=1 << 15)(whole.convert)

    class Remembering(UltimateConverter):
        """Names share their words: each is looked up once, as that is most of the time a name takes. Answers are not
        changed."""

        def convert(
            self, words: str, style: Any, heteronym: bool, errors: Any, strict: bool = True, **_more: Any
        ) -> Any:
            return looked_up(words, style, heteronym, errors, strict)

    return Pinyin(Remembering())


def syllables(name: str) -> list[str]:
    """The syllables of a name in lower case; what is not Chinese stays as it is, in one piece."""
    return list(_spelling().lazy_pinyin(name))
