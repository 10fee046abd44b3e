"""The table of addresses: the routes and the OpenAPI document are both made from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api import answers, shapes
from api.problems import BadParameter
from domain.filters import Facet

MAX_LIMIT = 1000
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Own:
    """A parameter of the API itself; unlike those shared with the screens a bad value is refused."""

    name: str
    default: str
    about: str
    values: tuple[str, ...] = ()
    low: int = 1
    high: int = 1_000_000

    def read(self, raw: str | None) -> Any:
        """The value of `raw` (the default when it is missing or empty). Raises BadParameter."""
        text = (raw or "").strip() or self.default
        if self.values:
            if text not in self.values:
                raise BadParameter(self.name, text, ", ".join(self.values))
            return text
        if not _DIGITS.fullmatch(text) or not self.low <= int(text) <= self.high:
            raise BadParameter(self.name, text, f"{self.low}–{self.high}")
        return int(text)

    def schema(self) -> dict[str, Any]:
        """JSON schema of the parameter."""
        if self.values:
            return {"type": "string", "enum": list(self.values), "default": self.default}
        return {"type": "integer", "minimum": self.low, "maximum": self.high, "default": int(self.default)}


@dataclass(frozen=True)
class Endpoint:
    """An address below ``/api/v1``: who answers, in which shape, what restricts it, and its own parameters.

    `features` answers with the GeoJSON shape `feature` where geometry is the point.
    """

    path: str
    name: str
    about: str
    answer: Callable[..., shapes.Shape]
    shape: type[shapes.Shape]
    facets: frozenset[Facet]
    own: tuple[Own, ...] = ()
    features: Callable[..., shapes.Shape] | None = None
    feature: type[shapes.Shape] | None = None


PAGING = (
    Own("page", "1", "Page, from 1."),
    Own("limit", "100", "Rows on a page.", high=MAX_LIMIT),
    Own("sort", "investment", "What to sort by; ties are broken by id.", values=answers.SORT_NAMES),
    Own("order", "desc", "Direction of the sort.", values=("asc", "desc")),
)
_ALL = frozenset(Facet)

ENDPOINTS = (
    Endpoint(
        "/schemes", "schemes", "Zone schemes and their elements", answers.schemes, shapes.Schemes, facets=frozenset()
    ),
    Endpoint(
        "/zones",
        "zones",
        "Zones of the scheme: area history, governing parties, districts",
        answers.zones,
        shapes.Zones,
        facets=frozenset({Facet.ZONE}),
        features=answers.zone_features,
        feature=shapes.FeatureCollection[shapes.ZoneItem],
    ),
    Endpoint(
        "/summary",
        "summary",
        "Project counts, headline figures, land mix and carriers of the chosen zones",
        answers.summary,
        shapes.Summary,
        facets=_ALL,
    ),
    Endpoint(
        "/projects",
        "projects",
        "Selected projects: one page of rows, the ids of all",
        answers.projects,
        shapes.Projects,
        facets=_ALL,
        own=PAGING,
        features=answers.project_features,
        feature=shapes.FeatureCollection[shapes.ProjectRow],
    ),
    Endpoint(
        "/projects/<project_id>",
        "project",
        "One project: places, districts, cross-district kinds, milestones, reports",
        answers.project,
        shapes.ProjectAnswer,
        facets=frozenset(),
    ),
    Endpoint(
        "/parks/<code>/kpis",
        "park_kpis",
        "Every KPI of one park with year-on-year, target and time schedule",
        answers.park_kpis,
        shapes.ParkFigures,
        facets=_ALL,
    ),
    Endpoint(
        "/parcels/summary",
        "parcels_summary",
        "Land-use mix and how far the land has come",
        answers.parcels,
        shapes.Parcels,
        facets=answers.PLACE,
    ),
)
