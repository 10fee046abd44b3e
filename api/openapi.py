"""The OpenAPI 3.1 document, made from the table of addresses and the shapes of their answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic.json_schema import models_json_schema

from api import exports
from api.endpoints import ENDPOINTS, Endpoint
from api.shapes import Health, Problem, Shape
from domain.lifecycle import STAGE_GROUPS
from domain.viewer import Role
from domain.viewstate import KINDS, LIGHTS, Dataset, Grouping, Scope
from web import ROLE_COOKIE

JSON, GEOJSON, PROBLEM = "application/json", "application/geo+json", "application/problem+json"
_PATH_PARAMETER = re.compile(r"<(\w+)>")

#: Parameters shared with the screens: name, what it says, values where the list is closed, whether several may be given.
SHARED: tuple[tuple[str, str, Sequence[str], bool], ...] = (
    ("scheme", "Zone scheme; the default one when missing.", (), False),
    ("data", "Data set; the sets never mix.", [d.value for d in Dataset], False),
    ("period", "Month YYYY-MM; the newest one with data when missing.", (), False),
    (
        "scope",
        "口径 of the figures; an answer that is not divided among units is territorial and says so.",
        [s.value for s in Scope],
        False,
    ),
    (
        "by",
        "Units of the territorial scope: lines of the statistics, statutory districts, or governing bodies. One total.",
        [g.value for g in Grouping],
        False,
    ),
    ("zone", "Zone codes.", (), True),
    ("chain", "Chain codes and chain node ids.", (), True),
    ("stage", "Stage groups.", list(STAGE_GROUPS), True),
    ("light", "Lights; grey is not reported.", list(LIGHTS), True),
    ("district", "Units of the grouping `by`: district codes, or CD-GXQ and the like.", (), True),
    ("kind", "Cross-district kinds.", list(KINDS), True),
    ("kpi", "Indicator to divide; K01 when missing. Read by /attribution only.", (), False),
    ("landuse", "Land use by status or by plan.", ("status", "plan"), False),
)


def _shared(name: str, about: str, values: Sequence[str], several: bool) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "string"}
    if values:
        one["enum"] = list(values)
    entry: dict[str, Any] = {"name": name, "in": "query", "description": about, "schema": one}
    if several:
        entry["schema"] = {"type": "array", "items": one}
        entry |= {"style": "form", "explode": False}
    return entry


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(endpoint: Endpoint, names: dict[type[Shape], str]) -> dict[str, Any]:
    inside = _PATH_PARAMETER.findall(endpoint.path)
    parameters: list[dict[str, Any]] = [
        {"name": p, "in": "path", "required": True, "schema": {"type": "string"}} for p in inside
    ]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name, *_ in SHARED]
    parameters.append({"$ref": "#/components/parameters/role"})
    parameters += [{"name": o.name, "in": "query", "description": o.about, "schema": o.schema()} for o in endpoint.own]
    content = {JSON: {"schema": _ref(names[endpoint.shape])}}
    if endpoint.feature is not None:
        content[GEOJSON] = {"schema": _ref(names[endpoint.feature])}
        about = "GeoJSON also on Accept: application/geo+json."
        values = {"type": "string", "enum": ["json", "geojson"], "default": "json"}
        parameters.append({"name": "format", "in": "query", "description": about, "schema": values})
    responses: dict[str, Any] = {"200": {"description": endpoint.about, "content": content}}
    if endpoint.own or endpoint.features:
        responses["400"] = {"$ref": "#/components/responses/BadParameter"}
    if inside:
        responses["404"] = {"$ref": "#/components/responses/NotFound"}
    responses["503"] = {"$ref": "#/components/responses/NotReady"}
    return {
        "operationId": endpoint.name,
        "summary": endpoint.about,
        "parameters": parameters,
        "responses": responses,
    }


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM: {"schema": _ref("Problem")}}}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document. It depends on the code only, so one per process."""
    models: list[type[Shape]] = [Health, Problem]
    for endpoint in ENDPOINTS:
        models.append(endpoint.shape)
        if endpoint.feature is not None:
            models.append(endpoint.feature)
    refs, defined = models_json_schema(
        [(model, "serialization") for model in dict.fromkeys(models)], ref_template="#/components/schemas/{model}"
    )
    names = {model: schema["$ref"].rsplit("/", 1)[1] for (model, _mode), schema in refs.items()}
    health = {"application/json": {"schema": _ref("Health")}}
    paths: dict[str, Any] = {
        "/healthz": {
            "get": {
                "operationId": "healthz",
                "summary": "Whether the program can answer",
                "responses": {
                    "200": {"description": "Ready", "content": health},
                    "503": {"description": "Not ready", "content": health},
                },
            }
        }
    }
    for endpoint in ENDPOINTS:
        paths["/api/v1" + _PATH_PARAMETER.sub(r"{\1}", endpoint.path)] = {"get": _operation(endpoint, names)}  # type: ignore[arg-type]
    paths["/api/v1/export/{name}"] = {"get": exports.operation(name for name, *_ in SHARED)}
    parameters = {name: _shared(name, *rest) for name, *rest in SHARED}  # type: ignore[arg-type]
    parameters["role"] = {
        "name": ROLE_COOKIE,
        "in": "cookie",
        "description": "Role to look with; decides which rows and fields are sent.",
        "schema": {"type": "string", "enum": [r.value for r in Role], "default": Role.LEADERSHIP.value},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CoreZone Atlas",
            "version": "1",
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": (
                "The same answers as the screens, with the same query parameters: values of one parameter are joined by "
                "OR, parameters by AND. What is not understood is left out and reported in meta.ignored; parameters that "
                "only arrange a screen (layers, sel, map, table, year, restate, agreed, window, explain, view, rank, row) are accepted and "
                "change nothing; list, the code of a list of projects, restricts exports only. "
                "Money is integer 万元 (_wan), area integer m² (_m2), positions WGS 84 longitude and latitude."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": defined["$defs"],
            "parameters": parameters,
            "responses": {
                "BadParameter": _problem("A parameter of the API itself has no usable value"),
                "Withheld": _problem("The role may not take this out"),
                "Unfit": _problem("The table does not fit into this kind of file"),
                "NotFound": _problem("No such record, or not for this role"),
                "NotReady": _problem("The database is not usable; the answer names the command that mends it"),
            },
        },
    }
