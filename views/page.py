"""What a page and a part of one are: from the list of pages in `views.pages` follow router, navigation and callbacks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from dash import html
from dash.development.base_component import Component

from data.queries.question import Question
from domain.viewer import FieldClass, Viewer

#: Parameters of the address that change every part: another data set, month or scheme.
COMMON = frozenset({"data", "period", "scheme"})
#: Those of the filter that leave the zones alone.
FILTER = frozenset({"chain", "stage", "light", "district", "kind"})
#: Followed by a part that says no parameters of its own.
EVERYTHING: frozenset[str] = frozenset()

_CODE = r"([\w\-.:%]{1,60})"


def everybody(_viewer: Viewer, _provenance: str) -> bool:
    """A page for everybody: what of it a role may not see is left out of it."""
    return True


def insiders(viewer: Viewer, _provenance: str) -> bool:
    """A page of the house's own books, which no visitor may see."""
    return viewer.may(FieldClass.ZONE_TOTALS)


class Missing(LookupError):
    """The path names a thing that does not exist; the arguments are title and text of the error page."""


@dataclass(frozen=True)
class Part:
    """A place of a page, by its id, that is built anew when a parameter of the address that it `follows` changes.

    Of ``sel=zone:`` it follows only what of the parameter begins so: another project selected leaves it alone.
    """

    id: str
    build: Callable[..., Component | list[Component] | None]
    follows: frozenset[str] = EVERYTHING


@dataclass(frozen=True)
class Page:
    """A page at a `path`, which may end in ``<code>``; with a `title` (a message of the catalogue) it is in the navigation.

    `build` is given the question, and the code where there is one. Its parts are given the question, or what `of` reads
    for them from question and code; those that follow the same are then one request. `there` says of the same whether the
    page is about a thing that its reader can see; its status is 404 where not. `map`: it has places for map and legend,
    which are filled for it. `kept`: its answer may be kept, as it follows from the question. `open_to` says which viewer
    may see it in a data set of a provenance: the navigation of the others has no entry, and at its address stands that it
    is not open to them and `what` it is (a message of the catalogue).
    """

    path: str
    build: Callable[..., Component]
    title: str = ""
    theme: Literal["light", "dark"] = "light"
    parts: tuple[Part, ...] = ()
    of: Callable[[Question, str], tuple[Any, ...]] | None = None
    there: Callable[..., bool] | None = None
    map: bool = False
    kept: bool = True
    open_to: Callable[[Viewer, str], bool] = everybody
    what: str = ""

    def code_in(self, path: str | None) -> str | None:
        """The code that a path to this page ends in, "" where pages of it have none; None for a path to another page."""
        found = re.fullmatch(self.path.removesuffix("/").replace("<code>", _CODE) + "/?", path or "/")
        return next(iter(found.groups()), "") if found else None

    def about(self, question: Question, code: str) -> tuple[Any, ...]:
        """What its parts are built from. Raises Missing."""
        return self.of(question, code) if self.of else (question,)

    def drawn(self, question: Question, code: str) -> Component:
        """The whole page. Raises Missing."""
        return self.build(question, code) if code else self.build(question)

    def places(self, *about: Any) -> dict[str, html.Div]:
        """The place of each part, filled."""
        return {part.id: html.Div(part.build(*about), id=part.id) for part in self.parts}
