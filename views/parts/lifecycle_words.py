"""Words for what the life-cycle rules find: problems of a stage, findings of a report, figures of a light."""

from __future__ import annotations

from collections.abc import Mapping

from domain.lifecycle import STAGE_BY_CODE, StageProblem
from domain.monthly_report import WORKS_STATES
from i18n import N_, _, pick
from views.parts.format import NONE, number, wan_text

DIMENSION_WORDS = {
    "start": N_("开工"),
    "progress": N_("进度"),
    "funds": N_("资金"),
    "library": N_("入库"),
    "registration": N_("注册"),
    "land_start": N_("拿地开工"),
    "production": N_("投产"),
    "capacity": N_("达产"),
    "report": N_("月报"),
}
PROBLEMS = {
    "missing_milestone": N_("缺少前置节点“{stage}”,却已到“{blocks}”"),
    "missing_evidence": N_("“{stage}”没有证明材料"),
    "wrong_route": N_("“{stage}”不属于本项目的用地方式"),
    "out_of_order": N_("“{stage}”晚于“{blocks}”"),
    "after_end": N_("终止后仍有“{stage}”"),
}
FINDING_WORDS = {
    "missing": N_("必填项未填"),
    "ytd_falls": N_("累计值小于上月"),
    "ytd_revised": N_("累计值下调,已说明"),
    "ytd_not_sum": N_("累计不等于上月累计加当月"),
    "months_skipped": N_("漏报月份"),
    "text_unchanged": N_("形象进度与上期一字未改"),
    "over_total": N_("累计完成超过总投资1.2倍"),
    "ytd_over_total": N_("本年完成大于开工以来完成"),
    "over_plan": N_("本年完成超过年度计划"),
    "investment_before_start": N_("未开工已报投资"),
    "investment_after_end": N_("终止后仍报投资"),
}
SEVERITIES = {
    "error": N_("须更正"),
    "confirm": N_("须确认"),
    "warning": N_("提醒"),
    "info": N_("说明"),
}
_FIELDS = {
    "done_month_wan": N_("当月完成"),
    "done_ytd_wan": N_("本年完成"),
    "done_total_wan": N_("累计完成"),
    "annual_plan_wan": N_("年度计划"),
    "total_investment_wan": N_("总投资"),
}
#: Picture of the works as reports store it.
WORKS = WORKS_STATES
#: Figures of lights and findings by name; money in 万元.
_FIGURES = {
    "months": N_("{v} 个月"),
    "days": N_("{v} 天"),
    "planned": N_("计划 {v}"),
    "started": N_("开工 {v}"),
    "since": N_("自 {v}"),
    "month": N_("{v} 月报"),
    "due": N_("到期 {v}"),
    "required_wan": N_("需到位 {v}"),
    "paid_wan": N_("已到位 {v}"),
    "planned_wan": N_("计划 {v}"),
    "done_wan": N_("完成 {v}"),
    "annual_wan": N_("年度计划 {v}"),
    "plan_wan": N_("计划 {v}"),
    "total_wan": N_("总投资 {v}"),
    "ytd_wan": N_("本年 {v}"),
    "before_wan": N_("上月 {v}"),
    "expected_wan": N_("应为 {v}"),
    "gap_pp": N_("滞后 {v} 个百分点"),
}


def stage_name(code: int | None) -> str:
    """Name of a stage; — for none."""
    stage = STAGE_BY_CODE.get(code or 0)
    return pick(stage.name_zh, stage.name_en) if stage is not None else NONE


def problem_text(problem: StageProblem) -> str:
    """A finding of the stage check in words."""
    template = PROBLEMS.get(problem.code, problem.code)
    return _(template).format(stage=stage_name(problem.stage), blocks=stage_name(problem.blocks))


def figures_text(figures: Mapping[str, int | float | str]) -> str:
    """The figures behind a light or a finding, each with its word; one without a word is named by its key."""
    words = []
    for key, value in figures.items():
        if key == "field":
            words.append(_(_FIELDS.get(str(value), str(value))))
        elif key == "stage":
            words.append(stage_name(int(value)))
        else:
            places = 1 if isinstance(value, float) else 0
            shown = (
                value
                if isinstance(value, str)
                else wan_text(value, places)
                if key.endswith("_wan")
                else number(value, places)
            )
            words.append(_(_FIGURES[key]).format(v=shown) if key in _FIGURES else f"{key} {shown}")
    return " · ".join(words)
