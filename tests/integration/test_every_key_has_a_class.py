"""Every key that the JSON API and the exports answer has a class in the gate, or is named here with its own.

A new key without either fails. What a role is sent is then compared with what its classes allow, key by key, in real answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dash import Dash
from flask.testing import FlaskClient

from api.endpoints import ENDPOINTS
from api.openapi import document
from data.imports.tables import TABLES
from data.queries.gate import FIELD_CLASS
from domain.viewer import FieldClass, Role, Viewer
from settings import Settings
from tests.support.callbacks import application
from web import ROLE_COOKIE

#: Shape -> keys made by the program that are no column. What stands around the data, what a rule says about a row that the
#: reader may see, and figures that were published.
OPEN: dict[str, str] = {
    "AttributionAnswer": "meta kpi split exceptions",
    "Building": "tries seconds_to_next_try",
    "CarrierTotals": "buildings without_area delivered_m2 taken_m2 marketed_m2 vacancy take_up today",
    "ChainAnswer": "meta board",
    "ChangedItem": "before after",
    "CrossDistrictKind": "details",
    "CutoffItem": "grade",
    "DistrictShare": "share",
    "ExceptionEntry": "origin rows details",
    "ExemptionItem": "in_force",
    "ExplainAnswer": "meta kpi explanation",
    "FeatureCollection_ProjectRow_": "type numberMatched numberReturned meta",
    "FeatureCollection_ZoneItem_": "type numberMatched numberReturned meta",
    "Feature_ProjectRow_": "type properties geometry",
    "Feature_ZoneItem_": "type properties geometry",
    "FirmPage": "total page pages limit firms",
    "Geometry": "type coordinates",
    "Health": "database complete data_version database_version tiles building notice",
    "IdleAnswer": "meta idle land",
    "IgnoredPart": "param why",
    "IndicatorItem": "key kpi weight base",
    "LandChainItem": "developable_m2 ready_m2 supplied_m2 built_m2 development_rate supply_rate completion_rate",
    "LandMix": "zone_area_m2 parcels classes",
    "LandUseItem": "share",
    "LedgerAnswer": "meta zone ledger",
    "LightRule": "message figures exempted_from",
    "LightRules": "rules exemptions",
    "Meta": "data_version dataset mark scheme by ignored notes",
    "MethodItem": "score points indicators cutoffs is_default",
    "MilestoneItem": "stage_name_zh stage_name_en",
    "Note": "params zh en",
    "Parcels": "meta land chain",
    "ParkFigures": "meta park kpis",
    "PerMuAnswer": "meta evaluation",
    "Problem": "type detail detail_zh detail_en instance",
    "ProjectAnswer": "meta project footprint_m2 places sites milestones lights light_rules readiness stage_check",
    "ProjectCounts": "total lights groups without_investment hidden_leads without_zone",
    "ProjectDistrict": "share",
    "Projects": "meta total page pages limit sort order ids projects",
    "PublishedArea": "published current",
    "ReadinessItem": "overall government company bottlenecks missing tracks schedule schedule_missing",
    "RecordItem": "details",
    "RecordPage": "total page pages limit amount_reason",
    "RecordPart": "share",
    "RuleItem": "agreement_id",
    "ScheduleItem": "critical_path serial_days saved_days",
    "SchemeItem": "is_default elements",
    "Schemes": "meta schemes",
    "ShareItem": "ratio share",
    "StageCheck": "claimed proven",
    "StageProblemItem": "blocks",
    "Summary": "meta projects figures land carriers",
    "Text": "zh en",
    "ZoneFitItem": "zone lead_chain carriers plots",
    "ZoneItem": "scheme areas parties",
    "ZoneLand": "land",
    "Zones": "meta",
}
#: The same for sums of zones and what is made of them: a prospect gets them of published figures only.
TOTALS: dict[str, str] = {
    "CatalogueItem": "priority filling strength demand customers suppliers pipeline target_profile policies",
    "ChainBoardItem": "strength coverage catalogue",
    "ClassCount": "zone classes",
    "ContractItem": "contract_id holder message years_full fee_wan reclaim",
    "ContractPage": "total page pages limit stages fee_wan contracts",
    "CourtedItem": "zone contested",
    "Evaluation": "years method classes parks references firms changed changed_count",
    "ExplanationItem": "figure records_sum records_denominator difference reconciles split exceptions values series",
    "FigureItem": "not_followed reported expected missing yoy yoy_kind yoy_reason target attained due from_records series value",
    "IdleStageItem": "contracts",
    "LedgerFindingItem": "figures",
    "LedgerItem": "years rows total lines agreement_id agreement_reason findings",
    "LedgerRowItem": "share ratio cost_in_wan cost_due_wan difference_wan audited_wan disallowed_wan audited_due_wan"
    " balance_wan booked_revenue_wan revenue_due_wan retained_wan distributed_wan cash_due_wan settled_wan open_wan",
    "NodeItem": "strength filling firms demand customers suppliers platforms pipeline gap",
    "ParkFigureItem": "zone kpi firms",
    "PointItem": "label ytd revised zones_revised",
    "ReportedItem": "zone current",
    "SplitItem": "by total records_total missing not_followed unattributed exceptions exception_reasons rules badge retained_wan restated",
    "UnitPartItem": "share cash_wan",
    "UnitRowItem": "zone records_sum records_denominator difference",
    "ZoneChainItem": "zone developable_m2 ready_m2 supplied_m2 built_m2 development_rate supply_rate completion_rate"
    " built_share identity reported reported_period reported_gap reported_ok not_nested",
    "ZoneSplitItem": "zone total records_total unattributed rules",
}
#: Single firms.
FIRMS: dict[str, str] = {"FirmItem": "rank tied score attained grade default_grade treated_as values scores filled"}

DERIVED: dict[tuple[str, str], FieldClass] = {
    (shape, key): field_class
    for field_class, shapes in (
        (FieldClass.OPEN, OPEN), (FieldClass.ZONE_TOTALS, TOTALS), (FieldClass.ENTERPRISE_FIGURES, FIRMS),
    )
    for shape, keys in shapes.items()
    for key in keys.split()
}  # fmt: skip
SCHEMAS: dict[str, Any] = document()["components"]["schemas"]
PATHS = [
    "/schemes", "/zones", "/zones?format=geojson", "/summary", "/projects", "/projects?format=geojson",
    "/projects/DP-CDKXC-0001", "/parks/SMKX/kpis", "/parcels/summary", "/attribution", "/attribution?kpi=K04&scope=dual",
    "/kpis/K01/explain", "/kpis/K04/explain", "/ledger/SMKX", "/chains/IC", "/per-mu", "/idle-land",
]  # fmt: skip


def class_of(shape: str, key: str) -> FieldClass | None:
    """The class of a key of an answer; None for one that nobody has thought of."""
    return DERIVED.get((shape, key)) or FIELD_CLASS.get(key)


def test_every_key_of_every_shape_has_a_class() -> None:
    keys = [(shape, key) for shape, said in SCHEMAS.items() for key in said.get("properties", {})]
    assert len(keys) > 500
    assert [where for where in keys if class_of(*where) is None] == []


def test_what_is_named_here_is_still_answered() -> None:
    assert [(s, k) for s, k in DERIVED if k not in SCHEMAS.get(s, {}).get("properties", {})] == []


def test_every_address_is_walked() -> None:
    walked = {path.partition("?")[0].split("/")[1] for path in PATHS}
    assert walked == {endpoint.path.split("/")[1] for endpoint in ENDPOINTS}


def test_every_column_of_every_export_has_a_class() -> None:
    silent = [(t.id, c.name) for t in TABLES.values() for c in t.columns if c.name not in FIELD_CLASS]
    assert silent == []
    assert all(c.field_class is FIELD_CLASS[c.name] for t in TABLES.values() for c in t.columns)


def _walk(schema: dict[str, Any], value: Any) -> Iterator[tuple[str, str, Any]]:
    """(shape, key, value) of every key in an answer, by what its schema calls the place."""
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            yield from _walk(option, value)
    if "$ref" in schema:
        shape = schema["$ref"].rsplit("/", 1)[1]
        if not isinstance(value, dict):
            return
        properties = SCHEMAS[shape].get("properties", {})
        assert set(value) <= set(properties), (shape, "keys that no shape names")
        for key, inside in value.items():
            yield shape, key, inside
            yield from _walk(properties[key], inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _walk(schema.get("items", {}), inside)
    elif isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        for inside in value.values():
            yield from _walk(schema["additionalProperties"], inside)


@pytest.fixture(scope="module")
def app(atlas_settings: Settings) -> Iterator[Dash]:
    with application(atlas_settings) as made:
        yield made


@pytest.mark.parametrize("role", [r.value for r in Role])
def test_a_role_is_sent_no_key_of_a_class_it_does_not_hold(app: Dash, role: str) -> None:
    client: FlaskClient = app.server.test_client()
    client.set_cookie(ROLE_COOKIE, role)
    viewer, seen = Viewer(Role(role)), set()
    paths = document()["paths"]
    for path in PATHS:
        response = client.get(f"/api/v1{path}")
        if response.status_code in (403, 404):
            continue
        assert response.status_code == 200, path
        parts = f"/api/v1{path}".partition("?")[0].split("/")
        template = next(
            t
            for t in paths
            if len(t.split("/")) == len(parts)
            and all(a == b or a.startswith("{") for a, b in zip(t.split("/"), parts, strict=True))
        )
        schema = paths[template]["get"]["responses"]["200"]["content"][response.mimetype]["schema"]
        for shape, key, value in _walk(schema, response.get_json(force=True)):
            seen.add((shape, key))
            field_class = class_of(shape, key)
            assert field_class is not None, (shape, key)
            if value not in (None, [], {}, ""):
                assert viewer.may(field_class), (path, shape, key, value)
    assert len(seen) > 60
    if role == Role.LEADERSHIP.value:
        assert len(seen) > 250, "the walk reaches the answers"
