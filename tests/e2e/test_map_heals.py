"""A server whose map is behind its data: it keeps the last picture, says so, and builds the missing tiles by itself."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from settings import ROOT
from tests.e2e.test_main_job import READY

#: Names of the owner's projects that the map draws, read from what is rendered.
DRAWN = """() => {
    const {map} = window.atlas.maps.map;
    const layers = map.getStyle().layers.filter((l) => l['source-layer'] === 'project').map((l) => l.id);
    return [...new Set(map.queryRenderedFeatures({layers}).map((f) => f.properties.id))].sort();
}"""
#: Pixels of the map that are not its ground.
PAINTED = """() => {
    const map = window.atlas?.maps?.map?.map;
    return !!map && map.queryRenderedFeatures({layers: map.getStyle().layers.filter((l) => l['source-layer'] === 'zone')
        .map((l) => l.id)}).length > 0 && map.getCanvas().clientWidth > 300;
}"""
#: Near enough for single projects.
NEAR = "&map=104.07,30.41,11.5"
HEADINGS = "项目编号,项目名称,所属片区,总投资(万元),签约日期,经度,纬度\n"


@pytest.fixture
def own_var(tmp_path: Path) -> Path:
    """The var folder of `own_atlas`."""
    return tmp_path / "var"


def health(atlas: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{atlas}/healthz", timeout=30) as answer:  # noqa: S310 - our own loopback address
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)


def until(atlas: str, fits: Callable[[int, dict[str, Any]], bool], seconds: float = 90) -> dict[str, Any]:
    """Ask /healthz until its answer fits: the server gives no other sign from outside."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status, said = health(atlas)
        if fits(status, said):
            return said
        time.sleep(0.05)
    pytest.fail(f"/healthz stayed at {status} {said}")


def stored_version(var: Path) -> int:
    with closing(sqlite3.connect(var / "atlas.db", timeout=30)) as connection:
        return int(connection.execute("SELECT value FROM meta WHERE key = 'data_version'").fetchone()[0])


def tile(atlas: str, version: int) -> tuple[int, str | None]:
    """Status of a tile over the core zone, and how long it may be kept."""
    url = f"{atlas}/tiles/{version}/base/9/404/210.mvt"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback address
            return answer.status, answer.headers["Cache-Control"]
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Cache-Control"]


def bring(var: Path, name: str) -> subprocess.Popen[str]:
    file = var.parent / f"{name}.csv"
    file.write_text(f"{HEADINGS}{name},新项目,CDKXC,900,2025-03-01,104.07,30.41\n", encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "cli.py", "import", str(file)],
        cwd=ROOT,
        env=os.environ | {"ATLAS_VAR_DIR": str(var), "ATLAS_DATABASE_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def bring_and_die(var: Path, name: str) -> tuple[int, int]:
    """An import that is killed when it has committed and not built; data version before and after."""
    before = stored_version(var)
    process = bring(var, name)
    while stored_version(var) == before:
        assert process.poll() is None, process.communicate()[0]
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    after = stored_version(var)
    assert not (var / "tiles" / str(after)).exists()
    return before, after


def test_killed_between_commit_and_tiles_the_map_stays_and_heals(page: Page, own_atlas: str, own_var: Path) -> None:
    with page.expect_response(re.compile("/(healthz|now)$")):  # the page knows what it was drawn from
        page.goto(f"{own_atlas}/?data=own{NEAR}")
    page.wait_for_function(READY)
    assert page.evaluate(PAINTED)
    assert page.evaluate(DRAWN) == []

    before, after = bring_and_die(own_var, "P1")

    status, said = health(own_atlas)
    assert (status, said["status"], said["data_version"], said["database_version"]) == (200, "behind", before, after)
    assert said["tiles"] is True
    assert said["building"]["state"] in ("waiting", "building")
    assert "地图正在更新" in said["notice"]
    assert tile(own_atlas, before) == (200, "private, max-age=31536000, immutable")
    assert tile(own_atlas, after) == (404, "no-store")
    other = page.context.new_page()  # opened in this moment: figures of the new data, the picture before
    other.goto(f"{own_atlas}/?data=own{NEAR}")
    other.wait_for_function(READY)
    other.wait_for_function(PAINTED)
    other.close()
    assert page.evaluate(PAINTED)

    healed = until(own_atlas, lambda _status, said: said["status"] == "ok")

    assert healed["data_version"] == healed["database_version"] == after
    assert tile(own_atlas, after)[0] == 200
    page.wait_for_function(f"() => (window.atlas?.maps?.map?.timings?.firstIdle && ({DRAWN})().length) > 0")
    assert page.evaluate(DRAWN) == ["P1"]
    expect(page.locator("#connection")).to_be_hidden()


def test_a_builder_that_is_killed_is_followed_by_another(own_atlas: str, own_var: Path) -> None:
    bring_and_die(own_var, "P1")
    killed = 0
    deadline = time.monotonic() + 60
    while not killed and time.monotonic() < deadline:
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                mine = f"ATLAS_VAR_DIR={own_var}".encode() in (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"layers.keeper" in words and mine:
                os.kill(int(entry.name), signal.SIGKILL)
                killed = int(entry.name)
    assert killed

    until(own_atlas, lambda _status, said: said["status"] == "ok")


def test_the_same_file_again_builds_what_the_first_import_could_not(own_atlas: str, own_var: Path) -> None:
    """Without the help of a server: the command heals by itself."""
    whole = own_var / "tiles" / str(stored_version(own_var))
    _before, after = bring_and_die(own_var, "P1")
    again = bring(own_var, "P1")
    said = again.communicate(timeout=120)[0]
    assert again.returncode == 0, said
    assert "nothing changed: 0 new, 0 changed, 2 the same" in said
    assert stored_version(own_var) == after
    assert (own_var / "tiles" / str(after) / "manifest.json").is_file()
    assert whole.is_dir()  # open pages still ask for it


@pytest.fixture
def small_disk(own_atlas: str, own_var: Path) -> Iterator[Path]:
    """The tiles of `own_atlas` on a disk that holds them and little more; skipped where nothing may be mounted."""
    tiles = own_var / "tiles"
    whole = sum(path.stat().st_size for path in tiles.rglob("*") if path.is_file())
    size = (whole + 200_000) // 4096 * 4096
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(tiles)]
    aside = own_var / "tiles-aside"
    tiles.rename(aside)
    tiles.mkdir()
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(tiles)], check=True)
        yield tiles
    finally:
        subprocess.run(["umount", "-l", str(tiles)], check=True)


def test_on_a_full_disk_the_map_stays_and_the_reason_is_said_until_there_is_room(
    page: Page, own_atlas: str, own_var: Path, small_disk: Path
) -> None:
    page.goto(f"{own_atlas}/?data=own{NEAR}")
    page.wait_for_function(READY)
    before = stored_version(own_var)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(bytes(os.statvfs(small_disk).f_bavail * 4096 + 4096))

    importer = bring(own_var, "P1")
    told = importer.communicate(timeout=120)[0]
    assert importer.returncode == 1
    assert "batch 1: 2 new" in told  # the project and the milestone of its signing
    assert re.search(r"The tiles of data version \d+ could not be built \(.*No space left on device\)", told)
    after = stored_version(own_var)

    failed = until(own_atlas, lambda _status, said: (said["building"] or {}).get("tries", 0) >= 2)
    assert (failed["status"], failed["data_version"], failed["database_version"]) == ("behind", before, after)
    assert "No space left on device" in failed["building"]["reason"]
    assert any("No space left on device" in problem for problem in failed["problems"])
    assert health(own_atlas)[0] == tile(own_atlas, before)[0] == 200
    note = page.locator("#connection")
    expect(note).to_contain_text("地图未能更新(磁盘已满)")
    assert page.evaluate(PAINTED)
    # What a try leaves is swept by the next, which may be under way.
    left = sorted(p.name for p in small_disk.iterdir() if p.suffix != ".building")
    assert left == sorted([".lock", "ballast", str(before)])

    ballast.unlink()

    until(own_atlas, lambda _status, said: said["status"] == "ok")
    page.wait_for_function(f"() => (window.atlas?.maps?.map?.timings?.firstIdle && ({DRAWN})().length) > 0")
    expect(note).to_be_hidden()


def test_on_a_read_only_disk_the_reason_is_said(own_atlas: str, own_var: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    importer = bring(own_var, "P1")
    told = importer.communicate(timeout=120)[0]
    assert importer.returncode == 1
    assert "could not be built (Read-only file system)" in told

    failed = until(own_atlas, lambda _status, said: (said["building"] or {}).get("state") == "failed")
    assert failed["building"]["reason"] == "Read-only file system"
    assert "磁盘只读" in failed["notice"]

    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    until(own_atlas, lambda _status, said: said["status"] == "ok")


def test_a_database_damaged_under_the_server_is_said_with_what_mends_it(
    page: Page, own_atlas: str, own_var: Path
) -> None:
    file = own_var / "atlas.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    assert health(own_atlas)[0] == 200
    page.goto(own_atlas)
    page.wait_for_function(READY)
    page.locator("#page[data-reader]").wait_for()  # the map is there before the page around it
    mend = f"Mend it with: mv '{file}' '{file}.broken' && .venv/bin/python cli.py init"

    for place, size in ((4096 * 20, 4096 * 40), (0, 100)):  # pages in the middle; the head of the file
        with file.open("r+b") as target:
            target.seek(place)
            target.write(bytes(range(1, 101)) * (size // 100))
        said = until(own_atlas, lambda status, _said: status == 503)
        assert said["status"] == "unavailable"
        assert len(said["problems"]) == 1
        assert said["problems"][0].startswith(f"{file} is not a readable database (")
        assert said["problems"][0].endswith(mend)
        with file.open("r+b") as target:
            target.write(whole)
        until(own_atlas, lambda status, _said: status == 200)

    file.rename(own_var / "away.db")
    status, said = health(own_atlas)
    assert (status, said["database"]) == (503, False)
    assert said["problems"] == [f"There is no database at {file}. Mend it with: .venv/bin/python cli.py init"]
    assert not file.exists()  # asking did not make an empty one
    expect(page.locator("#connection")).to_contain_text("数据库无法使用")
    assert page.evaluate(PAINTED)

    file.write_bytes(whole)  # another file under the same name, such as a backup put back
    until(own_atlas, lambda status, _said: status == 200)
    page.reload()
    page.wait_for_function(READY)
