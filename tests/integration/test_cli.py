"""What the command line refuses and says, and the preparation of .venv; the whole start is tests/e2e/test_start.py."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.prepare import CannotPrepare, check_python, ensure_packages
from settings import ROOT, Settings


def run(*command: str, var_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `command` with this Python in the project's folder and no settings but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=kept | {"ATLAS_VAR_DIR": str(var_dir)} | environment,
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_one_line_and_nothing_is_built(tmp_path: Path, taken_port: int) -> None:
    told = run("cli.py", "serve", var_dir=tmp_path / "var", ATLAS_PORT=str(taken_port))

    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr.startswith(f"端口 {taken_port} 已被占用 · Port {taken_port} is already in use on 127.0.0.1")
    assert told.stderr.count("\n") == 1
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("command", "variable", "value", "said"),
    [
        (
            "serve",
            "ATLAS_HOST",
            "192.0.2.1",
            "ATLAS_HOST=192.0.2.1 is not a loopback address. There are no accounts yet",
        ),
        ("gunicorn", "ATLAS_HOST", "192.0.2.1", "ATLAS_HOST=192.0.2.1 is not a loopback address."),
        ("serve", "ATLAS_PORT", "many", "ATLAS_PORT=many: "),
        ("serve", "ATLAS_DATABASE_URL", "no url", "ATLAS_DATABASE_URL cannot be used"),
        ("serve", "ATLAS_DATABASE_URL", "sqlite://", "ATLAS_DATABASE_URL cannot be used"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line(
    tmp_path: Path, command: str, variable: str, value: str, said: str
) -> None:
    started = {"serve": ("cli.py", "serve"), "gunicorn": ("-m", "gunicorn", "app:server")}[command]

    told = run(*started, var_dir=tmp_path, **{variable: value})

    assert told.returncode == 1
    assert told.stderr.startswith(said)
    assert told.stderr.count("\n") == 1


def test_a_var_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    told = run("cli.py", "init", var_dir=tmp_path / "file" / "var")

    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert told.stderr.startswith(f"Cannot write below ATLAS_VAR_DIR={tmp_path}/file/var: ")


def test_gunicorn_without_a_database_says_which_command_makes_one(tmp_path: Path) -> None:
    told = run("-m", "gunicorn", "app:server", var_dir=tmp_path, ATLAS_PORT="8050")

    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert "There is no database at" in told.stderr
    assert "cli.py init" in told.stderr


def test_a_damaged_database_is_named_with_what_mends_it_and_is_not_overwritten(tmp_path: Path) -> None:
    damaged = tmp_path / "atlas.db"
    damaged.write_bytes(b"half a database" * 1000)

    for command in (("cli.py", "init"), ("-m", "gunicorn", "app:server")):
        told = run(*command, var_dir=tmp_path)
        assert (told.returncode, told.stderr.count("\n")) == (1, 1)
        assert f"{damaged} is not a readable database" in told.stderr
        assert f"mv '{damaged}' '{damaged}.broken'" in told.stderr

    assert damaged.read_bytes() == b"half a database" * 1000


def test_doctor_prints_one_line_for_each_thing_it_looked_at(tmp_path: Path) -> None:
    told = run("cli.py", "doctor", var_dir=tmp_path)

    assert told.returncode == 1
    assert [line.split()[0] for line in told.stdout.splitlines()] == [
        "database",
        "tiles",
        "address",
        "browser",
        "font",
        "versions",
    ]
    assert "There is no database at" in told.stdout.splitlines()[0]


def test_packages_are_installed_once_and_again_after_a_change_or_a_failure(tmp_path: Path) -> None:
    pins, venv = tmp_path / "requirements.txt", tmp_path / ".venv"

    pins.write_text("# nothing to install\n")
    assert ensure_packages(pins, venv)
    assert not ensure_packages(pins, venv)

    pins.write_text(f"{tmp_path}/not-there.whl\n")
    for _attempt in range(2):
        with pytest.raises(CannotPrepare, match="nothing is lost"):
            ensure_packages(pins, venv)

    pins.write_text("# nothing to install\n")
    assert ensure_packages(pins, venv)


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_a_python_outside_the_supported_range_is_refused_by_name(version: tuple[int, int]) -> None:
    with pytest.raises(CannotPrepare, match=rf"Python 3\.{version[1]} found, but 3\.11, 3\.12 or 3\.13 is needed"):
        check_python(version)


def test_the_operations_page_lists_exactly_the_settings() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8").split("## Settings")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(ATLAS_[A-Z_]+)` \| (.+?) \|", page, flags=re.MULTILINE)
    shown = {"": "empty", str(ROOT / "var"): "`var` in the project's folder"}
    expected = {
        f"ATLAS_{name.upper()}": shown.get(str(field.default), f"`{field.default}`")
        for name, field in Settings.model_fields.items()
    }

    assert len(listed) == len(expected)
    assert dict(listed) == expected
