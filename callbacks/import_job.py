"""An import that a page watches: a folder with the file, what was asked, how far it is, and what was found.

All folders together keep to a quota. A file that is refused is gone at once, and so is one that another replaces.

The work runs in a process of its own (``python -m callbacks.import_job FOLDER STEP``): a large file does not slow the pages,
and killing it leaves the database as it was. Pages and this process speak through small files, each replaced whole.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from settings import ROOT, Settings, get_settings

Step = Literal["look", "check", "commit", "undo"]

KEPT_SECONDS = 24 * 3600
#: A file that nobody did anything with for so long makes room for a new one where the quota is used up.
ABANDONED_SECONDS = 3600
MOST_FINDINGS = 300
_SAMPLE_ROWS = 6
_PREVIEW_SHAPES = 3_000
_TOKEN = re.compile(r"^[0-9a-f]{32}$")
_STATE, _ASKED, _LOOKED, _CHECKED, _DONE = "state.json", "asked.json", "looked.json", "checked.json", "done.json"
_PREVIEW, _REPORT, _CANCEL, _DROPPED, _LOCK = "preview.json", "report.xlsx", "cancel", "dropped", ".lock"
_UPLOAD = "upload"  # the step before the first: the bytes are coming
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_WRITING = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EIO})


def root(settings: Settings) -> Path:
    """Where the folders of imports are."""
    return settings.var_dir / "imports"


@dataclass(frozen=True)
class Job:
    """The folder of one import; its name is not to be guessed, for who knows it may read what is in it."""

    folder: Path

    def read(self, name: str) -> dict[str, Any]:
        """A part of what is known, {} while it is not there."""
        try:
            found = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return dict(found)

    def write(self, name: str, said: Mapping[str, Any]) -> None:
        """Replace a part as a whole, so that nobody reads half of it. Raises OSError where it cannot be written."""
        new = self.folder / f"{name}.new"
        try:
            new.write_text(json.dumps(said, ensure_ascii=False, default=str), encoding="utf-8")
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
        from data.imports.problem import ImportProblem

        found = next(self.folder.glob("file*"), None)
        if found is None:
            raise ImportProblem("upload_gone")
        return found

    @property
    def asked(self) -> dict[str, Any]:
        """What the reader chose: name, role, and the rest as callbacks/data.py puts it; of an undo the batch."""
        return self.read(_ASKED)

    @property
    def looked(self) -> dict[str, Any]:
        """What the file holds and how it would be read."""
        return self.read(_LOOKED)

    @property
    def checked(self) -> dict[str, Any]:
        """What a commit would do, with the findings."""
        return self.read(_CHECKED)

    @property
    def done(self) -> dict[str, Any]:
        """What the commit did."""
        return self.read(_DONE)

    @property
    def report(self) -> Path:
        """The marked copy of the file with the findings."""
        return self.folder / _REPORT

    @property
    def preview(self) -> Path:
        """GeoJSON of where the rows would lie."""
        return self.folder / _PREVIEW

    def state(self) -> dict[str, Any]:
        """Step, state (running, done, failed, cancelled, lost), what is being done, how much, rate and seconds left."""
        found = self.read(_STATE)
        if found.get("state") == "running" and not _alive(found.get("pid")):
            # The process may have ended between writing and our look: what it said last counts.
            found = self.read(_STATE)
            if found.get("state") == "running":
                return found | {"state": "lost"}
        return found

    @property
    def refused(self) -> bool:
        """Whether it ended before there was anything to choose: no page can use its file any more."""
        return self.state().get("state") in ("failed", "cancelled", "lost") and not self.looked

    def refuse(self) -> None:
        """Remove the bytes of a refused file and what was made of them; why it was refused stays for the page to say."""
        for left in (*self.folder.glob("file*"), *self.folder.glob("*.new"), self.preview, self.report):
            left.unlink(missing_ok=True)

    @property
    def running(self) -> bool:
        """Whether its file is still coming, or a step is under way."""
        return self.state().get("state") == "running"

    def cancel(self) -> None:
        """Ask the running step to stop; it writes nothing."""
        (self.folder / _CANCEL).touch()

    def drop(self) -> None:
        """Another file has taken its place: a look or a check under way is stopped, and all of it is removed.

        An import that is being written is left to end.
        """
        (self.folder / _DROPPED).touch()
        if self.state().get("step") in ("look", "check"):
            self.cancel()
        if not self.running:
            self.remove()  # else the process does, when it has stopped

    def start(self, step: Step) -> None:
        """Run a step in a process of its own; one at a time."""
        if self.running and self.state().get("step") != _UPLOAD:
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
        self.write(_STATE, {"step": step, "state": "running", "what": "start", "pid": process.pid})

    def remove(self) -> None:
        """Throw the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _alive(pid: Any) -> bool:
    with suppress(ChildProcessError, TypeError, ValueError):  # started by another worker, or never
        os.waitpid(int(pid), os.WNOHANG)  # a child of ours that ended is no longer there
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, TypeError, ValueError):
        return False
    except PermissionError:
        return True
    return True


class Refused(Exception):
    """A file is not taken; `code` and `values` say why (``words.TEXTS``), `status` is that of the answer."""

    def __init__(self, status: int, code: str, **values: Any) -> None:
        super().__init__(status, code, values)
        self.status = status
        self.code = code
        self.values = values


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


def new_job(settings: Settings, name: str, role: str, size: int = 0, scheme: str = "") -> Job:
    """A fresh folder for a file called `name` of at most `size` bytes, which count from now on.

    Folders of the day before and bytes that nobody can use any more are removed first; where the quota has no
    room, those go that nobody touched for ``ABANDONED_SECONDS``, the oldest first. Raises Refused where there is no room
    even so or the disk has none, OSError where nothing can be written.
    """
    base = root(settings)
    base.mkdir(parents=True, exist_ok=True)
    suffix = "".join(c for c in PurePath(name).suffix.lower() if c.isalnum() or c == ".")[:12]
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
            job.write(_STATE, {"step": _UPLOAD, "state": "running", "pid": os.getpid()})
            name = PurePath(name.replace("\\", "/")).name[:200]
            job.write(_ASKED, {"name": name, "role": role} | ({"scheme": scheme} if scheme else {}))
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
    from data.imports.problem import ImportProblem, Limits, Watch

    limits = Limits.of(get_settings())
    began = time.monotonic()
    last: dict[str, float] = {}

    def say(what: str, done: int, total: int) -> None:
        since = last.setdefault(what, time.monotonic())
        taken = max(time.monotonic() - since, 1e-6)
        rate = done / taken if done and taken > 0.2 else None
        left = (total - done) / rate if rate and total else None
        job.write(
            _STATE,
            {"step": step, "state": "running", "what": what, "done": done, "total": total, "rate": rate, "left": left,
             "pid": os.getpid()},
        )  # fmt: skip

    class _Watch(Watch):
        def step(self, what: str, done: int = 0, total: int = 0) -> None:
            if (job.folder / _CANCEL).exists():
                self.cancel()
            super().step(what, done, total)

    def ended(end: Mapping[str, Any]) -> None:
        said = {**end, "step": step, "seconds": round(time.monotonic() - began, 1), "pid": os.getpid()}
        if end["state"] != "done" and step == "look" and not job.looked:
            job.refuse()
        job.write(_STATE, said)
        if (job.folder / _DROPPED).exists():
            job.remove()

    watch = _Watch(limits.seconds, say)
    try:
        _STEPS[step](job, limits, watch)
        ended({"state": "done"})
    except ImportProblem as problem:
        state = "cancelled" if problem.code == "cancelled" else "failed"
        ended({"state": state, "code": problem.code, "values": problem.values})
    except Exception as error:
        code = disk_problem(error)
        if code is not None:
            for half in (*job.folder.glob("*.new"), job.report, job.preview):
                half.unlink(missing_ok=True)  # written in part perhaps; and it makes room to say what happened
        ended({"state": "failed", "code": code or ""})
        raise  # into log.txt, for who runs the server


def _cell(value: Any) -> str:
    return "" if value is None else str(value)[:80]


def _open(job: Job, limits: Any, watch: Any) -> tuple[Any, Any]:
    from data.imports.look import look

    asked = job.asked
    found = look(job.file, limits, watch, asked["name"], only=asked.get("sheet"))
    return found, found.sheet(asked.get("sheet"))


def _mapping(session: Any, job: Job, sheet: Any) -> tuple[Any, Any, str | None]:
    from data.imports.mapping import apply, of_scheme, saved, suggest

    asked = job.asked
    table = asked.get("table")
    kept = saved(session, sheet.headings, table)
    if table is None and kept is not None:
        table = kept.table_id
    suggestion = suggest(
        sheet.headings, sheet.sample(), geometry=sheet.geometry is not None, table=table, title=sheet.title
    )
    mapping = suggestion.mapping
    if kept is not None:
        mapping = apply(mapping, kept.mapping, sheet.headings, strict=False)
    mapping = of_scheme(mapping, asked.get("scheme"))
    if asked.get("columns") is not None and asked.get("of") == mapping.table:
        said = {"columns": asked["columns"], "constants": asked.get("constants") or {}, "year": asked.get("year")}
        mapping = apply(mapping, said, sheet.headings, strict=False)
    return mapping, suggestion, kept.name if kept is not None else None


def _look(job: Job, limits: Any, watch: Any) -> None:
    from sqlalchemy.orm import Session

    from data.db import get_engine

    found, sheet = _open(job, limits, watch)
    with Session(get_engine()) as session:
        mapping, suggestion, kept = _mapping(session, job, sheet)
        for name in (_CHECKED, _DONE, _REPORT, _PREVIEW):
            (job.folder / name).unlink(missing_ok=True)
        placing = _place(session, job, sheet, mapping, limits, watch)
    sample = sheet.sample(_SAMPLE_ROWS)
    # Reading one sheet of a file says nothing of the others: they stay as the first look found them.
    whole = job.looked if job.asked.get("sheet") else {}
    job.write(
        _LOOKED,
        {
            "encoding": found.encoding,
            "sheets": whole.get("sheets") or [{"name": s.name, "rows": s.rows} for s in found.sheets],
            "unread": whole.get("unread")
            or [{"name": name, "code": p.code, "values": p.values} for name, p in found.unread],
            "sheet": sheet.name,
            "rows": sheet.rows,
            "title": sheet.title,
            "heading_row": sheet.heading_row,
            "crs": sheet.crs,
            "geometry": sheet.geometry is not None,
            "table": mapping.table,
            "confidence": suggestion.confidence,
            "others": list(suggestion.others),
            "missing": [name for name in suggestion.missing if name not in mapping.constants],
            "saved": kept,
            "year": mapping.year,
            "constants": dict(mapping.constants),
            "columns": [
                {"position": c.position, "heading": c.heading, "field": c.field, "unit": c.unit,
                 "confidence": c.confidence, "sample": [_cell(row[c.position]) for row in sample]}
                for c in mapping.columns
            ],
            **placing,
        },
    )  # fmt: skip


def _place(session: Any, job: Job, whole: Any, mapping: Any, limits: Any, watch: Any) -> dict[str, Any]:
    """Draw where rows of a sheet lie as far as that is known at first sight; what stands in the way is said, not raised.

    Returns `placed`, whether there is something to see, `thinned`, of how many rows one is drawn, and `question`, code and
    values of a problem (a suspected datum, a CRS nobody declared), None where there is none.
    """
    from data.imports.check import placed
    from data.imports.problem import ImportProblem
    from domain.datum import Datum

    sheet = whole.thinned(_PREVIEW_SHAPES)
    thinned = -(-whole.rows // max(1, sheet.rows))
    try:
        where = placed(session, sheet, mapping, _options(job), limits, watch)
    except ImportProblem as problem:
        if problem.code == "cancelled":
            raise
        if problem.code == "datum_suspected":
            _both_ways(session, job, sheet, mapping, limits, watch, Datum(problem.values["datum"]))
        return {"placed": False, "thinned": thinned, "question": {"code": problem.code, "values": problem.values}}
    if where is not None:
        job.write(_PREVIEW, _geojson(where.shapes))
    return {"placed": where is not None, "thinned": thinned, "question": None}


def _options(job: Job, datum: Any = None) -> Any:
    """What the reader chose beside the mapping; `datum` over it."""
    from data.imports.check import Options
    from domain.datum import Datum

    asked = job.asked
    if datum is None and asked.get("datum"):
        datum = Datum(asked["datum"])
    return Options(
        asked.get("crs") or None, datum, asked.get("scheme") or None, bool(asked.get("all_or_nothing")), asked["role"],
        bool(asked.get("blanks_clear")),
    )  # fmt: skip


def _ready(session: Any, job: Job, found: Any, sheet: Any, limits: Any, watch: Any) -> Any:
    """The sheet as it would be written."""
    from data.imports.check import check

    return check(session, found, sheet, _mapping(session, job, sheet)[0], _options(job), limits, watch)


def _said(outcome: Any, findings: list[Any]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    order = {severity: n for n, severity in enumerate(("error", "refused", "warning", "changed", "info"))}
    shown = sorted(findings, key=lambda f: (order[f.severity], f.row or 0))[:MOST_FINDINGS]
    return {
        "new": outcome.new,
        "changed": outcome.changed,
        "same": outcome.same,
        "refused": outcome.refused,
        "tables": {name: list(n) for name, n in outcome.by_table.items()},
        "counts": counts,
        "findings": [
            {"severity": f.severity, "code": f.code, "row": f.row, "heading": f.heading, "value": f.value,
             "values": dict(f.values)}
            for f in shown
        ],
    }  # fmt: skip


def _check(job: Job, limits: Any, watch: Any) -> None:
    from sqlalchemy.orm import Session

    from data.db import get_engine
    from data.imports.commit import dry_run
    from data.imports.problem import ImportProblem
    from data.imports.report import report_workbook
    from domain.datum import Datum

    found, sheet = _open(job, limits, watch)
    with Session(get_engine()) as session:
        try:
            checked = _ready(session, job, found, sheet, limits, watch)
        except ImportProblem as problem:
            if problem.code == "datum_suspected":
                few = sheet.thinned(_PREVIEW_SHAPES)
                mapping = _mapping(session, job, sheet)[0]
                _both_ways(session, job, few, mapping, limits, watch, Datum(problem.values["datum"]))
            raise
        outcome = dry_run(session, checked, watch)
    findings = [*checked.findings, *outcome.findings]
    job.report.write_bytes(report_workbook(checked, sheet, findings))
    if checked.placed is not None:
        job.write(_PREVIEW, _geojson(checked.placed.shapes))
    job.write(_CHECKED, _said(outcome, findings) | {"total": checked.total, "placed": checked.placed is not None})


def _both_ways(session: Any, job: Job, sheet: Any, mapping: Any, limits: Any, watch: Any, suspect: Any) -> None:
    """Draw where the rows would lie as they are and converted from the suspected datum, for the reader to judge."""
    from data.imports.check import placed
    from domain.datum import Datum

    features: list[dict[str, Any]] = []
    box = None
    for datum in (Datum.WGS84, suspect):
        where = placed(session, sheet, mapping, _options(job, datum), limits, watch)
        if where is not None:
            drawn = _geojson(where.shapes)
            features += [f | {"properties": {"datum": datum.value}} for f in drawn["features"]]
            box = drawn["bbox"] or box
    job.write(_PREVIEW, {"type": "FeatureCollection", "features": features, "bbox": box})


def _commit(job: Job, limits: Any, watch: Any) -> None:
    from sqlalchemy.orm import Session

    from data.db import get_engine, write_session
    from data.imports.commit import commit, same_file
    from data.imports.mapping import save
    from data.imports.report import report_workbook

    engine = get_engine()
    found, sheet = _open(job, limits, watch)
    with Session(engine) as session:
        checked = _ready(session, job, found, sheet, limits, watch)
    if job.asked.get("save_as"):
        with write_session(engine) as session:
            save(session, job.asked["save_as"], checked.mapping, sheet.headings)
    outcome = commit(engine, checked, watch)
    findings = [*checked.findings, *outcome.findings]
    job.report.write_bytes(report_workbook(checked, sheet, findings))
    with Session(engine) as session:
        earlier = same_file(session, checked) if outcome.batch is None else None
    job.write(_DONE, _said(outcome, findings) | {"batch": outcome.batch, "earlier": earlier})
    _tiles(watch)
    job.file.unlink()


def _tiles(watch: Any) -> None:
    """Bring the tiles to the data. What was committed stays so when the disk does not take them: the server that keeps
    trying says on its pages why the map is behind.
    """
    from layers.tiles import TileProblem, ensure_tiles

    watch.step("tiles")
    with suppress(TileProblem):
        ensure_tiles()


def _undo(job: Job, _limits: Any, watch: Any) -> None:
    from data.db import get_engine
    from data.imports.commit import undo

    undo(get_engine(), job.asked["batch"], watch)
    _tiles(watch)


def _geojson(shapes: Any) -> dict[str, Any]:
    """The placed geometries, at most ``_PREVIEW_SHAPES`` of them evenly chosen and made light."""
    import shapely

    found = shapes[[s is not None and not s.is_empty for s in shapes]]
    if len(found) > _PREVIEW_SHAPES:
        found = found[:: -(-len(found) // _PREVIEW_SHAPES)]
    light = shapely.simplify(found, 0.0001)
    box = shapely.total_bounds(found).tolist() if len(found) else None
    features = [{"type": "Feature", "properties": {}, "geometry": json.loads(g)} for g in shapely.to_geojson(light)]
    return {"type": "FeatureCollection", "features": features, "bbox": box}


_STEPS: dict[Step, Callable[[Job, Any, Any], None]] = {"look": _look, "check": _check, "commit": _commit, "undo": _undo}


if __name__ == "__main__":
    run(Job(Path(sys.argv[1])), next(step for step in _STEPS if step == sys.argv[2]))
