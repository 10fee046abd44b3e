"""Files that a page offers: whole however many ask at once, and nothing of them stays on the server."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import openpyxl
import pytest
from playwright.sync_api import Page

from api.endpoints import ENDPOINTS
from data.imports.tables import TABLES
from settings import Settings
from tests.e2e.conftest import _gunicorn

AT_ONCE = 24


@dataclass(frozen=True)
class Place:
    """A server and the two folders it may write to."""

    address: str
    var: Path
    temporary: Path

    def files(self) -> set[Path]:
        """Everything that is there, but SQLite's own side files."""
        found = {*self.var.rglob("*"), *self.temporary.rglob("*")}
        return {path for path in found if not path.name.endswith(("-wal", "-shm"))}

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of an answer."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=60) as answer:  # noqa: S310 - our own loopback address
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def get_together(self, paths: list[str]) -> list[tuple[int, bytes]]:
        """The answers to requests that all start at the same moment."""
        ready = Barrier(len(paths))

        def one(path: str) -> tuple[int, bytes]:
            ready.wait(20)
            return self.get(path)

        with ThreadPoolExecutor(len(paths)) as pool:
            return list(pool.map(one, paths))


@pytest.fixture(scope="module")
def place(atlas_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The program with a var folder and a temporary folder of its own."""
    var, temporary = tmp_path_factory.mktemp("var"), tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with _gunicorn(var, atlas_settings.sqlalchemy_url) as address:
            yield Place(address, var, temporary)


def headings(book: bytes, sheet: str, row: int) -> list[str]:
    page = openpyxl.load_workbook(io.BytesIO(book))[sheet]
    return [cell for cell in next(page.iter_rows(min_row=row, max_row=row, values_only=True)) if cell]


def test_a_template_asked_for_by_many_at_once_is_whole_for_each(place: Place) -> None:
    before = place.files()
    table = TABLES["projects"]
    alone = headings(place.get("/data/template/projects.xlsx")[1], table.zh, 3)
    assert alone[0].startswith("项目")
    answers = place.get_together(["/data/template/projects.xlsx"] * AT_ONCE)
    assert [status for status, _book in answers] == [200] * AT_ONCE
    assert [headings(book, table.zh, 3) for _status, book in answers] == [alone] * AT_ONCE
    assert place.files() == before


def test_every_export_asked_for_by_many_at_once_is_whole_for_each(place: Place) -> None:
    before = place.files()
    books = place.get_together(["/api/v1/export/projects.xlsx"] * AT_ONCE)
    alone = headings(books[0][1], "项目", 1)
    assert [(status, headings(book, "项目", 1)) for status, book in books] == [(200, alone)] * AT_ONCE
    for name, start in (("plots.gpkg", b"SQLite format 3\x00"), ("plots.geojson", b'{"type": "FeatureCollection"')):
        answers = place.get_together([f"/api/v1/export/{name}"] * 8)
        assert [(status, body[: len(start)]) for status, body in answers] == [(200, start)] * 8
    for status, body in place.get_together(["/api/v1/export/plots.zip"] * 8):
        assert status == 200
        assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert place.files() == before


def test_an_export_that_is_refused_half_way_leaves_nothing(place: Place) -> None:
    before = place.files()
    status, _body = place.get("/api/v1/export/milestones.zip")  # a Shapefile of a table without places
    assert status == 422
    assert place.files() == before


def test_no_address_that_is_read_leaves_a_file(place: Place) -> None:
    before = place.files()
    exports = [f"/api/v1/export/{t}.{kind}" for t in TABLES for kind in ("xlsx", "csv", "geojson", "gpkg", "zip")]
    examples = {"<project_id>": "P0001", "<code>": "SMKX", "<kpi_id>": "K01", "<zone>": "SMKX"}
    answers = ["/api/v1" + e.path for e in ENDPOINTS]
    for placeholder, example in examples.items():
        answers = [path.replace(placeholder, example) for path in answers]
    pages = ["/", "/data", "/chains", "/ledger", "/per-mu", "/projects", "/park/SMKX", "/healthz", "/_dash-layout"]
    other = ["/api/v1/export/workspace.gpkg", *(f"/data/template/{t}.xlsx" for t in TABLES), "/data/report/x.xlsx"]
    statuses = {place.get(path)[0] for path in (*pages, *answers, *exports, *other)}
    assert statuses <= {200, 400, 403, 404, 422}
    assert place.files() == before


def test_the_page_gives_a_template_that_opens(page: Page, place: Place) -> None:
    page.goto(f"{place.address}/data")
    page.wait_for_load_state("networkidle")
    with page.expect_download() as coming:
        page.locator("[data-table=plots] summary").click()
        page.locator("a[href='/data/template/plots.xlsx']").click()
    assert coming.value.suggested_filename == "plots.xlsx"
    assert headings(coming.value.path().read_bytes(), TABLES["plots"].zh, 3)
