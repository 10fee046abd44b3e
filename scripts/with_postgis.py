"""Run a command with ``ATLAS_TEST_DATABASE_URL`` set to an empty PostgreSQL + PostGIS database.

A value already set is left alone. Otherwise a private cluster is made in a temporary folder from the PostgreSQL installed
on this machine, reachable by its unix socket only, and thrown away when the command ends. Nothing is installed here.

    .venv/bin/python scripts/with_postgis.py COMMAND [ARGUMENT …]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "ATLAS_TEST_DATABASE_URL"
DATABASE = "atlas_test"
INSTALL = "Type: sudo apt-get install postgresql postgresql-postgis"


class NoPostgis(Exception):
    """PostgreSQL or PostGIS cannot be used here; the message is one line with what to type."""


def server_programs() -> Path:
    """Folder with ``initdb`` and ``pg_ctl``: Debian's newest, else the one on PATH; raises NoPostgis."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise NoPostgis(f"PostgreSQL is not installed. {INSTALL}")


@contextmanager
def throwaway_database() -> Iterator[str]:
    """SQLAlchemy URL of a database with PostGIS in a cluster that lives as long as the block; raises NoPostgis."""
    programs = server_programs()
    # PostgreSQL refuses to run as root; Debian's package brings the account "postgres".
    owner = "postgres" if os.geteuid() == 0 else None
    # In /tmp, since the path of a unix socket must be short.
    with tempfile.TemporaryDirectory(prefix="atlas-pg-", dir="/tmp") as name:
        folder, log = Path(name), Path(name) / "log"
        if owner:
            try:
                shutil.chown(folder, owner)
            except LookupError:
                raise NoPostgis(f"There is no account 'postgres' to run the server as. {INSTALL}") from None

        def run(*command: str | Path, message: str) -> None:
            done = subprocess.run(command, user=owner, group=owner, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                server = log.read_text("utf-8") if log.exists() else ""
                raise NoPostgis(f"{(done.stdout + done.stderr + server).strip()}\n{message}")

        run(
            *(programs / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C"),
            message="The throw-away PostgreSQL cluster could not be created.",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c full_page_writes=off"
        run(
            *(programs / "pg_ctl", "-D", folder / "data", "-l", log, "-o", options, "-w", "start"),
            message="The throw-away PostgreSQL server did not start.",
        )
        try:
            connect = ("-h", folder, "-U", "postgres")
            run(programs / "createdb", *connect, DATABASE, message="The test database could not be created.")
            run(
                *(programs / "psql", *connect, "-d", DATABASE, "-qc", "CREATE EXTENSION postgis"),
                message=f"PostGIS is not installed for this PostgreSQL. {INSTALL}",
            )
            yield f"postgresql+psycopg://postgres@/{DATABASE}?host={folder}"
        finally:
            run(
                *(programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"),
                message="The throw-away PostgreSQL server did not stop.",
            )


def main(command: list[str]) -> int:
    """Exit code of `command`, or 1 with the reason when there is no database to run it on."""
    if os.environ.get(VARIABLE):
        return subprocess.run(command).returncode
    try:
        with throwaway_database() as url:
            print(f"PostgreSQL + PostGIS: a throw-away cluster of {server_programs()}", flush=True)
            return subprocess.run(command, env={**os.environ, VARIABLE: url}).returncode
    except NoPostgis as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
