"""The tables (rules §9). Money is integer 万元 (``_wan``), area integer m² (``_m2``), months are ``YYYY-MM``.

Every fact row carries ``provenance``: ``official`` (the owner's data), ``published`` (public, with date and source) or
``demo`` (synthetic). The three never meet in one total. Codes always travel with their scheme or edition.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from data.db import Geom


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can address them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        BaseGeometry: Geom,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        int: BigInteger().with_variant(Integer(), "sqlite"),
    }


class Provenance:
    """Where a record comes from. `source` and `as_of` are required for published figures, `note` says what is uncertain."""

    provenance: Mapped[str] = mapped_column(String(12), index=True)
    source: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)


# --- reference -----------------------------------------------------------------------------------------------------


class Meta(Base):
    """One row per fact about the database itself: ``data_version``, ``seed``, ``boundary_source`` …"""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AdminUnit(Base):
    """A statutory district (GB/T 2260, with geometry) or a functional area (own code, no public geometry)."""

    __tablename__ = "admin_unit"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    code_system: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12))  # statutory | functional
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    area_m2: Mapped[int | None]
    geom: Mapped[BaseGeometry | None]
    datum: Mapped[str | None] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(Text)


class AdminAlias(Base):
    """A code seen in real records that is not (or no longer) a unit's own: 510109, 510132 … (rules §2.1)."""

    __tablename__ = "admin_alias"
    alias: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"))
    use: Mapped[str] = mapped_column(String(20))  # former_code | approval_authority
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)


class Street(Base):
    """A street or town: statutory district and the functional area that manages it (rules §2.1)."""

    __tablename__ = "street"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    district_code: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"))
    functional_area: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))


class ZoneScheme(Base):
    """An "n cores, m zones, axes and parks" arrangement."""

    __tablename__ = "zone_scheme"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    motto_zh: Mapped[str] = mapped_column(String(80))
    motto_en: Mapped[str] = mapped_column(String(120))
    area_crs: Mapped[str] = mapped_column(String(20))
    boundary_source: Mapped[str] = mapped_column(String(80))
    order_no: Mapped[int]
    note: Mapped[str | None] = mapped_column(Text)


class Zone(Base):
    """An element of a scheme: core, zone, special, park (areas) or axis (a line)."""

    __tablename__ = "zone"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    scheme_id: Mapped[str] = mapped_column(ForeignKey("zone_scheme.id", ondelete="CASCADE"), index=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))
    short_zh: Mapped[str] = mapped_column(String(30))
    alias_zh: Mapped[str | None] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(10))
    zone_type: Mapped[str | None] = mapped_column(String(30))  # row of the scorecard weights, rules §3.6
    order_no: Mapped[int]
    authority: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    functional_area: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    leading_chains: Mapped[list[Any]] = mapped_column(JSON, default=list)
    geom: Mapped[BaseGeometry]
    is_schematic: Mapped[bool]
    geometry_source: Mapped[str] = mapped_column(Text)
    geometry_area_m2: Mapped[int | None]  # in the scheme's area CRS; None for a line
    note: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (CheckConstraint("role in ('core','zone','axis','special','park')", name="role"),)


class ZoneArea(Base):
    """Published areas of a zone: a history, never overwritten (rules §1.3)."""

    __tablename__ = "zone_area"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True)
    km2: Mapped[float]
    as_of: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    is_published: Mapped[bool]
    is_current: Mapped[bool]


class ZoneDistrict(Base):
    """Computed: a zone's area by statutory district in the scheme's area CRS."""

    __tablename__ = "zone_district"
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), primary_key=True)
    district_code: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"), primary_key=True)
    area_m2: Mapped[int]


class ZoneParty(Base):
    """A governing party of a zone with its duties, effective-dated."""

    __tablename__ = "zone_party"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True)
    unit: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"))
    role: Mapped[str] = mapped_column(String(10))  # lead | partner | host
    duties: Mapped[list[Any]] = mapped_column(JSON, default=list)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    basis: Mapped[str | None] = mapped_column(Text)


class ShareAgreement(Base):
    """An agreed split of a metric class, of a zone or of one project, effective-dated (rules §4.3)."""

    __tablename__ = "share_agreement"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    metric_class: Mapped[str] = mapped_column(String(12))  # direct | nondirect | fiscal
    shares: Mapped[dict[str, Any]] = mapped_column(JSON)  # unit -> "6/10"
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    basis_doc: Mapped[str] = mapped_column(Text)
    illustrative: Mapped[bool]
    retention: Mapped[bool]
    provenance: Mapped[str] = mapped_column(String(12))


class LandUseClass(Base):
    """A land-use class; `scheme` + `code` together are the key, a bare code is not (rules §2.2)."""

    __tablename__ = "land_use_class"
    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    level: Mapped[int]
    colour: Mapped[str] = mapped_column(String(7))
    colour_wall: Mapped[str] = mapped_column(String(7))
    gb50137: Mapped[str | None] = mapped_column(String(20))
    is_construction: Mapped[bool]
    is_local: Mapped[bool]


class Chain(Base):
    """An industry chain of one taxonomy version (rules §5.1)."""

    __tablename__ = "chain"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    version: Mapped[str] = mapped_column(String(60))
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    ecosystem: Mapped[str] = mapped_column(String(40))
    lead_zones: Mapped[list[Any]] = mapped_column(JSON, default=list)
    order_no: Mapped[int]


class ChainNode(Base):
    """A node of a chain; `industries` is a list of [edition, code, name] of GB/T 4754."""

    __tablename__ = "chain_node"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    chain_code: Mapped[str] = mapped_column(ForeignKey("chain.code", ondelete="CASCADE"), index=True)
    tier: Mapped[str] = mapped_column(String(6))  # 上游 | 中游 | 下游 | 支撑
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    industries: Mapped[list[Any]] = mapped_column(JSON, default=list)
    criticality: Mapped[int]
    order_no: Mapped[int]


class ChainEdge(Base):
    """Supplier node to customer node within a chain."""

    __tablename__ = "chain_edge"
    from_node: Mapped[str] = mapped_column(ForeignKey("chain_node.id", ondelete="CASCADE"), primary_key=True)
    to_node: Mapped[str] = mapped_column(ForeignKey("chain_node.id", ondelete="CASCADE"), primary_key=True)


class KpiDefinition(Base):
    """A row of the KPI dictionary (rules §3.2)."""

    __tablename__ = "kpi_definition"
    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100))
    definition: Mapped[str] = mapped_column(Text)
    formula: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(40))
    accumulation: Mapped[str] = mapped_column(String(40))
    additive_parks: Mapped[str] = mapped_column(String(40))
    additive_districts: Mapped[str] = mapped_column(String(40))
    roll_up: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(20))


# --- facts ---------------------------------------------------------------------------------------------------------


class LandParcel(Base, Provenance):
    """A piece of ground with its status and planned land use and how far it has come (rules §2.2, §3.2.4)."""

    __tablename__ = "land_parcel"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), index=True)
    landuse_scheme: Mapped[str] = mapped_column(String(16))
    status_code: Mapped[str | None] = mapped_column(String(8))
    plan_code: Mapped[str | None] = mapped_column(String(8))
    land_state: Mapped[str | None] = mapped_column(String(16))  # undevelopable|developable|ready|supplied|built
    area_m2: Mapped[int]
    floor_area_m2: Mapped[int | None]
    geom: Mapped[BaseGeometry]
    datum: Mapped[str] = mapped_column(String(10))


class LandContract(Base, Provenance):
    """A supply contract of a parcel: what the idle clock needs (rules §7.4)."""

    __tablename__ = "land_contract"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    parcel_id: Mapped[str] = mapped_column(ForeignKey("land_parcel.id", ondelete="CASCADE"), index=True)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"))
    signed_on: Mapped[date] = mapped_column(Date)
    price_wan: Mapped[int]
    agreed_start: Mapped[date] = mapped_column(Date)
    actual_start: Mapped[date | None] = mapped_column(Date)
    stopped_on: Mapped[date | None] = mapped_column(Date)
    developed_ratio: Mapped[float | None]
    invested_ratio: Mapped[float | None]
    cause: Mapped[str | None] = mapped_column(String(16))  # company | government | force_majeure
    legal_status: Mapped[str | None] = mapped_column(String(40))
    legal_doc: Mapped[str | None] = mapped_column(Text)
    disposal: Mapped[str | None] = mapped_column(String(20))


class Plot(Base, Provenance):
    """A plot on offer or to come (rules §7.2)."""

    __tablename__ = "plot"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), index=True)
    landuse_scheme: Mapped[str] = mapped_column(String(16))
    landuse_code: Mapped[str] = mapped_column(String(8))
    area_m2: Mapped[int]
    far_min: Mapped[float | None]
    far_max: Mapped[float | None]
    supply_state: Mapped[str] = mapped_column(String(16))
    supply_mode: Mapped[str | None] = mapped_column(String(20))
    tenure_years: Mapped[int | None]
    reserve_price_wan_mu: Mapped[float | None]
    intensity_wan_mu: Mapped[float | None]
    tax_wan_mu: Mapped[float | None]
    utilities: Mapped[str | None] = mapped_column(String(20))
    chain_nodes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    updated_on: Mapped[date | None] = mapped_column(Date)
    geom: Mapped[BaseGeometry | None]
    datum: Mapped[str | None] = mapped_column(String(10))


class CarrierBuilding(Base, Provenance):
    """A building of a carrier 载体 (rules §7.1)."""

    __tablename__ = "carrier_building"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    park_zh: Mapped[str | None] = mapped_column(String(80))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    carrier_type: Mapped[str] = mapped_column(String(40))
    operator: Mapped[str | None] = mapped_column(String(80))
    contact_role: Mapped[str | None] = mapped_column(String(60))
    floors: Mapped[int | None]
    height_m: Mapped[float | None]
    gross_area_m2: Mapped[int | None]
    delivered_on: Mapped[date | None] = mapped_column(Date)
    fire_class: Mapped[str | None] = mapped_column(String(10))
    power_kva: Mapped[int | None]
    dual_power: Mapped[bool | None]
    steam: Mapped[bool | None]
    features: Mapped[str | None] = mapped_column(Text)
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    position_is_schematic: Mapped[bool]
    footprint: Mapped[BaseGeometry | None]
    updated_on: Mapped[date | None] = mapped_column(Date)
    doubt: Mapped[str | None] = mapped_column(Text)  # what the published source leaves open


class CarrierUnit(Base):
    """The leasable atom of a carrier building."""

    __tablename__ = "carrier_unit"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    building_id: Mapped[str] = mapped_column(ForeignKey("carrier_building.id", ondelete="CASCADE"), index=True)
    floor: Mapped[int]
    unit_no: Mapped[str] = mapped_column(String(20))
    area_m2: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))  # building|vacant|held|contracted|occupied|reserved|frozen
    available_from: Mapped[date | None] = mapped_column(Date)
    clear_height_m: Mapped[float | None]
    load_t_m2: Mapped[float | None]
    deal_mode: Mapped[str | None] = mapped_column(String(12))
    rent_yuan_m2_month: Mapped[float | None]
    price_yuan_m2: Mapped[float | None]
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"))


class Enterprise(Base, Provenance):
    """A firm; `reg_unit`, `stat_unit` and `tax_unit` are admin unit codes and may differ (rules §4.1 kind C)."""

    __tablename__ = "enterprise"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    uscc: Mapped[str | None] = mapped_column(String(18), index=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    reg_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    stat_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    tax_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    industry_edition: Mapped[str | None] = mapped_column(String(20))
    industry_code: Mapped[str | None] = mapped_column(String(6))
    industry_name: Mapped[str | None] = mapped_column(String(60))
    above_scale_since: Mapped[str | None] = mapped_column(String(7))  # month it entered the register
    high_tech_from: Mapped[int | None]  # first year of a valid certificate
    high_tech_to: Mapped[int | None]
    ladder: Mapped[str | None] = mapped_column(String(20))  # srdi 专精特新 | little_giant 小巨人 | champion 单项冠军
    leader_of: Mapped[list[Any]] = mapped_column(JSON, default=list)  # chain codes it leads 链主
    grading_status: Mapped[str | None] = mapped_column(String(20))  # startup | construction | utility: 不定级
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"))
    founded: Mapped[int | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]


class EnterpriseYear(Base):
    """Annual figures of a firm for the per-mu evaluation (rules §3.4)."""

    __tablename__ = "enterprise_year"
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    output_wan: Mapped[int | None]
    revenue_wan: Mapped[int | None]
    value_added_wan: Mapped[int | None]
    tax_wan: Mapped[int | None]
    rd_wan: Mapped[int | None]
    energy_tce: Mapped[int | None]
    emission_eq: Mapped[float | None]
    employees: Mapped[int | None]
    land_m2: Mapped[int | None]
    leased_m2: Mapped[int | None]
    leased_far: Mapped[float | None]


class EnterpriseMonth(Base):
    """Year-to-date figures of a firm by month: output of firms above size, tax by treasury, retained part, revenue."""

    __tablename__ = "enterprise_month"
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True)
    output_ytd_wan: Mapped[int | None]
    revenue_ytd_wan: Mapped[int | None]
    tax_ytd_wan: Mapped[int | None]
    retained_ytd_wan: Mapped[int | None]


class Project(Base, Provenance):
    """A project. Where it stands, is governed, registered, taxed and counted are rows of site and place, not columns."""

    __tablename__ = "project"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    project_code: Mapped[str | None] = mapped_column(String(40), index=True)
    name_zh: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str | None] = mapped_column(String(160))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"))
    enterprise_name: Mapped[str | None] = mapped_column(String(160))
    total_investment_wan: Mapped[int | None]
    annual_tax_wan: Mapped[int | None]  # agreed
    annual_output_wan: Mapped[int | None]  # agreed
    land_m2: Mapped[int | None]
    floor_area_m2: Mapped[int | None]
    industry_edition: Mapped[str | None] = mapped_column(String(20))
    industry_code: Mapped[str | None] = mapped_column(String(6))
    route: Mapped[str | None] = mapped_column(String(8))  # land | lease
    managing_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    responsible_unit: Mapped[str | None] = mapped_column(String(80))
    officer_role: Mapped[str | None] = mapped_column(String(60))
    platform_id: Mapped[str | None] = mapped_column(String(40))  # source platform of a 成果转化 project
    is_government_funded: Mapped[bool | None]
    doubt: Mapped[str | None] = mapped_column(Text)  # what the published source leaves open
    published_stage: Mapped[str | None] = mapped_column(String(40))  # as last reported, published data only
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    position_is_schematic: Mapped[bool]
    footprint: Mapped[BaseGeometry | None]
    datum: Mapped[str | None] = mapped_column(String(10))


class ProjectSite(Base):
    """One of a project's places on the ground; `role`: main | hq | base | rd."""

    __tablename__ = "project_site"
    id: Mapped[str] = mapped_column(String(44), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(8))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    lon: Mapped[float]
    lat: Mapped[float]


class ProjectPlace(Base):
    """A unit's part in a project, effective-dated. `unit` is an admin unit, `zone_code` a zone where that is the point."""

    __tablename__ = "project_place"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))  # registration|approval|production|supervision|stat|tax|first_contact
    unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Milestone(Base):
    """A dated fact that lets a project enter a stage (rules §6.1)."""

    __tablename__ = "milestone"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    planned_on: Mapped[date | None] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[str | None] = mapped_column(String(160))
    reason: Mapped[str | None] = mapped_column(Text)
    approver: Mapped[str | None] = mapped_column(String(60))


class ProjectYear(Base):
    """A year's plan of a project."""

    __tablename__ = "project_year"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    plan_wan: Mapped[int]


class MonthlyReport(Base):
    """The dispatch report 月报 of a project (rules §6.3). A missing row is 未报, never zero."""

    __tablename__ = "monthly_report"
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    month_wan: Mapped[int]
    ytd_wan: Mapped[int]
    cumulative_wan: Mapped[int]
    plan_ytd_wan: Mapped[int | None]
    progress_code: Mapped[str | None] = mapped_column(String(16))
    progress_text: Mapped[str | None] = mapped_column(String(200))
    issue_type: Mapped[str | None] = mapped_column(String(20))
    issue_text: Mapped[str | None] = mapped_column(String(200))
    issue_unit: Mapped[str | None] = mapped_column(String(60))
    funds_required_wan: Mapped[int | None]
    funds_in_wan: Mapped[int | None]
    submitted_on: Mapped[date] = mapped_column(Date)


class ProjectFact(Base):
    """Year-to-date statistics of a project by month: what the direct-report and park channels count for it.

    `fai_ytd_wan` only from the month after it entered the statistical library (先入库后有数); foreign capital keeps USD.
    """

    __tablename__ = "project_fact"
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    fai_ytd_wan: Mapped[int | None]
    domestic_ytd_wan: Mapped[int | None]
    foreign_ytd_usd_wan: Mapped[int | None]
    is_industrial: Mapped[bool]


class LightExemption(Base):
    """A valid reason that lifts a light until it expires; needs an approver (rules §6.2)."""

    __tablename__ = "light_exemption"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    dimension: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)


class ReadinessTrack(Base):
    """One of the ten parallel tracks G1–G5, C1–C5 of a project (rules §6.4)."""

    __tablename__ = "readiness_track"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    track: Mapped[str] = mapped_column(String(2), primary_key=True)
    percent: Mapped[int | None]
    planned_start: Mapped[date | None] = mapped_column(Date)
    planned_end: Mapped[date | None] = mapped_column(Date)
    actual_start: Mapped[date | None] = mapped_column(Date)
    actual_end: Mapped[date | None] = mapped_column(Date)


class Platform(Base, Provenance):
    """An innovation platform; `category` is one of the four clusters or ``other`` (rules §1.2.1)."""

    __tablename__ = "platform"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(30))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    host: Mapped[str | None] = mapped_column(String(160))
    level: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str | None] = mapped_column(String(80))
    since: Mapped[str | None] = mapped_column(String(7))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    position_is_schematic: Mapped[bool]


class EntityNode(Base):
    """Explicit link of a record to a chain node; `link_source`: code | manual | import (rules §5.4)."""

    __tablename__ = "entity_node"
    entity_kind: Mapped[str] = mapped_column(String(12), primary_key=True)  # project|enterprise|carrier|platform|plot
    entity_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    node_id: Mapped[str] = mapped_column(ForeignKey("chain_node.id", ondelete="CASCADE"), primary_key=True)
    link_source: Mapped[str] = mapped_column(String(8))
    confidence: Mapped[float]
    __table_args__ = (Index("ix_entity_node_node", "node_id", "entity_kind"),)


class EntityChain(Base):
    """Published records that name a chain without a node."""

    __tablename__ = "entity_chain"
    entity_kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    entity_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    chain_code: Mapped[str] = mapped_column(ForeignKey("chain.code", ondelete="CASCADE"), primary_key=True)


class Policy(Base, Provenance):
    """A published, universal policy (rules §7.6)."""

    __tablename__ = "policy"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    doc_no: Mapped[str | None] = mapped_column(String(80))
    issuer: Mapped[str | None] = mapped_column(String(120))
    level: Mapped[str | None] = mapped_column(String(10))
    valid_from: Mapped[str | None] = mapped_column(String(40))
    valid_to: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str | None] = mapped_column(String(12))  # draft | superseded | historic; none: in force while valid
    chains: Mapped[list[Any]] = mapped_column(JSON, default=list)
    support_text: Mapped[str | None] = mapped_column(Text)
    condition_text: Mapped[str | None] = mapped_column(Text)


class PublishedFact(Base):
    """A published figure or governance fact, as printed, with date and source. Never summed."""

    __tablename__ = "published_fact"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(12))  # fact | series | governance
    subject: Mapped[str] = mapped_column(String(80), index=True)
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), index=True)
    scope_note: Mapped[str | None] = mapped_column(Text)
    indicator: Mapped[str] = mapped_column(String(120))
    period: Mapped[str | None] = mapped_column(String(40))
    value_text: Mapped[str | None] = mapped_column(Text)
    value_number: Mapped[float | None]
    unit: Mapped[str | None] = mapped_column(String(30))
    growth_pct: Mapped[float | None]
    as_of: Mapped[str | None] = mapped_column(String(60))
    source: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    doubt: Mapped[str | None] = mapped_column(Text)


class AnchorPoint(Base):
    """A locating point (metro station, known building); WGS 84."""

    __tablename__ = "anchor_point"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"))
    lon: Mapped[float]
    lat: Mapped[float]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class KpiValue(Base):
    """A reported KPI value with everything a roll-up needs (rules §3.1).

    `value` is in `unit`; money is whole 万元 held in a double (exact to 2**53). Ratios carry numerator and denominator.
    """

    __tablename__ = "kpi_value"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kpi_id: Mapped[str] = mapped_column(ForeignKey("kpi_definition.id"))
    unit_scope: Mapped[str] = mapped_column(String(10))  # zone | func_area | admin | city
    unit_code: Mapped[str] = mapped_column(String(20))
    period_type: Mapped[str] = mapped_column(String(1))  # M | Q | Y
    period: Mapped[str] = mapped_column(String(7))
    accumulation: Mapped[str] = mapped_column(String(8))  # ytd | period | point | cohort | annual
    value: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(20))
    numerator: Mapped[float | None]
    denominator: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(12))  # flash | preliminary | final | revised
    scope: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(12))
    owner: Mapped[str | None] = mapped_column(String(60))
    source_doc: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    version: Mapped[int]
    provenance: Mapped[str] = mapped_column(String(12))
    __table_args__ = (
        Index("ix_kpi_value_lookup", "provenance", "kpi_id", "period_type", "period", "unit_code"),
        Index("ix_kpi_value_unit", "provenance", "unit_code", "period"),
    )


class Target(Base):
    """An annual target of a unit and the share of it planned by each month (None: linear, rules §3.5)."""

    __tablename__ = "target"
    kpi_id: Mapped[str] = mapped_column(ForeignKey("kpi_definition.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    provenance: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[float]
    unit: Mapped[str] = mapped_column(String(20))
    curve: Mapped[list[Any] | None] = mapped_column(JSON)  # 12 cumulative shares


class LedgerLine(Base):
    """The co-building ledger: cost paid in, audited, revenue retained, distributed, settled (rules §4.4, §1.2.3)."""

    __tablename__ = "ledger_line"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True)
    year: Mapped[int]
    unit: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"))
    line: Mapped[str] = mapped_column(String(16))  # cost_in | audited | revenue | retained | distributed | settled
    amount_wan: Mapped[int]
    doc: Mapped[str | None] = mapped_column(Text)
    provenance: Mapped[str] = mapped_column(String(12))


class DataException(Base):
    """A row that was accepted but kept out of totals that it would falsify, with the reason."""

    __tablename__ = "data_exception"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    entity_kind: Mapped[str] = mapped_column(String(20))
    entity_id: Mapped[str] = mapped_column(String(60))
    zone_code: Mapped[str | None] = mapped_column(String(20))
    period: Mapped[str | None] = mapped_column(String(7))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    provenance: Mapped[str] = mapped_column(String(12))


# --- imports: what came in, from which file, and what it replaced ---------------------------------------------------------


class ImportBatch(Base):
    """One import: a file, how it was read, and what it did; `state` is ``committed`` or ``undone``."""

    __tablename__ = "import_batch"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    created_at: Mapped[str] = mapped_column(String(25))  # UTC, ISO 8601
    role: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    table_id: Mapped[str] = mapped_column(String(40))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12))
    data_version: Mapped[int]
    undone_at: Mapped[str | None] = mapped_column(String(25))


class ImportChange(Base):
    """One row that a batch wrote: `before` is None for a new row, `after_hash` tells whether it was changed since."""

    __tablename__ = "import_change"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    table_id: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str] = mapped_column(String(300))  # JSON list of the key's values
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after_hash: Mapped[str] = mapped_column(String(32))
    __table_args__ = (Index("ix_import_change_row", "table_id", "row_key"),)


class ImportMapping(Base):
    """A mapping that was saved under a name; a file with the same headings picks it up."""

    __tablename__ = "import_mapping"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(80))
    table_id: Mapped[str] = mapped_column(String(40))
    signature: Mapped[str] = mapped_column(String(64), index=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[str] = mapped_column(String(25))
    __table_args__ = (UniqueConstraint("name", "table_id"),)


# --- derived: rebuilt from the facts by data/derive.py ----------------------------------------------------------------


class ProjectMonth(Base):
    """Derived: stage and lights of a project at the end of each month (rules §6)."""

    __tablename__ = "project_month"
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[int]
    stage_group: Mapped[str] = mapped_column(String(10))
    signed: Mapped[bool]  # formal agreement signed by then; False makes the row a lead, whatever its stage (900 too)
    light: Mapped[str] = mapped_column(String(6))
    light_start: Mapped[str | None] = mapped_column(String(6))
    light_progress: Mapped[str | None] = mapped_column(String(6))
    light_funds: Mapped[str | None] = mapped_column(String(6))
    light_library: Mapped[str | None] = mapped_column(String(6))
    reason: Mapped[str | None] = mapped_column(String(200))
    months_red: Mapped[int]
    __table_args__ = (Index("ix_project_month_project", "project_id", "period"),)


class ProjectKind(Base):
    """Derived: cross-district kinds A–G of a project (rules §4.1)."""

    __tablename__ = "project_kind"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(1), primary_key=True)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class ProjectDistrict(Base):
    """Derived: a project's footprint by statutory district in the area CRS; without a footprint, its main site with area None."""

    __tablename__ = "project_district"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    district_code: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"), primary_key=True)
    area_m2: Mapped[int | None]
    is_primary: Mapped[bool]


class SearchEntry(Base):
    """Derived: what the search box finds; `pinyin` holds full spelling and initials, lower case."""

    __tablename__ = "search_entry"
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    entity_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    provenance: Mapped[str] = mapped_column(String(12), index=True)
    scheme_id: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str | None] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    lead: Mapped[bool]  # a project before signing: hidden from those who may not see leads
    lon: Mapped[float | None]
    lat: Mapped[float | None]
