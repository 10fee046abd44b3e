"""How long the owner's files take: parcels from a GeoPackage, projects from a workbook, each in a process of its own.

``python -m benchmarks.imports parcels|projects|dated N`` imports N rows into the database of ``ATLAS_VAR_DIR`` and prints what
it took as one line of JSON; `figures` runs it for two sizes of each kind.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.build import SCHEME, peak_mb
from benchmarks.report import Measure, below
from settings import ROOT

#: The sizes of the issue, and a quarter of each to see whether the cost is linear.
PARCELS, PROJECTS = 100_000, 50_000
PARCELS_S, PROJECTS_S, MEMORY_MB = 60.0, 30.0, 2000.0
_SIGNS = (
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈剑号巨阙珠称夜光"
)
_CODES = ("100101", "0701", "0802", "0901", "1401", "0101")
_STATES = ("已建成", "已供应", "可开发", "已整理")


def write_parcels(path: Path, count: int) -> None:
    """A GeoPackage in EPSG:4490: a field of square parcels across the zones, with codes and words as offices write them."""
    import geopandas as gpd
    import numpy as np
    import shapely

    random_ = np.random.default_rng(20260930)
    number = np.arange(count)
    side = int(np.ceil(count**0.5))
    step = 0.3 / side
    x, y = 103.95 + number % side * step, 30.3 + number // side * step
    frame = gpd.GeoDataFrame(
        {
            "图斑编号": [f"TB{n:07d}" for n in number],
            "规划用地代码": np.array(_CODES)[random_.integers(0, len(_CODES), count)],
            "现状用地代码": np.array(_CODES)[random_.integers(0, len(_CODES), count)],
            "开发状态": np.array(_STATES)[random_.integers(0, len(_STATES), count)],
            "备注": [f"第{n}块" for n in number],
        },
        geometry=shapely.box(x, y, x + step, y + step),
        crs="EPSG:4490",
    )
    frame.to_file(path, driver="GPKG")


def write_projects(path: Path, count: int, dated: bool) -> None:
    """A workbook as a planning office keeps it: a merged title, units in headings, names of zones; `dated` adds two stages."""
    import xlsxwriter

    draw = random.Random(20260930)
    zones = ("成都科学城", "新经济活力区", "CDKXC", "SMKX", "WLKJC")
    head = ["项目名称", "项目代码", "责任单位", "建设单位", "总投资（亿元）", "年度计划投资（万元）", "年度投资完成率", "建设性质",
            "所属片区", "用地面积(亩)", "经度", "纬度", "备注"]  # fmt: skip
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("项目")
        sheet.merge_range(0, 0, 0, 5, "2026年重点项目清单")
        sheet.write_row(1, 0, [*head, "签约日期", "开工日期"] if dated else head)
        for i in range(count):
            row: list[Any] = [
                "".join(draw.choices(_SIGNS, k=4)) + f"{i}号产业化项目", f"2601-510100-04-01-{i:06d}", "发改局",
                "".join(draw.choices(_SIGNS, k=5)) + "有限公司", round(draw.random() * 50, 4), draw.randint(100, 90_000),
                f"{draw.randint(0, 100)}%", "新建", draw.choice(zones), draw.randint(5, 300),
                103.95 + draw.random() * 0.4, 30.3 + draw.random() * 0.4, "",
            ]  # fmt: skip
            if dated:
                signed = f"{draw.randint(2022, 2025)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}"
                row += [signed, f"2026年{draw.randint(1, 9)}月" if i % 2 else ""]
            sheet.write_row(i + 2, 0, row)


def bring(kind: str, count: int) -> dict[str, Any]:
    """Make the file, then import it: looked at, mapped, checked, committed with what follows, tiled."""
    from data.db import get_engine
    from data.imports.conductor import Import
    from data.imports.problem import Limits, Watch
    from data.imports.told import Asked
    from layers.tiles import ensure_tiles
    from settings import get_settings

    is_land = kind == "parcels"
    path = get_settings().var_dir / (f"{kind}.gpkg" if is_land else f"{kind}.xlsx")
    if is_land:
        write_parcels(path, count)
    else:
        write_projects(path, count, kind == "dated")
    steps = dict[str, float]()
    began = last = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal last
        now = time.perf_counter()
        steps[step], last = round(now - last, 2), now

    table = "parcels" if is_land else "projects"
    asked = Asked(table=table, constants={"landuse_scheme": "YDYH2023"} if is_land else {})
    bring_in = Import(get_engine(), path, asked, Limits.of(get_settings()), Watch(3600))
    assert bring_in.chosen.mapping.table == table
    lap("look")
    outcome = bring_in.commit().outcome
    lap("commit")
    ensure_tiles()
    lap("tiles")
    assert outcome.by_table[table] == (count, 0)
    return {"rows": count, "seconds": round(last - began, 2), "steps": steps, "peak_mb": round(peak_mb())}


def figures() -> dict[str, dict[str, Any]]:
    """What `bring` says by kind and number of rows, each in a new process on a copy of one small database."""
    found: dict[str, dict[str, Any]] = {}
    runs = [("parcels", PARCELS // 4), ("parcels", PARCELS), ("projects", PROJECTS // 4), ("projects", PROJECTS),
            ("dated", PROJECTS // 4), ("dated", PROJECTS)]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="atlas-bench-") as folder:
        first = Path(folder) / "first"
        _run(first, "-c", _INIT)
        for kind, count in runs:
            var = Path(folder) / "var"
            shutil.copytree(first, var)
            said = _run(var, "-m", "benchmarks.imports", kind, str(count))
            found[f"{kind} {count}"] = json.loads(said.splitlines()[-1])
            shutil.rmtree(var)
    return found


def measures(found: dict[str, dict[str, Any]]) -> list[Measure]:
    """Lines of the bench table, with the goals of the issue."""
    section = "Importing files (look to tiles)"
    land, land_4 = found[f"parcels {PARCELS}"], found[f"parcels {PARCELS // 4}"]
    rows, rows_4 = found[f"projects {PROJECTS}"], found[f"projects {PROJECTS // 4}"]
    dated, dated_4 = found[f"dated {PROJECTS}"], found[f"dated {PROJECTS // 4}"]
    committed, committed_4 = (sum(run["steps"][step] for step in ("look", "commit")) for run in (dated, dated_4))
    per_row = [(a["seconds"] / a["rows"]) / (b["seconds"] / b["rows"]) for a, b in ((land, land_4), (rows, rows_4))]
    return [
        below(section, f"{PARCELS:,} parcels from GeoPackage: checked, committed, tiled", "", land["seconds"], "s", PARCELS_S),
        below(section, "most memory held by it", "", land["peak_mb"], "MB", MEMORY_MB),
        below(section, f"{PROJECTS:,} project rows from xlsx: checked, committed, tiled", "", rows["seconds"], "s", PROJECTS_S),
        below(section, "cost per row against a quarter of the rows (1 is linear), the worse of both", "",
              max(per_row), "", 1.2, f"{max(per_row):.2f}"),
        below(section, f"{PROJECTS:,} project rows with two dated stages (lights of every month): checked, committed", "",
              committed, "s", PROJECTS_S),
        below(section, "the same with its tiles, which hold the history of every project", "", dated["seconds"], "s"),
        below(section, "most memory held by the dated rows", "", dated["peak_mb"], "MB", MEMORY_MB),
        below(section, "cost per dated row against a quarter of the rows", "", committed / committed_4 / 4, "", 1.2,
              f"{committed / committed_4 / 4:.2f}"),
    ]  # fmt: skip


_INIT = (
    "from data import store; from data.demo.scale import DemoScale; from settings import get_settings; s = get_settings();"
    "store.init(s, lambda *_: None, schemes=("
    f"{SCHEME!r},), scale=DemoScale(parcels=300, projects=40, enterprises=60,"
    "buildings=10, units=60, plots=12, platforms=10));from layers.tiles import ensure_tiles; ensure_tiles()"
)


def _run(var: Path, *arguments: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATLAS_")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=kept | {"ATLAS_VAR_DIR": str(var)}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments[-3:])}: {done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    print(json.dumps(bring(sys.argv[1], int(sys.argv[2]))))
