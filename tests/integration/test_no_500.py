"""Nothing that is sent makes the program answer 500: every callback and every route, with odd, empty and forged values."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from callbacks.answers import ANSWERS
from callbacks.import_job import Job
from settings import Settings
from tests.support.callbacks import UPDATE, application, arguments, posted, send, served

FINE = (200, 204, 400)
WORDS = (
    "", "?", "?zone=SMKX&light=red", "?data=published", "?data=own&period=1999-99", "?explain=K01", "?explain=K99@XX",
    "?kpi=K05&scope=dual", "?scheme=wenjiang", "?sel=project:nothing", "?sel=zone:SMKX&map=999,99,22", "?year=2099&restate=1",
    "/", "/park/SMKX", "/park/WJ-AXIS1", "/park/%E0%A4%A", "/project/nothing", "/project/", "/ledger", "SMKX", "K01", "K01@SMKX",
    "chain", "IC", "all", "zones", "with_", "__class__", "chain=IC", "selection=x", "=", "act", "click", "select", "camera",
    "contextmenu", "moveend", "project-symbol", "leadership", "director", "en", "leadership/zh", "undo", "projects", "parcels",
    "2026-09", "percent", "monthly", "desc", "investment", "look/done", "0" * 32, "🏭", "'; DROP TABLE project; --", "%_\\", "a" * 300,
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**53, 1e308, 0.5, -0.0, "", " ", "?data=own", "🏭", "a" * 3000, [], [None], [[]], {}, {"": None},
    {"type": None}, {"job": []}, {"offset": -1}, {"startRow": "0", "endRow": {}}, ["chain", ["IC"]], {"query": 1, "mode": None},
    {"type": "contextmenu", "lngLat": ["a", None]}, {"type": "contextmenu", "lngLat": [1e9, -1e9], "camera": {"center": []}},
    {"type": "act", "act": "drop", "arg": "with_=1"}, {"type": "click", "features": 7}, {"type": "click", "features": [{"layer": 1}]},
    {"act": "undo"}, {"act": "undo", "batch": "x"}, {"act": []},
)  # fmt: skip


@pytest.fixture(scope="module")
def app(atlas_settings: Settings) -> Iterator[Dash]:
    """The whole application on the filled database."""
    with application(atlas_settings) as made, pytest.MonkeyPatch.context() as patch:
        # Forged imports are begun by the thousand: their processes would only find that there is no file.
        patch.setattr(Job, "start", lambda *_args: None)
        yield made


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


def test_every_callback_takes_odd_values_of_any_type(app: Dash, client: FlaskClient) -> None:
    for callback in served(app):
        many = len(arguments(app, callback))
        for odd in ODD:
            for place in range(many):
                values = [odd if n == place else None for n in range(many)]
                answer = send(client, posted(app, callback, values, ["chain", "nonsense"]))
                assert answer.status_code in FINE, (callback, place, odd)


def test_every_callback_takes_what_nothing_changed(app: Dash, client: FlaskClient) -> None:
    for callback in served(app):
        for words in ([], ["chain"], ["nonsense"]):
            body = posted(app, callback, [None] * len(arguments(app, callback)), words, changed=[])
            assert send(client, body).status_code in FINE, (callback, words)


def test_controls_and_clicks_write_the_address_in_the_order_in_which_they_were_made(
    app: Dash, client: FlaskClient
) -> None:
    def asked(said: list[Any], search: str, path: str = "/") -> tuple[Any, Any]:
        body = posted(app, "..url.search...url.pathname...heard.data..", [{"n": 7, "said": said}, search, path], [])
        answer = send(client, body).get_json()["response"]
        assert answer.pop("heard") == {"data": 7}
        url = answer.get("url", {})
        return url.get("search"), url.get("pathname")

    red: dict[str, Any] = {"type": "set", "name": "lights", "value": ["red"]}
    assert asked([red], "") == ("?light=red", None)
    assert asked([red], "?light=red") == (None, None)
    for unknown in ({**red, "name": "with_"}, {**red, "value": "red"}, {"type": "set"}, {"type": "nonsense"}):
        assert asked([unknown], "") == (None, None)

    own = {"type": "act", "act": "dataset", "arg": "own"}
    yellow, building = (
        {"type": "act", "act": act, "arg": arg} for act, arg in (("light", "yellow"), ("stage", "building"))
    )
    assert asked([red, yellow, building, own], "") == ("?data=own&stage=building&light=red,yellow", None)
    assert asked([building, building], "") == (None, None)
    assert asked([{"type": "select", "selection": "chain:IC"}, red], "?sel=zone:SMKX") == (
        "?chain=IC&light=red",
        "/chains",
    )


def test_forged_values_of_the_right_types_are_answered(app: Dash, client: FlaskClient) -> None:
    text = st.one_of(st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
    st.register_type_strategy(str, text)
    names = st.lists(
        st.sampled_from(("chain", "zones", "scope", "restate", "window", "kpi", "nonsense", "IC", "with_")), max_size=3
    )

    @given(st.data())
    @hypothesis_settings(max_examples=800, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def run(data: st.DataObject) -> None:
        callback = data.draw(st.sampled_from(served(app)))
        values = [data.draw(st.from_type(a) | st.sampled_from(WORDS) | st.none()) for a in arguments(app, callback)]
        body = posted(app, callback, values, data.draw(names))
        assert send(client, body).status_code in FINE, body

    try:
        run()
    finally:
        st.register_type_strategy(str, st.text())


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"null", b"[]", b"7", b'"text"', b"{", b"{}", b"\xff\xfe", b'{"output": null}', b'{"output": ["url.search"]}',
        b'{"output": "nothing.here"}', b'{"output": "url.search"}', b'{"output": "shown.data"}',
        b"[" * 100_000, b'{"a":' * 100_000, b"[" * 900 + b"]" * 900, b'{"output": "\\ud800"}', b'{"output": "\\u0000"}',
        b'{"output": "left.children", "outputs": {"id": "left", "property": "children"}, "inputs": NaN}',
        b'{"output": "left.children", "outputs": {"id": "left", "property": "children"}, "inputs": [{"id": "shown", "property": "data", '
        b'"value": ' + b"9" * 4000 + b"}]}",
    ],
)  # fmt: skip
def test_a_body_that_no_page_posts_is_refused(client: FlaskClient, sent: bytes) -> None:
    assert client.post(UPDATE, data=sent, content_type="application/json").status_code == 400


def test_a_body_that_is_no_json_is_refused(client: FlaskClient) -> None:
    assert client.post(UPDATE, data="output=url.search").status_code == 415
    assert client.post(UPDATE, data=b"x" * (3 << 20), content_type="application/json").status_code == 413


@pytest.mark.parametrize(
    "change",
    [
        {"outputs": None}, {"outputs": []}, {"outputs": {"id": "right", "property": "children"}}, {"outputs": {"id": {"a": 1}}},
        {"inputs": None}, {"inputs": []}, {"inputs": {}}, {"inputs": [None]}, {"inputs": [{"id": "shown"}]},
        {"inputs": [{"id": "url", "property": "search", "value": ""}]}, {"inputs": [{"id": "shown", "property": "data", "value": ["x"]}]},
        {"inputs": [[{"id": "shown", "property": "data", "value": ""}]]}, {"state": {}}, {"state": [{"id": "url", "property": "search"}]},
        {"changedPropIds": None}, {"changedPropIds": {}}, {"changedPropIds": [None]}, {"changedPropIds": [["shown.data"]]},
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_its_callback_is_refused(
    app: Dash, client: FlaskClient, change: dict[str, Any]
) -> None:
    body = posted(app, "left.children", ["", "/"], [])
    assert send(client, body).status_code == 200
    assert send(client, body | change).status_code == 400


def test_a_fault_of_our_own_is_still_500_and_logged(
    app: Dash, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise KeyError("a mistake in a callback")

    monkeypatch.setitem(app.callback_map["left.children"], "callback", broken)
    ANSWERS.forget()
    with caplog.at_level(logging.ERROR):
        assert send(client, posted(app, "left.children", ["", "/"], [])).status_code == 500
    assert "a mistake in a callback" in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/assets/nothing.js", "/assets/", "/assets/%2e%2e/app.py", "/assets/..%2f..%2fapp.py", "/assets/a\nb", "/static/nothing",
        "/_dash-component-suites/nothing/at/all.js", "/_dash-component-suites/dash/nothing.js",
        "/_dash-component-suites/dash/../../app.py", "/_dash-component-suites/dash/dcc/%2e%2e/%2e%2e/dash.py",
        "/_dash-component-suites/os/path.py", "/_dash-component-suites/dash/deps/.v1m2.js", "/vendor/maplibre/nothing.js",
        "/data/report/nothing.xlsx", "/data/preview/..%2f.json", "/data/template/nothing.xlsx",
    ],
)  # fmt: skip
def test_a_file_that_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


PLACES = (
    "0",
    "-1",
    "9" * 30,
    "%ff%fe",
    "🏭",
    "%00",
    "a" * 3000,
    "..",
    "SMKX",
    "'",
    "%25",
    "K01",
    "IC",
    "projects",
    "null",
)


def test_no_address_with_odd_parts_is_500(app: Dash, client: FlaskClient) -> None:
    for rule in app.server.url_map.iter_rules():
        for odd in PLACES:
            path = "/".join(
                odd if part.startswith("<") and not part.startswith("<int") else
                part.replace("<int:version>", odd).replace("<int:z>", odd).replace("<int:x>", odd).replace("<int:y>", odd)
                for part in rule.rule.replace("<archive>", "land-demo").split("/")
            )  # fmt: skip
            for asked in (
                path,
                f"{path}?{odd}={odd}&search={odd}&shown={odd}&path={odd}&page={odd}&limit={odd}&format={odd}",
            ):
                for method in ("GET", "POST", "PUT"):
                    status = client.open(asked, method=method).status_code
                    assert status < 500 or (rule.rule, status) == ("/healthz", 503), (method, asked, status)
