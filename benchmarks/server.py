"""The real program under gunicorn on a free loopback port, as ``make run`` starts it, with the comparison pages added."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from settings import ROOT

START_SECONDS = 300  # seconds on a free machine; only a broken server takes longer


@dataclass
class Running:
    """A running server. `peak_mb` is filled when it has stopped: the largest of its processes."""

    host: str
    port: int
    start_seconds: float
    peak_mb: float = 0.0

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://{self.host}:{self.port}"


def environment(var_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of a child that works on `var_dir`; the operator's own settings stay out of the measurement."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
    return own | {"ATLAS_VAR_DIR": str(var_dir)} | settings


@contextmanager
def serving(var_dir: Path, **settings: str) -> Iterator[Running]:
    """Serve `var_dir` while the block runs; raises RuntimeError when the server does not become healthy.

    `settings` are environment variables beside.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    began = time.perf_counter()
    command = (sys.executable, "-m", "gunicorn", "benchmarks.site:server", "-c", "gunicorn.conf.py")
    process = subprocess.Popen(
        [*command, "--bind", f"fd://{listener.fileno()}"],
        pass_fds=(listener.fileno(),),
        cwd=ROOT,
        env=environment(var_dir, **settings),
        process_group=0,
    )
    host, port = listener.getsockname()
    listener.close()
    running = Running(host, port, 0.0)
    try:
        _wait(running, process)
        running.start_seconds = time.perf_counter() - began
        yield running
    finally:
        process.terminate()
        # The resource usage of the master covers its workers; ru_maxrss is that of the largest of them.
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        running.peak_mb = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _wait(running: Running, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended by itself; the lines above say why")
        connection = http.client.HTTPConnection(running.host, running.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass  # not listening yet: asked again until the deadline
        finally:
            connection.close()
        time.sleep(0.02)
    raise RuntimeError(f"the server was not healthy within {START_SECONDS} s")
