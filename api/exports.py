"""Files of the selection: ``/api/v1/export/<table>.<ext>?<query>`` with the query of the screens."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request

from api.asked import Asked
from api.endpoints import Own
from api.problems import UnfitExport, UnknownExport, WithheldExport, private
from data.db import read_session
from data.exports.books import csv_description
from data.exports.extract import NoPlace, NotForRole, TooLarge, extract
from data.exports.files import ENCODINGS, FORMATS, file_name
from data.imports.tables import TABLES
from domain.filters import Facet
from i18n import language
from web import current_viewer

WORKSPACE = "workspace"
_NAME = r"^[a-z_]+\.(xlsx|csv|geojson|gpkg|zip)$"
OWN = (
    Own("encoding", "utf-8", "Encoding of csv and of a Shapefile's text.", values=ENCODINGS),
    Own("whole", "no", "Every row of the data set instead of the selection.", values=("no", "yes")),
)

blueprint = Blueprint("exports", __name__)


@blueprint.get("/api/v1/export/<name>")
def export(name: str) -> Response:
    """The file of a table, or the whole data set as one GeoPackage (``workspace.gpkg``)."""
    described = name.removesuffix("-metadata.json") if name.endswith(".csv-metadata.json") else name
    table_id, _dot, suffix = described.partition(".")
    if suffix not in FORMATS or (table_id != WORKSPACE and table_id not in TABLES):
        raise UnknownExport(name, (*TABLES, WORKSPACE), FORMATS)
    if table_id == WORKSPACE and suffix != "gpkg":
        raise UnknownExport(name, (*TABLES, WORKSPACE), FORMATS)
    own = {o.name: o.read(request.args.get(o.name)) for o in OWN}
    search = request.query_string.decode("utf-8", "replace")
    how = FORMATS[suffix]
    with read_session() as session, TemporaryDirectory(prefix="atlas-export-") as folder:
        asked = Asked.understood(session, current_viewer(), search, facets=frozenset(Facet), own=set(own))
        path = Path(folder) / described
        if table_id == WORKSPACE:
            from data.exports.workspace import write_workspace  # loads the libraries of GIS files

            write_workspace(asked, path, language=language())
            return _file(path, how.mimetype, f"{asked.state.dataset.value}.gpkg")
        try:
            found = extract(asked, table_id, whole=own["whole"] == "yes", language=language())
            if described != name:
                return private(jsonify(csv_description(found, described)))
            how.write(found, path, own["encoding"])
        except NotForRole:
            raise WithheldExport(TABLES[table_id].zh, TABLES[table_id].en) from None
        except (NoPlace, TooLarge):
            raise UnfitExport(TABLES[table_id].zh, TABLES[table_id].en, suffix) from None
        response = _file(path, how.mimetype, file_name(found, suffix))
        if suffix == "csv":
            response.headers["Content-Type"] = f"text/csv; charset={'gb18030' if own['encoding'] == 'gbk' else 'utf-8'}"
            query = request.query_string.decode("ascii", "ignore")
            response.headers["Link"] = (
                f'<{name}-metadata.json?{query}>; rel="describedby"; type="application/csvm+json"'
            )
        return response


def operation(shared: Iterable[str]) -> dict[str, Any]:
    """The operation as the OpenAPI document describes it; `shared` are the names of the parameters of all answers."""
    parameters: list[dict[str, Any]] = [
        {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "pattern": _NAME},
         "description": f"A table ({', '.join(TABLES)}) and a kind of file ({', '.join(FORMATS)}; zip is a Shapefile); "
                        "workspace.gpkg is all of them."},
        *({"$ref": f"#/components/parameters/{name}"} for name in (*shared, "role")),
        *({"name": o.name, "in": "query", "description": o.about, "schema": o.schema()} for o in OWN),
    ]  # fmt: skip
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "operationId": "export",
        "summary": "A file of the selected records, with what it holds on its first sheet or beside it",
        "parameters": parameters,
        "responses": {
            "200": {"description": "The file", "content": {how.mimetype: binary for how in FORMATS.values()}},
            "400": {"$ref": "#/components/responses/BadParameter"},
            "403": {"$ref": "#/components/responses/Withheld"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "422": {"$ref": "#/components/responses/Unfit"},
            "503": {"$ref": "#/components/responses/NotReady"},
        },
    }


def _file(path: Path, mimetype: str, name: str) -> Response:
    response = private(Response(path.read_bytes(), mimetype=mimetype))
    response.headers["Content-Disposition"] = f"attachment; filename=\"{path.name}\"; filename*=UTF-8''{quote(name)}"
    return response
