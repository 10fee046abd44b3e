"""One conductor: page and command line come to the same, and once the rows are in nothing says that they are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from callbacks.import_job import CHECKED, DONE, STATE, new_job
from data import models as m
from data.imports.told import Asked, State, Step, Target, Told
from settings import ROOT, Settings
from tests.integration.imports.test_command import run as command
from tests.support.importing import csv_file
from views.pages import data as page

TEXT = "项目名称,所属片区,总投资（亿元）,签约时间,备注栏\n甲项目,SMKX,１.5,2025年3月,a\n乙项目,SMKX,abc,2025-04-01,b\n,SMKX,2,,c\n合计,,3.5,,\n"
NOTHING = Told(1, 0, 0, 0, {"projects": (1, 0)}, {}, (), False, 7, None)


class Desk:
    """A job on a database of its own, its steps in processes of their own as the page starts them."""

    def __init__(self, var: Path, url: str, file: Path, asked: Asked) -> None:
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")}
        self.environment |= {"ATLAS_VAR_DIR": str(var), "ATLAS_DATABASE_URL": url}
        self.job = new_job(Settings(var_dir=var), asked, file.stat().st_size)
        self.job.file.write_bytes(file.read_bytes())

    def step(self, step: Step) -> State:
        subprocess.run(
            [sys.executable, "-m", "callbacks.import_job", str(self.job.folder), step],
            cwd=ROOT, env=self.environment, capture_output=True, timeout=240,
        )  # fmt: skip
        return self.job.state()


def listed(report: Path) -> list[tuple[Any, ...]]:
    """The findings of a report: row, column, value, kind and text."""
    sheet = openpyxl.load_workbook(report).worksheets[0]
    return [row[2:] for row in sheet.iter_rows(min_row=2, values_only=True)]


def projects(engine: Engine) -> list[tuple[Any, ...]]:
    with Session(engine) as session:
        query = select(m.Project.name_zh, m.Project.zone_code, m.Project.total_investment_wan, m.Project.note)
        return [tuple(row) for row in session.execute(query.where(m.Project.provenance == "official"))]


def said_by(state: State) -> str:
    """What the page says of a state, as text."""
    return str(page.progress(state, "x"))


def test_page_and_command_line_find_the_same_and_write_the_same(
    own: Engine, own_var: Path, own_url: str, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, TEXT)
    desk = Desk(own_var, own_url, path, Asked(name=path.name, columns={"备注栏": Target("note")}, of="projects"))
    assert (desk.step("look").state, desk.job.looked and desk.job.looked.mapping.table) == ("done", "projects")
    assert desk.step("check").state == "done"
    checked = desk.job.read(CHECKED)
    assert checked is not None
    assert (checked.new, checked.refused, checked.batch) == (4, 1, None)  # two projects, a milestone of each
    assert projects(own) == []

    options = ("--table", "projects", "--map", "备注栏=note", "--report", str(tmp_path / "dry.xlsx"), "--dry-run")
    dry = command(own_var, own_url, "import", str(path), *options)
    assert "dry run, nothing written: 4 new, 0 changed, 0 the same, 1 left out" in dry.stdout
    assert [row[:4] for row in listed(tmp_path / "dry.xlsx")] == [row[:4] for row in listed(desk.job.report)]

    assert desk.step("commit").state == "done"
    done = desk.job.read(DONE)
    assert done is not None
    assert (done.new, done.batch, done.counts, done.findings) == (4, 1, checked.counts, checked.findings)
    assert projects(own) == [("甲项目", "SMKX", 15_000, "a"), ("乙项目", "SMKX", None, "b")]

    again = command(own_var, own_url, "import", str(path), "--table", "projects", "--map", "备注栏=note")
    assert "nothing changed: 0 new, 0 changed, 4 the same, 1 left out; this file was batch 1" in again.stdout


def test_rows_that_are_in_stay_in_and_it_is_said_when_the_report_cannot_be_written(
    own: Engine, own_var: Path, own_url: str, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, TEXT)
    desk = Desk(own_var, own_url, path, Asked(name=path.name))
    (desk.job.folder / "report.xlsx").mkdir()  # in the way
    state = desk.step("commit")

    assert (state.step, state.state, state.code) == ("commit", "done", "")
    done = desk.job.read(DONE)
    assert done is not None
    assert done.batch == 1
    assert len(projects(own)) == 2
    assert "报告没有写成,数据不受影响" in said_by(state)
    assert "没有导入" not in said_by(state)


def test_tiles_that_cannot_be_built_take_nothing_back(own: Engine, own_var: Path, own_url: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path, TEXT)
    (own_var / "tiles").write_text("in the way")
    desk = Desk(own_var, own_url, path, Asked(name=path.name))
    state = desk.step("commit")

    assert (state.state, state.code, len(projects(own))) == ("done", None, 2)
    assert desk.job.read(DONE) is not None
    assert said_by(state) == "None"
    assert listed(desk.job.report) != []
    undo = Desk(own_var, own_url, path, Asked(batch=1))
    assert (undo.step("undo").state, projects(own)) == ("done", [])


@pytest.mark.parametrize(
    ("step", "done", "state", "words"),
    [
        ("commit", NOTHING, "done", "报告没有写成,数据不受影响"),
        ("commit", None, "lost", "处理进程已中断;是否写入以下方批次列表为准"),
        ("undo", None, "lost", "处理进程已中断;是否写入以下方批次列表为准"),
        ("check", None, "lost", "处理进程已中断,数据库未改动;请重试"),
    ],
)
def test_a_process_that_died_says_no_more_than_is_known(
    tmp_path: Path, step: Step, done: Told | None, state: str, words: str
) -> None:
    job = new_job(Settings(var_dir=tmp_path), Asked(name="a.csv"))
    if done is not None:
        job.write(DONE, done)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    job.write(STATE, State(step, "running", dead.pid))

    assert job.state().state == state
    assert words in said_by(job.state())


def test_a_folder_of_another_version_of_the_program_is_no_error(tmp_path: Path) -> None:
    job = new_job(Settings(var_dir=tmp_path), Asked(name="a.csv"))
    (job.folder / "looked.json").write_text('{"sheets": [{"name": "a", "rows": 1}]}')
    assert job.looked is None


def test_a_report_that_the_command_cannot_write_is_one_line_after_the_batch(
    own: Engine, own_var: Path, own_url: str, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, TEXT)
    told = command(own_var, own_url, "import", str(path), "--report", str(tmp_path / "no" / "r.xlsx"))

    assert "batch 1: 4 new" in told.stdout
    assert told.returncode == 1
    assert told.stderr.strip().endswith("r.xlsx: No such file or directory")
    assert told.stderr.startswith("The report could not be written to ")
    assert told.stderr.count("\n") == 1
    with Session(own) as session:
        assert session.scalar(select(func.count()).select_from(m.ImportBatch)) == 1
    assert len(list((own_var / "tiles").glob("*/manifest.json"))) == 1
