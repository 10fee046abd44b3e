"""One way to write an extract: the format by the name of the file.

The writers for GIS load their libraries when they are used: a server starts without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data.exports.books import write_csv, write_xlsx
from data.exports.extract import Extract

ENCODINGS = ("utf-8", "gbk")


def _geojson(extract: Extract, path: Path, _encoding: str) -> None:
    from data.exports.geo import write_geojson

    write_geojson(extract, path)


def _gpkg(extract: Extract, path: Path, _encoding: str) -> None:
    from data.exports.geo import write_gpkg

    write_gpkg(extract, path)


def _shapefile(extract: Extract, path: Path, encoding: str) -> None:
    from data.exports.geo import write_shapefile

    write_shapefile(extract, path, encoding)


@dataclass(frozen=True)
class Format:
    """A kind of file: its ending, its media type, who writes it, whether an encoding can be asked for."""

    suffix: str
    mimetype: str
    write: Callable[[Extract, Path, str], None]
    encoded: bool = False


FORMATS: Mapping[str, Format] = {
    f.suffix: f
    for f in (
        Format(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda extract, path, _encoding: write_xlsx(extract, path),
        ),
        Format("csv", "text/csv", write_csv, encoded=True),
        Format("geojson", "application/geo+json", _geojson),
        Format("gpkg", "application/geopackage+sqlite3", _gpkg),
        Format("zip", "application/zip", _shapefile, encoded=True),
    )
}


def format_of(name: str) -> Format:
    """The format of a file name; ``.zip`` is a Shapefile. Raises ValueError naming the endings there are."""
    suffix = Path(name).suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise ValueError(
            f"no export has the ending {suffix or 'of nothing'!r}: use {', '.join(FORMATS)} (zip is a Shapefile)"
        )
    return FORMATS[suffix]


def file_name(extract: Extract, suffix: str) -> str:
    """``项目_2026-09_在地口径.xlsx``: what an export is called when nobody names it."""
    about = extract.about
    scope = "在地口径" if about.language != "en" else "territorial"
    return "_".join(part for part in (about.title, about.period, scope) if part) + f".{suffix}"
