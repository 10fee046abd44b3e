"""The table: one line per thing measured, one column per size, the goal beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Measure:
    """One figure. `size` "" holds for every size. `goal` is what the issue asks, `reached` None where it asks nothing.

    `value` is the plain number behind `text`, in `unit`; `others` are the figures it was compared with, `runs` the values
    of all runs where `value` is their median.
    """

    section: str
    name: str
    size: str
    text: str
    value: float
    unit: str
    goal: str = ""
    reached: bool | None = None
    others: tuple[tuple[str, float], ...] = ()
    runs: tuple[float, ...] = ()


_TITLES = {"demo": "演示", "20,000 parcels": "2 万图斑", "100,000 parcels": "10 万图斑"}


def p95(values: Sequence[float]) -> float:
    """95th percentile (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def seconds(value: float) -> str:
    """A duration in s as text, with the digits that mean something."""
    return f"{value:.0f} s" if value >= 20 else f"{value:.1f} s" if value >= 2 else f"{value:.2f} s"


def millis(value: float) -> str:
    """A duration in ms as text."""
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"


def median_of(runs: Sequence[Sequence[Measure]]) -> list[Measure]:
    """Each measure of the run whose value is the median, with the smallest and the largest of all runs after it.

    The runs measure the same things in the same order. One run is given back as it is.
    """
    found = []
    for same in zip(*runs, strict=True):
        middle = sorted(same, key=lambda m: m.value)[(len(same) - 1) // 2]
        values = tuple(m.value for m in same)
        low, high = (_digits(v, middle.unit) for v in (min(values), max(values)))
        text = middle.text if low == high else f"{middle.text} [{low}–{high}]"
        found.append(replace(middle, text=text, runs=values))
    return found


def _digits(value: float, unit: str) -> str:
    def plain(number: float) -> str:
        return f"{number:,.0f}" if abs(number) >= 20 or number == int(number) else f"{number:.2f}"

    show = {"s": seconds, "ms": millis, "×": "{:.1f}".format, "kB": "{:.1f}".format}.get(unit, plain)
    return show(value).removesuffix(f" {unit}")


def below(
    section: str, name: str, size: str, value: float, unit: str, limit: float | None = None, text: str = ""
) -> Measure:
    """A figure that must not exceed `limit` (None: no goal)."""
    show = {"s": seconds, "ms": millis}.get(unit, lambda v: f"{v:,.0f} {unit}")
    return Measure(
        section,
        name,
        size,
        text or show(value),
        value,
        unit,
        f"≤ {limit:g} {unit}" if limit is not None else "",
        value <= limit if limit is not None else None,
    )


def table(measures: Sequence[Measure], titles: dict[str, str]) -> Table:
    """The measures as a table; `titles` are the sizes that were run, in order."""
    shown = Table(title="CoreZone Atlas: speed and size", title_justify="left", show_lines=False, pad_edge=False)
    shown.add_column("What", overflow="fold", min_width=32)
    for title in titles.values():
        shown.add_column(title, justify="right")
    shown.add_column("Goal", overflow="fold")
    shown.add_column("Reached", no_wrap=True)
    section = ""
    for (own_section, name), found in _lines(measures).items():
        if own_section != section:
            shown.add_section()
            shown.add_row(Text(own_section, style="bold"))
            section = own_section
        everywhere = found.get("")
        cells = [_cell(found.get(size, everywhere if i == len(titles) - 1 else None)) for i, size in enumerate(titles)]
        goal = next((m.goal for m in found.values() if m.goal), "")
        judged = [m.reached for m in found.values() if m.reached is not None]
        verdict = Text("")
        if judged:
            verdict = Text("yes", style="green") if all(judged) else Text("NO", style="bold red")
        shown.add_row(Text("  " + name), *cells, Text(goal), verdict)
    return shown


def markdown(measures: Sequence[Measure], titles: dict[str, str], language: str) -> str:
    """The measures as the table of a README; what is measured is named in English in both."""
    goal = {"en": "goal", "zh": "目标"}[language]
    heads = [_TITLES.get(title, title) if language == "zh" else title for title in titles.values()]
    rows = [["", *heads, goal], ["---"] * (len(heads) + 2)]
    for (section, name), found in _lines(measures).items():
        everywhere = found.get("")
        cells = []
        for i, size in enumerate(titles):
            measure = found.get(size, everywhere if i == len(titles) - 1 else None)
            cells.append("" if measure is None else measure.text)
        rows.append([f"{section.split(' (')[0]}: {name}", *cells, next((m.goal for m in found.values() if m.goal), "")])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _lines(measures: Sequence[Measure]) -> dict[tuple[str, str], dict[str, Measure]]:
    sections = dict.fromkeys(m.section for m in measures)
    lines: dict[tuple[str, str], dict[str, Measure]] = {}
    for section in sections:
        for m in measures:
            if m.section == section:
                lines.setdefault((section, m.name), {})[m.size] = m
    return lines


def _cell(measure: Measure | None) -> Text:
    if measure is None:
        return Text("")
    return Text(measure.text, style="red" if measure.reached is False else "")


def as_json(measures: Sequence[Measure], machine: dict[str, Any]) -> dict[str, Any]:
    """Everything measured, for a file."""
    return {"machine": machine, "measures": [asdict(m) | {"others": dict(m.others)} for m in measures]}
