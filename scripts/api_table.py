"""Writes the table of JSON addresses into both READMEs, between two markers: ``python -m scripts.api_table``.

It is made from the table that makes the routes (api/endpoints.py), so an address cannot be there and not be named.
tests/unit/test_readme.py fails while a README is behind.
"""

from __future__ import annotations

import re

from api.endpoints import ENDPOINTS
from scripts.marked import put
from settings import ROOT

README = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
BEGIN, END = "<!-- api table: make docs -->", "<!-- end of api table -->"
_HEAD = {"en": "| Address | Answer |", "zh": "| 地址 | 内容 |"}
_GEOJSON = {"en": "; also GeoJSON", "zh": ";也可要 GeoJSON"}
_BEFORE = (
    (
        "/healthz",
        "200 when the database is sound and there is a map (`behind` while tiles of new data are built), else 503 with why",
        "数据库完好且有地图可用时返回 200(新数据的切片生成期间为 `behind`),否则 503 并说明原因",
    ),
)
_AFTER = (
    (
        "/api/v1/export/{name}",
        "What is on screen, or a table, as a file: xlsx, csv, GeoJSON, GeoPackage",
        "屏幕所见或一张表,作为文件:xlsx、csv、GeoJSON、GeoPackage",
    ),
    ("/api/v1/openapi.json", "The description of all of these (OpenAPI 3.1)", "以上接口的说明(OpenAPI 3.1)"),
)


def table(language: str) -> str:
    """The markdown table in "en" or "zh": health, every endpoint in the order of the routes, export, description."""
    rows = [(path, en if language == "en" else zh) for path, en, zh in _BEFORE]
    for e in ENDPOINTS:
        about = e.about if language == "en" else e.about_zh
        path = re.sub(r"<(\w+)>", r"{\1}", f"/api/v1{e.path}")
        rows.append((path, about + (_GEOJSON[language] if e.features is not None else "")))
    rows += [(path, en if language == "en" else zh) for path, en, zh in _AFTER]
    return "\n".join([_HEAD[language], "| --- | --- |", *(f"| `{path}` | {about} |" for path, about in rows)])


def written(text: str, language: str) -> str:
    """The README `text` with its table as it should be. Raises ValueError where the markers are missing."""
    return put(text, BEGIN, END, table(language))


def main() -> None:
    """Write both READMEs."""
    for language, path in README.items():
        path.write_text(written(path.read_text(encoding="utf-8"), language), encoding="utf-8")


if __name__ == "__main__":
    main()
