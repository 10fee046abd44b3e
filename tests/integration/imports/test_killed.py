"""A process that dies in the middle of an import, at twenty moments: the database has all of the batch or none of it."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path

from sqlalchemy.orm import Session

from data.db import make_engine
from data.imports.commit import commit
from data.imports.problem import Watch
from tests.support.importing import checked

FORK = multiprocessing.get_context("fork")  # the libraries are loaded already: a death costs no start
ROWS = 300
KILLS = 20


def bring(file: Path, path: Path, note: str, ready: Connection) -> None:
    """In a process of its own: read the file, say so, commit it with this note on every row."""
    engine = make_engine(f"sqlite:///{file}")
    with Session(engine) as session:
        result = checked(session, path, "projects", note=note)
    ready.send("ready")
    commit(engine, result, Watch())
    ready.send("done")


def start(file: Path, path: Path, note: str) -> tuple[ForkProcess, Connection]:
    """A process that has read the file and is about to write."""
    here, there = FORK.Pipe()
    process = FORK.Process(target=bring, args=(file, path, note, there))
    process.start()
    assert here.recv() == "ready"
    return process, here


def state(path: Path) -> dict[str, object]:
    """What an import changes: rows, their notes, what follows from them, batches, changes, version."""
    queries = {
        "notes": "SELECT group_concat(DISTINCT note) FROM project WHERE provenance = 'official'",
        "projects": "SELECT count(*) FROM project WHERE provenance = 'official'",
        "milestones": "SELECT count(*) FROM milestone m JOIN project p ON p.id = m.project_id WHERE p.provenance = 'official'",
        "months": "SELECT count(*) FROM project_month m JOIN project p ON p.id = m.project_id WHERE p.provenance = 'official'",
        "search": "SELECT count(*) FROM search_entry WHERE provenance = 'official'",
        "batches": "SELECT count(*) FROM import_batch",
        "changes": "SELECT count(*) FROM import_change",
        "version": "SELECT value FROM meta WHERE key = 'data_version'",
        "whole": "PRAGMA integrity_check",
    }
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(sql).fetchone()[0] for name, sql in queries.items()}


def test_killed_at_twenty_moments(own_file: Path, tmp_path: Path) -> None:
    lines = [f"K{i},项目{i}号,CDKXC,{i},2025-03-01" for i in range(ROWS)]
    path = tmp_path / "rows.csv"
    path.write_text("项目编号,项目名称,所属片区,总投资(万元),签约日期\n" + "\n".join(lines) + "\n", encoding="utf-8")
    process, said = start(own_file, path, "first")
    began = time.monotonic()
    assert said.recv() == "done"
    whole = time.monotonic() - began
    process.join()
    now = state(own_file)
    assert now["projects"] == now["milestones"] == ROWS
    assert now["batches"] == 1
    moments = random.Random(4).sample(range(1000), KILLS)
    outcomes = {True: 0, False: 0}
    for number, moment in enumerate(moments):
        process, _said = start(own_file, path, f"note {number}")
        time.sleep(whole * 1.1 * moment / 1000)
        process.kill()
        process.join()
        after = state(own_file)
        changed = after != now
        if changed:  # all of it
            expected = {
                "notes": f"note {number}",
                "batches": int(str(now["batches"])) + 1,
                "changes": int(str(now["changes"])) + ROWS,
                "version": str(int(str(now["version"])) + 1),
            }
            assert after == now | expected
        outcomes[changed] += 1
        now = after
    assert outcomes[False] > 0, "every kill came too late to mean anything"
