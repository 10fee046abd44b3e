"""The two looks of the map: ``wall`` (dark, big screen) and ``desk`` (light). The colours are the tokens of the screens.

Zone colours have one order everywhere, the core first. The desk uses the same hues 15 % darker for zones and 10 %
darker for lights, so that they hold against a white ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.reference.palette import LIGHTS, ZONES

ThemeName = Literal["wall", "desk"]


def darker(colour: str, share: float) -> str:
    """`colour` (``#RRGGBB``) with each channel lowered by `share` (0.15 = 15 %)."""
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(c * (1 - share)):02X}" for c in channels)


@dataclass(frozen=True)
class Theme:
    """Colours and the few opacities that differ between the two grounds."""

    name: ThemeName
    ground: str
    panel: str
    hairline: str
    boundary: str  # statutory district lines: grey that still reads on the panel
    context: str  # metro lines: quieter than anything the map is about
    text: str
    quiet: str
    accent: str
    zones: tuple[str, ...]
    lights: dict[str, str]
    vacancy: tuple[str, str, str, str]  # none, little, some, much
    zone_fill: float
    landuse_opacity: float

    def zone(self, index: int) -> str:
        """Colour of the element at `index` of its scheme; a scheme with more than five elements starts again."""
        return self.zones[index % len(self.zones)]


THEMES: dict[str, Theme] = {
    "wall": Theme(
        name="wall",
        ground="#071526",
        panel="#0C2138",
        hairline="#1E3A57",
        boundary="#34506C",
        context="#2A4E74",
        text="#E8F1FA",
        quiet="#8FA9C2",
        accent="#35C9F0",
        zones=ZONES,
        lights=LIGHTS,
        vacancy=("#3B5875", "#3E86A6", "#3FB0D2", "#7FE3FF"),
        zone_fill=0.2,
        landuse_opacity=0.55,
    ),
    "desk": Theme(
        name="desk",
        ground="#EEF2F6",
        panel="#FFFFFF",
        hairline="#DDE3EA",
        boundary="#A9B4C0",
        context="#A8B6C9",
        text="#14212E",
        quiet="#5B6B7B",
        accent="#0B6FA4",
        zones=tuple(darker(c, 0.15) for c in ZONES),
        lights={name: darker(c, 0.10) for name, c in LIGHTS.items()},
        vacancy=("#B9C6D2", "#86B3CF", "#4A93BF", "#0B6FA4"),
        zone_fill=0.2,
        landuse_opacity=0.85,
    ),
}
