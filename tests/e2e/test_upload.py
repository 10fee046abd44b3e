"""Bringing a file up in a browser: what refuses it says so on the screen, and nothing of a refused file stays on the server."""

from __future__ import annotations

import errno
import http.client
import json
import os
import resource
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from settings import Settings
from tests.e2e.conftest import _gunicorn

MOST_MB, QUOTA_MB = 3, 5
MB = 1_000_000
CSV = "项目名称,所属片区,总投资(亿元),签约时间\n甲项目,SMKX,3.5,2025-03-01\n"


@dataclass(frozen=True)
class Desk:
    """A server with small limits, and its folder of uploads."""

    address: str
    imports: Path

    def bytes_kept(self) -> int:
        """Size of all uploaded files that are there."""
        return sum(path.stat().st_size for path in self.imports.glob("*/file*"))


@contextmanager
def running(settings: Settings, var: Path) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_IMPORT_MAX_MB", str(MOST_MB))
        patch.setenv("ATLAS_IMPORT_QUOTA_MB", str(QUOTA_MB))
        with _gunicorn(var, settings.sqlalchemy_url) as address:
            yield Desk(address, var / "imports")


@pytest.fixture(scope="module")
def shared_desk(atlas_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One server for all tests here: none of them writes to the database."""
    with running(atlas_settings, tmp_path_factory.mktemp("var")) as desk:
        yield desk


@pytest.fixture
def desk(shared_desk: Desk) -> Desk:
    """The server with an empty folder of uploads."""
    subprocess.run(
        ["find", str(shared_desk.imports), "-mindepth", "2", "-delete"], check=False, stderr=subprocess.DEVNULL
    )
    return shared_desk


def until(true: Callable[[], bool]) -> bool:
    """Wait for the server, which has no other way to tell us; False after half a minute."""
    deadline = time.monotonic() + 30
    while not true():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], 0.05)
    return True


def choose(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#data-drop").click()
    chooser.value.set_files(path)


def opened(page: Page, desk: Desk, query: str = "") -> None:
    page.goto(f"{desk.address}/data{query}")
    page.locator("#data-drop").wait_for()


def healthy(desk: Desk) -> bool:
    there = urlsplit(desk.address)
    connection = http.client.HTTPConnection(there.hostname or "", there.port, timeout=30)
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
    connection.close()
    return status == 200


def padded(path: Path, size: int) -> Path:
    """A readable file of projects of `size` bytes: one column of it is long."""
    row = "乙项目{n},SMKX,3.5,2025-03-01,{pad}\n"
    lines = ["项目名称,所属片区,总投资(亿元),签约时间,备注说明\n"]
    n, length = 0, len(lines[0].encode())
    while length < size:
        line = row.format(n=n, pad="x" * 20_000)
        lines.append(line)
        length += len(line.encode())
        n += 1
    path.write_text("".join(lines), encoding="utf-8")
    return path


def bare_post(desk: Desk, headers: dict[str, str], name: str = "a.csv") -> socket.socket:
    """A connection on which the head of an upload was sent."""
    there = urlsplit(desk.address)
    plug = socket.create_connection((there.hostname or "", there.port or 0), timeout=60)
    lines = [f"POST /data/upload?name={name} HTTP/1.1", f"Host: {there.netloc}", "X-Atlas: upload"]
    lines += [f"{key}: {value}" for key, value in headers.items()]
    plug.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return plug


# --- refused, and gone ------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_gone_as_soon_as_the_screen_says_so(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "表.xlsx"
    file.write_bytes(b"PK\x03\x04" + b"\x00" * 500_000)
    opened(page, desk)
    choose(page, file)
    expect(page.locator(".import-problem")).to_contain_text("没有导入")
    expect(page.locator(".import-problem")).to_contain_text("压缩包损坏")
    assert desk.bytes_kept() == 0


def test_a_file_of_a_kind_that_is_not_read_is_refused_before_it_comes(page: Page, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "照片.jpg"
    file.write_bytes(b"\xff\xd8\xff" + b"\x00" * 500_000)
    opened(page, desk)
    choose(page, file)
    expect(page.locator("#data-upload")).to_contain_text("上传失败:不支持 .jpg 文件")
    assert list(desk.imports.glob("*/file*")) == []


def test_a_file_that_is_too_large_is_refused_in_words(page: Page, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "大.csv"
    file.write_bytes(b"a,b\n" * 1_000_000)
    opened(page, desk)
    choose(page, file)
    expect(page.locator("#data-upload")).to_have_text("上传失败:文件有 4.0 MB，上限 3 MB(ATLAS_IMPORT_MAX_MB)。")
    assert list(desk.imports.glob("*/file*")) == []

    page.evaluate(
        "document.getElementById('data-drop').dataset.most = '1e12'"
    )  # a page that does not look before it sends
    choose(page, file)
    expect(page.locator("#data-upload")).to_have_text("上传失败:文件有 4.0 MB，上限 3 MB(ATLAS_IMPORT_MAX_MB)。")
    assert list(desk.imports.glob("*/file*")) == []


def test_a_file_that_does_not_say_its_size_is_cut_off_at_the_limit_and_gone(desk: Desk) -> None:
    plug = bare_post(desk, {"Transfer-Encoding": "chunked"})
    piece = b"a,b\n" * 25_000
    for _ in range(50):  # 5 MB
        plug.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    plug.sendall(b"0\r\n\r\n")
    answer = http.client.HTTPResponse(plug)
    answer.begin()
    assert answer.status == 413
    assert json.loads(answer.read())["problem"] == "文件有 >3 MB，上限 3 MB(ATLAS_IMPORT_MAX_MB)。"
    assert desk.bytes_kept() == 0
    assert list(desk.imports.glob("*/file*")) == []
    plug.close()


def test_a_connection_lost_in_the_middle_leaves_nothing(desk: Desk) -> None:
    plug = bare_post(desk, {"Content-Length": str(2 * MB)})
    plug.sendall(b"a,b\n" * 100_000)
    assert until(lambda: list(desk.imports.glob("*/file*")) != [])  # it is coming
    plug.close()
    assert until(lambda: list(desk.imports.glob("*/file*")) == [])
    assert healthy(desk)


def test_a_page_that_is_left_while_it_sends_leaves_nothing(page: Page, desk: Desk, tmp_path: Path) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000},
    )
    opened(page, desk)
    choose(page, padded(tmp_path / "慢.csv", 2 * MB))
    assert until(lambda: list(desk.imports.glob("*/file*")) != [])
    page.goto("about:blank")
    assert until(lambda: list(desk.imports.glob("*/file*")) == [])


def test_a_cancelled_look_leaves_nothing(page: Page, desk: Desk, tmp_path: Path) -> None:
    opened(page, desk)
    rows = "".join(f"项目{n},SMKX,{n % 90}.5,2025-03-01,104.0{n % 9},30.4{n % 9}\n" for n in range(60_000))
    file = tmp_path / "许多.csv"
    file.write_text("项目名称,所属片区,总投资(亿元),签约时间,经度,纬度\n" + rows, encoding="utf-8")
    choose(page, file)
    page.get_by_role("button", name="取消").click()
    expect(page.locator(".import-problem")).to_contain_text("已取消")
    assert desk.bytes_kept() == 0
    expect(page.locator(".import-columns")).to_have_count(0)


def test_another_file_takes_the_place_of_the_one_before(page: Page, desk: Desk, tmp_path: Path) -> None:
    first, second = padded(tmp_path / "一.csv", MB), tmp_path / "二.csv"
    second.write_text(CSV, encoding="utf-8")
    opened(page, desk)
    choose(page, first)
    expect(page.locator(".import-columns")).to_contain_text("乙项目0")
    choose(page, second)
    expect(page.locator(".import-columns")).to_contain_text("甲项目")
    assert [path.stat().st_size for path in desk.imports.glob("*/file*")] == [second.stat().st_size]
    assert len([p for p in desk.imports.iterdir() if p.is_dir() and any(p.iterdir())]) == 1


def test_a_refused_file_leaves_the_one_before_in_use(page: Page, desk: Desk, tmp_path: Path) -> None:
    good, bad = tmp_path / "好.csv", tmp_path / "坏.doc"
    good.write_text(CSV, encoding="utf-8")
    bad.write_bytes(b"x" * 1000)
    opened(page, desk)
    choose(page, good)
    expect(page.locator(".import-columns")).to_contain_text("甲项目")
    choose(page, bad)
    expect(page.locator("#data-upload")).to_contain_text("不支持 .doc 文件")
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.locator(".import-counts")).to_contain_text("1")


def test_a_file_that_is_gone_is_said_so_at_the_next_step(page: Page, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月.csv"
    file.write_text(CSV, encoding="utf-8")
    opened(page, desk)
    choose(page, file)
    expect(page.locator(".import-columns")).to_contain_text("甲项目")
    subprocess.run(["find", str(desk.imports), "-mindepth", "1", "-delete"], check=True)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.locator(".import-problem")).to_contain_text("上传的文件已不在服务器上，请重新上传。")


# --- the quota --------------------------------------------------------------------------------------------------------


def test_the_quota_refuses_in_words_and_abandoned_files_make_room(page: Page, desk: Desk, tmp_path: Path) -> None:
    file = padded(tmp_path / "表.csv", 2 * MB)
    for _ in range(2):  # two readers, each with a file of 2 MB, of which 5 MB are allowed together
        plug = bare_post(desk, {"Content-Length": str(file.stat().st_size)})
        plug.sendall(file.read_bytes())
        answer = http.client.HTTPResponse(plug)
        answer.begin()
        folder = desk.imports / json.loads(answer.read())["job"]
        assert until(lambda folder=folder: json.loads((folder / "state.json").read_text())["state"] == "done")
        plug.close()
    opened(page, desk)
    choose(page, file)
    expect(page.locator("#data-upload")).to_contain_text("上限 5 MB(ATLAS_IMPORT_QUOTA_MB)")
    assert 4 * MB <= desk.bytes_kept() < 5 * MB

    oldest, newer = sorted((p.parent for p in desk.imports.glob("*/file*")), key=lambda p: p.stat().st_mtime)
    for folder, hours in ((oldest, 3), (newer, 2)):  # nobody came back to them
        os.utime(folder, (time.time() - hours * 3600,) * 2)
    choose(page, file)
    expect(page.locator(".import-columns")).to_contain_text("乙项目0")
    assert not oldest.exists()
    assert newer.exists()


def test_two_files_at_once_do_not_get_the_same_room(desk: Desk) -> None:
    plugs = [bare_post(desk, {"Content-Length": str(int(2.8 * MB))}) for _ in range(2)]
    assert until(lambda: list(desk.imports.glob("*/file*")) != [])
    assert until(lambda: desk.bytes_kept() == int(2.8 * MB))  # counted before its bytes are there, and only one of them
    for plug in plugs:
        plug.close()
    assert until(lambda: list(desk.imports.glob("*/file*")) == [])


# --- a disk that does not take it -------------------------------------------------------------------------------------


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[bool]:
    """A file system of its own at `folder`; False where this account may not mount one."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True).returncode
    try:
        yield done == 0
    finally:
        if done == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(filler: Path) -> None:
    """Write a file until its disk is full."""
    with filler.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def workers_of(desk: Desk) -> list[int]:
    """Processes of ours that serve this folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            environment = (one / "environ").read_bytes()
        except OSError:
            continue
        if f"ATLAS_VAR_DIR={desk.imports.parent}\0".encode() in environment:
            found.append(int(one.name))
    return found


@contextmanager
def full_disk(desk: Desk) -> Iterator[None]:
    """Uploads of 2 MB find no room: a disk of 1 MB, or, where none may be mounted, processes that may not write as much."""
    with mounted(desk.imports, "size=1m") as real:
        if real:
            yield
            return
        pids = workers_of(desk)
        assert pids
        before = [resource.prlimit(pid, resource.RLIMIT_FSIZE, (MB, resource.RLIM_INFINITY)) for pid in pids]
        yield
        for pid, limit in zip(pids, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


def test_a_full_disk_is_a_sentence_on_the_screen_and_leaves_nothing(page: Page, desk: Desk, tmp_path: Path) -> None:
    with full_disk(desk):
        opened(page, desk)
        choose(page, padded(tmp_path / "表.csv", 2 * MB))
        expect(page.locator("#data-upload")).to_have_text("上传失败:服务器磁盘已满；请联系管理员腾出空间后再试。")
        assert list(desk.imports.glob("*/*")) == []
        assert healthy(desk)
        small = tmp_path / "小.csv"
        small.write_text(CSV, encoding="utf-8")
        choose(page, small)  # what fits is taken
        expect(page.locator(".import-columns")).to_contain_text("甲项目")


def test_a_disk_that_becomes_full_while_the_file_comes_is_a_sentence_too(desk: Desk) -> None:
    with full_disk(desk):
        plug = bare_post(desk, {"Transfer-Encoding": "chunked"})
        piece = b"a,b\n" * 25_000
        for _ in range(25):
            plug.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        plug.sendall(b"0\r\n\r\n")
        answer = http.client.HTTPResponse(plug)
        answer.begin()
        assert answer.status == 507
        assert json.loads(answer.read())["problem"] == "服务器磁盘已满；请联系管理员腾出空间后再试。"
        assert list(desk.imports.glob("*/*")) == []
        assert healthy(desk)
        plug.close()


def test_a_disk_that_becomes_full_before_the_check_is_a_sentence(page: Page, desk: Desk, tmp_path: Path) -> None:
    with mounted(desk.imports, "size=1m") as real:
        if not real:
            pytest.skip("only a real disk can be filled between two steps, and this account may not mount one")
        file = tmp_path / "八月.csv"
        file.write_text(CSV, encoding="utf-8")
        opened(page, desk)
        choose(page, file)
        expect(page.locator(".import-columns")).to_contain_text("甲项目")
        fill(desk.imports / "filler")
        page.get_by_role("button", name="核对", exact=True).click()
        expect(page.locator(".import-problem")).to_contain_text("服务器磁盘已满；请联系管理员腾出空间后再试。")
        assert list(desk.imports.glob("*/*.new")) == []
        (desk.imports / "filler").unlink()
        page.get_by_role("button", name="核对", exact=True).click()  # the file is still there
        expect(page.locator("[data-findings]")).to_be_visible()


@contextmanager
def read_only(desk: Desk) -> Iterator[None]:
    """A folder of uploads that takes nothing: a read-only disk, or a file where the folder should be."""
    with mounted(desk.imports, "size=1m,ro") as real:
        if real:
            yield
            return
    aside = desk.imports.with_name("aside")
    desk.imports.rename(aside)
    desk.imports.write_text("in the way")
    try:
        yield
    finally:
        desk.imports.unlink()
        aside.rename(desk.imports)


def test_a_read_only_disk_is_a_sentence_on_the_screen(page: Page, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月.csv"
    file.write_text(CSV, encoding="utf-8")
    with read_only(desk):
        opened(page, desk)
        choose(page, file)
        expect(page.locator("#data-upload")).to_have_text("上传失败:服务器的暂存目录不能写入；请联系管理员。")
        assert healthy(desk)
    choose(page, file)
    expect(page.locator(".import-columns")).to_contain_text("甲项目")


def test_a_file_in_place_of_the_folder_is_a_sentence_too(page: Page, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "八月.csv"
    file.write_text(CSV, encoding="utf-8")
    aside = desk.imports.with_name("aside")
    desk.imports.mkdir(exist_ok=True)
    desk.imports.rename(aside)
    desk.imports.write_text("in the way")
    try:
        opened(page, desk)
        choose(page, file)
        expect(page.locator("#data-upload")).to_have_text("上传失败:服务器的暂存目录不能写入；请联系管理员。")
        assert healthy(desk)
    finally:
        desk.imports.unlink()
        aside.rename(desk.imports)


# --- processes that die -----------------------------------------------------------------------------------------------


def test_a_look_that_was_killed_leaves_nothing(page: Page, desk: Desk, tmp_path: Path) -> None:
    rows = "".join(f"项目{n},SMKX,{n % 90}.5,2025-03-01,104.0{n % 9},30.4{n % 9}\n" for n in range(60_000))
    file = tmp_path / "许多.csv"
    file.write_text("项目名称,所属片区,总投资(亿元),签约时间,经度,纬度\n" + rows, encoding="utf-8")
    opened(page, desk)
    choose(page, file)
    page.get_by_role("button", name="取消").wait_for()
    state = next(desk.imports.glob("*/state.json"))
    os.kill(json.loads(state.read_text())["pid"], signal.SIGKILL)
    expect(page.locator(".import-problem")).to_contain_text("处理进程已中断")
    assert desk.bytes_kept() == 0


def test_an_upload_whose_server_was_killed_is_gone_with_the_next_one(desk: Desk) -> None:
    plug = bare_post(desk, {"Content-Length": str(2 * MB)})
    plug.sendall(b"a,b\n" * 10_000)
    assert until(lambda: desk.bytes_kept() == 2 * MB)
    state = next(desk.imports.glob("*/state.json"))
    os.kill(json.loads(state.read_text())["pid"], signal.SIGKILL)
    plug.close()
    assert until(lambda: not plug_is_refused(desk))
    body = CSV.encode()
    again = bare_post(desk, {"Content-Length": str(len(body))})
    again.sendall(body)
    answer = http.client.HTTPResponse(again)
    answer.begin()
    assert answer.status == 200
    assert desk.bytes_kept() == len(body)
    again.close()


def plug_is_refused(desk: Desk) -> bool:
    """Whether no worker answers yet."""
    try:
        return not healthy(desk)
    except OSError:
        return True
