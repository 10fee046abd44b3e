"""From the cells of a sheet to the rows of tables: every cell read, every code looked up, every shape placed.

Errors take their row out, refused cells stay empty, warnings change nothing. What cannot be known is not filled in.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data import reference
from data.columns import Column as Field
from data.imports import months, names, place
from data.imports.finding import Finding, Severity
from data.imports.headings import UNITS, plain
from data.imports.look import Look, Sheet
from data.imports.mapping import Column, Mapping, missing
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.resolve import Resolver
from data.imports.tables import PROVENANCE, TABLES, Table
from data.imports.values import FACTORS, Refused, is_blank, reader
from data.pinyin import syllables
from domain.datum import Datum
from domain.industry import is_reused
from domain.periods import Period

Row = dict[str, Any]
#: Units beside which offices use others: a heading without one leaves open whether 亿元 or 万元, 亩 or ㎡ is meant.
_OPEN_UNITS = frozenset(stored for stored, _other in FACTORS if stored)


@dataclass(frozen=True)
class Options:
    """What the user says beside the mapping. `scheme` is the zone scheme that names and positions belong to.

    `blanks_clear`: a blank cell of a mapped column takes away what is stored; otherwise it says nothing.
    """

    crs: str | None = None
    datum: Datum | None = None
    scheme: str | None = None
    all_or_nothing: bool = False
    role: str = "planner"
    blanks_clear: bool = False


@dataclass
class Checked:
    """The rows that would be written, by table, each with its number in the file; and everything that is to be said.

    `errors` are the numbers of rows left out. `placed` says how
    coordinates were read and where they came out, for a preview. `fills` are values by row number that the program knows
    (a measured area, the zone a point lies in): they stand in where neither the file nor the database says anything.
    `clears` are by row number the columns that the file has blank and the user wants blank.
    """

    name: str
    sha256: str
    sheet: str
    mapping: Mapping
    options: Options
    rows: dict[str, list[tuple[int, Row]]]
    findings: list[Finding]
    total: int
    errors: set[int]
    placed: place.Placed | None = None
    fills: dict[int, Row] = field(default_factory=dict)
    clears: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """The table the sheet goes to."""
        return TABLES[self.mapping.table]


class _Work:
    """The state of one check: columns of values by field, findings, rows that are out."""

    def __init__(self, sheet: Sheet, mapping: Mapping, table: Table) -> None:
        self.sheet = sheet
        self.mapping = mapping
        self.table = table
        self.size = sheet.rows
        self.values: dict[str, list[Any]] = {}
        self.fills: dict[str, list[Any]] = {}
        self.findings: list[Finding] = []
        self.errors: set[int] = set()  # places in the sheet, not row numbers
        self.by_field = mapping.fields()

    def fill(self, name: str) -> list[Any]:
        """The column of values that stand in where file and database say nothing; what is stored goes before them."""
        return self.fills.setdefault(name, [None] * self.size)

    def says(self, name: str, i: int) -> bool:
        """Whether the file itself gives this value."""
        column = self.values.get(name)
        return column is not None and column[i] is not None

    def say(
        self,
        severity: Severity,
        code: str,
        at: int | None = None,
        name: str | None = None,
        value: Any = "",
        /,
        **values: Any,
    ) -> None:
        column = self.by_field.get(name) if name else None
        row = None if at is None else self.sheet.numbers[at]
        shown = "" if value is None else str(value)[:200]
        self.findings.append(
            Finding(severity, code, row, column.position if column else None, column.heading if column else "", shown,
                    values)
        )  # fmt: skip

    def drop(self, at: int, code: str, name: str | None = None, value: Any = "", /, **values: Any) -> None:
        """Say why a row is out, and leave it out."""
        self.say("error", code, at, name, value, **values)
        self.errors.add(at)


def check(
    session: Session, look: Look, sheet: Sheet, mapping: Mapping, options: Options, limits: Limits, watch: Watch
) -> Checked:
    """Read a sheet by its mapping. Reads the database, writes nothing.

    Raises ImportProblem when the sheet as a whole cannot be read so: required columns, an unknown CRS, a suspected datum
    that nobody confirmed, cancelling.
    """
    table = TABLES[mapping.table]
    lacking = missing(table, mapping, sheet.geometry is not None)
    if lacking:
        names_zh = "、".join(table.by_name[name].zh for name in lacking)
        raise ImportProblem("required_column", field=names_zh)
    work, resolver, where = _placed(session, sheet, mapping, options, limits, watch)
    work.findings = [*look.findings, *sheet.findings, *work.findings]
    watch.step("check", 0, work.size)
    _landuse(work, resolver)
    _special(session, work, resolver)
    _ids(session, work)
    _required(work)
    _duplicates(work)
    _near(session, work)
    rows = _rows(work)
    extra = _children(session, work, resolver, watch)
    checked = Checked(
        look.name, look.sha256, sheet.name, mapping, options, {}, work.findings, work.size,
        {sheet.numbers[i] for i in work.errors}, where,
    )  # fmt: skip
    checked.rows[table.id] = [(sheet.numbers[i], row) for i, row in rows]
    fills = [(name, column) for name, column in work.fills.items() if any(v is not None for v in column)]
    checked.fills = (
        {
            sheet.numbers[i]: {
                name: column[i] for name, column in fills if column[i] is not None and not work.says(name, i)
            }
            for i, _row in rows
        }
        if fills
        else {}
    )
    checked.rows |= extra
    if options.blanks_clear:
        checked.clears = _clears(work)
    if table.id == "monthly_reports" or "monthly_reports" in checked.rows:
        months.complete(session, checked)
    if options.all_or_nothing and checked.errors:
        checked.rows = {table_id: [] for table_id in checked.rows}
    watch.step("check", work.size, work.size)
    return checked


def placed(
    session: Session, sheet: Sheet, mapping: Mapping, options: Options, limits: Limits, watch: Watch
) -> place.Placed | None:
    """Where the rows of a sheet lie, whatever else may be wrong with them; None for a sheet without coordinates.

    Raises ImportProblem when CRS or datum has to be asked for.
    """
    return _placed(session, sheet, mapping, options, limits, watch)[2]


def _placed(
    session: Session, sheet: Sheet, mapping: Mapping, options: Options, limits: Limits, watch: Watch
) -> tuple[_Work, Resolver, place.Placed | None]:
    work = _Work(sheet, mapping, TABLES[mapping.table])
    resolver = Resolver(session, options.scheme)
    _columns(work, resolver, watch)
    return work, resolver, place.place(session, work, options, limits, watch)


# --- cells -----------------------------------------------------------------------------------------------------------


def width_of(table: Table, name: str) -> int | None:
    """How many characters the column takes; None: any number."""
    return getattr(table.model.__table__.columns[name].type, "length", None)


def _columns(work: _Work, resolver: Resolver, watch: Watch) -> None:
    table, sheet = work.table, work.sheet
    cells_of = {h.position: cells for h, cells in zip(sheet.headings, sheet.columns, strict=True)}
    seen: set[str] = set()
    for column in work.mapping.columns:
        watch.step("check", 0, work.size)
        cells = cells_of[column.position]
        if column.field is None:
            if any(not is_blank(cell) for cell in cells):
                foreign = bool(column.unit) and column.unit not in UNITS.values()
                code, said = ("column_unit", {"unit": column.unit}) if foreign else ("column_unmapped", {})
                work.findings.append(Finding("warning", code, None, column.position, column.heading, "", said))
            continue
        entry = table.by_name[column.field]
        if entry.child is not None or entry.kind == "geometry":
            continue
        if column.field in seen:
            work.findings.append(Finding("warning", "heading_twice", None, column.position, column.heading))
            continue
        seen.add(column.field)
        if column.unit and column.unit != entry.unit and entry.unit:
            values = {"unit": column.unit, "stored": entry.unit}
            work.findings.append(Finding("info", "converted", None, column.position, column.heading, "", values))
        elif not column.unit and entry.unit in _OPEN_UNITS and any(_is_bare(cell) for cell in cells):
            values = {"unit": entry.unit}
            work.findings.append(Finding("warning", "unit_assumed", None, column.position, column.heading, "", values))
        read = reader(entry, column.unit, width_of(table, entry.name), work.mapping.year)
        work.values[entry.name] = _read(work, entry, cells, read, resolver)
    for name, value in work.mapping.constants.items():
        entry = table.by_name[name]
        if entry.child is not None or entry.kind == "geometry":
            continue
        read = reader(entry, "", width_of(table, name), work.mapping.year)
        try:
            constant = read(str(value) if not isinstance(value, (bool, int, float)) else value)[0]
            constant = _resolved(entry, constant, resolver)
        except Refused as refused:
            because = (refused.code, refused.values)
            raise ImportProblem("bad_constant", field=entry.zh, value=value, because=because) from refused
        have = work.values.get(name)
        work.values[name] = [constant] * work.size if have is None else [constant if v is None else v for v in have]


def _is_bare(cell: Any) -> bool:
    """Whether a cell is a number and nothing else."""
    return isinstance(cell, (int, float)) or (
        isinstance(cell, str) and cell.replace(",", "").replace(".", "", 1).isdigit()
    )


def _resolved(entry: Field, value: Any, resolver: Resolver) -> Any:
    if value is None or not entry.refers or entry.refers == "landuse":
        return value
    if entry.kind == "list":
        return [resolver.find(entry.refers, one) for one in value]
    return resolver.find(entry.refers, str(value))


def _read(work: _Work, entry: Field, cells: Sequence[Any], read: Callable[[Any], Any], resolver: Resolver) -> list[Any]:
    """The column's values, None where there is none. Equal texts are read once: offices repeat themselves."""
    own = entry.refers.partition(".")[0] == work.table.id
    known: dict[Any, tuple[Any, Any, Refused | None]] = {}
    found: list[Any] = [None] * work.size
    for i, cell in enumerate(cells):
        if is_blank(cell):
            continue
        key = (cell.__class__, cell)
        hit = known.get(key)
        if hit is None:
            try:
                value, note = read(cell)
                if not own:
                    value = _resolved(entry, value, resolver)
                hit = (value, note, None)
            except Refused as refused:
                hit = (None, None, refused)
            known[key] = hit
        value, note, problem = hit
        if problem is not None:
            if problem.code == "military":
                work.drop(i, "military", entry.name, cell)
            elif entry.required and entry.name not in work.mapping.constants:
                work.drop(i, problem.code, entry.name, cell, **problem.values)
            else:
                work.say("refused", problem.code, i, entry.name, cell, **problem.values)
            continue
        if note is not None:
            work.say("changed", note[0], i, entry.name, cell, **note[1])
        found[i] = value
    return found


def _landuse(work: _Work, resolver: Resolver) -> None:
    """Land-use codes together with their scheme: a bare code means nothing (rules §2.2); military land stays out (§2.6.2)."""
    schemes = work.values.get("landuse_scheme")
    for entry in work.table.fields:
        if entry.refers != "landuse" or entry.name not in work.values or schemes is None:
            continue
        column = work.values[entry.name]
        known: dict[tuple[str, str], str | Refused] = {}
        for i, value in enumerate(column):
            if value is None or schemes[i] is None:
                continue
            key = (schemes[i], value)
            if key not in known:
                try:
                    known[key] = resolver.landuse(*key)
                except Refused as refused:
                    known[key] = refused
            found = known[key]
            if isinstance(found, str):
                if found != value and plain(found) != plain(str(value)):
                    work.say("changed", "matched", i, entry.name, value, value=value, result=found)
                column[i] = found
                continue
            column[i] = None
            if found.code == "military":
                work.drop(i, "military", entry.name, value)
            elif entry.required:
                work.drop(i, found.code, entry.name, value, **found.values)
            else:
                work.say("refused", found.code, i, entry.name, value, **found.values)


# --- rows ------------------------------------------------------------------------------------------------------------


def _special(session: Session, work: _Work, resolver: Resolver) -> None:
    """What single tables need beyond the description of their fields."""
    table = work.table
    if table.id in ("kpi_values", "targets"):
        _indicator(session, work, resolver)
    if table.id == "chain_links":
        _links(work, resolver)
    if table.id in ("boundaries", "zones", "schemes"):
        _described(session, work)
    if "industry_code" in work.values:
        _editions(work)
    for entry in table.fields:  # references to rows of the same file: a parent may stand below its child
        if entry.refers.partition(".")[0] == table.id and entry.name in work.values and table.id == "enterprises":
            own = work.values.get("id") or []
            for value, name in zip(own, work.values["name_zh"], strict=False):
                if value:
                    resolver.add(entry.refers, value, (name,))
            for i, value in enumerate(work.values[entry.name]):
                if value is not None:
                    try:
                        work.values[entry.name][i] = resolver.find(entry.refers, value)
                    except Refused as refused:
                        work.values[entry.name][i] = None
                        work.say("refused", refused.code, i, entry.name, value, **refused.values)


def _indicator(session: Session, work: _Work, resolver: Resolver) -> None:
    """KPI values and targets: the unit they are of, their period, and what the dictionary says of the indicator."""
    definitions = {d.id: d for d in session.scalars(select(m.KpiDefinition))}
    scopes = work.values.get("unit_scope")
    units = work.values.get("unit_code") or []
    for i, value in enumerate(units):
        if value is None:
            continue
        scope = scopes[i] if scopes else None
        tries = ("unit",) if scope in ("func_area", "admin", "city") else ("zones.code", "unit")
        for place_, refers in enumerate(tries):
            try:
                units[i] = resolver.find(refers, value)
                break
            except Refused as refused:
                if place_ == len(tries) - 1:
                    units[i] = None
                    work.drop(i, refused.code, "unit_code", value, **refused.values)
    _from_dictionary(work, definitions)
    if work.table.id == "kpi_values":
        _periods(work)


def _from_dictionary(work: _Work, definitions: dict[str, m.KpiDefinition]) -> None:
    dictionary = reference.indicators()
    kpis = work.values["kpi_id"]
    wanted: dict[str, Callable[[m.KpiDefinition], Any]] = {"unit": lambda d: dictionary[d.id].stored_unit[:20]}
    if work.table.id == "kpi_values":
        wanted |= {"channel": lambda d: d.channel[:12], "owner": lambda d: d.owner}
    for name, of in wanted.items():
        column = work.fill(name)
        for i, kpi in enumerate(kpis):
            if kpi is not None:
                column[i] = of(definitions[kpi])


def _periods(work: _Work) -> None:
    from data.imports.values import month_reader, read_year

    periods = work.values["period"]
    kinds = work.values.setdefault("period_type", [None] * work.size)
    ends = work.fill("as_of")
    modes = work.values.setdefault("accumulation", [None] * work.size)
    read_month = month_reader(work.mapping.year)
    for i, text in enumerate(periods):
        if text is None or i in work.errors:
            continue
        quarter = plain(text).replace("年", "").replace("第", "").replace("季度", "").replace("季", "")
        try:
            if len(quarter) == 6 and quarter[4] == "q":
                found = Period.parse(quarter.upper())
            elif "季" in text and len(quarter) == 5:
                found = Period.parse(f"{quarter[:4]}Q{'一二三四'.find(quarter[4]) + 1 or quarter[4]}")
            else:
                try:
                    found = Period.parse(str(read_year(text)[0]))
                except Refused:
                    found = Period.parse(str(read_month(text)[0]))
        except (ValueError, Refused):
            work.drop(i, "not_a_month", "period", text)
            continue
        periods[i] = str(found)
        kinds[i] = kinds[i] or found.kind
        ends[i] = found.end
        if modes[i] is None:
            kpi = reference.indicators().get(work.values["kpi_id"][i] or "")
            modes[i] = "annual" if found.kind == "Y" else kpi.accumulation if kpi else "period"


def _links(work: _Work, resolver: Resolver) -> None:
    """Records that chain links name: by their own table."""
    tables = {t.entity: t.id for t in TABLES.values() if t.entity and t.id != "leads"}
    for i, value in enumerate(work.values["entity_id"]):
        kind = work.values["entity_kind"][i]
        if value is None or kind is None:
            continue
        try:
            work.values["entity_id"][i] = resolver.find(f"{tables[kind]}.id", value)
        except Refused as refused:
            work.drop(i, refused.code, "entity_id", value, **refused.values)


def _editions(work: _Work) -> None:
    """A number that means one class in 2011 and another in 2017 says nothing without its edition (rules §2.3)."""
    editions = work.values.get("industry_edition") or [None] * work.size
    for i, (code, edition) in enumerate(zip(work.values["industry_code"], editions, strict=True)):
        if code is not None and edition is None and is_reused(code):
            work.say("warning", "edition_unknown", i, "industry_code", code, code=code)


def _described(session: Session, work: _Work) -> None:
    """Names and order that schemes, zones and boundaries may leave out."""
    names_zh = work.values["name_zh"]
    for name, of in (
        ("name_en", _english), ("short_zh", lambda zh: zh[:30]), ("motto_zh", lambda zh: zh), ("motto_en", _english),
    ):  # fmt: skip
        if name in work.table.by_name:
            column = work.fill(name)
            for i, zh in enumerate(names_zh):
                if zh is not None:
                    column[i] = of(zh)[: width_of(work.table, name)]
    if "order_no" in work.table.by_name:
        first = session.query(m.ZoneScheme).count() + 1 if work.table.id == "schemes" else 1
        work.fills["order_no"] = [first + i for i in range(work.size)]


def _english(zh: str) -> str:
    return " ".join(part.capitalize() for part in syllables(zh))


def _key_hash(*parts: Any) -> str:
    text = "\x1f".join("" if part is None else plain(str(part)) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _ids(session: Session, work: _Work) -> None:
    """Give each row its key: the file's, else that of the record with the same natural key, else a new one made of it."""
    table = work.table
    if not table.id_is_optional:
        return
    ids = work.values.setdefault("id", [None] * work.size)
    blank = [i for i, value in enumerate(ids) if value is None and i not in work.errors]
    if not blank:
        return
    if not table.natural:
        shapes = work.values.get(table.geometry) or [None] * work.size
        for i in blank:
            if shapes[i] is not None:
                digest = hashlib.blake2b(shapely.to_wkb(shapely.normalize(shapes[i])), digest_size=8)
                ids[i] = f"{table.prefix}-{digest.hexdigest()}"
        work.say("info", "id_by_shape")
        return
    columns = table.model.__table__.columns
    stored: list[dict[tuple[Any, ...], list[str]]] = []
    for natural in table.natural:
        found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        statement = select(columns["id"], *(columns[name] for name in natural))
        if table.owned:
            statement = statement.where(columns["provenance"] == PROVENANCE)
        for row in session.execute(statement):
            if row[1] is not None:
                found[_natural(row[1:])].append(row[0])
        stored.append(found)
    if "id" not in work.by_field:
        work.say("info", "id_given")
    taken = {key for known in stored for keys in known.values() for key in keys}
    blank = _same_name_elsewhere(work, ids, blank, taken)
    for i in blank:
        for natural, known in zip(table.natural, stored, strict=True):
            parts = tuple(work.values[name][i] if name in work.values else None for name in natural)
            if parts[0] is None:
                continue
            same = known.get(_natural(parts), [])
            if not same and len(natural) > 1 and parts[1] is None:  # the file does not say the zone
                same = [key for parts_, keys in known.items() if parts_[0] == plain(str(parts[0])) for key in keys]
            if len(same) > 1:
                work.drop(
                    i, "ambiguous_reference", natural[0], parts[0], what=table.zh, value=parts[0], count=len(same)
                )
                break
            if same:
                ids[i] = same[0]
                break
        if ids[i] is None and i not in work.errors:
            for natural in table.natural:
                parts = tuple(work.values[name][i] if name in work.values else None for name in natural)
                if parts[0] is not None:
                    ids[i] = f"{table.prefix}-{_key_hash(*parts)}"
                    break


def _same_name_elsewhere(work: _Work, ids: list[Any], blank: list[int], taken: set[str]) -> list[int]:
    """Branches of one name at several places are several records: they are told apart by place. Returns the other rows."""
    table = work.table
    if not {"lon", "lat", "name_zh"} <= work.values.keys() or table.natural[-1] != ("name_zh",):
        return blank
    lon, lat, names_zh = work.values["lon"], work.values["lat"], work.values["name_zh"]
    places: dict[str, set[tuple[float, float]]] = defaultdict(set)
    for i in blank:
        if names_zh[i] is not None and lon[i] is not None and lat[i] is not None:
            places[plain(names_zh[i])].add((round(lon[i], 4), round(lat[i], 4)))
    left = []
    for i in blank:
        name = names_zh[i]
        key = None
        if name is not None and lon[i] is not None and lat[i] is not None:
            key = f"{table.prefix}-{_key_hash(name, f'{lon[i]:.4f}', f'{lat[i]:.4f}')}"
        if key is not None and (len(places[plain(name)]) > 1 or key in taken):
            ids[i] = key
            if key not in taken:
                work.say("warning", "same_name", i, "name_zh", name, count=len(places[plain(name)]))
        else:
            left.append(i)
    return left


def _natural(parts: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(None if part is None else plain(str(part)) for part in parts)


def _required(work: _Work) -> None:
    for entry in work.table.fields:
        wanted = entry.required or (
            entry.name in work.table.key and entry.default is None and not _nullable(work, entry)
        )
        if not wanted or entry.child is not None or (entry.computed and entry.name not in work.values):
            continue
        column = work.values.get(entry.name)
        stand_in = work.fills.get(entry.name)
        for i in range(work.size):
            if i in work.errors or (stand_in is not None and stand_in[i] is not None):
                continue
            if column is None or column[i] is None:
                work.drop(i, "required", entry.name, "", field=entry.zh)


def _nullable(work: _Work, entry: Field) -> bool:
    return bool(work.table.model.__table__.columns[entry.name].nullable)


def _key(work: _Work, i: int) -> tuple[Any, ...]:
    return tuple(
        work.values[name][i] if name in work.values and work.values[name][i] is not None
        else work.table.by_name[name].default
        for name in work.table.key
    )  # fmt: skip


def _duplicates(work: _Work) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for i in range(work.size):
        if i in work.errors:
            continue
        key = _key(work, i)
        if key not in first:
            first[key] = i
            continue
        other = first[key]
        same = all(_same(column[i], column[other]) for column in work.values.values())
        wide = any(work.table.by_name[c.field].child for c in work.mapping.columns if c.field)
        if (same and not wide) or (same and wide and _cells(work, i) == _cells(work, other)):
            work.say("warning", "duplicate", i, None, key[-1], other=work.sheet.numbers[other])
            work.errors.add(i)
        else:
            work.drop(i, "conflict", None, key[-1], other=work.sheet.numbers[other])


def _cells(work: _Work, i: int) -> list[Any]:
    return [column[i] for column in work.sheet.columns]


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    return bool(a == b)


def _near(session: Session, work: _Work) -> None:
    name = work.table.near
    if not name or name not in work.values:
        return
    columns = work.table.model.__table__.columns
    ids = work.values.get("id") or [None] * work.size
    mine = set(ids)
    existing = [
        (row[0], row[1])
        for row in session.execute(select(columns["id"], columns[name]).where(columns["provenance"] == PROVENANCE))
        if row[0] not in mine
    ]
    said = [(i, work.values[name][i]) for i in range(work.size) if i not in work.errors and work.values[name][i]]
    for i, code, other, text in names.near(said, existing):
        if code == "near_existing":
            work.say("warning", code, i, name, work.values[name][i], name=text, key=other)
        else:
            work.say("warning", code, i, name, work.values[name][i], other=work.sheet.numbers[int(other)], name=text)


def _rows(work: _Work) -> list[tuple[int, Row]]:
    """The rows as columns of the table, only those the file (or its geometry) says something about."""
    names_ = [f.name for f in work.table.columns if f.name in work.values]
    columns = [work.values[name] for name in names_]
    kept = [i for i in range(work.size) if i not in work.errors]
    return [(i, {name: column[i] for name, column in zip(names_, columns, strict=True)}) for i in kept]


def _clears(work: _Work) -> dict[int, tuple[str, ...]]:
    """By row number the columns whose cell is blank; not those a row cannot be without, nor what it is known by."""
    kept = {*work.table.key, *(name for natural in work.table.natural for name in natural), "datum", "lon", "lat"}
    found: dict[int, list[str]] = defaultdict(list)
    for h, cells in zip(work.sheet.headings, work.sheet.columns, strict=True):
        column = next((c for c in work.mapping.columns if c.position == h.position and c.field), None)
        entry = work.table.by_name[column.field] if column is not None and column.field else None
        if entry is None or entry.child is not None or entry.required or entry.kind == "geometry" or entry.name in kept:
            continue
        if entry.kind != "list" and not _nullable(work, entry):
            continue
        for i, cell in enumerate(cells):
            if i not in work.errors and is_blank(cell):
                found[work.sheet.numbers[i]].append(entry.name)
    return {number: tuple(names_) for number, names_ in found.items()}


# --- shorthand columns -----------------------------------------------------------------------------------------------


def _children(session: Session, work: _Work, resolver: Resolver, watch: Watch) -> dict[str, list[tuple[int, Row]]]:
    """Rows of other tables that shorthand columns stand for: dates of stages, plans of years, figures of months."""
    found: dict[str, dict[tuple[Any, ...], tuple[int, Row]]] = defaultdict(dict)
    cells_of = {h.position: cells for h, cells in zip(work.sheet.headings, work.sheet.columns, strict=True)}
    ids = work.values.get("id")
    told: set[int] = set()
    for column in work.mapping.columns:
        entry = work.table.by_name[column.field] if column.field else None
        if entry is None or entry.child is None or ids is None:
            continue
        watch.step("check", 0, work.size)
        keys = _period_keys(work, column, entry)
        if keys is None:
            continue
        child = TABLES[entry.child.table]
        target = child.by_name[entry.child.column]
        read = reader(target, column.unit, None, work.mapping.year)
        for i, cell in enumerate(cells_of[column.position]):
            if i in work.errors or is_blank(cell):
                continue
            row_number = work.sheet.numbers[i]
            shown = str(cell)[:200]
            try:
                value, note = read(cell)
            except Refused as refused:
                work.findings.append(
                    Finding("refused", refused.code, row_number, column.position, column.heading, shown, refused.values)
                )
                continue
            if note is not None:
                work.findings.append(
                    Finding("changed", note[0], row_number, column.position, column.heading, shown, note[1])
                )
            if value is None:
                continue
            told.add(i)
            key = (ids[i], *keys.values())
            row = found[child.id].setdefault(key, (row_number, {"project_id": ids[i], **keys}))[1]
            row[target.name] = value
    _order_of_dates(work, found.get("milestones", {}))
    _without_stage(session, work, found.get("milestones", {}))
    return {table_id: list(rows.values()) for table_id, rows in found.items()}


def _period_keys(work: _Work, column: Column, entry: Field) -> Row | None:
    child = entry.child
    if child is None or not child.per:
        return dict(child.keys) if child else None
    year = column.year or work.mapping.year
    if year is None:
        work.findings.append(Finding("warning", "no_year", None, column.position, column.heading))
        return None
    if child.per == "year":
        return {"year": year}
    return {"period": f"{year:04d}-{column.month:02d}"}


def _order_of_dates(work: _Work, stones: dict[tuple[Any, ...], tuple[int, Row]]) -> None:
    by_project: dict[str, list[tuple[int, date, int]]] = defaultdict(list)
    for number, row in stones.values():
        if row.get("done_on") is not None:
            by_project[row["project_id"]].append((row["stage"], row["done_on"], number))
    names_ = {f.child.keys["stage"]: f.zh for f in work.table.fields
              if f.child and f.child.table == "milestones" and f.child.column == "done_on"}  # fmt: skip
    for done in by_project.values():
        done.sort(key=lambda item: item[0])
        for (stage, day, number), (later, after, _n) in pairwise(done):
            if day > after:
                values = {"first": names_.get(stage, stage), "second": names_.get(later, later)}
                work.findings.append(Finding("warning", "dates_order", number, None, "", f"{day} > {after}", values))


def _without_stage(session: Session, work: _Work, stones: dict[tuple[Any, ...], tuple[int, Row]]) -> None:
    """A stage follows from dated milestones: projects that have none are stored and not shown, which is said once."""
    if work.table.id not in ("projects", "leads"):
        return
    have = {row["project_id"] for _n, row in stones.values()}
    have |= set(
        session.scalars(
            select(m.Milestone.project_id)
            .join(m.Project, m.Project.id == m.Milestone.project_id)
            .where(m.Project.provenance == PROVENANCE)
            .distinct()
        )
    )
    stages = work.values.get("published_stage") or [None] * work.size
    ids = work.values["id"]
    count = sum(1 for i in range(work.size) if i not in work.errors and ids[i] not in have and stages[i] is None)
    if count:
        work.say("warning", "no_stage", count=count)
