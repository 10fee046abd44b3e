"""Colours that text is written in can be read on every ground of their theme: at least 4.5 : 1 (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

import pytest

from settings import ROOT

GROUNDS = ("ground", "panel", "raised")
WRITTEN = ("text", "quiet", "accent", "light-red", "light-yellow", "light-green", "light-grey", "up", "down", "demo")


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


@pytest.mark.parametrize("theme", ["wall", "desk"])
def test_text_can_be_read_on_every_ground(theme: str) -> None:
    colours = tokens(theme)

    faint = {
        (name, ground): round(contrast(colours[name], colours[ground]), 2)
        for name in WRITTEN
        for ground in GROUNDS
        if contrast(colours[name], colours[ground]) < 4.5
    }
    assert faint == {}
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
