"""Which column is which field: suggested from headings and contents, written down, picked up again next month."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.columns import Column as Field
from data.imports.headings import UNITS, Heading, heading, plain
from data.imports.problem import ImportProblem
from data.imports.tables import TABLES, Table
from data.imports.values import FACTORS, Refused, is_blank, reader
from data.models import ImportMapping

#: Below this a suggestion is not made.
LEAST = 0.55
_SAMPLE = 200
#: Words that make another figure of one name.
_QUALIFIERS: dict[str, tuple[str, ...]] = {
    "since": ("累计", "至今", "以来"), "year": ("年度", "本年", "当年", "全年"), "month": ("本月", "当月", "月度"),
    "plan": ("计划", "拟", "预计", "目标"), "done": ("完成", "实际", "到位", "已"), "left": ("剩余", "可招商", "可租", "空置"),
    "share": ("率", "比例", "占比", "强度"), "growth": ("增长", "增速", "同比", "环比", "增幅"),
    "per": ("亩均", "人均", "单位", "单价", "平均", "/亩", "每亩"), "not": ("不含", "未", "非"), "count": ("数量", "个数", "户数", "套数"),
    "used": ("租赁", "出租", "已租"),
}  # fmt: skip
_WKT = re.compile(r"\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*(?:Z\s*)?\(", re.IGNORECASE)
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True)
class Column:
    """One column of the file and the field it goes to (None: it is not imported).

    `unit` is the unit of its cells, "" the stored one; `year` and `month` complete the key of a wide column.
    """

    position: int
    heading: str
    field: str | None
    unit: str = ""
    year: int | None = None
    month: int | None = None
    confidence: float = 0.0


@dataclass(frozen=True)
class Mapping:
    """How a sheet is read into a table. `constants` are values for fields that the file does not have."""

    table: str
    columns: tuple[Column, ...]
    constants: MappingType[str, Any] = field(default_factory=dict)
    year: int | None = None

    def fields(self) -> dict[str, Column]:
        """Mapped columns by field; of wide fields the first one."""
        found: dict[str, Column] = {}
        for column in self.columns:
            if column.field is not None:
                found.setdefault(column.field, column)
        return found

    def as_json(self) -> dict[str, Any]:
        """What is stored with a batch and in saved mappings."""
        return {
            "table": self.table,
            "columns": {
                c.heading: {"field": c.field, "unit": c.unit} | ({"year": c.year} if c.year else {})
                | ({"month": c.month} if c.month else {})
                for c in self.columns
            },
            "constants": dict(self.constants),
            "year": self.year,
        }  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """A mapping, and what nothing in the file gives."""

    mapping: Mapping
    missing: tuple[str, ...]  # required fields without a column


def signature(headings: Sequence[Heading]) -> str:
    """What identifies a file of the same form: its headings with their units, without years and months, in any order."""
    words = sorted({f"{h.base}|{h.unit or ' '.join(h.stated)}" for h in headings})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


# --- suggesting ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _words(table: str, name: str) -> tuple[str, ...]:
    entry = TABLES[table].by_name[name]
    return tuple(heading(0, word).base for word in (entry.zh, entry.name, entry.en, *entry.synonyms))


_DBF_NAME = 10  # characters of a column name in a Shapefile


def _by_heading(table: Table, entry: Field, found: Heading) -> float:
    if found.found == entry.heading:
        return 1.0
    if (
        entry.child is not None
        and entry.child.per
        and (found.year or found.month) is None
        and entry.child.per == "month"
    ):
        return 0.0
    if entry.child is not None and entry.child.per == "month":
        if found.month is None or found.ytd != (entry.child.column == "ytd_wan"):
            return 0.0
    elif found.month is not None and (entry.child is None or entry.child.per != "month"):
        return 0.0
    words = _words(table.id, entry.name)
    if found.base in words:
        first = words.index(found.base)
        return 0.97 if first == 0 else 0.95 if first == 1 else 0.9 - 0.005 * first
    if len(found.base) == _DBF_NAME and entry.name[:_DBF_NAME] == found.base:  # a Shapefile cuts names
        return 0.9
    best = 0.0
    for word in words:
        if len(word) < 2 or len(found.base) < 2:
            continue
        if word.isascii() or found.base.isascii():  # a Latin word is one or it is not: zone is no part of subzone
            continue
        if _qualified(word) != _qualified(found.base):  # the plan of a year is not what was planned since January
            continue
        if word in found.base or found.base in word:
            share = min(len(word), len(found.base)) / max(len(word), len(found.base))
            best = max(best, 0.5 + 0.3 * share)
        else:
            ratio = SequenceMatcher(None, word, found.base).ratio()
            if ratio > 0.75:
                best = max(best, 0.75 * ratio)
    return best


def _qualified(word: str) -> frozenset[str]:
    """What a figure is, beside its name: of which span, planned or done, a share or an amount per something."""
    return frozenset(name for name, words in _QUALIFIERS.items() if any(w in word for w in words))


def unit_for(entry: Field, found: Heading) -> str:
    """The unit of a heading's cells for a field: its own, else one that is stated for the table and fits; "" the stored."""
    if found.unit or not entry.unit:
        return found.unit
    return next((unit for unit in found.stated if unit == entry.unit or (entry.unit, unit) in FACTORS), "")


def _is_wkt(cells: Sequence[Any]) -> bool:
    said = [cell for cell in cells if not is_blank(cell)][:5]
    return bool(said) and all(isinstance(cell, str) and _WKT.match(cell) for cell in said)


def _unit_fits(entry: Field, unit: str) -> bool:
    """Whether cells in `unit` can be turned into the field's stored unit."""
    if not unit or unit == entry.unit:
        return True
    if entry.kind == "ratio":
        return unit in ("%", "‰")
    if entry.kind in ("text", "code", "list", "bool", "date", "month"):
        return False
    return (entry.unit, unit) in FACTORS


def _fits(entry: Field, cells: Sequence[Any], unit: str) -> float | None:
    """Share of the sample that the field could hold; None when there is nothing to judge by."""
    said = [cell for cell in cells if not is_blank(cell)][:60]
    if not said:
        return None
    read = reader(entry, unit, None, 2000)
    good = 0
    for cell in said:
        try:
            read(cell)
        except Refused:
            continue
        good += 1
    return good / len(said)


def _by_contents(entry: Field, cells: Sequence[Any]) -> float:
    said = [str(cell).strip() for cell in cells if not is_blank(cell)][:60]
    if len(said) < 3:
        return 0.0
    if entry.name == "uscc":
        return 0.8 if all(_USCC.fullmatch(cell.upper()) for cell in said) else 0.0
    return 0.0


def suggest_columns(table: Table, headings: Sequence[Heading], rows: Sequence[Sequence[Any]]) -> tuple[Column, ...]:
    """The likeliest field of every column, each field at most once (wide fields once per period)."""
    sample = rows[:_SAMPLE]
    scored: list[tuple[float, int, Field]] = []
    for place, found in enumerate(headings):
        cells = [row[found.position] if found.position < len(row) else "" for row in sample]
        for entry in table.fields:
            if entry.kind == "geometry" and not _is_wkt(cells):
                continue
            score = _by_heading(table, entry, found)
            if score < LEAST:
                score = max(score, _by_contents(entry, cells))
            unit = unit_for(entry, found)
            if score < LEAST or not _unit_fits(entry, unit):
                continue
            share = _fits(entry, cells, unit)
            if share is not None and not entry.refers:
                score *= 0.65 + 0.35 * share
            if score >= LEAST:
                scored.append((score, place, entry))
    scored.sort(key=lambda item: (-item[0], item[1]))
    taken_fields: set[tuple[str, int | None, int | None]] = set()
    chosen: dict[int, Column] = {}
    for score, place, entry in scored:
        found = headings[place]
        wide = entry.child is not None and bool(entry.child.per)
        key = (entry.name, found.year if wide else None, found.month if wide else None)
        if place in chosen or key in taken_fields:
            continue
        taken_fields.add(key)
        unit = unit_for(entry, found)
        chosen[place] = Column(found.position, found.found, entry.name, unit, found.year, found.month, round(score, 2))
    return tuple(
        chosen.get(place) or Column(h.position, h.found, None, h.unit, h.year, h.month)
        for place, h in enumerate(headings)
    )


def missing(table: Table, mapping: Mapping, geometry: bool) -> tuple[str, ...]:
    """Required fields that neither a column nor a constant nor the layer's geometry gives."""
    given = {*mapping.fields(), *mapping.constants}
    if geometry and table.geometry:
        given.add(table.geometry)
    if geometry:
        given |= {"lon", "lat", "area_m2"}
    return tuple(f.name for f in table.fields if f.required and f.name not in given and f.default is None)


def suggest(
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Any]],
    *,
    geometry: bool,
    table: str | None = None,
    title: str = "",
) -> Suggestion:
    """The likeliest table and mapping (or the mapping for `table`); headings without a year are of the title's.

    Raises ImportProblem for an unknown table."""
    if table is not None and table not in TABLES:
        raise ImportProblem("no_table", name=table, known=" ".join(TABLES))
    wanted = [TABLES[table]] if table is not None else list(TABLES.values())
    ranked: list[tuple[float, Mapping, tuple[str, ...]]] = []
    for candidate in wanted:
        columns = suggest_columns(candidate, headings, rows)
        mapping = Mapping(candidate.id, columns, year=heading(0, title).year if title else None)
        lacking = missing(candidate, mapping, geometry)
        sure = sum(c.confidence for c in columns if c.field) / max(len(columns), 1)
        needed = sum(f.required for f in candidate.fields) or 1
        score = sure * (1 - 0.7 * len(lacking) / needed)
        if bool(candidate.shapes == "polygon") != geometry and table is None:
            score *= 0.6
        if plain(candidate.zh) in plain(title):
            score += 0.15
        if candidate.id == "leads":  # only when it is named, or its title says so
            score -= 0.05
        ranked.append((score, mapping, lacking))
    ranked.sort(key=lambda item: -item[0])
    _score, mapping, lacking = ranked[0]
    return Suggestion(mapping, lacking)


# --- written down ----------------------------------------------------------------------------------------------------


def apply(base: Mapping, wanted: MappingType[str, Any], headings: Sequence[Heading], *, strict: bool = True) -> Mapping:
    """`base` with what a mapping file or a saved mapping says put over it.

    `wanted`: ``columns`` (heading -> field, or {field, unit, year, month}, or null for "not imported"), ``constants``, ``year``.
    A heading is found as written, or by its words without unit, year and month; `strict` refuses unknown ones.
    Raises ImportProblem for unknown fields, units or columns.
    """
    table = TABLES[base.table]
    columns = {c.position: c for c in base.columns}
    for name, said in (wanted.get("columns") or {}).items():
        matches = _find(str(name), headings)
        if not matches:
            if strict:
                raise ImportProblem("unknown_column", column=name)
            continue
        entry = said if isinstance(said, dict) else {"field": said}
        target = entry.get("field")
        if target is not None and target not in table.by_name:
            raise ImportProblem("unknown_field", table=table.id, field=target, known=" ".join(table.by_name))
        unit = entry.get("unit")
        if unit is not None:
            unit = UNITS.get(plain(str(unit)).replace("²", "2").replace("·", "."), str(unit))
        for found in matches:
            for position, column in columns.items():  # a field has one column: the one named now
                if target is not None and column.field == target and position != found.position:
                    child = table.by_name[target].child
                    if child is None or not child.per:
                        columns[position] = replace(column, field=None, confidence=0.0)
            own = unit_for(table.by_name[target], found) if target is not None else found.unit
            if target is not None and (found.month or entry.get("month")) is None:
                child = table.by_name[target].child
                if child is not None and child.per == "month":
                    raise ImportProblem("no_month", column=found.found)
            columns[found.position] = Column(
                found.position, found.found, target, own if unit is None else unit,
                found.year or entry.get("year"), found.month or entry.get("month"), 1.0 if target else 0.0,
            )  # fmt: skip
    constants = dict(base.constants) | dict(wanted.get("constants") or {})
    for name in constants:
        if name not in table.by_name:
            raise ImportProblem("unknown_field", table=table.id, field=name, known=" ".join(table.by_name))
    year = wanted.get("year") or base.year
    return replace(base, columns=tuple(columns.values()), constants=constants, year=year)


def of_scheme(mapping: Mapping, scheme: str | None) -> Mapping:
    """`mapping` for records of a zone scheme: where the table names the scheme of each record and no column says it."""
    if not scheme or "scheme_id" not in TABLES[mapping.table].by_name:
        return mapping
    if any(column.field == "scheme_id" for column in mapping.columns):
        return mapping
    return replace(mapping, constants={**mapping.constants, "scheme_id": scheme})


def _find(name: str, headings: Sequence[Heading]) -> list[Heading]:
    exact = [h for h in headings if h.found == name or plain(h.found) == plain(name)]
    if exact:
        return exact
    wanted = heading(0, name)
    same = [h for h in headings if (h.base, h.unit) == (wanted.base, wanted.unit) and h.ytd == wanted.ytd]
    if wanted.month is not None or wanted.year is not None:
        return [h for h in same if h.month is not None or h.year is not None]
    return same


def read_yaml(path: Path) -> dict[str, Any]:
    """A mapping file. Raises ImportProblem when it is none."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ImportProblem("bad_mapping", reason=str(error).split("\n")[0][:200]) from error
    if not isinstance(found, dict) or not isinstance(found.get("columns", {}), dict):
        raise ImportProblem("bad_mapping", reason="columns")
    if not isinstance(found.get("constants") or {}, dict):
        raise ImportProblem("bad_mapping", reason="constants")
    return found


def write_yaml(mapping: Mapping) -> str:
    """The mapping as a file that `read_yaml` reads."""
    return yaml.safe_dump(mapping.as_json(), allow_unicode=True, sort_keys=False)


def save(session: Session, name: str, mapping: Mapping, headings: Sequence[Heading]) -> None:
    """Keep a mapping under a name; the same name and table replaces it. The caller commits."""
    row = session.scalars(
        select(ImportMapping).where(ImportMapping.name == name, ImportMapping.table_id == mapping.table)
    ).one_or_none()
    if row is None:
        row = ImportMapping(name=name, table_id=mapping.table)
        session.add(row)
    row.signature = signature(headings)
    row.mapping = mapping.as_json()
    row.saved_at = datetime.now(UTC).isoformat(timespec="seconds")
    session.flush()


def saved(session: Session, headings: Sequence[Heading], table: str | None = None) -> ImportMapping | None:
    """The newest saved mapping for files with these headings."""
    wanted = select(ImportMapping).where(ImportMapping.signature == signature(headings))
    if table is not None:
        wanted = wanted.where(ImportMapping.table_id == table)
    return session.scalars(wanted.order_by(ImportMapping.saved_at.desc(), ImportMapping.id.desc()).limit(1)).first()
