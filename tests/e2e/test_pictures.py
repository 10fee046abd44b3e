"""The look of every part (/design) is the one that was looked at: pictures of it, compared with those beside this file.

A picture that differs is left in the folder that pytest prints. To take new ones: `make pictures`, then look at them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from i18n import COOKIE

PICTURES = Path(__file__).parent / "pictures"
#: Blocks of 4 × 4 px are compared by their mean, so that another smoothing of letters is no difference.
BLOCK = 4
#: A block differs from this much of 255 in one channel; so many blocks of a picture may.
LEVELS = 40
TOLERANCE = 0.005


def differing(one: Image.Image, other: Image.Image) -> float:
    """Share of blocks that differ. Pictures of another size differ wholly."""
    if one.size != other.size:
        return 1.0
    small = (one.width // BLOCK, one.height // BLOCK)
    means = (picture.convert("RGB").resize(small, Image.Resampling.BOX) for picture in (one, other))
    bands = ImageChops.difference(*means).split()
    worst = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return sum(worst.histogram()[LEVELS:]) / (small[0] * small[1])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["desk", "wall"])
def test_every_part_looks_as_it_was_approved(page: Page, atlas: str, theme: str, language: str, tmp_path: Path) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": language, "url": atlas}])
    page.set_viewport_size({"width": 1366, "height": 900})
    page.goto(f"{atlas}/design")
    half = page.locator(f"#design-{theme}")
    half.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => [...document.querySelectorAll('.js-plotly-plot .main-svg')].length >= 2")
    page.evaluate("document.fonts.ready")
    taken = tmp_path / f"{theme}-{language}.png"
    page.locator(".header").evaluate(
        "(header) => { header.style.display = 'none'; }"
    )  # it stays in sight, over the parts
    half.screenshot(path=taken, animations="disabled")
    approved = PICTURES / taken.name
    if os.environ.get("ATLAS_NEW_PICTURES"):
        approved.parent.mkdir(exist_ok=True)
        Image.open(taken).convert("RGB").quantize(256).save(approved, optimize=True)

    assert differing(Image.open(taken), Image.open(approved)) <= TOLERANCE, f"look at {taken} beside {approved}"


def test_a_change_that_can_be_seen_is_a_difference() -> None:
    ground = Image.new("RGB", (400, 400), "#ffffff")
    changed = ground.copy()
    changed.paste("#c8372c", (0, 0, 40, 40))

    assert differing(ground, ground) == 0
    assert differing(ground, changed) == 0.01
    assert differing(ground, ground.crop((0, 0, 400, 396))) == 1
