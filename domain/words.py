"""Words of stored codes: each list once, code to Chinese. The English stands in the catalogue of translations (``locale/``).

Screens, the choices of imports, exports, templates, answers and the map all read them here, or beside the rule that a code
belongs to (lights, stages, land states, kinds, works states, idle stages, chain states).
"""

from __future__ import annotations

PROVENANCES: dict[str, str] = {"demo": "演示数据", "published": "公开数据", "official": "自有数据"}
ROLES: dict[str, str] = {"leadership": "领导", "planner": "规划", "promoter": "招商", "prospect": "客户"}
SCOPES: dict[str, str] = {"territorial": "在地", "area": "空间", "shared": "共建分享", "dual": "双计"}
#: By which units the territorial scope divides (rules §4.2.1).
GROUPINGS: dict[str, str] = {"stat": "统计单元", "admin": "法定区县", "gov": "治理主体"}

UNIT_KINDS: dict[str, str] = {"statutory": "行政区", "functional": "功能区", "city": "市"}
ZONE_ROLES: dict[str, str] = {"core": "核", "zone": "区", "special": "特", "park": "园", "axis": "轴"}
ZONE_TYPES: dict[str, str] = {
    "core": "核心型",
    "manufacturing": "制造型",
    "service": "服务型",
    "co_built_bio": "共建生物型",
}
PARTY_ROLES: dict[str, str] = {"lead": "主导", "partner": "共建", "host": "属地"}
METRIC_CLASSES: dict[str, str] = {"direct": "直报指标", "nondirect": "非直报指标", "fiscal": "地方财政收入"}

STATUSES: dict[str, str] = {"flash": "快报", "preliminary": "初步", "final": "核定", "revised": "修订"}
PERIOD_TYPES: dict[str, str] = {"M": "月度", "Q": "季度", "Y": "年度"}
ACCUMULATIONS: dict[str, str] = {
    "ytd": "本年累计",
    "period": "当期",
    "point": "时点",
    "cohort": "批次",
    "annual": "全年",
}
UNIT_SCOPES: dict[str, str] = {"zone": "片区", "func_area": "功能区", "admin": "行政区", "city": "全市"}

DATUMS: dict[str, str] = {"CGCS2000": "国家大地2000", "WGS84": "WGS84", "GCJ02": "GCJ02", "BD09": "BD09"}
LANDUSE_SCHEMES: dict[str, str] = {
    "YDYH2023": "用地用海分类2023",
    "YDYH2020": "用地用海分类2020",
    "GBT21010_2017": "土地利用现状分类2017",
    "GB50137_2011": "城市用地分类2011",
}
SUPPLY_MODES: dict[str, str] = {
    "grant": "出让",
    "flexible": "弹性年期",
    "lease_grant": "租让结合",
    "lease_first": "先租后让",
    "contribution": "作价",
}
IDLE_CAUSES: dict[str, str] = {"company": "企业原因", "government": "政府原因", "force_majeure": "不可抗力"}
CARRIER_UNIT_STATES: dict[str, str] = {
    "building": "在建",
    "vacant": "空置",
    "held": "意向锁定",
    "contracted": "已签约",
    "occupied": "已入驻",
    "reserved": "预留",
    "frozen": "冻结",
}
DEAL_MODES: dict[str, str] = {"lease": "出租", "sale": "出售", "lease_sale": "可租可售", "lease_first": "先租后售"}

LADDERS: dict[str, str] = {"srdi": "专精特新", "little_giant": "小巨人", "champion": "单项冠军"}
GRADING_STATES: dict[str, str] = {"startup": "初创", "construction": "在建", "utility": "公用事业"}
#: The four clusters of rules §1.2.1, in that order, and what belongs to none of them.
PLATFORM_CATEGORIES: dict[str, str] = {
    "facility": "重大科技基础设施",
    "laboratory": "高能级实验室",
    "university": "校院地协同创新平台",
    "industry": "产业创新平台",
    "other": "其他平台",
}

ROUTES: dict[str, str] = {"land": "供地", "lease": "租赁"}
SITE_ROLES: dict[str, str] = {"main": "项目地", "hq": "总部", "base": "基地", "rd": "研发"}
#: A unit's part in a project, in the order people ask for them.
PLACE_ROLES: dict[str, str] = {
    "registration": "注册",
    "approval": "审批",
    "production": "生产经营",
    "supervision": "监管",
    "tax": "税收入库",
    "stat": "统计归属",
    "first_contact": "首谈",
}
ENTITY_KINDS: dict[str, str] = {
    "project": "项目",
    "enterprise": "企业",
    "carrier": "载体",
    "platform": "创新平台",
    "plot": "地块",
    "parcel": "用地图斑",
}
#: Kinds of agencies whose name begins with that of a zone: 科学城产业促进机构.
AGENCIES: dict[str, str] = {"promotion": "产业促进机构"}
LINK_SOURCES: dict[str, str] = {"code": "行业代码", "manual": "人工", "import": "导入"}

#: Words from a fixed list that records carry as text: level and state of a platform, type and contact of a carrier.
AS_WRITTEN: frozenset[str] = frozenset(
    {
        *("国家级", "省级", "市级", "国家", "省", "运行", "建设中", "在建", "建设", "启动建设", "签约", "落地", "落户"),
        *("研发办公", "孵化器", "商务办公", "加速器", "中试", "产业园区", "标准厂房", "标准厂房(多层)", "GMP厂房"),
        *("高品质科创空间", "高层厂房(工业上楼)", "人才公寓", "载体招商专员(岗位)"),
        # What published figures of zones are, and what is in doubt of a published record.
        *("规划面积", "面积分解", "累计签约重大项目", "累计签约项目", "累计引进项目", "累计落户项目", "落户项目总投资"),
        *("引进重大项目", "引进重大项目(累计)", "集中开工", "开工项目数", "落地产业化项目", "拟推动项目"),
        *("已建科创载体", "在建项目建筑面积", "高新技术企业", "国家级科研机构", "诺奖团队", "国家级院士团队"),
        *("高层次人才团队", "产业人才", "全口径总产出目标", "固定资产投资增长目标", "主导产业营收目标"),
        *("同一来源另有分解39.2+5.3,合计44.5", "与公布面积44相矛盾(合计44.5)", "推算值,非公布值", "未写明仅生物城"),
        *("年份由报道推定", "数额偏大,疑含高新西区", "预计数,与469.1矛盾", "口径不同于市本级", "统计范围存疑"),
        *("年份为推断", "疑为24%之误", "预计数,年份为推断", "是否属本片区待核", "全域汇总,含其他载体"),
        *("原发布时间疑早于2023", "面积含新谷国际创新中心", "2012年口径,现状面积更大", "来源名称不稳"),
        *("面积含在成都科创生态岛140万㎡内", "面积含在新川人工智能创新中心100万㎡内", "多年期承诺额"),
        *("与未来智创产业园应为同一载体", "与智创产业空间A、B区应为同一载体", "签约后进展未见", "2019年后进展未见"),
        *("实际位置未写,后续进展未见", "竣工", "落成", "成立", "招生"),
        *("精装大堂", "新风", "地库", "双层货梯3t×2", "污水接入", "七通一平"),
    }
)

#: Every list above, for the catalogue of translations and for the test that no code is put into words twice.
EVERY: tuple[dict[str, str], ...] = tuple(
    found for name, found in list(globals().items()) if name.isupper() and isinstance(found, dict)
)

#: What the names of demonstration records begin with in the database and in files.
DEMO_PREFIX = "演示·"
