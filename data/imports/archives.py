"""Archives and zip-based files are looked through before anything opens them: size, paths, nesting, XML entities."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.imports.problem import MB, ImportProblem, Limits, Watch

_CHUNK = 1 << 20
_NESTED = (".zip", ".kmz", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_MAX_MEMBERS = 10_000
#: A DTD is refused whatever it holds: none of the formats read here needs one. UTF-16 would hide it from a byte search.
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_COLUMN = re.compile(rb'<c [^>]{0,40}?\br="([A-Z]{1,3})[0-9]')
_ROW = re.compile(rb'<row [^>]{0,40}?\br="([0-9]{1,7})"')
_MAX_CELLS = 60_000_000
_STALE = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]*><f[^>]*?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')


@dataclass(frozen=True)
class BookFacts:
    """What a workbook carries besides its cells; `stale` are cells (B3) of formulas without a stored value by sheet part."""

    external_links: bool
    stale: tuple[tuple[str, str], ...]


def check_xml(name: str, start: bytes) -> None:
    """Raise ImportProblem when XML declares a DTD or entities, or hides its bytes in UTF-16."""
    if _DTD.search(start) or start[:2] in _UTF16:
        raise ImportProblem("entities", name=name)


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag Chinese Windows writes GB18030, which zipfile takes for cp437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ImportProblem("archive_broken", reason=str(error)) from error


def _members(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    found = [info for info in archive.infolist() if not info.is_dir()]
    if len(found) > _MAX_MEMBERS or sum(info.file_size for info in found) > limits.expanded_bytes:
        raise ImportProblem("expands", limit=limits.expanded_bytes // MB)
    for info in found:
        name = _name(info).replace("\\", "/")
        if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in PurePosixPath(name).parts or "\0" in name:
            raise ImportProblem("slip", name=name)
        if (info.external_attr >> 16) & 0o170000 == 0o120000:  # a symbolic link
            raise ImportProblem("slip", name=name)
        if info.flag_bits & 0x1:
            raise ImportProblem("encrypted")
    return found


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: list[int], limits: Limits, watch: Watch
) -> Iterator[bytes]:
    """The member in pieces, counted as they come: what an archive says of its sizes may be false."""
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                watch.step("unpack")
                left[0] -= len(piece)
                if left[0] < 0:
                    raise ImportProblem("expands", limit=limits.expanded_bytes // MB)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise ImportProblem("archive_broken", reason=str(error)) from error


def check_workbook(path: Path, limits: Limits, watch: Watch) -> BookFacts:
    """Look through an xlsx: unpacked size, macros, entities, external links, formulas that were never computed.

    Raises ImportProblem for what must not be opened.
    """
    external = False
    stale: list[tuple[str, str]] = []
    with _open(path) as archive:
        left = [limits.expanded_bytes]
        for info in _members(archive, limits):
            name = _name(info)
            lower = name.lower()
            if lower.endswith("vbaproject.bin") or "/macrosheets/" in lower:
                raise ImportProblem("macros")
            if lower.endswith(_NESTED):
                raise ImportProblem("nested", name=name)
            external = external or "/externallinks/" in lower
            is_sheet = lower.startswith("xl/worksheets/") and lower.endswith(".xml")
            tail = b""
            last_row = last_column = 0
            for number, piece in enumerate(_read(archive, info, left, limits, watch)):
                if lower.endswith((".xml", ".rels", ".vml")):
                    if number == 0:
                        check_xml(name, piece)
                    elif _DTD.search(tail[-16:] + piece):
                        raise ImportProblem("entities", name=name)
                if is_sheet:
                    block = tail + piece
                    stale += [(PurePosixPath(name).name, m.decode()) for m in _STALE.findall(block)]
                    columns = set(_COLUMN.findall(block))
                    last_column = max([last_column, *(_column_number(letters) for letters in columns)])
                    last_row = max([last_row, *map(int, _ROW.findall(block)[-1:])])
                    if last_row * last_column > _MAX_CELLS:
                        raise ImportProblem("too_many_columns", columns=last_column, limit=_MAX_CELLS // last_row)
                    last = block.rfind(b"<c ")
                    tail = block[last:] if last >= 0 and len(block) - last < 10_000 else b""
                else:
                    tail = piece[-16:]
    return BookFacts(external, tuple(dict.fromkeys(stale)))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def unpack(path: Path, folder: Path, suffixes: tuple[str, ...], limits: Limits, watch: Watch) -> list[Path]:
    """Write the members with these suffixes below `folder` and return their paths.

    Every path is made here from checked parts; sizes are counted while unpacking. Raises ImportProblem for slips, nested
    archives, encrypted or broken ones, and when nothing fits.
    """
    written: list[Path] = []
    with _open(path) as archive:
        left = [limits.expanded_bytes]
        for info in _members(archive, limits):
            name = _name(info).replace("\\", "/")
            parts = PurePosixPath(name).parts
            if parts[0] == "__MACOSX" or parts[-1].startswith("."):
                continue
            if name.lower().endswith(_NESTED):
                raise ImportProblem("nested", name=name)
            if not name.lower().endswith(suffixes):
                continue
            target = folder.joinpath(*(part[:100] for part in parts))
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                for piece in _read(archive, info, left, limits, watch):
                    out.write(piece)
            written.append(target)
    if not written:
        raise ImportProblem("archive_empty")
    return written
