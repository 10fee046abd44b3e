"""Two processes that change the data at once: each gets a data version of its own, and the newest tiles hold what both wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from select import select as select_nothing

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data import models as m
from data import store
from data.db import make_engine, write_session
from settings import ROOT, Settings
from tests.support.databases import is_server

ROWS = 150
Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def command(own_url: str, own_var: Path) -> Run:
    """Starts ``python …`` on the test's own database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
    environment = kept | {"ATLAS_VAR_DIR": str(own_var), "ATLAS_DATABASE_URL": own_url, "PYTHONPATH": str(ROOT)}

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def ended(*processes: subprocess.Popen[str]) -> list[str]:
    """What each said; all have to end well."""
    said = [process.communicate(timeout=240)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), "\n".join(said)
    return said


def said_until(words: str, process: subprocess.Popen[str]) -> None:
    """Read what a process says up to these words, which may stand in a line that it has not ended."""
    assert process.stdout is not None
    said = ""
    while words not in said:
        letter = process.stdout.read(1)
        assert letter, said
        said += letter


def answer(process: subprocess.Popen[str]) -> None:
    """Let a process go on that waits for a line."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def quiet(*processes: subprocess.Popen[str]) -> None:
    """Return when each has ended or has used no time of a processor for a second: it waits for somebody."""
    for process in processes:
        used: list[int] = []
        while process.poll() is None and (len(used) < 10 or used[-1] > used[-10]):
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            used.append(int(fields[11]) + int(fields[12]))
            select_nothing([], [], [], 0.1)


def file_of(folder: Path, name: str) -> str:
    lines = [f"{name}{i},{name}项目{i}号,CDKXC,{i + 1},2025-03-01,{104.05 + i / 10_000:.5f},30.40" for i in range(ROWS)]
    path = folder / f"{name}.csv"
    path.write_text(
        "项目编号,项目名称,所属片区,总投资(万元),签约日期,经度,纬度\n" + "\n".join(lines) + "\n", encoding="utf-8"
    )
    return str(path)


def version_of(engine: Engine) -> int:
    with Session(engine) as session:
        return int(session.get_one(m.Meta, "data_version").value)


def batch_versions(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return list(session.scalars(select(m.ImportBatch.data_version).order_by(m.ImportBatch.data_version)))


def on_the_map(var: Path, engine: Engine) -> int:
    """Projects of the owner in the tiles of the newest version."""
    manifest = json.loads((var / "tiles" / str(version_of(engine)) / "manifest.json").read_text(encoding="utf-8"))
    found: int = manifest["archives"]["projects-official"].get("project", 0)
    return found


def test_two_imports_at_once_and_then_two_undos(own: Engine, own_var: Path, command: Run, tmp_path: Path) -> None:
    before = version_of(own)
    files = [file_of(tmp_path, name) for name in ("A", "B")]

    ended(*(command("cli.py", "import", file) for file in files))

    assert batch_versions(own) == [before + 1, before + 2]
    assert version_of(own) == before + 2
    assert on_the_map(own_var, own) == 2 * ROWS

    with Session(own) as session:
        numbers = list(session.scalars(select(m.ImportBatch.id)))
    ended(*(command("cli.py", "import-undo", str(number)) for number in numbers))

    assert version_of(own) == before + 4
    assert on_the_map(own_var, own) == 0


def test_an_import_and_a_scheme_at_once(own: Engine, own_var: Path, command: Run, tmp_path: Path) -> None:
    before = version_of(own)
    scheme = (
        "cli.py",
        "new-scheme",
        "shenzhen",
        "--name",
        "深圳",
        "--adcode",
        "440300",
        "--core",
        "440305",
        "--no-ask",
    )

    ended(command(*scheme), command("cli.py", "import", file_of(tmp_path, "A")))

    assert version_of(own) == before + 2
    assert on_the_map(own_var, own) == ROWS
    with Session(own) as session:
        assert session.get(m.ZoneScheme, "shenzhen") is not None

    ended(command("cli.py", "remove-scheme", "shenzhen"), command("cli.py", "import", file_of(tmp_path, "B")))

    assert version_of(own) == before + 4
    assert on_the_map(own_var, own) == 2 * ROWS


def test_two_first_fillings_at_once_fill_once(empty_settings: Settings, tmp_path: Path) -> None:
    """On PostgreSQL; a file is built beside and renamed."""
    if not is_server(empty_settings.sqlalchemy_url):
        pytest.skip("two fillings of one file are two files, and the later rename wins")
    code = "from data import store; from settings import get_settings; from tests.conftest import SMALL;" \
        "store.init(get_settings(), lambda *_: None, scale=SMALL)"  # fmt: skip
    environment = os.environ | {
        "ATLAS_VAR_DIR": str(tmp_path),
        "ATLAS_DATABASE_URL": empty_settings.sqlalchemy_url,
        "PYTHONPATH": str(ROOT),
    }
    both = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment) for _ in range(2)]
    assert [process.wait(240) for process in both] == [0, 0]
    store.check(empty_settings)


def test_an_import_during_a_forced_init_is_kept(
    own: Engine, own_url: str, own_var: Path, command: Run, tmp_path: Path
) -> None:
    if is_server(own_url):
        pytest.skip("a complete database on a server is not filled again")
    before = version_of(own)
    force = command(
        "-c",
        "from data import store; from settings import get_settings; from tests.conftest import SMALL;"
        "store.init(get_settings(), lambda what, _part: input(what) if 'published facts' in what else None, scale=SMALL)",
    )
    said_until("published facts", force)  # it has begun to write, and waits for us
    bring = command("cli.py", "import", file_of(tmp_path, "A"))
    said_until("into projects", bring)
    quiet(bring, force)
    answer(force)

    ended(bring, force)

    fresh = make_engine(own_url)
    with Session(fresh) as session:
        query = select(func.count()).where(m.Project.id.startswith("A"), m.Project.provenance == "official")
        assert session.scalar(query) == ROWS
    assert version_of(fresh) > before + 1
    assert on_the_map(own_var, fresh) == ROWS
    fresh.dispose()


def test_an_import_during_a_change_of_the_schemes_gets_the_next_version(
    own: Engine, own_var: Path, command: Run, tmp_path: Path
) -> None:
    before = version_of(own)
    change = command(
        "-c",
        "from commands.schemes import _changing; from settings import get_settings; from data import models as m\n"
        "with _changing(get_settings()) as session:\n"
        "    session.get(m.ZoneScheme, 'wcsc').note = 'another'; session.flush(); input('changed')",
    )
    said_until("changed", change)
    bring = command("cli.py", "import", file_of(tmp_path, "A"))
    said_until("into projects", bring)
    quiet(bring)  # it waits for the lock
    answer(change)

    ended(bring, change)

    assert batch_versions(own) == [before + 2]
    assert version_of(own) == before + 2
    assert on_the_map(own_var, own) == ROWS


def test_who_writes_has_the_lock_before_reading(own: Engine) -> None:
    """A second writer waits where it begins, and then reads what the first has written."""
    read: list[int] = []
    begun = threading.Event()

    def second() -> None:
        begun.set()
        with write_session(own) as session:
            read.append(store.bump_version(session))

    with write_session(own) as session:
        first = int(session.get_one(m.Meta, "data_version").value)
        other = threading.Thread(target=second)
        other.start()
        begun.wait()
        assert store.bump_version(session) == first + 1
    other.join()
    assert read == [first + 2]


def test_a_reader_sees_one_state_however_long_it_reads(own: Engine, own_url: str) -> None:
    if is_server(own_url):
        pytest.skip("READ COMMITTED: each statement reads anew; what must not mix asks for a snapshot (layers.tiles)")
    query = select(m.Meta.value).where(m.Meta.key == "data_version")
    with Session(own) as reader:
        before = reader.scalar(query)
        with write_session(own) as session:
            store.bump_version(session)
        assert reader.scalar(query) == before
    with Session(own) as reader:
        assert reader.scalar(query) != before
