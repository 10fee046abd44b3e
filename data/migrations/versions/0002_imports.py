"""Batches of imported files with what they replaced, and saved mappings: an import can be named, repeated and undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.String(length=25), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("table_id", sa.String(length=40), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("data_version", BIG, nullable=False),
        sa.Column("undone_at", sa.String(length=25), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_sha256"), "import_batch", ["sha256"])
    op.create_table(
        "import_change",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("batch_id", BIG, nullable=False),
        sa.Column("table_id", sa.String(length=40), nullable=False),
        sa.Column("row_key", sa.String(length=300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after_hash", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_change_batch_id_import_batch"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
    )
    op.create_index(op.f("ix_import_change_batch_id"), "import_change", ["batch_id"])
    op.create_index("ix_import_change_row", "import_change", ["table_id", "row_key"])
    op.create_table(
        "import_mapping",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("table_id", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.String(length=25), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("name", "table_id", name=op.f("uq_import_mapping_name")),
    )
    op.create_index(op.f("ix_import_mapping_signature"), "import_mapping", ["signature"])


def downgrade() -> None:
    op.drop_table("import_mapping")
    op.drop_table("import_change")
    op.drop_table("import_batch")
