"""Sparklines as SVG pictures: no script, no request, crisp at any size."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dash import html

_WIDTH, _HEIGHT = 120, 28


def sparkline(
    points: Sequence[tuple[str, float | None]], colour: str, ground: str, *, bars: bool = False
) -> html.Img | html.Span:
    """The points as a line or as bars around a line at zero, drawn in `ground`; a period without a value stays empty."""
    known = [v for _, v in points if v is not None]
    if len(known) < 2:
        return html.Span(className="spark spark--none")
    low, high = min(0.0, *known), max(0.0, *known)
    scale = (_HEIGHT - 6) / ((high - low) or 1.0)
    step = (_WIDTH - 4) / len(points)

    def across(i: int) -> float:
        return 2 + (i + 0.5) * step

    def down(value: float) -> float:
        return _HEIGHT - 3 - (value - low) * scale

    zero = down(0)
    path, pen_down, last = [], False, (0.0, 0.0)
    for i, (_, value) in enumerate(points):
        if value is None:
            pen_down = False
            continue
        last = across(i), down(value)
        # A point between two gaps is a dot: a line of no length with round ends.
        start = "M" if bars or not pen_down else "L"
        path.append(f"{start}{last[0]:.1f} {last[1]:.1f}" + (f"V{zero:.1f}" if bars else "h0" if start == "M" else ""))
        pen_down = True
    stroke = f'stroke-width="{step * 0.6:.1f}"' if bars else 'stroke-width="1.5" vector-effect="non-scaling-stroke"'
    ends = "" if bars else 'stroke-linejoin="round" stroke-linecap="round" '
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" fill="none">'
        f'<path d="M0 {zero:.1f}H{_WIDTH}" stroke="{ground}" vector-effect="non-scaling-stroke"/>'
        f'<path d="{"".join(path)}" stroke="{colour}" {ends}{stroke}/>'
        + ("" if bars else f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.2" fill="{colour}"/>')
        + "</svg>"
    )
    return html.Img(src=f"data:image/svg+xml,{quote(svg)}", className="spark", alt="")
