"""Which requests are answered, as whom: Host, Origin and Sec-Fetch-Site, and the role of a request that names none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy import delete, insert

from data.db import write_session
from data.kept import VALUES
from data.models import ImportBatch
from settings import Settings, get_settings
from tests.support.filled import filled_file

EVERYWHERE = (
    "/", "/park/SMKX", "/nothing", "/healthz", "/now", "/api/v1/summary", "/api/nothing", "/assets/map.js", "/_dash-layout",
    "/_dash-dependencies", "/_reload-hash", "/vendor/maplibre/maplibre-gl.js", "/map/change", "/data/template/projects.xlsx",
    "/tiles/1/base/8/201/104.mvt", "/_dash-component-suites/dash/deps/react.js",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(atlas_settings: Settings, settings_for, small_scale, tmp_path_factory) -> Iterator[FlaskClient]:
    """A client of the whole program, bound to 127.0.0.1:8050, on a database of its own."""
    own = settings_for(tmp_path_factory.mktemp("door") / "var")
    filled_file(atlas_settings, own, small_scale)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_VAR_DIR", str(own.var_dir))
        patch.setenv("ATLAS_DATABASE_URL", "")
        patch.delenv("ATLAS_ROLE", raising=False)
        get_settings.cache_clear()
        from app import create_app

        made = create_app().server.test_client(use_cookies=False)
        made.environ_base |= {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8050", "HTTP_HOST": "127.0.0.1:8050"}
        yield made
    get_settings.cache_clear()


def ask(client: FlaskClient, path: str = "/api/v1/summary", **headers: str | None) -> int:
    environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    environ["HTTP_HOST"] = environ.get("HTTP_HOST", "127.0.0.1:8050")
    return client.get(path, environ_overrides={"SERVER_PORT": "8050"} | environ).status_code


@pytest.mark.parametrize("path", EVERYWHERE)
def test_no_route_answers_a_foreign_name(client: FlaskClient, path: str) -> None:
    assert ask(client, path) in (200, 204, 403, 404, 503)  # no tiles were built here
    assert ask(client, path, host="evil.example:8050") == 403
    assert ask(client, path, origin="http://evil.example") == 403
    assert ask(client, path, sec_fetch_site="cross-site") == 403


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8050", "127.0.0.1", "127.0.0.1:8051", "localhost", "127.0.0.1.evil.example:8050",
        "localhost.evil.example:8050", "evil.example@127.0.0.1:8050", "127.0.0.1:8050@evil.example", "127.0.0.1:8050,evil.example",
        "127.0.0.1:8050/x", "192.0.2.1:8050", "0.0.0.0:8050", "[::]:8050", "[::1", "127.0.0.1:8050 ", "127.0.0.1:0x1f72", "localhost.:8050",
        "１２７.0.0.1:8050", "127.0.0.1:８０５０",
    ],
)  # fmt: skip
def test_only_this_machine_at_our_port_is_our_name(client: FlaskClient, host: str) -> None:
    assert ask(client, host=host) == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "LOCALHOST:8050", "[::1]:8050"])
def test_every_name_of_this_machine_is(client: FlaskClient, host: str) -> None:
    assert ask(client, host=host) == 200
    assert ask(client, host=host, origin=f"http://{host.lower()}", sec_fetch_site="same-origin") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null"}, {"origin": ""}, {"origin": "http://127.0.0.1:8051"}, {"origin": "https://127.0.0.1:8050"},
        {"origin": "http://localhost:8050"}, {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"},
        {"sec_fetch_site": "same-site"}, {"sec_fetch_site": "anything"}, {"origin": "http://127.0.0.1:8050", "sec_fetch_site": "same-site"},
    ],
)  # fmt: skip
def test_another_origin_is_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    assert ask(client, **headers) == 403


def test_what_a_reader_opens_is_not(client: FlaskClient) -> None:
    assert ask(client, sec_fetch_site="none", sec_fetch_mode="navigate") == 200
    assert ask(client, sec_fetch_site="same-origin") == 200


def role(client: FlaskClient, cookie: str | None = None) -> str:
    headers = {"Cookie": f"atlas_role={cookie}"} if cookie is not None else {}
    answer = client.get(
        "/api/v1/summary", headers=headers, environ_overrides={"HTTP_HOST": "127.0.0.1:8050", "SERVER_PORT": "8050"}
    )
    return str(answer.get_json()["meta"]["role"])


def test_a_request_without_a_role_leads_in_demo_mode_only(client: FlaskClient) -> None:
    assert role(client) == "leadership"
    batch = {
        "created_at": "2026-09-01T00:00:00Z", "role": "leadership", "file_name": "a.csv", "sha256": "0" * 64, "table_id": "projects",
        "mapping": {}, "counts": {}, "state": "committed", "data_version": 1,
    }  # fmt: skip
    with write_session() as session:
        session.execute(insert(ImportBatch), [batch])
    VALUES.forget()  # an import raises the version of the data; this row alone does not
    try:
        assert role(client) == "prospect"
        assert role(client, "leadership") == "leadership"
    finally:
        with write_session() as session:
            session.execute(delete(ImportBatch))
        VALUES.forget()
    assert role(client) == "leadership"


@pytest.mark.parametrize("setting", ["leadership", "planner", "promoter", "prospect"])
def test_the_setting_says_whose_view_it_is(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setattr(get_settings(), "role", setting)
    assert role(client) == setting
    assert role(client, "planner") == "planner"


@pytest.mark.parametrize("unknown", ["", "director", "LEADERSHIP", "0"])
def test_an_unknown_role_is_the_least(client: FlaskClient, unknown: str) -> None:
    assert role(client, unknown) == "prospect"


def test_an_unknown_role_in_the_setting_stops_the_start() -> None:
    with pytest.raises(ValidationError):
        Settings(role="director")


def test_pages_are_kept_by_no_cache_and_renew_what_was_chosen(client: FlaskClient) -> None:
    answer = client.get(
        "/projects",
        headers={"Cookie": "atlas_role=prospect; atlas_lang=en"},
        environ_overrides={"HTTP_HOST": "127.0.0.1:8050", "SERVER_PORT": "8050"},
    )
    assert answer.headers["Cache-Control"] == "private, no-store"
    kept = {c.partition(";")[0]: c for c in answer.headers.getlist("Set-Cookie")}
    assert kept.keys() == {"atlas_role=prospect", "atlas_lang=en"}
    assert all("Max-Age=34560000" in c and "HttpOnly" in c and "SameSite=Lax" in c for c in kept.values())


def test_a_reader_who_chose_nothing_is_given_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/projects", environ_overrides={"HTTP_HOST": "127.0.0.1:8050", "SERVER_PORT": "8050"})
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["atlas_role", "atlas_lang"])
def test_a_cookie_that_is_no_choice_of_ours_is_not_kept(client: FlaskClient, cookie: str) -> None:
    answer = client.get(
        "/projects",
        headers={"Cookie": f"{cookie}=emperor"},
        environ_overrides={"HTTP_HOST": "127.0.0.1:8050", "SERVER_PORT": "8050"},
    )
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/summary", "/_dash-layout", "/now"])
def test_an_answer_that_is_no_page_may_load_nothing(client: FlaskClient, path: str) -> None:
    def policy(path: str) -> str:
        overrides = {"SERVER_PORT": "8050", "HTTP_HOST": "127.0.0.1:8050"}
        return client.get(path, environ_overrides=overrides).headers["Content-Security-Policy"]

    assert policy(path) == "default-src 'none'"
    assert policy("/").startswith("default-src 'self'; script-src 'self'")
