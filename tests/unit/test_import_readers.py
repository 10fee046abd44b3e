"""Cells and headings as offices write them, one spelling each: what is read, and what is said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data.imports import names
from data.imports.finding import Finding
from data.imports.headings import heading, stated_units
from data.imports.tables import TABLES
from data.imports.values import Refused, reader


def read(table: str, field: str, cell: Any, unit: str = "") -> tuple[Any, str | None]:
    """The value of a cell, and the code of what is said about it."""
    try:
        value, note = reader(TABLES[table].by_name[field], unit, None, None)(cell)
    except Refused as refused:
        return None, refused.code
    return value, note[0] if note else None


# --- headings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "base", "unit"),
    [
        ("总投资（亿元）", "总投资", "亿元"),
        ("总投资(亿元人民币)", "总投资", "亿元"),
        ("总投资 单位：亿元", "总投资", "亿元"),
        ("总投资/亿元", "总投资", "亿元"),
        ("总投资_亿元", "总投资", "亿元"),
        ("总投资万元", "总投资", "万元"),
        ("总投资（亿元，含税）", "总投资", "亿元"),
        ("总投资（亿元）（含土地）", "总投资(含土地)", "亿元"),
        ("總投資(億元)", "总投资", "亿元"),
        ("佔地面積（公頃）", "占地面积", "公顷"),
        ("用地面積(畝)", "用地面积", "亩"),
        ("用地面积亩", "用地面积", "亩"),
        ("用地面积(hm²)", "用地面积", "公顷"),
        ("投资强度(≥万元/亩)", "投资强", "万元/亩"),
        ("租金（元/㎡·天）", "租金", "元/㎡·天"),
        ("租金（元/平方米/日）", "租金", "元/㎡·天"),
        ("租金(元/天·㎡)", "租金", "元/㎡·天"),
        ("租金（元/月/㎡）", "租金", "元/㎡·月"),
        ("租金（元/平米·月）", "租金", "元/㎡·月"),
        ("租金(元/㎡·年)", "租金", "元/㎡·年"),
        ("用地面积(坪)", "用地面积", "坪"),
        ("总投资(亿美元)", "总投资", "亿美元"),
        ("税收（万元）/亩", "税收/亩", "万元"),
    ],
)
def test_the_unit_of_a_heading_however_it_is_written(found: str, base: str, unit: str) -> None:
    read_heading = heading(0, found)

    assert (read_heading.base, read_heading.unit) == (base, unit)


@pytest.mark.parametrize(
    ("found", "base", "year", "month", "ytd"),
    [
        ("2023年度计划投资(万元)", "计划投资", 2023, None, False),
        ("01月完成投资(万元)", "完成投资", None, 1, False),
        ("2023年1-12月累计完成投资(万元)", "累计完成投资", 2023, 12, True),
        ("2026年完成投资（万元）1月", "完成投资", 2026, 1, False),
        ("2026年3月累计完成投资(万元)", "累计完成投资", 2026, 3, True),
        ("截至2026年3月底累计完成投资（万元）", "累计完成投资", 2026, 3, True),
        ("民國113年度計畫投資(萬元)", "计划投资", 2024, None, False),
        ("113年度計畫投資(萬元)", "计划投资", 2024, None, False),
    ],
)
def test_years_and_months_of_a_heading(found: str, base: str, year: int | None, month: int | None, ytd: bool) -> None:
    read_heading = heading(0, found)

    assert (read_heading.base, read_heading.year, read_heading.month, read_heading.ytd) == (base, year, month, ytd)


@pytest.mark.parametrize(
    ("found", "datum"),
    [
        ("落座经度（gcj02）", "GCJ02"),
        ("lng_gcj02", "GCJ02"),
        ("经度(火星坐标系)", "GCJ02"),
        ("高德经度", "GCJ02"),
        ("bd09经度", "BD09"),
        ("百度经度", "BD09"),
        ("经度（百度坐标）", "BD09"),
        ("经度(BD-09)", "BD09"),
        ("经度(2000坐标)", "CGCS2000"),
        ("经度", ""),
    ],
)
def test_the_datum_of_a_heading_leaves_a_word_that_is_known(found: str, datum: str) -> None:
    read_heading = heading(0, found)
    words = {heading(0, word).base for word in ("经度", "落座经度", "lng")}

    assert (read_heading.datum, read_heading.base in words, read_heading.year) == (datum, True, None)


@pytest.mark.parametrize(
    ("title", "units"),
    [
        ("填报单位：高新区\n单位：亿元、亩", ("亿元", "亩")),
        ("（单位：万元）", ("万元",)),
        ("金额单位:人民币万元", ("万元",)),
        ("填报单位：高新区", ()),
    ],
)
def test_units_that_are_stated_above_the_headings(title: str, units: tuple[str, ...]) -> None:
    assert stated_units(title) == units


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "cell", "value", "said"),
    [
        ("万元", "1.2亿元左右", 12_000, "approximate"),
        ("万元", "300万元人民币", 300, "currency_sign"),
        ("万元", "12 345", 12_345, "separators"),
        ("万元", "―", None, "blank_word"),
        ("万元", "－－", None, "blank_word"),
        ("万元", "未填", None, "blank_word"),
        ("万元", "#REF!", None, "formula_error"),
        ("万元", "-5", None, "negative"),
        ("万元", "12000美元", None, "unit_unknown"),
        ("亿美元", "3", None, "unit_unknown"),
        ("坪", 3.0, None, "unit_unknown"),
        ("坪", "－", None, "blank_word"),
    ],
)
def test_money(unit: str, cell: Any, value: int | None, said: str) -> None:
    assert read("projects", "total_investment_wan", cell, unit) == (value, said)


@pytest.mark.parametrize(
    ("unit", "cell", "value"),
    [("元/㎡·天", 1.2, 36.5), ("元/㎡·年", "438", 36.5), ("元/㎡·月", 36.5, 36.5), ("", "1.2元/平方米/日", 36.5)],
)
def test_rent_by_day_month_and_year(unit: str, cell: Any, value: float) -> None:
    assert read("units", "rent_yuan_m2_month", cell, unit)[0] == pytest.approx(value)


@pytest.mark.parametrize(
    ("unit", "cell", "value", "said"),
    [
        ("", "30%", 0.3, "unit_in_cell"),
        ("%", 30, 0.3, None),
        ("‰", 300, 0.3, None),
        ("", 0.3, 0.3, None),
        ("", "150%", 1.5, "unit_in_cell"),
        ("", 30, None, "share_unclear"),
        ("", "30", None, "share_unclear"),
    ],
)
def test_a_share_and_a_percentage_are_told_apart(unit: str, cell: Any, value: float | None, said: str | None) -> None:
    assert read("contracts", "developed_ratio", cell, unit) == (value, said)


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "day", "said"),
    [
        ("113/5/20", date(2024, 5, 20), "roc_year"),
        ("113.05.20", date(2024, 5, 20), "roc_year"),
        ("民國113年5月20日", date(2024, 5, 20), "roc_year"),
        ("2026年３月１５号", date(2026, 3, 15), None),
        ("2026-03-15T00:00:00Z", date(2026, 3, 15), None),
        ("2026年1-3月", None, "not_a_date"),
        ("2026-1/3", None, "not_a_date"),
        ("26/3/15", None, "not_a_date"),
        ("13年5月20日", None, "not_a_date"),
    ],
)
def test_days(cell: str, day: date | None, said: str | None) -> None:
    assert read("contracts", "signed_on", cell) == (day, said)


@pytest.mark.parametrize(
    ("cell", "month", "said"),
    [
        ("2026年3月", "2026-03", None),
        ("113年3月", "2024-03", "roc_year"),
        ("3月", None, "month_without_year"),
        ("2026年1-3月", None, "not_a_month"),
    ],
)
def test_months(cell: str, month: str | None, said: str | None) -> None:
    assert read("monthly_reports", "period", cell) == (month, said)


@pytest.mark.parametrize(
    ("cell", "year", "said"),
    [
        ("民國113年度", 2024, "roc_year"),
        ("113", 2024, "roc_year"),
        ("民国99年", 2010, "roc_year"),
        ("2023.0", 2023, None),
        ("23", None, "not_a_year"),
        ("2023-2024", None, "not_a_year"),
    ],
)
def test_years(cell: str, year: int | None, said: str | None) -> None:
    assert read("enterprises", "founded", cell) == (year, said)


# --- codes and coordinates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("3973", "3973", None),
        ("C3973", "3973", "matched"),
        ("C3973集成电路制造", "3973", "matched"),
        (3973.0, "3973", None),
        ("集成电路", None, "not_an_industry"),
    ],
)
def test_an_industry_code_loses_its_letter_and_name(cell: Any, code: str | None, said: str | None) -> None:
    assert read("projects", "industry_code", cell) == (code, said)


@pytest.mark.parametrize(
    ("cell", "edition", "said"),
    [("GB/T 4754-2017", "GB/T 4754-2017", None), ("2011版", "GB/T 4754-2011", "matched"), ("旧", None, "not_a_choice")],
)
def test_the_edition_of_an_industry_code(cell: str, edition: str | None, said: str | None) -> None:
    assert read("projects", "industry_edition", cell) == (edition, said)


@pytest.mark.parametrize(
    "cell",
    ["104°05′06″E", "104°5'6\"", "104°05’06”E", "东经104度5分6秒", "E104°05′06″", "104.085°", "104.085E", "104°5.1′"],
)
def test_a_longitude_in_every_spelling(cell: str) -> None:
    assert read("projects", "lon", cell) == (pytest.approx(104.085), None)


def test_minutes_above_sixty_are_no_coordinate() -> None:
    assert read("projects", "lon", "104°75′06″E") == (None, "not_a_number")


def test_a_refused_cell_that_takes_its_row_says_so() -> None:
    cell = Finding("error", "not_a_number", 2).text("zh")

    assert cell == "不是数字；单元格未导入。 此项必填，所以此行未导入。"


def test_words_inside_a_text_are_translated_with_it() -> None:
    found = Finding("error", "wrong_geometry", 2, values={"found": "点", "wanted": "面"})

    assert found.text("en").isascii()


# --- names -----------------------------------------------------------------------------------------------------------


def test_a_place_with_and_without_its_ending_is_one_name() -> None:
    said = list(names.near([(0, "成都市锦辉科技有限公司"), (1, "成都锦辉科技有限责任公司")], []))

    assert said == [(1, "near_duplicate", "0", "成都市锦辉科技有限公司")]


def test_a_name_that_sounds_like_one_that_is_stored() -> None:
    said = list(names.near([(0, "金江生物医药产业园")], [("OP-1", "锦江生物医药产业园")]))

    assert said == [(0, "near_existing", "OP-1", "锦江生物医药产业园")]
