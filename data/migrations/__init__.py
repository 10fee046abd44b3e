"""The history of the database schema (Alembic), from the first table on.

A new revision: ``.venv/bin/alembic revision --autogenerate -m "why"``, then read and tidy what it wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
SPATIAL_INDEX_PREFIX = "gist_"


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Whether Alembic compares an object with the metadata: not PostGIS's own table nor the spatial indexes,

    which exist on PostGIS only and therefore live in the revisions, not in ``data.models``.
    """
    if kind == "table":
        return name != "spatial_ref_sys"
    if kind == "index":
        return not (name or "").startswith(SPATIAL_INDEX_PREFIX)
    return True
