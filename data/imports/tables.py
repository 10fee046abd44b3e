"""What can be imported, templated and exported: every table, with the columns of its model.

One description serves three programs. The import reads headings by it, ``data/exports`` writes them by it, and templates
show it; so what was written out is read back as the same rows. What a column is called and holds stands with the column
(``data/models.py``); here stands only what is not of one column: identity, order, parents, geometry.

A column with `child` is none of the table: it is a shorthand that offices use (a date of signing in the project list, a
year's plan in a heading) for a row of another table. Exports leave such columns out and write the other table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from data import models as m
from data.columns import Child, Column, said

#: Between the entries of a list in one cell; reading also takes 、，, ； and line breaks.
LIST_SEPARATOR = ";"
#: Data set of everything imported.
PROVENANCE = "official"


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
    key: tuple[str, ...]
    natural: tuple[tuple[str, ...], ...] = ()
    prefix: str = ""
    geometry: str = ""
    shapes: Literal["", "polygon", "point", "any"] = ""
    parent: tuple[str, str] | None = None
    owned: bool = False
    near: str = ""  # the name in which near-duplicates are looked for
    entity: str = ""  # what entity_node and search call a row of it
    shorthands: tuple[Column, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table that say what they are: what an export writes. A parent that is part of the key leads."""
        found = said(self.model.__table__.columns).values()
        first = self.parent[0] if self.parent and self.parent[0] in self.key else ""
        return tuple(sorted(found, key=lambda c: c.name != first))

    @cached_property
    def fields(self) -> tuple[Column, ...]:
        """What a file may hold: the columns and the shorthands."""
        return (*self.columns, *self.shorthands)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Fields by name."""
        return {f.name: f for f in self.fields}

    @property
    def id_is_optional(self) -> bool:
        """Whether a file may come without the key: the program gives codes."""
        return bool(self.prefix)


def _stone(name: str, zh: str, en: str, stage: int, *synonyms: str, column: str = "done_on") -> Column:
    return Column(zh, en, "date", synonyms, name=name, child=Child("milestones", column, {"stage": stage}))


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


def _amount(name: str, zh: str, en: str, child: Child, *synonyms: str) -> Column:
    return Column(zh, en, "money_wan", synonyms, unit="万元", child=child, name=name)


_AMOUNTS = (
    _amount("plan_wan", "年度计划投资", "Plan of the year", Child("project_years", "plan_wan", per="year"),
            "计划投资", "当年计划投资", "年度投资计划", "本年计划投资"),
    _amount("month_wan", "月完成投资", "Done in the month", Child("monthly_reports", "month_wan", per="month"),
            "完成投资", "当月完成投资", "本月完成投资"),
    _amount("ytd_wan", "月累计完成投资", "Done since January", Child("monthly_reports", "ytd_wan", per="month"),
            "累计完成投资", "年度累计完成投资", "本年累计完成投资"),
)  # fmt: skip

#: Every table by id, in an order in which parents come before children, and records before the figures that follow from them.
TABLES: dict[str, Table] = {
    table.id: table
    for table in (
        Table("boundaries", "行政区界", "Boundaries", m.AdminUnit, ("code",), geometry="geom", shapes="polygon"),
        Table("schemes", "片区方案", "Zone schemes", m.ZoneScheme, ("id",)),
        Table("zones", "片区", "Zones", m.Zone, ("code",), geometry="geom", shapes="any", parent=("scheme_id",
              "schemes")),
        Table("zone_areas", "片区面积", "Published areas of zones", m.ZoneArea, ("zone_code", "as_of", "km2"),
              parent=("zone_code", "zones")),
        Table("zone_parties", "片区共建单位", "Governing parties of zones", m.ZoneParty, ("zone_code", "unit", "role",
              "valid_from"), parent=("zone_code", "zones")),
        Table("enterprises", "企业", "Enterprises", m.Enterprise, ("id",), natural=(("uscc",), ("name_zh",)),
              prefix="OE", near="name_zh", entity="enterprise", owned=True),
        Table("per_mu", "亩均评价", "Per-mu data", m.EnterpriseYear, ("enterprise_id", "year"),
              parent=("enterprise_id", "enterprises")),
        Table("enterprise_months", "企业月度数据", "Enterprise months", m.EnterpriseMonth, ("period", "enterprise_id"),
              parent=("enterprise_id", "enterprises")),
        Table("platforms", "创新平台", "Platforms", m.Platform, ("id",), natural=(("name_zh",),), prefix="OT",
              near="name_zh", entity="platform", owned=True),
        Table("policies", "政策", "Policies", m.Policy, ("id",), natural=(("doc_no",), ("title",)), prefix="OL",
              near="title", owned=True),
        Table("parcels", "地块现状与规划", "Land parcels", m.LandParcel, ("id",), prefix="OX", geometry="geom",
              shapes="polygon", entity="parcel", owned=True),
        Table("plots", "招商地块", "Plots on offer", m.Plot, ("id",), natural=(("code",),), prefix="OG",
              geometry="geom", shapes="polygon", entity="plot", owned=True),
        Table("carriers", "载体楼宇", "Carriers", m.CarrierBuilding, ("id",), natural=(("name_zh",),), prefix="OB",
              geometry="footprint", shapes="any", near="name_zh", entity="carrier", owned=True),
        Table("units", "载体房源", "Carrier units", m.CarrierUnit, ("id",), natural=(("building_id", "floor",
              "unit_no"),), prefix="OU", parent=("building_id", "carriers")),
        Table("projects", "项目", "Projects", m.Project, ("id",), natural=(("project_code",), ("name_zh",
              "zone_code")), prefix="OP", geometry="footprint", shapes="any", near="name_zh", entity="project",
              owned=True, shorthands=(*_STONES, *_AMOUNTS)),
        Table("leads", "招商线索", "Leads", m.Project, ("id",), natural=(("project_code",), ("name_zh", "zone_code")),
              prefix="OP", geometry="footprint", shapes="any", near="name_zh", entity="project", owned=True,
              shorthands=_STONES[:1]),
        Table("sites", "项目落点", "Project sites", m.ProjectSite, ("id",), natural=(("project_id", "role", "lon",
              "lat"),), prefix="OS", shapes="point", parent=("project_id", "projects")),
        Table("places", "项目归属单位", "Units' parts in projects", m.ProjectPlace, ("project_id", "role", "unit",
              "zone_code", "valid_from"), parent=("project_id", "projects")),
        Table("milestones", "项目里程碑", "Milestones", m.Milestone, ("project_id", "stage"), parent=("project_id",
              "projects")),
        Table("project_years", "项目年度计划", "Plans of the year", m.ProjectYear, ("project_id", "year"),
              parent=("project_id", "projects")),
        Table("monthly_reports", "项目月报", "Monthly reports", m.MonthlyReport, ("period", "project_id"),
              parent=("project_id", "projects")),
        Table("project_facts", "项目统计数据", "Project statistics", m.ProjectFact, ("period", "project_id"),
              parent=("project_id", "projects")),
        Table("contracts", "土地出让合同", "Land contracts", m.LandContract, ("id",), parent=("parcel_id", "parcels"),
              owned=True),
        Table("chain_links", "产业链环节关联", "Chain links", m.EntityNode, ("entity_kind", "entity_id", "node_id")),
        Table("kpi_values", "指标数据", "KPI values", m.KpiValue, ("kpi_id", "unit_scope", "unit_code", "period_type",
              "period", "accumulation", "scope", "version"), owned=True),
        Table("targets", "指标目标", "Targets", m.Target, ("kpi_id", "unit_code", "year"), owned=True),
        Table("agreements", "分享协议", "Share agreements", m.ShareAgreement, ("id",), owned=True),
    )
}  # fmt: skip
