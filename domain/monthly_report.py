"""Monthly report (月报): the form's figures and what is wrong or notable in them (rules §6.3).

A report with findings is kept, never corrected or dropped: `error` needs mending or a reason, `confirm` needs
somebody to say yes, `warning` and `info` are shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from domain.lifecycle import ENDED

Severity = Literal["error", "confirm", "warning", "info"]

#: Picture of the works (形象进度) in one word, in building order.
WORKS_STATES: dict[str, str] = {
    "preparation": "前期",
    "levelling": "场平",
    "foundation": "基础",
    "structure": "主体",
    "topped_out": "封顶",
    "installation": "安装",
    "commissioning": "调试",
    "production": "投产",
}
#: The six mechanisms of rules §1.2.7, as types of a reported problem.
ISSUE_TYPES: dict[str, str] = {
    "life_cycle": "全生命周期管理",
    "joint_push": "联动推进",
    "promotion_network": "招商网络",
    "factor_guarantee": "要素保障",
    "resettlement": "拆迁安置",
    "supervision": "督查考核",
}

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """One month of one project. Money in integer 万元, None = not filled in. `month` is "YYYY-MM".

    `done_total_wan` counts since construction began. `revision_reason` and `overrun_confirmed` answer the
    findings `ytd_falls` and `over_total`. Raises ValueError for a month or works state that does not exist.
    """

    project_id: str
    month: str
    done_month_wan: int | None
    done_ytd_wan: int | None
    done_total_wan: int | None
    annual_plan_wan: int | None
    total_investment_wan: int | None
    works_state: str = "preparation"
    works_text: str = ""
    next_plan: str = ""
    reporter: str = ""
    submitted_on: date | None = None
    reviewer: str = ""
    revision_reason: str = ""
    overrun_confirmed: bool = False

    def __post_init__(self) -> None:
        if not _MONTH.fullmatch(self.month):
            raise ValueError(f"month {self.month!r} is not like 2026-09")
        if self.works_state not in WORKS_STATES:
            raise ValueError(f"unknown works state {self.works_state!r}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the check, with the message key and the figures for the person who filled the form."""

    code: str
    severity: Severity
    message_key: str
    figures: Mapping[str, int | str] = field(default_factory=dict)


def _finding(code: str, severity: Severity, **figures: int | str) -> Finding:
    return Finding(code, severity, f"report.{code}", figures)


def validate(report: MonthlyReport, previous: MonthlyReport | None, stage: int | None) -> list[Finding]:
    """Check one report against the one before it and the project's stage in that month (rules §6.3).

    `previous` is the project's latest earlier report, None for the first; `stage` per rules §6.1. Raises ValueError
    when `previous` is of another project or not earlier.
    """
    if previous is not None and (previous.project_id != report.project_id or previous.month >= report.month):
        raise ValueError("the previous report must be an earlier one of the same project")
    return [
        *_missing(report),
        *_against_previous(report, previous),
        *_within_report(report),
        *_against_stage(report, stage),
    ]


def _missing(r: MonthlyReport) -> list[Finding]:
    names = (
        "done_month_wan",
        "done_ytd_wan",
        "done_total_wan",
        "annual_plan_wan",
        "total_investment_wan",
    )
    return [_finding("missing", "error", field=n) for n in names if getattr(r, n) is None]


def _against_previous(r: MonthlyReport, p: MonthlyReport | None) -> list[Finding]:
    found: list[Finding] = []
    earlier = p.done_ytd_wan if p is not None and p.month[:4] == r.month[:4] else None
    if earlier is not None and r.done_ytd_wan is not None and r.done_ytd_wan < earlier:
        excused = bool(r.revision_reason.strip())
        found.append(
            _finding(
                "ytd_revised" if excused else "ytd_falls",
                "info" if excused else "error",
                ytd_wan=r.done_ytd_wan,
                before_wan=earlier,
            )
        )
    before = _ytd_before(r, p)
    if before is not None and r.done_month_wan is not None and r.done_ytd_wan is not None:
        expected = before + r.done_month_wan
        if expected != r.done_ytd_wan:
            found.append(_finding("ytd_not_sum", "warning", ytd_wan=r.done_ytd_wan, expected_wan=expected))
    if p is not None:
        gap = _months(r.month) - _months(p.month) - 1
        if gap > 0:
            found.append(_finding("months_skipped", "warning", months=gap, since=p.month))
        if r.works_text.strip() and r.works_text.strip() == p.works_text.strip():
            found.append(_finding("text_unchanged", "warning", since=p.month))
    return found


def _ytd_before(r: MonthlyReport, p: MonthlyReport | None) -> int | None:
    """Year-to-date figure of the month before, None when unknown; a year begins at 0."""
    if r.month.endswith("-01"):
        return 0
    if p is not None and _months(r.month) - _months(p.month) == 1:
        return p.done_ytd_wan
    return None


def _within_report(r: MonthlyReport) -> list[Finding]:
    found: list[Finding] = []
    done, total = r.done_total_wan, r.total_investment_wan
    if done is not None and total is not None and done * 5 > total * 6:  # total × 1.2 in whole numbers
        severity: Severity = "info" if r.overrun_confirmed else "confirm"
        found.append(_finding("over_total", severity, done_wan=done, total_wan=total))
    if r.done_ytd_wan is not None:
        if r.done_total_wan is not None and r.done_ytd_wan > r.done_total_wan:
            found.append(_finding("ytd_over_total", "error", ytd_wan=r.done_ytd_wan, done_wan=r.done_total_wan))
        if r.annual_plan_wan is not None and r.done_ytd_wan > r.annual_plan_wan:
            found.append(_finding("over_plan", "info", ytd_wan=r.done_ytd_wan, plan_wan=r.annual_plan_wan))
    return found


def _against_stage(r: MonthlyReport, stage: int | None) -> list[Finding]:
    """Investment needs stage 90 or later; an ended project may keep its year's sum but adds nothing."""
    ended = stage in ENDED
    figures = (r.done_month_wan,) if ended else (r.done_month_wan, r.done_ytd_wan, r.done_total_wan)
    if (stage is None or stage < 90 or ended) and any(f is not None and f > 0 for f in figures):
        code = "investment_after_end" if ended else "investment_before_start"
        return [_finding(code, "error", stage=0 if stage is None else stage)]
    return []


def _months(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])
