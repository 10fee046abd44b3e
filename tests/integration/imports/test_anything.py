"""Whatever a file holds, an import ends with rows and a report or with one clear problem, and never with part of a write."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.imports.check import Options, check
from data.imports.commit import commit, make_plan, undo
from data.imports.look import look
from data.imports.mapping import apply, suggest
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.tables import TABLES
from tests.integration.imports.test_batches import contents
from tests.support.importing import LIMITS

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "－", "1e400", "NaN", "民国112年", "2026.9", "１２，３４５", "=cmd()", "甲项目", "CDKXC", "100102", "1501", "是",
         "约3亿元", "-1", "0", "99999999999999999999", "2026-13-45", "\u202e右", "👍", "A", "P1", "K20", "104.08", "30.4"]
    ),
    st.floats(allow_nan=True).map(str),
    st.integers().map(str),
    st.dates().map(str),
)  # fmt: skip
HEADINGS = st.one_of(
    st.sampled_from(sorted({f.heading for t in TABLES.values() for f in t.fields})),
    st.sampled_from(
        ["总投资（亿元）", "01月完成投资(万元)", "2025年1-3月累计完成投资(万元)", "x", "y", "用地面积\n(亩)"]
    ),
    st.text(max_size=8),
)
NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.floats(100, 110), st.floats(29, 32))
POINTS = st.lists(NUMBERS, min_size=2, max_size=3)
RINGS = st.lists(POINTS, min_size=0, max_size=6)
GEOMETRIES = st.one_of(
    st.none(),
    st.fixed_dictionaries({"type": st.just("Point"), "coordinates": POINTS}),
    st.fixed_dictionaries({"type": st.just("LineString"), "coordinates": RINGS}),
    st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": st.lists(RINGS, max_size=2)}),
    st.fixed_dictionaries({"type": st.just("MultiPolygon"), "coordinates": st.lists(st.lists(RINGS, max_size=2), max_size=2)}),
)  # fmt: skip


def attempt(session: Session, path: Path, table: str | None, constants: dict[str, Any]) -> str:
    """Look, suggest, check and plan; the code of the problem, or "" when there is none."""
    try:
        found = look(path, LIMITS, Watch())
        sheet = found.sheet()
        geometry = sheet.geometry is not None
        mapping = suggest(sheet.headings, sheet.sample(), geometry=geometry, table=table, title=sheet.title).mapping
        known = TABLES[mapping.table].by_name
        mapping = apply(
            mapping, {"constants": {k: v for k, v in constants.items() if k in known}, "year": 2026}, sheet.headings
        )
        result = check(session, found, sheet, mapping, Options(), Limits(), Watch())
        make_plan(session, result, Watch())
    except ImportProblem as problem:
        return problem.code if problem.text("zh") else "no text"
    for finding in result.findings:
        assert finding.text("zh")
    assert sum(len(rows) for rows in result.rows.values()) >= 0
    return ""


@FEW
@given(
    table=st.sampled_from([None, *TABLES]),
    heads=st.lists(HEADINGS, min_size=1, max_size=6),
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=6),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_any_table(
    db_session: Session, tmp_path: Path, table: str | None, heads: list[str], rows: list[list[str]], encoding: str
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([heads, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode(encoding, "replace"))
    attempt(db_session, path, table, {"landuse_scheme": "YDYH2023", "name_zh": "甲", "carrier_type": "研发"})


@FEW
@given(
    raw=st.binary(max_size=300),
    suffix=st.sampled_from(
        [".csv", ".xlsx", ".xls", ".geojson", ".gpkg", ".shp", ".zip", ".kml", ".dxf", ".fgb", ".kmz"]
    ),
)
def test_any_bytes(db_session: Session, tmp_path: Path, raw: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(raw)
    code = attempt(db_session, path, None, {})
    assert code or suffix == ".csv"


@FEW
@given(
    table=st.sampled_from([t.id for t in TABLES.values() if t.geometry]),
    shapes=st.lists(GEOMETRIES, min_size=1, max_size=4),
)
def test_any_geometry(db_session: Session, tmp_path: Path, table: str, shapes: list[dict[str, Any] | None]) -> None:
    features = [{"type": "Feature", "properties": {"a": i}, "geometry": shape} for i, shape in enumerate(shapes)]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    given_ = {"landuse_scheme": "YDYH2023", "name_zh": "甲", "carrier_type": "研发", "code": "A1", "area_m2": "1",
              "landuse_code": "100102", "scheme_id": "wcsc", "role": "zone"}  # fmt: skip
    attempt(db_session, path, table, given_)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    heads=st.lists(
        st.sampled_from([f.heading for f in TABLES["projects"].fields]), min_size=1, max_size=6, unique=True
    ),
    rows=st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=5),
)
def test_any_projects_are_written_whole_and_taken_back(
    own: Engine, tmp_path: Path, heads: list[str], rows: list[list[str]]
) -> None:
    before = contents(own)
    text = io.StringIO()
    csv.writer(text).writerows([["项目名称", *(h for h in heads if h != "项目名称")], *rows])
    path = tmp_path / "a.csv"
    path.write_text(text.getvalue(), encoding="utf-8", errors="replace")
    try:
        found = look(path, LIMITS, Watch())
        sheet = found.sheet()
        mapping = suggest(sheet.headings, sheet.sample(), geometry=False, table="projects").mapping
        with Session(own) as session:
            result = check(session, found, sheet, mapping, Options(), LIMITS, Watch())
        outcome = commit(own, result, Watch())
    except ImportProblem:
        assert contents(own) == before
        return
    if outcome.batch is None:
        assert contents(own) == before
        return
    assert commit(own, result, Watch()).batch is None
    undo(own, outcome.batch, Watch())
    assert contents(own) == before


def test_a_database_that_refuses_leaves_nothing(own: Engine, tmp_path: Path) -> None:
    from tests.support.importing import checked, csv_file

    before = contents(own)
    with Session(own) as session:
        result = checked(session, csv_file(tmp_path, "项目编号,项目名称\nA,甲\nB,乙\n"), "projects")
    result.rows["projects"][1][1]["zone_code"] = "NOWHERE"
    with pytest.raises(ImportProblem) as caught:
        commit(own, result, Watch())

    assert caught.value.code == "database_refused"
    assert contents(own) == before
