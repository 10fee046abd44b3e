"""The one way in which parts of a page follow the address: what a part follows is a store, set when that has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.answers import alike
from callbacks.request import current_viewer
from data.db import read_session
from data.queries.question import Question
from views.page import COMMON, Missing, Page, Part
from views.pages import FRAME, HEADER, PAGES, page_at

#: What parts follow, by the names in the ids of the stores of the frame.
FOLLOWED: set[str] = set()


def following(*names: str) -> Input:
    """Input of a callback that runs when one of these parameters of the address changes, any for none: the query on screen."""
    key = ",".join(sorted(names))
    FOLLOWED.add(key)
    return Input({"follows": key}, "data")


def register(app: Dash) -> None:
    """Bind the parts of all pages; the stores are set once the map on the page, if there is one, shows the state."""
    # A page may lack a part of the frame: what has several outputs would then not run at all. Every page has its header.
    header = [part for part in FRAME if part.follows == HEADER]
    for parts in (header, *([part] for part in FRAME if part not in header)):
        _bind(app, None, parts)
    for page in PAGES:
        # Parts built from one reading are one request where they follow the same; of others none waits for another.
        requests: dict[Any, list[Part]] = {}
        for part in page.parts:
            requests.setdefault(part.follows if page.of else part.id, []).append(part)
        for parts in requests.values():
            _bind(app, page, parts)
    app.clientside_callback(  # the links of the header lead to another page of the state on screen
        ClientsideFunction("atlas", "linked"),
        Output({"page": ALL, "in": ALL}, "href"),
        Input("shown", "data"),
        State({"page": ALL, "in": ALL}, "id"),
        prevent_initial_call=True,
    )
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


def _bind(app: Dash, page: Page | None, parts: Sequence[Part]) -> None:
    places, names = [Output(part.id, "children") for part in parts], parts[0].follows

    @app.callback(
        places[0] if len(places) == 1 else places,
        following(*(names and names | COMMON)),
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
    """What the parts of a page, or for None those of the frame, are built from. PreventUpdate on the path of another page."""
    if page is None:
        return (question,)
    found = page_at(path)
    if found is None or found[0] is not page:
        raise PreventUpdate  # left meanwhile
    try:
        return page.about(question, found[1])
    except Missing:
        raise PreventUpdate from None
