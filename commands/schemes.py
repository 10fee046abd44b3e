"""Commands that make, load and remove zone schemes: ``new-scheme``, ``load-scheme``, ``remove-scheme``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import Refused, building, datum_said, given, load_settings, problems_as_refusals

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from data.new_scheme import SchemeRequest
    from settings import Settings

Text = Annotated[str, typer.Option()]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("new-scheme")(new_scheme)
    app.command("load-scheme")(load_scheme)
    app.command("remove-scheme")(remove_scheme)


def new_scheme(
    scheme_id: Annotated[str, typer.Argument(metavar="ID", help="Short code of the scheme, as in ?scheme=ID.")],
    name: Text = "",
    name_en: Text = "",
    motto: Annotated[str, typer.Option(help="Such as 一核四区; counted from the zones when left out.")] = "",
    motto_en: Text = "",
    zones: Annotated[Path | None, typer.Option(help="Zone file, of any kind that import reads, zips included.")] = None,
    layer: Annotated[str, typer.Option(help="Layer of the zone file, where it has several.")] = "",
    code: Annotated[str, typer.Option(help="Field with the code of a zone.")] = "",
    zone_name: Annotated[str, typer.Option(help="Field with its name.")] = "",
    zone_name_en: Annotated[str, typer.Option(help="Field with its English name.")] = "",
    role: Annotated[str, typer.Option(help="Field that says core, zone, axis, special or park.")] = "",
    core: Annotated[list[str] | None, typer.Option(help="Code or name of the core zone; may be repeated.")] = None,
    dissolve: Annotated[str, typer.Option(help="Merge features with an equal value of this field into a zone.")] = "",
    adcode: Annotated[str, typer.Option(help="A Chinese city, such as 440300: its districts are the districts.")] = "",
    districts: Annotated[Path | None, typer.Option(help="District file, for a place outside China.")] = None,
    district_layer: Text = "",
    district_code: Text = "",
    district_name: Text = "",
    district_name_en: Text = "",
    area_crs: Annotated[str, typer.Option(help="Metric system for areas, such as EPSG:3414; else one is chosen.")] = "",
    crs: Annotated[str, typer.Option(help="System of the files, where they do not say it.")] = "",
    datum: Annotated[str, typer.Option(help="gcj02 or bd09, where the files are shifted.")] = "",
    authority: Annotated[str, typer.Option(help="Name of the body that runs all zones, where there is one.")] = "",
    code_prefix: Annotated[str, typer.Option(help="Put before each zone code.")] = "",
    district_prefix: Annotated[str, typer.Option(help="Put before each district code.")] = "",
    output: Annotated[Path | None, typer.Option(help="Folder of scheme files; var/schemes when left out.")] = None,
    replace_loaded: Annotated[bool, typer.Option("--replace", help="Put it in the place of the one loaded.")] = False,
    ask: Annotated[bool | None, typer.Option("--ask/--no-ask", help="Ask for what is missing.")] = None,
) -> None:
    """Make a scheme from boundary files or from a Chinese city, and load it.

    From files: --zones FILE with --code and --core, and --districts FILE or --adcode. From a city: --adcode 440300 --core 440305.
    """
    from data.new_scheme import SchemeRequest

    settings = load_settings()
    with _one_line():
        request = SchemeRequest(
            id=scheme_id, name_zh=name, name_en=name_en, motto_zh=motto, motto_en=motto_en,
            zones=given(zones) if zones else None,
            zone_layer=layer or None, code=code, name=zone_name, english=zone_name_en, role=role, cores=tuple(core or ()),
            dissolve=dissolve, districts=given(districts) if districts else None,
            district_layer=district_layer or None, district_code=district_code,
            district_name=district_name, district_english=district_name_en, adcode=adcode, area_crs=area_crs,
            crs=crs or None, datum=datum_said(datum), authority=authority, code_prefix=code_prefix,
            district_prefix=district_prefix, boundary_source=settings.boundary_source,
        )  # fmt: skip
    folder = (given(output) if output else settings.var_dir / "schemes") / scheme_id
    if folder.exists() and not replace_loaded:
        raise Refused(f"There is a scheme in {folder} already; to put this one in its place add --replace")
    with _one_line():
        if ask if ask is not None else sys.stdin.isatty():
            request = _asked(request)
        if not request.name_zh:
            raise ValueError("give the scheme a name (--name)")
        _make(settings, request, folder, replace_loaded)


def load_scheme(
    file: Annotated[Path, typer.Argument(help="A scheme file (YAML).")],
    replace_loaded: Annotated[bool, typer.Option("--replace", help="Put it in the place of the one loaded.")] = False,
) -> None:
    """Load a scheme file, such as one that new-scheme made."""
    from data.reference import schemes

    settings = load_settings()
    file = given(file)
    with _one_line():
        if not file.is_file():
            raise ValueError(f"there is no file {file}")
        scheme = schemes.load_scheme(file)
        with _changing(settings) as session:
            _load(session, file.resolve(), scheme.id, replace_loaded)
    _told(settings, scheme.id)


def remove_scheme(
    scheme_id: Annotated[str, typer.Argument(metavar="ID")],
) -> None:
    """Take a scheme out of the database while no record depends on it. Its files stay."""
    from data.derive.search import derive_shared_search
    from data.scheme_removal import remove_scheme as remove

    settings = load_settings()
    with _one_line(), _changing(settings) as session:
        if scheme_id == settings.scheme:
            raise ValueError(f"{scheme_id} is the scheme shown by default (ATLAS_SCHEME): name another one first")
        remove(session, scheme_id)
        derive_shared_search(session)
    typer.echo(f"已移除 · The scheme {scheme_id} is removed.")


def _make(settings: Settings, request: SchemeRequest, folder: Path, replace_loaded: bool) -> None:
    from data.new_scheme import SCHEME_FILE, draft_scheme, write_scheme

    draft = draft_scheme(request)
    for note in draft.notes:
        typer.echo(f"note: {note}")
    made, old = folder.with_name(f".{folder.name}.building"), folder.with_name(f".{folder.name}.old")
    try:
        path = write_scheme(draft, made)
        with _changing(settings) as session:
            _load(session, path, request.id, replace_loaded)
            if folder.exists():
                shutil.rmtree(old, ignore_errors=True)
                os.replace(folder, old)
            os.replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    typer.echo(f"{len(draft.zones)} zones in {draft.content['area_crs']}, written to {folder / SCHEME_FILE}")
    _told(settings, request.id)


def _load(session: Session, path: Path, scheme_id: str, replace_loaded: bool) -> None:
    from data.derive.search import derive_shared_search
    from data.load import load_scheme as load
    from data.models import ZoneScheme
    from data.scheme_removal import remove_scheme as remove

    if replace_loaded and session.get(ZoneScheme, scheme_id) is not None:
        remove(session, scheme_id)
    load(session, path)
    derive_shared_search(session)


def _told(settings: Settings, scheme_id: str) -> None:
    typer.echo(f"已加载 · The scheme {scheme_id} is loaded: open the program with ?scheme={scheme_id}")


@contextmanager
def _changing(settings: Settings) -> Iterator[Session]:
    """A session whose change is one transaction with a new data version; the tiles of that version are built after it."""
    from sqlalchemy.exc import OperationalError

    from data import store
    from data.db import write_session
    from layers import tiles

    with problems_as_refusals(), building(settings) as report:
        store.check(settings)
        try:
            with write_session() as session:
                store.bump_version(session)
                yield session
        except OperationalError as error:
            raise Refused(f"The database did not take the change ({error.orig}); nothing was written.") from None
        report("building the tiles", None)
        tiles.ensure_tiles()


@contextmanager
def _one_line() -> Iterator[None]:
    """What is wrong with the files or the answers becomes the one line of a refusal."""
    try:
        yield
    except (ValueError, LookupError) as error:
        raise Refused(str(error.args[0] if isinstance(error, LookupError) and error.args else error)) from None


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _asked(request: SchemeRequest) -> SchemeRequest:
    """`request` with what it lacks asked for on the terminal."""
    from data.imports.boundaries import layers_of, records_of

    asked = request
    if not asked.name_zh:
        asked = replace(asked, name_zh=typer.prompt("Name of the scheme"))
    if asked.zones is None and not asked.adcode:
        said = typer.prompt("Zone file, or the adcode of a Chinese city")
        asked = replace(asked, adcode=said) if said.isdigit() else replace(asked, zones=given(Path(said)))
    if (file := asked.zones) is not None:
        if asked.zone_layer is None:
            asked = replace(asked, zone_layer=_pick("Layer with the zones", layers_of(file)))
        found = records_of(file, asked.zone_layer)
        fields = list(found.columns)
        typer.echo(found.head(4).to_string(index=False))
        if not asked.code and not asked.dissolve:
            asked = replace(asked, code=_pick("Field with the code of a zone", fields))
        by = asked.dissolve or asked.code
        if by in fields and found[by].duplicated().any() and not asked.dissolve:
            asked = replace(asked, dissolve=by)
            typer.echo(f"Features with an equal {by} are merged.")
        if not asked.name:
            asked = replace(asked, name=_pick("Field with its name", fields, by))
        if not asked.role and not asked.cores:
            values = list(dict.fromkeys(found[asked.code or asked.dissolve].dropna()))
            asked = replace(asked, cores=(_pick("Which zone is the core", values),))
    if not asked.adcode and asked.districts is None:
        said = typer.prompt("District file, or the adcode of the Chinese city they lie in")
        asked = replace(asked, adcode=said) if said.isdigit() else replace(asked, districts=given(Path(said)))
    if (file := asked.districts) is not None:
        if asked.district_layer is None:
            asked = replace(asked, district_layer=_pick("Layer with the districts", layers_of(file)))
        fields = list(records_of(file, asked.district_layer).columns)
        if not asked.district_code:
            asked = replace(asked, district_code=_pick("Field with the code of a district", fields))
        if not asked.district_name:
            asked = replace(asked, district_name=_pick("Field with its name", fields, asked.district_code))
    if asked.zones is None and not asked.cores:
        from data.boundaries import load_districts
        from data.new_scheme import city_prefix

        frame = load_districts(asked.boundary_source, city_prefix(asked.adcode, asked.boundary_source))
        typer.echo(", ".join(f"{c} {n}" for c, n in zip(frame["code"], frame["name_zh"], strict=True)))
        asked = replace(asked, cores=(_pick("Which district is the core", list(frame["code"])),))
    return asked


def _pick(question: str, choices: list[str] | tuple[str, ...], default: str | None = None) -> str:
    """One of `choices`; asked again until it is one. A single choice is not asked for."""
    if len(choices) == 1:
        return choices[0]
    shown = ", ".join(choices[:20]) + (" …" if len(choices) > 20 else "")
    while True:
        said: str = typer.prompt(f"{question} ({shown})", default=default).strip()
        if said in choices:
            return said
        typer.echo(f"{said!r} is not among them.")
