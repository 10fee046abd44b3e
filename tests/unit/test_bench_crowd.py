"""The viewers of the bench ask as a browser did: in its order, with what it waited for, and without files it has."""

from __future__ import annotations

from collections import Counter

from benchmarks import crowd
from benchmarks.crowd import KINDS, Script, step_of

_PAGE = '{"output": "..page.children...page.data-version.."}'


def test_a_request_waits_for_what_was_answered_before_it_was_sent() -> None:
    step = step_of(
        [
            ("/tiles/1/base/9/1/2.mvt", None, 5.0, 9.0),
            ("/", None, 0.0, 1.0),
            ("/assets/app.css?m=1", None, 1.5, 3.0),
            ("/_dash-update-component", _PAGE, 2.0, 4.0),
        ]
    )
    assert [sent.path.partition("?")[0] for sent in step] == [
        "/", "/assets/app.css", "/_dash-update-component", "/tiles/1/base/9/1/2.mvt",
    ]  # fmt: skip
    assert [sent.after for sent in step] == [(), (0,), (0,), (0, 1, 2)]
    assert [sent.sort for sent in step] == ["page", "file", "page", "tile"]


def test_a_page_opened_again_asks_for_no_file() -> None:
    opening = step_of(
        [
            ("/", None, 0.0, 1.0),
            ("/assets/app.css?m=1", None, 1.5, 3.0),
            ("/_dash-layout", None, 3.5, 4.0),
            ("/_dash-update-component", _PAGE, 5.0, 6.0),
        ]
    )
    again = Script(KINDS[0], opening, ()).again
    assert [(sent.path, sent.after) for sent in again] == [
        ("/", ()), ("/_dash-layout", (0,)), ("/_dash-update-component", (0, 1)),
    ]  # fmt: skip


def test_the_kinds_of_viewers_come_in_their_shares() -> None:
    assert sum(kind.share for kind in KINDS) == 100
    chosen = Counter(script.kind.name for script in crowd._viewers([Script(kind, (), ()) for kind in KINDS], 200))
    assert chosen == {kind.name: 2 * kind.share for kind in KINDS}
