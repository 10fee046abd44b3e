"""JavaScript stands in assets/, where tsc and eslint read it (make lint), and not in strings of Python."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.prepare import ensure_linters
from settings import ROOT

JS = ROOT / "scripts" / "js"


def registered() -> Iterator[tuple[str, ast.expr]]:
    """Where a clientside callback is bound, and to what."""
    for room in ("callbacks", "views", "layers"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "clientside_callback"
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0]


def test_no_callback_of_the_browser_is_written_inside_python() -> None:
    written = [place for place, what in registered() if not isinstance(what, ast.Call)]

    assert len(list(registered())) == 11
    assert written == []


def test_a_callback_of_the_browser_is_one_that_a_script_offers() -> None:
    offered = set()
    for path in (ROOT / "assets").glob("*.js"):
        script = path.read_text("utf-8")
        for names in re.findall(r"(?:\)\.atlas \|\| \{\}, |const ours = )\{([\w, ]+)\}", script):
            offered |= set(names.split(", "))
    named = {
        argument.value
        for _place, what in registered()
        if isinstance(what, ast.Call)
        for argument in what.args[1:]
        if isinstance(argument, ast.Constant)
    }

    assert named == {
        "askWhere", "chosen", "clickedRow", "closedWhere", "follow", "followed", "linked", "opens", "setControls", "turned",
    }  # fmt: skip
    assert named | {"applySpec", "applyPatch"} == offered


def test_the_lock_of_the_linters_pins_hashes_and_names_no_registry() -> None:
    packages = json.loads((JS / "package-lock.json").read_text("utf-8"))["packages"]

    assert all("resolved" not in package for package in packages.values())
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)
    assert set(packages[""]["devDependencies"].values()) == {
        packages[f"node_modules/{name}"]["version"] for name in packages[""]["devDependencies"]
    }


def test_without_node_it_is_said_what_to_install(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "scripts/prepare.py", "linters"],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert told.returncode == 1
    assert told.stderr == (
        "make lint needs Node.js 18.18 or newer with npm, none found. "
        "Type: sudo apt-get install nodejs npm   (on a Mac: brew install node)\n"
    )


def test_linters_are_installed_again_only_when_their_lock_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "node_modules" / ".installed-package-lock.json").write_text("{}")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name, answer in (("node", "echo v20.1.0"), ("npm", f"echo $1 >>{tmp_path}/asked")):
        (bin_ / name).write_text(f"#!/bin/sh\n{answer}\n")
        (bin_ / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_), prepend=":")

    assert not ensure_linters(tmp_path)
    (tmp_path / "package-lock.json").write_text('{"packages": {}}')
    assert ensure_linters(tmp_path)
    assert not ensure_linters(tmp_path)
    assert (tmp_path / "asked").read_text() == "ci\n"
