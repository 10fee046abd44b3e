"""The shape of every answer. The OpenAPI document is made from these models, so it cannot differ from what is sent.

A model is also an allow-list: a field of a query that is not named here is never sent. Money is integer 万元 (``_wan``),
area integer m² (``_m2``), positions WGS 84 longitude and latitude.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _as_json(value: Any) -> Any:
    """An exact number as a JSON number: a whole one as int, any other as float."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[int | float, BeforeValidator(_as_json)]
Day = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, date) else value)]


class Shape(BaseModel):
    """Base of all answers; the schema says that nothing else is sent."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", from_attributes=True, json_schema_extra={"additionalProperties": False}
    )

    @classmethod
    def of(cls, *found: object, **own: Any) -> Self:
        """The answer of what a query `found`: a field is what has its name in the first that has it, `own` goes before.

        A field that may be left out is never taken from there: who may have it is asked of the gate, by whoever gives `own`.
        """
        taken = {
            name: next(getattr(one, name) for one in found if hasattr(one, name))
            for name, field in cls.model_fields.items()
            if field.is_required() and name not in own
        }
        return cls(**taken, **own)


class Text(Shape):
    """A text in both languages."""

    zh: str
    en: str


class IgnoredPart(Shape):
    """Part of the request that was not understood and left out."""

    param: str
    value: str
    why: Literal["unknown_code", "bad_format", "no_data", "unknown_param"]


class Note(Shape):
    """What to know when reading the answer; `params` names the parameters it is about."""

    code: str
    params: list[str]
    zh: str
    en: str


class Meta(Shape):
    """What the answer is about and how the request was understood."""

    data_version: int = Field(description="Raised by every change of the data.")
    dataset: str = Field(description="Value of the parameter `data`.")
    provenance: Literal["demo", "published", "official"]
    mark: Text = Field(description="To be shown wherever the figures are.")
    scheme: str
    zones: list[str] = Field(description="Zones in the answer's totals.")
    period: str = Field(description="Month in force.")
    scope: str = Field(description="口径 of the figures.")
    by: str = Field(
        description="Grouping of the units: stat 统计单元, admin 法定区县 (always so by area), gov 治理主体."
    )
    role: str
    ignored: list[IgnoredPart]
    notes: list[Note]


class Problem(Shape):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    detail_zh: str
    detail_en: str
    instance: str


class Building(Shape):
    """Tiles that are not there yet. `reason` is why the last attempt failed, null before one has."""

    state: Literal["waiting", "building", "failed"]
    reason: str | None
    tries: int
    seconds_to_next_try: int | None


class Health(Shape):
    """Whether the program can answer: database filled and sound, and tiles of its version or of an older one whole."""

    status: Literal["ok", "behind", "unavailable"] = Field(
        description="behind: the map still shows an older version of the data; the server is building the new one."
    )
    database: bool
    complete: bool
    data_version: int | None = Field(description="What pages and map show: the newest version whose tiles are whole.")
    database_version: int | None = Field(description="What the database holds.")
    tiles: bool = Field(description="Whether there is a map, of this or of an older version.")
    building: Building | None
    problems: list[str]
    notice: str = Field(description="What a page tells its reader of this, in the language of the request.")


# --- GeoJSON (RFC 7946) -----------------------------------------------------------------------------------------------


class Geometry(Shape):
    """A GeoJSON geometry."""

    type: Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


Properties = TypeVar("Properties", bound=Shape)


class Feature(Shape, Generic[Properties]):
    """A GeoJSON feature; `geometry` is null where no position is known."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry | None
    properties: Properties


class FeatureCollection(Shape, Generic[Properties]):
    """A GeoJSON feature collection; `numberMatched` counts what the filter selects, whatever the page."""

    type: Literal["FeatureCollection"]
    features: list[Feature[Properties]]
    numberMatched: int
    numberReturned: int
    meta: Meta


# --- schemes and zones ------------------------------------------------------------------------------------------------


class SchemeItem(Shape):
    """A zone scheme with its elements by role."""

    id: str
    name_zh: str
    name_en: str
    motto_zh: str
    motto_en: str
    area_crs: str
    boundary_source: str
    note: str | None
    is_default: bool
    elements: dict[str, list[str]] = Field(description="Codes by role: core, zone, axis, special, park.")


class Schemes(Shape):
    """Every scheme that is loaded."""

    meta: Meta
    schemes: list[SchemeItem]


class PublishedArea(Shape):
    """An entry of a zone's area history."""

    km2: float
    as_of: str
    source: str
    note: str | None
    published: bool
    current: bool


class GoverningParty(Shape):
    """A governing party and its duties."""

    unit: str
    name_zh: str
    name_en: str
    role: str
    duties: list[str]
    valid_from: str | None
    valid_to: str | None
    basis: str | None


class DistrictShare(Shape):
    """Area in one statutory district; `share` is of the whole, the areas sum to it."""

    code: str
    name_zh: str
    name_en: str
    area_m2: int | None
    share: float | None


class ZoneItem(Shape):
    """An element of a scheme. `is_schematic`: the outline is no legal boundary."""

    code: str
    scheme: str
    name_zh: str
    name_en: str
    alias_zh: str | None
    role: Literal["core", "zone", "axis", "special", "park"]
    zone_type: str | None
    authority: str | None
    functional_area: str | None
    leading_chains: list[str]
    is_schematic: bool
    geometry_source: str
    geometry_area_m2: int | None
    areas: list[PublishedArea]
    districts: list[DistrictShare]
    parties: list[GoverningParty]
    note: str | None


class Zones(Shape):
    """Elements of the scheme in order."""

    meta: Meta
    zones: list[ZoneItem]


# --- projects ---------------------------------------------------------------------------------------------------------


class ProjectRow(Shape):
    """A project at the month. Fields that the viewer may not have are left out, not emptied (rules §2.7)."""

    id: str
    name_zh: str
    name_en: str | None
    project_code: str | None
    zone_code: str | None
    chains: list[str]
    nodes: list[str]
    stage: int
    stage_group: str
    published_stage: str | None
    light: str | None = None
    reason: str | None = None
    months_red: int | None = None
    total_investment_wan: int | None = None
    fai_ytd_wan: int | None = None
    land_m2: int | None
    floor_area_m2: int | None
    kinds: list[str]
    cross_district: bool
    districts: list[str]
    enterprise_name: str | None
    responsible_unit: str | None
    lon: float | None
    lat: float | None
    position_is_schematic: bool
    provenance: str
    source: str | None
    as_of: str | None
    note: str | None


class Projects(Shape):
    """A page of the selected projects, and the ids of all of them."""

    meta: Meta
    total: int
    page: int
    pages: int
    limit: int
    sort: str
    order: Literal["asc", "desc"]
    ids: list[str]
    projects: list[ProjectRow]


class ProjectSite(Shape):
    """One of a project's places on the ground."""

    role: str
    zone_code: str | None
    district_code: str | None
    lon: float
    lat: float


class ProjectPlace(Shape):
    """A unit's part in a project: registration, production, tax, statistics …"""

    role: str
    unit: str | None
    zone_code: str | None
    valid_from: str | None
    valid_to: str | None


class ProjectDistrict(DistrictShare):
    """Part of a project in one statutory district."""

    is_primary: bool


class CrossDistrictKind(Shape):
    """A cross-district kind A–G (rules §4.1) with the facts that make it so."""

    kind: str
    name_zh: str
    details: dict[str, Any] | None


class MilestoneItem(Shape):
    """A dated fact of the life cycle; `reason` and `approver` where a project paused, ended or went back."""

    stage: int
    stage_name_zh: str
    stage_name_en: str
    planned_on: str | None
    done_on: str | None
    evidence: str | None
    reason: str | None = None
    approver: str | None = None


class LightRule(Shape):
    """One rule that looks at a project, with its message key and the figures it was decided by (rules §6.2).

    `exempted_from` is the colour that an exemption in force has turned green.
    """

    dimension: str
    light: Literal["red", "yellow", "green", "grey"]
    message: str
    figures: dict[str, int | float | str]
    exempted_from: str | None


class ExemptionItem(Shape):
    """A valid reason that lifts a light until it expires."""

    dimension: str
    reason: str
    approver: str
    valid_from: str
    expires_on: str
    in_force: bool


class LightRules(Shape):
    """Why a project has its light at the month: every rule, worst first. `light` null: no rule applies."""

    light: Literal["red", "yellow", "green", "grey"] | None
    months_red: int
    rules: list[LightRule]
    exemptions: list[ExemptionItem]


class TrackItem(Shape):
    """One of the ten parallel tracks; `percent` null is not reported."""

    code: str
    name_zh: str
    percent: int | None
    planned_start: Day | None
    planned_end: Day | None
    actual_start: Day | None
    actual_end: Day | None


class ScheduleItem(Shape):
    """Critical path of the planned durations; `saved_days` = serial days − days (rules §6.4)."""

    critical_path: list[str]
    days: int
    serial_days: int
    saved_days: int


class ReadinessItem(Shape):
    """Readiness to break ground: the minimum of the tracks, null while one of them is not reported."""

    overall: int | None
    government: int | None
    company: int | None
    bottlenecks: list[str]
    missing: list[str]
    tracks: list[TrackItem]
    schedule: ScheduleItem | None
    schedule_missing: list[str]


class StageProblemItem(Shape):
    """A milestone at fault and the stage that needs it."""

    code: str
    stage: int
    blocks: int


class StageCheck(Shape):
    """Whether the milestones prove the stage; `proven` is the stage that they do (rules §6.1)."""

    claimed: int
    proven: int | None
    problems: list[StageProblemItem]


class ReportItem(Shape):
    """A monthly dispatch report."""

    period: str
    month_wan: int
    ytd_wan: int
    cumulative_wan: int
    plan_ytd_wan: int | None
    progress_code: str | None
    progress_text: str | None
    issue_type: str | None
    issue_text: str | None
    issue_unit: str | None
    funds_required_wan: int | None
    funds_in_wan: int | None
    submitted_on: str


class ProjectAnswer(Shape):
    """One project: where it stands, who governs it, where it is registered, taxed and counted, and how far it is.

    `light_rules`, `readiness` and `stage_check` are null where nothing is known or the role may not have them.
    """

    meta: Meta
    project: ProjectRow
    managing_unit: str | None
    footprint_m2: int | None
    districts: list[ProjectDistrict]
    places: list[ProjectPlace]
    sites: list[ProjectSite]
    kinds: list[CrossDistrictKind]
    milestones: list[MilestoneItem]
    lights: dict[str, str | None]
    reports: list[ReportItem]
    light_rules: LightRules | None
    readiness: ReadinessItem | None
    stage_check: StageCheck | None


# --- figures ----------------------------------------------------------------------------------------------------------


class SeriesPoint(Shape):
    """A value of an earlier period."""

    period: str
    value: Number | None


class FigureItem(Shape):
    """One KPI. `value` is in `unit`; `reason` says why there is none or why it is partial.

    `yoy` is a share of the value a year ago (0.086 = +8.6 %) where `yoy_kind` is growth, a difference where it is points.
    `missing` are the zones that did not report: `reported` of `expected` did. `not_followed` are the facets asked for that
    the indicator cannot follow (reason not_filterable). `scope` is that of the figure: territorial, but for the part of a
    district that was asked for in another scope.
    """

    id: str
    name_zh: str
    name_en: str
    value: Number | None
    unit: str
    scope: Literal["territorial", "area", "shared", "dual"]
    numerator: Number | None
    denominator: Number | None
    reason: str | None
    not_followed: list[str]
    reported: int
    expected: int
    missing: list[str]
    yoy: Number | None
    yoy_kind: Literal["growth", "points"]
    target: Number | None
    attained: Number | None
    due: Number | None
    light: Literal["red", "yellow", "green", "grey"]
    period: str
    accumulation: str
    status: str | None
    channel: str
    owner: str
    as_of: str | None
    from_records: bool
    series: list[SeriesPoint]


class ParkFigures(Shape):
    """Every KPI of the dictionary for one park; empty where the viewer may not see totals of the data set."""

    meta: Meta
    park: ZoneItem
    kpis: list[FigureItem]


class ProjectCounts(Shape):
    """Counts of the selected projects. `hidden_leads` may be counted but not seen by this viewer, and no other count
    holds them: a stage group of which all projects are hidden is null, not 0."""

    total: int
    lights: dict[str, int]
    groups: dict[str, int | None]
    kinds: dict[str, int]
    cross_district: int
    zones: dict[str, int]
    total_investment_wan: int | None = None
    without_investment: int
    hidden_leads: int | None
    without_zone: int


class CarrierTotals(Shape):
    """Floor area of the carriers. Vacancy is of delivered, take-up of marketed area: they need not add up to 1.

    Buildings are those delivered by the month; units and all areas but the gross one are of `today`, the month of the data."""

    buildings: int
    units: int
    gross_area_m2: int | None
    without_area: int
    delivered_m2: int | None
    vacant_m2: int | None
    taken_m2: int | None
    marketed_m2: int | None
    vacancy: float | None
    take_up: float | None
    today: str


class LandUseItem(Shape):
    """A land-use class; `code` null is ground that no parcel covers, "" parcels without a use or of another standard."""

    code: str | None
    name_zh: str
    area_m2: int
    share: float | None


class LandMix(Shape):
    """Land by status or planned use."""

    kind: Literal["status", "plan"]
    zone_area_m2: int
    parcels: int
    classes: list[LandUseItem]


class Summary(Shape):
    """The front page in figures; a part is null where the viewer may not have it."""

    meta: Meta
    projects: ProjectCounts | None
    figures: list[FigureItem]
    land: LandMix | None
    carriers: CarrierTotals


class LandChainItem(Shape):
    """Developable ⊃ ready ⊃ supplied ⊃ built, and the three rates whose product is built/developable."""

    developable_m2: int
    ready_m2: int
    supplied_m2: int
    built_m2: int
    development_rate: float | None
    supply_rate: float | None
    completion_rate: float | None


class ZoneLand(Shape):
    """Land of one zone."""

    zone_code: str
    land: LandMix


class Parcels(Shape):
    """Land use of the chosen zones, together and one by one; null where the viewer may not see totals."""

    meta: Meta
    land: LandMix | None
    chain: LandChainItem | None
    zones: list[ZoneLand]
