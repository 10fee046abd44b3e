"""Commands that start the program and keep it startable: ``serve``, ``init``, ``tiles``, ``doctor``."""

from __future__ import annotations

import errno
import http.client
import importlib.metadata
import platform
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import NoReturn

import typer

from commands.console import Refused, building, load_settings, problems_as_refusals
from settings import ROOT, Settings

START_SECONDS = 120  # the application loads in a few seconds; beyond two minutes something is wrong with the machine
STOP_SECONDS = 15  # gunicorn gives requests 10 s to finish (gunicorn.conf.py)
REPORTED = ("dash", "dash-mantine-components", "plotly", "maplibre", "sqlalchemy", "geopandas", "gunicorn")


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for command in (serve, init, tiles, doctor):
        app.command()(command)


def address_of(settings: Settings) -> str:
    """Where a browser on this machine finds the program."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def hold_port(settings: Settings) -> socket.socket:
    """A listening socket on the configured address; raises Refused when another program has it.

    It is taken before anything is built and handed to gunicorn later, so of two starts at once the second knows at once.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            other = settings.port + 1 if settings.port < 65535 else settings.port - 1
            raise Refused(
                f"端口 {settings.port} 已被占用 · Port {settings.port} is already in use on {settings.host}: "
                f"stop the program that has it, or type: ATLAS_PORT={other} make run"
            ) from None
        raise Refused(f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}") from None
    return listener


def looks_ready(settings: Settings) -> bool:
    """Whether the embedded database is complete and its tiles are there, told without loading the storage libraries.

    It only saves a start on a ready database their loading twice: gunicorn.conf.py checks everything again.
    """
    path = settings.var_dir / "atlas.db"
    if settings.database_url or not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            meta = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('state', 'data_version')"))
    except sqlite3.Error:
        return False
    return meta.get("state") == "complete" and (settings.tiles_dir / meta["data_version"] / "manifest.json").is_file()


def wait_until_answering(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    """Return once ``/healthz`` answers 200; raises Refused when `server` ends first or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    last = "no answer"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Refused("服务未能启动 · The server did not start; the lines above say why.")
        connection = http.client.HTTPConnection(settings.host, settings.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            response = connection.getresponse()
            if response.status == http.HTTPStatus.OK:
                return
            last = f"{response.status} {response.read(300).decode('utf-8', 'replace').strip()}"
        except (OSError, http.client.HTTPException) as error:
            last = repr(error)
        finally:
            connection.close()
        time.sleep(0.05)
    raise Refused(f"服务未能启动 · The server did not become healthy within {START_SECONDS} s. /healthz said: {last}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End gunicorn: politely first, for certain after STOP_SECONDS."""
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


class Stopping:
    """Handler of signals while gunicorn serves: ends it. Raising is left to the main line, for an exception that a signal
    raises may fall into some callback that swallows it.
    """

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self.server = server
        self.asked = False

    def __call__(self, _signal: int, _frame: object) -> None:
        """Politely first; for certain when asked again."""
        if self.asked:
            self.server.kill()
        else:
            self.server.terminate()
        self.asked = True


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def serve() -> None:
    """Make sure of the database and the tiles, then serve until Ctrl-C."""
    began = time.monotonic()
    ends = [signal.SIGINT, signal.SIGTERM]  # SIGINT too: a shell starts background jobs with it ignored
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # closing the terminal, unless started with nohup
        ends.append(signal.SIGHUP)
    for number in ends:
        signal.signal(number, _interrupt)
    settings = load_settings()
    with hold_port(settings) as listener:
        if not looks_ready(settings):
            ensure_ready(settings)
        typer.echo("正在启动服务 · Starting the server …")
        gunicorn = (sys.executable, "-m", "gunicorn", "app:server", "-c", "gunicorn.conf.py")
        # A process group of its own: Ctrl-C reaches this process alone, which then stops gunicorn in order.
        server = subprocess.Popen(  # noqa: S603
            [*gunicorn, "--bind", f"fd://{listener.fileno()}"],
            pass_fds=(listener.fileno(),),
            cwd=ROOT,
            process_group=0,
        )
    try:
        wait_until_answering(settings, server)
        stopping = Stopping(server)
        for number in ends:
            signal.signal(number, stopping)
        typer.echo(f"已就绪，用时 {time.monotonic() - began:.1f} 秒；按 Ctrl-C 停止 · Ready; Ctrl-C stops it.")
        typer.echo(address_of(settings))
        sys.stdout.flush()
        code = server.wait()
        if stopping.asked:
            raise KeyboardInterrupt
        if code:
            raise Refused(f"服务意外停止 · The server ended by itself (exit code {code}); the lines above say why.")
    except KeyboardInterrupt:
        typer.echo("\n已停止 · Stopped.")
    finally:
        stop(server)


def ensure_ready(settings: Settings) -> None:
    """Build database and tiles where there are none yet, saying so; raises Refused when one of them is not usable."""
    from data import store
    from layers import tiles

    with problems_as_refusals(), building(settings) as report:
        store.ensure(settings, report)
        try:
            tiles.ensure_tiles()
        except tiles.TileProblem as problem:
            tiles.check_tiles(behind=True)
            typer.echo(f"地图暂为上一版 · The map stays at an older version of the data: {problem}", err=True)


def check_ready() -> None:
    """Raise Refused, with the command that mends it, unless the database is complete and there is a map. Builds nothing."""
    from data import store
    from layers import tiles

    with problems_as_refusals():
        store.check(load_settings())
        tiles.check_tiles(behind=True)


def init(force: bool = typer.Option(False, "--force", help="Build the embedded database again from nothing.")) -> None:
    """Create and fill the database and build the tiles, where that has not been done."""
    from data import store
    from layers import tiles

    settings = load_settings()
    with problems_as_refusals(), building(settings) as report:
        try:
            store.check(settings)
            wanted = force
        except store.DatabaseProblem as problem:
            # Only what `init` is named to mend: a newer or older schema may hold records that nobody wants replaced.
            if not force and problem.command != store.INIT_COMMAND:
                raise
            wanted = True
        if wanted:
            store.init(settings, report)
        tiles.ensure_tiles()
    typer.echo("数据库与切片已就绪 · Database and tiles are ready.")


def tiles() -> None:
    """Build the tiles of the present data version again."""
    from data import store
    from layers.tiles import ensure_tiles

    settings = load_settings()
    with problems_as_refusals(), building(settings):
        store.check(settings)
        ensure_tiles(force=True)


def doctor() -> None:
    """Say whether the program could start here: database, tiles, browser, font, versions."""
    from data import store
    from layers.tiles import check_tiles
    from scripts.prepare import find_browser, has_chinese_font, playwright_browser

    settings = load_settings()
    broken = False
    for name, check in (("database", lambda: store.check(settings)), ("tiles", check_tiles)):
        said = "ok"
        if broken:
            said = "not looked at: they belong to a database"
        else:
            try:
                with problems_as_refusals():
                    check()
            except Refused as refusal:
                broken, said = True, str(refusal)
        typer.echo(f"{name:9} {said}")
    typer.echo(f"{'address':9} {address_of(settings)}")
    typer.echo(f"{'browser':9} {find_browser() or playwright_browser() or 'none; only the tests need one'}")
    typer.echo(
        f"{'font':9} {'Chinese ok' if has_chinese_font() else 'no Chinese font: apt-get install fonts-noto-cjk'}"
    )
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in REPORTED)
    typer.echo(
        f"{'versions':9} Python {platform.python_version()} on {platform.system()} {platform.machine()}; {versions}"
    )
    if broken:
        raise typer.Exit(1)
