"""The commands: what they print, what they refuse in one line, and that tiles follow the data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from settings import ROOT
from tests.support.importing import csv_file


def run(var: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`cli.py` with these arguments on a database, its tiles in `var`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
    return subprocess.run(
        [sys.executable, "cli.py", *arguments],
        cwd=ROOT, env=kept | {"ATLAS_VAR_DIR": str(var), "ATLAS_DATABASE_URL": url}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_file_that_cannot_be_read_is_one_line(own_var: Path, own_url: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"not a workbook")
    told = run(own_var, own_url, "import", str(tmp_path / "a.xlsx"))

    assert told.returncode == 1
    assert told.stderr.strip().startswith("The extension says .xlsx")
    assert told.stderr.count("\n") == 1


def test_a_dry_run_says_what_would_change_and_keeps_the_mapping(own_var: Path, own_url: str, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "工程,总投资（亿元）\n甲,1\n乙,x\n")
    arguments = (
        "--table",
        "projects",
        "--map",
        "工程=name_zh",
        "--write-mapping",
        str(tmp_path / "m.yaml"),
        "--dry-run",
    )
    told = run(own_var, own_url, "import", str(path), *arguments)

    assert told.returncode == 0
    assert "工程 -> name_zh 1.00" in told.stdout
    assert "refused: row 3 总投资（亿元） 'x' Not a number; the cell was not imported." in told.stdout
    assert told.stdout.splitlines()[-1].startswith("dry run, nothing written: 2 new, 0 changed, 0 the same, 0 left out")
    again = run(own_var, own_url, "import", str(path), "--mapping", str(tmp_path / "m.yaml"), "--dry-run")
    assert again.stdout.splitlines()[-1] == told.stdout.splitlines()[-1]


def test_an_import_brings_the_tiles_with_it(own_var: Path, own_url: str, tmp_path: Path) -> None:
    square = "POLYGON((104.08 30.4,104.082 30.4,104.082 30.402,104.08 30.402,104.08 30.4))"
    path = csv_file(tmp_path, f'图斑编号,现状用地代码,范围\nT1,0802,"{square}"\n')
    arguments = ("--table", "parcels", "--set", "landuse_scheme=YDYH2023", "--report", str(tmp_path / "report.xlsx"))
    told = run(own_var, own_url, "import", str(path), *arguments)

    assert told.returncode == 0, told.stderr
    assert "batch 1: 1 new, 0 changed, 0 the same, 0 left out (parcels +1 ~0)" in told.stdout
    assert (tmp_path / "report.xlsx").stat().st_size > 1000
    versions = [p for p in (own_var / "tiles").iterdir() if p.name.isdecimal()]
    manifest = json.loads((versions[0] / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["archives"]["land-official"] == {"parcel": 1}
    assert "committed" in run(own_var, own_url, "imports").stdout
