"""A short English name of a zone, for cards and labels; the zones of the shipped schemes get theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

_SHIPPED = {
    "CDKXC": "Science Town",
    "XJJHL": "New Economy Zone",
    "SMKX": "Bio-town",
    "WLKJC": "Future Tech Town",
    "XYDIT": "IT Base",
    "WJ-CORE": "Core",
    "WJ-AX1": "Axis 1",
    "WJ-AX2": "Axis 2",
    "WJ-CYC": "Medical City",
    "WJ-JKFW": "Health Services",
    "WJ-NYG": "Agri-tech Park",
}


def upgrade() -> None:
    op.add_column("zone", sa.Column("short_en", sa.String(length=30), nullable=True))
    zone = sa.table("zone", sa.column("code", sa.String), sa.column("short_en", sa.String))
    for code, name in _SHIPPED.items():
        op.execute(zone.update().where(zone.c.code == code).values(short_en=name))


def downgrade() -> None:
    op.drop_column("zone", "short_en")
