"""Why a figure, a part of one or a list is not there: the closed list, so that each reason has its words everywhere."""

from __future__ import annotations

from typing import Literal

#: The type checker refuses any other key where one is given out; tests/unit/test_reasons.py asks for the words of each.
ReasonKey = Literal[
    # values of several units as one
    "partial",
    "not_reported",
    "no_parts",
    "zero_denominator",
    "zero_base",
    "not_derivable",
    "dual",
    "mixed_unit",
    # month values of cumulative figures
    "no_january",
    "no_previous_ytd",
    # filters and roles
    "not_filterable",
    "state_filter",
    "no_records",
    "withheld",
    "suppressed",
    # where a figure comes from, and who counts it
    "not_divisible",
    "reported",
    "no_value",
    # lists without a row
    "no_lines",
    "no_firms",
    "no_data",
    "none_above_scale",
    "not_linked",
]

#: The words people read, with places for the facets that are not followed and for how many of how many have reported.
REASON_WORDS: dict[str, str] = {
    "partial": "{reported}/{expected} 已报",
    "not_reported": "未报",
    "no_parts": "不可汇总",
    "zero_denominator": "分母为零",
    "zero_base": "基期为零",
    "not_derivable": "增速不可汇总",
    "dual": "双计,不可加",
    "mixed_unit": "单位不一,不可加",
    "no_previous_ytd": "上月累计未报,算不出当月",
    "not_filterable": "不随{facets}筛选",
    "state_filter": "按现时状态筛选,没有可比的上年",
    "withheld": "客户模式仅公开数据",
    "suppressed": "单位数不足",
    "no_records": "筛选内无记录",
    "no_january": "1月不发布",
    "not_divisible": "该指标不能按记录分摊",
    "reported": "上报值,没有逐条记录",
    "no_value": "没有数值",
    "no_lines": "没有入账",
    "no_firms": "本数据集没有企业年度数据",
    "no_data": "未报",
    "none_above_scale": "无规上企业",
    "not_linked": "本数据集没有企业与节点的对应",
}

#: Why a record or an agreement is on the exception list.
FAULT_WORDS: dict[str, str] = {
    "ratios_not_one": "比例合计不为1",
    "bad_parties": "分享方有误",
    "agreements_overlap": "协议期限重叠",
    "no_start_date": "协议没有起始日",
    "stat_units_overlap": "统计归属期限重叠",
    "no_unit": "没有归属单位",
    "no_footprint": "没有用地范围",
    "ytd_falls": "累计数低于上月",
    "no_denominator": "有分子无分母",
    "stage_unproven": "阶段超前于里程碑",
    "plan_above_total": "年度计划加已完成超过总投资",
    "spent_above_total": "累计完成超过总投资",
}
