"""Colours that maps, screens and exported files share: zones, lights, and land-use classes on a dark wall.

On the wall a class keeps its statutory hue with less glare (rules §2.2, dark big-screen note). Planners read the hue
(yellow housing, brown industry, red commerce, magenta public, green parks), so it never changes; only saturation drops
and lightness is drawn towards the middle.
"""

from __future__ import annotations

import colorsys

#: Zones in the order of their scheme, the core first; a scheme with more starts again.
ZONES = ("#F2C14E", "#4FB0E8", "#6BD2A8", "#B08CF0", "#F08C7A")
LIGHTS = {"red": "#F0564A", "yellow": "#F2B33D", "green": "#3FC58A", "grey": "#7E93A8"}

_SATURATION = 0.55
_LIGHTNESS_SLOPE, _LIGHTNESS_FLOOR = 0.55, 0.20


def wall_hex(colour: str) -> str:
    """The wall colour for a statutory "#RRGGBB" colour, as "#RRGGBB". Raises ValueError for any other form."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"{colour!r} is not a colour like #FFFF2D")
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    toned = colorsys.hls_to_rgb(hue, _LIGHTNESS_FLOOR + _LIGHTNESS_SLOPE * lightness, _SATURATION * saturation)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in toned)
