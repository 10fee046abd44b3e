"""Commands that write files: ``template`` (empty workbooks to fill) and ``export`` (records)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import Refused, given, load_settings, problems_as_refusals

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WORKSPACE = "workspace"


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("template")(template)
    app.command("export")(export)


def template(
    table: Annotated[str, typer.Argument(help="A table, such as projects, or all.")],
    out: Annotated[Path, typer.Argument(help="The workbook to write (.xlsx).")],
) -> None:
    """Write a workbook to fill: headings with units, allowed values, an example row, definitions."""
    from data.exports.templates import template_tables, write_template

    target = _target(out)
    with _one_line():
        if target.suffix.lower() != ".xlsx":
            raise ValueError(f"a template is a workbook: name it {target.stem}.xlsx")
        tables = template_tables(table)
        with _reading() as session:
            write_template(tables, target, session)
    typer.echo(f"{len(tables)} {'table' if len(tables) == 1 else 'tables'} in {target}")


def export(
    table: Annotated[str, typer.Argument(help=f"A table, such as projects, or {WORKSPACE}: all of them in one .gpkg.")],
    out: Annotated[Path, typer.Argument(help="The file to write: .xlsx, .csv, .geojson, .gpkg or .zip (Shapefile).")],
    query: Annotated[
        str,
        typer.Option("--filter", help='As in the address of a page: "scheme=wcsc&chain=IC&zone=SMKX&period=2026-09".'),
    ] = "",
    data: Annotated[str, typer.Option(help="own, demo or published.")] = "own",
    role: Annotated[
        str, typer.Option(help="leadership, planner, promoter or prospect: what may be taken out.")
    ] = "leadership",
    encoding: Annotated[str, typer.Option(help="utf-8 or gbk, for csv and Shapefile.")] = "utf-8",
    language: Annotated[str, typer.Option(help="zh or en, of headings and explanations.")] = "zh",
) -> None:
    """Write a table; without --filter all of it, else what the filter selects at its month."""
    from data.exports.books import write_csv_description
    from data.exports.extract import extract
    from data.exports.files import ENCODINGS, format_of
    from data.exports.workspace import write_workspace
    from data.imports.tables import TABLES
    from data.queries.question import Question
    from domain.viewer import Role, Viewer
    from domain.viewstate import Dataset

    target = _target(out)
    with _one_line():
        _one_of("--data", data, [d.value for d in Dataset])
        _one_of("--role", role, [r.value for r in Role])
        _one_of("--encoding", encoding, ENCODINGS)
        _one_of("--language", language, ("zh", "en"))
        if table != WORKSPACE:
            _one_of("table", table, [*TABLES, WORKSPACE])
        elif query:
            raise ValueError("the workspace is a whole data set: leave --filter out")
        elif target.suffix.lower() != ".gpkg":
            raise ValueError(f"the workspace is one GeoPackage: name it {target.stem}.gpkg")
        how = format_of(target.name)
        viewer = Viewer(Role(role))
        with _reading() as session:
            question = Question.asked(session, viewer, f"data={data}&{query.lstrip('?')}")
            if question.ignored:
                told = ", ".join(f"{part.param}={part.value}" for part in question.ignored)
                raise ValueError(f"--filter: not understood: {told}")
            if table == WORKSPACE:
                layers = write_workspace(question, target, language=language)
                typer.echo(f"{len(layers)} layers in {target}: {', '.join(layers)}")
                return
            found = extract(question, table, whole=not query, language=language)
            how.write(found, target, encoding)
    typer.echo(f"{len(found.rows)} rows in {target}")
    if how.suffix == "csv":
        typer.echo(f"described in {write_csv_description(found, target)}")


def _target(out: Path) -> Path:
    target = given(out)
    if not target.parent.is_dir():
        raise Refused(f"there is no folder {target.parent}")
    return target


def _one_of(what: str, said: str, allowed: list[str] | tuple[str, ...]) -> None:
    if said not in allowed:
        raise ValueError(f"{what} {said}: use one of {', '.join(allowed)}")


@contextmanager
def _reading() -> Iterator[Session]:
    from data import store
    from data.db import read_session

    with problems_as_refusals():
        store.check(load_settings())
    with read_session() as session:
        yield session


@contextmanager
def _one_line() -> Iterator[None]:
    """What cannot be done becomes the one line of a refusal."""
    try:
        yield
    except (ValueError, PermissionError, OSError) as error:
        raise Refused(str(error)) from None
