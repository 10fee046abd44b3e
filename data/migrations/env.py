"""Alembic environment: the configured database and the metadata of ``data.models``.

A caller that already has a connection (``data.store``) passes it as ``config.attributes["connection"]``; then the
migration runs inside the caller's transaction.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from data.db import Geom, make_engine
from data.migrations import include_object
from data.models import Base
from settings import get_settings


def _render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Geom):
        autogen.imports.add("from data.migrations import geometry")
        return "geometry()"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render_item,
        include_object=include_object,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection)
        return
    if context.is_offline_mode():
        raise SystemExit("Offline SQL is not supported: the revisions look at the database they run on.")
    with make_engine(get_settings().sqlalchemy_url).begin() as own:
        _run(own)


_main()
