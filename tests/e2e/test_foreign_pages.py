"""Pages of other websites in the reader's browser: none gets an answer, by whatever name or way it asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.e2e.header import role_shown

READ_ALL = """async (base) => {
    const said = {};
    for (const [name, path, how] of [
        ['page', '/', {}], ['projects', '/api/v1/projects', {}], ['health', '/healthz', {}], ['tile', '/tiles/1/leads-demo/9/404/209.mvt', {}],
        ['change', '/map/change?path=/&search=', {}], ['asset', '/assets/map.js', {}], ['layout', '/_dash-layout', {}],
        ['callback', '/_dash-update-component', {method: 'POST', body: '{}', headers: {'Content-Type': 'text/plain'}}],
        ['upload', '/data/upload?name=a.csv', {method: 'POST', body: 'a,b', headers: {'X-Atlas': 'upload'}}],
    ]) {
        try {
            const answer = await fetch(base + path, how);
            said[name] = `${answer.status} ${(await answer.text()).includes('亿') ? 'data' : ''}`.trim();
        } catch (error) {
            said[name] = error.name;
        }
    }
    return said;
}"""
ASKED = {"page", "projects", "health", "tile", "change", "asset", "layout", "callback", "upload"}


@pytest.fixture
def rebinding(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser for which evil.example has come to mean 127.0.0.1, as its owner's name server can have it."""
    rule = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    args = [*browser_type_launch_args["args"], rule]
    launched = browser_type.launch(**browser_type_launch_args | {"args": args})
    yield launched
    launched.close()


@pytest.fixture
def foreign_site() -> Iterator[str]:
    """Another website, on another port of this machine."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!DOCTYPE html><title>elsewhere</title><p>elsewhere"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_name_that_was_made_to_mean_this_machine_reads_nothing(rebinding: Browser, atlas: str) -> None:
    port = urlsplit(atlas).port
    evil = f"http://evil.example:{port}"
    page = rebinding.new_page()
    answer = page.goto(evil)
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("body")).to_contain_text(f"http://127.0.0.1:{port}")
    expect(page.locator("body")).to_contain_text("does not open at this address")
    expect(page.locator("a")).to_have_count(0)
    assert page.evaluate(READ_ALL, evil) == dict.fromkeys(ASKED, "403")


def test_a_page_of_another_port_reads_and_posts_nothing(page: Page, atlas: str, foreign_site: str) -> None:
    refused: list[int] = []
    page.on("response", lambda r: refused.append(r.status) if r.url.startswith(atlas) else None)
    page.goto(foreign_site)
    assert page.evaluate(READ_ALL, atlas) == dict.fromkeys(ASKED, "TypeError")
    # What needs no leave to be sent: a picture, a script, a form.
    for element in ("img", "script", "link"):
        page.evaluate(
            """([kind, base]) => new Promise((done) => {
                const element = document.createElement(kind);
                Object.assign(element, {onload: done, onerror: done, rel: 'stylesheet', [kind === 'link' ? 'href' : 'src']: base + '/assets/map.js'});
                document.body.append(element);
            })""",
            [element, atlas],
        )
    with page.expect_navigation():
        page.evaluate(
            """(base) => {
                const form = document.createElement('form');
                Object.assign(form, {method: 'POST', action: base + '/_dash-update-component', enctype: 'text/plain'});
                document.body.append(form);
                form.submit();
            }""",
            atlas,
        )
    expect(page.locator("h1").first).to_have_text("这个页面是从别的网站打开的")
    assert set(refused) == {403}


def test_a_link_from_elsewhere_says_so_and_opens_at_a_click(page: Page, atlas: str, foreign_site: str) -> None:
    page.goto(foreign_site)
    with page.expect_navigation():
        page.evaluate("(url) => { location.href = url; }", f"{atlas}/projects?light=red")
    expect(page.locator("h1").first).to_have_text("这个页面是从别的网站打开的")
    expect(page.locator("h1").last).to_have_text("This page was opened from another website")

    page.get_by_role("link", name="打开核区一张图").click()

    expect(role_shown(page)).to_have_text("领导视角")
    assert page.url == f"{atlas}/projects?light=red"


def test_localhost_is_this_machine(page: Page, atlas: str) -> None:
    page.goto(f"http://localhost:{urlsplit(atlas).port}/projects")
    expect(role_shown(page)).to_have_text("领导视角")
