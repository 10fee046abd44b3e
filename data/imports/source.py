"""Opening a file: its extension says the driver, its first bytes must agree, archives are unpacked under guard.

Everything temporary lies in one folder that is removed when the block ends, whatever happened inside.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from data.imports import archives, books, layers, texts
from data.imports.marks import OWN_SHEETS
from data.imports.problem import MB, ImportProblem, Limits, Watch

TEXT = (".csv", ".tsv", ".txt")
BOOK = (".xlsx", ".xls")
_PREFIX = "atlas-import-"
SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SUPPORTED = (*TEXT, *BOOK, *layers.DRIVERS, ".kmz", ".zip")
_PACKED = (*SHAPE_PARTS, ".geojson", ".json", ".gpkg", ".fgb", ".kml", ".dxf", *TEXT, *BOOK)
_BAD = re.compile(r"[\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\xd0\xcf\x11\xe0", "xls"), (b"SQLite format 3\x00", "gpkg"),
    (b"\x00\x00\x27\x0a", "shp"), (b"fgb", "fgb"), (b"%PDF", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpg"),
    (b"MZ", "exe"), (b"\x7fELF", "exe"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "7z"), (b"\x1f\x8b", "gz"),
    (b"AutoCAD Binary DXF", "dxf"),
)  # fmt: skip
_EXPECTED = {".xlsx": "zip", ".kmz": "zip", ".zip": "zip", ".xls": "xls", ".gpkg": "gpkg", ".shp": "shp", ".fgb": "fgb"}


@dataclass(frozen=True)
class Opened:
    """What a file holds: grids of cells, layers of geometry, and what is to be said about it."""

    name: str
    path: Path
    sha256: str
    grids: tuple[books.Grid, ...] = ()
    layers: tuple[layers.Layer, ...] = ()
    encoding: str | None = None
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    stale: tuple[tuple[str, str], ...] = field(default=())


def safe_name(name: str) -> str:
    """The name without any path. Raises ImportProblem for one that is a path, or hides something."""
    if not name or name in (".", "..") or "/" in name or "\\" in name or _BAD.search(name) or len(name) > 200:
        raise ImportProblem("bad_name", name=_BAD.sub("?", name)[:60])
    return name


def known_suffix(name: str) -> str:
    """The extension of a file name in small letters. Raises ImportProblem for one that is not read here."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUPPORTED:
        raise ImportProblem("extension", suffix=suffix or "?", known=" ".join(SUPPORTED))
    return suffix


def digest(path: Path) -> str:
    """SHA-256 of a file; a loose Shapefile counts with its parts."""
    whole = hashlib.sha256()
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = sorted(p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in SHAPE_PARTS)
    for part in parts:
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                whole.update(block)
    return whole.hexdigest()


@contextmanager
def opened(
    path: Path, limits: Limits, watch: Watch, name: str | None = None, only: str | None = None
) -> Iterator[Opened]:
    """The file at `path`, called `name` (default: its own), read within the limits; `only` names the layer wanted.

    Raises ImportProblem for every file that cannot or must not be read.
    """
    name = safe_name(name if name is not None else path.name)
    if not path.is_file():
        raise ImportProblem("no_file", name=name)
    suffix = known_suffix(name)
    size = path.stat().st_size
    if size == 0:
        raise ImportProblem("empty")
    if size > limits.file_bytes:
        raise ImportProblem("too_big", size=round(size / MB, 1), limit=limits.file_bytes // MB)
    _check_kind(path, suffix)
    _clear_after_killed(limits)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        # A copy under a name of ours: readers go by the extension, and a name may be anything.
        copy = folder / f"file{suffix}"
        _bring(path, copy, suffix)
        yield _read(copy, suffix, name, digest(path), folder, limits, watch, only)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_after_killed(limits: Limits) -> None:
    """Remove folders of imports that were killed: older than any import may take, twice over."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # of another user, or just removed by its owner
            if time.time() - left.stat().st_mtime > 2 * limits.seconds:
                shutil.rmtree(left, ignore_errors=True)


def _bring(path: Path, copy: Path, suffix: str) -> None:
    if suffix != ".shp":
        copy.symlink_to(path.resolve())
        return
    for part in path.parent.iterdir():
        if part.stem == path.stem and part.suffix.lower() in SHAPE_PARTS:
            shutil.copyfile(part, copy.with_suffix(part.suffix.lower()))


def _check_kind(path: Path, suffix: str) -> None:
    """Raise ImportProblem when the first bytes are not what the extension says."""
    with path.open("rb") as stream:
        start = stream.read(4096)
    found = next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)
    if suffix == ".xlsx" and found == "xls" and b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d" in path.read_bytes():
        raise ImportProblem("encrypted")
    if found != _EXPECTED.get(suffix) and not (suffix == ".dxf" and found == "dxf"):
        raise ImportProblem("renamed", suffix=suffix, found=found or "text")
    if found is None and b"\x00" in start and start[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise ImportProblem("renamed", suffix=suffix, found="binary")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix in (".geojson", ".json") and not text.startswith((b"{", b"\x1e")):
        raise ImportProblem("renamed", suffix=suffix, found="text")
    if suffix == ".kml":
        archives.check_xml(path.name, start)
        if b"<kml" not in text and b":kml" not in text:
            raise ImportProblem("renamed", suffix=suffix, found="xml" if text.startswith(b"<") else "text")
    if suffix == ".dxf" and found is None and b"SECTION" not in start:
        raise ImportProblem("renamed", suffix=suffix, found="text")
    if suffix in TEXT and text[:14].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ImportProblem("renamed", suffix=suffix, found="html")


def _read(
    path: Path, suffix: str, name: str, sha256: str, folder: Path, limits: Limits, watch: Watch, only: str | None
) -> Opened:
    if suffix in TEXT:
        rows, encoding, guessed = texts.read_text(path, limits, watch)
        notes: tuple[tuple[str, dict[str, object]], ...] = (
            (("encoding_guessed", {"encoding": encoding}),) if guessed else ()
        )
        return Opened(name, path, sha256, (books.Grid(Path(name).stem, list(rows)),), (), encoding, notes)
    if suffix in BOOK:
        grids, facts = books.read_book(path, limits, watch)
        said = (("external_links", dict[str, object]()),) if facts.external_links else ()
        return Opened(name, path, sha256, tuple(grids), (), None, said, facts.stale)
    if suffix in (".kmz", ".zip"):
        return _read_archive(path, suffix, name, sha256, folder, limits, watch, only)
    if suffix == ".kml":
        _check_whole_xml(path, name)
    if suffix in (".geojson", ".json"):
        _check_json(path)
    found = layers.read_layers(path, name, limits, watch, only)
    guessed_as = [x.encoding for x in found if x.encoding]
    notes = tuple(("encoding_guessed", {"encoding": encoding}) for encoding in dict.fromkeys(guessed_as))
    return Opened(name, path, sha256, (), tuple(found), None, notes)


def _read_archive(
    path: Path, suffix: str, name: str, sha256: str, folder: Path, limits: Limits, watch: Watch, only: str | None
) -> Opened:
    inside = folder / "inside"
    members = archives.unpack(path, inside, (".kml",) if suffix == ".kmz" else _PACKED, limits, watch)
    grids: list[tuple[str, books.Grid]] = []
    found: list[tuple[str, layers.Layer]] = []
    notes: list[tuple[str, dict[str, object]]] = []
    stems = [p.stem for p in members if p.suffix.lower() not in SHAPE_PARTS[1:]]
    for member in sorted(members):
        kind = member.suffix.lower()
        if kind in SHAPE_PARTS[1:]:
            continue
        if member.stat().st_size == 0:
            raise ImportProblem("empty")
        if only is not None and kind == ".shp" and only != member.stem and stems.count(only) == 1:
            continue  # reading the other layers of a big archive would only cost time
        _check_kind(member, kind)
        part = _read(member, kind, member.name, sha256, folder, limits, watch, None)
        at = member.relative_to(inside).with_suffix("").as_posix()
        grids += [(at, grid) for grid in part.grids]
        found += [(at, layer) for layer in part.layers]
        notes += part.notes
    names = _told_apart([*((at, grid.name) for at, grid in grids), *((at, layer.name) for at, layer in found)])
    tables = tuple(replace(grid, name=title) for (_at, grid), title in zip(grids, names, strict=False))
    shapes = tuple(replace(layer, name=title) for (_at, layer), title in zip(found, names[len(grids) :], strict=True))
    return Opened(name, path, sha256, tables, shapes, None, tuple(notes))


def _told_apart(parts: list[tuple[str, str]]) -> list[str]:
    """Names of the parts of an archive, each (file in it, name): where two are alike, the file is named as well."""
    counts = Counter(name for _at, name in parts)
    names: list[str] = []
    for at, name in parts:
        if counts[name] > 1 and name not in OWN_SHEETS:
            name = at if PurePosixPath(at).name == name else f"{at} · {name}"
        names.append(name)
    return names


def _check_whole_xml(path: Path, name: str) -> None:
    tail = b""
    with path.open("rb") as stream:
        first = True
        while block := stream.read(1 << 20):
            if first:
                archives.check_xml(name, block)
                first = False
            archives.check_xml(name, b"xx" + tail + block)
            tail = block[-16:]


def _check_json(path: Path) -> None:
    """GDAL takes any JSON that looks like features; what is no GeoJSON at all gets a message of ours."""
    with path.open("rb") as stream:
        start = stream.read(1 << 16)
    if b'"FeatureCollection"' in start or b'"Feature"' in start or b'"coordinates"' in start:
        return
    try:
        json.loads(path.read_bytes())
    except ValueError as error:
        raise ImportProblem("unreadable", reason=str(error)[:120]) from error
    raise ImportProblem("renamed", suffix=path.suffix.lower(), found="JSON")
