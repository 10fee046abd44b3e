"""Files that must not be opened, or not as they claim: one clear message each, and nothing left behind."""

from __future__ import annotations

import io
import json
import os
import stat
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from data.imports.look import look
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.source import safe_name
from tests.support.importing import LIMITS, book, csv_file, looked


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test opens, the temporary folders are gone afterwards; a folder of the test's own is looked at."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def problem(path: Path, limits: Limits = LIMITS, name: str | None = None) -> str:
    """The code of the problem with a file."""
    with pytest.raises(ImportProblem) as caught:
        looked(path, limits, name)
    assert caught.value.text("zh")
    assert str(path.parent) not in str(caught.value)
    return caught.value.code


def zipped(folder: Path, members: dict[str, bytes], name: str = "f.zip") -> Path:
    """A zip with these members."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def with_member(path: Path, member: str, content: bytes) -> Path:
    """The workbook with one more part."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, content)
    return path


def test_a_zip_bomb_is_refused_by_what_it_says_and_by_what_it_holds(tmp_path: Path) -> None:
    small = replace(LIMITS, expanded_bytes=1_000_000)
    bomb = zipped(tmp_path, {"a.csv": b"0" * 5_000_000})
    assert problem(bomb, small) == "expands"

    raw = bytearray(bomb.read_bytes())  # the same with a false size in the directory
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (100).to_bytes(4, "little")
    liar = tmp_path / "liar.zip"
    liar.write_bytes(raw)
    assert problem(liar, small) in ("expands", "archive_broken")


def test_a_workbook_bomb(tmp_path: Path) -> None:
    path = with_member(book(tmp_path, [["项目名称"], ["甲"]]), "xl/media/x.bin", b"0" * 5_000_000)
    assert problem(path, replace(LIMITS, expanded_bytes=1_000_000)) == "expands"


def test_a_cell_at_the_far_corner_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "项目名称")
        sheet.write(1_048_575, 16_383, 1)
    assert problem(path) == "too_many_columns"


@pytest.mark.parametrize(
    "member", ["../../evil.csv", "/etc/evil.csv", "C:/evil.csv", "a/../../evil.csv", "..\\evil.csv"]
)
def test_a_zip_that_slips_out(tmp_path: Path, member: str) -> None:
    assert problem(zipped(tmp_path, {member: b"a,b\n1,2\n"})) == "slip"
    assert not (tmp_path.parent / "evil.csv").exists()


def test_a_symbolic_link_in_a_zip(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert problem(tmp_path / "f.zip") == "slip"


def test_nested_archives(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "x")
    assert problem(zipped(tmp_path, {"inner.zip": inner.getvalue()})) == "nested"


def test_a_zip_with_nothing_to_read(tmp_path: Path) -> None:
    assert problem(zipped(tmp_path, {"readme.pdf": b"x"})) == "archive_empty"


def test_a_broken_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.csv": b"a,b\n" * 1000})
    path.write_bytes(path.read_bytes()[:60])
    assert problem(path) == "archive_broken"


def test_too_much_text(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称\n" + "甲\n" * 400_000)
    assert problem(path, replace(LIMITS, file_bytes=1_000_000)) == "too_big"
    assert problem(path, replace(LIMITS, rows=1000)) == "too_many_rows"
    assert problem(path, replace(LIMITS, cells=1000)) == "too_many_cells"
    assert problem(book(tmp_path, [["项目名称"] * 20] * 60), replace(LIMITS, cells=1000)) == "too_many_cells"


@pytest.mark.parametrize(
    "start",
    [b"a,b\nx", b'a,b\n"' + b"x" * 80 + b"\n", "项目名称,备注\n中".encode("gbk"), "项目名称,备注\n中".encode("utf-16")],
)
def test_a_line_or_a_cell_without_an_end_is_refused_before_it_is_held(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "a.csv"
    part = start[-80:] if b'"' in start else start[-2:].lstrip()
    with path.open("wb") as stream:
        stream.write(start)
        for _ in range(60):
            stream.write(part * (1_000_000 // len(part)))
    tracemalloc.start()
    try:
        assert problem(path) == "line_too_long"
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 80_000_000


def test_macros_are_refused_and_links_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    linked = with_member(
        book(folder, [["项目名称", "备注"], ["甲", "x"]]), "xl/externalLinks/externalLink1.xml", b"<a/>"
    )
    assert [f.code for f in looked(linked).findings] == ["external_links"]

    macros = with_member(book(tmp_path, [["项目名称"], ["甲"]]), "xl/vbaProject.bin", b"x")
    assert problem(macros) == "macros"


def test_xml_entities_in_a_workbook_and_in_kml(tmp_path: Path) -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><kml><Document><name>&a;</name></Document></kml>'
    assert problem(with_member(book(tmp_path, [["项目名称"], ["甲"]]), "xl/evil.xml", evil)) == "entities"
    (tmp_path / "a.kml").write_bytes(evil)
    assert problem(tmp_path / "a.kml") == "entities"
    late = b"<kml><Document>" + b" " * 2_000_000 + b"<!ENTITY a SYSTEM 'file:///etc/passwd'></Document></kml>"
    (tmp_path / "b.kml").write_bytes(late)
    assert problem(tmp_path / "b.kml") == "entities"
    (tmp_path / "c.kml").write_bytes(evil.decode().encode("utf-16"))
    assert problem(tmp_path / "c.kml") == "entities"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"PK\x03\x04xxxx"),
        ("a.csv", b"%PDF-1.7 xxxx"),
        ("a.csv", b"<html><table></table></html>"),
        ("a.csv", b"a,b\x00\x01\x02,c"),
        ("a.xlsx", b"a,b\n1,2\n"),
        ("a.xls", b"PK\x03\x04xxxx"),
        ("a.gpkg", b"a,b\n1,2\n"),
        ("a.geojson", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
        ("a.kml", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
        ("a.geojson", b'{"type": "Topology"}'),
        ("a.shp", b"not a shape file at all"),
        ("a.fgb", b"{}"),
        ("a.dxf", b"hello"),
    ],
)
def test_an_extension_that_lies(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert problem(tmp_path / name) == "renamed"


@pytest.mark.parametrize("name", ["a.exe", "a.xlsm", "a", "a.vrt"])
def test_an_extension_nobody_reads(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert problem(tmp_path / name) == "extension"


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/passwd", "a/b.csv", "..\\a.csv", "a\x00.csv", "\u202evsc.a.csv", "", ".."]
)
def test_a_path_as_a_name(name: str) -> None:
    with pytest.raises(ImportProblem) as caught:
        safe_name(name)
    assert caught.value.code == "bad_name"


def test_empty_files_and_only_headings_and_one_row(tmp_path: Path) -> None:
    assert problem(csv_file(tmp_path, "")) == "empty"
    assert problem(csv_file(tmp_path, " \n\n")) == "empty"
    assert problem(csv_file(tmp_path, "项目名称,备注\n")) == "only_headings"
    assert looked(csv_file(tmp_path, "项目名称,备注\n甲,乙\n")).sheet().rows == 1
    (tmp_path / "e.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    assert problem(tmp_path / "e.geojson") == "only_headings"


def test_a_formula_that_was_never_computed_is_told(tmp_path: Path) -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["项目名称", "备注"], ["甲", "=1+1"]):
        sheet.append(row)
    workbook.save(tmp_path / "f.xlsx")
    assert [(f.code, f.value) for f in looked(tmp_path / "f.xlsx").findings] == [
        ("formula_without_value", "sheet1.xml!B2")
    ]


def test_broken_json_and_a_truncated_geopackage(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": [{"type": "Feature"')
    assert problem(tmp_path / "a.geojson") == "unreadable"
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\x00" + b"\x00" * 5000)
    assert problem(tmp_path / "a.gpkg") == "unreadable"


def test_what_a_killed_import_left_is_cleared_by_a_later_one(tmp_path: Path) -> None:
    left = Path(tempfile.mkdtemp(prefix="atlas-import-"))
    (left / "file.csv").write_text("x")
    looked(csv_file(tmp_path, "项目名称\n甲\n"))
    assert left.exists()  # it may be at work
    os.utime(left, (0, 0))
    looked(csv_file(tmp_path, "项目名称\n甲\n"))
    assert not left.exists()


def test_cancelling_and_running_out_of_time(tmp_path: Path) -> None:
    path = book(tmp_path, [["项目名称"], ["甲"]])
    watch = Watch()
    watch.cancel()
    with pytest.raises(ImportProblem) as caught:
        look(path, LIMITS, watch)
    assert caught.value.code == "cancelled"
    with pytest.raises(ImportProblem) as caught:
        look(path, LIMITS, Watch(seconds=0.0))
    assert caught.value.code == "too_slow"
