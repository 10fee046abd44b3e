"""Headings: which row they are in, what their units, years and months say, which rows below are records.

Real tables have title rows above, merged groups, line breaks and units inside headings, one column per month, summary
rows between and below (rules §6.6).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from opencc import OpenCC

from data.imports.books import Grid
from data.imports.examples import is_example
from data.imports.problem import ImportProblem
from data.imports.tables import TABLES

_LOOK_AT = 30
_NOTHING = {"", "-", "--", "—", "——", "－", "/"}
_SUMMARY = re.compile(r"(合计|小计|总计|汇总|共计|total|subtotal|sum)[:：]?", re.IGNORECASE)
_BRACKET = re.compile(r"\(([^()]*)\)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?度?")
_ROC = re.compile(r"(?:民国\s*(\d{2,3})|(?<!\d)(1\d\d)(?=年))\s*年?度?")
_SPAN = re.compile(r"(?<!\d)1\s*[-至到~—]\s*(\d{1,2})\s*月份?")
_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s*月份?")
_DATUMS = {"gcj02": "GCJ02", "gcj-02": "GCJ02", "火星": "GCJ02", "高德": "GCJ02", "腾讯": "GCJ02", "bd09": "BD09",
           "bd-09": "BD09", "百度": "BD09", "wgs84": "WGS84", "wgs-84": "WGS84", "cgcs2000": "CGCS2000",
           "2000": "CGCS2000"}  # fmt: skip
#: A datum in the words of a heading, with what clings to it: 百度坐标系, bd09_.
_DATUM_WORD = re.compile(
    "(" + "|".join(sorted((re.escape(w) for w in _DATUMS if w != "2000"), key=len, reverse=True))
    + "|2000(?=坐标|国家|大地))(?:国家)?(?:大地)?(?:坐标系?)?"
)  # fmt: skip
#: Names of axes, as the fields of coordinates are called.
_AXES = {"x坐标": "x", "坐标x": "x", "东坐标": "x", "横坐标": "x", "经度坐标": "经度", "y坐标": "y", "坐标y": "y",
         "北坐标": "y", "纵坐标": "y", "纬度坐标": "纬度"}  # fmt: skip
#: Units as NFKC writes them, without spaces, to the unit's name in `values.FACTORS`.
UNITS: dict[str, str] = {
    "元": "元", "人民币元": "元", "千元": "千元", "万元": "万元", "万": "万元", "人民币万元": "万元", "百万元": "百万元",
    "千万元": "千万元", "亿元": "亿元", "亿": "亿元", "人民币亿元": "亿元",
    "美元": "美元", "万美元": "万美元", "亿美元": "亿美元",
    "m2": "㎡", "平方米": "㎡", "平米": "㎡", "万m2": "万㎡", "万平方米": "万㎡", "万平米": "万㎡", "万方": "万㎡",
    "亩": "亩", "公顷": "公顷", "ha": "公顷", "hm2": "公顷", "km2": "km²", "平方公里": "km²", "平方千米": "km²",
    "%": "%", "百分比": "%", "‰": "‰",
    "元/m2.天": "元/㎡·天", "元/m2/天": "元/㎡·天", "元/m2.日": "元/㎡·天", "元/m2/日": "元/㎡·天",
    "元/平方米.天": "元/㎡·天", "元/平方米/天": "元/㎡·天", "元/平米/天": "元/㎡·天", "元/平方米.日": "元/㎡·天",
    "元/m2.月": "元/㎡·月", "元/m2/月": "元/㎡·月", "元/平方米.月": "元/㎡·月", "元/平方米/月": "元/㎡·月", "元/平米/月": "元/㎡·月",
    "元/m2": "元/㎡", "元/平方米": "元/㎡", "元/平米": "元/㎡", "万元/m2": "万元/㎡",
    "万元/亩": "万元/亩", "亿元/亩": "亿元/亩", "吨标准煤": "吨标准煤", "吨标煤": "吨标准煤", "tce": "吨标准煤",
    "万吨标准煤": "万吨标准煤", "m": "m", "米": "m", "km": "km", "kva": "kVA", "mva": "MVA", "t/m2": "t/㎡", "吨/m2": "t/㎡",
    "吨/平方米": "t/㎡", "kn/m2": "kN/㎡", "年": "年", "人": "人", "个": "个", "层": "层", "万人": "万人",
    "度": "度", "°": "度", "万元/平方米": "万元/㎡",
}  # fmt: skip
_PER_AREA_AND_TIME = re.compile(
    r"元/?(?:(m2|平方米|平米|平方|平)[/.每]*(天|日|月|年)|(天|日|月|年)[/.每]*(m2|平方米|平米|平方|平))"
)
_TIMES = {"天": "天", "日": "天", "月": "月", "年": "年"}
#: What only a unit looks like: amounts of money, ground, mass and power, alone or per something.
_LIKE_UNIT = re.compile(
    r"[十百千万亿]*(?:元|[美欧日港台]元|美金|欧|英镑|港币|新台币|亩|公亩|顷|公顷|坪|平?方?[公千厘毫]?米|平方|平|方|[ckh]?m2|吨|公斤|kg|"
    r"千瓦|kwh?|mw|℃)(?:[/.每].{1,8})?"
)
#: Units that may stand behind a heading without a bracket: no word of a heading ends in them.
_TAIL_UNITS = tuple(
    sorted(
        (u for u in UNITS if u.endswith(("元", "亩", "公顷", "平方米", "平方公里", "平方千米", "m2", "标准煤", "标煤"))
         and u not in ("元", "人民币元", "美元")),
        key=len, reverse=True,
    )
)  # fmt: skip
_STATED = re.compile(r"(?:计量)?单位(?:为|是)?[:：]\s*([^\s()（）]+)")
#: Headings in traditional characters are compared in simplified ones.
_simplified = OpenCC("t2s").convert


@dataclass(frozen=True)
class Heading:
    """One column heading: as found, its words without unit and dates, and what they said.

    `ytd` marks a span from January (1-8月); `datum` is set by words like gcj02. `stated` are units that a line above the
    headings says for all of them (单位：亿元、亩): they hold where the heading has none.
    """

    position: int
    found: str
    base: str
    unit: str = ""
    year: int | None = None
    month: int | None = None
    ytd: bool = False
    datum: str = ""
    stated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """The records of a sheet. `first_row` is the number in the file of the first record (from 1); `rows` may have gaps.

    `left_out` are (row number, code, text) of rows that are no records; `filled` cells got the value of a merged area.
    """

    title: str
    heading_row: int
    headings: tuple[Heading, ...]
    rows: list[list[Any]]
    numbers: list[int]
    left_out: tuple[tuple[int, str, str], ...] = ()
    filled: tuple[tuple[int, int], ...] = field(default=())


def plain(text: str) -> str:
    """Half-width, lower case, without spaces, line breaks and invisible characters: for comparing headings and names."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) != "Cf")


def unit_of(text: str) -> str | None:
    """The unit that a text is, under its name in `UNITS`; None when it is none that is known."""
    word = _simplified(plain(text))
    for sign in "·•*∙⋅・×":
        word = word.replace(sign, ".")
    word = word.replace("²", "2").replace("^2", "2").replace("m3", "m³").lstrip("≥≤><~约.:/")
    word = word.removeprefix("人民币").removesuffix("人民币").removesuffix("(人民币)")
    if word in UNITS:
        return UNITS[word]
    if match := _PER_AREA_AND_TIME.fullmatch(word):
        return f"元/㎡·{_TIMES[match.group(2) or match.group(3)]}"
    return None


def _datum_in(text: str) -> str | None:
    """The datum that the words of a heading name."""
    match = _DATUM_WORD.search(text)
    return _DATUMS[match.group(1)] if match else None


def looks_like_unit(text: str) -> bool:
    """Whether a text can only be a unit, known or not."""
    return _LIKE_UNIT.fullmatch(_simplified(plain(text)).replace("·", ".").replace("²", "2")) is not None


def _bracketed(text: str) -> tuple[str, str, str]:
    """Text without the brackets that say its unit or datum, the unit, and the datum; other brackets stay where they are.

    A bracket that can only be a unit, but none that is known, is the unit as it stands: nothing converts it.
    """
    unit = datum = ""
    for match in reversed(list(_BRACKET.finditer(text))):
        inside = match.group(1).removeprefix("计量").removeprefix("单位").lstrip(":")
        words = [inside, *re.split("[,、;]", inside)]
        known = next((found for word in words if (found := unit_of(word)) is not None), None)
        if known is None and looks_like_unit(inside):
            known = inside
        if known is None and (word := _DATUMS.get(inside) or _datum_in(inside)):
            datum = datum or word
        elif known is not None:
            unit = unit or known
        elif _MONTH.search(inside) or _YEAR.search(inside):
            text = text[: match.start()] + inside + text[match.end() :]
            continue
        elif inside:
            continue
        text = text[: match.start()] + text[match.end() :]
    return text, unit, datum


def _tail_unit(text: str) -> tuple[str, str]:
    """Text without the unit that stands behind it with no bracket (总投资/亿元, 用地面积亩), and the unit."""
    if text in known_words():
        return text, ""
    for tail in _TAIL_UNITS:
        if text.endswith(tail) and len(text) > len(tail):
            rest = re.sub(r"[/_\-:,.]+$|(?:计量)?单位:?$", "", text[: -len(tail)])
            rest = re.sub(r"[/_\-:,.]+$", "", re.sub(r"(?:计量)?单位:?$", "", rest))
            if rest and not rest[-1].isdigit():
                return rest, UNITS[tail]
    return text, ""


def stated_units(title: str) -> tuple[str, ...]:
    """Units that a line above the headings says for the whole table: 单位：亿元、亩."""
    found: list[str] = []
    for match in _STATED.finditer(title):
        for word in re.split(r"[、,，;；]", match.group(1)):
            unit = unit_of(word)
            if unit is not None and unit not in found:
                found.append(unit)
    return tuple(found)


def heading(position: int, found: Any) -> Heading:
    """Read one heading: unit from a bracket or its end, years and months out of its words. Traditional characters count
    as the simple ones."""
    shown = " ".join(str(found).split())
    text = _simplified(plain(str(found))).replace("²", "2").replace("·", ".").replace("•", ".").replace("*", ".")
    text = text.replace("≥", "").replace("计画", "计划")
    text = text.replace("【", "(").replace("】", ")").replace("[", "(").replace("]", ")").replace("〔", "(")
    text, unit, datum = _bracketed(text.replace("〕", ")"))
    if not unit:
        text, unit = _tail_unit(text)
    if word := _datum_in(text):
        datum = datum or word
        text = _DATUM_WORD.sub("", text, count=1).strip("_-.: ") or text
    text = _AXES.get(text, text)
    year = month = None
    ytd = False
    if roc := _ROC.search(text):
        year, text = int(roc.group(1) or roc.group(2)) + 1911, _ROC.sub("", text, count=1)
    elif match := _YEAR.search(text):
        year, text = int(match.group(1)), _YEAR.sub("", text, count=1)
    if span := _SPAN.search(text):
        month, ytd, text = int(span.group(1)), True, _SPAN.sub("", text, count=1)
    elif match := _MONTH.search(text):
        month, text = int(match.group(1)), _MONTH.sub("", text, count=1)
    if month is not None and not 1 <= month <= 12:
        month = None
    if month is not None and ("累计" in text or "截至" in text or "截止" in text):  # up to the month
        ytd, text = True, re.sub("^(?:截至|截止)?(?:底|末)?", "", text)
    return Heading(position, shown, text.strip("年度.:：_ ") or text, unit, year, month, ytd, datum)


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Every name, Chinese name and synonym of every field, as `plain` writes them."""
    words: set[str] = {"序号", "联系方式", "企业联系人", "项目内容", "投资方简介", "项目工期", "建设性质", "项目类型"}
    for table in TABLES.values():
        for entry in table.fields:
            words |= {plain(word) for word in (entry.name, entry.zh, entry.en, *entry.synonyms)}
    words |= {word.replace("·", ".") for word in words}
    return frozenset(words)


def _is_number(cell: Any) -> bool:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return True
    text = unicodedata.normalize("NFKC", str(cell)).replace(",", "").strip()
    return bool(re.fullmatch(r"[-+]?\d+(\.\d+)?%?", text))


def _score(row: Sequence[Any]) -> float:
    cells = [cell for cell in row if str(cell).strip() not in _NOTHING]
    if len(cells) < 2:
        return 0.1 if cells and heading(0, cells[0]).base in known_words() else 0.0
    score = 0.0
    for cell in cells:
        if _is_number(cell) or not isinstance(cell, str):
            score -= 1.5
        elif heading(0, cell).base in known_words():
            score += 4
        elif len(cell) <= 40:
            score += 0.4
        else:
            score -= 1
    return score


def _texts(row: Sequence[Any]) -> list[str]:
    return [str(cell) for cell in row if str(cell).strip()]


def read_block(grid: Grid) -> Block:
    """Find the heading row (two rows when groups are merged above it) and the records below.

    Raises ImportProblem when there is no heading row or nothing below it.
    """
    rows = grid.rows
    if not any(str(cell).strip() for row in rows for cell in row):
        raise ImportProblem("empty")
    scores = [_score(row) for row in rows[:_LOOK_AT]]
    top = max(range(len(scores)), key=lambda i: (scores[i], -i))
    if scores[top] <= 0:
        raise ImportProblem("no_heading")
    names = [cell if isinstance(cell, str) else str(cell) for cell in rows[top]]
    across = [s for s in grid.merged if s[0] == top and s[3] > s[1]]
    down = [s for s in grid.merged if s[0] <= top < s[2]]
    bottom = top
    above = [
        s for s in grid.merged if s[2] == top - 1 and s[3] > s[1] and s[0] == s[2] and s[3] - s[1] + 1 < len(names)
    ]
    if across and top + 1 < len(rows) and _looks_like_headings(rows[top + 1]):
        bottom = top + 1
        names = _two_levels(names, rows[bottom], across)
    elif above and down_from_above(grid, top) and top:
        upper = [cell if isinstance(cell, str) else str(cell) for cell in rows[top - 1]]
        names = _two_levels(upper, rows[top], above)
        top -= 1
    elif down:
        bottom = max([bottom, *(s[2] for s in down if s[2] - top <= 2)])
    title = "\n".join(text for row in rows[:top] for text in _texts(row))
    stated = stated_units(title)
    found = tuple(replace(heading(i, name), stated=stated) for i, name in enumerate(names) if str(name).strip())
    return _records(grid, title, top, bottom, found)


def down_from_above(grid: Grid, top: int) -> bool:
    """Whether some heading of the row above reaches down into this row: then the two rows are one heading."""
    return any(s[0] == top - 1 and s[2] == top for s in grid.merged)


def _looks_like_headings(row: Sequence[Any]) -> bool:
    cells = [cell for cell in row if str(cell).strip()]
    return bool(cells) and all(isinstance(cell, str) and not _is_number(cell) for cell in cells)


def _two_levels(upper: list[str], lower: Sequence[Any], across: Sequence[tuple[int, int, int, int]]) -> list[str]:
    """`group heading` for the columns under a merged group, the upper text elsewhere."""
    width = max(len(upper), len(lower))
    names = [*upper, *([""] * (width - len(upper)))]
    for _row, first, _last_row, last in across:
        for column in range(first, min(last, width - 1) + 1):
            names[column] = upper[first]
    for column, cell in enumerate(lower):
        below = str(cell).strip()
        if below:
            group = any(first <= column <= last for _r, first, _l, last in across)
            names[column] = f"{names[column]}{below}" if group and not _complete(below) else below
    return names


def _complete(text: str) -> bool:
    return heading(0, text).base in known_words()


def _records(grid: Grid, title: str, top: int, bottom: int, headings: tuple[Heading, ...]) -> Block:
    columns = {h.position for h in headings}
    filled: list[tuple[int, int]] = []
    rows = [list(row) for row in grid.rows[bottom + 1 :]]
    for r0, c0, r1, c1 in grid.merged:
        if r0 <= bottom or r0 - bottom - 1 >= len(rows) or c0 != c1 or c0 not in columns:
            continue
        for r in range(r0 + 1, r1 + 1):
            at = r - bottom - 1
            if at < len(rows) and c0 < len(rows[at]) and c0 < len(rows[r0 - bottom - 1]):
                rows[at][c0] = rows[r0 - bottom - 1][c0]
                filled.append((r + 1, c0))
    kept: list[list[Any]] = []
    numbers: list[int] = []
    left_out: list[tuple[int, str, str]] = []
    width = max((h.position for h in headings), default=0) + 1
    for offset, row in enumerate(rows):
        number = bottom + 2 + offset
        said = [cell for i, cell in enumerate(row) if i in columns and not (isinstance(cell, str) and not cell.strip())]
        if not said or is_example(said):
            continue
        words = [plain(cell) for cell in said[:2] if isinstance(cell, str)]
        if any(_SUMMARY.fullmatch(word) for word in words):
            left_out.append((number, "summary_row", str(said[0])))
            continue
        if len(said) == 1 and len(columns) > 3 and isinstance(said[0], str) and not _is_number(said[0]):
            left_out.append((number, "section_row", said[0]))
            continue
        kept.append(row + [""] * (width - len(row)))
        numbers.append(number)
    if not kept:
        raise ImportProblem("only_headings")
    return Block(title, top + 1, headings, kept, numbers, tuple(left_out), tuple(filled))
