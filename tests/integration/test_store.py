"""The database as a whole: migrations, building, checking, versions."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, String, func, inspect, select, text
from sqlalchemy.orm import Session

from data import store
from data.db import make_engine
from data.demo.scale import DemoScale
from data.load import load_reference
from data.migrations import FOLDER, HEAD, include_object
from data.models import Base, Meta, Project
from settings import Settings

TINY = DemoScale(parcels=60, projects=10, enterprises=12, buildings=4, units=12, plots=4, platforms=4)


def quiet(_message: str, _fraction: float | None) -> None:
    """Progress nobody looks at."""


def test_the_newest_revision_makes_exactly_the_tables_of_the_models(empty_engine: Engine) -> None:
    with empty_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": include_object})
        assert compare_metadata(context, Base.metadata) == []


def test_every_revision_can_be_taken_back(empty_engine: Engine) -> None:
    config = store._config()
    with empty_engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    left = set(inspect(empty_engine).get_table_names()) - {"alembic_version", "spatial_ref_sys"}
    assert left == set()


def test_a_filled_database_passes_the_check(atlas_settings: Settings) -> None:
    store.check(atlas_settings)


def test_a_missing_database_is_built_by_ensure_and_reports_progress(empty_settings: Settings) -> None:
    with pytest.raises(store.DatabaseProblem) as raised:
        store.check(empty_settings)
    assert raised.value.missing
    assert raised.value.command == store.INIT_COMMAND
    assert "\n" not in str(raised.value)
    said: list[tuple[str, float | None]] = []
    store.init(empty_settings, lambda message, fraction: said.append((message, fraction)), ["wcsc"], TINY)
    store.check(empty_settings)
    fractions = [fraction for _, fraction in said if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    store.ensure(empty_settings, pytest.fail)  # complete: nothing is built again


def test_an_interrupted_build_leaves_no_database_and_the_next_one_succeeds(
    empty_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("data.published.load_published", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.init(empty_settings, quiet, ["wcsc"], TINY)
    with pytest.raises(store.DatabaseProblem) as raised:
        store.check(empty_settings)
    assert raised.value.missing
    store.init(empty_settings, quiet, ["wcsc"], TINY)
    store.check(empty_settings)
    assert not list(empty_settings.var_dir.glob("*.building*"))


def test_a_file_that_is_no_database_is_said_to_be_unreadable(
    tmp_path: Path, settings_for: Callable[[Path], Settings]
) -> None:
    settings = settings_for(tmp_path / "var")
    settings.var_dir.mkdir()
    (settings.var_dir / "atlas.db").write_bytes(b"not a database, whatever its name says\n" * 40)
    with pytest.raises(store.DatabaseProblem, match="not a readable database") as raised:
        store.check(settings)
    assert not raised.value.missing
    assert raised.value.command.endswith(store.INIT_COMMAND)


def test_a_half_filled_database_is_recognised(empty_engine: Engine, empty_settings: Settings) -> None:
    with Session(empty_engine) as session, session.begin():
        session.add(Meta(key="boundary_source", value="tianditu"))
        load_reference(session)
    with pytest.raises(store.DatabaseProblem, match="partly filled") as raised:
        store.check(empty_settings)
    assert not raised.value.missing
    with pytest.raises(store.DatabaseProblem, match="partly filled"):
        store.ensure(empty_settings, quiet)
    empty_engine.dispose()
    store.init(empty_settings, quiet, ["wcsc"], TINY)
    store.check(empty_settings)


@pytest.mark.parametrize(
    ("revision", "words", "mend"),
    [("9999", "newer version", "git pull"), (None, "no tables", store.INIT_COMMAND)],
)
def test_a_schema_of_another_version_names_the_command(
    empty_engine: Engine, empty_settings: Settings, revision: str | None, words: str, mend: str
) -> None:
    with empty_engine.begin() as connection:
        if revision is None:
            connection.execute(text("DELETE FROM alembic_version"))
        else:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    with pytest.raises(store.DatabaseProblem, match=words) as raised:
        store.check(empty_settings)
    assert raised.value.command == mend
    assert not raised.value.missing


def test_every_change_of_data_raises_the_version(db_session: Session) -> None:
    before = int(db_session.get_one(Meta, "data_version").value)
    assert store.bump_version(db_session) == before + 1
    assert store.bump_version(db_session) == before + 2
    assert db_session.get_one(Meta, "data_version").value == str(before + 2)


def test_the_same_seed_gives_the_same_records(
    atlas_settings: Settings, empty_settings: Settings, small_scale: DemoScale
) -> None:
    store.init(empty_settings, quiet, scale=small_scale)
    found = []
    for settings in (atlas_settings, empty_settings):
        engine = make_engine(settings.sqlalchemy_url)
        with Session(engine) as session:
            rows = session.query(Project.id, Project.name_zh, Project.total_investment_wan, Project.lon, Project.lat)
            found.append([tuple(row) for row in rows.order_by(Project.id)])
        engine.dispose()
    assert found[0] == found[1]


def test_no_stored_text_is_longer_than_its_column(db_session: Session) -> None:
    # SQLite ignores declared lengths, PostgreSQL refuses what exceeds them.
    limited = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length is not None
    ]
    assert limited
    for column in limited:
        longest = db_session.scalar(select(func.max(func.length(column)))) or 0
        assert longest <= column.type.length, f"{column} holds a text of {longest} characters"


def test_the_head_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD


def test_a_new_revision_is_the_head_without_another_line(tmp_path: Path) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(FOLDER, copy)
    (copy / "versions" / "0999_why.py").touch()
    spec = importlib.util.spec_from_file_location("migrations_copy", copy / "__init__.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.HEAD == "0999"
