"""Commands that bring the owner's files in: ``import``, ``import-undo``, ``imports``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import Refused, datum_said, given, load_settings, problems_as_refusals

if TYPE_CHECKING:
    from data.imports.conductor import Chosen, Result
    from data.imports.finding import Finding
    from data.imports.look import Sheet
    from data.imports.problem import Watch
    from settings import Settings

_STEPS = {
    "unpack": "unpacking", "read": "reading", "check": "checking", "place": "placing", "compare": "comparing",
    "write": "writing", "derive": "deriving", "tiles": "tiles",
}  # fmt: skip
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("import")(bring)
    app.command("import-undo")(import_undo)
    app.command("imports")(imports)


def bring(
    file: Annotated[
        Path, typer.Argument(help="xlsx, xls, csv, tsv, GeoJSON, Shapefile, zip, gpkg, fgb, kml, kmz, dxf.")
    ],
    table: Annotated[
        str, typer.Option(help="What the rows are, such as projects or parcels; else it is guessed.")
    ] = "",
    layer: Annotated[str, typer.Option("--layer", "--sheet", help="Layer or sheet, where there are several.")] = "",
    crs: Annotated[str, typer.Option(help="Coordinate system, such as EPSG:4544, where the file declares none.")] = "",
    datum: Annotated[str, typer.Option(help="gcj02, bd09, wgs84 or cgcs2000.")] = "",
    mapping: Annotated[Path | None, typer.Option(help="Columns to fields, a YAML file; see --save-mapping.")] = None,
    put: Annotated[list[str] | None, typer.Option("--set", help="field=value for what the file does not say.")] = None,
    columns: Annotated[list[str] | None, typer.Option("--map", help="COLUMN=field, over what is suggested.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of headings that name only months.")] = None,
    scheme: Annotated[str, typer.Option(help="Zone scheme that names and positions belong to.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and say what would change; write nothing.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Write nothing when a row is in error.")
    ] = False,
    blanks_clear: Annotated[
        bool, typer.Option("--blanks-clear", help="A blank cell takes away what is stored; else it says nothing.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the marked copy and the list of findings, an xlsx.")
    ] = None,
    save_mapping: Annotated[str, typer.Option(help="Keep the mapping under this name for files of this form.")] = "",
    write_mapping: Annotated[
        Path | None, typer.Option(help="Write the mapping as YAML, to edit and give back.")
    ] = None,
    role: Annotated[str, typer.Option(help="Who imports; kept with the batch.")] = "planner",
) -> None:
    """Import a file: look, map, check, commit. A warning never stops it; an error leaves out its row only."""
    from data.db import get_engine
    from data.imports.conductor import Import
    from data.imports.mapping import read_yaml, write_yaml
    from data.imports.problem import Limits
    from data.imports.told import Asked, Target

    settings = load_settings()
    limits = Limits.of(settings)
    with _working(settings, limits.seconds) as watch:
        asked = Asked(
            role=role, table=table or None, sheet=layer or None, crs=crs or None, datum=datum_said(datum),
            scheme=scheme or None, all_or_nothing=all_or_nothing, blanks_clear=blanks_clear, save_as=save_mapping, year=year,
            columns={name: Target(to) for name, to in _pairs(columns, "--map").items()},
            constants=_pairs(put, "--set"), file=read_yaml(given(mapping)) if mapping else {}, strict=True,
        )  # fmt: skip
        bring_in = Import(get_engine(), given(file), asked, limits, watch)
        for name, problem in bring_in.look.unread:
            typer.echo(f"  left out: {name}: {problem.text('en')}")
        _show_mapping(bring_in.look.name, bring_in.sheet, bring_in.chosen)
        if write_mapping:
            given(write_mapping).write_text(write_yaml(bring_in.chosen.mapping), encoding="utf-8")
        result = bring_in.check() if dry_run else bring_in.commit()
    _show_findings(result.findings)
    _show_outcome(result, dry_run)
    try:
        if report:
            given(report).write_bytes(result.report())
            typer.echo(f"report: {report}")
    except OSError as error:
        raise Refused(f"The report could not be written to {report}: {error.strerror or error}") from None
    finally:
        if not dry_run:
            _tiles(settings)


def _show_outcome(result: Result, dry_run: bool) -> None:
    did = result.outcome
    tables = ", ".join(f"{name} +{new} ~{changed}" for name, (new, changed) in did.by_table.items())
    counts = f"{did.new} new, {did.changed} changed, {did.same} the same, {did.refused} left out"
    if dry_run:
        typer.echo(f"dry run, nothing written: {counts}" + (f" ({tables})" if tables else ""))
    elif did.batch is None:
        already = f"; this file was batch {result.earlier}" if result.earlier else ""
        typer.echo(f"nothing changed: {counts}{already}")
    else:
        typer.echo(f"batch {did.batch}: {counts} ({tables}) in {did.seconds:.1f} s")


def import_undo(batch: Annotated[int, typer.Argument(help="Number of the batch, see imports.")]) -> None:
    """Take a batch back, unless later batches rest on it."""
    from data.db import get_engine
    from data.imports.commit import undo
    from data.imports.problem import Limits

    settings = load_settings()
    with _working(settings, Limits.of(settings).seconds) as watch:
        undo(get_engine(), batch, watch)
    typer.echo(f"batch {batch} is undone")
    _tiles(settings)


def imports() -> None:
    """List the batches, newest first."""
    from data.db import read_session
    from data.imports.commit import batches

    settings = load_settings()
    with _checked_database(settings), read_session() as session:
        found = batches(session)
    for one in found:
        counts = " ".join(f"{name} {one.counts.get(name, 0)}" for name in ("new", "changed", "same", "refused"))
        typer.echo(f"{one.id:>5}  {one.created_at}  {one.state:9}  {one.table:15}  {counts}  {one.file_name}")
    if not found:
        typer.echo("nothing was imported yet")


def _pairs(said: list[str] | None, option: str) -> dict[str, str | None]:
    """``a=b`` options as a dictionary; nothing behind the sign is None."""
    found: dict[str, str | None] = {}
    for pair in said or ():
        key, separator, value = pair.partition("=")
        if not separator:
            raise Refused(f"{option} {pair}: write NAME=VALUE")
        found[key.strip()] = value.strip() or None
    return found


def _show_mapping(name: str, sheet: Sheet, chosen: Chosen) -> None:
    where = f"{name} · {sheet.name}" if sheet.name not in name else name
    picked = f" by the saved mapping {chosen.saved!r}" if chosen.saved else ""
    typer.echo(f"{where}: {sheet.rows} rows into {chosen.mapping.table}{picked}")
    for column in chosen.mapping.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        sure = f"{column.confidence:.2f}" if column.field else ""
        typer.echo(f"  {column.heading}{unit} -> {column.field or '(not imported)'} {sure}")
    for field, value in chosen.mapping.constants.items():
        typer.echo(f"  {value!r} -> {field}")


def _show_findings(findings: list[Finding]) -> None:
    for severity in ("error", "refused", "warning", "info"):
        of_kind = [f for f in findings if f.severity == severity]
        for finding in of_kind[:_SHOWN]:
            row = f"row {finding.row} " if finding.row is not None else ""
            column = f"{finding.heading} " if finding.heading else ""
            value = f"{finding.value!r} " if finding.value else ""
            typer.echo(f"  {severity}: {row}{column}{value}{finding.text('en')}")
        if len(of_kind) > _SHOWN:
            typer.echo(f"  {severity}: and {len(of_kind) - _SHOWN} more; --report out.xlsx has them all")
    changed = sum(f.severity == "changed" for f in findings)
    if changed:
        typer.echo(f"  {changed} cells were read in another form than they are written")


@contextmanager
def _checked_database(settings: Settings) -> Iterator[None]:
    from data import store

    with problems_as_refusals():
        store.check(settings)
        yield


@contextmanager
def _working(settings: Settings, seconds: float) -> Iterator[Watch]:
    """A watch with a bar that says rate and time left; Ctrl-C cancels, a second one interrupts."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    from data.imports.problem import ImportProblem, Watch

    console = Console(stderr=True)
    bar = RichProgress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def show(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(_STEPS.get(what, what), total=total or None, rate="")
        task = bar.tasks[[t.id for t in bar.tasks].index(tasks[what])]
        rate = f"{task.speed:,.0f}/s" if task.speed else ""
        bar.update(tasks[what], completed=done, total=total or None, rate=rate)

    watch = Watch(seconds, show)
    before = signal.getsignal(signal.SIGINT)

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        watch.cancel()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, cancel)
    try:
        with _checked_database(settings), bar:
            yield watch
    except ImportProblem as problem:
        raise Refused(problem.text("en")) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _tiles(settings: Settings) -> None:
    """Bring the tiles to the data, also to what an import committed that died before; a running server does the same."""
    from commands.console import building
    from layers.tiles import ensure_tiles

    with problems_as_refusals(), building(settings):
        ensure_tiles()
