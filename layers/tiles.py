"""Tile archives: who may load which, building them per data version, and serving them from memory-mapped files.

One folder per data version holds a PMTiles file per archive and ``manifest.json``, written last, with the features of
each layer. A new version is built beside the old one and swapped in by rename; tile URLs carry the version, so a tile
never changes under its address.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import shutil
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from pmtiles.tile import (
    Compression,
    Entry,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    zxy_to_tileid,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import get_engine
from data.models import Meta
from data.queries.catalogue import data_version as stored_version
from data.store import SHARED_VERSION
from domain.viewer import FieldClass, Role, Viewer
from domain.viewstate import Dataset
from settings import get_settings

MIN_ZOOM, MAX_ZOOM = 8, 14
#: Which archives and attributes there are; raised when they change, so that archives of an older program are built anew.
FORMAT = 4
#: What a tile is and how it is stored; send both headers as they are.
CONTENT_TYPE, CONTENT_ENCODING = "application/vnd.mapbox-vector-tile", "gzip"
MEND_COMMAND = ".venv/bin/python cli.py tiles"
_HEADER_BYTES = 127
_OPEN_VERSIONS = 3

Progress = Callable[[str, int, int], None]


class TileProblem(RuntimeError):
    """Tiles are missing, damaged or cannot be built; the message is one line that ends with the command that mends it.

    `reason` is why they cannot be built, "" when they were not.
    """

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__(f"{what}. Mend it with: {MEND_COMMAND}")
        self.reason = reason


# --- the gate --------------------------------------------------------------------------------------------------------


def open_archives(viewer: Viewer, provenance: str, *, reviewed: bool) -> dict[str, str]:
    """Archives `viewer` may load, by family: ``{"staff": "staff-demo", …}`` (rules §2.6, §2.7).

    Exact geometry needs its field class, leads theirs; everybody else gets the guest archive. A prospect sees the
    administrative base map only when it carries a review number (`reviewed`). Archives are cut by role, not by unit:
    a viewer limited to some units gets the guest archive until per-unit ones exist, rather than rows of other units.
    """
    found = {"base": "base", "place": "place"}
    if viewer.role is not Role.PROSPECT or reviewed:
        found["admin"] = "admin"
    if viewer.units or not viewer.may(FieldClass.EXACT_GEOMETRY):
        return found | {"guest": f"guest-{provenance}"}
    found |= {family: f"{family}-{provenance}" for family in ("land", "staff", "projects")}
    if viewer.may(FieldClass.LEADS):
        found["leads"] = f"leads-{provenance}"
    return found


def archives_for(viewer: Viewer, provenance: str, *, reviewed: bool) -> frozenset[str]:
    """Names of the archives `viewer` may load; any other is refused. `reviewed`: the map has a review number."""
    return frozenset(open_archives(viewer, provenance, reviewed=reviewed).values())


# --- building --------------------------------------------------------------------------------------------------------


@contextmanager
def _one_builder(tiles_dir: Path) -> Iterator[None]:
    """Hold the builder's lock; another builder, of any process, waits here."""
    tiles_dir.mkdir(parents=True, exist_ok=True)
    with (tiles_dir / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # released when the file closes, also when the process dies
        yield


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Session]:
    """A session that sees one state of the database however long the build takes."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":  # where every transaction is one
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with Session(connection) as session:
            yield session


def being_built(tiles_dir: Path) -> bool:
    """Whether a builder, of any process, is at work."""
    try:
        with (tiles_dir / ".lock").open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # nobody ever built anything here
        return False
    return False


def build_archives(engine: Engine, tiles_dir: Path, progress: Progress | None = None, *, force: bool = False) -> bool:
    """Build the archives of the database's data version unless they are there and whole (or `force`); True when it did.

    `progress` is called with (archive, number, of how many) before each. One builder works at a time; one that waited
    finds the work done. Older versions are removed, except the one before, which open pages still ask for.
    Raises TileProblem when the disk does not take them; then the versions there stay as they are.
    """
    said = "The tiles"
    try:
        with _one_builder(tiles_dir), _snapshot(engine) as session:
            version = stored_version(session)
            if not force and TileStore(tiles_dir).complete(version):
                return False
            said = f"The tiles of data version {version}"
            _sweep(tiles_dir)
            building = tiles_dir / f"{version}.building"
            building.mkdir()
            try:
                kept = None if force else _kept(session, tiles_dir, version)
                contents = _write_archives(session, building, progress or (lambda *_: None), kept)
                for name in (name for name, layers in contents.items() if layers):
                    _Archive(building / f"{name}.pmtiles")  # what is not whole never comes into use
                manifest = {"format": FORMAT, "data_version": version, "archives": contents}
                (building / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
                target = tiles_dir / str(version)
                if target.exists():  # damaged, or built again by force
                    target.rename(tiles_dir / f"{version}.replaced")
                building.rename(target)
            finally:
                shutil.rmtree(building, ignore_errors=True)
            _remove_old(tiles_dir, version)
            return True
    except TileProblem as problem:
        raise TileProblem(f"{said} could not be built ({problem})", str(problem)) from problem
    except (OSError, RuntimeError) as error:  # the tile writer says RuntimeError whatever happened to it
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reason = reason.removeprefix("Error: ").partition(" (os error")[0]
        raise TileProblem(f"{said} could not be built ({reason})", reason) from error


def _kept(session: Session, tiles_dir: Path, data_version: int) -> int | None:
    """The newest version since which only the owner's records changed, when its tiles are whole."""
    row = session.get(Meta, SHARED_VERSION)
    since = data_version if row is None else int(row.value)
    versions = (int(p.name) for p in tiles_dir.iterdir() if p.name.isdecimal())
    store = TileStore(tiles_dir)
    return max((v for v in versions if since <= v < data_version and store.complete(v)), default=None)


def _write_archives(session: Session, folder: Path, progress: Progress, kept: int | None) -> dict[str, dict[str, int]]:
    """Write each archive that has features; number of features by archive and layer.

    Of the version `kept` all archives but the owner's are taken over.
    """
    # Only building needs the geometry libraries, which take a second to import; a server start must not wait for them.
    from freestiler import freestile

    from layers.features import archive_frames

    archives = archive_frames(session)
    contents: dict[str, dict[str, int]] = {}
    if kept is not None:
        old = folder.parent / str(kept)
        known = json.loads((old / "manifest.json").read_text(encoding="utf-8"))["archives"]
        contents = {name: known[name] for name, _read in archives if not name.endswith(f"-{Dataset.OWN.provenance}")}
        for name in (name for name, layers in contents.items() if layers):
            os.link(old / f"{name}.pmtiles", folder / f"{name}.pmtiles")
        archives = [(name, read) for name, read in archives if name not in contents]
    for number, (name, read) in enumerate(archives, start=1):
        progress(name, number, len(archives))
        frames = {layer: frame for layer, frame in read().items() if len(frame)}
        contents[name] = {layer: len(frame) for layer, frame in frames.items()}
        if frames:
            freestile(frames, folder / f"{name}.pmtiles", min_zoom=MIN_ZOOM, max_zoom=MAX_ZOOM, quiet=True)
    return contents


def _remove_old(tiles_dir: Path, current: int) -> None:
    older = sorted(int(p.name) for p in tiles_dir.iterdir() if p.name.isdecimal() and int(p.name) < current)
    for version in older[:-1]:
        shutil.rmtree(tiles_dir / str(version), ignore_errors=True)
    _sweep(tiles_dir)


def _sweep(tiles_dir: Path) -> None:
    for left in (*tiles_dir.glob("*.building"), *tiles_dir.glob("*.replaced")):  # also of a builder that died
        shutil.rmtree(left, ignore_errors=True)


def _say(archive: str, number: int, total: int) -> None:
    print(f"tiles {number}/{total} {archive}", flush=True)


def ensure_tiles(*, force: bool = False) -> None:
    """Build the tiles of the configured database's data version where they are missing, saying so; raises TileProblem."""
    build_archives(get_engine(), get_settings().tiles_dir, _say, force=force)


def check_tiles(*, behind: bool = False) -> None:
    """Raise TileProblem unless the tiles of the configured database's data version are there and whole.

    `behind`: those of an older version will do, for a server, which shows them and builds the others.
    """
    with Session(get_engine()) as session:
        version = stored_version(session)
        if behind and shown_version(session) is not None:
            return
    if problem := tile_store().problem(version):
        raise problem


# --- serving ---------------------------------------------------------------------------------------------------------


class _Archive:
    """One memory-mapped PMTiles file. Directories are parsed once: parsing costs more than reading a tile."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size < _HEADER_BYTES:
                raise TileProblem(f"Tile archive {path.name} is truncated ({size} bytes)")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            header = deserialize_header(self._bytes[:_HEADER_BYTES])
        except (MagicNumberNotFound, SpecVersionUnsupported, ValueError) as error:
            raise TileProblem(f"Tile archive {path.name} is not a PMTiles file of version 3") from error
        if header["tile_compression"] is not Compression.GZIP or header["tile_type"] is not TileType.MVT:
            raise TileProblem(f"Tile archive {path.name} does not hold gzipped vector tiles")
        self._name = path.name
        self._leaves = header["leaf_directory_offset"]
        self._data = header["tile_data_offset"]
        sections = (
            (header["root_offset"], header["root_length"]),
            (header["metadata_offset"], header["metadata_length"]),
            (self._leaves, header["leaf_directory_length"]),
            (self._data, header["tile_data_length"]),
        )
        end = max(offset + length for offset, length in sections)
        if end > size:
            raise TileProblem(f"Tile archive {path.name} is truncated ({size} of {end} bytes)")
        self._directories: dict[tuple[int, int], tuple[list[int], list[Entry]]] = {}
        self._lock = Lock()
        self._root = (header["root_offset"], header["root_length"])
        self._directory(*self._root)

    def _directory(self, offset: int, length: int) -> tuple[list[int], list[Entry]]:
        key = (offset, length)
        with self._lock:
            if key not in self._directories:
                try:
                    entries = deserialize_directory(self._bytes[offset : offset + length])
                except (OSError, EOFError, zlib.error) as error:
                    raise TileProblem(f"Tile archive {self._name} has a damaged directory") from error
                self._directories[key] = ([e.tile_id for e in entries], entries)
            return self._directories[key]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The stored (gzipped) tile, None where there is none."""
        tile_id = zxy_to_tileid(z, x, y)
        where = self._root
        for _depth in range(4):
            ids, entries = self._directory(*where)
            position = bisect_right(ids, tile_id) - 1
            if position < 0:
                return None
            entry = entries[position]
            if entry.run_length:
                start = self._data + entry.offset
                return self._bytes[start : start + entry.length] if tile_id - entry.tile_id < entry.run_length else None
            where = (self._leaves + entry.offset, entry.length)
        return None


class TileStore:
    """Reads tiles of any version below `tiles_dir`; safe to share between threads."""

    def __init__(self, tiles_dir: Path) -> None:
        self._dir = tiles_dir
        self._lock = Lock()
        self._versions: dict[int, dict[str, _Archive | None]] = {}

    def _open(self, version: int) -> dict[str, _Archive | None]:
        """Archives of a version, None for one without features. Raises TileProblem when anything is missing or damaged."""
        with self._lock:
            if version not in self._versions:
                folder = self._dir / str(version)
                try:
                    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
                    contents = dict(manifest["archives"])
                    if manifest.get("format") != FORMAT:
                        raise TileProblem(
                            f"Tiles of data version {version} were built by another version of the program"
                        )
                except OSError as error:
                    raise TileProblem(f"Tiles of data version {version} are missing") from error
                except (ValueError, KeyError, TypeError) as error:
                    raise TileProblem(f"The manifest of the tiles of data version {version} is damaged") from error
                found: dict[str, _Archive | None] = {}
                for name, layers in contents.items():
                    path = folder / f"{name}.pmtiles"
                    if layers and not path.is_file():
                        raise TileProblem(f"Tile archive {path.name} of data version {version} is missing")
                    found[name] = _Archive(path) if layers else None
                while len(self._versions) >= _OPEN_VERSIONS:
                    self._versions.pop(min(self._versions))
                self._versions[version] = found
            return self._versions[version]

    def get(self, version: int, archive: str, z: int, x: int, y: int) -> bytes | None:
        """The tile as stored (CONTENT_TYPE, CONTENT_ENCODING), None where nothing is drawn or no such archive exists.

        Raises TileProblem when the version's tiles are missing or damaged.
        """
        found = self._open(version).get(archive)
        inside = MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z
        return found.tile(z, x, y) if found and inside else None

    def complete(self, version: int) -> bool:
        """Whether every archive of `version` is there and whole."""
        return self.problem(version) is None

    def problem(self, version: int) -> TileProblem | None:
        """What is wrong with the tiles of `version`; None when they are whole."""
        try:
            self._open(version)
        except TileProblem as problem:
            return problem
        return None

    def newest(self, most: int) -> int | None:
        """The newest version, `most` at the most, whose archives are whole; None when there is none."""
        if self.complete(most):
            return most
        try:
            older = [int(p.name) for p in self._dir.iterdir() if p.name.isdecimal() and int(p.name) < most]
        except OSError:
            return None
        return next((version for version in sorted(older, reverse=True) if self.complete(version)), None)


@lru_cache(maxsize=4)
def _store_of(tiles_dir: Path) -> TileStore:
    return TileStore(tiles_dir)


def tile_store() -> TileStore:
    """The tiles of the configured folder; one for the process."""
    return _store_of(get_settings().tiles_dir)


def shown_version(session: Session) -> int | None:
    """The data version that maps show: the database's own, and until its tiles are built the newest that is whole.

    None when there are no tiles at all.
    """
    return tile_store().newest(stored_version(session))
