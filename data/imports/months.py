"""Monthly reports: the figures of a month, of the year so far and since the start say one another (rules §6.3).

Offices report one or two of the three. The others follow from them and from the months known already; where they do not,
the row is left out and said so: none is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.imports.finding import Finding
from data.imports.tables import PROVENANCE, TABLES
from domain.periods import Period

if TYPE_CHECKING:
    from data.imports.check import Checked
    from data.imports.mapping import Column

Figures = tuple[int, int, int]  # month, ytd, cumulative


def complete(session: Session, checked: Checked) -> None:
    """Fill the missing figures of the reports in `checked`; drops the rows that stay incomplete, with a finding each."""
    rows = checked.rows["monthly_reports"]
    projects = sorted({row["project_id"] for _n, row in rows})
    known = _known(session, projects)
    by_project: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for number, row in rows:
        by_project[row["project_id"]].append((number, row))
    kept: list[tuple[int, dict[str, Any]]] = []
    for project, reports in by_project.items():
        history = known.get(project, {})
        for number, row in sorted(reports, key=lambda item: item[1]["period"]):
            figures = _figures(checked, number, row, history)
            if figures is None:
                continue
            history[row["period"]] = figures
            kept.append((number, row))
    checked.rows["monthly_reports"] = kept


def _known(session: Session, projects: list[str]) -> dict[str, dict[str, Figures]]:
    wanted = set(projects)
    report = m.MonthlyReport
    found: dict[str, dict[str, Figures]] = defaultdict(dict)
    for row in session.execute(
        select(report.project_id, report.period, report.month_wan, report.ytd_wan, report.cumulative_wan)
        .join(m.Project, m.Project.id == report.project_id)
        .where(m.Project.provenance == PROVENANCE)
    ):
        if row.project_id in wanted:
            found[row.project_id][row.period] = (row.month_wan, row.ytd_wan, row.cumulative_wan)
    return found


def _figures(checked: Checked, number: int, row: dict[str, Any], history: dict[str, Figures]) -> Figures | None:
    period = Period.parse(row["period"])
    names = TABLES["monthly_reports"].by_name
    own = history.get(row["period"])
    before = history.get(str(period.prev())) if period.index > 1 else None
    first = period.index == 1
    month, ytd, total = row.get("month_wan"), row.get("ytd_wan"), row.get("cumulative_wan")
    if own is not None and month is None and ytd is None and total is None:
        return own  # the row changes other fields of a report that is there
    if ytd is None and month is not None:
        ytd = month if first else before[1] + month if before else None
        _say(checked, number, names["ytd_wan"].zh, ytd, row, "ytd_wan")
    if month is None and ytd is not None:
        month = ytd if first else ytd - before[1] if before else None
        _say(checked, number, names["month_wan"].zh, month, row, "month_wan")
    if month is None or ytd is None:
        field = names["month_wan" if month is None else "ytd_wan"].zh
        if checked.table.id == "monthly_reports":
            values = {"field": field}
            checked.findings.append(Finding("error", "figure_unknown", number, None, "", row["period"], values))
            checked.errors.add(number)
        else:  # only this month of a project's row is left out: its cell is marked
            column = _column_of(checked, row["period"])
            given = str(ytd if month is None else month)
            values = {"field": field, "period": row["period"]}
            place, heading = (column.position, column.heading) if column else (None, "")
            checked.findings.append(Finding("refused", "month_unknown", number, place, heading, given, values))
        return None
    if before is not None and ytd < before[1]:
        checked.findings.append(Finding("warning", "ytd_falls", number, None, "", str(ytd), {"before": before[1]}))
    if total is None:
        earlier = [p for p in history if p < row["period"]]
        last = max(earlier, default=None)
        if last is not None and last[:4] == row["period"][:4]:
            total = history[last][2] + ytd - history[last][1]
        else:
            total = (history[last][2] if last is not None else 0) + ytd
        _say(checked, number, names["cumulative_wan"].zh, total, row, "cumulative_wan")
    return month, ytd, total


def _column_of(checked: Checked, period: str) -> Column | None:
    """The column of a project list that a month's figure stands in."""
    mapping = checked.mapping
    wanted = Period.parse(period)
    for column in mapping.columns:
        year = column.year or mapping.year
        if column.field in ("month_wan", "ytd_wan") and (year, column.month) == (wanted.year, wanted.index):
            return column
    return None


def _say(checked: Checked, number: int, field: str, result: int | None, row: dict[str, Any], name: str) -> None:
    if result is None:
        return
    row[name] = result
    values = {"field": f"{row['period']} {field}", "result": result}
    checked.findings.append(Finding("changed", "figure_computed", number, None, "", "", values))
