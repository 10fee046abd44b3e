"""A request understands its state once: scheme, periods, zones and filter are worked out one time for each state."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from callbacks.answers import ANSWERS
from data.db import read_session
from data.queries.catalogue import Catalogue
from data.queries.question import Question, read_state
from domain import filters
from domain.viewer import Role, Viewer
from domain.viewstate import ViewState
from settings import Settings
from tests.support.callbacks import application, posted, send
from views.pages import PAGES

PLAIN, FILTERED = "", "?chain=IC&light=red"
PROJECT = "/project/DP-CDKXC-0001"
PAGE = "..page.children...page.data-version...page.data-reader...page.data-address...theme.forceColorScheme.."


@pytest.fixture(scope="module")
def app(atlas_settings: Settings) -> Iterator[Dash]:
    with application(atlas_settings) as made:
        yield made


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


@dataclass
class Asked:
    """How often what each state means was worked out since it was last looked at."""

    resolved: Counter[ViewState] = field(default_factory=Counter)
    filtered: Counter[ViewState] = field(default_factory=Counter)

    def take(self) -> tuple[dict[ViewState, int], dict[ViewState, int]]:
        found = dict(self.resolved), dict(self.filtered)
        self.resolved.clear()
        self.filtered.clear()
        return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Counts the real functions, under whatever name a module has imported them; no answer is there yet."""
    ANSWERS.forget()
    seen, resolve, filter_of = Asked(), Catalogue.resolve, filters.filter_of

    def counted_resolve(self: Catalogue, state: ViewState) -> Any:
        seen.resolved[state] += 1
        return resolve(self, state)

    def counted_filter(state: ViewState, *rest: Any) -> Any:
        seen.filtered[state] += 1
        return filter_of(state, *rest)

    monkeypatch.setattr(Catalogue, "resolve", counted_resolve)
    for module in list(sys.modules.values()):
        if getattr(module, "filter_of", None) is filter_of:
            monkeypatch.setattr(module, "filter_of", counted_filter)
    return seen


def meant(search: str) -> ViewState:
    with read_session() as session:
        return read_state(session, search)[0]


#: How many states a page asks about: its own; with it the park's (its zone, its map and that with the park framed, and the
#: park without the filter), the wall's or a desk page's without filter, a chain page's without its chain. Where the filter
#: leaves no project, the wall's right column asks what dropping each of its two facets would bring back.
@pytest.mark.parametrize(
    ("path", "plain", "filtered"),
    [
        ("/", 1, 4), ("/park/SMKX", 3, 4), ("/chains", 1, 3), ("/ledger", 1, 2), ("/per-mu", 1, 2), ("/projects", 1, 1),
        (PROJECT, 1, 1), ("/data", 1, 1),
    ],
)  # fmt: skip
def test_opening_a_page_works_out_each_state_once(
    app: Dash, client: FlaskClient, asked: Asked, path: str, plain: int, filtered: int
) -> None:
    for search, states in ((PLAIN, plain), (FILTERED, filtered)):
        own = meant(search)
        assert send(client, posted(app, PAGE, [path, search], [])).status_code == 200
        resolved, selected = asked.take()
        assert resolved == selected
        assert resolved[own] == 1
        assert (set(resolved.values()), len(resolved)) == ({1}, states)


@pytest.mark.parametrize(
    ("callback", "states"),
    [
        ("left.children", 1), ("right.children", 3), ("filter-chips.children", 1), ("..status-line.children", 2),
        ("ignored-host.children", 1), ("cards.children", 1),
        ("..map-patch.data", 1),
        ("table-host.children", 1),
        ("..chain-picker.children", 1), ("..mu-classes.children", 1), ("mu-chain.children", 2), ("mu-idle.children", 1),
        ("ledger-accounts.children", 1), ("ledger-audit.children", 1), ("ledger-exceptions.children", 2),
        ("ledger-scores.children", 2), ("ledger-records.children", 1), ("projects-view.children", 1),
        ("projects-lights.children", 1), ("projects-answer.children", 1), ("projects-checks.children", 1),
        ("projects-export.children", 1), ("projects-waiting.children", 1), ("projects-cohorts.children", 1),
        ("..park-export.children", 3), ("..park-head.children", 3), ("park-split.children", 2),
        ("park-drawer.children", 2), ("park-trend.children", 2), ("project-body.children", 1),
    ],
)  # fmt: skip
def test_a_filter_change_works_out_each_state_once_in_every_part(
    app: Dash, client: FlaskClient, asked: Asked, callback: str, states: int
) -> None:
    paths = {part.id: page.path.replace("<code>", PROJECT[9:]) for page in PAGES for part in page.parts}
    (name,) = [n for n in app.callback_map if n == callback or (callback[:2] == ".." and n.startswith(callback))]
    path = "/park/SMKX" if "park-" in callback else paths.get(callback.strip(".").partition(".")[0], "/")
    known = {"url": FILTERED, "shown": FILTERED, "trend-mode": "ytd"}
    parts = [d for part in ("inputs", "state") for d in app.callback_map[name][part]]
    values = [
        path if d["property"] == "pathname" else FILTERED if "follows" in d["id"] else known.get(d["id"]) for d in parts
    ]
    answer = send(client, posted(app, name, values, []))
    assert answer.status_code == 200, answer.data
    resolved, selected = asked.take()
    own = meant(FILTERED)
    assert resolved == selected
    assert resolved[own] == 1
    assert (set(resolved.values()), len(resolved)) == ({1}, states)


def test_the_map_works_out_the_old_state_and_the_new(client: FlaskClient, asked: Asked) -> None:
    assert client.get("/map/change", query_string={"path": "/", "shown": "", "search": FILTERED}).status_code == 200
    assert asked.take()[0] == {meant(FILTERED): 1, meant(PLAIN): 1}


@pytest.mark.parametrize("path", ["projects", "summary", "parks/SMKX/kpis", "attribution", "per-mu", "chains/IC"])
def test_an_answer_of_the_api_works_out_each_state_once(client: FlaskClient, asked: Asked, path: str) -> None:
    assert client.get(f"/api/v1/{path}{FILTERED}").status_code == 200
    resolved, selected = asked.take()
    assert resolved == selected
    assert resolved[meant(FILTERED)] == 1
    assert set(resolved.values()) == {1}


def test_the_same_state_is_the_same_question(client: FlaskClient) -> None:
    with read_session() as session:
        question = Question.asked(session, Viewer(Role.PLANNER), FILTERED)
        assert question.with_(zones=()) is question
        assert question.about(meant(FILTERED)) is question
        other = question.with_(zones=("SMKX",), selection="zone:SMKX")
        assert (other.at.chosen, question.at.chosen) == (("SMKX",), question.at.zones)
        assert [c.facet for c in other.filter.clauses] == [
            filters.Facet.ZONE,
            *(c.facet for c in question.filter.clauses),
        ]
        assert other.unfiltered.state == ViewState(zones=("SMKX",), selection="zone:SMKX")
        assert other.known is question.known
