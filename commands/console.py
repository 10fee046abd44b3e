"""What every command of the program shares: refusing in one line, the settings, one builder at a time with its progress."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from pydantic import ValidationError

from settings import Settings, get_settings

if TYPE_CHECKING:
    from domain.datum import Datum

Progress = Callable[[str, float | None], None]

_STARTED_IN = Path.cwd()  # main() goes to the project's folder; paths on the command line are meant from here


def given(path: Path) -> Path:
    """A path of the command line, from the folder the command was typed in; "~" is the home folder."""
    return _STARTED_IN / path.expanduser()


class Refused(Exception):
    """The command cannot go on; the message is one line that says why and what to type."""


def datum_said(word: str) -> Datum | None:
    """The datum of ``--datum``, None for an empty one; raises Refused naming those there are."""
    from domain.datum import Datum

    known = {datum.value.lower(): datum for datum in (Datum.WGS84, Datum.CGCS2000, Datum.GCJ02, Datum.BD09)}
    said = word.strip().lower().replace("-", "")
    if said and said not in known:
        raise Refused(f"--datum {word}: use one of {', '.join(known)}")
    return known[said] if said else None


def load_settings() -> Settings:
    """The settings of this process; raises Refused naming each variable that cannot be used."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        settings = get_settings()
    except ValidationError as invalid:
        told = []
        for error in invalid.errors():
            own_words = error["msg"].removeprefix("Value error, ")
            name = f"ATLAS_{str(error['loc'][0]).upper()}"
            told.append(own_words if name in own_words else f"{name}={error['input']}: {own_words}")
        raise Refused("\n".join(told)) from None
    try:
        url = make_url(settings.sqlalchemy_url)
        url.get_dialect().import_dbapi()
        if url.get_backend_name() not in ("sqlite", "postgresql") or url.database in (None, "", ":memory:"):
            raise ArgumentError(f"no database that is kept is named by {url.render_as_string()}")
    except (ArgumentError, ImportError) as error:
        raise Refused(
            f"ATLAS_DATABASE_URL cannot be used ({error}). It is empty, sqlite:////absolute/path/atlas.db "
            "or postgresql+psycopg://user:password@host/database"
        ) from None
    return settings


@contextmanager
def building(settings: Settings) -> Iterator[Progress]:
    """One builder at a time per var folder, with a progress display; gives the function that data.store reports to.

    What stops a build for a reason outside the program (rights, disk, a URL without its driver) becomes Refused.
    """
    # Loaded where something is built: a start on a ready database shows no progress.
    from rich.console import Console
    from rich.progress import BarColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    console = Console()
    bar = RichProgress("[progress.description]{task.description}", BarColumn(), TimeElapsedColumn(), console=console)
    task = bar.add_task("", total=1.0, visible=False)
    said: list[str] = []

    def report(what: str, fraction: float | None) -> None:
        if console.is_terminal:
            if not said:
                bar.start()
            bar.update(task, description=what, completed=fraction, visible=True)
        elif said[-1:] != [what]:
            typer.echo(f"  {what}")
        said.append(what)

    try:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        with (settings.var_dir / ".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)  # let go when the file closes, also when this process dies
            yield report
    except OSError as error:
        raise Refused(f"Cannot write below ATLAS_VAR_DIR={settings.var_dir}: {error.strerror or error}") from None
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def problems_as_refusals() -> Iterator[None]:
    """Turn what is wrong with the database or the tiles into the one line that Refused carries."""
    from data.store import DatabaseProblem
    from layers.tiles import TileProblem

    try:
        yield
    except (DatabaseProblem, TileProblem) as problem:
        raise Refused(str(problem)) from None
