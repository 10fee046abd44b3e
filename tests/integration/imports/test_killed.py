"""A process that dies in the middle of an import, at twenty moments: the database has all of the batch or none of it."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from data import models as m
from data.db import make_engine
from data.imports.commit import commit
from data.imports.problem import Watch
from tests.support.databases import is_server
from tests.support.importing import checked

FORK = multiprocessing.get_context("fork")  # the libraries are loaded already: a death costs no start
ROWS = 300
KILLS = 20


def bring(url: str, path: Path, note: str, ready: Connection) -> None:
    """In a process of its own: read the file, say so, commit it with this note on every row."""
    engine = make_engine(url)
    with Session(engine) as session:
        result = checked(session, path, "projects", note=note)
    ready.send("ready")
    commit(engine, result, Watch())
    ready.send("done")


def start(url: str, path: Path, note: str) -> tuple[ForkProcess, Connection]:
    """A process that has read the file and is about to write."""
    here, there = FORK.Pipe()
    process = FORK.Process(target=bring, args=(url, path, note, there))
    process.start()
    assert here.recv() == "ready"
    return process, here


def state(url: str) -> dict[str, Any]:
    """What an import changes: rows, their notes, what follows from them, batches, changes, version."""
    mine = select(m.Project.id).where(m.Project.provenance == "official")
    queries = {
        "notes": select(func.max(m.Project.note)).where(m.Project.provenance == "official"),
        "other notes": select(func.min(m.Project.note)).where(m.Project.provenance == "official"),
        "projects": select(func.count()).select_from(mine.subquery()),
        "milestones": select(func.count()).select_from(m.Milestone).where(m.Milestone.project_id.in_(mine)),
        "months": select(func.count()).select_from(m.ProjectMonth).where(m.ProjectMonth.project_id.in_(mine)),
        "search": select(func.count()).select_from(m.SearchEntry).where(m.SearchEntry.provenance == "official"),
        "batches": select(func.count()).select_from(m.ImportBatch),
        "changes": select(func.count()).select_from(m.ImportChange),
        "version": select(m.Meta.value).where(m.Meta.key == "data_version"),
    }
    engine = make_engine(url)
    with engine.connect() as connection:
        found = {name: connection.scalar(query) for name, query in queries.items()}
        if not is_server(url):
            found["whole"] = connection.scalar(text("PRAGMA integrity_check"))
    engine.dispose()
    return found


def test_killed_at_twenty_moments(own_url: str, tmp_path: Path) -> None:
    lines = [f"K{i},项目{i}号,CDKXC,{i},2025-03-01" for i in range(ROWS)]
    path = tmp_path / "rows.csv"
    path.write_text("项目编号,项目名称,所属片区,总投资(万元),签约日期\n" + "\n".join(lines) + "\n", encoding="utf-8")
    process, said = start(own_url, path, "first")
    began = time.monotonic()
    assert said.recv() == "done"
    whole = time.monotonic() - began
    process.join()
    now = state(own_url)
    assert now["projects"] == now["milestones"] == ROWS
    assert now["batches"] == 1
    moments = random.Random(4).sample(range(1000), KILLS)
    outcomes = {True: 0, False: 0}
    for number, moment in enumerate(moments):
        process, _said = start(own_url, path, f"note {number}")
        time.sleep(whole * 1.1 * moment / 1000)
        process.kill()
        process.join()
        after = state(own_url)
        changed = after != now
        if changed:  # all of it
            expected = {
                "notes": f"note {number}",
                "other notes": f"note {number}",
                "batches": int(str(now["batches"])) + 1,
                "changes": int(str(now["changes"])) + ROWS,
                "version": str(int(str(now["version"])) + 1),
            }
            assert after == now | expected
        outcomes[changed] += 1
        now = after
    assert outcomes[False] > 0, "every kill came too late to mean anything"
