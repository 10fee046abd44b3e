"""The project table: the same projects as the map and the API, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from data.queries.catalogue import Catalogue
from data.queries.projects import ProjectSummary
from data.queries.question import Question
from domain.lifecycle import STAGE_BY_CODE
from domain.viewer import FieldClass
from i18n import _, pick
from views.parts.block import in_place, no_projects_text, withheld_words
from views.parts.button import action
from views.parts.format import NONE, column_money, light_text, number
from views.parts.project_card import unit_name


def table_rows(known: Catalogue, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as printed; `id` stays for selection. Fields the viewer may not have are not in the row at all."""
    printed = []
    for row in rows:
        stage = STAGE_BY_CODE.get(row["stage"])
        zone = known.zones.get(row["zone_code"] or "")
        item = {
            "id": row["id"],
            "name": pick(row["name_zh"], row["name_en"]),
            "zone": pick(zone.short_zh, zone.short_en) if zone else _("园区未载明"),
            "chain": _("、").join(pick(known.chains[c].short_zh, known.chains[c].short_en) for c in row["chains"])
            or NONE,
            "node": _("、").join(pick(known.nodes[n].name_zh, known.nodes[n].name_en) for n in row["nodes"]) or NONE,
            "stage": row["published_stage"] or NONE
            if row["provenance"] == "published"
            else (pick(stage.name_zh, stage.name_en) if stage else NONE),
            "districts": _("、").join(unit_name(known, d, short=True) for d in row["districts"]) or NONE,
            "kinds": "".join(row["kinds"]),
        }
        if "total_investment_wan" in row:
            item["investment"] = column_money(row["total_investment_wan"])
        if "fai_ytd_wan" in row:
            item["fai"] = column_money(row["fai_ytd_wan"])
        if "light" in row and row["provenance"] != "published":
            # A lead or an ended project has no light: no rule applies, which is not grey.
            months = f" {row['months_red']}" if row.get("months_red") else ""
            item["light"] = light_text(row["light"]) + months
        if row["provenance"] == "published":
            item["as_of"] = row["as_of"] or NONE
            item["source"] = row["source"] or NONE
            item["doubt"] = row["doubt"] or ""
        printed.append(item)
    return printed


def project_table(question: Question, summary: ProjectSummary) -> html.Div:
    """The open table; rows come in blocks of 100 as one scrolls."""
    state = question.state
    published = state.dataset.value == "published"
    withheld, own = withheld_words(summary), in_place(question, "")
    figures = published or question.viewer.may(FieldClass.PROJECT_FIGURES)
    # What is looked for first stands first: beside the columns of the wall there is room for five or six of them.
    columns: list[dict[str, Any]] = [{"field": "name", "headerName": _("项目"), "minWidth": 200, "flex": 3}]
    if figures and not published:
        columns.append({"field": "light", "headerName": _("灯 / 红灯月数"), "minWidth": 136, "sortable": False})
    columns.append({"field": "stage", "headerName": _("阶段"), "minWidth": 90, "flex": 1})
    if figures:
        columns.append({"field": "investment", "headerName": _("总投资 亿元"), "minWidth": 124, "type": "rightAligned"})
    if figures and not published:
        columns.append({"field": "fai", "headerName": _("本年完成 亿元"), "minWidth": 136, "type": "rightAligned"})
    columns += [
        {"field": "zone", "headerName": _("园区"), "minWidth": 110, "flex": 1},
        {"field": "chain", "headerName": _("产业链"), "minWidth": 100, "flex": 1, "sortable": False},
        {"field": "node", "headerName": _("节点"), "minWidth": 140, "flex": 2, "sortable": False},
        {"field": "districts", "headerName": _("区县"), "minWidth": 130, "flex": 1, "sortable": False},
        {"field": "kinds", "headerName": _("跨区"), "minWidth": 80, "sortable": False},
    ]
    if published:
        columns += [
            {"field": "as_of", "headerName": _("日期"), "minWidth": 110, "sortable": False},
            {"field": "source", "headerName": _("来源"), "minWidth": 160, "flex": 2, "sortable": False},
            {"field": "doubt", "headerName": _("存疑"), "minWidth": 130, "flex": 1, "sortable": False},
        ]
    return html.Div(
        [
            html.Div(
                [
                    html.H2(
                        [
                            _("项目清单"),
                            html.Span(f" {number(summary.total)}", id="table-total", className="quiet"),
                            html.Small(f" {own}", className="quiet") if own else None,
                            html.Small(f" {withheld}", className="quiet") if withheld else None,
                        ]
                    ),
                    html.Button("✕", **action("table", "close"), className="icon-button", **{"aria-label": _("关闭")}),
                ],
                className="table-head",
            ),
            dag.AgGrid(
                id="project-table",
                # A column without a share of the room would take 200 px, more than its figures.
                columnDefs=[c if "flex" in c else c | {"width": c["minWidth"]} for c in columns],
                defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True},
                rowModelType="infinite",
                getRowId="params.data.id",
                dashGridOptions={
                    "rowBuffer": 0,
                    "cacheBlockSize": 100,
                    "maxBlocksInCache": 10,
                    "rowHeight": 36,
                    "headerHeight": 36,
                    "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
                    "localeText": {"noRowsToShow": no_projects_text(question, summary), "loadingOoo": _("载入中")},
                    "theme": {"function": "themeQuartz"},
                },
                className="table-grid",
                style={"height": "100%"},
            ),
        ],
        className="table-panel",
    )
