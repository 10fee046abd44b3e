"""Colours that maps, screens and exported files share: zones and lights."""

from __future__ import annotations

#: Zones in the order of their scheme, the core first; a scheme with more starts again.
ZONES = ("#F2C14E", "#4FB0E8", "#6BD2A8", "#B08CF0", "#F08C7A")
LIGHTS = {"red": "#F2645A", "yellow": "#F2B33D", "green": "#3FC58A", "grey": "#7E93A8"}
