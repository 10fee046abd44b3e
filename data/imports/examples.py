"""The example row of a template: what it holds, and by what the import knows it again. Only a row that is ours is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from data.columns import Column as Field
from data.imports.tables import LIST_SEPARATOR, TABLES, Table

#: How the first cell of an example row begins.
_MARK = "示例:"
#: A changed sample is a changed row: templates that were handed out before then bring theirs in as a record.
_KIND_SAMPLES: Mapping[str, Any] = {
    "int": 3, "money_wan": 12000, "money_wan_usd": 800, "area_m2": 40000, "ratio": 0.35, "number": 2.5,
    "date": date(2026, 3, 15), "month": "2026-03", "bool": "是", "lon": 104.0739, "lat": 30.4077,
    "geometry": "POLYGON ((104.07 30.40, 104.08 30.40, 104.08 30.41, 104.07 30.41, 104.07 30.40))",
    "shares": f"CD-GXQ=3/5{LIST_SEPARATOR}510116=2/5",
}  # fmt: skip
_SAMPLES: Mapping[str, Any] = {
    "name_zh": "某某智能制造基地项目", "name_en": "Sample project", "enterprise_name": "某某科技有限公司", "year": 2026,
    "stage": "签约", "industry_edition": "GB/T 4754-2017", "industry_code": "3973", "industry_name": "集成电路制造",
    "project_code": "2601-510116-04-01-000001", "uscc": "91510100MA00000000", "doc_no": "示例发〔2026〕1号", "title": "某某支持政策",
    "period": "2026-03", "unit": "万元", "value": 12000.0, "status_code": "0701", "plan_code": "100102", "landuse_code": "100102",
    "landuse_scheme": "YDYH2023", "as_of": "2026-03-31", "valid_from": date(2026, 1, 1), "area_crs": "EPSG:4544",
    "code_system": "GB/T 2260", "curve": "",
}  # fmt: skip
_REFERRED: Mapping[str, str] = {
    "unit": "510116", "chain": "IC", "node": "IC-M1", "kpi": "K01", "landuse": "100102", "zones.code": "CDKXC",
    "schemes.id": "wcsc",
}  # fmt: skip


def example(table: Table) -> list[tuple[Field, Any]]:
    """The columns of the template of a table, each with its cell of the example row; the first begins with the mark."""
    fields = [f for f in table.fields if f.child is None or not f.child.per]
    cells = [_sample(table, field) for field in fields]
    cells[0] = f"{_MARK}{cells[0]}"
    return list(zip(fields, cells, strict=True))


def _sample(table: Table, field: Field) -> Any:
    if field.choices:
        return _SAMPLES[field.name] if field.name == "stage" else field.choices[0][1]
    if field.kind == "bool":
        return _KIND_SAMPLES["bool"]
    if field.name in _SAMPLES and field.kind != "geometry":
        return _SAMPLES[field.name]
    if field.refers:
        return _REFERRED.get(field.refers, f"{field.refers.split('.')[0].upper()}-0001")
    return _KIND_SAMPLES.get(field.kind, f"{table.zh}0001" if field.kind == "code" else "某某")


def is_example(cells: Sequence[Any]) -> bool:
    """Whether the cells of a row that hold anything are those of a template's example row, in any order; some may be gone."""
    if not str(cells[0]).startswith(_MARK):
        return False
    said = {_text(cell) for cell in cells}
    return any(said <= row for row in _rows())


@lru_cache(maxsize=1)
def _rows() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(_text(cell) for _field, cell in example(table)) for table in TABLES.values())


def _text(cell: Any) -> str:
    """A cell as text, the same from a workbook and from a csv made of it."""
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()
