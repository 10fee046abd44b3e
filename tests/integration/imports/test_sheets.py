"""Sheets as offices make them: titles, merged cells, wide months, encodings, summary rows, rows that repeat."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import xlwt
from sqlalchemy.orm import Session

from data.imports.mapping import save, saved, signature
from data.imports.problem import ImportProblem
from data.imports.report import report_workbook
from tests.support.importing import book, checked, csv_file, looked, mapped, told

TITLE = ["西部片区2026年重点项目清单", "", "", ""]


def test_title_rows_merged_groups_and_line_breaks(db_session: Session, tmp_path: Path) -> None:
    rows = [
        TITLE,
        ["单位：万元", "", "", ""],
        ["项目名称", "责任单位", "投资情况", ""],
        ["", "", "总投资\n（亿元）", "年度计划投资(万元)"],
        ["甲项目", "发改局", 1.5, 3000],
        ["乙项目", "", 2, 4000],
        ["合计", "", 3.5, 7000],
    ]
    path = book(tmp_path, rows, ((0, 0, 0, 3), (2, 0, 3, 0), (2, 1, 3, 1), (2, 2, 2, 3), (4, 1, 5, 1)))
    result = checked(db_session, path, "projects")

    assert [(r["name_zh"], r["responsible_unit"], r["total_investment_wan"]) for _n, r in result.rows["projects"]] == [
        ("甲项目", "发改局", 15_000),
        ("乙项目", "发改局", 20_000),
    ]
    assert [(r["year"], r["plan_wan"]) for _n, r in result.rows["project_years"]] == [(2026, 3000), (2026, 4000)]
    assert told(result.findings, "warning", "changed")[1:] == [
        ("changed", "merged_filled", 6, "责任单位", "发改局"),
        ("warning", "summary_row", 7, "", "合计"),
    ]


def test_months_in_headings_become_reports(db_session: Session, tmp_path: Path) -> None:
    text = "项目名称,01月完成投资(万元),02月完成投资(万元),2026年1-3月累计完成投资(万元),05月完成投资(万元)\n甲项目,100,－,350,70\n"
    path = csv_file(tmp_path, text)
    result = checked(db_session, path, "projects", said={"year": 2026})

    reports = [(r["period"], r["month_wan"], r["ytd_wan"]) for _n, r in result.rows["monthly_reports"]]
    assert reports == [("2026-01", 100, 100)]
    assert told(result.findings, "refused", "changed") == [
        ("changed", "figure_computed", 2, "", ""),
        ("changed", "figure_computed", 2, "", ""),
        ("changed", "blank_word", 2, "02月完成投资(万元)", "－"),
        ("refused", "month_unknown", 2, "05月完成投资(万元)", "70"),
        ("refused", "month_unknown", 2, "2026年1-3月累计完成投资(万元)", "350"),
    ]


def test_months_without_a_year_are_asked_for(db_session: Session, tmp_path: Path) -> None:
    result = checked(db_session, csv_file(tmp_path, "项目名称,01月完成投资(万元)\n甲项目,100\n"), "projects")

    assert "monthly_reports" not in result.rows
    assert [(f.code, f.heading) for f in result.findings if f.code == "no_year"] == [("no_year", "01月完成投资(万元)")]


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8-sig", "UTF-8"), ("utf-8", "UTF-8"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")]
)
def test_encodings_that_nobody_declared(db_session: Session, tmp_path: Path, encoding: str, named: str) -> None:
    path = csv_file(tmp_path, "项目名称;责任单位\n成都装备基地;发展改革局\n", encoding)

    assert looked(path).encoding == named
    assert checked(db_session, path, "projects").rows["projects"][0][1]["responsible_unit"] == "发展改革局"


def test_big5_of_a_traditional_table(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "項目名稱,備註\n臺北產業園區開發計畫,民國一百年實際完成\n", "big5")
    result = checked(db_session, path, "projects", said={"columns": {"項目名稱": "name_zh", "備註": "note"}})

    assert looked(path).encoding == "Big5"
    assert result.rows["projects"][0][1]["name_zh"] == "臺北產業園區開發計畫"


def test_xls_is_read_like_xlsx(db_session: Session, tmp_path: Path) -> None:
    old = xlwt.Workbook()
    sheet = old.add_sheet("表")
    for r, row in enumerate([["项目名称", "总投资（亿元）"], ["甲项目", 1.5]]):
        for c, cell in enumerate(row):
            sheet.write(r, c, cell)
    old.save(str(tmp_path / "rows.xls"))

    assert (
        checked(db_session, tmp_path / "rows.xls", "projects").rows["projects"][0][1]["total_investment_wan"] == 15_000
    )


def test_columns_that_go_nowhere_are_named(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,联系方式,项目名称,\n甲项目,139,甲,图例\n")
    result = checked(db_session, path, "projects")

    said = [(f.code, f.column, f.heading) for f in result.findings if f.row is None and f.severity == "warning"]
    assert said[:3] == [
        ("column_without_heading", 3, ""),
        ("column_unmapped", 1, "联系方式"),
        ("column_unmapped", 2, "项目名称"),
    ]


def test_rows_twice_and_rows_that_contradict(db_session: Session, tmp_path: Path) -> None:
    text = "项目编号,项目名称,总投资(万元)\nA,甲项目,1\nA,甲项目,1\nA,甲项目,2\nB,,5\n"
    result = checked(db_session, csv_file(tmp_path, text), "projects")

    assert [(n, r["id"]) for n, r in result.rows["projects"]] == [(2, "A")]
    assert told(result.findings, "error", "warning")[1:] == [
        ("warning", "duplicate", 3, "", "A"),
        ("error", "conflict", 4, "", "A"),
        ("error", "required", 5, "项目名称", ""),
    ]


def test_names_that_are_nearly_the_same(db_session: Session, tmp_path: Path) -> None:
    text = "企业名称\n锦江芯片有限公司\n锦江芯片股份有限公司\n金江芯片有限公司\n锦江　芯片(成都)有限公司\n别的企业\n"
    result = checked(db_session, csv_file(tmp_path, text), "enterprises")

    assert len(result.rows["enterprises"]) == 5
    assert told(result.findings, "warning") == [
        ("warning", "near_duplicate", 3, "企业名称", "锦江芯片股份有限公司"),
        ("warning", "same_sound", 4, "企业名称", "金江芯片有限公司"),
        ("warning", "near_duplicate", 5, "企业名称", "锦江　芯片(成都)有限公司"),
    ]


def test_dates_out_of_order(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,签约日期,开工日期\n甲项目,2026-03-01,2025-01-01\n")
    result = checked(db_session, path, "projects")

    assert told(result.findings, "warning") == [("warning", "dates_order", 2, "", "2026-03-01 > 2025-01-01")]


def test_next_months_file_picks_the_mapping_up(db_session: Session, tmp_path: Path) -> None:
    first = looked(csv_file(tmp_path, "工程,2026年01月完成投资(万元)\n甲,1\n", name="a.csv")).sheet()
    said = {"columns": {"工程": "name_zh", "2026年01月完成投资(万元)": "month_wan"}}
    save(db_session, "五局月报", mapped(first, "projects", said), first.headings)
    second = looked(csv_file(tmp_path, "2026年02月完成投资(万元),工程\n2,甲\n", name="b.csv")).sheet()
    found = saved(db_session, second.headings)

    assert found is not None
    assert found.name == "五局月报"
    again = mapped(second, found.table_id, found.mapping)
    assert [(c.heading, c.field, c.year, c.month) for c in again.columns] == [
        ("2026年02月完成投资(万元)", "month_wan", 2026, 2),
        ("工程", "name_zh", None, None),
    ]


def test_a_mapping_that_names_what_is_not_there(db_session: Session, tmp_path: Path) -> None:
    sheet = looked(csv_file(tmp_path, "工程,数\n甲,1\n")).sheet()

    for said, code in (
        ({"columns": {"没有": "name_zh"}}, "unknown_column"),
        ({"columns": {"工程": "nothing"}}, "unknown_field"),
        ({"constants": {"nothing": 1}}, "unknown_field"),
    ):
        with pytest.raises(ImportProblem) as caught:
            mapped(sheet, "projects", said)
        assert caught.value.code == code


def test_a_required_column_that_is_missing(db_session: Session, tmp_path: Path) -> None:
    with pytest.raises(ImportProblem) as caught:
        checked(db_session, csv_file(tmp_path, "项目代码,备注\n1,2\n"), "projects")

    assert (caught.value.code, caught.value.values) == ("required_column", {"field": "项目名称"})


def test_the_report_is_the_same_sheet_with_its_cells_marked(db_session: Session, tmp_path: Path) -> None:
    import openpyxl

    path = csv_file(tmp_path, "项目名称,用地面积(亩),备注\n甲项目,abc,=1+1\n乙项目,－,\n")
    page = looked(path).sheet()
    result = checked(db_session, path, "projects")
    (tmp_path / "report.xlsx").write_bytes(report_workbook(result, page, result.findings))
    report = openpyxl.load_workbook(tmp_path / "report.xlsx")
    marked = report["rows"]

    assert [[c.value for c in row] for row in marked.iter_rows(max_row=3)] == [
        ["项目名称", "用地面积(亩)", "备注"],
        ["甲项目", "abc", "=1+1"],
        ["乙项目", "－", None],
    ]
    assert marked["C2"].data_type == "s"  # a text, no formula
    assert marked["B2"].fill.fgColor.rgb == "FFFAD7A0"
    assert marked["B3"].fill.fgColor.rgb == "FFCFE5F5"
    listed = [[c.value for c in row] for row in report.worksheets[0].iter_rows(min_row=2)]
    assert ["rows.csv", "rows", 2, "用地面积(亩)", "abc", "未导入", "不是数字；单元格未导入。"] in listed
    assert ["rows.csv", "rows", 3, "用地面积(亩)", "－", "已改写", "“－”表示没有，按空白处理。"] in listed


def test_a_loose_copy_of_a_file_reads_the_same(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称\n甲项目\n")
    shutil.copyfile(path, tmp_path / "other.csv")

    assert looked(path).sha256 == looked(tmp_path / "other.csv").sha256


def test_units_stated_above_the_table(db_session: Session, tmp_path: Path) -> None:
    rows = [
        ["重点项目表", "", ""],
        ["填报单位：高新区", "", "单位：亿元、亩"],
        ["项目名称", "总投资", "用地面积"],
        ["甲", 12.5, 30],
    ]
    result = checked(db_session, book(tmp_path, rows), "projects")

    assert [(r["total_investment_wan"], r["land_m2"]) for _n, r in result.rows["projects"]] == [(125_000, 20_000)]
    assert [(f.heading, f.values["unit"]) for f in result.findings if f.code == "converted"] == [
        ("总投资", "亿元"),
        ("用地面积", "亩"),
    ]


def test_a_stated_unit_that_changes_is_another_form(tmp_path: Path) -> None:
    forms = []
    for unit in ("亿元", "万元"):
        path = csv_file(tmp_path, f"重点项目表,单位：{unit}\n项目名称,总投资\n甲项目,12.5\n")
        forms.append(signature(looked(path).sheet().headings))

    assert forms[0] != forms[1]


def test_a_column_in_a_unit_that_cannot_be_converted_is_refused_cell_by_cell(
    db_session: Session, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, "项目名称,总投资(亿美元)\n甲项目,3\n")
    result = checked(db_session, path, "projects", said={"columns": {"总投资(亿美元)": "total_investment_wan"}})

    assert result.rows["projects"][0][1]["total_investment_wan"] is None
    assert told(result.findings, "refused") == [("refused", "unit_unknown", 2, "总投资(亿美元)", "3")]


def test_traditional_headings_of_an_undeclared_big5_table(db_session: Session, tmp_path: Path) -> None:
    text = "項目名稱,總投資(億元),佔地面積（公頃）,簽約日期,113年度計畫投資(萬元)\n甲項目,5,3,113/5/20,300\n"
    result = checked(db_session, csv_file(tmp_path, text, "big5"), "projects")
    project = result.rows["projects"][0][1]

    assert (project["name_zh"], project["total_investment_wan"], project["land_m2"]) == ("甲項目", 50_000, 30_000)
    assert [(r["year"], r["plan_wan"]) for _n, r in result.rows["project_years"]] == [(2024, 300)]
    assert told(result.findings, "changed") == [("changed", "roc_year", 2, "簽約日期", "113/5/20")]


def test_the_plan_of_a_year_is_not_what_was_planned_since_january(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "月份,项目名称,年度计划投资,当月已完成投资,当月至今已完成\n2026-03,甲项目,3000,100,300\n")
    columns = {c.heading: c.field for c in mapped(looked(path).sheet(), "monthly_reports").columns}

    assert columns == {
        "月份": "period", "项目名称": "project_id", "年度计划投资": None,
        "当月已完成投资": "month_wan", "当月至今已完成": "ytd_wan",
    }  # fmt: skip


def test_a_month_figure_whose_heading_names_no_month(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,年度累计完成投资（万元）\n甲项目,1500\n")

    with pytest.raises(ImportProblem) as caught:
        mapped(looked(path).sheet(), "projects", {"columns": {"年度累计完成投资（万元）": "ytd_wan"}, "year": 2026})

    assert caught.value.code == "no_month"


def test_a_month_that_only_the_mapping_names(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,年度累计完成投资（万元）\n甲项目,1500\n")
    said = {"columns": {"年度累计完成投资（万元）": {"field": "ytd_wan", "year": 2026, "month": 1}}}
    result = checked(db_session, path, "projects", said=said)

    assert [(r["period"], r["ytd_wan"]) for _n, r in result.rows["monthly_reports"]] == [("2026-01", 1500)]
