"""One colour means one thing on screen: units are slate and named, libraries take the accent, lights are lights."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.unit.test_contrast import tokens

#: Mantine's cyan, teal, blue, violet and grape, Dash's purple, AG Grid's blue and Plotly's first colours.
FOREIGN = {
    "rgb(21, 170, 191)", "rgb(16, 152, 173)", "rgb(12, 133, 153)", "rgb(11, 114, 133)", "rgb(34, 184, 207)",
    "rgb(59, 201, 219)", "rgb(102, 217, 232)", "rgb(18, 184, 134)", "rgb(34, 139, 230)", "rgb(28, 126, 214)",
    "rgb(121, 80, 242)", "rgb(190, 75, 219)", "rgb(127, 75, 196)", "rgb(33, 150, 243)", "rgb(99, 110, 250)",
    "rgb(239, 85, 59)", "rgb(0, 204, 150)",
}  # fmt: skip

_COLOURS = """() => {
  const found = {};
  for (const element of document.querySelectorAll('body, body *')) {
    const style = getComputedStyle(element);
    for (const name of ['color', 'backgroundColor', 'borderTopColor', 'outlineColor', 'fill', 'stroke', 'caretColor'])
      found[style[name]] = `${name} of ${element.tagName} ${element.className.baseVal ?? element.className}`;
  }
  const root = getComputedStyle(document.documentElement);
  for (const name of root) {
    if (!/^--mantine-primary-color-(\\d|filled|light-color)|^--Dash-Fill-Interactive-Strong/.test(name)) continue;
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = `var(${name})`;
    found[getComputedStyle(probe).color] = name;
    probe.remove();
  }
  return found;
}"""


def rgb(colour: str) -> str:
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def as_role(page: Page, atlas: str, language: str, role: str = "leadership") -> None:
    page.context.add_cookies(
        [
            {"name": "atlas_role", "value": role, "url": atlas},
            {"name": "atlas_lang", "value": language, "url": atlas},
        ]
    )


@pytest.mark.parametrize("path", ["/", "/per-mu", "/projects", "/data", "/park/CDKXC"])
def test_libraries_bring_no_colour_of_their_own(page: Page, atlas: str, path: str) -> None:
    as_role(page, atlas, "zh", "planner")
    page.goto(atlas + path)
    expect(page.locator("#page > *:not(.boot)").first).to_be_visible()
    if path == "/park/CDKXC":
        expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    for control in page.locator(".mantine-Slider-thumb, .mantine-Pagination-control, main input").all()[:6]:
        if control.is_visible():
            control.focus()
            assert {c: what for c, what in page.evaluate(_COLOURS).items() if c in FOREIGN} == {}
    assert {c: what for c, what in page.evaluate(_COLOURS).items() if c in FOREIGN} == {}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("grouping", ["", "?by=admin"])
def test_every_piece_of_the_split_says_whose_it_is(page: Page, atlas: str, language: str, grouping: str) -> None:
    """Inside, or in the short lines below by the colour of its piece; what is inside is whole."""
    as_role(page, atlas, language)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(atlas + "/" + grouping)
    bar = page.locator(".split-bar")
    expect(bar.locator(".split-piece").first).to_be_visible()
    slate = {rgb(c) for name, c in tokens("wall").items() if name.startswith("unit-")}
    pieces = bar.locator(".split-piece").evaluate_all(
        """all => all.map(piece => ({
             name: piece.title, fill: getComputedStyle(piece).backgroundColor, width: piece.clientWidth,
             words: piece.innerText.trim(), whole: piece.scrollWidth <= piece.clientWidth && piece.scrollHeight <= piece.clientHeight,
           }))"""
    )
    below = page.locator(".split-entries .split-entry").evaluate_all(
        """all => all.map(entry => ({
             fill: getComputedStyle(entry.querySelector('.split-key')).backgroundColor, words: entry.innerText.trim(),
             whole: [entry, ...entry.children].every(part => part.scrollWidth <= part.clientWidth || !part.clientWidth),
           }))"""
    )
    assert len(pieces) >= 4
    assert {piece["fill"] for piece in pieces} <= slate
    assert [p["name"] for p in pieces if p["words"] and not (p["whole"] and p["width"] >= 48)] == []
    assert len(below) == sum(not piece["words"] for piece in pieces)
    assert [entry["fill"] for entry in below] == [piece["fill"] for piece in pieces if not piece["words"]]
    assert [entry["words"] for entry in below if not (entry["whole"] and re.search(r"\d", entry["words"]))] == []


def test_a_unit_keeps_its_colour_at_every_rank(page: Page, atlas: str) -> None:
    as_role(page, atlas, "zh")

    def fills(search: str) -> dict[str, str]:
        page.goto(f"{atlas}/{search}")
        expect(page.locator(".split-piece").first).to_be_visible()
        return dict(
            page.locator(".split-piece").evaluate_all(
                "all => all.map(p => [p.title.replace(/ [\\\\d.,]+$/, ''), getComputedStyle(p).backgroundColor])"
            )
        )

    city, one = fills(""), fills("?zone=WLKJC")
    assert next(iter(city)) != next(iter(one))
    assert {name: fill for name, fill in one.items() if name in city and city[name] != fill} == {}
    assert set(one) & set(city)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_tiles_are_whole(page: Page, atlas: str, language: str, size: tuple[int, int]) -> None:
    """All six fit above the fold of their column, nothing of them is cut, lines have 72 × 24 px and Σ a target of 24."""
    as_role(page, atlas, language)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(atlas)
    expect(page.locator(".tile")).to_have_count(6)
    cut = page.locator(".tile *").evaluate_all(
        """all => all.filter(e => e.scrollWidth > e.clientWidth && e.clientWidth).map(e => `${e.className}: ${e.innerText}`)"""
    )
    assert cut == []
    for tile in page.locator(".tile-host").all():
        change, line, sigma, body = (
            tile.locator(part).bounding_box() for part in (".yoy", ".spark", ".explain-button", ".tile")
        )
        assert change is not None
        assert line is not None
        assert sigma is not None
        assert body is not None
        assert line["width"] >= 72
        assert line["height"] >= 24
        assert line["x"] >= change["x"] + change["width"] or line["y"] >= change["y"] + change["height"]
        assert min(sigma["width"], sigma["height"]) >= 24
        assert sigma["y"] + sigma["height"] <= body["y"] + body["height"]
    column = page.locator("#left").bounding_box()
    last = page.locator(".tile").last.bounding_box()
    assert column is not None
    assert last is not None
    assert last["y"] + last["height"] <= column["y"] + column["height"]


def test_a_tick_and_a_word_tell_the_schedule_and_only_ten_points_are_yellow(page: Page, atlas: str) -> None:
    as_role(page, atlas, "zh")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(atlas)
    look = tokens("wall")
    expect(page.locator(".tile")).to_have_count(6)
    tiles = page.locator(".tile:has(.pace)")
    assert tiles.count() >= 3
    for tile in tiles.all():
        pace = tile.locator(".pace")
        words = pace.inner_text()
        behind = float(re.sub(r"[^\d.]", "", words) or 0) if words.startswith("落后") else 0
        fill = tile.locator(".bar-fill").evaluate("e => getComputedStyle(e).backgroundColor")
        expected = "light-red" if behind > 30 else "light-yellow" if behind >= 10 else "accent"
        assert (words, fill) == (words, rgb(look[expected]))
        tick = tile.locator(".bar-tick").bounding_box()
        assert tick is not None
        assert tick["height"] >= 12


@pytest.mark.parametrize("theme", ["/", "/park/CDKXC"])
def test_changes_are_in_the_colour_of_text_but_bad_falls(page: Page, atlas: str, theme: str) -> None:
    as_role(page, atlas, "zh")
    page.goto(atlas + theme)
    look = tokens("wall" if theme == "/" else "desk")
    expect(page.locator(".yoy").first).to_be_visible()
    told = page.locator(".yoy").evaluate_all(
        """all => all.filter(e => e.checkVisibility()).map(e => [
             e.innerText.replace(/\\s/g, ''),
             ...[e.firstElementChild, e.firstElementChild.firstElementChild].map(part => getComputedStyle(part).color),
           ])"""
    )
    assert told
    for words, number, sign in told:
        fall = re.match(r"▼−?([\d.]+)%", words)
        bad = bool(fall) and float(fall[1]) >= 5
        quiet = words.startswith(("0.0", "—"))
        colour = rgb(look["down" if bad else "quiet" if quiet else "text"])
        assert (words, number, sign) == (words, colour, colour)


def test_lights_keep_their_shapes_and_bars_an_outline_in_forced_colours(page: Page, atlas: str) -> None:
    as_role(page, atlas, "zh")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.goto(atlas)
    expect(page.locator(".tile")).to_have_count(6)
    for bar in (".tile .bar", ".split-piece", ".chain-row .bar"):
        drawn = page.locator(bar).first.evaluate(
            "e => { const s = getComputedStyle(e); return [s.borderTopStyle, s.outlineStyle].some(x => x === 'solid'); }"
        )
        assert drawn, bar
    fill, track = page.locator(".tile .bar").first.evaluate(
        "e => [getComputedStyle(e.firstElementChild).backgroundColor, getComputedStyle(e).backgroundColor]"
    )
    assert fill != track
    chosen = page.locator(".mantine-SegmentedControl-indicator").first
    assert chosen.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert [
        page.locator(f".light-name .light--{light}").inner_text() for light in ("red", "yellow", "green", "grey")
    ] == list("▲◆●○")
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(e => {
             const s = getComputedStyle(e);
             return s.animationName !== 'none' || s.transitionDuration.split(',').some(time => parseFloat(time) > 0);
           }).length"""
    )
    assert moving == 0
