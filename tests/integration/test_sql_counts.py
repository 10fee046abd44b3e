"""How many SQL statements the opening of a page and a change of its filter take, over all requests that a browser sends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from sqlalchemy import event

from callbacks.answers import ANSWERS
from data.db import file_mark, get_engine
from data.kept import VALUES
from settings import Settings
from tests.support.callbacks import application, posted, send
from tests.support.databases import is_server

#: What a page's opening or a filter change may take at the most.
MOST = 15
PAGE = "..page.children...page.data-version...page.data-reader...page.data-address...theme.forceColorScheme.."
PAGES = ("/", "/projects", "/chains", "/ledger", "/per-mu", "/data", "/park/SMKX")
#: A promoter brings no data in: there is no such page to open.
SHUT = ("/data", "promoter")
#: Callbacks that follow the address on each page, by the component they fill first.
FOLLOWS = {
    "/": ("left", "right", "cards", "filter-chips", "status-line", "ignored-host", "table-host", "map-patch", "facet-values"),
    "/projects": (
        "projects-export", "projects-answer", "projects-view", "projects-lights", "projects-waiting", "projects-checks",
        "projects-cohorts", "filter-chips", "status-line", "ignored-host", "facet-values",
    ),
    "/chains": ("chain-picker", "catalogue-rows", "filter-chips", "status-line", "ignored-host", "facet-values"),
    "/ledger": (
        "ledger-accounts", "ledger-audit", "ledger-exceptions", "ledger-scores", "ledger-records", "filter-chips", "status-line",
        "ignored-host", "facet-values",
    ),
    "/per-mu": (
        "mu-unfollowed", "mu-chain", "mu-idle", "mu-year", "mu-classes", "filter-chips", "status-line", "ignored-host",
        "facet-values",
    ),
    "/park/SMKX": (
        "park-head", "park-switcher", "park-tiles", "park-export", "park-split", "park-land", "park-notes", "park-drawer",
        "park-trend", "filter-chips", "status-line", "ignored-host", "facet-values",
    ),
}  # fmt: skip
SEARCHES = (
    "?district=510116", "?chain=IC", "?zone=SMKX,WLKJC&light=red", "?stage=building", "?kind=A", "?scope=shared", "?period=2026-06",
    "?view=board", "?view=ready", "?list=wait/filed_not_started&rank=name&row=26",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(atlas_settings: Settings) -> Iterator[Dash]:
    if is_server(atlas_settings.sqlalchemy_url):
        pytest.skip("a server has no file whose time tells that nothing was written: each request asks for the version")
    with application(atlas_settings) as made:
        yield made


@pytest.fixture
def fresh(app: Dash) -> Callable[[str], FlaskClient]:
    """A client in a role, of a server that has just been started."""

    def start(role: str) -> FlaskClient:
        from app import warm

        VALUES.forget()
        ANSWERS.forget()
        warm(app.server)
        while (
            file_mark(get_engine()) is None
        ):  # what was written a moment ago is looked at again: file times say no more
            time.sleep(0.05)
        client = app.server.test_client()
        client.set_cookie("atlas_role", role)
        return client

    return start


@pytest.fixture
def asked(app: Dash) -> Iterator[list[str]]:
    """The statements of the program so far."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    engine = get_engine()
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def open_page(app: Dash, client: FlaskClient, path: str, search: str = "") -> None:
    for address in (path + search, "/_dash-layout", "/_dash-dependencies"):
        assert client.get(address).status_code == 200, address
    assert send(client, posted(app, PAGE, [path, search], [])).status_code == 200


def filled_first(app: Dash, component: str) -> str:
    (name,) = (
        n for n in app.callback_map if n.strip(".").split("...")[0].rsplit(".", 1)[0] == component and "@" not in n
    )
    return name


def change_filter(app: Dash, client: FlaskClient, path: str, search: str) -> None:
    if path in ("/", "/park/SMKX"):
        assert client.get("/map/change", query_string={"path": path, "shown": "", "search": search}).status_code == 200
    known = {"url": search, "shown": search, "trend-mode": "ytd", "catalogue-span": "zone"}
    for component in FOLLOWS[path]:
        name = filled_first(app, component)
        parts = [d for part in ("inputs", "state") for d in app.callback_map[name][part]]
        values = [
            path if d["property"] == "pathname" else search if "follows" in d["id"] else known.get(d["id"])
            for d in parts
        ]
        answer = send(client, posted(app, name, values, []))
        assert answer.status_code == 200, (component, answer.data)


@pytest.mark.parametrize(
    ("path", "role"),
    [(path, role) for path in PAGES for role in ("leadership", "planner", "promoter") if (path, role) != SHUT],
)
def test_a_page_is_opened_with_few_statements(
    app: Dash, fresh: Callable[[str], FlaskClient], asked: list[str], path: str, role: str
) -> None:
    client = fresh(role)
    asked.clear()
    open_page(app, client, path)
    assert len(asked) <= MOST, "\n".join(asked)
    asked.clear()
    open_page(app, client, path)
    assert asked == [] or path == "/data"  # whose answers are nobody else's


@pytest.mark.parametrize("role", ["leadership", "planner", "promoter"])
@pytest.mark.parametrize("path", FOLLOWS)
def test_a_filter_change_takes_few_statements(
    app: Dash, fresh: Callable[[str], FlaskClient], asked: list[str], path: str, role: str
) -> None:
    client = fresh(role)
    open_page(app, client, path)
    for search in SEARCHES:
        asked.clear()
        change_filter(app, client, path, search)
        assert len(asked) <= MOST, "\n".join((search, *asked))
        asked.clear()
        change_filter(app, client, path, search)
        assert asked == []


def test_what_is_asked_per_zone_is_asked_once_for_all(
    app: Dash, fresh: Callable[[str], FlaskClient], asked: list[str]
) -> None:
    client = fresh("leadership")
    open_page(app, client, "/")
    asked.clear()
    change_filter(app, client, "/", "?chain=IC")
    assert [statement for statement in asked if asked.count(statement) > 1] == []
    assert not any("meta" in statement.split("FROM", 1)[-1].split("WHERE")[0] for statement in asked)
