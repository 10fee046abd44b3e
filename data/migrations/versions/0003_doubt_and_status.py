"""What a published record's source leaves in doubt, and whether a policy is a draft or replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

_DOUBTED = ("project", "carrier_building", "published_fact")


def upgrade() -> None:
    for table in _DOUBTED:
        op.add_column(table, sa.Column("doubt", sa.Text(), nullable=True))
    op.add_column("policy", sa.Column("status", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("policy", "status")
    for table in _DOUBTED:
        op.drop_column(table, "doubt")
