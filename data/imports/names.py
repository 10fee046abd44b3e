"""Names that are nearly the same: without company forms, places in brackets and punctuation, and by their sound (rules §7.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from data.imports.headings import plain
from data.pinyin import syllables

_FORMS = re.compile(
    r"有限责任公司|股份有限公司|有限公司|股份公司|集团公司|集团|股份|公司|项目|工程|建设项目|\(.*?\)|（.*?）"
)
_MARKS = re.compile(r"[\W_]+")
#: The words 省 and 市 behind the place a name begins with: 成都市锦辉 and 成都锦辉 are one.
_PLACE = re.compile(r"^(\w{2,3})省(\w{2,3})市|^(\w{2,3})[省市](?=\w{2})")


def folded(name: str) -> str:
    """The name without company forms, brackets and punctuation, half-width and lower case; never empty for a name."""
    text = plain(name)
    short = _MARKS.sub("", _FORMS.sub("", text))
    short = _PLACE.sub(lambda match: "".join(part for part in match.groups() if part), short)
    return short or _MARKS.sub("", text) or text


@lru_cache(maxsize=20_000)
def _sound(character: str) -> str:
    return "".join(syllables(character))


def sound(name: str) -> str:
    """The name as it is read aloud, character by character: 锦江 and 金江 are one."""
    return "".join(_sound(c) for c in name)


def near(names: Sequence[tuple[int, str]], existing: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str, str, str]]:
    """Rows whose name is nearly that of an earlier row or of an existing record, told once per row.

    `names` are (row, name), `existing` (key, name). Yields (row, code, other, name): code ``near_duplicate``, ``same_sound``
    (other: a row number) or ``near_existing`` (other: a key). Equal names are duplicates, not near ones.
    """
    stored: dict[str, tuple[str, str]] = {}
    for key, name in existing:
        stored.setdefault(folded(name), (key, name))
    heard: dict[str, tuple[str, str]] = {}
    for short, record in stored.items():
        if len(short) > 2:
            heard.setdefault(sound(short), record)
    by_fold: dict[str, tuple[int, str]] = {}
    by_sound: dict[str, tuple[int, str]] = {}
    for row, name in names:
        short = folded(name)
        read = sound(short)
        if short in by_fold and by_fold[short][1] != name:
            yield row, "near_duplicate", str(by_fold[short][0]), by_fold[short][1]
        elif short in stored and stored[short][1] != name:
            yield row, "near_existing", stored[short][0], stored[short][1]
        elif len(short) > 2 and read in by_sound and folded(by_sound[read][1]) != short:
            yield row, "same_sound", str(by_sound[read][0]), by_sound[read][1]
        elif len(short) > 2 and read in heard and folded(heard[read][1]) != short:
            yield row, "near_existing", heard[read][0], heard[read][1]
        by_fold.setdefault(short, (row, name))
        by_sound.setdefault(read, (row, name))
