"""Builds one part of a size below ``ATLAS_VAR_DIR`` in a process of its own, so that its time and memory are its own.

``python -m benchmarks.build database|parcels|tiles SIZE`` writes what it took to ``bench-PART.json`` in that folder.
"""

from __future__ import annotations

import gzip
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.sizes import SIZES
from data import models as m
from data import store
from data.db import get_engine
from layers.tiles import ensure_tiles
from settings import get_settings

SCHEME = "wcsc"
PARCELS_FILE = "parcels.geojson.gz"


def peak_mb() -> float:
    """Most memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def database(size: str) -> dict[str, Any]:
    """Generate, derive and index the records."""
    steps: list[tuple[str, float]] = []
    began = time.perf_counter()

    def report(what: str, _fraction: float | None) -> None:
        steps.append((what, round(time.perf_counter() - began, 2)))

    settings = get_settings()
    store.init(settings, report, schemes=(SCHEME,), scale=SIZES[size].scale)
    taken = time.perf_counter() - began
    with Session(get_engine()) as session:
        tables = (m.LandParcel, m.Project, m.ProjectMonth, m.Enterprise, m.EnterpriseMonth)
        rows = {t.__tablename__: session.query(t).count() for t in tables}
    size_mb = (settings.var_dir / "atlas.db").stat().st_size / 2**20
    return {"seconds": taken, "database_mb": size_mb, "steps": steps, "rows": rows}


def parcels(_size: str) -> dict[str, Any]:
    """The parcels as the GeoJSON file that a Plotly page would load: six decimals, the ids only."""
    began = time.perf_counter()
    path = get_settings().var_dir / PARCELS_FILE
    with Session(get_engine()) as session, gzip.open(path, "wt", compresslevel=6, encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[')
        found = session.execute(
            select(m.LandParcel.id, m.LandParcel.geom)
            .where(m.LandParcel.provenance == "demo")
            .order_by(m.LandParcel.id)
        )
        for number, (parcel_id, geom) in enumerate(found):
            shape = shapely.to_geojson(shapely.set_precision(geom, 1e-6))
            out.write(f'{"," if number else ""}{{"type":"Feature","id":"{parcel_id}","geometry":{shape}}}')
        out.write("]}")
    return {"seconds": time.perf_counter() - began, "bytes": path.stat().st_size}


def tiles(_size: str) -> dict[str, Any]:
    """The tile archives, from the database."""
    began = time.perf_counter()
    ensure_tiles(force=True)
    taken = time.perf_counter() - began
    archives = {p.stem: p.stat().st_size for p in sorted(get_settings().tiles_dir.rglob("*.pmtiles"))}
    return {"seconds": taken, "archives": archives}


PARTS = {"database": database, "parcels": parcels, "tiles": tiles}


def result_file(var_dir: Path, part: str) -> Path:
    """Where a part's figures are kept."""
    return var_dir / f"bench-{part}.json"


def main() -> None:
    """Build and write down what it took."""
    part, size = sys.argv[1:]
    taken = PARTS[part](size) | {"size": size, "peak_mb": peak_mb()}
    result_file(get_settings().var_dir, part).write_text(json.dumps(taken, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
