"""One cell, as an office writes it, to the value that is stored; or why it cannot be (rules §2.2–2.5, §9).

A reader returns (value, note): the note is None, or (code, values) when the cell was changed on the way. It raises
`Refused` for a cell that has no one meaning: nothing is guessed, clipped or set to zero.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from data.columns import Column as Field
from data.imports.headings import plain, unit_of
from data.imports.tables import LIST_SEPARATOR
from domain import industry

Note = tuple[str, dict[str, Any]] | None
Read = tuple[Any, Note]
Reader = Callable[[Any], Read]

#: Stored unit = unit × factor.
FACTORS: dict[tuple[str, str], Fraction] = {
    **{("万元", unit): Fraction(factor) for unit, factor in (
        ("元", Fraction(1, 10_000)), ("千元", Fraction(1, 10)), ("万元", 1), ("百万元", 100), ("千万元", 1000),
        ("亿元", 10_000))},
    **{("万美元", unit): Fraction(factor) for unit, factor in (
        ("美元", Fraction(1, 10_000)), ("万美元", 1), ("亿美元", 10_000))},
    **{("㎡", unit): Fraction(factor) for unit, factor in (
        ("㎡", 1), ("万㎡", 10_000), ("亩", Fraction(2000, 3)), ("公顷", 10_000), ("km²", 1_000_000))},
    **{("km²", unit): Fraction(factor) for unit, factor in (
        ("km²", 1), ("公顷", Fraction(1, 100)), ("亩", Fraction(1, 1500)), ("㎡", Fraction(1, 1_000_000)))},
    ("元/㎡·月", "元/㎡·天"): Fraction(365, 12), ("元/㎡·月", "元/㎡·月"): Fraction(1),
    ("元/㎡·月", "元/㎡·年"): Fraction(1, 12),
    ("元/㎡", "元/㎡"): Fraction(1), ("元/㎡", "万元/㎡"): Fraction(10_000),
    ("万元/亩", "万元/亩"): Fraction(1), ("万元/亩", "亿元/亩"): Fraction(10_000),
    ("吨标准煤", "吨标准煤"): Fraction(1), ("吨标准煤", "万吨标准煤"): Fraction(10_000),
    ("m", "m"): Fraction(1), ("m", "km"): Fraction(1000), ("kVA", "kVA"): Fraction(1), ("kVA", "MVA"): Fraction(1000),
    ("t/㎡", "t/㎡"): Fraction(1), ("t/㎡", "kN/㎡"): Fraction(100, 980), ("年", "年"): Fraction(1),
    ("", "%"): Fraction(1), ("", "人"): Fraction(1), ("", "个"): Fraction(1), ("", "层"): Fraction(1),
    ("", "万人"): Fraction(10_000), ("", "度"): Fraction(1),
}  # fmt: skip
_LIMIT = 2**53
_BLANK = frozenset(
    {"", "-", "--", "---", "—", "——", "–", "/", "//", "\\", "无", "暂无", "不详", "未知", "n/a", "na", "null", "none", "nan",
     "待定", "未定", "暂缺", "空", "未填", "...", "…", "……"}
)  # fmt: skip
#: Dashes of all widths, box lines and minus signs: any number of them alone says nothing.
_DASHES = frozenset("-‐‑‒–—―−─━ー﹘﹣－_＿~～")
_ERRORS = frozenset({"#n/a", "#value!", "#div/0!", "#ref!", "#name?", "#null!", "#num!", "#spill!", "#calc!"})
#: Figures that a correction never makes negative (a month's figure may be).
_NEVER_NEGATIVE = frozenset(
    {"total_investment_wan", "annual_tax_wan", "annual_output_wan", "plan_wan", "price_wan", "rd_wan", "energy_tce",
     "employees", "emission_eq", "far_min", "far_max", "leased_far", "rent_yuan_m2_month", "price_yuan_m2",
     "reserve_price_wan_mu", "height_m", "clear_height_m", "power_kva", "km2"}
)  # fmt: skip
#: A bare share above this is a percentage whose sign was left out, or not: nobody can tell.
_SHARE_LIMIT = 2
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ABOUT = re.compile(r"^(?:约|大约|近|超|超过|不低于|不少于|不超过|>=|<=|≥|≤|>|<|~)")
_ABOUT_END = re.compile(r"(?:左右|上下|以上|以内|余|起)$")
_CURRENCY = re.compile(r"^(?:[¥￥]|rmb|cny|人民币)|(?:\(?人民币\)?|rmb|cny)$", re.IGNORECASE)
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CLOCK = r"(?:[ t]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)?"
#: One sign between all parts, or 年, 月, 日: "2026年1-3月" is a span and no day.
_YEAR_FIRST = re.compile(
    rf"^(?:(\d{{4}})([-/.])(\d{{1,2}})(?:\2(\d{{1,2}}))?月?|(\d{{4}})年(\d{{1,2}})(?:月份?(?:(\d{{1,2}})[日号]?)?)?){_CLOCK}$"
)
_ROC_SIGNS = re.compile(r"^(?:民国)?(1\d\d)([-/.])(\d{1,2})(?:\2(\d{1,2}))?$")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(0[1-9]|1[0-2])(\d{2})?$")
_ROC = re.compile(r"^(?:\(.*\))?(民国|中华民国)?(\d{2,3})年?(?:(\d{1,2})月)?(?:(\d{1,2})日)?$")
_SIDE = "[nsew]|[东西]经|[南北]纬|[东西南北]"
_DMS = re.compile(
    rf"^({_SIDE})?:?(\d{{1,3}})[°度:](\d{{1,2}}(?:\.\d+)?)['分:]?(?:(\d{{1,2}}(?:\.\d+)?)[\"秒]?)?({_SIDE})?$"
)
_DEGREES = re.compile(rf"^({_SIDE})?:?(\d{{1,3}}(?:\.\d+)?)[°度]?({_SIDE})?$")
_PRIMES = str.maketrans({"′": "'", "’": "'", "‘": "'", "`": "'", "″": '"', "”": '"', "“": '"', "º": "°", "˚": "°"})
_YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "✓", "✔", "对", "已", "具备", "■"})
_NO = frozenset({"否", "无", "没有", "n", "no", "false", "f", "0", "×", "x", "✗", "不", "未", "不具备", "□"})
#: Words of offices for stored choices, beyond the names in the tables.
_CHOICE_WORDS: dict[str, str] = {
    "已出租": "occupied", "已租": "occupied", "满租": "occupied", "待租": "vacant", "可租": "vacant", "空闲": "vacant",
    "租赁": "lease", "出让": "grant", "净地": "ready", "挂牌": "listed", "在建": "building", "核心区": "core", "片": "zone",
    "gb/t21010": "GBT21010_2017", "gbt21010": "GBT21010_2017", "gb/t21010-2017": "GBT21010_2017", "三调": "GBT21010_2017",
    "第三次全国国土调查": "GBT21010_2017", "国土变更调查": "GBT21010_2017", "土地利用现状分类": "GBT21010_2017",
    "gb50137": "GB50137_2011", "gb50137-2011": "GB50137_2011", "gbj137-2011": "GB50137_2011",
    "城市用地分类与规划建设用地标准": "GB50137_2011", "自然资发〔2023〕234号": "YDYH2023", "用地用海2023": "YDYH2023",
    "用地用海2020": "YDYH2020", "用地用海分类指南(试行)": "YDYH2020", "自然资办发〔2020〕51号": "YDYH2020",
    "主": "main", "总部": "hq", "统计": "stat", "税收": "tax", "牵头单位": "lead",
    "核心": "core", "片区": "zone", "特区": "special", "园区": "park", "制造": "manufacturing", "服务": "service",
    "共建生物": "co_built_bio", "牵头": "lead", "实验室": "laboratory", "校院地平台": "university", "其他": "other",
    "已整理": "ready", "主址": "main", "生产": "production", "纳税": "tax", "企业": "company", "政府": "government",
    "月": "M", "季": "Q", "年": "Y", "直报": "direct", "非直报": "nondirect", "财政": "fiscal", "平台": "platform", "地块": "plot",
}  # fmt: skip


class Refused(Exception):
    """The cell has no one meaning; `code` and `values` say why (``words.TEXTS``)."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


def clean(cell: Any) -> tuple[str, Note]:
    """The text of a cell without invisible characters and outer spaces."""
    found = cell if isinstance(cell, str) else _shown(cell)
    text = "".join(c for c in found if unicodedata.category(c) not in ("Cf", "Cc", "Cs") or c in "\n\t\u200d")
    text = "\n".join(line.strip() for line in text.replace("\r", "").split("\n")).strip()
    return text, None if text == found else ("trimmed", {})


def _shown(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _LIMIT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return str(cell)


def is_blank(cell: Any) -> bool:
    """Whether a cell says nothing at all (words that mean "nothing" are a reader's business)."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, float) and cell != cell)


def _nothing(text: str) -> Note:
    return ("blank_word", {"value": text})


def _is_nothing(text: str) -> bool:
    return unicodedata.normalize("NFKC", text).strip().lower() in _BLANK or all(c in _DASHES for c in text)


# --- numbers ---------------------------------------------------------------------------------------------------------


def number_reader(field: Field, unit: str, whole: bool, low: float | None = None, high: float | None = None) -> Reader:
    """Reader of numbers in `unit` (as the heading says; "" the stored one) into the stored unit of `field`.

    `whole` rounds half up to an integer and says so. Full-width digits, grouping commas, a unit behind the number and
    words like 约 are understood and reported.
    """
    stored = field.unit
    percent = field.kind == "ratio"
    heading_factor = _heading_factor(stored, unit, percent)
    if heading_factor is None:  # a unit nobody can turn into the stored one must not pass for it
        return _unit_reader(unit, stored)
    plain_unit = heading_factor == 1

    def read(cell: Any) -> Read:
        note: Note = None
        if isinstance(cell, bool):
            raise Refused("not_a_number")
        if isinstance(cell, int):
            value: Any = cell
            factor = heading_factor
        elif isinstance(cell, float):
            if not math.isfinite(cell):
                raise Refused("not_finite")
            value, factor = cell, heading_factor
        else:
            parsed, note, factor = _parse(cell, stored, heading_factor, percent)
            if parsed is None:
                return None, note
            value = parsed
        if percent and factor == 1 and abs(value) > _SHARE_LIMIT:
            raise Refused("share_unclear")
        return _finish(value, factor, plain_unit and factor == 1, note)

    def _finish(value: Any, factor: Fraction, as_it_is: bool, note: Note) -> Read:
        if whole:
            if as_it_is and (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
                result: Any = int(value)
            else:
                exact = (Fraction(repr(value)) if isinstance(value, float) else Fraction(value)) * factor
                if exact.denominator == 1:
                    result = exact.numerator
                else:
                    result = int((Decimal(exact.numerator) / exact.denominator).to_integral_value(ROUND_HALF_UP))
                    # Whole 万元 and m² are what is stored: only a share worth a look is reported.
                    if note is None and abs(exact - result) * 1000 > abs(exact):
                        note = ("rounded", {"result": result})
        elif as_it_is:
            result = float(value)
        else:
            result = float((Fraction(repr(value)) if isinstance(value, float) else Fraction(value)) * factor)
        if not -_LIMIT < result < _LIMIT:
            raise Refused("out_of_range", low=-_LIMIT, high=_LIMIT)
        if low is not None and result < low:
            raise Refused("negative") if low == 0 else Refused("out_of_range", low=low, high=high)
        if high is not None and result > high:
            raise Refused("out_of_range", low=low, high=high)
        return result, note

    return read


def units_beside(stored: str) -> tuple[str, ...]:
    """Units in which offices write what is stored in `stored`, that one first."""
    others = [other for base, other in FACTORS if base == stored and other != stored]
    return (stored, *others) if stored else ()


def _heading_factor(stored: str, unit: str, percent: bool) -> Fraction | None:
    """What cells under a heading in `unit` are multiplied by; None when the unit is none of the stored one's."""
    if percent and unit in ("%", "‰"):
        return Fraction(1, 100 if unit == "%" else 1000)
    if not unit or unit == stored:
        return Fraction(1)
    return FACTORS.get((stored, unit))


def _unit_reader(unit: str, stored: str) -> Reader:
    """Reader of cells in a unit that cannot be converted: refuses each that says anything."""

    def read(cell: Any) -> Read:
        if isinstance(cell, str) and _is_nothing(text := clean(cell)[0]):
            return None, _nothing(text) if text else None
        raise Refused("unit_unknown", unit=unit, stored=stored or "1")

    return read


def _parse(
    cell: Any, stored: str, heading_factor: Fraction, percent: bool
) -> tuple[int | Decimal | None, Note, Fraction]:
    raw, note = clean(cell)
    if _is_nothing(raw):
        return None, _nothing(raw) if raw else note, heading_factor
    text = unicodedata.normalize("NFKC", raw).replace("²", "2")
    if any("\uff01" <= c <= "\uff5e" for c in raw):
        note = ("full_width", {})
    if " " in text:
        text, note = text.replace(" ", ""), note or ("separators", {})
    if _NUMBER.fullmatch(text):
        return _decimal(text), note, heading_factor
    if "\n" in text and len(_NUMBER.findall(text)) > 1:
        raise Refused("several_numbers")
    text = text.replace("\n", "")
    if (bare := _CURRENCY.sub("", text)) != text:
        text, note = bare, note or ("currency_sign", {})
    if text.lower().lstrip("+-") in ("inf", "infinity", "1.#inf", "∞"):
        raise Refused("not_finite")
    if (about := _ABOUT.match(text)) is not None:
        text, note = text[about.end() :], ("approximate", {"value": raw})
    if (about := _ABOUT_END.search(text)) is not None:
        text, note = text[: about.start()], ("approximate", {"value": raw})
    factor = heading_factor
    match = _GROUPED.match(text) or _NUMBER.match(text)
    if match is None:
        raise Refused("not_a_number")
    rest = text[match.end() :].strip("()")
    number = match.group()
    if "," in number:
        number, note = number.replace(",", ""), note or ("separators", {})
    if rest:
        unit = unit_of(rest.removesuffix("整"))
        if unit is None:
            several = _NUMBER.search(rest.replace("m2", "")) is not None
            raise Refused("several_numbers" if several else "not_a_number")
        found_factor = _heading_factor(stored, unit, percent)
        if found_factor is None:
            raise Refused("unit_unknown", unit=unit, stored=stored or "1")
        factor = found_factor
        if note is None:
            note = ("unit_in_cell", {"unit": unit})
    return _decimal(number), note, factor


def _decimal(text: str) -> int | Decimal:
    if text.lstrip("+-").isdigit() and len(text) < 18:
        return int(text)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Refused("not_a_number") from error
    if abs(value.adjusted()) > 30:
        raise Refused("not_finite")
    return value


# --- dates -----------------------------------------------------------------------------------------------------------


def _normal_date(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).strip().lower().replace("年度", "年").replace("國", "国")
    folded = folded.replace("国元年", "国1年")
    if re.search(r"[一二三四五六七八九〇零]", folded):
        folded = _chinese_numbers(folded)
    return re.sub(r"\s*([-/.年月日])\s*", r"\1", folded)


def _chinese_numbers(text: str) -> str:
    """二〇二六年十二月三日 -> 2026年12月3日."""

    def ten(match: re.Match[str]) -> str:
        tens = match.group(1).translate(_DIGITS) if match.group(1) else "1"
        ones = match.group(2).translate(_DIGITS) if match.group(2) else "0"
        return tens + ones

    text = re.sub(r"([一二三四五六七八九])?十([一二三四五六七八九])?", ten, text)
    return text.translate(_DIGITS)


def _make_date(year: int, month: int, day: int, code: str) -> date:
    try:
        made = date(year, month, day)
    except ValueError as error:
        raise Refused(code) from error
    if not 1900 <= year <= 2200:
        raise Refused(code)
    return made


def _parts(cell: Any, code: str) -> tuple[int, int, int | None, Note] | None:
    """Year, month and day (None: not given) of a cell; None for nothing."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return cell.year, cell.month, cell.day, None
    if isinstance(cell, bool):
        raise Refused(code)
    if isinstance(cell, (int, float)):
        return _from_number(cell, code)
    raw, note = clean(cell)
    if _is_nothing(raw):
        return None
    text = _normal_date(raw)
    if match := _YEAR_FIRST.match(text):
        signed = match.group(1, 3, 4) if match.group(1) else match.group(5, 6, 7)
        year, month, day = (int(part) if part else None for part in signed)
        if re.fullmatch(r"\d{4}\.\d", text):
            note = note or _ambiguous(text, int(year or 0), int(month or 0))
        return int(year or 0), int(month or 0), day, note
    if match := _ROC_SIGNS.match(text):
        year_ad = int(match.group(1)) + 1911
        return year_ad, int(match.group(3)), int(match.group(4) or 0) or None, ("roc_year", {"result": year_ad})
    if match := _COMPACT.match(text):
        year_text, month_text, day_text = match.groups()
        return int(year_text), int(month_text), int(day_text) if day_text else None, note
    if match := _ROC.match(text):
        roc, roc_month, roc_day = (int(part) if part else None for part in match.group(2, 3, 4))
        if roc_month and (match.group(1) or (roc or 0) >= 100):
            year_ad = 1911 + int(roc or 0)
            return year_ad, roc_month, roc_day, ("roc_year", {"result": year_ad})
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _from_number(float(text), code)
    raise Refused(code)


def _ambiguous(text: str, year: int, month: int) -> Note:
    if month != 1:
        return None
    return ("month_ambiguous", {"value": text, "first": f"{year}-01", "second": f"{year}-10"})


def _from_number(cell: float, code: str) -> tuple[int, int, int | None, Note]:
    if not math.isfinite(cell):
        raise Refused("not_finite")
    if 20_000 < cell < 80_000:
        day = date(1899, 12, 30) + timedelta(days=int(cell))
        return day.year, day.month, day.day, ("serial_date", {"result": day.isoformat()})
    if float(cell).is_integer() and (match := _COMPACT.match(str(int(cell)))):
        year, month, day_text = match.groups()
        return int(year), int(month), int(day_text) if day_text else None, None
    if 1900 < cell < 2200 and not float(cell).is_integer():
        year_text, _, digits = repr(float(cell)).partition(".")
        month_number = int(digits) if len(digits) <= 2 else 0
        if not 1 <= month_number <= 12:
            raise Refused(code)
        note: Note = None
        if digits == "1":
            first, second = f"{year_text}-01", f"{year_text}-10"
            note = ("month_ambiguous", {"value": cell, "first": first, "second": second})
        return int(year_text), month_number, None, note
    raise Refused(code)


def read_date(cell: Any) -> Read:
    """A day; a month alone becomes its first day and says so. Raises Refused for anything else."""
    parts = _parts(cell, "not_a_date")
    if parts is None:
        return None, _nothing(str(cell).strip())
    year, month, day, note = parts
    if day is None:
        note = note or ("day_unknown", {})
    return _make_date(year, month, day or 1, "not_a_date"), note


def month_reader(year: int | None) -> Reader:
    """Reader of months as YYYY-MM; a bare month (9月) needs the `year`."""

    def read(cell: Any) -> Read:
        if isinstance(cell, str):
            text = _normal_date(clean(cell)[0])
            bare = re.fullmatch(r"(\d{1,2})月?份?", text)
            if bare and year is not None and 1 <= int(bare.group(1)) <= 12:
                return f"{year:04d}-{int(bare.group(1)):02d}", None
            if bare and year is None and 1 <= int(bare.group(1)) <= 12 and "月" in text:
                raise Refused("month_without_year")
        elif year is not None and isinstance(cell, (int, float)) and cell in range(1, 13):
            return f"{year:04d}-{int(cell):02d}", None
        parts = _parts(cell, "not_a_month")
        if parts is None:
            return None, _nothing(str(cell).strip())
        found_year, month, _day, note = parts
        made = _make_date(found_year, month, 1, "not_a_month")
        return f"{made.year:04d}-{made.month:02d}", note

    return read


def read_year(cell: Any) -> Read:
    """A year: 2026, 2026年, 二〇二六年, 113 and 民国113年 (Minguo). Raises Refused for anything else: two digits are the
    end of a year, or a year of the Republic."""
    if isinstance(cell, (date, datetime)):
        return cell.year, None
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and float(cell).is_integer():
        text, note = str(int(cell)), None
    else:
        raw, note = clean(cell)
        if _is_nothing(raw):
            return None, _nothing(raw)
        text = _normal_date(raw)
    if match := re.fullmatch(r"(?:\(.*\))?((?:19|20|21)\d{2})(?:\.0+|年)?", text):
        return int(match.group(1)), note
    if (match := _ROC.match(text)) and not match.group(3):
        roc = int(match.group(2))
        if 100 <= roc <= 200 or (match.group(1) and roc):
            return roc + 1911, ("roc_year", {"result": roc + 1911})
    raise Refused("not_a_year")


# --- words -----------------------------------------------------------------------------------------------------------


def text_reader(limit: int | None, code: bool = False) -> Reader:
    """Reader of text up to `limit` characters; `code` also makes it half-width and drops ".0" of numbers read as text."""

    def read(cell: Any) -> Read:
        text, note = clean(cell)
        if not text:
            return None, note
        if _is_nothing(text):
            return None, _nothing(text)
        if code:
            folded = unicodedata.normalize("NFKC", text)
            if folded != text:
                text, note = folded, ("full_width", {})
        if limit is not None and len(text) > limit:
            raise Refused("too_long", limit=limit)
        return text, note

    return read


def read_industry(cell: Any) -> Read:
    """A class of GB/T 4754 as digits: "C3973集成电路制造" is 3973 (rules §2.3). Raises Refused for anything else."""
    text, note = clean(cell)
    if _is_nothing(text):
        return None, _nothing(text) if text else note
    folded = re.sub(r"^(\d{2,4})\.0+$", r"\1", unicodedata.normalize("NFKC", text).strip().upper())
    try:
        code = industry.parse(folded, industry.EDITIONS[-1]).code
    except industry.IndustryCodeError as error:
        raise Refused("not_an_industry") from error
    return code, note if code == text else ("matched", {"value": text, "result": code})


def read_edition(cell: Any) -> Read:
    """The edition of GB/T 4754: its year, however the standard is written. Raises Refused for an unknown one."""
    text, note = clean(cell)
    if _is_nothing(text):
        return None, _nothing(text) if text else note
    found = [edition for edition in industry.EDITIONS if edition in text]
    if len(found) != 1:
        raise Refused("not_a_choice", choices="、".join(industry.EDITIONS))
    edition = f"GB/T 4754-{found[0]}"
    return edition, note if edition == text else ("matched", {"value": text, "result": edition})


def read_bool(cell: Any) -> Read:
    """Yes or no in the ways offices tick it. Raises Refused for anything else."""
    if isinstance(cell, bool):
        return cell, None
    text = plain(clean(cell)[0])
    if text in _YES:
        return True, None
    if text in _NO:
        return False, None
    if text in _BLANK:
        return None, _nothing(text)
    if text.startswith(("未", "不", "没", "否")):
        return False, ("matched", {"value": str(cell), "result": "否"})
    if text.startswith(("已", "是", "有")):
        return True, ("matched", {"value": str(cell), "result": "是"})
    raise Refused("not_a_bool")


def choice_reader(field: Field) -> Reader:
    """Reader of one of the field's choices: its code, its Chinese name, or a word offices use for it."""
    words: dict[str, str] = {}
    for stored, zh in field.choices:
        words[plain(stored)] = stored
        words[plain(zh)] = stored
    for word, stored in _CHOICE_WORDS.items():
        if any(stored == known for known, _zh in field.choices):
            words.setdefault(plain(word), stored)
    allowed = "、".join(zh for _stored, zh in field.choices[:12])
    whole = field.kind == "int"

    def read(cell: Any) -> Read:
        text, note = clean(cell)
        if _is_nothing(text):
            return None, _nothing(text) if text else note
        found = words.get(plain(text))
        if found is None:
            near = {stored for word, stored in words.items() if len(word) > 1 and word in plain(text)}
            if len(near) != 1:
                raise Refused("not_a_choice", choices=allowed)
            found = near.pop()
            note = ("matched", {"value": text, "result": found})
        return (int(found) if whole else found), note

    return read


def read_list(cell: Any) -> Read:
    """Entries between separators; an empty list for nothing."""
    text, note = clean(cell)
    if _is_nothing(text):
        return [], _nothing(text) if text else note
    separators = LIST_SEPARATOR if LIST_SEPARATOR in text else r"[；、，,|\n]"
    return [part for part in (p.strip() for p in re.split(separators, text)) if part], note


def read_numbers(cell: Any) -> Read:
    """A list of numbers. Raises Refused when an entry is none."""
    parts, note = read_list(cell)
    try:
        return [float(part) for part in parts] or None, note
    except ValueError as error:
        raise Refused("not_a_number") from error


def read_shares(cell: Any) -> Read:
    """``unit=6/10;unit=4/10`` (also 60%) to exact fractions as text; they must sum to 1. Raises Refused otherwise."""
    shares: dict[str, str] = {}
    total = Fraction(0)
    text, note = clean(cell)
    if _is_nothing(text):
        return None, _nothing(text)
    for part in re.split(r"[;；、，,\n]", unicodedata.normalize("NFKC", text)):
        unit, separator, amount = part.strip().partition("=") if "=" in part else part.strip().partition(":")
        try:
            share = Fraction(amount.strip().rstrip("%")) / (100 if amount.strip().endswith("%") else 1)
        except (ValueError, ZeroDivisionError) as error:
            raise Refused("not_a_share") from error
        if not separator or not unit.strip() or share < 0 or unit.strip() in shares:
            raise Refused("not_a_share")
        shares[unit.strip()] = f"{share.numerator}/{share.denominator}"
        total += share
    if total != 1:
        raise Refused("not_a_share")
    return shares, note


def degrees_reader(field: Field) -> Reader:
    """Reader of one coordinate: decimal degrees, degrees-minutes-seconds, or metres (which are dealt with later)."""
    number = number_reader(field, "", whole=False)

    def read(cell: Any) -> Read:
        if not isinstance(cell, str):
            return number(cell)
        text = plain(clean(cell)[0].translate(_PRIMES)).replace("''", '"')
        text = text.translate(_PRIMES).replace("''", '"')
        if match := _DMS.match(text):
            before, deg, minutes, seconds, after = match.groups()
            if float(minutes) >= 60 or float(seconds or 0) >= 60:
                raise Refused("not_a_number")
            value = int(deg) + float(minutes) / 60 + float(seconds or 0) / 3600
        elif (match := _DEGREES.match(text)) and not text.replace(".", "", 1).isdigit():
            before, whole_degrees, after = match.groups()
            value = float(whole_degrees)
        else:
            return number(cell)
        south_or_west = (before or after or "")[:1] in ("s", "w", "南", "西")
        return (-value if south_or_west else value), None

    return read


def reader(field: Field, unit: str, limit: int | None, year: int | None) -> Reader:
    """The reader of a field for cells under a heading with this unit; `limit` is the column's width."""
    read = _reader(field, unit, limit, year)

    def careful(cell: Any) -> Read:
        if isinstance(cell, str) and cell[:1] == "#" and cell.strip().lower() in _ERRORS:
            raise Refused("formula_error", value=cell.strip())
        return read(cell)

    return careful


def _reader(field: Field, unit: str, limit: int | None, year: int | None) -> Reader:
    low = 0 if field.name in _NEVER_NEGATIVE else None
    if field.name == "industry_code":
        return read_industry
    if field.name == "industry_edition":
        return read_edition
    if field.choices:
        return choice_reader(field)
    kind = field.kind
    if kind in ("money_wan", "money_wan_usd"):
        return number_reader(field, unit, whole=True, low=low)
    if kind == "area_m2":
        return number_reader(field, unit, whole=True, low=0)
    if kind == "int":
        if field.name in ("year", "founded", "high_tech_from", "high_tech_to"):
            return read_year
        return number_reader(field, unit, whole=True, low=low)
    if kind == "ratio":
        return number_reader(field, unit, whole=False)
    if kind == "number":
        return number_reader(field, unit, whole=False, low=low)
    if kind in ("lon", "lat"):
        return degrees_reader(field)
    if kind == "date":
        return read_date
    if kind == "month":
        return month_reader(year)
    if kind == "bool":
        return read_bool
    if kind == "list":
        return read_numbers if field.name == "curve" else read_list
    if kind == "shares":
        return read_shares
    return text_reader(limit, code=kind == "code")
