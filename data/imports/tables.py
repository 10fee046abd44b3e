"""What can be imported, templated and exported: every table with its fields, units, choices and references.

One description serves three programs. The import reads headings by it, ``data/exports`` writes them by it, and templates
show it; so what was written out is read back as the same rows. Column names are those of the database and the API.

A field with `child` is no column of its own table: it is a shorthand that offices use (a date of signing in the project
list, a year's plan in a heading) for a row of another table. Exports leave such fields out and write the other table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data import models as m
from domain.lifecycle import STAGES
from domain.monthly_report import WORKS_STATES

Kind = Literal[
    "text", "code", "int", "money_wan", "money_wan_usd", "area_m2", "ratio", "number", "date", "month", "bool",
    "list", "shares", "lon", "lat", "geometry",
]  # fmt: skip

#: Between the entries of a list in one cell; reading also takes 、，, ； and line breaks.
LIST_SEPARATOR = ";"
#: Data set of everything imported.
PROVENANCE = "official"

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Child:
    """The row of another table that a shorthand field stands for: `column` of `table`, keyed by the parent and `keys`.

    `per` says that the rest of the key comes out of the heading: a year or a month.
    """

    table: str
    column: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    per: Literal["", "year", "month"] = ""


@dataclass(frozen=True)
class Field:
    """One column. `unit` is the stored unit and stands in a template's heading; `choices` are (stored code, Chinese).

    `refers` is "table.column" of this registry, or of reference data: unit, landuse, chain, node, kpi. `default` is what a
    new row gets when the file says nothing. `synonyms` are headings offices use, without unit.
    """

    name: str
    zh: str
    en: str
    kind: Kind = "text"
    required: bool = False
    unit: str = ""
    choices: Choices = ()
    refers: str = ""
    synonyms: tuple[str, ...] = ()
    default: Any = None
    computed: bool = False  # filled by the program when the file does not give it
    child: Child | None = None

    @property
    def heading(self) -> str:
        """Heading in a template: Chinese name and unit."""
        return f"{self.zh}({self.unit})" if self.unit else self.zh


@dataclass(frozen=True)
class Table:
    """One importable table.

    `key` identifies a row in the database; a key that is a plain `id` may be left out of a file, then `natural` names the
    columns that identify the record (alternatives in order) and the program gives it a code. `geometry` names the geometry
    column, `shapes` the kind of geometry it takes. `parent` is (this table's column, parent table).
    `owned` says that rows carry their data set (column provenance).
    """

    id: str
    zh: str
    en: str
    model: type[m.Base]
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    natural: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""
    geometry: str = ""
    shapes: Literal["", "polygon", "point", "any"] = ""
    parent: tuple[str, str] | None = None
    owned: bool = False
    near: str = ""  # the name in which near-duplicates are looked for
    entity: str = ""  # what entity_node and search call a row of it

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields that are columns of the table: what an export writes."""
        return tuple(f for f in self.fields if f.child is None)

    @property
    def by_name(self) -> dict[str, Field]:
        """Fields by name."""
        return {f.name: f for f in self.fields}

    @property
    def id_is_optional(self) -> bool:
        """Whether a file may come without the key: the program gives codes."""
        return bool(self.prefix)


def _f(name: str, zh: str, en: str, kind: Kind = "text", *synonyms: str, **more: Any) -> Field:
    units = {"money_wan": "万元", "money_wan_usd": "万美元", "area_m2": "㎡"}
    more.setdefault("unit", units.get(kind, ""))
    return Field(name, zh, en, kind, synonyms=synonyms, **more)


def _zone(**more: Any) -> Field:
    words = ("片区", "园区", "功能区", "所属片区", "所属园区", "招商组/片区", "区域", "zone")
    return _f("zone_code", "所属片区代码", "Zone code", "code", *words, refers="zones.code", **more)


def _unit(name: str, zh: str, en: str, *synonyms: str, **more: Any) -> Field:
    return _f(name, zh, en, "code", *synonyms, refers="unit", **more)


def _lonlat() -> tuple[Field, Field]:
    return (
        _f("lon", "经度", "Longitude", "lon", "落座经度", "longitude", "lng", "x", "东经", "坐标经度"),
        _f("lat", "纬度", "Latitude", "lat", "落座纬度", "latitude", "y", "北纬", "坐标纬度"),
    )


_SOURCE = (
    _f("source", "数据来源", "Source", "text", "来源", "source", computed=True),
    _f("as_of", "数据日期", "As of", "text", "数据截至", "统计日期", computed=True),
    _f("note", "备注", "Note", "text", "说明", "备注说明", "remark"),
)
_DATUM = _f(
    "datum", "坐标基准", "Datum", "code", "基准", "坐标系",
    choices=(("CGCS2000", "国家大地2000"), ("WGS84", "WGS84"), ("GCJ02", "GCJ02"), ("BD09", "BD09")), computed=True,
)  # fmt: skip
_SCHEMATIC = _f("position_is_schematic", "位置为示意", "Schematic position", "bool", "示意位置", default=False)
_LANDUSE_SCHEME = _f(
    "landuse_scheme", "用地分类标准", "Land-use scheme", "code", "分类标准", "用地标准", required=True,
    choices=(
        ("YDYH2023", "用地用海分类2023"), ("YDYH2020", "用地用海分类2020"),
        ("GBT21010_2017", "土地利用现状分类2017"), ("GB50137_2011", "城市用地分类2011"),
    ),
)  # fmt: skip
_ROUTE: Choices = (("land", "供地"), ("lease", "租赁"))


def _stone(name: str, zh: str, en: str, stage: int, *synonyms: str, column: str = "done_on") -> Field:
    return _f(name, zh, en, "date", *synonyms, child=Child("milestones", column, {"stage": stage}))


_STONES = (
    _stone("contacted_on", "初次接洽日期", "First contact on", 20, "首次接洽时间", "在谈时间", "洽谈时间", "首报时间"),
    _stone("signed_on", "签约日期", "Signed on", 30, "签约时间", "协议签订时间", "签约年月"),
    _stone("registered_on", "注册日期", "Company registered on", 40, "注册时间", "公司注册时间"),
    _stone("filed_on", "立项备案日期", "Filed on", 50, "备案时间", "立项时间", "立项备案时间"),
    _stone("land_on", "供地日期", "Land acquired on", 60, "拿地时间", "供地时间", "土地成交时间"),
    _stone("permit_on", "施工许可日期", "Construction permit on", 80, "施工许可证时间", "施工许可时间"),
    _stone("started_on", "开工日期", "Started on", 90, "开工时间", "实际开工时间", "开工年月"),
    _stone(
        "start_planned_on", "计划开工日期", "Start planned on", 90, "计划开工时间", "拟开工时间", column="planned_on"
    ),
    _stone("completed_on", "竣工日期", "Completed on", 110, "竣工时间", "完工时间", "建成时间"),
    _stone("production_on", "投产日期", "In production on", 120, "投产时间", "投运时间"),
)

_PROJECT_FIELDS = (
    _f("id", "项目编号", "Project id", "code", "编号", "项目ID", "project_id"),
    _f("project_code", "项目代码", "Project code", "code", "投资项目代码", "国家代码", "立项代码", "备案号"),
    _f("name_zh", "项目名称", "Name", "text", "项目", "名称", "工程名称", "name", required=True),
    _f("name_en", "英文名称", "English name", "text"),
    _zone(),
    _f("enterprise_id", "企业编号", "Enterprise id", "code", refers="enterprises.id"),
    _f("enterprise_name", "企业名称", "Enterprise", "text", "建设单位", "投资方", "项目业主", "业主单位", "投资主体", "公司名称"),
    _f("total_investment_wan", "总投资", "Total investment", "money_wan", "计划总投资", "投资总额", "协议总投资", "投资额"),
    _f("annual_tax_wan", "约定年税收", "Agreed tax a year", "money_wan", "预计年税收", "年税收"),
    _f("annual_output_wan", "约定年产值", "Agreed output a year", "money_wan", "预计年产值", "年产值"),
    _f("land_m2", "用地面积", "Land", "area_m2", "需用土地", "占地面积", "土地面积", "供地面积"),
    _f("floor_area_m2", "建筑面积", "Floor area", "area_m2", "总建筑面积"),
    _f("industry_edition", "行业分类版本", "Industry edition", "text", "行业标准版本"),
    _f("industry_code", "行业代码", "Industry code", "code", "国民经济行业代码"),
    _f("route", "落地方式", "Route", "code", "供地方式", "落地路径", choices=_ROUTE),
    _unit("managing_unit", "管理单位代码", "Managing unit", "属地", "管理单位"),
    _f("responsible_unit", "责任单位", "Responsible unit", "text", "牵头单位", "主管部门"),
    _f("officer_role", "责任岗位", "Officer role", "text", "跟进岗位"),
    _f("platform_id", "来源平台编号", "Source platform", "code", "落地平台"),
    _f("is_government_funded", "政府投资", "Government funded", "bool", "是否政府投资"),
    _f("published_stage", "当前阶段", "Stage as last reported", "text", "项目阶段", "建设阶段", "项目状态", "所处阶段"),
    *_lonlat(),
    _SCHEMATIC,
    _f("footprint", "范围", "Footprint", "geometry", "geometry", "图形"),
    _DATUM,
    *_SOURCE,
)  # fmt: skip

_PLAN_YEAR = _f(
    "plan_wan", "年度计划投资", "Plan of the year", "money_wan", "计划投资", "当年计划投资", "年度投资计划", "本年计划投资",
    child=Child("project_years", "plan_wan", per="year"),
)  # fmt: skip
_MONTH_DONE = _f(
    "month_wan", "月完成投资", "Done in the month", "money_wan", "完成投资", "当月完成投资", "本月完成投资",
    child=Child("monthly_reports", "month_wan", per="month"),
)  # fmt: skip
_MONTH_YTD = _f(
    "ytd_wan", "月累计完成投资", "Done since January", "money_wan", "累计完成投资", "年度累计完成投资", "本年累计完成投资",
    child=Child("monthly_reports", "ytd_wan", per="month"),
)  # fmt: skip


def _tables() -> tuple[Table, ...]:
    project = _f(
        "project_id", "项目编号", "Project id", "code", "项目名称", "项目", refers="projects.id", required=True
    )
    firm = _f(
        "enterprise_id", "企业编号", "Enterprise id", "code", "企业名称", "企业", "公司名称", "统一社会信用代码",
        refers="enterprises.id", required=True,
    )  # fmt: skip
    stages = tuple((str(s.code), s.name_zh) for s in STAGES)
    return (
        Table(
            "boundaries", "行政区界", "Boundaries", m.AdminUnit,
            (
                _f("code", "行政区代码", "Code", "code", "代码", "区划代码", "adcode", required=True),
                _f("code_system", "代码体系", "Code system", "text", default="GB/T 2260"),
                _f("kind", "类别", "Kind", "code", default="statutory",
                   choices=(("statutory", "行政区"), ("functional", "功能区"), ("city", "市"))),
                _f("name_zh", "名称", "Name", "text", "行政区名称", "区县", "区县名称", "name", required=True),
                _f("name_en", "英文名称", "English name", "text", "name_en", computed=True),
                _f("valid_from", "启用日期", "Valid from", "date"),
                _f("valid_to", "停用日期", "Valid to", "date"),
                _f("area_m2", "面积", "Area", "area_m2", computed=True),
                _f("geom", "范围", "Boundary", "geometry", "geometry"),
                _DATUM,
                _f("source", "数据来源", "Source", "text", "来源", computed=True),
            ),
            ("code",), geometry="geom", shapes="polygon",
        ),
        Table(
            "schemes", "片区方案", "Zone schemes", m.ZoneScheme,
            (
                _f("id", "方案代码", "Scheme id", "code", "代码", required=True),
                _f("name_zh", "方案名称", "Name", "text", "名称", required=True),
                _f("name_en", "英文名称", "English name", "text", computed=True),
                _f("motto_zh", "格局", "Motto", "text", "简称", computed=True),
                _f("motto_en", "格局(英文)", "Motto in English", "text", computed=True),
                _f("area_crs", "面积坐标系", "Area CRS", "text", default="EPSG:4544"),
                _f("boundary_source", "边界来源", "Boundary source", "text", default="import"),
                _f("order_no", "排序", "Order", "int", computed=True),
                _f("note", "备注", "Note", "text"),
            ),
            ("id",),
        ),
        Table(
            "zones", "片区", "Zones", m.Zone,
            (
                _f("code", "片区代码", "Code", "code", "代码", required=True),
                _f("scheme_id", "方案代码", "Scheme id", "code", "方案", refers="schemes.id", required=True),
                _f("name_zh", "片区名称", "Name", "text", "名称", "园区名称", "name", required=True),
                _f("name_en", "英文名称", "English name", "text", computed=True),
                _f("short_zh", "简称", "Short name", "text", computed=True),
                _f("alias_zh", "别名", "Alias", "text"),
                _f("role", "类型", "Role", "code", "角色", "片区类型", required=True,
                   choices=(("core", "核心"), ("zone", "片区"), ("axis", "轴"), ("special", "特区"), ("park", "园区"))),
                _f("zone_type", "考核类型", "Scorecard type", "code",
                   choices=(("core", "核心"), ("manufacturing", "制造"), ("service", "服务"), ("co_built_bio", "共建生物"))),
                _f("order_no", "排序", "Order", "int", "序号", computed=True),
                _unit("authority", "主管单位代码", "Authority", "主管单位"),
                _unit("functional_area", "功能区代码", "Functional area", "功能区"),
                _f("leading_chains", "主导产业链", "Leading chains", "list", "主导产业", refers="chain"),
                _f("geom", "范围", "Outline", "geometry", "geometry", required=True),
                _f("is_schematic", "边界为示意", "Schematic", "bool", default=False),
                _f("geometry_source", "边界来源", "Geometry source", "text", computed=True),
                _f("geometry_area_m2", "图形面积", "Measured area", "area_m2", computed=True),
                _f("note", "备注", "Note", "text"),
            ),
            ("code",), geometry="geom", shapes="any", parent=("scheme_id", "schemes"),
        ),
        Table(
            "zone_areas", "片区面积", "Published areas of zones", m.ZoneArea,
            (
                _zone(required=True),
                _f("km2", "面积", "Area", "number", "公布面积", unit="km²", required=True),
                _f("as_of", "时间", "As of", "text", "截至", required=True),
                _f("source", "来源", "Source", "text", required=True),
                _f("note", "备注", "Note", "text"),
                _f("is_published", "已公布", "Published", "bool", default=True),
                _f("is_current", "现行", "In force", "bool", default=True),
            ),
            ("zone_code", "as_of", "km2"), parent=("zone_code", "zones"),
        ),
        Table(
            "zone_parties", "片区共建单位", "Governing parties of zones", m.ZoneParty,
            (
                _zone(required=True),
                _unit("unit", "单位代码", "Unit", "单位", "共建单位", required=True),
                _f("role", "角色", "Role", "code", required=True,
                   choices=(("lead", "牵头"), ("partner", "共建"), ("host", "属地"))),
                _f("duties", "职责", "Duties", "list"),
                _f("valid_from", "起始日期", "Valid from", "date"),
                _f("valid_to", "终止日期", "Valid to", "date"),
                _f("basis", "依据", "Basis", "text"),
            ),
            ("zone_code", "unit", "role", "valid_from"), parent=("zone_code", "zones"),
        ),
        Table(
            "enterprises", "企业", "Enterprises", m.Enterprise,
            (
                _f("id", "企业编号", "Enterprise id", "code", "编号"),
                _f("uscc", "统一社会信用代码", "USCC", "code", "信用代码", "社会信用代码"),
                _f("name_zh", "企业名称", "Name", "text", "公司名称", "单位名称", "名称", "name", required=True),
                _zone(),
                _unit("district_code", "所在区县代码", "District", "所在区县", "区县", "adname", "district"),
                _unit("reg_unit", "注册地代码", "Registered in", "注册地"),
                _unit("stat_unit", "统计地代码", "Counted in", "统计地", "入统地"),
                _unit("tax_unit", "纳税地代码", "Taxed in", "纳税地", "税收地"),
                _f("industry_edition", "行业分类版本", "Industry edition", "text"),
                _f("industry_code", "行业代码", "Industry code", "code"),
                _f("industry_name", "行业名称", "Industry", "text", "行业分类", "行业", "所属行业"),
                _f("above_scale_since", "入规月份", "Above size since", "month", "上规时间", "入规时间"),
                _f("high_tech_from", "高企认定年", "High-tech from", "int", "高企认定年份"),
                _f("high_tech_to", "高企有效至", "High-tech to", "int"),
                _f("ladder", "梯度", "Ladder", "code", "企业梯度",
                   choices=(("srdi", "专精特新"), ("little_giant", "小巨人"), ("champion", "单项冠军"))),
                _f("leader_of", "链主产业链", "Leader of chains", "list", "链主", refers="chain"),
                _f("grading_status", "不定级原因", "Not graded because", "code",
                   choices=(("startup", "初创"), ("construction", "在建"), ("utility", "公用事业"))),
                _f("parent_id", "母公司编号", "Parent", "code", refers="enterprises.id"),
                _f("founded", "成立年份", "Founded", "int", "成立时间"),
                *_lonlat(), *_SOURCE,
            ),
            ("id",), (("uscc",), ("name_zh",)), "OE", owned=True, near="name_zh", entity="enterprise",
        ),
        Table(
            "per_mu", "亩均评价", "Per-mu data", m.EnterpriseYear,
            (
                firm,
                _f("year", "年度", "Year", "int", "评价年份", "年份", required=True),
                _f("output_wan", "总产值", "Output", "money_wan", "工业总产值", "产值"),
                _f("revenue_wan", "主营业务收入", "Revenue", "money_wan", "营业收入", "营收"),
                _f("value_added_wan", "增加值", "Value added", "money_wan", "工业增加值"),
                _f("tax_wan", "实缴税收", "Tax paid", "money_wan", "税收", "税收实际贡献", "入库税收"),
                _f("rd_wan", "研发投入经费", "R&D", "money_wan", "研发经费", "研发投入", "R&D经费"),
                _f("energy_tce", "综合能耗", "Energy", "int", "能耗", unit="吨标准煤"),
                _f("emission_eq", "主要污染物排放总当量", "Emission equivalents", "number", "排放当量"),
                _f("employees", "从业人员", "Employees", "int", "平均用工人数", "职工人数"),
                _f("land_m2", "用地面积", "Land", "area_m2", "占地面积"),
                _f("leased_m2", "租赁面积", "Leased space", "area_m2"),
                _f("leased_far", "租赁地块容积率", "FAR of leased space", "number"),
            ),
            ("enterprise_id", "year"), parent=("enterprise_id", "enterprises"),
        ),
        Table(
            "enterprise_months", "企业月度数据", "Enterprise months", m.EnterpriseMonth,
            (
                firm,
                _f("period", "月份", "Month", "month", "统计月份", "报告期", required=True),
                _f("output_ytd_wan", "累计产值", "Output since January", "money_wan", "本年累计产值", "累计工业总产值"),
                _f("revenue_ytd_wan", "累计营业收入", "Revenue since January", "money_wan", "本年累计营业收入"),
                _f("tax_ytd_wan", "累计税收", "Tax since January", "money_wan", "本年累计税收"),
                _f("retained_ytd_wan", "累计地方留成", "Retained since January", "money_wan", "本年累计留成"),
            ),
            ("period", "enterprise_id"), parent=("enterprise_id", "enterprises"),
        ),
        Table(
            "platforms", "创新平台", "Platforms", m.Platform,
            (
                _f("id", "平台编号", "Platform id", "code", "编号"),
                _f("name_zh", "平台名称", "Name", "text", "名称", "name", required=True),
                _f("category", "平台类别", "Category", "code", "类别", required=True,
                   choices=(("facility", "重大科技基础设施"), ("laboratory", "实验室"), ("university", "校院地平台"),
                            ("industry", "产业创新平台"), ("other", "其他"))),
                _zone(),
                _f("host", "依托单位", "Host", "text", "建设单位"),
                _f("level", "级别", "Level", "text", "平台级别"),
                _f("status", "状态", "Status", "text"),
                _f("since", "设立月份", "Since", "month", "设立时间", "成立时间"),
                *_lonlat(), _SCHEMATIC, *_SOURCE,
            ),
            ("id",), (("name_zh",),), "OT", owned=True, near="name_zh", entity="platform",
        ),
        Table(
            "policies", "政策", "Policies", m.Policy,
            (
                _f("id", "政策编号", "Policy id", "code", "编号"),
                _f("title", "政策名称", "Title", "text", "文件名称", "标题", required=True),
                _f("doc_no", "文号", "Document number", "text", "文件号"),
                _f("issuer", "发文单位", "Issuer", "text", "发布单位"),
                _f("level", "层级", "Level", "text", "级别"),
                _f("valid_from", "生效日期", "Valid from", "text", "发布日期"),
                _f("valid_to", "失效日期", "Valid to", "text", "有效期至"),
                _f("chains", "适用产业链", "Chains", "list", refers="chain"),
                _f("support_text", "支持内容", "Support", "text", "支持措施"),
                _f("condition_text", "申报条件", "Condition", "text", "条件"),
                *_SOURCE,
            ),
            ("id",), (("doc_no",), ("title",)), "OL", owned=True, near="title",
        ),
        Table(
            "parcels", "地块现状与规划", "Land parcels", m.LandParcel,
            (
                _f("id", "图斑编号", "Parcel id", "code", "编号", "图斑号", "地块编号", "BSM", "TBBH"),
                _zone(),
                _unit("district_code", "所在区县代码", "District", "所在区县", "区县", "adname", "district", computed=True),
                _LANDUSE_SCHEME,
                _f("status_code", "现状用地代码", "Land use now", "code", "地类编码", "现状地类", "DLBM", refers="landuse"),
                _f("plan_code", "规划用地代码", "Planned land use", "code", "规划地类", "用地性质", "YDXZDM", refers="landuse"),
                _f("land_state", "开发状态", "State", "code", "土地状态",
                   choices=(("undevelopable", "不可开发"), ("developable", "可开发"), ("ready", "已整理"),
                            ("supplied", "已供应"), ("built", "已建成"))),
                _f("area_m2", "面积", "Area", "area_m2", "图斑面积", "用地面积", "TBMJ", "宗地面积", computed=True),
                _f("floor_area_m2", "建筑面积", "Floor area", "area_m2", "总建筑面积"),
                _f("geom", "范围", "Outline", "geometry", "geometry", required=True),
                _DATUM, *_SOURCE,
            ),
            ("id",), (), "OX", "geom", "polygon", owned=True, entity="parcel",
        ),
        Table(
            "plots", "招商地块", "Plots on offer", m.Plot,
            (
                _f("id", "招商地块编号", "Plot id", "code", "编号"),
                _f("code", "地块号", "Plot number", "text", "地块编号", "宗地编号", "地块名称", "宗地号", required=True),
                _zone(),
                _unit("district_code", "所在区县代码", "District", "所在区县", "区县", "adname", "district", computed=True),
                _LANDUSE_SCHEME,
                _f("landuse_code", "用地性质代码", "Land use", "code", "用地性质", "规划用途", "土地用途",
                   refers="landuse", required=True),
                _f("area_m2", "面积", "Area", "area_m2", "用地面积", "出让面积", "宗地面积", required=True),
                _f("far_min", "容积率下限", "FAR from", "number"),
                _f("far_max", "容积率上限", "FAR to", "number", "容积率"),
                _f("supply_state", "供地状态", "Supply state", "code", "状态", default="planned",
                   choices=(("planned", "规划"), ("expropriated", "已征"), ("ready", "净地"), ("listed", "已挂牌"),
                            ("sold", "已成交"))),
                _f("supply_mode", "供应方式", "Supply mode", "code",
                   choices=(("grant", "出让"), ("flexible", "弹性年期"), ("lease_grant", "租让结合"),
                            ("lease_first", "先租后让"), ("contribution", "作价"))),
                _f("tenure_years", "年期", "Tenure", "int", "出让年限", "使用年限", unit="年"),
                _f("reserve_price_wan_mu", "起始价", "Reserve price", "number", "底价", unit="万元/亩"),
                _f("intensity_wan_mu", "投资强度", "Investment intensity", "number", unit="万元/亩"),
                _f("tax_wan_mu", "亩均税收", "Tax per mu", "number", unit="万元/亩"),
                _f("utilities", "基础配套", "Utilities", "text", "通平情况"),
                _f("chain_nodes", "适宜产业环节", "Chain nodes", "list", "产业环节", refers="node"),
                _f("updated_on", "更新日期", "Updated on", "date"),
                _f("geom", "范围", "Outline", "geometry", "geometry"),
                _DATUM, *_SOURCE,
            ),
            ("id",), (("code",),), "OG", "geom", "polygon", owned=True, entity="plot",
        ),
        Table(
            "carriers", "载体楼宇", "Carriers", m.CarrierBuilding,
            (
                _f("id", "载体编号", "Carrier id", "code", "编号", "楼栋编号"),
                _f("name_zh", "载体名称", "Name", "text", "楼宇名称", "名称", "园区名称", "park_name", "name", required=True),
                _f("park_zh", "所属园区名称", "Park", "text", "项目园区"),
                _zone(),
                _unit("district_code", "所在区县代码", "District", "所在区县", "区县", "adname", "district"),
                _f("carrier_type", "载体类型", "Type", "text", "类型", "park_type", "园区类型", required=True),
                _f("operator", "运营单位", "Operator", "text", "权属单位", "运营机构"),
                _f("contact_role", "联系岗位", "Contact role", "text"),
                _f("floors", "层数", "Floors", "int", "楼层数"),
                _f("height_m", "楼高", "Height", "number", "建筑高度", unit="m"),
                _f("gross_area_m2", "建筑面积", "Gross area", "area_m2", "build_area", "总建筑面积", "管理面积"),
                _f("delivered_on", "交付日期", "Delivered on", "date", "交付时间"),
                _f("fire_class", "火灾危险性", "Fire class", "text"),
                _f("power_kva", "供电容量", "Power", "int", unit="kVA"),
                _f("dual_power", "双回路", "Dual power", "bool", "双回路供电"),
                _f("steam", "蒸汽", "Steam", "bool"),
                _f("features", "特色", "Features", "text", "main_industry", "主导产业"),
                *_lonlat(), _SCHEMATIC,
                _f("footprint", "范围", "Footprint", "geometry", "geometry"),
                _f("updated_on", "更新日期", "Updated on", "date"),
                *_SOURCE,
            ),
            ("id",), (("name_zh",),), "OB", "footprint", "any", owned=True, near="name_zh", entity="carrier",
        ),
        Table(
            "units", "载体房源", "Carrier units", m.CarrierUnit,
            (
                _f("id", "房源编号", "Unit id", "code", "编号"),
                _f("building_id", "载体编号", "Carrier id", "code", "载体名称", "楼宇名称", "所属楼栋",
                   refers="carriers.id", required=True),
                _f("floor", "楼层", "Floor", "int", "所在楼层", required=True),
                _f("unit_no", "单元号", "Unit number", "text", "房号", "单元", required=True),
                _f("area_m2", "面积", "Area", "area_m2", "建筑面积", "可招商面积", required=True),
                _f("state", "状态", "State", "code", "房源状态", default="vacant",
                   choices=(("building", "在建"), ("vacant", "空置"), ("held", "意向锁定"), ("contracted", "已签约"),
                            ("occupied", "已入驻"), ("reserved", "预留"), ("frozen", "冻结"))),
                _f("available_from", "可用日期", "Available from", "date"),
                _f("clear_height_m", "层高", "Clear height", "number", "净高", unit="m"),
                _f("load_t_m2", "楼面荷载", "Floor load", "number", "荷载", unit="t/㎡"),
                _f("deal_mode", "合作方式", "Deal", "code", "租售方式",
                   choices=(("lease", "出租"), ("sale", "出售"), ("lease_sale", "可租可售"), ("lease_first", "先租后售"))),
                _f("rent_yuan_m2_month", "租金", "Rent", "number", "租金单价", unit="元/㎡·月"),
                _f("price_yuan_m2", "售价", "Price", "number", "销售单价", unit="元/㎡"),
                _f("enterprise_id", "入驻企业编号", "Tenant", "code", "入驻企业", refers="enterprises.id"),
            ),
            ("id",), (("building_id", "floor", "unit_no"),), "OU", parent=("building_id", "carriers"),
        ),
        Table(
            "projects", "项目", "Projects", m.Project,
            (*_PROJECT_FIELDS, *_STONES, _PLAN_YEAR, _MONTH_DONE, _MONTH_YTD),
            ("id",), (("project_code",), ("name_zh", "zone_code")), "OP", "footprint", "any",
            owned=True, near="name_zh", entity="project",
        ),
        Table(
            "leads", "招商线索", "Leads", m.Project,
            (*_PROJECT_FIELDS, *_STONES[:1]),
            ("id",), (("project_code",), ("name_zh", "zone_code")), "OP", "footprint", "any",
            owned=True, near="name_zh", entity="project",
        ),
        Table(
            "sites", "项目落点", "Project sites", m.ProjectSite,
            (
                _f("id", "落点编号", "Site id", "code", "编号"),
                project,
                _f("role", "类型", "Role", "code", "落点类型", default="main",
                   choices=(("main", "主址"), ("hq", "总部"), ("base", "基地"), ("rd", "研发"))),
                _zone(),
                _unit("district_code", "所在区县代码", "District", "所在区县", "区县", "adname", "district", computed=True),
                _f("lon", "经度", "Longitude", "lon", "longitude", "lng", "x", required=True),
                _f("lat", "纬度", "Latitude", "lat", "latitude", "y", required=True),
            ),
            ("id",), (("project_id", "role", "lon", "lat"),), "OS", parent=("project_id", "projects"), shapes="point",
        ),
        Table(
            "places", "项目归属单位", "Units' parts in projects", m.ProjectPlace,
            (
                project,
                _f("role", "事项", "Role", "code", "归属事项", required=True,
                   choices=(("registration", "注册"), ("approval", "审批"), ("production", "生产"), ("supervision", "监管"),
                            ("stat", "统计"), ("tax", "纳税"), ("first_contact", "首谈"))),
                _unit("unit", "单位代码", "Unit", "单位", "归属单位"),
                _zone(),
                _f("valid_from", "起始日期", "Valid from", "date"),
                _f("valid_to", "终止日期", "Valid to", "date"),
            ),
            ("project_id", "role", "unit", "zone_code", "valid_from"), parent=("project_id", "projects"),
        ),
        Table(
            "milestones", "项目里程碑", "Milestones", m.Milestone,
            (
                project,
                _f("stage", "阶段", "Stage", "int", "里程碑", "节点", required=True, choices=stages),
                _f("planned_on", "计划日期", "Planned on", "date", "计划时间"),
                _f("done_on", "完成日期", "Done on", "date", "完成时间", "实际时间"),
                _f("evidence", "佐证", "Evidence", "text", "文号", "佐证材料"),
                _f("reason", "原因", "Reason", "text"),
                _f("approver", "批准岗位", "Approver", "text", "批准人"),
            ),
            ("project_id", "stage"), parent=("project_id", "projects"),
        ),
        Table(
            "project_years", "项目年度计划", "Plans of the year", m.ProjectYear,
            (
                project,
                _f("year", "年度", "Year", "int", "年份", required=True),
                _f("plan_wan", "年度计划投资", "Plan of the year", "money_wan", "计划投资", required=True),
            ),
            ("project_id", "year"), parent=("project_id", "projects"),
        ),
        Table(
            "monthly_reports", "项目月报", "Monthly reports", m.MonthlyReport,
            (
                project,
                _f("period", "月份", "Month", "month", "报告月份", "统计月份", "报告期", required=True),
                _f("month_wan", "本月完成投资", "Done in the month", "money_wan", "当月完成投资", "当月已完成投资", "完成投资",
                   computed=True),
                _f("ytd_wan", "本年累计完成投资", "Done since January", "money_wan", "年度累计完成投资", "当月至今已完成",
                   "累计完成投资", computed=True),
                _f("cumulative_wan", "开工以来累计投资", "Done since start", "money_wan", "开工以来累计", "自开工累计完成投资",
                   computed=True),
                _f("plan_ytd_wan", "计划累计投资", "Planned since January", "money_wan", "累计计划投资"),
                _f("progress_code", "形象进度代码", "Progress", "code", choices=tuple(WORKS_STATES.items())),
                _f("progress_text", "形象进度", "Progress in words", "text", "工程进度"),
                _f("issue_type", "问题类型", "Issue type", "text"),
                _f("issue_text", "存在问题", "Issue", "text", "困难问题"),
                _f("issue_unit", "问题责任单位", "Unit to act", "text"),
                _f("funds_required_wan", "应到位资金", "Funds required", "money_wan"),
                _f("funds_in_wan", "已到位资金", "Funds in", "money_wan", "到位资金"),
                _f("submitted_on", "填报日期", "Submitted on", "date", "上报日期", "填报时间", computed=True),
            ),
            ("period", "project_id"), parent=("project_id", "projects"),
        ),
        Table(
            "project_facts", "项目统计数据", "Project statistics", m.ProjectFact,
            (
                project,
                _f("period", "月份", "Month", "month", "统计月份", required=True),
                _f("fai_ytd_wan", "累计固定资产投资", "Fixed investment", "money_wan", "固定资产投资", "入统投资"),
                _f("domestic_ytd_wan", "累计到位内资", "Domestic capital", "money_wan", "到位内资"),
                _f("foreign_ytd_usd_wan", "累计到位外资", "Foreign capital", "money_wan_usd", "到位外资"),
                _f("is_industrial", "工业项目", "Industrial", "bool", "是否工业", default=False),
            ),
            ("period", "project_id"), parent=("project_id", "projects"),
        ),
        Table(
            "contracts", "土地出让合同", "Land contracts", m.LandContract,
            (
                _f("id", "合同编号", "Contract id", "code", "编号", "电子监管号", required=True),
                _f("parcel_id", "图斑编号", "Parcel id", "code", "地块编号", refers="parcels.id", required=True),
                _f("enterprise_id", "企业编号", "Enterprise id", "code", "受让人", refers="enterprises.id"),
                _f("project_id", "项目编号", "Project id", "code", "项目名称", refers="projects.id"),
                _f("signed_on", "签订日期", "Signed on", "date", "签订时间", "合同签订日期", required=True),
                _f("price_wan", "成交价款", "Price", "money_wan", "出让价款", "土地价款", required=True),
                _f("agreed_start", "约定开工日期", "Agreed start", "date", "约定开工时间", required=True),
                _f("actual_start", "实际开工日期", "Actual start", "date", "实际开工时间"),
                _f("stopped_on", "停工日期", "Stopped on", "date"),
                _f("developed_ratio", "已开发比例", "Share developed", "ratio"),
                _f("invested_ratio", "已投资比例", "Share invested", "ratio"),
                _f("cause", "闲置原因", "Cause", "code",
                   choices=(("company", "企业"), ("government", "政府"), ("force_majeure", "不可抗力"))),
                _f("legal_status", "认定状态", "Legal status", "text"),
                _f("legal_doc", "认定文书", "Legal document", "text"),
                _f("disposal", "处置方式", "Disposal", "text"),
                *_SOURCE,
            ),
            ("id",), owned=True, parent=("parcel_id", "parcels"),
        ),
        Table(
            "kpi_values", "指标数据", "KPI values", m.KpiValue,
            (
                _f("kpi_id", "指标编号", "KPI", "code", "指标", "指标名称", refers="kpi", required=True),
                _f("unit_scope", "单位类型", "Unit scope", "code", default="zone",
                   choices=(("zone", "片区"), ("func_area", "功能区"), ("admin", "行政区"), ("city", "全市"))),
                _f("unit_code", "单位代码", "Unit", "code", "片区", "片区代码", "单位", required=True),
                _f("period_type", "周期", "Period type", "code", choices=(("M", "月"), ("Q", "季"), ("Y", "年")),
                   computed=True),
                _f("period", "期间", "Period", "text", "月份", "时间", "报告期", required=True),
                _f("accumulation", "累计方式", "Accumulation", "code", computed=True,
                   choices=(("ytd", "本年累计"), ("period", "当期"), ("point", "时点"), ("cohort", "批次"), ("annual", "全年"))),
                _f("value", "数值", "Value", "number", "指标值", "值"),
                _f("unit", "计量单位", "Unit of measure", "text", "单位名称", computed=True),
                _f("numerator", "分子", "Numerator", "number"),
                _f("denominator", "分母", "Denominator", "number"),
                _f("status", "数据状态", "Status", "code", default="final",
                   choices=(("flash", "快报"), ("preliminary", "初步"), ("final", "核定"), ("revised", "修订"))),
                _f("scope", "口径", "Scope", "code", default="territorial",
                   choices=(("territorial", "在地"), ("area", "空间"), ("shared", "共建分享"), ("dual", "双计"))),
                _f("channel", "渠道", "Channel", "text", computed=True),
                _f("owner", "责任部门", "Owner", "text", computed=True),
                _f("source_doc", "来源文件", "Source", "text", "数据来源", computed=True),
                _f("as_of", "截至日期", "As of", "date", computed=True),
                _f("version", "版本", "Version", "int", default=1),
            ),
            ("kpi_id", "unit_scope", "unit_code", "period_type", "period", "accumulation", "scope", "version"), owned=True,
        ),
        Table(
            "targets", "指标目标", "Targets", m.Target,
            (
                _f("kpi_id", "指标编号", "KPI", "code", "指标", "指标名称", refers="kpi", required=True),
                _f("unit_code", "单位代码", "Unit", "code", "片区", "片区代码", required=True),
                _f("year", "年度", "Year", "int", "年份", required=True),
                _f("value", "目标值", "Target", "number", "目标", "年度目标", required=True),
                _f("unit", "计量单位", "Unit of measure", "text", computed=True),
                _f("curve", "月度进度", "Shares by month", "list"),
            ),
            ("kpi_id", "unit_code", "year"), owned=True,
        ),
        Table(
            "agreements", "分享协议", "Share agreements", m.ShareAgreement,
            (
                _f("id", "协议编号", "Agreement id", "code", "编号", required=True),
                _zone(),
                _f("project_id", "项目编号", "Project id", "code", "项目名称", refers="projects.id"),
                _f("metric_class", "指标类别", "Metric class", "code", "类别", required=True,
                   choices=(("direct", "直报"), ("nondirect", "非直报"), ("fiscal", "财政"))),
                _f("shares", "分享比例", "Shares", "shares", "比例", required=True),
                _f("valid_from", "起始日期", "Valid from", "date", "生效日期", required=True),
                _f("valid_to", "终止日期", "Valid to", "date", "失效日期"),
                _f("basis_doc", "依据文件", "Basis", "text", "依据", required=True),
                _f("illustrative", "示例比例", "Illustrative", "bool", default=False),
                _f("retention", "留存园区", "Retained", "bool", default=False),
            ),
            ("id",), owned=True,
        ),
        Table(
            "chain_links", "产业链环节关联", "Chain links", m.EntityNode,
            (
                _f("entity_kind", "对象类型", "Kind", "code", required=True,
                   choices=(("project", "项目"), ("enterprise", "企业"), ("carrier", "载体"), ("platform", "平台"),
                            ("plot", "地块"))),
                _f("entity_id", "对象编号", "Record", "code", "名称", "对象名称", required=True),
                _f("node_id", "环节编号", "Node", "code", "产业链环节", "环节", "环节名称", refers="node", required=True),
                _f("link_source", "关联方式", "Link source", "code", default="import",
                   choices=(("code", "行业代码"), ("manual", "人工"), ("import", "导入"))),
                _f("confidence", "可信度", "Confidence", "number", default=1.0),
            ),
            ("entity_kind", "entity_id", "node_id"),
        ),
    )  # fmt: skip


#: Every table by id, in an order in which parents come before children.
TABLES: dict[str, Table] = {table.id: table for table in _tables()}
