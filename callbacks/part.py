"""The one way in which parts of a page follow the address: what a part follows is a store, set when that has changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.page import COMMON, EVERYTHING, Missing, Page, Part
from views.pages import FRAME, PAGES, page_at

#: What parts follow, by the names in the ids of the stores of the frame.
FOLLOWED: set[str] = set()


def following(names: frozenset[str] = EVERYTHING) -> Input:
    """Input of a callback that follows these parameters of the address and those that every part does: the query on screen."""
    return _store(names | COMMON if names else names)


def following_only(name: str) -> Input:
    """Input of a callback that follows one parameter of the address."""
    return _store(frozenset({name}))


def _store(names: frozenset[str]) -> Input:
    key = ",".join(sorted(names))
    FOLLOWED.add(key)
    return Input({"follows": key}, "data")


def register(app: Dash) -> None:
    """Bind the parts of all pages; the stores are set once the map on the page, if there is one, shows the state."""
    _bind(app, None, FRAME)
    for page in PAGES:
        for parts in _requests(page):
            _bind(app, page, parts)
    app.clientside_callback(
        ClientsideFunction("atlas", "followed"),
        Output("page", "data-address", allow_duplicate=True),
        Output({"follows": ALL}, "data"),
        Input("shown", "data"),
        State("page", "data-address"),
        State("url", "pathname"),
        State({"follows": ALL}, "id"),
        prevent_initial_call=True,
    )


def _requests(page: Page) -> Iterator[tuple[Part, ...]]:
    """Parts that are one request: those built from one reading, where they follow the same; else none waits for another."""
    if page.of is None:
        yield from ((part,) for part in page.parts)
        return
    for _follows, parts in groupby(sorted(page.parts, key=_key), key=_key):
        yield tuple(parts)


def _key(part: Part) -> list[str]:
    return sorted(part.follows)


def _bind(app: Dash, page: Page | None, parts: tuple[Part, ...]) -> None:
    places = [Output(part.id, "children") for part in parts]

    @app.callback(
        places[0] if len(places) == 1 else places,
        following(parts[0].follows),
        State("url", "pathname"),
        prevent_initial_call=True,
    )
    @alike
    def show(search: str | None, pathname: str | None) -> Any:
        with read_session() as session:
            about = about_page(Question.asked(session, current_viewer(), search), page, pathname)
            built = [part.build(*about) for part in parts]
        return built[0] if len(built) == 1 else built


def about_page(question: Question, page: Page | None, path: str | None) -> tuple[Any, ...]:
    """What the parts of a page at a path are built from, of the frame for None. PreventUpdate where the path is not of the page."""
    if page is None:
        return (question,)
    found = page_at(path)
    if found is None or found[0] is not page:
        raise PreventUpdate  # left meanwhile
    try:
        return page.about(question, found[1])
    except Missing:
        raise PreventUpdate from None
