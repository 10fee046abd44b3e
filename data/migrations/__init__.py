"""The history of the database schema (Alembic), from the first table on.

A new revision: ``.venv/bin/alembic revision --autogenerate -m "why"``, then read and tidy what it wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeEngine

FOLDER = Path(__file__).resolve().parent
#: The newest revision: what a database must be at. Written down so that a start need not load Alembic to know it.
HEAD = "0004"
SPATIAL_INDEX_PREFIX = "gist_"


def geometry() -> TypeEngine[Any]:
    """Column type of a geometry in a revision: PostGIS or WKB, by the database the revision runs on.

    Revisions do not use ``data.db.Geom``: they must keep meaning what they meant, and GeoAlchemy2 asks the types of a new
    table for their form without saying for which database.
    """
    from alembic import op
    from geoalchemy2 import Geometry

    if op.get_bind().dialect.name == "postgresql":
        return Geometry("GEOMETRY", srid=4326, spatial_index=False)
    return LargeBinary()


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Whether Alembic compares an object with the metadata.

    PostGIS's own table does not count, nor do the spatial indexes: they exist on PostGIS only and therefore live in the
    revisions, not in ``data.models``.
    """
    if kind == "table":
        return name != "spatial_ref_sys"
    if kind == "index":
        return not (name or "").startswith(SPATIAL_INDEX_PREFIX)
    return True
