"""Browser tests: the system's Chromium with WebGL in software, and a server on a free port."""

import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dash import Dash
from playwright.sync_api import expect
from werkzeug.serving import make_server

from data import store
from settings import ROOT, Settings
from tests.conftest import SMALL

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """pytest-playwright's launch options, with CHROMIUM_PATH or the Chromium on PATH instead of a downloaded one."""
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")
    return browser_type_launch_args | {"executable_path": path, "args": CHROMIUM_ARGS}


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Dash], str]]:
    """A function that serves a Dash app on a free port until the session ends and returns its address."""
    running = []

    def start(app: Dash) -> str:
        server = make_server("127.0.0.1", 0, app.server, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def atlas(atlas_settings: Settings) -> Iterator[str]:
    """Address of the whole program, served by gunicorn on the tests' filled database with its tiles."""
    with _gunicorn(atlas_settings.var_dir, atlas_settings.database_url, debug="1") as address:
        yield address


@pytest.fixture
def own_atlas(atlas_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Address of the program on an embedded database of its own, for a test that brings data in."""
    var = tmp_path / "var"
    var.mkdir()
    store.init(Settings(var_dir=var, database_url=""), lambda *_: None, scale=SMALL)
    with _gunicorn(var, "") as address:
        yield address


@pytest.fixture
def own_atlas_without_a_role(atlas_settings: Settings, tmp_path: Path) -> Iterator[str]:
    """As `own_atlas`, and the program decides whose view a browser gets that has chosen none."""
    var = tmp_path / "var"
    var.mkdir()
    store.init(Settings(var_dir=var, database_url=""), lambda *_: None, scale=SMALL)
    with _gunicorn(var, "", role="") as address:
        yield address


@contextmanager
def _gunicorn(var_dir: Path, database_url: str, role: str = "leadership", debug: str = "") -> Iterator[str]:
    """The program on a free port. A request without a cookie is of `role`, "" for what the program itself decides.

    `debug` "1" adds the page of all parts.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "ATLAS_VAR_DIR": str(var_dir),
        "ATLAS_DATABASE_URL": database_url,
        "ATLAS_PORT": str(port),
        "ATLAS_WORKERS": "1",
        "ATLAS_ROLE": role,
        "ATLAS_DEBUG": debug or "0",
    }
    subprocess.run(
        [sys.executable, "cli.py", "tiles"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    command = [sys.executable, "-m", "gunicorn", "app:server", "-c", "gunicorn.conf.py"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(process, f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str) -> None:
    """Poll the health address, because a starting process gives no other sign. Raises when it ends or takes a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback address
                if answer.status == 200:
                    return
        except OSError:
            select.select([], [], [], 0.1)
    raise TimeoutError(f"no answer from {url}")


@pytest.fixture(autouse=True)
def patient(request: pytest.FixtureRequest) -> None:
    """Software rendering on two cores is slow: give every expectation room, so that a pass never depends on speed."""
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        page.set_default_timeout(60_000)
        if "atlas" in request.fixturenames:
            page.emulate_media(reduced_motion="reduce")  # no tour: the camera moves only when a test moves it
        expect.set_options(timeout=60_000)
