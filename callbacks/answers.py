"""Answers that are alike for all who ask alike: worked out once, one at a time, and kept compressed.

An answer belongs to what the data are (their version and that of the map), to who asks (rights and language) and to what was
asked. Only what says so of itself is kept, so that whatever is new is not. Never kept: what fails, what answers
nothing, what sets a cookie.

Threads that all want the processor hinder one another far more than they help, in SQLite above all; so of the answers that a
process has to work out one has its turn at a time. What is kept, tiles, files, uploads and exports wait for nobody's turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar

from flask import Response, make_response, request
from flask_compress import Compress

from callbacks.request import current_viewer
from data.db import read_session
from data.kept import Kept
from data.queries.catalogue import data_version
from i18n import language
from layers.tiles import shown_version
from settings import get_settings

MB = 2**20
COMPRESS = Compress()
#: The turn of a process: held while one answer is worked out.
TURN: AbstractContextManager[Any] = Lock()

_F = TypeVar("_F", bound=Callable[..., Any])
_ALIKE, _LONG = "answers_alike", "takes_long"


@dataclass(frozen=True)
class Answer:
    """A finished answer: its headers and its body as sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.body) + 500

    def response(self) -> Response:
        """It as a response of its own."""
        return Response(self.body, headers=list(self.headers))


def _size(found: Answer | Response) -> int:
    return found.size if isinstance(found, Answer) else 0


ANSWERS: Kept[Any] = Kept(8 * MB, _size)
FILES: Kept[Any] = Kept(32 * MB, _size)


def alike(function: _F) -> _F:
    """Mark a callback whose answer follows from what is posted, the data, and the reader's rights and language alone."""
    return alike_where(lambda *_values: True)(function)


def alike_where(holds: Callable[..., bool]) -> Callable[[_F], _F]:
    """Mark a callback as `alike` for the arguments of which `holds` is true."""

    def mark(function: _F) -> _F:
        setattr(function, _ALIKE, holds)
        return function

    return mark


def takes_long(function: _F) -> _F:
    """Mark a callback that no screen waits for: it takes no turn."""
    setattr(function, _LONG, True)
    return function


def is_alike(function: Callable[..., Any], values: Sequence[Any]) -> bool:
    """Whether a callback is marked as `alike` for these arguments."""
    holds: Callable[..., bool] | None = getattr(function, _ALIKE, None)
    return holds is not None and holds(*values)


def is_long(function: Callable[..., Any]) -> bool:
    """Whether a callback is marked as `takes_long`."""
    return getattr(function, _LONG, False)


def asker() -> tuple[Hashable, ...]:
    """What an answer belongs to besides what was asked: the data and the map, and who asks in which language."""
    with read_session() as session:
        data = (get_settings().sqlalchemy_url, data_version(session), shown_version(session))
    return (*data, current_viewer(), language())


def answer(asked: Hashable, build: Callable[[], Any]) -> Response:
    """The answer to what is `asked`, kept for all who ask alike. `build` takes its turn when there is none yet."""

    def worked_out() -> Answer | Response:
        with TURN:
            return _finished(make_response(build()))

    return _given(ANSWERS, ("answer", asked, *asker(), _encodings()), worked_out)


def file(asked: Hashable, build: Callable[[], Any]) -> Response:
    """A file that is the same for everybody, compressed once."""
    return _given(FILES, ("file", asked, _encodings()), lambda: _finished(make_response(build())))


def _given(kept: Kept[Any], key: Hashable, build: Callable[[], Answer | Response]) -> Response:
    found: Answer | Response = kept.get(key, build, keep=lambda made: isinstance(made, Answer))
    if isinstance(found, Response):
        return found
    response = found.response()
    response.make_conditional(request)
    return response


def _finished(response: Response) -> Answer | Response:
    """A response as it may be kept; as it is where it may not."""
    if response.status_code != HTTPStatus.OK or "Set-Cookie" in response.headers:
        return response
    response.direct_passthrough = False
    response.set_data(response.get_data())  # no stream any more
    response = COMPRESS.after_request(response)
    return Answer(tuple(response.headers.items()), response.get_data())


def _encodings() -> str:
    return request.headers.get("Accept-Encoding", "")[:80]
