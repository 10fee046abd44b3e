"""The program as a person starts it: first start, a second beside it, stop, start again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from settings import ROOT


@dataclass(frozen=True)
class Place:
    """Where one start keeps its files and listens."""

    var_dir: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> subprocess.Popen[str]:
        """`make run` after its packages: `cli.py serve` with this place's settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
        return subprocess.Popen(
            [sys.executable, "cli.py", "serve"],
            cwd=ROOT,
            env=kept | {"ATLAS_VAR_DIR": str(self.var_dir), "ATLAS_PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def files(self) -> dict[str, int]:
        """When each built file was written, by its path."""
        built = [self.var_dir / "atlas.db", *self.var_dir.glob("tiles/*/*.pmtiles")]
        return {str(path): path.stat().st_mtime_ns for path in built}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An empty folder and a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return Place(tmp_path_factory.mktemp("var"), port)


def said_until(address: str, server: subprocess.Popen[str]) -> list[str]:
    """Lines printed up to the address; fails with what was said when the start ended without it."""
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line.strip())
        if lines[-1] == address:
            return lines
    _out, errors = server.communicate()
    pytest.fail("\n".join([*lines, errors]))


def stopped(server: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code and the rest of what `server` prints after Ctrl-C."""
    server.send_signal(signal.SIGINT)
    out, errors = server.communicate(timeout=180)
    return server.returncode, out.strip(), errors


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_first_start_builds_everything_and_the_second_nothing(place: Place) -> None:
    first = place.serve()
    said = said_until(place.address, first)
    try:
        with urllib.request.urlopen(f"{place.address}/healthz", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
        beside = place.serve()
        out, errors = beside.communicate(timeout=180)
        assert (beside.returncode, out) == (1, "")
        assert errors.startswith(f"端口 {place.port} 已被占用 · Port {place.port} is already in use")
        assert errors.count("\n") == 1
    finally:
        ended = stopped(first)
    assert "the database is ready" in said
    assert ended == (0, "已停止 · Stopped.", "")
    assert not listens(place.port)
    built = place.files()
    assert len(built) > 1

    again = place.serve()
    said = said_until(place.address, again)
    ended = stopped(again)

    assert len(said) == 3  # starting, ready, the address
    assert ended == (0, "已停止 · Stopped.", "")
    assert place.files() == built


def test_without_its_tiles_gunicorn_names_the_command_that_builds_them(place: Place) -> None:
    manifest = next(place.var_dir.glob("tiles/*/manifest.json"))
    manifest.unlink()

    told = subprocess.run(
        [sys.executable, "-m", "gunicorn", "app:server"],
        cwd=ROOT,
        env=os.environ | {"ATLAS_VAR_DIR": str(place.var_dir), "ATLAS_PORT": str(place.port)},
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert "are missing" in told.stderr
    assert "cli.py tiles" in told.stderr
