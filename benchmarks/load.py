"""Measures over plain HTTP: tiles, the API, and the callbacks whose requests a browser has recorded."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.report import p95
from benchmarks.server import Running

CLIENTS = 4
CALLBACK_PATH = "/_dash-update-component"
#: What a filter change asks the server for besides callbacks: the change of the map.
MAP_PATH = "/map/change"


@dataclass(frozen=True)
class TileServing:
    """Answers to a fixed list of tiles, asked for by CLIENTS clients at once; times in ms."""

    per_second: float
    median: float
    p95: float
    mean_bytes: float
    asked: int


def _connect(server: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.host, server.port, timeout=120)


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None, headers: Mapping[str, str]
) -> tuple[float, bytes]:
    """Milliseconds to the last byte, and the body as sent. Raises RuntimeError for an answer that is not a success."""
    began = time.perf_counter()
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    answer = response.read()
    taken = (time.perf_counter() - began) * 1000
    if response.status not in (http.HTTPStatus.OK, http.HTTPStatus.NO_CONTENT):
        raise RuntimeError(f"{method} {path} was answered with {response.status}")
    return taken, answer


def get_json(server: Running, path: str) -> Any:
    """A JSON answer."""
    connection = _connect(server)
    try:
        return json.loads(_ask(connection, "GET", path, None, {})[1])
    finally:
        connection.close()


def tiles(server: Running, paths: Sequence[str], rounds: int) -> TileServing:
    """Ask for every path `rounds` times, after one round that warms the server."""

    def client(own: Sequence[str]) -> list[tuple[float, int]]:
        connection = _connect(server)
        try:
            return [
                (taken, len(body))
                for taken, body in (_ask(connection, "GET", p, None, {"Accept-Encoding": "gzip"}) for p in own)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, [paths[i::CLIENTS] for i in range(CLIENTS)]))
        asked = list(paths) * rounds
        began = time.perf_counter()
        answers = [a for found in pool.map(client, [asked[i::CLIENTS] for i in range(CLIENTS)]) for a in found]
        whole = time.perf_counter() - began
    times = [taken for taken, _size in answers]
    return TileServing(
        len(answers) / whole,
        statistics.median(times),
        p95(times),
        statistics.mean(size for _taken, size in answers),
        len(answers),
    )


def api(server: Running, path: str, repeats: int) -> float:
    """Median milliseconds of one address, asked one after the other."""
    connection = _connect(server)
    try:
        times = [_ask(connection, "GET", path, None, {"Accept-Encoding": "gzip"})[0] for _ in range(repeats + 2)]
    finally:
        connection.close()
    return statistics.median(times[2:])


@dataclass(frozen=True)
class Asked:
    """A recorded request of a filter change: its path with the query, and its body when it was a callback."""

    path: str
    body: str | None

    @property
    def name(self) -> str:
        """What it fills: the component of a callback's first output, else the path."""
        return callback_name(self.body) if self.body else self.path.partition("?")[0]


def callback_name(body: str) -> str:
    """What a recorded callback fills: the component of its first output."""
    output = str(json.loads(body)["output"]).strip(".")
    return output.split("...")[0].rsplit(".", 1)[0]


def answers(server: Running, asked: Iterable[Asked], repeats: int) -> dict[str, list[float]]:
    """Milliseconds of each kind of request by name: for each recorded one the median of `repeats`, one at a time.

    Each is worked out anew: what is measured is the work, not what is kept of it.
    """
    found: dict[str, list[float]] = defaultdict(list)
    connection = _connect(server)
    headers = {"Accept-Encoding": "gzip", "X-Bench-Anew": "1"}
    try:
        for item in asked:
            method, extra = ("POST", {"Content-Type": "application/json"}) if item.body else ("GET", {})
            times = [_ask(connection, method, item.path, item.body, headers | extra)[0] for _ in range(repeats + 1)]
            found[item.name].append(statistics.median(times[1:]))
    finally:
        connection.close()
    return dict(found)
