"""Two hundred viewers at once: what a browser of each kind asked is recorded once and asked again by many.

Each viewer has six connections that stay open, as a browser has, and asks for a thing when everything is there that
was there when the browser asked for it. What a browser needs for itself, to run scripts and to draw, takes no time here, so
the server is pressed harder than by browsers. One process with one thread asks for all of them, on loopback.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus

from benchmarks.load import CALLBACK_PATH, MAP_PATH
from benchmarks.report import p95
from benchmarks.server import Running

ARRIVE_SECONDS = 10
STAY_SECONDS = 40
SETTLED_SECONDS = ARRIVE_SECONDS + 5  # from here on nobody is opening a page any more, unless the server fell behind
CONNECTIONS = 6
AGAIN = 3  # every third time a viewer opens its page anew instead of setting something on it
NOW_SECONDS = 30  # an open page asks as often whether it is still the newest
PATIENCE = 60  # seconds after which an answer counts as none
_ENCODINGS = "gzip, deflate, br, zstd"


@dataclass(frozen=True)
class Kind:
    """A kind of viewer: the page it opens, whose view, what it sets there in turn, and how long it looks at each."""

    name: str
    share: int  # of all, in per cent
    role: str
    path: str
    searches: tuple[str, ...]
    pause: float  # seconds


_MAP = ("?chain=IC", "?chain=IC&light=red,yellow", "?zone=CDKXC,SMKX", "?stage=building", "?kind=A&period=2025-06", "")
_DESK = ("?chain=IC", "?chain=IC&light=red", "?zone=SMKX,WLKJC", "?period=2026-06", "")
KINDS = (
    Kind("wall", 30, "leadership", "/", tuple(f"?sel=zone:{z}" for z in ("SMKX", "WLKJC", "XJJHL", "XYDIT", "CDKXC")), 15),
    Kind("planner, map", 20, "planner", "/", _MAP, 8),
    Kind("planner, projects", 15, "planner", "/projects", _DESK, 8),
    Kind("promoter, chains", 15, "promoter", "/chains", _DESK, 8),
    Kind("promoter, park", 20, "promoter", "/park/SMKX", ("?chain=IC", "?light=red", "?scope=shared", "?stage=building", ""), 8),
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A recorded request. `after`: places in its step of the requests that were answered before it was sent."""

    path: str
    body: str | None
    after: tuple[int, ...]

    @property
    def sort(self) -> str:
        """page, callback, tile or file."""
        path = self.path.partition("?")[0]
        if path == CALLBACK_PATH:
            return "page" if json.loads(self.body or "{}")["output"].startswith("..page.children") else "callback"
        if path.endswith(".mvt"):
            return "tile"
        if path in (MAP_PATH, "/now", "/_dash-layout", "/_dash-dependencies"):
            return "callback"
        return "file" if "." in path else "page"


Step = tuple[Sent, ...]


@dataclass(frozen=True)
class Script:
    """What a viewer of a kind asks for: to open its page, then at each thing it sets."""

    kind: Kind
    opening: Step
    changes: tuple[Step, ...]

    @property
    def again(self) -> Step:
        """The opening of a page by a browser that has its files."""
        left = {place: new for new, place in enumerate(p for p, sent in enumerate(self.opening) if sent.sort != "file")}
        return tuple(
            replace(sent, after=tuple(left[before] for before in sent.after if before in left))
            for place, sent in enumerate(self.opening)
            if place in left
        )


@dataclass(frozen=True)
class Counts:
    """SQL statements of all requests of a step, and how often one request at most resolved its state and made its filter."""

    sql: int
    resolved: int
    filtered: int


@dataclass
class Crowd:
    """What the viewers met: milliseconds by sort of request once settled, of opening a page on arrival, and errors.

    An opening lasts from its first request to the last byte of the page's content. `late` is how far behind its own clock
    the asking process was at most: where that is much, it is the measuring that is slow.
    """

    settled: dict[str, list[float]]
    openings: list[float]
    errors: list[str]
    asked: int
    late: float

    def p95(self, sort: str) -> float:
        """95th percentile of a sort once settled, ms; 0 where nothing of the sort was asked."""
        return p95(self.settled[sort] or [0.0])


class _Line:
    """A connection that stays open; opened anew when the server has closed it meanwhile, as browsers do."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, int]:
        """Status and bytes of an answer. Raises OSError or asyncio.IncompleteReadError."""
        kept = self._streams is not None
        try:
            return await self._once(request)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            if not kept:
                raise
        return await self._once(request)

    async def _once(self, request: bytes) -> tuple[int, int]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._server.host, self._server.port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        size = 0
        if b"transfer-encoding: chunked" in head:
            while length := int(await reader.readuntil(b"\r\n"), 16):
                await reader.readexactly(length + 2)
                size += length
            await reader.readexactly(2)
        elif b"content-length: " in head:
            size = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(size)
        if b"connection: close" in head:
            self.close()
        return status, size

    def close(self) -> None:
        """Close it; the next question opens it again."""
        if self._streams is not None:
            with suppress(OSError):
                self._streams[1].close()
        self._streams = None


class _Viewer:
    """One viewer: its script, its connections, and where it writes down what it met."""

    def __init__(self, server: Running, script: Script, met: _Met, seed: int) -> None:
        self._script, self._met, self._server = script, met, server
        self._lines = [_Line(server) for _ in range(CONNECTIONS)]
        self._draw = random.Random(seed)

    async def visit(self, arrives: float) -> None:
        """Arrive `arrives` seconds after the start, open the page, then look and set something in turn."""
        await asyncio.sleep(arrives)
        began = time.perf_counter()
        shown = await self._step(self._script.opening)
        if shown is not None:
            self._met.openings.append((shown - began) * 1000)
        self._met.opened += 1
        ends, asks_now = time.perf_counter() + STAY_SECONDS, began + NOW_SECONDS
        changes = list(self._script.changes)
        if self._script.kind.name != "wall":
            self._draw.shuffle(changes)
        turn = 0
        while True:
            pause = self._script.kind.pause * self._draw.uniform(0.7, 1.3)
            wakes = time.perf_counter() + pause
            if wakes > ends:
                break
            await asyncio.sleep(pause)
            self._met.late = max(self._met.late, time.perf_counter() - wakes)
            turn += 1
            if turn % AGAIN:
                await self._step(changes[turn % len(changes)])
            else:
                await self._step(self._script.again)
            if time.perf_counter() > asks_now:
                asks_now += NOW_SECONDS
                await self._step((Sent("/now", None, ()),))
        for line in self._lines:
            line.close()

    async def _step(self, step: Step) -> float | None:
        """Ask for everything of a step; when the page's content was there, None where it brings none."""
        waits = [len(sent.after) for sent in step]
        then: dict[int, list[int]] = defaultdict(list)
        for place, sent in enumerate(step):
            for before in sent.after:
                then[before].append(place)
        ready: asyncio.Queue[int] = asyncio.Queue()
        for place, count in enumerate(waits):
            if not count:
                ready.put_nowait(place)
        left = len(step)
        shown: float | None = None

        async def work(line: _Line) -> None:
            nonlocal left, shown
            while left:
                place = await ready.get()
                if place < 0:
                    return
                sent = step[place]
                await self._ask(line, sent)
                if sent.sort == "page":
                    shown = time.perf_counter()
                left -= 1
                for after in then[place]:
                    waits[after] -= 1
                    if not waits[after]:
                        ready.put_nowait(after)
                if not left:
                    for _ in self._lines:
                        ready.put_nowait(-1)

        await asyncio.gather(*(work(line) for line in self._lines[: max(1, min(CONNECTIONS, len(step)))]))
        return shown

    async def _ask(self, line: _Line, sent: Sent) -> None:
        request = _request(self._server, self._script.kind.role, sent)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                status, _size = await line.ask(request)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            line.close()
            self._met.errors.append(f"{sent.path[:80]}: {error!r}")
            return
        if status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            self._met.errors.append(f"{sent.path[:80]}: {status}")
        self._met.asked += 1
        if began - self._met.began > SETTLED_SECONDS:
            self._met.settled[sent.sort].append((time.perf_counter() - began) * 1000)


class _Met(Crowd):
    def __init__(self) -> None:
        super().__init__(defaultdict(list), [], [], 0, 0.0)
        self.began = time.perf_counter()
        self.opened = 0


def _request(server: Running, role: str, sent: Sent) -> bytes:
    body = (sent.body or "").encode()
    lines = [
        f"{'POST' if sent.body else 'GET'} {sent.path} HTTP/1.1",
        f"Host: {server.host}:{server.port}",
        f"Cookie: atlas_role={role}",
        f"Accept-Encoding: {_ENCODINGS}",
        "Sec-Fetch-Site: same-origin",
        *(["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _viewers(scripts: Sequence[Script], viewers: int) -> Iterator[Script]:
    """`viewers` scripts by the shares of their kinds, mixed evenly over the arrival."""
    owed = dict.fromkeys(range(len(scripts)), 0.0)
    for _ in range(viewers):
        for place, script in enumerate(scripts):
            owed[place] += script.kind.share / 100
        most = max(owed, key=lambda place: owed[place])
        owed[most] -= 1
        yield scripts[most]


def gather(server: Running, scripts: Sequence[Script], viewers: int) -> Crowd:
    """Let `viewers` arrive within ARRIVE_SECONDS and stay for STAY_SECONDS each."""

    async def run() -> _Met:
        met = _Met()
        chosen = list(_viewers(scripts, viewers))
        await asyncio.gather(
            *(
                _Viewer(server, script, met, seed).visit(ARRIVE_SECONDS * seed / viewers)
                for seed, script in enumerate(chosen)
            )
        )
        return met

    return asyncio.run(run())


def counted(server: Running, scripts: Sequence[Script]) -> dict[str, dict[str, Counts]]:
    """What each step of each kind takes on a server of one worker that remembers nothing: by kind and step, summed over
    the requests of the step. The first step of a kind is its opening."""
    line = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)

    def ask(path: str, body: str | None, role: str) -> http.client.HTTPResponse:
        headers = {"Cookie": f"atlas_role={role}"} | ({"Content-Type": "application/json"} if body else {})
        line.request("POST" if body else "GET", path, body, headers)
        answer = line.getresponse()
        answer.read()
        return answer

    found: dict[str, dict[str, Counts]] = {}
    for script in scripts:
        ask("/bench/fresh", None, script.kind.role)
        steps = {"opened": script.opening} | dict(zip(script.kind.searches, script.changes, strict=True))
        of_kind = found.setdefault(script.kind.name, {})
        for name, step in steps.items():
            answers = [ask(sent.path, sent.body, script.kind.role) for sent in step]
            of_kind[name] = Counts(
                sum(int(answer.headers["X-Bench-sql"]) for answer in answers),
                *(max(int(answer.headers[f"X-Bench-{what}"]) for answer in answers) for what in ("resolve", "filter")),
            )
    line.close()
    return found


def step_of(sent: Sequence[tuple[str, str | None, float, float]]) -> Step:
    """A step from its recorded requests: path, body, and when each was sent and answered (any clock)."""
    ordered = sorted(sent, key=lambda one: one[2])
    return tuple(
        Sent(path, body, tuple(place for place, other in enumerate(ordered) if other[3] <= began))
        for path, body, began, _ended in ordered
    )
