"""Cells as offices write them: what is stored, and what the report says of each one."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.importing import book, checked, csv_file, told

HEAD = "项目名称,总投资（亿元）,用地面积(亩),签约日期\n"


def one(session: Session, folder: Path, heading: str, cell: str, table: str = "projects") -> tuple[object, list[str]]:
    """The stored value of one cell under a heading, and the codes said about its row."""
    result = checked(session, csv_file(folder, f'项目名称,{heading}\n甲项目,"{cell}"\n'), table)
    row = result.rows[table][0][1]
    field = next(c.field for c in result.mapping.columns if c.position == 1)
    return row.get(str(field)), [f.code for f in result.findings if f.row == 2]


@pytest.mark.parametrize(
    ("heading", "cell", "value", "said"),
    [
        ("总投资（亿元）", "12.5", 125_000, []),
        ("总投资（亿元）", "１２．５", 125_000, ["full_width"]),
        ("总投资(万元)", "30,000", 30_000, ["separators"]),
        ("总投资(万元)", "３０，０００", 30_000, ["full_width"]),
        ("总投资(元)", "1230000", 123, []),
        ("总投资(万元)", "3.5亿元", 35_000, ["unit_in_cell"]),
        ("总投资(万元)", "约300", 300, ["approximate"]),
        ("总投资(万元)", "1.6", 2, ["rounded"]),
        ("总投资(万元)", "－", None, ["blank_word"]),
        ("总投资(万元)", "——", None, ["blank_word"]),
        ("总投资(万元)", "暂无", None, ["blank_word"]),
        ("总投资(万元)", "NaN", None, ["blank_word"]),
        ("总投资(万元)", "1e400", None, ["not_finite"]),
        ("总投资(万元)", "inf", None, ["not_finite"]),
        ("总投资(万元)", "9007199254740993", None, ["out_of_range"]),
        ("总投资(万元)", "abc", None, ["not_a_number"]),
        ("总投资(万元)", "第一期191.55\n第二期43.38", None, ["several_numbers"]),
        ("用地面积(亩)", "3", 2000, []),
        ("用地面积（公顷）", "1.2", 12_000, []),
        ("用地面积\n(平方公里)", "0.5", 500_000, []),
        ("用地面积(㎡)", "66.4", 66, ["rounded"]),
        ("用地面积(亩)", "-3", None, ["negative"]),
    ],
)
def test_money_and_area(
    db_session: Session, tmp_path: Path, heading: str, cell: str, value: int | None, said: list[str]
) -> None:
    quoted = f'"{heading}"'

    assert one(db_session, tmp_path, quoted, cell) == (value, said)


@pytest.mark.parametrize(
    ("cell", "day", "said"),
    [
        ("2026-09-01", date(2026, 9, 1), []),
        ("2026/9/1", date(2026, 9, 1), []),
        ("20260901", date(2026, 9, 1), []),
        ("2026年9月1日", date(2026, 9, 1), []),
        ("2026年9月", date(2026, 9, 1), ["day_unknown"]),
        ("2026.9", date(2026, 9, 1), ["day_unknown"]),
        ("2026.1", date(2026, 1, 1), ["month_ambiguous"]),
        ("二〇二六年九月", date(2026, 9, 1), ["day_unknown"]),
        ("二〇二六年十二月三十一日", date(2026, 12, 31), []),
        ("民国112年3月", date(2023, 3, 1), ["roc_year"]),
        ("46266", date(2026, 9, 1), ["serial_date"]),
        ("2026-02-30", None, ["not_a_date"]),
        ("上周", None, ["not_a_date"]),
    ],
)
def test_dates(db_session: Session, tmp_path: Path, cell: str, day: date | None, said: list[str]) -> None:
    result = checked(db_session, csv_file(tmp_path, f"项目名称,签约日期\n甲项目,{cell}\n"), "projects")

    assert [row["done_on"] for _n, row in result.rows.get("milestones", [])] == ([day] if day else [])
    assert [f.code for f in result.findings if f.row == 2] == said


@pytest.mark.parametrize(
    ("cell", "year", "said"),
    [("2026", 2026, []), ("2026年", 2026, []), ("113", 2024, ["roc_year"]), ("民国113年", 2024, ["roc_year"]),
     ("(開發計畫)113", 2024, ["roc_year"])],
)  # fmt: skip
def test_years(db_session: Session, tmp_path: Path, cell: str, year: int, said: list[str]) -> None:
    path = csv_file(tmp_path, f"企业名称,成立年份\n甲企业,{cell}\n")
    result = checked(db_session, path, "enterprises")

    assert result.rows["enterprises"][0][1]["founded"] == year
    assert [f.code for f in result.findings if f.row == 2] == said


def test_workbook_dates_and_numbers_are_taken_as_they_are(db_session: Session, tmp_path: Path) -> None:
    rows = [["项目名称", "总投资（亿元）", "签约日期"], ["甲项目", 12.5, datetime(2026, 9, 1)], ["乙项目", 3, 2023.5]]
    path = book(tmp_path, [[c if not isinstance(c, datetime) else 46266 for c in row] for row in rows])
    result = checked(db_session, path, "projects")

    assert [row["total_investment_wan"] for _n, row in result.rows["projects"]] == [125_000, 30_000]
    assert [row["done_on"] for _n, row in result.rows["milestones"]] == [date(2026, 9, 1), date(2023, 5, 1)]


def test_rent_by_day_becomes_rent_by_month(db_session: Session, tmp_path: Path) -> None:
    carriers = csv_file(tmp_path, "载体编号,载体名称,载体类型\nOB-T,甲楼,研发办公\n", name="carriers.csv")
    from data.imports.commit import make_plan
    from data.imports.problem import Watch
    from data.imports.rows import write_new
    from data.imports.tables import TABLES

    plan = make_plan(db_session, checked(db_session, carriers, "carriers"), Watch())
    write_new(db_session, TABLES["carriers"], plan.new["carriers"])
    units = "载体名称,楼层,单元号,面积,租金(元/㎡·天),状态\n甲楼,1,101,100㎡,1.2,已出租\n甲楼,１,102,200,3,空置\n"
    result = checked(db_session, csv_file(tmp_path, units), "units")

    assert [(r["building_id"], r["floor"], r["rent_yuan_m2_month"], r["state"]) for _n, r in result.rows["units"]] == [
        ("OB-T", 1, 36.5, "occupied"),
        ("OB-T", 1, 91.25, "vacant"),
    ]
    assert told(result.findings) == [
        ("warning", "unit_assumed", None, "面积", ""),  # of the 200
        ("changed", "unit_in_cell", 2, "面积", "100㎡"),
        ("changed", "full_width", 3, "楼层", "１"),
    ]


def test_a_unit_that_nobody_states_is_assumed_aloud_and_an_unknown_one_is_named(
    db_session: Session, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, "项目名称,总投资,占地面积(坪)\n甲,12,30\n")
    found = checked(db_session, path, "projects").findings
    values = {f.code: (f.heading, dict(f.values)) for f in found if f.severity == "warning"}
    assert values["unit_assumed"] == ("总投资", {"unit": "万元"})
    assert values["column_unit"] == ("占地面积(坪)", {"unit": "坪"})


def test_a_reused_industry_number_without_its_edition_is_told(db_session: Session, tmp_path: Path) -> None:
    text = "企业名称,行业代码,行业分类版本\n甲公司,3972,\n乙公司,3972,2017\n丙公司,2710,\n"
    result = checked(db_session, csv_file(tmp_path, text), "enterprises")
    assert [f.row for f in result.findings if f.code == "edition_unknown"] == [2]


def test_hidden_marks_and_emoji(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,备注\n\u202e甲项目\u202c,好👨\u200d👩\n  乙项目 ,\n")
    result = checked(db_session, path, "projects")

    assert [(r["name_zh"], r["note"]) for _n, r in result.rows["projects"]] == [
        ("甲项目", "好👨\u200d👩"),
        ("乙项目", None),
    ]
    assert told(result.findings, "changed") == [
        ("changed", "trimmed", 2, "项目名称", "\u202e甲项目\u202c"),
        ("changed", "trimmed", 3, "项目名称", "  乙项目 "),
    ]


def test_a_text_longer_than_its_column_is_not_cut(db_session: Session, tmp_path: Path) -> None:
    result = checked(db_session, csv_file(tmp_path, f"项目名称,责任单位\n甲项目,{'局' * 81}\n"), "projects")

    assert result.rows["projects"][0][1]["responsible_unit"] is None
    assert told(result.findings, "refused") == [("refused", "too_long", 2, "责任单位", "局" * 81)]


def test_references_by_name_code_and_not_at_all(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,片区,管理单位\n甲,成都科学城,510109\n乙,SMKX,双流区\n丙,月球园,火星区\n")
    result = checked(db_session, path, "projects")

    assert [(r["zone_code"], r["managing_unit"]) for _n, r in result.rows["projects"]] == [
        ("CDKXC", "CD-GXQ"),
        ("SMKX", "510116"),
        (None, None),
    ]
    assert told(result.findings, "refused") == [
        ("refused", "unknown_reference", 4, "片区", "月球园"),
        ("refused", "unknown_reference", 4, "管理单位", "火星区"),
    ]


def test_land_use_needs_its_scheme_and_military_land_stays_out(db_session: Session, tmp_path: Path) -> None:
    text = "地块号,分类标准,用地性质,面积(亩)\nA1,YDYH2023,二类工业用地,3\nA2,YDYH2023,1501,3\nA3,YDYH2023,军事设施用地,3\n"
    text += "A4,YDYH2023,0508,3\nA5,,100102,3\n"
    result = checked(db_session, csv_file(tmp_path, text), "plots")

    assert [(r["code"], r["landuse_code"]) for _n, r in result.rows["plots"]] == [("A1", "100102")]
    assert told(result.findings, "error") == [
        ("error", "military", 3, "用地性质", "1501"),
        ("error", "military", 4, "用地性质", "军事设施用地"),
        ("error", "unknown_reference", 5, "用地性质", "0508"),
        ("error", "required", 6, "分类标准", ""),
    ]


def test_shares_must_sum_to_one(db_session: Session, tmp_path: Path) -> None:
    text = "协议编号,片区代码,指标类别,分享比例,起始日期,依据文件\nX1,SMKX,直报,CD-GXQ=60%;510116=2/5,2024-01-01,文\n"
    text += "X2,SMKX,直报,CD-GXQ=60%;510116=50%,2024-01-01,文\n"
    result = checked(db_session, csv_file(tmp_path, text), "agreements", said={"columns": {"片区代码": "zone_code"}})

    assert [r["shares"] for _n, r in result.rows["agreements"]] == [{"CD-GXQ": "3/5", "510116": "2/5"}]
    assert told(result.findings, "error") == [("error", "not_a_share", 3, "分享比例", "CD-GXQ=60%;510116=50%")]


def test_half_a_coordinate_is_no_place_and_no_crash(db_session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "载体名称,载体类型,x\n甲楼,研发,1\n甲楼,研发,2\n")
    rows = checked(db_session, path, "carriers").rows["carriers"]
    assert all(row.get("lat") is None for _number, row in rows)


@pytest.mark.parametrize(
    ("scheme", "written", "code"),
    [
        ("三调", "0601", "0601"),
        ("GB/T 21010-2017", "0601工业用地", "0601"),
        ("土地利用现状分类2017", "工业用地", "0601"),
        ("GBT21010_2017", "08H2", "08H2"),
        ("GBT21010_2017", "0810A", "0810A"),
        ("GB 50137-2011", "M2", "M2"),
        ("GB50137_2011", "M1一类工业用地", "M1"),
        ("GB50137_2011", "R21", "R21"),
        ("GB50137_2011", "科研用地", "A35"),
        ("YDYH2020", "060102", "060102"),
        ("YDYH2020", "1313", "1313"),
        ("YDYH2023", "1001工业用地", "1001"),
    ],
)
def test_land_use_of_every_scheme_keeps_its_code(
    db_session: Session, tmp_path: Path, scheme: str, written: str, code: str
) -> None:
    text = f"地块号,分类标准,用地性质,面积(亩)\nA1,{scheme},{written},3\n"
    result = checked(db_session, csv_file(tmp_path, text), "plots")

    assert [r["landuse_code"] for _n, r in result.rows["plots"]] == [code]


@pytest.mark.parametrize(
    ("scheme", "written", "said"),
    [
        ("GBT21010_2017", "0901", "military"),
        ("GB50137_2011", "H41", "military"),
        ("YDYH2020", "1501", "military"),
        ("GBT21010_2017", "100102", "unknown_reference"),
        ("GB50137_2011", "0601", "unknown_reference"),
        ("GB50137_2011", "X1", "unknown_reference"),
        ("YDYH2020", "0508", "unknown_reference"),
    ],
)
def test_land_use_that_stays_out(db_session: Session, tmp_path: Path, scheme: str, written: str, said: str) -> None:
    text = f"地块号,分类标准,用地性质,面积(亩)\nA1,{scheme},{written},3\n"
    result = checked(db_session, csv_file(tmp_path, text), "plots")

    assert result.rows["plots"] == []
    assert told(result.findings, "error") == [("error", said, 2, "用地性质", written)]


def test_single_rows_of_coordinates_that_are_not_as_the_others(db_session: Session, tmp_path: Path) -> None:
    text = "载体名称,载体类型,经度,纬度\n甲楼,厂房,104.085,30.4\n乙楼,厂房,30.4,104.086\n丙楼,厂房,104.084,30.4\n"
    text += "丁楼,厂房,0,0\n戊楼,厂房,412069.4,3364811\n己楼,厂房,104.083,\n庚楼,厂房,104.083,30.4\n"
    result = checked(db_session, csv_file(tmp_path, text), "carriers")

    assert [(r["lon"], r["lat"]) for _n, r in result.rows["carriers"]] == [
        (104.085, 30.4), (104.086, 30.4), (104.084, 30.4), (None, None), (None, None), (None, None), (104.083, 30.4),
    ]  # fmt: skip
    assert told(result.findings, "refused", "changed") == [
        ("changed", "row_swapped", 3, "经度", "30.4, 104.086"),
        ("refused", "zero_place", 5, "经度", "0, 0"),
        ("refused", "place_unlike", 6, "经度", "412069, 3.36481e+06"),
        ("refused", "half_place", 7, "经度", "104.083"),
    ]
