"""An answer is worked out once for all who would get the same, and never given to anybody else (callbacks/answers.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from dash import Dash
from dash.dependencies import Output
from flask import Response
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from callbacks import answers
from callbacks.answers import ANSWERS, MB, TURN, answer, is_alike, is_long
from data import models as m
from data.db import engine_for, get_engine, write_session
from data.kept import Kept
from data.store import bump_version
from settings import get_settings
from tests.support.callbacks import posted, send
from tests.support.databases import database_copy

LEFT = "left.children"
RIGHT = "right.children"


@pytest.fixture(scope="module")
def app(filled_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    """The whole application on a database of its own."""
    folder = tmp_path_factory.mktemp("answers")
    with database_copy(filled_url, folder) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_VAR_DIR", str(folder))
        patch.setenv("ATLAS_DATABASE_URL", url)
        get_settings.cache_clear()
        from app import create_app

        yield create_app()
        get_engine().dispose()
        engine_for.cache_clear()
    get_settings.cache_clear()


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Nothing is kept when a test begins."""
    ANSWERS.forget()


def client(app: Dash, role: str = "leadership", language: str = "zh") -> FlaskClient:
    made = app.server.test_client()
    made.dash = app  # type: ignore[attr-defined]
    made.set_cookie("atlas_role", role)
    made.set_cookie("atlas_lang", language)
    return made


def ask(asking: FlaskClient, callback: str = LEFT, search: str = "") -> TestResponse:
    """What the wall asks for when its address is another one."""
    return send(asking, posted(asking.dash, callback, [search, "/"], []))  # type: ignore[attr-defined]


@pytest.fixture
def worked_out(app: Dash, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by the name of a callback when that runs."""
    runs: list[str] = []

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            runs.append(name)
            return function(*args, **named)

        return run

    for name in (LEFT, RIGHT):
        monkeypatch.setitem(app.callback_map[name], "callback", counted(name, app.callback_map[name]["callback"]))
    return runs


def test_what_is_asked_alike_is_worked_out_once(app: Dash, worked_out: list[str]) -> None:
    first, second = ask(client(app)), ask(client(app))
    assert worked_out == [LEFT]
    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    assert {n: v for n, v in first.headers if n != "Server-Timing"} == dict(second.headers)


def test_another_state_is_another_answer(app: Dash, worked_out: list[str]) -> None:
    assert ask(client(app), search="").data != ask(client(app), search="?zone=SMKX").data
    assert worked_out == [LEFT, LEFT]


def test_viewers_of_other_rights_never_share(app: Dash, worked_out: list[str]) -> None:
    roles = ("leadership", "planner", "promoter", "prospect")
    alone = {}
    for role in roles:
        ANSWERS.forget()
        alone[role] = ask(client(app, role), RIGHT, "?zone=SMKX").data
    assert len(set(alone.values())) > 1  # rights show in this part
    ANSWERS.forget()
    worked_out.clear()
    for role in (*roles, *reversed(roles)):
        assert ask(client(app, role), RIGHT, "?zone=SMKX").data == alone[role]
    assert worked_out == [RIGHT] * len(roles)


def test_languages_do_not_share(app: Dash) -> None:
    chinese, english = (ask(client(app, language=one)).get_data(as_text=True) for one in ("zh", "en"))
    assert chinese != english
    assert ask(client(app, language="en")).get_data(as_text=True) == english


def test_encodings_do_not_share(app: Dash) -> None:
    asking = client(app)
    plain = ask(asking)
    asking.environ_base["HTTP_ACCEPT_ENCODING"] = "gzip"
    packed = ask(asking)
    assert (plain.headers.get("Content-Encoding"), packed.headers.get("Content-Encoding")) == (None, "gzip")
    assert len(packed.data) < len(plain.data)


def test_a_new_data_version_is_answered_anew(app: Dash, worked_out: list[str]) -> None:
    before = ask(client(app)).get_json()
    with write_session() as session:
        session.execute(update(m.Zone).where(m.Zone.code == "SMKX").values(short_zh="生物城改名"))
        bump_version(session)
    after = ask(client(app)).get_json()
    assert worked_out == [LEFT, LEFT]
    assert before.keys() == after.keys()
    assert ask(client(app)).get_json() == after
    assert worked_out == [LEFT, LEFT]


def test_the_map_s_changes_are_shared_and_follow_the_rights(app: Dash) -> None:
    address = "/map/change?shown=&search=%3Flight%3Dred&path=/"
    size = ANSWERS.size
    first = client(app).get(address)
    grown = ANSWERS.size
    assert size == 0 < grown
    assert client(app).get(address).data == first.data
    assert ANSWERS.size == grown
    client(app, "prospect").get(address)
    assert ANSWERS.size > grown


def test_threads_that_ask_at_once_share_one_answer(
    app: Dash, worked_out: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, inner = Barrier(8), app.callback_map[LEFT]["callback"]

    @wraps(inner)
    def slow(*args: Any, **named: Any) -> Any:
        Event().wait(0.2)  # the others have the time to come
        return inner(*args, **named)

    monkeypatch.setitem(app.callback_map[LEFT], "callback", slow)

    def one(_n: int) -> bytes:
        asking = client(app)
        ready.wait(20)
        return ask(asking).data

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(8)))
    assert worked_out == [LEFT]
    assert len(set(found)) == 1


def test_one_answer_is_worked_out_at_a_time_and_what_is_kept_waits_for_nobody(app: Dash) -> None:
    kept = ask(client(app)).data
    asked, done = Event(), Event()
    answers: list[int] = []

    def other() -> None:
        asked.set()
        answers.append(ask(client(app), search="?light=red").status_code)
        done.set()

    with TURN:
        waiting = Thread(target=other)
        waiting.start()
        assert asked.wait(20)
        assert ask(client(app)).data == kept
        assert not done.wait(0.3)
        assert client(app).get("/assets/app.css").status_code == 200
        assert client(app).get("/healthz").status_code in (200, 503)
    waiting.join(20)
    assert answers == [200]


def test_what_is_kept_stays_within_its_bytes(app: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ANSWERS.most == 8 * MB
    asking = client(app)
    each = len(ask(asking).data)
    assert each < ANSWERS.size < each + 1000
    small: Kept[Any] = Kept(5 * each, answers._size)
    monkeypatch.setattr(answers, "ANSWERS", small)
    for number in range(1, 12):
        assert ask(asking, search=f"?map=104.{number:03},30.5,11").status_code == 200
        assert 0 < small.size <= small.most


def test_an_error_and_an_answer_of_nothing_are_not_kept(app: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise KeyError("a mistake in a callback")

    with monkeypatch.context() as patch, suppress(KeyError):
        patch.setitem(app.callback_map[LEFT], "callback", broken)
        assert ask(client(app)).status_code == 500
    assert ANSWERS.size == 0
    assert ask(client(app)).status_code == 200
    ANSWERS.forget()
    left = posted(app, RIGHT, ["?light=red", "/ledger"], [])  # the page was left meanwhile
    nothing = send(client(app), left)
    assert (nothing.status_code, ANSWERS.size) == (204, 0)


def test_a_switch_that_sets_a_cookie_is_never_kept(app: Dash) -> None:
    choose = app.callback_map["turned.data"]["callback"].__wrapped__
    assert not is_alike(choose, [{"choice": "planner"}])
    pages = [client(app).get("/") for _ in range(2)]
    assert all("Set-Cookie" in page.headers for page in pages)  # each reader's own choice is renewed
    assert pages[0].data != pages[1].data  # and Dash signs each anew


def test_an_answer_that_sets_a_cookie_is_not_kept_though_it_is_asked_for_as_alike(app: Dash) -> None:
    built: list[int] = []

    def build() -> Response:
        built.append(1)
        response = Response("chosen")
        response.set_cookie("atlas_role", "leadership")
        return response

    with app.server.test_request_context("/"):
        for _ in range(2):
            assert "Set-Cookie" in answer("cookie", build).headers
    assert (len(built), ANSWERS.size) == (2, 0)


#: What is kept, by its first output. Whatever is not named here is worked out for everybody who asks.
SHARED = {
    "cards", "catalogue-rows", "chain-picker", "data-files", "explain-drawer", "facet-values", "filter-chips", "ignored-host",
    "ledger-accounts", "ledger-audit", "ledger-exceptions", "ledger-records", "ledger-scores", "left", "map-patch", "navigation",
    "mu-chain", "mu-classes", "mu-idle", "mu-unfollowed", "mu-year", "page", "park-drawer", "park-export", "park-head",
    "park-land", "park-leave", "park-notes", "park-split", "park-switcher", "park-table", "park-tiles", "park-trend",
    "project-body", "project-table", "projects-answer", "projects-checks", "projects-cohorts", "projects-export",
    "projects-lights", "projects-view", "projects-waiting", "right", "status-line", "table-host",
}  # fmt: skip


def test_intents_imports_and_exports_are_not_marked(app: Dash) -> None:
    served = {name: c["callback"].__wrapped__ for name, c in app.callback_map.items() if "callback" in c}

    def first(name: str) -> str:
        outputs = app.callback_map[name]["output"]
        return str((outputs if isinstance(outputs, Output) else outputs[0]).component_id_str())

    assert {first(name) for name, function in served.items() if is_alike(function, ["/", ""])} == SHARED
    assert {first(name) for name, function in served.items() if is_long(function)} == {"catalogue-file", "explain-file"}


def test_the_data_page_is_worked_out_for_everybody(app: Dash) -> None:
    show = next(c["callback"].__wrapped__ for n, c in app.callback_map.items() if n.startswith("..page.children"))
    assert is_alike(show, ["/ledger", ""])
    assert not is_alike(show, ["/data", ""])
    assert not is_alike(show, ["/data/", ""])


def test_files_are_compressed_once_and_last_where_their_address_names_them(app: Dash) -> None:
    asking = client(app)
    page = asking.get("/").get_data(as_text=True)
    addresses = [part.split('"')[0] for part in page.replace("href=", "src=").split('src="')[1:]]
    files = [one for one in addresses if one.startswith(("/assets/", "/vendor/", "/_dash-component-suites/"))]
    assert len(files) > 20
    asking.environ_base["HTTP_ACCEPT_ENCODING"] = "gzip"
    for address in files:
        got = asking.get(address)
        assert (got.status_code, got.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable"), address
        assert "Content-Encoding" in got.headers or len(got.data) < 500, address
    bare = asking.get("/assets/map.js")
    assert bare.headers["Cache-Control"] == "no-cache"
    assert asking.get("/assets/map.js?m=1").headers["Cache-Control"] == "no-cache"
    again = asking.get("/assets/map.js", headers={"If-None-Match": bare.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert asking.get("/assets/nothing.js").status_code == 404
