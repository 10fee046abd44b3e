"""The table of addresses: the routes and the OpenAPI document are both made from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from api import accounts, answers, ground, shapes, shapes_accounts, shapes_ground
from api.problems import BadParameter
from domain.filters import Facet
from domain.per_mu import SICHUAN, ScoreFn

MAX_LIMIT = 1000
SCORE_FUNCTIONS: tuple[str, ...] = get_args(ScoreFn)
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
    """An address below ``/api/v1``: what it is about in two languages, who answers, in which shape, what restricts it, and its own parameters.

    `features` answers with the GeoJSON shape `feature` where geometry is the point. `scoped`: figures are in the scope
    (口径) asked for; elsewhere they are territorial.
    """

    path: str
    name: str
    about: str
    about_zh: str
    answer: Callable[..., shapes.Shape]
    shape: type[shapes.Shape]
    facets: frozenset[Facet]
    own: tuple[Own, ...] = ()
    features: Callable[..., shapes.Shape] | None = None
    feature: type[shapes.Shape] | None = None
    scoped: bool = False


PAGES = (
    Own("page", "1", "Page, from 1."),
    Own("limit", "100", "Rows on a page.", high=MAX_LIMIT),
)
SORTED_PAGES = (
    *PAGES,
    Own("sort", "investment", "What to sort by; ties are broken by id.", values=answers.SORT_NAMES),
    Own("order", "desc", "Direction of the sort.", values=("asc", "desc")),
)
_ALL = frozenset(Facet)

ENDPOINTS = (
    Endpoint(
        "/schemes",
        "schemes",
        "Zone schemes and their elements",
        "方案及其要素",
        answers.schemes,
        shapes.Schemes,
        facets=frozenset(),
    ),
    Endpoint(
        "/zones",
        "zones",
        "Zones of the scheme: area history, governing parties, districts",
        "方案的园区:面积沿革、治理方、所在区县",
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
        "所选园区的项目计数、核心指标、用地构成、载体",
        answers.summary,
        shapes.Summary,
        facets=_ALL,
    ),
    Endpoint(
        "/projects",
        "projects",
        "Selected projects: one page of rows, the ids of all",
        "所选项目:一页,以及全部编号",
        answers.projects,
        shapes.Projects,
        facets=_ALL,
        own=SORTED_PAGES,
        features=answers.project_features,
        feature=shapes.FeatureCollection[shapes.ProjectRow],
    ),
    Endpoint(
        "/projects/<project_id>",
        "project",
        "One project: places, districts, cross-district kinds, milestones, lights with figures, readiness, reports",
        "单个项目:各地、分区县面积、跨区类型、节点、分项亮灯与数字、准备度、月报",
        answers.project,
        shapes.ProjectAnswer,
        facets=frozenset(),
    ),
    Endpoint(
        "/parks/<code>/kpis",
        "park_kpis",
        "Every KPI of one park with year-on-year, target and time schedule",
        "一个园区的全部指标:同比、目标、序时",
        answers.park_kpis,
        shapes.ParkFigures,
        facets=_ALL,
    ),
    Endpoint(
        "/parcels/summary",
        "parcels_summary",
        "Land-use mix and how far the land has come",
        "用地构成与开发进程",
        answers.parcels,
        shapes.Parcels,
        facets=answers.PLACE,
    ),
    Endpoint(
        "/attribution",
        "attribution",
        "Who counts how much of the indicator `kpi` in the scope: units, zones, rules, records, exceptions",
        "指标 `kpi` 在所选口径下谁计入多少:单位、园区、规则、记录、例外",
        accounts.attribution,
        shapes_accounts.AttributionAnswer,
        facets=_ALL,
        own=(
            *PAGES,
            Own("records", "all", "Which records: all, or those that an agreement divides.", values=("all", "shared")),
            Own(
                "restate",
                "no",
                "Whether the rules of the month stand for the whole year (comparable restatement).",
                values=("no", "yes"),
            ),
        ),
        scoped=True,
    ),
    Endpoint(
        "/kpis/<kpi_id>/explain",
        "kpi_explain",
        "Where an indicator's number comes from: units, records, rules, reported values, periods",
        "一个指标的数怎么来的:分单位、记录、规则、上报值、分期",
        accounts.explanation,
        shapes_accounts.ExplainAnswer,
        facets=_ALL,
        own=PAGES,
        scoped=True,
    ),
    Endpoint(
        "/ledger/<zone>",
        "ledger",
        "Co-building ledger of a zone for the year of the period: cost, audit, revenue, settlement against the agreement",
        "园区当年共建账目:投入、审计、收入、按协议结算",
        accounts.zone_ledger,
        shapes_accounts.LedgerAnswer,
        facets=frozenset(),
    ),
    Endpoint(
        "/chains/<code>",
        "chain",
        "One industry chain: nodes with strength and state, coverage, supply and demand, catalogue, overlap of courting",
        "一条产业链:节点强度与状态、覆盖、供需、招商目录、招商重叠",
        ground.chain,
        shapes_ground.ChainAnswer,
        facets=frozenset({Facet.ZONE}),
    ),
    Endpoint(
        "/per-mu",
        "per_mu",
        "Per-mu evaluation of the newest year that has ended: classes, values of parks, firms, what-if on the method",
        "最近完整年度的亩均评价:分档、园区值、企业、方法试算",
        ground.per_mu_answer,
        shapes_ground.PerMuAnswer,
        facets=frozenset({Facet.ZONE}),
        own=(
            *PAGES,
            Own("score", SICHUAN.score_fn, "Scoring function.", values=SCORE_FUNCTIONS),
            *(
                Own(f"{ground.WEIGHT}{i.key}", str(round(i.weight)), f"Weight of {i.key}.", low=0, high=100)
                for i in SICHUAN.indicators
            ),
        ),
    ),
    Endpoint(
        "/idle-land",
        "idle_land",
        "Supply contracts with their idle clock, and development × supply × completion of every zone",
        "供地合同与闲置计时,各园区开发×供应×建成",
        ground.idle_land,
        shapes_ground.IdleAnswer,
        facets=answers.PLACE,
        own=(
            *PAGES,
            Own("contracts", "idle", "Which contracts: those with something to do, or all.", values=("idle", "all")),
        ),
    ),
)
