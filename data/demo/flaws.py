"""A few returns as they really come in: wrong. They let every list of exceptions be seen filled.

They are chosen so that no total of a month on the screens moves: the agreements are of years past, the fallen month is a
dispatch report (月报), whose sums are not the statistics, and the ratio without a denominator is left out by its own rule.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from data.demo.schedule import BUILDING
from data.demo.seeds import CUT_MONTH, PROVENANCE

Rows = dict[str, list[dict[str, Any]]]

_PERMIT = 70  # 规划许可, mandatory before a start on land (rules §6.1)
_PAST = (date(2023, 1, 1), date(2023, 12, 31))
_OVERLAP = (date(2023, 7, 1), date(2024, 6, 30))


def add(rows: Rows, building: list[str], parties: tuple[str, str]) -> None:
    """Damage some rows of the scheme: `building` are ids of projects under construction on land, `parties` two units.

    Nothing is done to a scheme that has too few projects for it.
    """
    agreed = {row["project_id"] for row in rows.get("share_agreement", ())}
    plain = [key for key in building if key not in agreed]
    if len(plain) < 4:
        return
    unproven, unsummed, doubled = plain[:3]
    _without_permit(rows, unproven)
    next((key for key in plain[3:] if _falling_month(rows, key)), None)
    ours, theirs = parties
    rows.setdefault("share_agreement", []).extend(
        (
            _agreement("DA-SUM", unsummed, {ours: "6/10", theirs: "3/10"}, _PAST, "演示·比例合计不为1的协议"),
            _agreement("DA-LAP1", doubled, {ours: "7/10", theirs: "3/10"}, _PAST, "演示·日期重叠的协议(甲)"),
            _agreement("DA-LAP2", doubled, {ours: "51/100", theirs: "49/100"}, _OVERLAP, "演示·日期重叠的协议(乙)"),
        )
    )
    _no_denominator(rows)


def building_on_land(cases: list[Any], projects: list[dict[str, Any]]) -> list[str]:
    """Ids of projects under construction on land of their own."""
    return [
        str(row["id"])
        for case, row in zip(cases, projects, strict=True)
        if case.group == BUILDING and row["route"] == "land" and {_PERMIT, 90} <= case.done.keys()
    ]


def _without_permit(rows: Rows, project: str) -> None:
    row = next(r for r in rows["milestone"] if r["project_id"] == project and r["stage"] == _PERMIT)
    row.update(done_on=None, evidence=None)


def _falling_month(rows: Rows, project: str) -> bool:
    """Whether the project has reports in which the newest month could fall below the one before."""
    own = sorted((r for r in rows["monthly_report"] if r["project_id"] == project), key=lambda r: r["period"])
    if len(own) < 2 or own[-1]["period"] != CUT_MONTH or own[-2]["ytd_wan"] < 10:
        return False
    own[-1]["ytd_wan"] = own[-2]["ytd_wan"] * 9 // 10
    return True


def _no_denominator(rows: Rows) -> None:
    """The newest month of K52 that all zones report: one of them forgets the number of cases."""
    reported = [r for r in rows.get("kpi_value", ()) if r["kpi_id"] == "K52" and r["period"] < CUT_MONTH]
    if reported:
        row = max(reported, key=lambda r: (r["period"], r["unit_code"]))
        row.update(value=None, denominator=None)


def _agreement(
    key: str, project: str, shares: dict[str, str], valid: tuple[date, date], document: str
) -> dict[str, Any]:
    return {
        "id": key,
        "zone_code": None,
        "project_id": project,
        "metric_class": "direct",
        "shares": shares,
        "valid_from": valid[0],
        "valid_to": valid[1],
        "basis_doc": document,
        "illustrative": True,
        "retention": False,
        "provenance": PROVENANCE,
    }
