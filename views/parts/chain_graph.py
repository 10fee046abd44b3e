"""A chain as a graph read from left to right: where each node stands, and the lines between them as one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from data.queries.catalogue import Node

FLOW = ("上游", "中游", "下游")
SUPPORT = "支撑"
_STEPS = 2  # columns within a tier; what follows further stays in the last one
_LANE = 0.35  # rows between the flow and the lane of support below it
_GAP = 0.34  # of a card's width
_WIDTH, _ROW = 1000, 100  # units of the picture: whole width, one row
_CARD = 90  # of a row


@dataclass(frozen=True)
class Spot:
    """Place of a node: left edge and width as shares of 1, top in rows."""

    left: float
    width: float
    top: float
    column: int


@dataclass(frozen=True)
class Layout:
    """Places of all nodes, the tiers with the left edge of their first column, and the height in rows.

    `support` are the nodes below the flow, `support_top` their first row (None without any).
    """

    spots: dict[str, Spot]
    tiers: tuple[tuple[str, float], ...]
    rows: float
    support: frozenset[str]
    support_top: float | None


def layout(nodes: Sequence[Node], edges: Sequence[tuple[str, str]]) -> Layout:
    """Columns by tier; inside a tier what is supplied by the same tier stands one column further right.

    Rows follow the mean row of the suppliers, so that lines cross less; support nodes stand in rows below.
    """
    tier = {n.id: n.tier for n in nodes}
    step = _steps(tier, edges)
    columns: list[tuple[str, list[str]]] = []
    for name in FLOW:
        own = [n.id for n in nodes if n.tier == name]
        for depth in sorted({step[n] for n in own}):
            columns.append((name, [n for n in own if step[n] == depth]))
    if not columns:
        columns = [("", [])]
    width = 1 / (len(columns) + (len(columns) - 1) * _GAP)
    left = [i * width * (1 + _GAP) for i in range(len(columns))]
    tallest = max(len(own) for _name, own in columns)
    spots: dict[str, Spot] = {}
    for i, (_name, own) in enumerate(columns):
        ranked = sorted(own, key=lambda n: (_mean_row(n, edges, spots, own.index(n)), own.index(n)))
        start = (tallest - len(ranked)) / 2
        for row, node in enumerate(ranked):
            spots[node] = Spot(left[i], width, start + row, i)
    # What supports the whole chain lies across its foot, side by side over the whole width.
    support = [n.id for n in nodes if n.tier == SUPPORT]
    below = tallest + _LANE
    for i, node in enumerate(support):
        row, place = divmod(i, len(columns))
        beside = min(len(support) - row * len(columns), len(columns))
        spots[node] = Spot((place + 0.5) / beside - width / 2, width, below + row, len(columns) + i)
    tiers: list[tuple[str, float]] = []
    for i, (name, _own) in enumerate(columns):
        if name and name not in [t for t, _ in tiers]:
            tiers.append((name, left[i]))
    lines = -(-len(support) // len(columns))
    return Layout(
        spots,
        tuple(tiers),
        below + lines if support else float(tallest),
        frozenset(support),
        below if support else None,
    )


def _steps(tier: Mapping[str, str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    step = dict.fromkeys(tier, 0)
    # As many rounds as columns: a circle of supply cannot push a node further than the last one.
    for _round in range(_STEPS):
        for a, b in edges:
            if a in tier and b in tier and tier[a] == tier[b]:
                step[b] = min(max(step[b], step[a] + 1), _STEPS - 1)
    return step


def _mean_row(node: str, edges: Sequence[tuple[str, str]], spots: Mapping[str, Spot], own: int) -> float:
    rows = [spots[a].top for a, b in edges if b == node and a in spots]
    return sum(rows) / len(rows) if rows else float(own)


def picture(found: Layout, edges: Sequence[tuple[str, str]], chosen: str | None, line: str, accent: str) -> str:
    """The lines as a data URI of an SVG that may be stretched: widths of lines stay, arrows are the column order.

    Lines at `chosen` are drawn in `accent`, all others in `line`; those of support nodes are dashed.
    """
    drawn = sorted((e for e in edges if e[0] in found.spots and e[1] in found.spots), key=lambda e: chosen in e)
    paths = []
    for a, b in drawn:
        strong = chosen in (a, b)
        dash = ' stroke-dasharray="4 4"' if a in found.support else ""
        colour, width = (accent, 2) if strong else (line, 1.2)
        way = _up(found.spots[a], found.spots[b]) if a in found.support else _path(found.spots[a], found.spots[b])
        paths.append(
            f'<path d="{way}" stroke="{colour}" stroke-width="{width}"{dash} vector-effect="non-scaling-stroke"/>'
        )
    height = round(found.rows * _ROW)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" preserveAspectRatio="none"'
        f' fill="none">{"".join(paths)}</svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def _up(a: Spot, b: Spot) -> str:
    """From the head of a card of the lane to the foot of the one above that it supports."""
    x1, x2 = ((s.left + s.width / 2) * _WIDTH for s in (a, b))
    y1, y2 = a.top * _ROW, b.top * _ROW + _CARD
    return f"M{x1:.0f} {y1:.0f}C{x1:.0f} {y1 - 40:.0f} {x2:.0f} {y2 + 40:.0f} {x2:.0f} {y2:.0f}"


def _path(a: Spot, b: Spot) -> str:
    y1, y2 = a.top * _ROW + _CARD / 2, b.top * _ROW + _CARD / 2
    x1 = (a.left + a.width) * _WIDTH
    if b.column == a.column:
        # Same column: out on the right and back in on the right.
        x2 = (b.left + b.width) * _WIDTH
        bow = x1 + b.width * _GAP * _WIDTH * 0.8
        return f"M{x1:.0f} {y1:.0f}C{bow:.0f} {y1:.0f} {bow:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    forward = b.column > a.column
    x2 = b.left * _WIDTH
    if not forward:
        x1, x2 = a.left * _WIDTH, (b.left + b.width) * _WIDTH
    middle = (x1 + x2) / 2
    return f"M{x1:.0f} {y1:.0f}C{middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
