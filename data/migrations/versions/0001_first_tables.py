"""Every table of the first release, with GiST indexes on the geometry columns on PostGIS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from data.migrations import geometry

revision: str = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SPATIAL = (
    ("admin_unit", "geom"),
    ("zone", "geom"),
    ("land_parcel", "geom"),
    ("plot", "geom"),
    ("carrier_building", "footprint"),
    ("project", "footprint"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.create_table(
        "admin_unit",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("code_system", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("area_m2", BIG, nullable=True),
        sa.Column("geom", geometry(), nullable=True),
        sa.Column("datum", sa.String(length=10), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_admin_unit")),
    )
    op.create_table(
        "chain",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("ecosystem", sa.String(length=40), nullable=False),
        sa.Column("lead_zones", sa.JSON(), nullable=False),
        sa.Column("order_no", BIG, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_chain")),
    )
    op.create_table(
        "data_exception",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("entity_kind", sa.String(length=20), nullable=False),
        sa.Column("entity_id", sa.String(length=60), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("period", sa.String(length=7), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_exception")),
    )
    op.create_index(op.f("ix_data_exception_code"), "data_exception", ["code"], unique=False)
    op.create_table(
        "kpi_definition",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("formula", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=False),
        sa.Column("accumulation", sa.String(length=40), nullable=False),
        sa.Column("additive_parks", sa.String(length=40), nullable=False),
        sa.Column("additive_districts", sa.String(length=40), nullable=False),
        sa.Column("roll_up", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_definition")),
    )
    op.create_table(
        "land_use_class",
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("level", BIG, nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("colour_wall", sa.String(length=7), nullable=False),
        sa.Column("gb50137", sa.String(length=20), nullable=True),
        sa.Column("is_construction", sa.Boolean(), nullable=False),
        sa.Column("is_local", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("scheme", "code", name=op.f("pk_land_use_class")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "policy",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("doc_no", sa.String(length=80), nullable=True),
        sa.Column("issuer", sa.String(length=120), nullable=True),
        sa.Column("level", sa.String(length=10), nullable=True),
        sa.Column("valid_from", sa.String(length=40), nullable=True),
        sa.Column("valid_to", sa.String(length=40), nullable=True),
        sa.Column("chains", sa.JSON(), nullable=False),
        sa.Column("support_text", sa.Text(), nullable=True),
        sa.Column("condition_text", sa.Text(), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    op.create_index(op.f("ix_policy_provenance"), "policy", ["provenance"], unique=False)
    op.create_table(
        "search_entry",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("entity_id", sa.String(length=40), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("scheme_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "entity_id", name=op.f("pk_search_entry")),
    )
    op.create_index(op.f("ix_search_entry_provenance"), "search_entry", ["provenance"], unique=False)
    op.create_table(
        "zone_scheme",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("motto_zh", sa.String(length=80), nullable=False),
        sa.Column("motto_en", sa.String(length=120), nullable=False),
        sa.Column("area_crs", sa.String(length=20), nullable=False),
        sa.Column("boundary_source", sa.String(length=80), nullable=False),
        sa.Column("order_no", BIG, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_scheme")),
    )
    op.create_table(
        "admin_alias",
        sa.Column("alias", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("use", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["code"], ["admin_unit.code"], name=op.f("fk_admin_alias_code_admin_unit")),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_admin_alias")),
    )
    op.create_table(
        "chain_node",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("chain_code", sa.String(length=12), nullable=False),
        sa.Column("tier", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("criticality", BIG, nullable=False),
        sa.Column("order_no", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_code"], ["chain.code"], name=op.f("fk_chain_node_chain_code_chain"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_node")),
    )
    op.create_index(op.f("ix_chain_node_chain_code"), "chain_node", ["chain_code"], unique=False)
    op.create_table(
        "entity_chain",
        sa.Column("entity_kind", sa.String(length=12), nullable=False),
        sa.Column("entity_id", sa.String(length=40), nullable=False),
        sa.Column("chain_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_code"], ["chain.code"], name=op.f("fk_entity_chain_chain_code_chain"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entity_kind", "entity_id", "chain_code", name=op.f("pk_entity_chain")),
    )
    op.create_table(
        "kpi_value",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kpi_id", sa.String(length=8), nullable=False),
        sa.Column("unit_scope", sa.String(length=10), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("period_type", sa.String(length=1), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("accumulation", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=True),
        sa.Column("source_doc", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi_definition.id"], name=op.f("fk_kpi_value_kpi_id_kpi_definition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_value")),
    )
    op.create_index(
        "ix_kpi_value_lookup", "kpi_value", ["provenance", "kpi_id", "period_type", "period", "unit_code"], unique=False
    )
    op.create_index("ix_kpi_value_unit", "kpi_value", ["provenance", "unit_code", "period"], unique=False)
    op.create_table(
        "street",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("functional_area", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_street_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(
            ["functional_area"], ["admin_unit.code"], name=op.f("fk_street_functional_area_admin_unit")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_street")),
    )
    op.create_table(
        "target",
        sa.Column("kpi_id", sa.String(length=8), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["kpi_id"], ["kpi_definition.id"], name=op.f("fk_target_kpi_id_kpi_definition")),
        sa.PrimaryKeyConstraint("kpi_id", "unit_code", "year", "provenance", name=op.f("pk_target")),
    )
    op.create_table(
        "zone",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("scheme_id", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("short_zh", sa.String(length=30), nullable=False),
        sa.Column("alias_zh", sa.String(length=60), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("zone_type", sa.String(length=30), nullable=True),
        sa.Column("order_no", BIG, nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=True),
        sa.Column("functional_area", sa.String(length=20), nullable=True),
        sa.Column("leading_chains", sa.JSON(), nullable=False),
        sa.Column("geom", geometry(), nullable=False),
        sa.Column("is_schematic", sa.Boolean(), nullable=False),
        sa.Column("geometry_source", sa.Text(), nullable=False),
        sa.Column("geometry_area_m2", BIG, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("role in ('core','zone','axis','special','park')", name=op.f("ck_zone_role")),
        sa.ForeignKeyConstraint(["authority"], ["admin_unit.code"], name=op.f("fk_zone_authority_admin_unit")),
        sa.ForeignKeyConstraint(
            ["functional_area"], ["admin_unit.code"], name=op.f("fk_zone_functional_area_admin_unit")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["zone_scheme.id"], name=op.f("fk_zone_scheme_id_zone_scheme"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_zone")),
    )
    op.create_index(op.f("ix_zone_scheme_id"), "zone", ["scheme_id"], unique=False)
    op.create_table(
        "anchor_point",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_anchor_point_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor_point")),
    )
    op.create_table(
        "carrier_building",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("park_zh", sa.String(length=80), nullable=True),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("district_code", sa.String(length=20), nullable=True),
        sa.Column("carrier_type", sa.String(length=40), nullable=False),
        sa.Column("operator", sa.String(length=80), nullable=True),
        sa.Column("contact_role", sa.String(length=60), nullable=True),
        sa.Column("floors", BIG, nullable=True),
        sa.Column("height_m", sa.Double(), nullable=True),
        sa.Column("gross_area_m2", BIG, nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("fire_class", sa.String(length=10), nullable=True),
        sa.Column("power_kva", BIG, nullable=True),
        sa.Column("dual_power", sa.Boolean(), nullable=True),
        sa.Column("steam", sa.Boolean(), nullable=True),
        sa.Column("features", sa.Text(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("position_is_schematic", sa.Boolean(), nullable=False),
        sa.Column("footprint", geometry(), nullable=True),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_carrier_building_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_carrier_building_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_building")),
    )
    op.create_index(op.f("ix_carrier_building_provenance"), "carrier_building", ["provenance"], unique=False)
    op.create_index(op.f("ix_carrier_building_zone_code"), "carrier_building", ["zone_code"], unique=False)
    op.create_table(
        "chain_edge",
        sa.Column("from_node", sa.String(length=16), nullable=False),
        sa.Column("to_node", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_node"], ["chain_node.id"], name=op.f("fk_chain_edge_from_node_chain_node"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_node"], ["chain_node.id"], name=op.f("fk_chain_edge_to_node_chain_node"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("from_node", "to_node", name=op.f("pk_chain_edge")),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("district_code", sa.String(length=20), nullable=True),
        sa.Column("reg_unit", sa.String(length=20), nullable=True),
        sa.Column("stat_unit", sa.String(length=20), nullable=True),
        sa.Column("tax_unit", sa.String(length=20), nullable=True),
        sa.Column("industry_edition", sa.String(length=20), nullable=True),
        sa.Column("industry_code", sa.String(length=6), nullable=True),
        sa.Column("industry_name", sa.String(length=60), nullable=True),
        sa.Column("above_scale_since", sa.String(length=7), nullable=True),
        sa.Column("high_tech_from", BIG, nullable=True),
        sa.Column("high_tech_to", BIG, nullable=True),
        sa.Column("ladder", sa.String(length=20), nullable=True),
        sa.Column("leader_of", sa.JSON(), nullable=False),
        sa.Column("grading_status", sa.String(length=20), nullable=True),
        sa.Column("parent_id", sa.String(length=40), nullable=True),
        sa.Column("founded", BIG, nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_enterprise_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["enterprise.id"], name=op.f("fk_enterprise_parent_id_enterprise")),
        sa.ForeignKeyConstraint(["reg_unit"], ["admin_unit.code"], name=op.f("fk_enterprise_reg_unit_admin_unit")),
        sa.ForeignKeyConstraint(["stat_unit"], ["admin_unit.code"], name=op.f("fk_enterprise_stat_unit_admin_unit")),
        sa.ForeignKeyConstraint(["tax_unit"], ["admin_unit.code"], name=op.f("fk_enterprise_tax_unit_admin_unit")),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_enterprise_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
    )
    op.create_index(op.f("ix_enterprise_provenance"), "enterprise", ["provenance"], unique=False)
    op.create_index(op.f("ix_enterprise_uscc"), "enterprise", ["uscc"], unique=False)
    op.create_index(op.f("ix_enterprise_zone_code"), "enterprise", ["zone_code"], unique=False)
    op.create_table(
        "entity_node",
        sa.Column("entity_kind", sa.String(length=12), nullable=False),
        sa.Column("entity_id", sa.String(length=40), nullable=False),
        sa.Column("node_id", sa.String(length=16), nullable=False),
        sa.Column("link_source", sa.String(length=8), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["chain_node.id"], name=op.f("fk_entity_node_node_id_chain_node"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entity_kind", "entity_id", "node_id", name=op.f("pk_entity_node")),
    )
    op.create_index("ix_entity_node_node", "entity_node", ["node_id", "entity_kind"], unique=False)
    op.create_table(
        "land_parcel",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("district_code", sa.String(length=20), nullable=True),
        sa.Column("landuse_scheme", sa.String(length=16), nullable=False),
        sa.Column("status_code", sa.String(length=8), nullable=True),
        sa.Column("plan_code", sa.String(length=8), nullable=True),
        sa.Column("land_state", sa.String(length=16), nullable=True),
        sa.Column("area_m2", BIG, nullable=False),
        sa.Column("floor_area_m2", BIG, nullable=True),
        sa.Column("geom", geometry(), nullable=False),
        sa.Column("datum", sa.String(length=10), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_land_parcel_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_land_parcel_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land_parcel")),
    )
    op.create_index(op.f("ix_land_parcel_district_code"), "land_parcel", ["district_code"], unique=False)
    op.create_index(op.f("ix_land_parcel_provenance"), "land_parcel", ["provenance"], unique=False)
    op.create_index(op.f("ix_land_parcel_zone_code"), "land_parcel", ["zone_code"], unique=False)
    op.create_table(
        "ledger_line",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("line", sa.String(length=16), nullable=False),
        sa.Column("amount_wan", BIG, nullable=False),
        sa.Column("doc", sa.Text(), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["admin_unit.code"], name=op.f("fk_ledger_line_unit_admin_unit")),
        sa.ForeignKeyConstraint(
            ["zone_code"], ["zone.code"], name=op.f("fk_ledger_line_zone_code_zone"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
    )
    op.create_index(op.f("ix_ledger_line_zone_code"), "ledger_line", ["zone_code"], unique=False)
    op.create_table(
        "platform",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=30), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("host", sa.String(length=160), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("status", sa.String(length=80), nullable=True),
        sa.Column("since", sa.String(length=7), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("position_is_schematic", sa.Boolean(), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_platform_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
    )
    op.create_index(op.f("ix_platform_provenance"), "platform", ["provenance"], unique=False)
    op.create_index(op.f("ix_platform_zone_code"), "platform", ["zone_code"], unique=False)
    op.create_table(
        "plot",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("district_code", sa.String(length=20), nullable=True),
        sa.Column("landuse_scheme", sa.String(length=16), nullable=False),
        sa.Column("landuse_code", sa.String(length=8), nullable=False),
        sa.Column("area_m2", BIG, nullable=False),
        sa.Column("far_min", sa.Double(), nullable=True),
        sa.Column("far_max", sa.Double(), nullable=True),
        sa.Column("supply_state", sa.String(length=16), nullable=False),
        sa.Column("supply_mode", sa.String(length=20), nullable=True),
        sa.Column("tenure_years", BIG, nullable=True),
        sa.Column("reserve_price_wan_mu", sa.Double(), nullable=True),
        sa.Column("intensity_wan_mu", sa.Double(), nullable=True),
        sa.Column("tax_wan_mu", sa.Double(), nullable=True),
        sa.Column("utilities", sa.String(length=20), nullable=True),
        sa.Column("chain_nodes", sa.JSON(), nullable=False),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("geom", geometry(), nullable=True),
        sa.Column("datum", sa.String(length=10), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["district_code"], ["admin_unit.code"], name=op.f("fk_plot_district_code_admin_unit")),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_plot_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot")),
    )
    op.create_index(op.f("ix_plot_district_code"), "plot", ["district_code"], unique=False)
    op.create_index(op.f("ix_plot_provenance"), "plot", ["provenance"], unique=False)
    op.create_index(op.f("ix_plot_zone_code"), "plot", ["zone_code"], unique=False)
    op.create_table(
        "published_fact",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("family", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("unit_code", sa.String(length=20), nullable=True),
        sa.Column("scope_note", sa.Text(), nullable=True),
        sa.Column("indicator", sa.String(length=120), nullable=False),
        sa.Column("period", sa.String(length=40), nullable=True),
        sa.Column("value_text", sa.Text(), nullable=True),
        sa.Column("value_number", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=True),
        sa.Column("growth_pct", sa.Double(), nullable=True),
        sa.Column("as_of", sa.String(length=60), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_code"], ["admin_unit.code"], name=op.f("fk_published_fact_unit_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_published_fact_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_fact")),
    )
    op.create_index(op.f("ix_published_fact_subject"), "published_fact", ["subject"], unique=False)
    op.create_index(op.f("ix_published_fact_unit_code"), "published_fact", ["unit_code"], unique=False)
    op.create_index(op.f("ix_published_fact_zone_code"), "published_fact", ["zone_code"], unique=False)
    op.create_table(
        "zone_area",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=False),
        sa.Column("km2", sa.Double(), nullable=False),
        sa.Column("as_of", sa.String(length=40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["zone_code"], ["zone.code"], name=op.f("fk_zone_area_zone_code_zone"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_area")),
    )
    op.create_index(op.f("ix_zone_area_zone_code"), "zone_area", ["zone_code"], unique=False)
    op.create_table(
        "zone_district",
        sa.Column("zone_code", sa.String(length=20), nullable=False),
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("area_m2", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_zone_district_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(
            ["zone_code"], ["zone.code"], name=op.f("fk_zone_district_zone_code_zone"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("zone_code", "district_code", name=op.f("pk_zone_district")),
    )
    op.create_table(
        "zone_party",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("duties", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["unit"], ["admin_unit.code"], name=op.f("fk_zone_party_unit_admin_unit")),
        sa.ForeignKeyConstraint(
            ["zone_code"], ["zone.code"], name=op.f("fk_zone_party_zone_code_zone"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_party")),
    )
    op.create_index(op.f("ix_zone_party_zone_code"), "zone_party", ["zone_code"], unique=False)
    op.create_table(
        "carrier_unit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("building_id", sa.String(length=40), nullable=False),
        sa.Column("floor", BIG, nullable=False),
        sa.Column("unit_no", sa.String(length=20), nullable=False),
        sa.Column("area_m2", BIG, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=True),
        sa.Column("clear_height_m", sa.Double(), nullable=True),
        sa.Column("load_t_m2", sa.Double(), nullable=True),
        sa.Column("deal_mode", sa.String(length=12), nullable=True),
        sa.Column("rent_yuan_m2_month", sa.Double(), nullable=True),
        sa.Column("price_yuan_m2", sa.Double(), nullable=True),
        sa.Column("enterprise_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["carrier_building.id"],
            name=op.f("fk_carrier_unit_building_id_carrier_building"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_carrier_unit_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_unit")),
    )
    op.create_index(op.f("ix_carrier_unit_building_id"), "carrier_unit", ["building_id"], unique=False)
    op.create_table(
        "enterprise_month",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("enterprise_id", sa.String(length=40), nullable=False),
        sa.Column("output_ytd_wan", BIG, nullable=True),
        sa.Column("revenue_ytd_wan", BIG, nullable=True),
        sa.Column("tax_ytd_wan", BIG, nullable=True),
        sa.Column("retained_ytd_wan", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk_enterprise_month_enterprise_id_enterprise"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("period", "enterprise_id", name=op.f("pk_enterprise_month")),
    )
    op.create_table(
        "enterprise_year",
        sa.Column("enterprise_id", sa.String(length=40), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("output_wan", BIG, nullable=True),
        sa.Column("revenue_wan", BIG, nullable=True),
        sa.Column("value_added_wan", BIG, nullable=True),
        sa.Column("tax_wan", BIG, nullable=True),
        sa.Column("rd_wan", BIG, nullable=True),
        sa.Column("energy_tce", BIG, nullable=True),
        sa.Column("emission_eq", sa.Double(), nullable=True),
        sa.Column("employees", BIG, nullable=True),
        sa.Column("land_m2", BIG, nullable=True),
        sa.Column("leased_m2", BIG, nullable=True),
        sa.Column("leased_far", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprise.id"],
            name=op.f("fk_enterprise_year_enterprise_id_enterprise"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "year", name=op.f("pk_enterprise_year")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_code", sa.String(length=40), nullable=True),
        sa.Column("name_zh", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=160), nullable=True),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("enterprise_id", sa.String(length=40), nullable=True),
        sa.Column("enterprise_name", sa.String(length=160), nullable=True),
        sa.Column("total_investment_wan", BIG, nullable=True),
        sa.Column("annual_tax_wan", BIG, nullable=True),
        sa.Column("annual_output_wan", BIG, nullable=True),
        sa.Column("land_m2", BIG, nullable=True),
        sa.Column("floor_area_m2", BIG, nullable=True),
        sa.Column("industry_edition", sa.String(length=20), nullable=True),
        sa.Column("industry_code", sa.String(length=6), nullable=True),
        sa.Column("route", sa.String(length=8), nullable=True),
        sa.Column("managing_unit", sa.String(length=20), nullable=True),
        sa.Column("responsible_unit", sa.String(length=80), nullable=True),
        sa.Column("officer_role", sa.String(length=60), nullable=True),
        sa.Column("platform_id", sa.String(length=40), nullable=True),
        sa.Column("is_government_funded", sa.Boolean(), nullable=True),
        sa.Column("published_stage", sa.String(length=40), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("position_is_schematic", sa.Boolean(), nullable=False),
        sa.Column("footprint", geometry(), nullable=True),
        sa.Column("datum", sa.String(length=10), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_project_enterprise_id_enterprise")),
        sa.ForeignKeyConstraint(
            ["managing_unit"], ["admin_unit.code"], name=op.f("fk_project_managing_unit_admin_unit")
        ),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_project_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index(op.f("ix_project_project_code"), "project", ["project_code"], unique=False)
    op.create_index(op.f("ix_project_provenance"), "project", ["provenance"], unique=False)
    op.create_index(op.f("ix_project_zone_code"), "project", ["zone_code"], unique=False)
    op.create_table(
        "land_contract",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("parcel_id", sa.String(length=40), nullable=False),
        sa.Column("enterprise_id", sa.String(length=40), nullable=True),
        sa.Column("project_id", sa.String(length=40), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("price_wan", BIG, nullable=False),
        sa.Column("agreed_start", sa.Date(), nullable=False),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("developed_ratio", sa.Double(), nullable=True),
        sa.Column("invested_ratio", sa.Double(), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=True),
        sa.Column("legal_status", sa.String(length=40), nullable=True),
        sa.Column("legal_doc", sa.Text(), nullable=True),
        sa.Column("disposal", sa.String(length=20), nullable=True),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("as_of", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_land_contract_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["land_parcel.id"], name=op.f("fk_land_contract_parcel_id_land_parcel"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_land_contract_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land_contract")),
    )
    op.create_index(op.f("ix_land_contract_parcel_id"), "land_contract", ["parcel_id"], unique=False)
    op.create_index(op.f("ix_land_contract_provenance"), "land_contract", ["provenance"], unique=False)
    op.create_table(
        "light_exemption",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("dimension", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_light_exemption_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_light_exemption")),
    )
    op.create_index(op.f("ix_light_exemption_project_id"), "light_exemption", ["project_id"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("stage", BIG, nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=160), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("approver", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_milestone_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "stage", name=op.f("pk_milestone")),
    )
    op.create_table(
        "monthly_report",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("month_wan", BIG, nullable=False),
        sa.Column("ytd_wan", BIG, nullable=False),
        sa.Column("cumulative_wan", BIG, nullable=False),
        sa.Column("plan_ytd_wan", BIG, nullable=True),
        sa.Column("progress_code", sa.String(length=16), nullable=True),
        sa.Column("progress_text", sa.String(length=200), nullable=True),
        sa.Column("issue_type", sa.String(length=20), nullable=True),
        sa.Column("issue_text", sa.String(length=200), nullable=True),
        sa.Column("issue_unit", sa.String(length=60), nullable=True),
        sa.Column("funds_required_wan", BIG, nullable=True),
        sa.Column("funds_in_wan", BIG, nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_monthly_report_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("period", "project_id", name=op.f("pk_monthly_report")),
    )
    op.create_table(
        "project_district",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("district_code", sa.String(length=20), nullable=False),
        sa.Column("area_m2", BIG, nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_project_district_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_district_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "district_code", name=op.f("pk_project_district")),
    )
    op.create_table(
        "project_fact",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("fai_ytd_wan", BIG, nullable=True),
        sa.Column("domestic_ytd_wan", BIG, nullable=True),
        sa.Column("foreign_ytd_usd_wan", BIG, nullable=True),
        sa.Column("is_industrial", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_fact_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("period", "project_id", name=op.f("pk_project_fact")),
    )
    op.create_table(
        "project_kind",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column("details", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_kind_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "kind", name=op.f("pk_project_kind")),
    )
    op.create_table(
        "project_month",
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("stage", BIG, nullable=False),
        sa.Column("stage_group", sa.String(length=10), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("light", sa.String(length=6), nullable=False),
        sa.Column("light_start", sa.String(length=6), nullable=True),
        sa.Column("light_progress", sa.String(length=6), nullable=True),
        sa.Column("light_funds", sa.String(length=6), nullable=True),
        sa.Column("light_library", sa.String(length=6), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("months_red", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_month_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("period", "project_id", name=op.f("pk_project_month")),
    )
    op.create_index("ix_project_month_project", "project_month", ["project_id", "period"], unique=False)
    op.create_table(
        "project_place",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_place_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit"], ["admin_unit.code"], name=op.f("fk_project_place_unit_admin_unit")),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_project_place_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_place")),
    )
    op.create_index(op.f("ix_project_place_project_id"), "project_place", ["project_id"], unique=False)
    op.create_table(
        "project_site",
        sa.Column("id", sa.String(length=44), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("district_code", sa.String(length=20), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_code"], ["admin_unit.code"], name=op.f("fk_project_site_district_code_admin_unit")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_site_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["zone_code"], ["zone.code"], name=op.f("fk_project_site_zone_code_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_site")),
    )
    op.create_index(op.f("ix_project_site_project_id"), "project_site", ["project_id"], unique=False)
    op.create_table(
        "project_year",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("plan_wan", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_year_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "year", name=op.f("pk_project_year")),
    )
    op.create_table(
        "readiness_track",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("track", sa.String(length=2), nullable=False),
        sa.Column("percent", BIG, nullable=True),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("actual_start", sa.Date(), nullable=True),
        sa.Column("actual_end", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_readiness_track_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "track", name=op.f("pk_readiness_track")),
    )
    op.create_table(
        "share_agreement",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("zone_code", sa.String(length=20), nullable=True),
        sa.Column("project_id", sa.String(length=40), nullable=True),
        sa.Column("metric_class", sa.String(length=12), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("basis_doc", sa.Text(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("retention", sa.Boolean(), nullable=False),
        sa.Column("provenance", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_share_agreement_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["zone_code"], ["zone.code"], name=op.f("fk_share_agreement_zone_code_zone"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_agreement")),
    )
    op.create_index(op.f("ix_share_agreement_project_id"), "share_agreement", ["project_id"], unique=False)
    op.create_index(op.f("ix_share_agreement_zone_code"), "share_agreement", ["zone_code"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        for table, column in SPATIAL:
            op.create_index(f"gist_{table}_{column}", table, [column], postgresql_using="gist")


def downgrade() -> None:
    op.drop_index(op.f("ix_share_agreement_zone_code"), table_name="share_agreement")
    op.drop_index(op.f("ix_share_agreement_project_id"), table_name="share_agreement")
    op.drop_table("share_agreement")
    op.drop_table("readiness_track")
    op.drop_table("project_year")
    op.drop_index(op.f("ix_project_site_project_id"), table_name="project_site")
    op.drop_table("project_site")
    op.drop_index(op.f("ix_project_place_project_id"), table_name="project_place")
    op.drop_table("project_place")
    op.drop_index("ix_project_month_project", table_name="project_month")
    op.drop_table("project_month")
    op.drop_table("project_kind")
    op.drop_table("project_fact")
    op.drop_table("project_district")
    op.drop_table("monthly_report")
    op.drop_table("milestone")
    op.drop_index(op.f("ix_light_exemption_project_id"), table_name="light_exemption")
    op.drop_table("light_exemption")
    op.drop_index(op.f("ix_land_contract_provenance"), table_name="land_contract")
    op.drop_index(op.f("ix_land_contract_parcel_id"), table_name="land_contract")
    op.drop_table("land_contract")
    op.drop_index(op.f("ix_project_zone_code"), table_name="project")
    op.drop_index(op.f("ix_project_provenance"), table_name="project")
    op.drop_index(op.f("ix_project_project_code"), table_name="project")
    op.drop_table("project")
    op.drop_table("enterprise_year")
    op.drop_table("enterprise_month")
    op.drop_index(op.f("ix_carrier_unit_building_id"), table_name="carrier_unit")
    op.drop_table("carrier_unit")
    op.drop_index(op.f("ix_zone_party_zone_code"), table_name="zone_party")
    op.drop_table("zone_party")
    op.drop_table("zone_district")
    op.drop_index(op.f("ix_zone_area_zone_code"), table_name="zone_area")
    op.drop_table("zone_area")
    op.drop_index(op.f("ix_published_fact_zone_code"), table_name="published_fact")
    op.drop_index(op.f("ix_published_fact_unit_code"), table_name="published_fact")
    op.drop_index(op.f("ix_published_fact_subject"), table_name="published_fact")
    op.drop_table("published_fact")
    op.drop_index(op.f("ix_plot_zone_code"), table_name="plot")
    op.drop_index(op.f("ix_plot_provenance"), table_name="plot")
    op.drop_index(op.f("ix_plot_district_code"), table_name="plot")
    op.drop_table("plot")
    op.drop_index(op.f("ix_platform_zone_code"), table_name="platform")
    op.drop_index(op.f("ix_platform_provenance"), table_name="platform")
    op.drop_table("platform")
    op.drop_index(op.f("ix_ledger_line_zone_code"), table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_index(op.f("ix_land_parcel_zone_code"), table_name="land_parcel")
    op.drop_index(op.f("ix_land_parcel_provenance"), table_name="land_parcel")
    op.drop_index(op.f("ix_land_parcel_district_code"), table_name="land_parcel")
    op.drop_table("land_parcel")
    op.drop_index("ix_entity_node_node", table_name="entity_node")
    op.drop_table("entity_node")
    op.drop_index(op.f("ix_enterprise_zone_code"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_uscc"), table_name="enterprise")
    op.drop_index(op.f("ix_enterprise_provenance"), table_name="enterprise")
    op.drop_table("enterprise")
    op.drop_table("chain_edge")
    op.drop_index(op.f("ix_carrier_building_zone_code"), table_name="carrier_building")
    op.drop_index(op.f("ix_carrier_building_provenance"), table_name="carrier_building")
    op.drop_table("carrier_building")
    op.drop_table("anchor_point")
    op.drop_index(op.f("ix_zone_scheme_id"), table_name="zone")
    op.drop_table("zone")
    op.drop_table("target")
    op.drop_table("street")
    op.drop_index("ix_kpi_value_unit", table_name="kpi_value")
    op.drop_index("ix_kpi_value_lookup", table_name="kpi_value")
    op.drop_table("kpi_value")
    op.drop_table("entity_chain")
    op.drop_index(op.f("ix_chain_node_chain_code"), table_name="chain_node")
    op.drop_table("chain_node")
    op.drop_table("admin_alias")
    op.drop_table("zone_scheme")
    op.drop_index(op.f("ix_search_entry_provenance"), table_name="search_entry")
    op.drop_table("search_entry")
    op.drop_index(op.f("ix_policy_provenance"), table_name="policy")
    op.drop_table("policy")
    op.drop_table("meta")
    op.drop_table("land_use_class")
    op.drop_table("kpi_definition")
    op.drop_index(op.f("ix_data_exception_code"), table_name="data_exception")
    op.drop_table("data_exception")
    op.drop_table("chain")
    op.drop_table("admin_unit")
