"""User-visible text: Chinese is the source language, other languages are gettext catalogues in ``locale/``.

Catalogues are read from their ``.po`` files, so there is nothing to compile and nothing to forget.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from flask import g, has_request_context, request

#: Language (its folder in ``locale/``, but for the source language) and its name for itself.
LANGUAGES = {"zh": "中文", "en": "English"}
COOKIE = "atlas_lang"
_SOURCE = "zh"
_ROOT = Path(__file__).resolve().parent / "locale"


@lru_cache
def _catalogue(language: str) -> dict[str, str]:
    """Message to translation of a language; empty for the source language."""
    if language == _SOURCE or language not in LANGUAGES:
        return {}
    path = _ROOT / language / "LC_MESSAGES" / "atlas.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}


def language() -> str:
    """Language of the current request: its cookie, else ``zh``."""
    if not has_request_context():
        return "zh"
    if "atlas_language" not in g:
        chosen = request.cookies.get(COOKIE, "zh")
        g.atlas_language = chosen if chosen in LANGUAGES else "zh"
    return str(g.atlas_language)


def translate(message: str, to: str) -> str:
    """`message` in language `to`; a message without translation is returned as it is."""
    return _catalogue(to).get(message, message)


def _(message: str, **values: object) -> str:
    """`message` in the language of the request, with ``{name}`` places filled from `values`."""
    text = translate(message, language())
    return text.format(**values) if values else text


def N_(message: str) -> str:
    """Mark `message` for translation where it is defined; ``_`` translates it where it is shown."""
    return message


def pick(zh: str, en: str | None) -> str:
    """The name of a record in the language of the request, Chinese where no English name exists."""
    return en if en and language() == "en" else zh
