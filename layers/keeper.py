"""What a running server keeps an eye on by itself: that the tiles follow the data, and that the database file is sound.

Each worker has a thread for it, and the one that holds the lock of the var folder does it: it finds the tiles behind (an
import died between its commit and its tiles, a disk was full, a backup was put back) and builds them in a process of its
own, so that no request waits; whoever dies, another goes on. A build that failed is tried again with a growing delay. What
it found is told through a page of memory that all workers share, for a full or read-only disk takes no file.
"""

from __future__ import annotations

import fcntl
import json
import logging
import mmap
import os
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from data.db import read_session
from data.queries.catalogue import data_version
from layers.tiles import TileProblem, being_built, ensure_tiles, tile_store
from settings import ROOT, get_settings

LOOK_SECONDS = 1.0
#: A build that failed is tried again after the first of these, then after twice as long, up to the second.
FIRST_DELAY, LONGEST_DELAY = 5.0, 300.0
#: A sound file is read through again at the earliest after so many times the time that the last reading took.
_PAUSE_FACTOR = 20
_SIZE = 4096


@dataclass(frozen=True)
class Told:
    """What the keeper found last. `version` is the data version whose tiles are missing, None when none are.

    `reason` says why the last attempt failed, `next_try` when (seconds since the epoch) the next begins. `damage` is what
    SQLite says of its file, "" for a sound one; `file` is the state of the file that this is about.
    """

    version: int | None = None
    state: Literal["waiting", "building", "failed"] = "waiting"
    reason: str = ""
    tries: int = 0
    next_try: float = 0.0
    damage: str = ""
    file: tuple[int, int, int] | None = None


# Made before the workers are forked, and theirs together from then on.
_shared = mmap.mmap(-1, _SIZE)


def told() -> Told:
    """What the keeper of this server found last, of whichever worker it is a thread; `Told()` where none runs."""
    for _attempt in range(3):  # it may be writing
        length, checksum = int.from_bytes(_shared[:4], "big"), int.from_bytes(_shared[4:8], "big")
        content = _shared[8 : 8 + length]
        if length and zlib.crc32(content) == checksum:
            said = json.loads(content)
            return Told(**(said | {"file": tuple(said["file"]) if said["file"] else None}))
        time.sleep(0.001)
    return Told()


def _tell(said: Told) -> None:
    content = json.dumps(asdict(said), ensure_ascii=False).encode()
    _shared[: 8 + len(content)] = len(content).to_bytes(4, "big") + zlib.crc32(content).to_bytes(4, "big") + content


def start() -> None:
    """Start the thread of this process; called in each worker after the fork."""
    threading.Thread(target=_run, name="keeper", daemon=True).start()


def _run() -> None:
    # A folder can be locked on a full and on a read-only disk. The lock goes with the process that holds it.
    folder = os.open(get_settings().var_dir, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    keeper = Keeper()
    while True:
        try:
            keeper.look()
        except Exception:
            logging.getLogger("atlas").exception("the keeper stumbled")
        time.sleep(LOOK_SECONDS)


class Keeper:
    """Looks at tiles and database; `look` returns at once, what takes long runs beside it."""

    def __init__(self) -> None:
        self._file = _database_file()
        self._said = told()
        if self._said.file is None:  # `data.store.check` was content with it a moment ago
            self._say(file=_state_of(self._file))
        self._rested_until = 0.0
        self._builder: subprocess.Popen[bytes] | None = None
        self._behind_since: tuple[int, float] | None = None

    def _say(self, **news: object) -> None:
        said = Told(**(asdict(self._said) | news))
        if said != self._said or said == Told():
            self._said = said
            _tell(said)

    def look(self) -> None:
        """See to the file, then to the tiles."""
        self._look_at_file()
        if not self._said.damage:
            self._look_at_tiles()

    def _look_at_file(self) -> None:
        state = _state_of(self._file)
        if self._file is None or state is None:
            return  # a server, or gone: whoever asks it says so
        if state == self._said.file and not self._said.damage:
            return
        if time.monotonic() < self._rested_until:
            return
        began = time.monotonic()
        damage = _damage(self._file)
        self._rested_until = time.monotonic() + _PAUSE_FACTOR * (time.monotonic() - began)
        if damage is not None:
            self._say(damage=damage, file=state)

    def _look_at_tiles(self) -> None:
        if self._builder is not None:
            if self._builder.poll() is None:
                return
            self._ended(self._builder)
            self._builder = None
        try:
            with read_session() as session:
                version = data_version(session)
        except SQLAlchemyError:
            return  # /healthz says it
        if tile_store().complete(version):
            self._behind_since = None
            if self._said.version is not None:
                self._say(version=None, state="waiting", reason="", tries=0, next_try=0.0)
            return
        if self._behind_since is None or self._behind_since[0] != version:
            # Who has just committed builds what it changed: it gets a moment to begin.
            self._behind_since = (version, time.monotonic())
            self._say(version=version, state="waiting", reason="", tries=0, next_try=0.0)
        elif being_built(get_settings().tiles_dir):
            self._say(state="building")
        elif time.time() >= self._said.next_try:
            self._say(state="building")
            self._builder = subprocess.Popen(
                [sys.executable, "-m", "layers.keeper"],
                cwd=ROOT,
                stdin=subprocess.PIPE,  # held open: it ends when this process does
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        elif self._said.reason:
            self._say(state="failed")

    def _ended(self, builder: subprocess.Popen[bytes]) -> None:
        lines = builder.communicate()[1].decode("utf-8", "replace").strip().splitlines()
        if builder.returncode == 0:
            return
        reason = lines[-1] if lines else f"the builder ended with code {builder.returncode}"
        tries = self._said.tries + 1
        delay = min(FIRST_DELAY * 2 ** (tries - 1), LONGEST_DELAY)
        logging.getLogger("atlas").warning("the tiles could not be built, next try in %.0f s: %s", delay, reason)
        self._say(state="failed", reason=reason[:400], tries=tries, next_try=time.time() + delay)


def _database_file() -> Path | None:
    url = make_url(get_settings().sqlalchemy_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _state_of(file: Path | None) -> tuple[int, int, int] | None:
    """What changes when somebody writes to a file; None when it is not there."""
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _damage(file: Path) -> str | None:
    """What SQLite finds wrong with a database file, "" when nothing is, None when it could not look now."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return None if "locked" in str(error) or not file.exists() else str(error)
    return "" if found == "ok" else found.replace("\n", " ")[:300]


# --- the builder, in its own process -------------------------------------------------------------------------------------


def main() -> None:
    """Build what is missing; exit code 1 with the reason in the last line on stderr when that fails."""
    os.nice(10)  # requests first

    def end_with_the_server() -> None:
        os.read(0, 1)  # not through sys.stdin, whose lock would be held when the interpreter ends
        os._exit(2)

    threading.Thread(target=end_with_the_server, daemon=True).start()
    try:
        ensure_tiles()
    except TileProblem as problem:
        sys.exit(problem.reason or str(problem))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
