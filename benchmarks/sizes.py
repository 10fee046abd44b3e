"""The sizes at which everything is measured."""

from __future__ import annotations

from dataclasses import dataclass

from data.demo.scale import DEFAULT, DemoScale


@dataclass(frozen=True)
class Size:
    """A data set to measure: what the table calls it and how much is generated."""

    title: str
    scale: DemoScale

    @property
    def large(self) -> bool:
        """Whether it has the 10,000 projects that the goals for server time speak of."""
        return self.scale.projects >= 10_000


_MANY = {"projects": 10_000, "enterprises": 5_000, "buildings": 400, "units": 4_000, "plots": 1_000, "platforms": 300}

SIZES: dict[str, Size] = {
    "demo": Size("demo", DEFAULT),
    "20k": Size("20,000 parcels", DemoScale(parcels=20_000, **_MANY)),
    "100k": Size("100,000 parcels", DemoScale(parcels=100_000, **_MANY)),
}
