"""A layer is called the same when a file is looked at and when that layer alone is asked for again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from data.imports.look import look
from data.imports.problem import ImportProblem, Limits, Watch
from tests.integration.imports.test_command import run

FEATURE = {
    "type": "Feature",
    "properties": {"载体名称": "甲", "载体类型": "研发"},
    "geometry": {"type": "Point", "coordinates": [104.0, 30.5]},
}


def geojson(path: Path, **members: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": [FEATURE]}), encoding="utf-8")
    return path


def written(path: Path, driver: str, **options: Any) -> Path:
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(104.0, 30.5)], crs="EPSG:4326")
    frame.to_file(path, driver=driver, **options)
    return path


def names(path: Path, only: str | None = None) -> list[str]:
    return [sheet.name for sheet in look(path, Limits(), Watch(), path.name, only=only).sheets]


@pytest.fixture
def files(tmp_path: Path) -> dict[Path, str]:
    """Files of one layer, and what that layer is called."""
    return {
        geojson(tmp_path / "无名.geojson"): "无名",
        geojson(tmp_path / "空名.geojson", name=""): "空名",
        geojson(tmp_path / "a.b c.json", name=None): "a.b c",
        geojson(tmp_path / "有名.geojson", name="载体 八月/一"): "载体 八月/一",
        geojson(tmp_path / "file.geojson"): "file",
        written(tmp_path / "面.fgb", "FlatGeobuf"): "面",
        written(tmp_path / "库.gpkg", "GPKG", layer="楼"): "楼",
        written(tmp_path / "形.shp", "ESRI Shapefile"): "形",
        written(tmp_path / "标.kml", "KML"): "标",
    }


def test_a_layer_asked_for_by_the_name_it_was_shown_under_is_found(files: dict[Path, str]) -> None:
    assert {path.name: names(path) for path in files} == {path.name: [name] for path, name in files.items()}
    assert {path.name: names(path, name) for path, name in files.items()} == {
        path.name: [name] for path, name in files.items()
    }


def test_a_layer_that_is_not_there_is_no_empty_file(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem) as told:
        names(geojson(tmp_path / "无名.geojson"), "楼")
    assert (told.value.code, told.value.values) == ("no_sheet", {"name": "楼", "known": "无名"})


def test_the_command_takes_the_same_name(own_var: Path, own_url: str, tmp_path: Path) -> None:
    path = geojson(tmp_path / "楼.geojson")
    for layer in ((), ("--layer", "楼")):
        told = run(own_var, own_url, "import", str(path), "--table", "carriers", "--dry-run", *layer)
        assert told.returncode == 0, told.stderr
        assert "1 rows into carriers" in told.stdout
    lost = run(own_var, own_url, "import", str(path), "--table", "carriers", "--dry-run", "--layer", "桥")
    assert lost.returncode == 1
    assert lost.stderr.strip() == "There is no sheet or layer 桥; there are: 楼."
