"""Sparklines as SVG pictures: no script, no request, crisp at any size."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dash import html


def sparkline(
    points: Sequence[tuple[str, float | None]], colour: str, *, width: int = 120, height: int = 28, label: str = ""
) -> html.Img | html.Span:
    """A line over the points; months without a value break it."""
    known = [v for _, v in points if v is not None]
    if len(known) < 2:
        return html.Span(className="spark spark--none")
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = (width - 4) / max(1, len(points) - 1)
    path: list[str] = []
    pen_down = False
    last = (0.0, 0.0)
    for i, (_, value) in enumerate(points):
        if value is None:
            pen_down = False
            continue
        x, y = 2 + i * step, height - 3 - (value - low) / span * (height - 6)
        path.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down, last = True, (x, y)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
        f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="1.5" '
        f'stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
        f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2" fill="{colour}"/></svg>'
    )
    return html.Img(src=f"data:image/svg+xml,{quote(svg)}", className="spark", alt=label)
