"""Commands that bring the owner's files in: ``import``, ``import-undo``, ``imports``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.console import Refused, datum_said, given, load_settings, problems_as_refusals

if TYPE_CHECKING:
    from data.imports.finding import Finding
    from data.imports.mapping import Mapping
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
    from sqlalchemy.orm import Session

    from data.db import get_engine, write_session
    from data.imports.check import Options, check
    from data.imports.commit import commit, same_file
    from data.imports.commit import dry_run as compare
    from data.imports.look import look
    from data.imports.mapping import save, write_yaml
    from data.imports.problem import Limits
    from data.imports.report import report_workbook

    settings = load_settings()
    limits = Limits.of(settings)
    options = Options(crs or None, datum_said(datum), scheme or None, all_or_nothing, role, blanks_clear)
    with _working(settings, limits.seconds) as watch:
        found = look(given(file), limits, watch, only=layer or None)
        sheet = found.sheet(layer or None)
        for name, problem in found.unread:
            typer.echo(f"  left out: {name}: {problem.text('en')}")
        engine = get_engine()
        with Session(engine) as session:
            chosen, from_name = _mapping(
                session, sheet, table, mapping, _pairs(put, "--set"), _pairs(columns, "--map"), year, options.scheme
            )
            _show_mapping(found.name, sheet, chosen, from_name)
            if write_mapping:
                given(write_mapping).write_text(write_yaml(chosen), encoding="utf-8")
            checked = check(session, found, sheet, chosen, options, limits, watch)
            if dry_run:
                outcome = compare(session, checked, watch)
        if not dry_run:
            if save_mapping:
                with write_session(engine) as writing:
                    save(writing, save_mapping, chosen, sheet.headings)
            outcome = commit(engine, checked, watch)
        findings = [*checked.findings, *outcome.findings]
        if report:
            given(report).write_bytes(report_workbook(checked, sheet, findings))
        with Session(engine) as session:
            earlier = same_file(session, checked) if outcome.batch is None and not dry_run else None
    _show_findings(findings)
    if report:
        typer.echo(f"report: {report}")
    tables = ", ".join(f"{name} +{new} ~{changed}" for name, (new, changed) in outcome.by_table.items())
    counts = f"{outcome.new} new, {outcome.changed} changed, {outcome.same} the same, {outcome.refused} left out"
    if dry_run:
        typer.echo(f"dry run, nothing written: {counts}" + (f" ({tables})" if tables else ""))
        return
    if outcome.batch is None:
        already = f"; this file was batch {earlier}" if earlier else ""
        typer.echo(f"nothing changed: {counts}{already}")
    else:
        typer.echo(f"batch {outcome.batch}: {counts} ({tables}) in {outcome.seconds:.1f} s")
    _tiles(settings)


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


def _pairs(said: list[str] | None, option: str) -> dict[str, Any]:
    """``a=b`` options as a dictionary; nothing behind the sign is None."""
    found: dict[str, Any] = {}
    for pair in said or ():
        key, separator, value = pair.partition("=")
        if not separator:
            raise Refused(f"{option} {pair}: write NAME=VALUE")
        found[key.strip()] = value.strip() or None
    return found


def _mapping(
    session: Any,
    sheet: Any,
    table: str,
    file: Path | None,
    constants: dict[str, Any],
    columns: dict[str, Any],
    year: int | None,
    scheme: str | None,
) -> tuple[Mapping, str | None]:
    """The mapping to use: suggested, then saved for files of this form, the file, --scheme, and --map, --set, --year."""
    from data.imports.mapping import apply, of_scheme, read_yaml, saved, suggest

    said = read_yaml(given(file)) if file else {}
    wanted = table or said.get("table") or None
    stored = saved(session, sheet.headings, wanted)
    name = None
    if wanted is None and stored is not None:
        wanted = stored.table_id
    found = suggest(
        sheet.headings, sheet.sample(), geometry=sheet.geometry is not None, table=wanted, title=sheet.title
    ).mapping
    if stored is not None:
        found, name = apply(found, stored.mapping, sheet.headings, strict=False), stored.name
    if said:
        found = apply(found, said, sheet.headings)
    found = of_scheme(found, scheme)
    given_last = {"columns": columns, "constants": constants, "year": year}
    return apply(found, given_last, sheet.headings), name


def _show_mapping(name: str, sheet: Any, mapping: Mapping, saved_as: str | None) -> None:
    where = f"{name} · {sheet.name}" if sheet.name not in name else name
    picked = f" by the saved mapping {saved_as!r}" if saved_as else ""
    typer.echo(f"{where}: {sheet.rows} rows into {mapping.table}{picked}")
    for column in mapping.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        sure = f"{column.confidence:.2f}" if column.field else ""
        typer.echo(f"  {column.heading}{unit} -> {column.field or '(not imported)'} {sure}")
    for field, value in mapping.constants.items():
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

    def cancel(_signal: int, _frame: Any) -> None:
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
