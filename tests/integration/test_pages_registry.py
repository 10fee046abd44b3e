"""What is in the list of pages opens, is in the navigation, and has parts that answer; what is not in it is 404."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from domain.viewstate import PARAMS
from settings import Settings
from tests.support.callbacks import application, posted, send
from views.page import COMMON, Page
from views.pages import FRAME, PAGES, page_at

SHOW = "..page.children...page.data-version...page.data-reader...page.data-address...theme.forceColorScheme.."
PROJECT = "DP-CDKXC-0001"
ENDS = {"/park/<code>": "SMKX", "/project/<code>": PROJECT}
PARTS = [(page, part.id) for page in PAGES for part in page.parts]


@pytest.fixture(scope="module")
def app(atlas_settings: Settings) -> Iterator[Dash]:
    with application(atlas_settings) as made:
        yield made


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


def path_of(page: Page) -> str:
    return page.path.replace("<code>", ENDS.get(page.path, ""))


def shown(app: Dash, client: FlaskClient, path: str, search: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(send(client, posted(app, SHOW, [path, search], [])).data)["response"]
    return found


def inside(node: Any, **wanted: Any) -> list[dict[str, Any]]:
    """Properties of the components in a sent tree that have these values."""
    if isinstance(node, list):
        return [hit for item in node for hit in inside(item, **wanted)]
    if not isinstance(node, dict):
        return []
    props = node.get("props", {})
    own = [props] if all(props.get(name.rstrip("_")) == value for name, value in wanted.items()) else []
    return own + inside(props.get("children"), **wanted)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_opens_in_its_theme_with_a_place_for_each_part_and_its_address(
    app: Dash, client: FlaskClient, page: Page
) -> None:
    answer = shown(app, client, path_of(page), "?light=red")
    assert answer["theme"] == {"forceColorScheme": "dark" if page.path == "/" else "light"}
    assert answer["page"]["data-address"] == f"{path_of(page)}?light=red"
    for part in page.parts:
        (place,) = inside(answer["page"]["children"], id=part.id)
        assert "children" in place
    assert page_at(path_of(page)) == (page, ENDS.get(page.path, ""))
    assert client.get(path_of(page)).status_code == 200


def test_the_navigation_is_the_pages_with_a_title_in_their_order_and_marks_the_one_on_screen(
    app: Dash, client: FlaskClient
) -> None:
    for page in PAGES:
        (nav,) = inside(shown(app, client, path_of(page))["page"]["children"], className="nav")
        links = [item["props"] for item in nav["children"]]
        assert [(link["href"], link["children"]) for link in links] == [
            ("/", "总览"), ("/projects", "项目"), ("/chains", "产业链"), ("/ledger", "账本"), ("/per-mu", "亩均"),
            ("/data", "数据"),
        ]  # fmt: skip
        assert [(p.path, p.title) for p in PAGES if p.title] == [(link["href"], link["children"]) for link in links]
        here = {"/park/<code>": [], "/project/<code>": ["/projects"]}.get(page.path, [page.path])
        assert [link["href"] for link in links if "is-here" in link["className"]] == here


def callback_of(app: Dash, part: str) -> str:
    name = f"{part}.children"
    (found,) = [n for n in app.callback_map if n == name or (n.startswith("..") and name in n.strip(".").split("..."))]
    return found


@pytest.mark.parametrize(("page", "part"), PARTS, ids=[part for _page, part in PARTS])
def test_the_callback_of_a_part_answers_on_its_page_and_not_on_another(
    app: Dash, client: FlaskClient, page: Page, part: str
) -> None:
    callback = callback_of(app, part)
    answer = send(client, posted(app, callback, ["?light=red", path_of(page)], []))
    assert answer.status_code == 200
    assert list(json.loads(answer.data)["response"][part]) == ["children"]
    elsewhere = "/data" if page.path == "/" else "/"
    assert send(client, posted(app, callback, ["?light=red", elsewhere], [])).status_code == 204


def test_parts_of_the_frame_answer_on_every_page(app: Dash, client: FlaskClient) -> None:
    assert [part.id for part in FRAME] == ["filter-chips", "status-line", "context-panel", "ignored-host"]
    # A page without one of them would not get the others: only those of the header, which a page has whole, come together.
    together: dict[str, list[str]] = {}
    for part in FRAME:
        together.setdefault(callback_of(app, part.id), []).append(part.id)
    assert list(together.values()) == [["filter-chips"], ["status-line", "context-panel"], ["ignored-host"]]
    for path in ("/", "/ledger", "/park/SMKX", "/nowhere"):
        for callback, names in together.items():
            answer = json.loads(send(client, posted(app, callback, ["?light=red&x=1", path], [])).data)["response"]
            assert list(answer) == names
        assert "x=1" in inside(answer["ignored-host"]["children"], id="ignored")[0]["children"][1]


def test_a_part_follows_parameters_of_the_address_and_has_a_store_for_them(app: Dash, client: FlaskClient) -> None:
    layout = client.get("/_dash-layout").get_data(as_text=True)
    for part in (*FRAME, *(part for page in PAGES for part in page.parts)):
        assert {name.partition("=")[0] for name in part.follows} <= set(PARAMS)
        (trigger,) = app.callback_map[callback_of(app, part.id)]["inputs"]
        key = ",".join(sorted(part.follows | COMMON if part.follows else part.follows))
        assert json.loads(trigger["id"]) == {"follows": key}
        assert f'"id":{{"follows":"{key}"}}' in layout


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nowhere", ["没有这个页面", "地址“/nowhere”不存在"]),
        ("/park/NOPE", ["找不到这个园区", "没有代码为“NOPE”的园区。当前方案有:"]),
        ("/park/", ["没有这个页面", "地址“/park/”不存在"]),
        ("/park/SMKX/more", ["没有这个页面", "地址“/park/SMKX/more”不存在"]),
        ("/project/NOPE", ["没有这个项目,或当前角色不能看", "也可能在所选期间或数据集里没有它"]),
    ],
)
def test_what_there_is_not_is_404_and_says_what_is_missing(
    app: Dash, client: FlaskClient, path: str, words: list[str]
) -> None:
    assert client.get(path).status_code == 404
    (error,) = inside(shown(app, client, path)["page"]["children"], className="error-page")
    title, text = (part["props"]["children"] for part in error["children"][:2])
    assert (title, text[: len(words[1])]) == (words[0], words[1])


def test_a_project_is_there_for_who_may_see_it_in_the_data_set_and_month_of_the_address(client: FlaskClient) -> None:
    path = f"/project/{PROJECT}"
    assert client.get(path).status_code == 200
    assert client.get(f"{path}?data=published").status_code == 404
    client.set_cookie("atlas_role", "prospect")
    assert client.get(path).status_code == client.get("/project/NOPE").status_code == 404
    client.delete_cookie("atlas_role")
