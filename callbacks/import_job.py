"""An import that a page watches: a folder with the file, what was asked, how far it is, and what was found.

All folders together keep to a quota. A file that is refused is gone at once, and so is one that another replaces.

The work runs in a process of its own (``python -m callbacks.import_job FOLDER STEP``): a large file does not slow the pages,
and killing it leaves the database as it was. Pages and this process speak through small files, each replaced whole.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.told import Asked, Looked, Preview, State, Step, Told
from settings import ROOT, Settings, get_settings

if TYPE_CHECKING:
    from data.imports.conductor import Import

KEPT_SECONDS = 24 * 3600
#: A file that nobody did anything with for so long makes room for a new one where the quota is used up.
ABANDONED_SECONDS = 3600
_TOKEN = re.compile(r"^[0-9a-f]{32}$")
_REPORT, _CANCEL, _DROPPED, _LOCK = "report.xlsx", "cancel", "dropped", ".lock"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_WRITING = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EIO})
T = TypeVar("T")


@dataclass(frozen=True)
class Part(Generic[T]):
    """A file in the folder of an import, and what it holds."""

    name: str
    kind: TypeAdapter[T]


STATE = Part("state.json", TypeAdapter(State))
ASKED = Part("asked.json", TypeAdapter(Asked))
LOOKED = Part("looked.json", TypeAdapter(Looked))
CHECKED = Part("checked.json", TypeAdapter(Told))
DONE = Part("done.json", TypeAdapter(Told))
PREVIEW = Part("preview.json", TypeAdapter(Preview))


def root(settings: Settings) -> Path:
    """Where the folders of imports are."""
    return settings.var_dir / "imports"


@dataclass(frozen=True)
class Job:
    """The folder of one import; its name is not to be guessed, for who knows it may read what is in it."""

    folder: Path

    def read(self, part: Part[T]) -> T | None:
        """A part of what is known, None while it is not there (or was written by another version of the program)."""
        try:
            return part.kind.validate_json((self.folder / part.name).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def write(self, part: Part[T], said: T) -> None:
        """Replace a part. Raises OSError where it cannot be written."""
        self.put(part.name, part.kind.dump_json(said, fallback=str))

    def put(self, name: str, content: bytes) -> None:
        """Replace a file as a whole, so that nobody reads half of it. Raises OSError where it cannot be written."""
        new = self.folder / f"{name}.new"
        try:
            new.write_bytes(content)
            new.replace(self.folder / name)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise

    @property
    def token(self) -> str:
        """What the page knows the job by."""
        return self.folder.name

    @property
    def file(self) -> Path:
        """The uploaded file under a name of ours; its own name is in `asked`. Raises ImportProblem when it is gone."""
        found = next(self.folder.glob("file*"), None)
        if found is None:
            raise ImportProblem("upload_gone")
        return found

    @property
    def asked(self) -> Asked:
        """What the reader chose; of an undo the batch."""
        return self.read(ASKED) or Asked()

    @property
    def looked(self) -> Looked | None:
        """What the file holds and how it would be read."""
        return self.read(LOOKED)

    @property
    def report(self) -> Path:
        """The marked copy of the file with the findings."""
        return self.folder / _REPORT

    @property
    def preview(self) -> Path:
        """GeoJSON of where the rows would lie."""
        return self.folder / PREVIEW.name

    def state(self) -> State:
        """How far the step is; one whose process has died is lost, unless the rows were in before that."""
        found = self.read(STATE) or State()
        if found.state == "running" and not _alive(found.pid):
            # The process may have ended between writing and our look: what it said last counts.
            found = self.read(STATE) or State()
            if found.state == "running":
                written = found.step == "commit" and self.read(DONE) is not None
                unreported = written and not self.report.is_file()
                return replace(found, state="done" if written else "lost", code="" if unreported else None)
        return found

    @property
    def refused(self) -> bool:
        """Whether it ended before there was anything to choose: no page can use its file any more."""
        return self.state().state in ("failed", "cancelled", "lost") and self.looked is None

    def refuse(self) -> None:
        """Remove the bytes of a refused file and what was made of them; why it was refused stays for the page to say."""
        for file in self.folder.glob("file*"):
            file.unlink(missing_ok=True)
        self.tidy()

    @property
    def running(self) -> bool:
        """Whether its file is still coming, or a step is under way."""
        return self.state().state == "running"

    def cancel(self) -> None:
        """Ask the running step to stop; it writes nothing."""
        (self.folder / _CANCEL).touch()

    def drop(self) -> None:
        """Another file has taken its place: a look or a check under way is stopped, and all of it is removed.

        An import that is being written is left to end.
        """
        (self.folder / _DROPPED).touch()
        if self.state().step in ("look", "check"):
            self.cancel()
        if not self.running:
            self.remove()  # else the process does, when it has stopped

    def tidy(self) -> None:
        """Remove what was written in part perhaps; it makes room to say what happened."""
        for half in (*self.folder.glob("*.new"), self.report, self.preview):
            with suppress(OSError):
                half.unlink(missing_ok=True)

    def start(self, step: Step) -> None:
        """Run a step in a process of its own; one at a time."""
        if self.running and self.state().step != "upload":
            return
        (self.folder / _CANCEL).unlink(missing_ok=True)
        with (self.folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module, our own folder, a step of three
                [sys.executable, "-m", "callbacks.import_job", str(self.folder), step],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.write(STATE, State(step, "running", process.pid))

    def remove(self) -> None:
        """Throw the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    with suppress(ChildProcessError):  # started by another worker
        os.waitpid(pid, os.WNOHANG)  # a child of ours that ended is no longer there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Refused(ImportProblem):
    """A file is not taken; `status` is that of the answer."""

    def __init__(self, status: int, code: str, **values: object) -> None:
        super().__init__(code, **values)
        self.status = status


def disk_problem(error: BaseException) -> str | None:
    """Code of what a disk did to us, a full or a read-only one; None for another error. Looks through the database's."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in _NO_ROOM:
            return "disk_full"
        if isinstance(found, OSError) and found.errno in _NO_WRITING:
            return "disk_read_only"
        name = getattr(found, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_FULL", "SQLITE_READONLY")):
            return "disk_full" if name.startswith("SQLITE_FULL") else "disk_read_only"
        found = getattr(found, "orig", None) or found.__cause__
    return None


def new_job(settings: Settings, asked: Asked, size: int = 0) -> Job:
    """A fresh folder for what is `asked`, with a file of at most `size` bytes, which count from now on.

    Folders of the day before and bytes that nobody can use any more are removed first; where the quota has no
    room, those go that nobody touched for ``ABANDONED_SECONDS``, the oldest first. Raises Refused where there is no room
    even so or the disk has none, OSError where nothing can be written.
    """
    base = root(settings)
    base.mkdir(parents=True, exist_ok=True)
    suffix = "".join(c for c in PurePath(asked.name).suffix.lower() if c.isalnum() or c == ".")[:12]
    with _one_at_a_time(base):
        _make_room(base, settings.import_quota_mb * 1_000_000, size, settings.import_quota_mb)
        free = shutil.disk_usage(base).free
        if size > free:
            raise Refused(507, "disk_full")
        job = Job(base / secrets.token_hex(16))
        job.folder.mkdir(mode=0o700)
        try:
            with (job.folder / f"file{suffix}").open("wb") as file:
                file.truncate(size)  # counts before the bytes are there, so that two files do not get the same room
            job.write(STATE, State("upload", "running", os.getpid()))
            job.write(ASKED, replace(asked, name=PurePath(asked.name.replace("\\", "/")).name[:200]))
        except BaseException:
            job.remove()
            raise
    return job


@contextmanager
def _one_at_a_time(base: Path) -> Iterator[None]:
    """Room is counted and taken by one upload at a time, of whatever process."""
    with (base / _LOCK).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # released when the file closes, also when the process dies
        yield


def _make_room(base: Path, quota: int, wanted: int, quota_mb: int) -> None:
    """Remove what is of no use, and what was abandoned as far as needed. Raises Refused where that is not enough."""
    now = time.time()
    kept: list[tuple[float, Job, int]] = []
    for folder in base.iterdir():
        with suppress(FileNotFoundError):  # removed by its own process meanwhile
            if not _TOKEN.match(folder.name):
                continue
            job, touched = Job(folder), folder.stat().st_mtime
            if now - touched > KEPT_SECONDS or ((folder / _DROPPED).exists() and not job.running):
                job.remove()
                continue
            if job.refused:
                job.refuse()
            kept.append((touched, job, sum(f.stat().st_size for f in folder.iterdir())))
    used = sum(size for _touched, _job, size in kept)
    for touched, job, size in sorted(kept, key=lambda k: k[0]):
        if used + wanted <= quota:
            break
        if now - touched > ABANDONED_SECONDS and not job.running:
            job.remove()
            used -= size
    if used + wanted > quota:
        raise Refused(507, "quota", limit=quota_mb, used=round(used / 1_000_000))


def find_job(settings: Settings, token: str | None) -> Job | None:
    """The job of a token; None for one that never was or is gone."""
    if not token or not _TOKEN.match(token):
        return None
    folder = root(settings) / token
    return Job(folder) if folder.is_dir() else None


# --- in its own process --------------------------------------------------------------------------------------------------


def run(job: Job, step: Step) -> None:
    """Do one step of a job and write down what came of it; a problem is written down as well, not raised."""
    limits = Limits.of(get_settings())
    watch = Watch(limits.seconds, _Teller(job, step))

    def ended(state: State) -> None:
        if state.state != "done" and step == "look" and job.looked is None:
            job.refuse()
        job.write(STATE, replace(state, step=step, pid=os.getpid()))
        if (job.folder / _DROPPED).exists():
            job.remove()

    try:
        report = _STEPS[step](job, limits, watch)
    except ImportProblem as problem:
        cancelled = problem.code == "cancelled"
        ended(State(state="cancelled" if cancelled else "failed", code=problem.code, values=problem.values))
    except Exception as error:
        code = disk_problem(error)
        if code is not None:
            job.tidy()
        ended(State(state="failed", code=code or ""))
        raise  # into log.txt, for who runs the server
    else:
        # The data are as they should be: what goes wrong from here on is told, and takes nothing back.
        lacking = None if report is None else _tried(report)
        if lacking is not None:
            job.tidy()
        if step in ("commit", "undo"):
            _tried(lambda: _tiles(job, step))
        ended(State(state="done", code=lacking))


@dataclass
class _Teller:
    """Writes down how far a step is, and stops it when that was asked for."""

    job: Job
    step: Step
    began: dict[str, float] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int) -> None:
        if (self.job.folder / _CANCEL).exists():
            raise ImportProblem("cancelled")
        taken = time.monotonic() - self.began.setdefault(what, time.monotonic())
        rate = done / taken if done and taken > 0.2 else None
        left = (total - done) / rate if rate and total else None
        self.job.write(STATE, State(self.step, "running", os.getpid(), what, done, total, rate, left))


def _tried(what: Callable[[], None]) -> str | None:
    """Do it; the code of what a disk did to it where it failed, "" for another error, which is in log.txt."""
    try:
        what()
    except Exception as error:  # noqa: BLE001 - the rows are in, whatever this is
        traceback.print_exc()
        return disk_problem(error) or ""
    return None


def _opened(job: Job, limits: Limits, watch: Watch) -> Import:
    # Loads the libraries of GIS files, which take a second: in the process that does the work alone.
    from data.db import get_engine
    from data.imports.conductor import Import

    return Import(get_engine(), job.file, job.asked, limits, watch)


def _look(job: Job, limits: Limits, watch: Watch) -> None:
    before = job.looked if job.asked.sheet else None
    looked, preview = _opened(job, limits, watch).looked()
    for name in (CHECKED.name, DONE.name, _REPORT, PREVIEW.name):
        (job.folder / name).unlink(missing_ok=True)
    if preview is not None:
        job.write(PREVIEW, preview)
    # Reading one sheet of a file says nothing of the others: they stay as the first look found them.
    job.write(LOOKED, looked if before is None else replace(looked, sheets=before.sheets, unread=before.unread))


def _check(job: Job, limits: Limits, watch: Watch) -> None:
    bring = _opened(job, limits, watch)
    try:
        result = bring.check()
    except ImportProblem as problem:
        if (both := bring.both_ways(problem)) is not None:
            job.write(PREVIEW, both)
        raise
    job.put(_REPORT, result.report())
    if (preview := result.preview()) is not None:
        job.write(PREVIEW, preview)
    job.write(CHECKED, result.told())


def _commit(job: Job, limits: Limits, watch: Watch) -> Callable[[], None]:
    """Write the rows; returns what writes down that they are in, with the report."""
    result = _opened(job, limits, watch).commit()

    def report() -> None:
        for file in job.folder.glob("file*"):
            file.unlink()  # it makes room, too
        job.write(DONE, result.told())
        job.put(_REPORT, result.report())

    return report


def _undo(job: Job, _limits: Limits, watch: Watch) -> None:
    from data.db import get_engine
    from data.imports.commit import undo

    undo(get_engine(), job.asked.batch, watch)


def _tiles(job: Job, step: Step) -> None:
    """Bring the tiles to the data. The server that keeps trying says on its pages why the map is behind."""
    from layers.tiles import TileProblem, ensure_tiles

    job.write(STATE, State(step, "running", os.getpid(), "tiles"))
    with suppress(TileProblem):
        ensure_tiles()


_STEPS: dict[Step, Callable[[Job, Limits, Watch], Callable[[], None] | None]] = {
    "look": _look, "check": _check, "commit": _commit, "undo": _undo,
}  # fmt: skip


if __name__ == "__main__":
    run(Job(Path(sys.argv[1])), next(step for step in _STEPS if step == sys.argv[2]))
