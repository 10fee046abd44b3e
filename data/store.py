"""The database as a whole: building it, checking it, saying when its data changed.

A new embedded database is built in ``atlas.db.building`` beside the final one and renamed when it is complete, so that an
interrupted `init` leaves no half database. PostgreSQL, and an embedded database that may be in use, are filled in one
transaction.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from data.db import make_engine, write_session
from data.demo.scale import DEFAULT, DemoScale
from data.demo.seeds import CUT_MONTH, SEED
from data.migrations import FOLDER, HEAD
from data.models import Base, Meta, ZoneScheme
from settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

#: Called with what is being done and how far it is (0 to 1, None when that cannot be said).
Progress = Callable[[str, float | None], None]

INIT_COMMAND = ".venv/bin/python cli.py init"
UPGRADE_COMMAND = ".venv/bin/alembic upgrade head"
COMPLETE = "complete"
_BUILDING_SUFFIX = ".building"
_SIDE_FILES = ("", "-wal", "-shm", "-journal")


class DatabaseProblem(RuntimeError):
    """The database cannot be used. `message` is one line that says why, `command` is what to type to mend it.

    `missing` is True when there is nothing yet, so that building it can lose nothing.
    """

    def __init__(self, message: str, command: str, missing: bool = False) -> None:
        super().__init__(f"{message} Mend it with: {command}")
        self.message = message
        self.command = command
        self.missing = missing


def init(
    settings: Settings,
    progress: Progress,
    schemes: Sequence[str] | None = None,
    scale: DemoScale | None = None,
) -> None:
    """Build the database: tables, reference data, demo and published records, everything derived.

    `schemes` limits the zone schemes (None: all shipped), `scale` the demo data (None: its default size). A usable
    embedded database is filled anew in one transaction, so that whoever reads it meanwhile sees the old one and whoever
    writes waits; one that is not usable is replaced in the moment the new one is complete. A complete PostgreSQL database
    is left alone; rows that an unfinished attempt left in one are removed first.
    """
    path = _sqlite_path(settings)
    if path is None:
        _init_server(settings, progress, schemes, scale)
        return
    try:
        check(settings)
    except DatabaseProblem:
        _init_file(settings, path, progress, schemes, scale)
    else:
        _refill_file(settings, progress, schemes, scale)


def check(settings: Settings) -> None:
    """Raise `DatabaseProblem` unless the database is there, of the program's schema, and completely filled."""
    path = _sqlite_path(settings)
    where = str(path) if path is not None else make_url(settings.sqlalchemy_url).render_as_string(hide_password=True)
    if path is not None and not path.is_file():
        raise DatabaseProblem(f"There is no database at {where}.", INIT_COMMAND, missing=True)
    engine = make_engine(settings.sqlalchemy_url)
    try:
        with engine.connect() as connection:
            _check(connection, where)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        if path is not None:
            raise damaged(path, reason) from error
        mend = "check ATLAS_DATABASE_URL and that the server runs"
        raise DatabaseProblem(f"The database {where} does not answer ({reason}).", mend) from error
    finally:
        engine.dispose()


def damaged(path: Path, reason: str) -> DatabaseProblem:
    """What to say of an embedded database that SQLite cannot read: nothing is overwritten."""
    mend = f"mv '{path}' '{path}.broken' && {INIT_COMMAND}"
    return DatabaseProblem(f"{path} is not a readable database ({reason}).", mend)


def ensure(settings: Settings, progress: Progress) -> None:
    """Check the database and build it only when there is none yet; any other `DatabaseProblem` is raised."""
    try:
        check(settings)
    except DatabaseProblem as problem:
        if not problem.missing:
            raise
        init(settings, progress)


#: Key in `meta` of the data version at which anything but the owner's records changed last.
SHARED_VERSION = "shared_version"


def bump_version(session: Session, *, own_only: bool = False) -> int:
    """Raise `meta.data_version` in the caller's `write_session`; returns the new version. Tiles and caches follow it.

    Two changes never get one version, because a `write_session` has the write lock before it reads the version. `own_only`:
    nothing but records of the owner's data set changes, so that the tiles of all else may be kept.
    Raises LookupError when the database was never filled.
    """
    row = session.get(Meta, "data_version", with_for_update=True)
    if row is None:
        raise LookupError("meta.data_version is not set: the database was not filled by `store.init`")
    version = int(row.value) + 1
    row.value = str(version)
    if not own_only or session.get(Meta, SHARED_VERSION) is None:
        session.merge(Meta(key=SHARED_VERSION, value=str(version)))
    session.flush()
    return version


def upgrade(connection: Connection) -> None:
    """Bring the schema of a database to the program's own, inside the caller's transaction."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def _sqlite_path(settings: Settings) -> Path | None:
    """File of the embedded database, None on a server. Raises ValueError for one that is only in memory."""
    url = make_url(settings.sqlalchemy_url)
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise ValueError("ATLAS_DATABASE_URL names a database in memory; it has to be a file")
    return Path(url.database)


def _revision(connection: Connection) -> str | None:
    """Revision of the schema as Alembic stored it; None for a database without it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _check(connection: Connection, where: str) -> None:
    current = _revision(connection)
    if current is None:
        nothing = not inspect(connection).has_table(Meta.__tablename__)
        raise DatabaseProblem(f"The database {where} has no tables of this program.", INIT_COMMAND, missing=nothing)
    if current != HEAD:
        from alembic.script import ScriptDirectory

        if current in {revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()}:
            raise DatabaseProblem(f"The schema of {where} is behind the program ({current}).", UPGRADE_COMMAND)
        raise DatabaseProblem(f"{where} was written by a newer version of the program ({current}).", "git pull")
    state = connection.scalar(select(Meta.value).where(Meta.key == "state"))
    if state != COMPLETE:
        empty = connection.scalar(select(func.count()).select_from(ZoneScheme)) == 0
        raise DatabaseProblem(f"The database {where} is only partly filled.", INIT_COMMAND, missing=empty)


def _init_file(
    settings: Settings, path: Path, progress: Progress, schemes: Sequence[str] | None, scale: DemoScale | None
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(path.name + _BUILDING_SUFFIX)
    _remove(building)
    engine = make_engine(f"sqlite:///{building}", create=True)
    event.listen(engine, "connect", _write_fast)
    try:
        with engine.begin() as connection:
            progress("creating the tables", 0.0)
            upgrade(connection)
        with write_session(engine) as session:
            _fill(session, settings, progress, schemes, scale)
    finally:
        engine.dispose()
    with closing(sqlite3.connect(building)) as plain:  # a checkpoint cannot be made inside a transaction
        plain.execute("ANALYZE")
        plain.commit()
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with building.open("rb+") as stream:
        os.fsync(stream.fileno())
    for suffix in _SIDE_FILES[1:]:
        path.with_name(path.name + suffix).unlink(missing_ok=True)  # of the database that is replaced
    os.replace(building, path)
    progress("the database is ready", 1.0)


def _refill_file(
    settings: Settings, progress: Progress, schemes: Sequence[str] | None, scale: DemoScale | None
) -> None:
    engine = make_engine(settings.sqlalchemy_url)
    event.listen(engine, "connect", _without_references)
    try:
        with write_session(engine) as session:
            before = session.get(Meta, "data_version")
            after = int(before.value) + 1 if before is not None else 0
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(table.delete())
            session.expunge_all()
            _fill(session, settings, progress, schemes, scale, after)
        with write_session(engine) as session:
            session.execute(text("ANALYZE"))
    finally:
        engine.dispose()
    progress("the database is ready", 1.0)


def _without_references(connection: Any, _record: Any) -> None:
    """No looking for who refers to a row: all rows go, and what is written in their place is the same as in a new file."""
    connection.execute("PRAGMA foreign_keys=OFF")


def _write_fast(connection: Any, _record: Any) -> None:
    """No waiting for the disk while building: before the rename there is nothing to lose."""
    connection.execute("PRAGMA synchronous=OFF")


def _remove(path: Path) -> None:
    for suffix in _SIDE_FILES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _init_server(
    settings: Settings, progress: Progress, schemes: Sequence[str] | None, scale: DemoScale | None
) -> None:
    engine = make_engine(settings.sqlalchemy_url)
    try:
        progress("creating the tables", 0.0)
        with write_session(engine) as session:
            upgrade(session.connection())
        with write_session(engine) as session:
            if session.scalar(select(Meta.value).where(Meta.key == "state")) == COMPLETE:
                progress("the database is complete already", 1.0)
                return
            _empty(session)
            _fill(session, settings, progress, schemes, scale)
        _analyze(engine)
    finally:
        engine.dispose()
    progress("the database is ready", 1.0)


def _empty(session: Session) -> None:
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def _analyze(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _fill(
    session: Session,
    settings: Settings,
    progress: Progress,
    schemes: Sequence[str] | None,
    scale: DemoScale | None,
    version: int = 0,
) -> None:
    """Fill empty tables; `version` is the least that the data version may be."""
    # Only building needs these: a server that starts on a complete database must not wait for their geometry libraries.
    from data import demo
    from data.derive.run import derive_all
    from data.load import load_reference
    from data.published import load_published

    progress("loading boundaries, zones, codes and chains", 0.02)
    load_reference(session, settings.boundary_source, tuple(schemes) if schemes is not None else None)
    revision = _revision(session.connection())
    # The version starts at the time of building: a database built anew must not meet the tiles of the one before.
    version = max(int(time.time()), version)
    values: dict[str, Any] = {
        "cut_month": CUT_MONTH,
        "seed": SEED,
        "schema": revision,
        "data_version": version,
        SHARED_VERSION: version,
    }
    for key, value in values.items():
        session.merge(Meta(key=key, value=str(value)))
    session.flush()
    progress("loading the published facts", 0.08)
    load_published(session)
    progress("making the demo data", 0.12)
    demo.generate(
        session,
        scheme_ids=list(schemes) if schemes is not None else None,
        scale=scale or DEFAULT,
        progress=lambda message: progress(f"demo data: {message}", None),
    )
    session.flush()
    progress("deriving months, lights, kinds and KPI values", 0.72)
    derive_all(session, "demo")
    progress("deriving the published data set", 0.95)
    derive_all(session, "published")
    session.merge(Meta(key="state", value=COMPLETE))
