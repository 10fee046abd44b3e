"""What is written can be read and what is drawn can be seen on every ground of both themes, measured on the tokens themselves.

Text 4.5 : 1 on the grounds and on the tints that cards and notes use, marks and outlines 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

import re
from itertools import product

import pytest

from settings import ROOT

GROUNDS = ("ground", "panel", "raised")
WRITTEN = (
    "text", "quiet", "accent", "light-red", "light-yellow", "light-green", "light-grey", "down", "caution", "error",
)  # fmt: skip
DRAWN = (
    *WRITTEN, "outline", *(f"zone-{i}" for i in range(5)), *(f"unit-{i}" for i in range(5)),
    *(f"state-{s}" for s in ("strong", "fair", "weak", "none")), *(f"class-{c}" for c in "abc"),
)  # fmt: skip
#: Text on a fill of its own.
FILLS = {"on-accent": ("accent",), "on-unit": tuple(f"unit-{i}" for i in range(5))}
#: What only parts or lies behind.
SILENT = {"hairline", *GROUNDS}
#: A tint is its colour mixed into a ground: how strong it is at most, and who is written on it.
TINTS = (
    ("accent", 0.16, ("text", "quiet")),
    ("caution", 0.12, ("text", "caution")),
    ("error", 0.12, ("text", "error")),
)


def tokens(theme: str) -> dict[str, str]:
    css = (ROOT / "assets" / "tokens.css").read_text(encoding="utf-8")
    block = re.search(rf'\[data-theme="{theme}"\] \{{(.*?)\}}', css, re.S)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, share: float, ground: str) -> str:
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c * share + g * (1 - share)):02x}" for c, g in pairs)


@pytest.mark.parametrize("theme", ["wall", "desk"])
def test_each_token_has_a_role_and_holds_its_contrast(theme: str) -> None:
    colours = tokens(theme)

    assert colours.keys() == {*DRAWN, *FILLS, *SILENT}
    faint = {
        (name, ground): round(contrast(colours[name], colours[ground]), 2)
        for name, ground in product(DRAWN, GROUNDS)
        if contrast(colours[name], colours[ground]) < (4.5 if name in WRITTEN else 3)
    }
    assert faint == {}
    for name, fills in FILLS.items():
        assert {f: c for f in fills if (c := contrast(colours[name], colours[f])) < 4.5} == {}


@pytest.mark.parametrize("theme", ["wall", "desk"])
def test_text_can_be_read_on_tints(theme: str) -> None:
    colours = tokens(theme)

    faint = {
        (name, tint, ground): round(found, 2)
        for tint, share, names in TINTS
        for ground, name in product(("ground", "panel"), names)
        if (found := contrast(colours[name], mixed(colours[tint], share, colours[ground]))) < 4.5
    }
    assert faint == {}


@pytest.mark.parametrize("theme", ["wall", "desk"])
def test_no_two_roles_share_a_colour(theme: str) -> None:
    """A colour that stands for two things says neither: of the roles that speak, no two tokens are alike."""
    alone = [
        t
        for t in tokens(theme).items()
        if t[0] not in {*SILENT, "on-accent", "on-unit", "quiet", "light-grey", "state-none"}
    ]

    assert len({colour for _name, colour in alone}) == len(alone)


def test_lights_on_the_desk_are_the_darker_ones() -> None:
    desk = tokens("desk")
    assert (desk["light-yellow"], desk["light-green"]) == ("#8f5f00", "#1b7a4e")


def test_what_the_sheets_ask_for_is_defined() -> None:
    sheets = {
        p.name: re.sub(r"/\*.*?\*/", "", p.read_text(encoding="utf-8"), flags=re.S)
        for p in (ROOT / "assets").glob("*.css")
    }
    known = {name for css in sheets.values() for name in re.findall(r"(--[\w-]+)\s*:", css)}
    code = "".join(
        p.read_text(encoding="utf-8") for p in [*(ROOT / "views").rglob("*.py"), *(ROOT / "assets").glob("*.js")]
    )
    known |= set(re.findall(r"[\"'](--[\w-]+)[\"']", code))

    asked = {(name, var) for name, css in sheets.items() for var in re.findall(r"var\((--[\w-]+)\)", css)}
    assert {(name, var) for name, var in asked if var not in known and not var.startswith("--mantine")} == set()


#: Who may wear the colours of the lights: lights, progress by their limits, and how long a red one has stood.
LIT = re.compile(r"light|bar--(yellow|red)|pace--|attention-age|map-frame|key--cluster")
SHEETS = ("app.css", "data.css", "explain.css", "map.css", "opens.css")


def test_the_colours_of_lights_are_worn_by_lights_only() -> None:
    worn = set()
    for name in SHEETS:
        css = re.sub(r"/\*.*?\*/", "", (ROOT / "assets" / name).read_text(encoding="utf-8"), flags=re.S)
        for selector, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            if "var(--light-" in rule and not LIT.search(selector):
                worn.add((name, selector.strip()))
    assert worn == set()
