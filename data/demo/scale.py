"""How large the demo data set is, and how many rows it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True)
class DemoScale:
    """Wanted number of records of one scheme; the tiling meets `parcels` within about 15 %."""

    parcels: int = 4_500
    projects: int = 240
    enterprises: int = 600
    buildings: int = 100
    units: int = 800
    plots: int = 120
    platforms: int = 60

    def __post_init__(self) -> None:
        for item in fields(self):
            if getattr(self, item.name) < 0:
                raise ValueError(f"{item.name} cannot be negative")

    def part(self, divisor: int) -> DemoScale:
        """The same scale divided by `divisor`, each count rounded down but at least 1 where it was above 0."""
        return DemoScale(
            **{i.name: max(getattr(self, i.name) // divisor, min(getattr(self, i.name), 1)) for i in fields(self)}
        )


DEFAULT = DemoScale()


@dataclass(frozen=True)
class DemoCounts:
    """Rows written, by table name."""

    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def __getitem__(self, table: str) -> int:
        return self.rows.get(table, 0)
