"""Boundary files of zone schemes, read as any file that comes in: layers, attributes as text, shapes in WGS 84."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from data.imports import place, space
from data.imports.look import Look, Sheet, look
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.words import text
from domain.datum import Datum
from settings import get_settings

_WORLD = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class Boundaries:
    """A layer read: `frame` in EPSG:4326 with attributes as text, its name, and what is to be said of how it was read."""

    frame: gpd.GeoDataFrame
    title: str
    notes: tuple[str, ...]

    @property
    def fields(self) -> list[str]:
        """Names of the attributes."""
        return [str(column) for column in self.frame.columns if column != "geometry"]


def layers_of(path: Path) -> tuple[str, ...]:
    """Layers with geometry of a file, as the import calls them. Raises ValueError in one line."""
    return tuple(sheet.name for sheet in _looked(path, None).sheets)


def records_of(path: Path, layer: str | None = None) -> pd.DataFrame:
    """The attributes of one layer as text, wherever it lies. Raises ValueError in one line."""
    return _attributes(_looked(path, layer).sheets[0])


def read_boundaries(
    path: Path,
    layer: str | None = None,
    *,
    crs: str | None = None,
    datum: Datum | None = None,
    around: tuple[float, float, float, float] = _WORLD,
) -> Boundaries:
    """One layer of `path` as the import reads it; `layer` names it where there are several.

    `crs` and `datum` say what the file does not; `around` (lon, lat) is where it should lie, which tells systems apart.
    Raises ValueError in one line for whatever keeps it from being read.
    """
    found = _looked(path, layer)
    if len(found.sheets) > 1:
        names = ", ".join(sheet.name for sheet in found.sheets)
        raise ValueError(f"{path.name} has {len(found.sheets)} layers, name one of them: {names}")
    sheet = found.sheets[0]
    assert sheet.geometry is not None  # noqa: S101 - narrows: others were left out
    with _one_line(path):
        brought = place.bring(sheet, sheet.geometry, crs, datum, around, Limits.of(get_settings()))
    for i, (code, values) in brought.refused.items():
        raise ValueError(f"feature {i + 1} of {sheet.name}: {text(code, values, 'en')}")
    notes = [f.text("en") for f in found.findings]
    notes += [text(code, values, "en") for severity, code, values in brought.said if severity == "warning"]
    for repair in place.repaired(brought.shapes, lambda shapes: space.area_crs_for(shapes, None)):
        values = {"reason": repair.reason, "before": round(repair.before), "after": round(repair.after)}
        notes.append(f"feature {repair.at + 1}: {text('repaired', values, 'en')}")
    frame = gpd.GeoDataFrame(_attributes(sheet), geometry=list(brought.shapes), crs="EPSG:4326")
    frame = frame[~frame.geometry.isna()]
    if frame.empty:
        raise ValueError(f"{sheet.name} holds no geometry")
    return Boundaries(frame, sheet.name, tuple(f"{sheet.name}: {note}" for note in notes))


def _looked(path: Path, layer: str | None) -> Look:
    """The file with its layers that have geometry, or the one asked for."""
    limits = Limits.of(get_settings())
    with _one_line(path):
        found = look(path, limits, Watch(limits.seconds), only=layer)
        sheets = [found.sheet(layer)] if layer else found.sheets
    kept = tuple(sheet for sheet in sheets if sheet.geometry is not None)
    if not kept:
        raise ValueError(f"{path.name} holds no layer with geometry")
    return replace(found, sheets=kept)


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """What stops the import's reader, in English after the path of the file."""
    try:
        yield
    except ImportProblem as problem:
        raise ValueError(f"{path}: {problem.text('en')}") from problem


def _attributes(sheet: Sheet) -> pd.DataFrame:
    return pd.DataFrame(
        {h.found: [_text(cell) for cell in cells] for h, cells in zip(sheet.headings, sheet.columns, strict=True)},
        dtype=object,
    )


def _text(cell: Any) -> str | None:
    """An attribute as text: a whole number without its ".0", as codes in number columns come."""
    if cell is None or cell == "":
        return None
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
