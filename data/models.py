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

from data.columns import Column, limited, shown
from data.db import Geom
from domain import words
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.lifecycle import STAGE_NAMES
from domain.lights import LIGHT_NAMES
from domain.monthly_report import WORKS_STATES
from domain.readiness import TRACKS
from domain.viewer import FieldClass

_PROJECT_FIGURE, _FIRM_FIGURE = FieldClass.PROJECT_FIGURES, FieldClass.ENTERPRISE_FIGURES


def zone(**more: Any) -> dict[str, Column]:
    """What a column of zone codes says."""
    names = ("片区", "园区", "功能区", "所属片区", "所属园区", "招商组/片区", "区域", "zone")
    return shown("所属片区代码", "Zone code", "code", *names, refers="zones.code", **more)


def district(**more: Any) -> dict[str, Column]:
    """What a column of the district that a record lies in says."""
    names = ("所在区县", "区县", "adname", "district")
    return shown("所在区县代码", "District", "code", *names, refers="unit", **more)


ZONE, DISTRICT = zone(), district()
PROJECT = shown("项目编号", "Project id", "code", "项目名称", "项目", refers="projects.id", required=True)
FIRM = shown(
    "企业编号", "Enterprise id", "code", "企业名称", "企业", "公司名称", "统一社会信用代码",
    refers="enterprises.id", required=True,
)  # fmt: skip
LON = shown("经度", "Longitude", "lon", "落座经度", "longitude", "lng", "x", "东经", "坐标经度")
LAT = shown("纬度", "Latitude", "lat", "落座纬度", "latitude", "y", "北纬", "坐标纬度")
SCHEMATIC = shown("位置为示意", "Schematic position", "bool", "示意位置", default=False)
DATUM = shown("坐标基准", "Datum", "code", "基准", "坐标系", words=words.DATUMS, computed=True)
LANDUSE_SCHEME = shown(
    "用地分类标准", "Land-use scheme", "code", "分类标准", "用地标准", words=words.LANDUSE_SCHEMES, required=True
)


# One or two lines for each column; the formatter would make ten.
# fmt: off


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
    source: Mapped[str | None] = mapped_column(Text, info=shown("数据来源", "Source", "text", "来源", "source", computed=True))
    as_of: Mapped[str | None] = mapped_column(String(40), info=shown("数据日期", "As of", "text", "数据截至", "统计日期", computed=True))
    note: Mapped[str | None] = mapped_column(Text, info=shown("备注", "Note", "text", "说明", "备注说明", "remark"))


# --- reference -----------------------------------------------------------------------------------------------------


class Meta(Base):
    """One row per fact about the database itself: ``data_version``, ``seed``, ``boundary_source`` …"""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AdminUnit(Base):
    """A statutory district (GB/T 2260, with geometry) or a functional area (own code, no public geometry)."""

    __tablename__ = "admin_unit"
    code: Mapped[str] = mapped_column(String(20), primary_key=True,
        info=shown("行政区代码", "Code", "code", "代码", "区划代码", "adcode", required=True))
    code_system: Mapped[str] = mapped_column(String(20), info=shown("代码体系", "Code system", default="GB/T 2260"))
    kind: Mapped[str] = mapped_column(String(12), info=shown("类别", "Kind", "code", words=words.UNIT_KINDS, default="statutory"))
    name_zh: Mapped[str] = mapped_column(String(60), info=shown("名称", "Name", "text", "行政区名称", "区县", "区县名称", "name", required=True))
    name_en: Mapped[str] = mapped_column(String(80), info=shown("英文名称", "English name", "text", "name_en", computed=True))
    valid_from: Mapped[date | None] = mapped_column(Date, info=shown("启用日期", "Valid from", "date"))
    valid_to: Mapped[date | None] = mapped_column(Date, info=shown("停用日期", "Valid to", "date"))
    area_m2: Mapped[int | None] = mapped_column(info=shown("面积", "Area", "area_m2", computed=True))
    geom: Mapped[BaseGeometry | None] = mapped_column(info=shown("范围", "Boundary", "geometry", "geometry"))
    datum: Mapped[str | None] = mapped_column(String(10), info=DATUM)
    source: Mapped[str] = mapped_column(Text, info=shown("数据来源", "Source", "text", "来源", computed=True))


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
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("方案代码", "Scheme id", "code", "代码", required=True))
    name_zh: Mapped[str] = mapped_column(String(80), info=shown("方案名称", "Name", "text", "名称", required=True))
    name_en: Mapped[str] = mapped_column(String(120), info=shown("英文名称", "English name", computed=True))
    motto_zh: Mapped[str] = mapped_column(String(80), info=shown("格局", "Motto", "text", "简称", computed=True))
    motto_en: Mapped[str] = mapped_column(String(120), info=shown("格局(英文)", "Motto in English", computed=True))
    area_crs: Mapped[str] = mapped_column(String(20), info=shown("面积坐标系", "Area CRS", default="EPSG:4544"))
    boundary_source: Mapped[str] = mapped_column(String(80), info=shown("边界来源", "Boundary source", default="import"))
    order_no: Mapped[int] = mapped_column(info=shown("排序", "Order", "int", computed=True))
    note: Mapped[str | None] = mapped_column(Text, info=shown("备注", "Note"))


class Zone(Base):
    """An element of a scheme: core, zone, special, park (areas) or axis (a line)."""

    __tablename__ = "zone"
    code: Mapped[str] = mapped_column(String(20), primary_key=True, info=shown("片区代码", "Code", "code", "代码", required=True))
    scheme_id: Mapped[str] = mapped_column(ForeignKey("zone_scheme.id", ondelete="CASCADE"), index=True,
        info=shown("方案代码", "Scheme id", "code", "方案", refers="schemes.id", required=True))
    name_zh: Mapped[str] = mapped_column(String(60), info=shown("片区名称", "Name", "text", "名称", "园区名称", "name", required=True))
    name_en: Mapped[str] = mapped_column(String(100), info=shown("英文名称", "English name", computed=True))
    short_zh: Mapped[str] = mapped_column(String(30), info=shown("简称", "Short name", computed=True))
    short_en: Mapped[str | None] = mapped_column(String(30), info=shown("英文简称", "Short English name"))
    alias_zh: Mapped[str | None] = mapped_column(String(60), info=shown("别名", "Alias"))
    role: Mapped[str] = mapped_column(String(10), info=shown("类型", "Role", "code", "角色", "片区类型", words=words.ZONE_ROLES, required=True))
    zone_type: Mapped[str | None] = mapped_column(String(30), info=shown("考核类型", "Scorecard type", "code", words=words.ZONE_TYPES))
    order_no: Mapped[int] = mapped_column(info=shown("排序", "Order", "int", "序号", computed=True))
    authority: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("主管单位代码", "Authority", "code", "主管单位", refers="unit"))
    functional_area: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("功能区代码", "Functional area", "code", "功能区", refers="unit"))
    leading_chains: Mapped[list[Any]] = mapped_column(JSON, default=list,
        info=shown("主导产业链", "Leading chains", "list", "主导产业", refers="chain"))
    geom: Mapped[BaseGeometry] = mapped_column(info=shown("范围", "Outline", "geometry", "geometry", required=True))
    is_schematic: Mapped[bool] = mapped_column(info=shown("边界为示意", "Schematic", "bool", default=False))
    geometry_source: Mapped[str] = mapped_column(Text, info=shown("边界来源", "Geometry source", computed=True))
    # in the scheme's area CRS; None for a line
    geometry_area_m2: Mapped[int | None] = mapped_column(info=shown("图形面积", "Measured area", "area_m2", computed=True))
    note: Mapped[str | None] = mapped_column(Text, info=shown("备注", "Note"))
    __table_args__ = (CheckConstraint("role in ('core','zone','axis','special','park')", name="role"),)


class ZoneArea(Base):
    """Published areas of a zone: a history, never overwritten (rules §1.3)."""

    __tablename__ = "zone_area"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True, info=zone(required=True))
    km2: Mapped[float] = mapped_column(info=shown("面积", "Area", "number", "公布面积", unit="km²", required=True))
    as_of: Mapped[str] = mapped_column(String(40), info=shown("时间", "As of", "text", "截至", required=True))
    source: Mapped[str] = mapped_column(Text, info=shown("来源", "Source", required=True))
    note: Mapped[str | None] = mapped_column(Text, info=shown("备注", "Note"))
    is_published: Mapped[bool] = mapped_column(info=shown("已公布", "Published", "bool", default=True))
    is_current: Mapped[bool] = mapped_column(info=shown("现行", "In force", "bool", default=True))


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
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True, info=zone(required=True))
    unit: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("单位代码", "Unit", "code", "单位", "共建单位", refers="unit", required=True))
    role: Mapped[str] = mapped_column(String(10), info=shown("角色", "Role", "code", words=words.PARTY_ROLES, required=True))
    duties: Mapped[list[Any]] = mapped_column(JSON, default=list, info=shown("职责", "Duties", "list"))
    valid_from: Mapped[date | None] = mapped_column(Date, info=shown("起始日期", "Valid from", "date"))
    valid_to: Mapped[date | None] = mapped_column(Date, info=shown("终止日期", "Valid to", "date"))
    basis: Mapped[str | None] = mapped_column(Text, info=shown("依据", "Basis"))


class ShareAgreement(Base):
    """An agreed split of a metric class, of a zone or of one project, effective-dated (rules §4.3)."""

    __tablename__ = "share_agreement"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("协议编号", "Agreement id", "code", "编号", required=True))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True, info=ZONE)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True,
        info=shown("项目编号", "Project id", "code", "项目名称", refers="projects.id"))
    metric_class: Mapped[str] = mapped_column(String(12),
        info=shown("指标类别", "Metric class", "code", "类别", words=words.METRIC_CLASSES, required=True))
    # unit -> "6/10"
    shares: Mapped[dict[str, Any]] = mapped_column(JSON, info=shown("分享比例", "Shares", "shares", "比例", required=True))
    valid_from: Mapped[date] = mapped_column(Date, info=shown("起始日期", "Valid from", "date", "生效日期", required=True))
    valid_to: Mapped[date | None] = mapped_column(Date, info=shown("终止日期", "Valid to", "date", "失效日期"))
    basis_doc: Mapped[str] = mapped_column(Text, info=shown("依据文件", "Basis", "text", "依据", required=True))
    illustrative: Mapped[bool] = mapped_column(info=shown("示例比例", "Illustrative", "bool", default=False))
    retention: Mapped[bool] = mapped_column(info=shown("留存园区", "Retained", "bool", default=False))
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
    ecosystem: Mapped[str] = mapped_column(String(40), info=shown("产业生态圈", "Ecosystem"))
    lead_zones: Mapped[list[Any]] = mapped_column(JSON, default=list, info=shown("牵头园区", "Leading zones", "list"))
    order_no: Mapped[int]


class ChainNode(Base):
    """A node of a chain; `industries` is a list of [edition, code, name] of GB/T 4754."""

    __tablename__ = "chain_node"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    chain_code: Mapped[str] = mapped_column(
        ForeignKey("chain.code", ondelete="CASCADE"), index=True, info=shown("产业链", "Chain", "code", refers="chain"))
    tier: Mapped[str] = mapped_column(String(6), info=shown("层级", "Tier"))  # 上游 | 中游 | 下游 | 支撑
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(80))
    industries: Mapped[list[Any]] = mapped_column(JSON, default=list, info=shown("行业", "Industries", "list"))
    criticality: Mapped[int] = mapped_column(info=shown("关键程度", "Criticality", "int"))
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
    definition: Mapped[str] = mapped_column(Text, info=shown("定义", "Definition"))
    formula: Mapped[str] = mapped_column(Text, info=shown("公式", "Formula"))
    unit: Mapped[str] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(40), info=shown("方向", "Direction"))
    period: Mapped[str] = mapped_column(String(40))
    accumulation: Mapped[str] = mapped_column(String(40))
    additive_parks: Mapped[str] = mapped_column(String(40), info=shown("园区间可加", "Additive over parks"))
    additive_districts: Mapped[str] = mapped_column(String(40), info=shown("区县间可加", "Additive over districts"))
    roll_up: Mapped[str] = mapped_column(Text, info=shown("汇总规则", "Roll-up rule"))
    owner: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(20))


# --- facts ---------------------------------------------------------------------------------------------------------


class LandParcel(Base, Provenance):
    """A piece of ground with its status and planned land use and how far it has come (rules §2.2, §3.2.4)."""

    __tablename__ = "land_parcel"
    id: Mapped[str] = mapped_column(String(40), primary_key=True,
        info=shown("图斑编号", "Parcel id", "code", "编号", "图斑号", "地块编号", "BSM", "TBBH"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True, info=ZONE)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), index=True, info=district(computed=True))
    landuse_scheme: Mapped[str] = mapped_column(String(16), info=LANDUSE_SCHEME)
    status_code: Mapped[str | None] = mapped_column(String(8),
        info=shown("现状用地代码", "Land use now", "code", "地类编码", "现状地类", "DLBM", refers="landuse"))
    plan_code: Mapped[str | None] = mapped_column(String(8),
        info=shown("规划用地代码", "Planned land use", "code", "规划地类", "用地性质", "YDXZDM", refers="landuse"))
    land_state: Mapped[str | None] = mapped_column(String(16), info=shown("开发状态", "State", "code", "土地状态", words=LAND_STATES))
    area_m2: Mapped[int] = mapped_column(info=shown("面积", "Area", "area_m2", "图斑面积", "用地面积", "TBMJ", "宗地面积", computed=True))
    floor_area_m2: Mapped[int | None] = mapped_column(info=shown("建筑面积", "Floor area", "area_m2", "总建筑面积"))
    geom: Mapped[BaseGeometry] = mapped_column(info=shown("范围", "Outline", "geometry", "geometry", required=True))
    datum: Mapped[str] = mapped_column(String(10), info=DATUM)


class LandContract(Base, Provenance):
    """A supply contract of a parcel: what the idle clock needs (rules §7.4)."""

    __tablename__ = "land_contract"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("合同编号", "Contract id", "code", "编号", "电子监管号", required=True))
    parcel_id: Mapped[str] = mapped_column(ForeignKey("land_parcel.id", ondelete="CASCADE"), index=True,
        info=shown("图斑编号", "Parcel id", "code", "地块编号", refers="parcels.id", required=True))
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"),
        info=shown("企业编号", "Enterprise id", "code", "受让人", refers="enterprises.id"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"),
        info=shown("项目编号", "Project id", "code", "项目名称", refers="projects.id"))
    signed_on: Mapped[date] = mapped_column(Date, info=shown("签订日期", "Signed on", "date", "签订时间", "合同签订日期", required=True))
    price_wan: Mapped[int] = mapped_column(info=shown("成交价款", "Price", "money_wan", "出让价款", "土地价款", required=True))
    agreed_start: Mapped[date] = mapped_column(Date, info=shown("约定开工日期", "Agreed start", "date", "约定开工时间", required=True))
    actual_start: Mapped[date | None] = mapped_column(Date, info=shown("实际开工日期", "Actual start", "date", "实际开工时间"))
    stopped_on: Mapped[date | None] = mapped_column(Date, info=shown("停工日期", "Stopped on", "date"))
    developed_ratio: Mapped[float | None] = mapped_column(info=shown("已开发比例", "Share developed", "ratio"))
    invested_ratio: Mapped[float | None] = mapped_column(info=shown("已投资比例", "Share invested", "ratio"))
    cause: Mapped[str | None] = mapped_column(String(16), info=shown("闲置原因", "Cause", "code", words=words.IDLE_CAUSES))
    legal_status: Mapped[str | None] = mapped_column(String(40), info=shown("认定状态", "Legal status"))
    legal_doc: Mapped[str | None] = mapped_column(Text, info=shown("认定文书", "Legal document"))
    disposal: Mapped[str | None] = mapped_column(String(20), info=shown("处置方式", "Disposal"))


class Plot(Base, Provenance):
    """A plot on offer or to come (rules §7.2)."""

    __tablename__ = "plot"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("招商地块编号", "Plot id", "code", "编号"))
    code: Mapped[str] = mapped_column(String(40),
        info=shown("地块号", "Plot number", "text", "地块编号", "宗地编号", "地块名称", "宗地号", required=True))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True, info=ZONE)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), index=True, info=district(computed=True))
    landuse_scheme: Mapped[str] = mapped_column(String(16), info=LANDUSE_SCHEME)
    landuse_code: Mapped[str] = mapped_column(String(8),
        info=shown("用地性质代码", "Land use", "code", "用地性质", "规划用途", "土地用途", refers="landuse", required=True))
    area_m2: Mapped[int] = mapped_column(info=shown("面积", "Area", "area_m2", "用地面积", "出让面积", "宗地面积", required=True))
    far_min: Mapped[float | None] = mapped_column(info=shown("容积率下限", "FAR from", "number"))
    far_max: Mapped[float | None] = mapped_column(info=shown("容积率上限", "FAR to", "number", "容积率"))
    supply_state: Mapped[str] = mapped_column(String(16),
        info=shown("供地状态", "Supply state", "code", "状态", words=SUPPLY_STATES, default="planned"))
    supply_mode: Mapped[str | None] = mapped_column(String(20), info=shown("供应方式", "Supply mode", "code", words=words.SUPPLY_MODES))
    tenure_years: Mapped[int | None] = mapped_column(info=shown("年期", "Tenure", "int", "出让年限", "使用年限", unit="年"))
    reserve_price_wan_mu: Mapped[float | None] = mapped_column(
        info=limited(FieldClass.RESERVE_PRICE, "起始价", "Reserve price", "number", "底价", unit="万元/亩"))
    intensity_wan_mu: Mapped[float | None] = mapped_column(info=shown("投资强度", "Investment intensity", "number", unit="万元/亩"))
    tax_wan_mu: Mapped[float | None] = mapped_column(info=shown("亩均税收", "Tax per mu", "number", unit="万元/亩"))
    utilities: Mapped[str | None] = mapped_column(String(20), info=shown("基础配套", "Utilities", "text", "通平情况"))
    chain_nodes: Mapped[list[Any]] = mapped_column(JSON, default=list, info=shown("适宜产业环节", "Chain nodes", "list", "产业环节", refers="node"))
    updated_on: Mapped[date | None] = mapped_column(Date, info=shown("更新日期", "Updated on", "date"))
    geom: Mapped[BaseGeometry | None] = mapped_column(info=shown("范围", "Outline", "geometry", "geometry"))
    datum: Mapped[str | None] = mapped_column(String(10), info=DATUM)


class CarrierBuilding(Base, Provenance):
    """A building of a carrier 载体 (rules §7.1)."""

    __tablename__ = "carrier_building"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("载体编号", "Carrier id", "code", "编号", "楼栋编号"))
    name_zh: Mapped[str] = mapped_column(String(80),
        info=shown("载体名称", "Name", "text", "楼宇名称", "名称", "园区名称", "park_name", "name", required=True))
    park_zh: Mapped[str | None] = mapped_column(String(80), info=shown("所属园区名称", "Park", "text", "项目园区"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True, info=ZONE)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), info=DISTRICT)
    carrier_type: Mapped[str] = mapped_column(String(40), info=shown("载体类型", "Type", "text", "类型", "park_type", "园区类型", required=True))
    operator: Mapped[str | None] = mapped_column(String(80), info=shown("运营单位", "Operator", "text", "权属单位", "运营机构"))
    contact_role: Mapped[str | None] = mapped_column(String(60), info=shown("联系岗位", "Contact role"))
    floors: Mapped[int | None] = mapped_column(info=shown("层数", "Floors", "int", "楼层数"))
    height_m: Mapped[float | None] = mapped_column(info=shown("楼高", "Height", "number", "建筑高度", unit="m"))
    gross_area_m2: Mapped[int | None] = mapped_column(info=shown("建筑面积", "Gross area", "area_m2", "build_area", "总建筑面积", "管理面积"))
    delivered_on: Mapped[date | None] = mapped_column(Date, info=shown("交付日期", "Delivered on", "date", "交付时间"))
    fire_class: Mapped[str | None] = mapped_column(String(10), info=shown("火灾危险性", "Fire class"))
    power_kva: Mapped[int | None] = mapped_column(info=shown("供电容量", "Power", "int", unit="kVA"))
    dual_power: Mapped[bool | None] = mapped_column(info=shown("双回路", "Dual power", "bool", "双回路供电"))
    steam: Mapped[bool | None] = mapped_column(info=shown("蒸汽", "Steam", "bool"))
    features: Mapped[str | None] = mapped_column(Text, info=shown("特色", "Features", "text", "main_industry", "主导产业"))
    lon: Mapped[float | None] = mapped_column(info=LON)
    lat: Mapped[float | None] = mapped_column(info=LAT)
    position_is_schematic: Mapped[bool] = mapped_column(info=SCHEMATIC)
    footprint: Mapped[BaseGeometry | None] = mapped_column(info=shown("范围", "Footprint", "geometry", "geometry"))
    updated_on: Mapped[date | None] = mapped_column(Date, info=shown("更新日期", "Updated on", "date"))
    # what the published source leaves open
    doubt: Mapped[str | None] = mapped_column(Text, info=shown("存疑", "Doubt", "text"))


class CarrierUnit(Base):
    """The leasable atom of a carrier building."""

    __tablename__ = "carrier_unit"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("房源编号", "Unit id", "code", "编号"))
    building_id: Mapped[str] = mapped_column(ForeignKey("carrier_building.id", ondelete="CASCADE"), index=True,
        info=shown("载体编号", "Carrier id", "code", "载体名称", "楼宇名称", "所属楼栋", refers="carriers.id", required=True))
    floor: Mapped[int] = mapped_column(info=shown("楼层", "Floor", "int", "所在楼层", required=True))
    unit_no: Mapped[str] = mapped_column(String(20), info=shown("单元号", "Unit number", "text", "房号", "单元", required=True))
    area_m2: Mapped[int] = mapped_column(info=shown("面积", "Area", "area_m2", "建筑面积", "可招商面积", required=True))
    state: Mapped[str] = mapped_column(String(12), info=shown("状态", "State", "code", "房源状态", words=words.CARRIER_UNIT_STATES, default="vacant"))
    available_from: Mapped[date | None] = mapped_column(Date, info=shown("可用日期", "Available from", "date"))
    clear_height_m: Mapped[float | None] = mapped_column(info=shown("层高", "Clear height", "number", "净高", unit="m"))
    load_t_m2: Mapped[float | None] = mapped_column(info=shown("楼面荷载", "Floor load", "number", "荷载", unit="t/㎡"))
    deal_mode: Mapped[str | None] = mapped_column(String(12), info=shown("合作方式", "Deal", "code", "租售方式", words=words.DEAL_MODES))
    rent_yuan_m2_month: Mapped[float | None] = mapped_column(
        info=limited(FieldClass.ASKING_PRICE, "租金", "Rent", "number", "租金单价", unit="元/㎡·月"))
    price_yuan_m2: Mapped[float | None] = mapped_column(info=limited(FieldClass.ASKING_PRICE, "售价", "Price", "number", "销售单价", unit="元/㎡"))
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"),
        info=shown("入驻企业编号", "Tenant", "code", "入驻企业", refers="enterprises.id"))


class Enterprise(Base, Provenance):
    """A firm; `reg_unit`, `stat_unit` and `tax_unit` are admin unit codes and may differ (rules §4.1 kind C)."""

    __tablename__ = "enterprise"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("企业编号", "Enterprise id", "code", "编号"))
    uscc: Mapped[str | None] = mapped_column(String(18), index=True, info=shown("统一社会信用代码", "USCC", "code", "信用代码", "社会信用代码"))
    name_zh: Mapped[str] = mapped_column(String(120), info=shown("企业名称", "Name", "text", "公司名称", "单位名称", "名称", "name", required=True))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True, info=ZONE)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), info=DISTRICT)
    reg_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("注册地代码", "Registered in", "code", "注册地", refers="unit"))
    stat_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("统计地代码", "Counted in", "code", "统计地", "入统地", refers="unit"))
    tax_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("纳税地代码", "Taxed in", "code", "纳税地", "税收地", refers="unit"))
    industry_edition: Mapped[str | None] = mapped_column(String(20), info=shown("行业分类版本", "Industry edition"))
    industry_code: Mapped[str | None] = mapped_column(String(6), info=shown("行业代码", "Industry code", "code"))
    industry_name: Mapped[str | None] = mapped_column(String(60), info=shown("行业名称", "Industry", "text", "行业分类", "行业", "所属行业"))
    # month it entered the register
    above_scale_since: Mapped[str | None] = mapped_column(String(7), info=shown("入规月份", "Above size since", "month", "上规时间", "入规时间"))
    # first year of a valid certificate
    high_tech_from: Mapped[int | None] = mapped_column(info=shown("高企认定年", "High-tech from", "int", "高企认定年份"))
    high_tech_to: Mapped[int | None] = mapped_column(info=shown("高企有效至", "High-tech to", "int"))
    ladder: Mapped[str | None] = mapped_column(String(20), info=shown("梯度", "Ladder", "code", "企业梯度", words=words.LADDERS))
    # chain codes it leads 链主
    leader_of: Mapped[list[Any]] = mapped_column(JSON, default=list, info=shown("链主产业链", "Leader of chains", "list", "链主", refers="chain"))
    grading_status: Mapped[str | None] = mapped_column(String(20), info=shown("不定级原因", "Not graded because", "code", words=words.GRADING_STATES))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"), info=shown("母公司编号", "Parent", "code", refers="enterprises.id"))
    founded: Mapped[int | None] = mapped_column(info=shown("成立年份", "Founded", "int", "成立时间"))
    lon: Mapped[float | None] = mapped_column(info=LON)
    lat: Mapped[float | None] = mapped_column(info=LAT)


class EnterpriseYear(Base):
    """Annual figures of a firm for the per-mu evaluation (rules §3.4)."""

    __tablename__ = "enterprise_year"
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, info=FIRM)
    year: Mapped[int] = mapped_column(primary_key=True, info=shown("年度", "Year", "int", "评价年份", "年份", required=True))
    output_wan: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "总产值", "Output", "money_wan", "工业总产值", "产值"))
    revenue_wan: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "主营业务收入", "Revenue", "money_wan", "营业收入", "营收"))
    value_added_wan: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "增加值", "Value added", "money_wan", "工业增加值"))
    tax_wan: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "实缴税收", "Tax paid", "money_wan", "税收", "税收实际贡献", "入库税收"))
    rd_wan: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "研发投入经费", "R&D", "money_wan", "研发经费", "研发投入", "R&D经费"))
    energy_tce: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "综合能耗", "Energy", "int", "能耗", unit="吨标准煤"))
    emission_eq: Mapped[float | None] = mapped_column(
        info=limited(_FIRM_FIGURE, "主要污染物排放总当量", "Emission equivalents", "number", "排放当量"))
    employees: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "从业人员", "Employees", "int", "平均用工人数", "职工人数"))
    land_m2: Mapped[int | None] = mapped_column(info=shown("用地面积", "Land", "area_m2", "占地面积"))
    leased_m2: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "租赁面积", "Leased space", "area_m2"))
    leased_far: Mapped[float | None] = mapped_column(info=limited(_FIRM_FIGURE, "租赁地块容积率", "FAR of leased space", "number"))


class EnterpriseMonth(Base):
    """Year-to-date figures of a firm by month: output of firms above size, tax by treasury, retained part, revenue."""

    __tablename__ = "enterprise_month"
    period: Mapped[str] = mapped_column(String(7), primary_key=True, info=shown("月份", "Month", "month", "统计月份", "报告期", required=True))
    enterprise_id: Mapped[str] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"), primary_key=True, info=FIRM)
    output_ytd_wan: Mapped[int | None] = mapped_column(
        info=limited(_FIRM_FIGURE, "累计产值", "Output since January", "money_wan", "本年累计产值", "累计工业总产值"))
    revenue_ytd_wan: Mapped[int | None] = mapped_column(
        info=limited(_FIRM_FIGURE, "累计营业收入", "Revenue since January", "money_wan", "本年累计营业收入"))
    tax_ytd_wan: Mapped[int | None] = mapped_column(info=limited(_FIRM_FIGURE, "累计税收", "Tax since January", "money_wan", "本年累计税收"))
    retained_ytd_wan: Mapped[int | None] = mapped_column(
        info=limited(_FIRM_FIGURE, "累计地方留成", "Retained since January", "money_wan", "本年累计留成"))


class Project(Base, Provenance):
    """A project. Where it stands, is governed, registered, taxed and counted are rows of site and place, not columns."""

    __tablename__ = "project"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("项目编号", "Project id", "code", "编号", "项目ID", "project_id"))
    project_code: Mapped[str | None] = mapped_column(String(40), index=True,
        info=shown("项目代码", "Project code", "code", "投资项目代码", "国家代码", "立项代码", "备案号"))
    name_zh: Mapped[str] = mapped_column(String(160), info=shown("项目名称", "Name", "text", "项目", "名称", "工程名称", "name", required=True))
    name_en: Mapped[str | None] = mapped_column(String(160), info=shown("英文名称", "English name"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True, info=ZONE)
    enterprise_id: Mapped[str | None] = mapped_column(ForeignKey("enterprise.id"),
        info=shown("企业编号", "Enterprise id", "code", refers="enterprises.id"))
    enterprise_name: Mapped[str | None] = mapped_column(String(160),
        info=shown("企业名称", "Enterprise", "text", "建设单位", "投资方", "项目业主", "业主单位", "投资主体", "公司名称"))
    total_investment_wan: Mapped[int | None] = mapped_column(
        info=limited(_PROJECT_FIGURE, "总投资", "Total investment", "money_wan", "计划总投资", "投资总额", "协议总投资", "投资额"))
    # agreed
    annual_tax_wan: Mapped[int | None] = mapped_column(
        info=limited(_PROJECT_FIGURE, "约定年税收", "Agreed tax a year", "money_wan", "预计年税收", "年税收"))
    # agreed
    annual_output_wan: Mapped[int | None] = mapped_column(
        info=limited(_PROJECT_FIGURE, "约定年产值", "Agreed output a year", "money_wan", "预计年产值", "年产值"))
    land_m2: Mapped[int | None] = mapped_column(info=shown("用地面积", "Land", "area_m2", "需用土地", "占地面积", "土地面积", "供地面积"))
    floor_area_m2: Mapped[int | None] = mapped_column(info=shown("建筑面积", "Floor area", "area_m2", "总建筑面积"))
    industry_edition: Mapped[str | None] = mapped_column(String(20), info=shown("行业分类版本", "Industry edition", "text", "行业标准版本"))
    industry_code: Mapped[str | None] = mapped_column(String(6), info=shown("行业代码", "Industry code", "code", "国民经济行业代码"))
    route: Mapped[str | None] = mapped_column(String(8), info=shown("落地方式", "Route", "code", "供地方式", "落地路径", words=words.ROUTES))
    managing_unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"),
        info=shown("管理单位代码", "Managing unit", "code", "属地", "管理单位", refers="unit"))
    responsible_unit: Mapped[str | None] = mapped_column(String(80), info=shown("责任单位", "Responsible unit", "text", "牵头单位", "主管部门"))
    officer_role: Mapped[str | None] = mapped_column(String(60), info=shown("责任岗位", "Officer role", "text", "跟进岗位"))
    # source platform of a 成果转化 project
    platform_id: Mapped[str | None] = mapped_column(String(40), info=shown("来源平台编号", "Source platform", "code", "落地平台"))
    is_government_funded: Mapped[bool | None] = mapped_column(info=shown("政府投资", "Government funded", "bool", "是否政府投资"))
    # what the published source leaves open
    doubt: Mapped[str | None] = mapped_column(Text, info=shown("存疑", "Doubt", "text"))
    # as last reported, published data only
    published_stage: Mapped[str | None] = mapped_column(String(40),
        info=shown("当前阶段", "Stage as last reported", "text", "项目阶段", "建设阶段", "项目状态", "所处阶段"))
    lon: Mapped[float | None] = mapped_column(info=LON)
    lat: Mapped[float | None] = mapped_column(info=LAT)
    position_is_schematic: Mapped[bool] = mapped_column(info=SCHEMATIC)
    footprint: Mapped[BaseGeometry | None] = mapped_column(info=shown("范围", "Footprint", "geometry", "geometry", "图形"))
    datum: Mapped[str | None] = mapped_column(String(10), info=DATUM)


class ProjectSite(Base):
    """One of a project's places on the ground; `role`: main | hq | base | rd."""

    __tablename__ = "project_site"
    id: Mapped[str] = mapped_column(String(44), primary_key=True, info=shown("落点编号", "Site id", "code", "编号"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True, info=PROJECT)
    role: Mapped[str] = mapped_column(String(8), info=shown("类型", "Role", "code", "落点类型", words=words.SITE_ROLES, default="main"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), info=ZONE)
    district_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), info=district(computed=True))
    lon: Mapped[float] = mapped_column(info=shown("经度", "Longitude", "lon", "longitude", "lng", "x", required=True))
    lat: Mapped[float] = mapped_column(info=shown("纬度", "Latitude", "lat", "latitude", "y", required=True))


class ProjectPlace(Base):
    """A unit's part in a project, effective-dated. `unit` is an admin unit, `zone_code` a zone where that is the point."""

    __tablename__ = "project_place"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True, info=PROJECT)
    role: Mapped[str] = mapped_column(String(16), info=shown("事项", "Role", "code", "归属事项", words=words.PLACE_ROLES, required=True))
    unit: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), info=shown("单位代码", "Unit", "code", "单位", "归属单位", refers="unit"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), info=ZONE)
    valid_from: Mapped[date | None] = mapped_column(Date, info=shown("起始日期", "Valid from", "date"))
    valid_to: Mapped[date | None] = mapped_column(Date, info=shown("终止日期", "Valid to", "date"))


class Milestone(Base):
    """A dated fact that lets a project enter a stage (rules §6.1)."""

    __tablename__ = "milestone"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, info=PROJECT)
    stage: Mapped[int] = mapped_column(primary_key=True, info=shown("阶段", "Stage", "int", "里程碑", "节点", words=STAGE_NAMES, required=True))
    planned_on: Mapped[date | None] = mapped_column(Date, info=shown("计划日期", "Planned on", "date", "计划时间"))
    done_on: Mapped[date | None] = mapped_column(Date, info=shown("完成日期", "Done on", "date", "完成时间", "实际时间"))
    evidence: Mapped[str | None] = mapped_column(String(160), info=shown("佐证", "Evidence", "text", "文号", "佐证材料"))
    reason: Mapped[str | None] = mapped_column(Text, info=limited(_PROJECT_FIGURE, "原因", "Reason"))
    approver: Mapped[str | None] = mapped_column(String(60), info=shown("批准岗位", "Approver", "text", "批准人"))


class ProjectYear(Base):
    """A year's plan of a project."""

    __tablename__ = "project_year"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, info=PROJECT)
    year: Mapped[int] = mapped_column(primary_key=True, info=shown("年度", "Year", "int", "年份", required=True))
    plan_wan: Mapped[int] = mapped_column(info=limited(_PROJECT_FIGURE, "年度计划投资", "Plan of the year", "money_wan", "计划投资", required=True))


class MonthlyReport(Base):
    """The dispatch report 月报 of a project (rules §6.3). A missing row is 未报, never zero."""

    __tablename__ = "monthly_report"
    period: Mapped[str] = mapped_column(String(7), primary_key=True,
        info=shown("月份", "Month", "month", "报告月份", "统计月份", "报告期", required=True))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, info=PROJECT)
    month_wan: Mapped[int] = mapped_column(
        info=limited(_PROJECT_FIGURE, "本月完成投资", "Done in the month", "money_wan", "当月完成投资", "当月已完成投资", "完成投资", computed=True))
    ytd_wan: Mapped[int] = mapped_column(
        info=limited(_PROJECT_FIGURE, "本年累计完成投资", "Done since January", "money_wan", "年度累计完成投资", "当月至今已完成", "累计完成投资",
             computed=True))
    cumulative_wan: Mapped[int] = mapped_column(
        info=limited(_PROJECT_FIGURE, "开工以来累计投资", "Done since start", "money_wan", "开工以来累计", "自开工累计完成投资", computed=True))
    plan_ytd_wan: Mapped[int | None] = mapped_column(
        info=limited(_PROJECT_FIGURE, "计划累计投资", "Planned since January", "money_wan", "累计计划投资"))
    progress_code: Mapped[str | None] = mapped_column(String(16), info=shown("形象进度代码", "Progress", "code", words=WORKS_STATES))
    progress_text: Mapped[str | None] = mapped_column(String(200), info=shown("形象进度", "Progress in words", "text", "工程进度"))
    issue_type: Mapped[str | None] = mapped_column(String(20), info=shown("问题类型", "Issue type"))
    issue_text: Mapped[str | None] = mapped_column(String(200), info=shown("存在问题", "Issue", "text", "困难问题"))
    issue_unit: Mapped[str | None] = mapped_column(String(60), info=shown("问题责任单位", "Unit to act"))
    funds_required_wan: Mapped[int | None] = mapped_column(info=limited(_PROJECT_FIGURE, "应到位资金", "Funds required", "money_wan"))
    funds_in_wan: Mapped[int | None] = mapped_column(info=limited(_PROJECT_FIGURE, "已到位资金", "Funds in", "money_wan", "到位资金"))
    submitted_on: Mapped[date] = mapped_column(Date, info=shown("填报日期", "Submitted on", "date", "上报日期", "填报时间", computed=True))


class ProjectFact(Base):
    """Year-to-date statistics of a project by month: what the direct-report and park channels count for it.

    `fai_ytd_wan` only from the month after it entered the statistical library (先入库后有数); foreign capital keeps USD.
    """

    __tablename__ = "project_fact"
    period: Mapped[str] = mapped_column(String(7), primary_key=True, info=shown("月份", "Month", "month", "统计月份", required=True))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, info=PROJECT)
    fai_ytd_wan: Mapped[int | None] = mapped_column(
        info=limited(_PROJECT_FIGURE, "累计固定资产投资", "Fixed investment", "money_wan", "固定资产投资", "入统投资"))
    domestic_ytd_wan: Mapped[int | None] = mapped_column(info=limited(_PROJECT_FIGURE, "累计到位内资", "Domestic capital", "money_wan", "到位内资"))
    foreign_ytd_usd_wan: Mapped[int | None] = mapped_column(
        info=limited(_PROJECT_FIGURE, "累计到位外资", "Foreign capital", "money_wan_usd", "到位外资"))
    is_industrial: Mapped[bool] = mapped_column(info=shown("工业项目", "Industrial", "bool", "是否工业", default=False))


class LightExemption(Base):
    """A valid reason that lifts a light until it expires; needs an approver (rules §6.2)."""

    __tablename__ = "light_exemption"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    dimension: Mapped[str] = mapped_column(String(12), info=limited(_PROJECT_FIGURE, "灯的维度", "Dimension", "code"))
    reason: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date, info=limited(_PROJECT_FIGURE, "失效日期", "Expires on", "date"))


class ReadinessTrack(Base):
    """One of the ten parallel tracks G1–G5, C1–C5 of a project (rules §6.4)."""

    __tablename__ = "readiness_track"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    track: Mapped[str] = mapped_column(String(2), primary_key=True, info=limited(_PROJECT_FIGURE, "并行准备", "Track", "code", words=TRACKS))
    percent: Mapped[int | None] = mapped_column(info=limited(_PROJECT_FIGURE, "完成度", "Done", "int", unit="%"))
    planned_start: Mapped[date | None] = mapped_column(Date, info=limited(_PROJECT_FIGURE, "计划开始", "Planned start", "date"))
    planned_end: Mapped[date | None] = mapped_column(Date, info=limited(_PROJECT_FIGURE, "计划完成", "Planned end", "date"))
    actual_start: Mapped[date | None] = mapped_column(Date)
    actual_end: Mapped[date | None] = mapped_column(Date, info=limited(_PROJECT_FIGURE, "实际完成", "Actual end", "date"))


class Platform(Base, Provenance):
    """An innovation platform; `category` is one of the four clusters or ``other`` (rules §1.2.1)."""

    __tablename__ = "platform"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("平台编号", "Platform id", "code", "编号"))
    name_zh: Mapped[str] = mapped_column(String(120), info=shown("平台名称", "Name", "text", "名称", "name", required=True))
    category: Mapped[str] = mapped_column(String(30),
        info=shown("平台类别", "Category", "code", "类别", words=words.PLATFORM_CATEGORIES, required=True))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True, info=ZONE)
    host: Mapped[str | None] = mapped_column(String(160), info=shown("依托单位", "Host", "text", "建设单位"))
    level: Mapped[str | None] = mapped_column(String(20), info=shown("级别", "Level", "text", "平台级别"))
    status: Mapped[str | None] = mapped_column(String(80), info=shown("状态", "Status"))
    since: Mapped[str | None] = mapped_column(String(7), info=shown("设立月份", "Since", "month", "设立时间", "成立时间"))
    lon: Mapped[float | None] = mapped_column(info=LON)
    lat: Mapped[float | None] = mapped_column(info=LAT)
    position_is_schematic: Mapped[bool] = mapped_column(info=SCHEMATIC)


class EntityNode(Base):
    """Explicit link of a record to a chain node; `link_source`: code | manual | import (rules §5.4)."""

    __tablename__ = "entity_node"
    entity_kind: Mapped[str] = mapped_column(String(12), primary_key=True,
        info=shown("对象类型", "Kind", "code", words={k: w for k, w in words.ENTITY_KINDS.items() if k != "parcel"}, required=True))
    entity_id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("对象编号", "Record", "code", "名称", "对象名称", required=True))
    node_id: Mapped[str] = mapped_column(ForeignKey("chain_node.id", ondelete="CASCADE"), primary_key=True,
        info=shown("环节编号", "Node", "code", "产业链环节", "环节", "环节名称", refers="node", required=True))
    link_source: Mapped[str] = mapped_column(String(8), info=shown("关联方式", "Link source", "code", words=words.LINK_SOURCES, default="import"))
    confidence: Mapped[float] = mapped_column(info=shown("可信度", "Confidence", "number", default=1.0))
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
    id: Mapped[str] = mapped_column(String(40), primary_key=True, info=shown("政策编号", "Policy id", "code", "编号"))
    title: Mapped[str] = mapped_column(Text, info=shown("政策名称", "Title", "text", "文件名称", "标题", required=True))
    doc_no: Mapped[str | None] = mapped_column(String(80), info=shown("文号", "Document number", "text", "文件号"))
    issuer: Mapped[str | None] = mapped_column(String(120), info=shown("发文单位", "Issuer", "text", "发布单位"))
    level: Mapped[str | None] = mapped_column(String(10), info=shown("层级", "Level", "text", "级别"))
    valid_from: Mapped[str | None] = mapped_column(String(40), info=shown("生效日期", "Valid from", "text", "发布日期"))
    valid_to: Mapped[str | None] = mapped_column(String(40), info=shown("失效日期", "Valid to", "text", "有效期至"))
    # draft | superseded | historic; none: in force while valid
    status: Mapped[str | None] = mapped_column(String(12), info=shown("状态", "State", "text", "政策状态"))
    chains: Mapped[list[Any]] = mapped_column(JSON, default=list, info=shown("适用产业链", "Chains", "list", refers="chain"))
    support_text: Mapped[str | None] = mapped_column(Text, info=shown("支持内容", "Support", "text", "支持措施"))
    condition_text: Mapped[str | None] = mapped_column(Text, info=shown("申报条件", "Condition", "text", "条件"))


class PublishedFact(Base):
    """A published figure or governance fact, as printed, with date and source. Never summed."""

    __tablename__ = "published_fact"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    family: Mapped[str] = mapped_column(String(12), info=shown("类别", "Family", "code"))  # fact | series | governance
    subject: Mapped[str] = mapped_column(String(80), index=True, info=shown("主体", "Subject"))
    zone_code: Mapped[str | None] = mapped_column(ForeignKey("zone.code"), index=True)
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("admin_unit.code"), index=True)
    scope_note: Mapped[str | None] = mapped_column(Text, info=shown("范围说明", "Scope"))
    indicator: Mapped[str] = mapped_column(String(120), info=shown("指标", "Indicator"))
    period: Mapped[str | None] = mapped_column(String(40))
    value_text: Mapped[str | None] = mapped_column(Text, info=shown("公布值", "Value as published"))
    value_number: Mapped[float | None] = mapped_column(info=shown("数值", "Value", "number"))
    unit: Mapped[str | None] = mapped_column(String(30))
    growth_pct: Mapped[float | None] = mapped_column(info=shown("增速", "Growth", "number", unit="%"))
    as_of: Mapped[str | None] = mapped_column(String(60))
    source: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    doubt: Mapped[str | None] = mapped_column(Text, info=shown("存疑", "Doubt", "text"))


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
    kpi_id: Mapped[str] = mapped_column(ForeignKey("kpi_definition.id"),
        info=shown("指标编号", "KPI", "code", "指标", "指标名称", refers="kpi", required=True))
    unit_scope: Mapped[str] = mapped_column(String(10), info=shown("单位类型", "Unit scope", "code", words=words.UNIT_SCOPES, default="zone"))
    unit_code: Mapped[str] = mapped_column(String(20), info=shown("单位代码", "Unit", "code", "片区", "片区代码", "单位", required=True))
    period_type: Mapped[str] = mapped_column(String(1), info=shown("周期", "Period type", "code", words=words.PERIOD_TYPES, computed=True))
    period: Mapped[str] = mapped_column(String(7), info=shown("期间", "Period", "text", "月份", "时间", "报告期", required=True))
    accumulation: Mapped[str] = mapped_column(String(8), info=shown("累计方式", "Accumulation", "code", words=words.ACCUMULATIONS, computed=True))
    value: Mapped[float | None] = mapped_column(info=shown("数值", "Value", "number", "指标值", "值"))
    unit: Mapped[str] = mapped_column(String(20), info=shown("计量单位", "Unit of measure", "text", "单位名称", computed=True))
    numerator: Mapped[float | None] = mapped_column(info=shown("分子", "Numerator", "number"))
    denominator: Mapped[float | None] = mapped_column(info=shown("分母", "Denominator", "number"))
    status: Mapped[str] = mapped_column(String(12), info=shown("数据状态", "Status", "code", words=words.STATUSES, default="final"))
    scope: Mapped[str] = mapped_column(String(12), info=shown("口径", "Scope", "code", words=words.SCOPES, default="territorial"))
    channel: Mapped[str] = mapped_column(String(12), info=shown("渠道", "Channel", computed=True))
    owner: Mapped[str | None] = mapped_column(String(60), info=shown("责任部门", "Owner", computed=True))
    source_doc: Mapped[str | None] = mapped_column(Text, info=shown("来源文件", "Source", "text", "数据来源", computed=True))
    as_of: Mapped[date] = mapped_column(Date, info=shown("截至日期", "As of", "date", computed=True))
    version: Mapped[int] = mapped_column(info=shown("版本", "Version", "int", default=1))
    provenance: Mapped[str] = mapped_column(String(12))
    __table_args__ = (
        Index("ix_kpi_value_lookup", "provenance", "kpi_id", "period_type", "period", "unit_code"),
        Index("ix_kpi_value_unit", "provenance", "unit_code", "period"),
    )


class Target(Base):
    """An annual target of a unit and the share of it planned by each month (None: linear, rules §3.5)."""

    __tablename__ = "target"
    kpi_id: Mapped[str] = mapped_column(ForeignKey("kpi_definition.id"), primary_key=True,
        info=shown("指标编号", "KPI", "code", "指标", "指标名称", refers="kpi", required=True))
    unit_code: Mapped[str] = mapped_column(String(20), primary_key=True, info=shown("单位代码", "Unit", "code", "片区", "片区代码", required=True))
    year: Mapped[int] = mapped_column(primary_key=True, info=shown("年度", "Year", "int", "年份", required=True))
    provenance: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[float] = mapped_column(info=shown("目标值", "Target", "number", "目标", "年度目标", required=True))
    unit: Mapped[str] = mapped_column(String(20), info=shown("计量单位", "Unit of measure", computed=True))
    # 12 cumulative shares
    curve: Mapped[list[Any] | None] = mapped_column(JSON, info=shown("月度进度", "Shares by month", "list"))


class LedgerLine(Base):
    """The co-building ledger: cost paid in, audited, revenue retained, distributed, settled (rules §4.4, §1.2.3).

    `line`: cost_in | audited | revenue | retained | distributed | settled.
    """

    __tablename__ = "ledger_line"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    zone_code: Mapped[str] = mapped_column(ForeignKey("zone.code", ondelete="CASCADE"), index=True)
    year: Mapped[int]
    unit: Mapped[str] = mapped_column(ForeignKey("admin_unit.code"))
    line: Mapped[str] = mapped_column(String(16), info=limited(FieldClass.GOVERNANCE, "台账项目", "Ledger line", "code"))
    amount_wan: Mapped[int] = mapped_column(info=limited(FieldClass.GOVERNANCE, "金额", "Amount", "money_wan"))
    doc: Mapped[str | None] = mapped_column(Text, info=limited(FieldClass.GOVERNANCE, "凭证", "Document"))
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
    stage: Mapped[int] = mapped_column(info=shown("阶段", "Stage", "int", words=STAGE_NAMES))
    stage_group: Mapped[str] = mapped_column(String(10), info=shown("阶段组", "Stage group", "code"))
    signed: Mapped[bool]  # formal agreement signed by then; False makes the row a lead, whatever its stage (900 too)
    light: Mapped[str] = mapped_column(String(6), info=limited(_PROJECT_FIGURE, "灯", "Light", "code", words=LIGHT_NAMES))
    light_start: Mapped[str | None] = mapped_column(String(6))
    light_progress: Mapped[str | None] = mapped_column(String(6))
    light_funds: Mapped[str | None] = mapped_column(String(6))
    light_library: Mapped[str | None] = mapped_column(String(6))
    reason: Mapped[str | None] = mapped_column(String(200), info=limited(_PROJECT_FIGURE, "亮灯原因", "Reason of the light"))
    months_red: Mapped[int] = mapped_column(info=limited(_PROJECT_FIGURE, "红灯月数", "Months red", "int"))
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
    is_primary: Mapped[bool] = mapped_column(info=shown("主要区县", "Primary", "bool"))


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
