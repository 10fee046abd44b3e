"""``python -m benchmarks``: build each size, serve it with gunicorn, measure, print one table.

Nothing is timed by a test: the figures depend on the machine, the comparisons in the same run do not.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from rich.console import Console

from benchmarks import browser, crowd, imports, load
from benchmarks.build import result_file
from benchmarks.load import Asked
from benchmarks.report import Measure, as_json, below, markdown, median_of, millis, p95, seconds, table
from benchmarks.server import Running, environment, serving
from benchmarks.sizes import SIZES
from settings import ROOT

#: Several zones each, so that the camera stays: both pages then draw the same parcels in the same place.
RUNS = (
    3  # of everything but the database, each with a server and a browser of its own: their median and range are printed
)
COMPARED = (
    ("chain=IC&zone=CDKXC,SMKX", "zone=CDKXC,SMKX"),
    ("chain=DRUG&zone=WLKJC,XJJHL,XYDIT", "zone=WLKJC,XJJHL,XYDIT"),
    ("", ""),
)
#: One of each facet, alone and combined, on the default view.
FILTERS = (
    "chain=IC",
    "chain=IC,DRUG&zone=CDKXC,SMKX",
    "light=red,yellow",
    "stage=building",
    "chain=IC&district=510116&light=green",
    "kind=A,B",
    "chain=IC&period=2025-06",
    "scope=shared",
)
#: Pages beside the wall, and filters set on them.
PAGES = ("/park/SMKX", "/ledger", "/projects", "/chains", "/per-mu")
PAGE_SEARCHES = ("?chain=IC", "?scope=shared&kpi=K04", "?period=2026-06", "?zone=SMKX,WLKJC&light=red")
PAGE_MS = 200
_WITH_TABLE = ("table=1&chain=IC", "table=1&chain=IC&light=green")
API = ("/summary", "/projects", "/summary?chain=IC", "/projects?chain=IC&zone=CDKXC,SMKX")
CALLBACK_MS = 150
VIEWERS = 200
SETTLED_MS = {"demo": 300}  # at the other sizes LARGE_SETTLED_MS
LARGE_SETTLED_MS = 500
OPENING_MS = 1000
STATEMENTS = 15
TRANSFER_KB = 30
PLOTLY_TIMES = 8
BARE_TIMES = 1.5


def main() -> None:
    """Run, print, and write the JSON file when one is named."""
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 150)
    log = Console(stderr=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server and the browser are stopped as well
    machine = _machine()
    measures: list[Measure] = []
    titles = {name: SIZES[name].title for name in options.sizes}
    runs = 1 if options.quick else RUNS
    with _folder(options.keep) as folder:
        for name in options.sizes:
            var_dir = folder / name
            log.print(f"{titles[name]}: building")
            measures += _database(name, var_dir, log)
            measures += median_of([_archives(name, var_dir) for _ in range(runs)])
            recorded: Recorded = {}
            served = []
            for run in range(runs):
                log.print(f"{titles[name]}: serving, run {run + 1} of {runs}")
                served.append(_serve(name, var_dir, recorded, machine, log))
            measures += median_of(served)
            log.print(f"{titles[name]}: {VIEWERS} viewers")
            scripts = _scripts(var_dir)
            measures += _statements(name, var_dir, scripts)
            measures += median_of([_crowd(name, var_dir, scripts) for _ in range(runs)])
    log.print("rules")
    measures += median_of([_rules() for _ in range(runs)])
    if not options.quick:
        log.print("imports")
        measures += median_of([imports.measures(imports.figures()) for _ in range(runs)])
    notes = _notes(machine, runs)
    if options.markdown:
        for language in ("en", "zh"):
            sys.stdout.write(markdown(measures, titles, language) + "\n\n")
        sys.stdout.write(notes + "\n")
    else:
        console.print(table(measures, titles), soft_wrap=False)
        console.print(notes, highlight=False)
    if options.json:
        text = json.dumps(as_json(measures, machine), ensure_ascii=False, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--sizes", type=lambda text: text.split(","), default=list(SIZES), help=f"some of {','.join(SIZES)}"
    )
    parser.add_argument("--quick", action="store_true", help="one run instead of three, and no imports")
    parser.add_argument("--markdown", action="store_true", help="print the tables of both READMEs instead")
    parser.add_argument(
        "--keep", type=Path, help="keep the generated databases in this folder and use those found there"
    )
    parser.add_argument("--json", type=Path, help="write everything measured to this file as well")
    options = parser.parse_args()
    if unknown := [name for name in options.sizes if name not in SIZES]:
        parser.error(f"unknown size: {', '.join(unknown)}; there are {', '.join(SIZES)}")
    return options


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="corezone-bench-") as made:
        yield Path(made)


# --- building ---------------------------------------------------------------------------------------------------------


def _part(part: str, size: str, var_dir: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.build", part, size]
    subprocess.run(command, cwd=ROOT, env=environment(var_dir), check=True, stdout=subprocess.DEVNULL)
    return dict(json.loads(result_file(var_dir, part).read_text(encoding="utf-8")))


def _database(size: str, var_dir: Path, log: Console) -> list[Measure]:
    kept = result_file(var_dir, "parcels").is_file()
    if kept:
        log.print(f"  using the database in {var_dir}")
        made = json.loads(result_file(var_dir, "database").read_text(encoding="utf-8"))
    else:
        shutil.rmtree(var_dir, ignore_errors=True)
        var_dir.mkdir(parents=True)
        made = _part("database", size, var_dir)
        _part("parcels", size, var_dir)
    section = "Building"
    rows = made["rows"]
    count = f"{rows['land_parcel']:,} / {rows['project']:,} / {rows['enterprise']:,}"
    return [
        Measure(section, "parcels / projects / enterprises", size, count, rows["land_parcel"], "rows"),
        below(section, "database" + (" (kept)" if kept else ""), size, made["seconds"], "s"),
        below(section, "database file", size, made["database_mb"], "MB"),
        below(section, "database, peak memory", size, made["peak_mb"], "MB"),
    ]


def _archives(size: str, var_dir: Path) -> list[Measure]:
    tiles = _part("tiles", size, var_dir)
    archive_mb = sum(tiles["archives"].values()) / 2**20
    section = "Building"
    return [
        below(section, "tile archives", size, tiles["seconds"], "s"),
        Measure(section, "tile archives, size", size, f"{archive_mb:.1f} MB", archive_mb, "MB"),
        below(section, "tile archives, peak memory", size, tiles["peak_mb"], "MB"),
    ]


# --- serving ----------------------------------------------------------------------------------------------------------


#: Requests of a page or of filter changes, recorded in the first run and asked again in the others.
Recorded = dict[str, list[Asked]]


def _serve(size: str, var_dir: Path, recorded: Recorded, machine: dict[str, Any], log: Console) -> list[Measure]:
    """One run on a server and a browser of its own."""
    with serving(var_dir) as server, browser.browser() as chromium:
        machine["chromium"] = chromium.version
        found = [below("Serving", "server ready", size, server.start_seconds, "s", 5)]
        log.print("  tiles and API")
        found += _tiles(size, server)
        found += _api(size, server)
        log.print("  first map")
        found += _first_map(size, server, chromium)
        log.print("  filter against Plotly and bare MapLibre")
        found += _compared(size, server, chromium)
        log.print("  filter changes")
        changes = browser.app_changes(chromium, server, "", list(FILTERS))
        found += _transfers(size, server, chromium, changes)
        found += _callbacks(size, server, changes, recorded)
        log.print("  pages")
        found += _pages(size, server, chromium, recorded)
    found.append(below("Serving", "largest server process, peak memory", size, server.peak_mb, "MB"))
    return found


def _tiles(size: str, server: Running) -> list[Measure]:
    served = load.tiles(server, load.get_json(server, "/bench/tiles"), 2)
    section = "Serving"
    return [
        Measure(section, "tiles per second", size, f"{served.per_second:,.0f}", served.per_second, "1/s"),
        Measure(
            section,
            "one tile, median / 95 %",
            size,
            f"{served.median:.1f} / {served.p95:.1f} ms",
            served.median,
            "ms",
            others=(("p95", served.p95), ("asked", served.asked), ("mean_bytes", served.mean_bytes)),
        ),
    ]


def _api(size: str, server: Running) -> list[Measure]:
    return [below("Serving", f"GET /api/v1{path}", size, load.api(server, f"/api/v1{path}", 7), "ms") for path in API]


def _first_map(size: str, server: Running, chromium: Browser) -> list[Measure]:
    own, bare = [], []
    browser.app_first_map(chromium, server)  # wakes the workers' caches and the browser's code; not counted
    for _ in range(2):
        taken, frame = browser.app_first_map(chromium, server)
        own.append(taken)
        bare.append(browser.bare_first_map(chromium, server, frame))
    mine, other = statistics.median(own) / 1000, statistics.median(bare) / 1000
    return [
        Measure(
            "In the browser",
            "cold page to first map (Atlas / bare MapLibre)",
            size,
            f"{seconds(mine)} / {seconds(other)} = {mine / other:.1f}×",
            mine / other,
            "×",
            f"≤ {BARE_TIMES:g} ×",
            mine / other <= BARE_TIMES,
            (("atlas_s", mine), ("maplibre_s", other)),
        )
    ]


def _compared(size: str, server: Running, chromium: Browser) -> list[Measure]:
    """Every parcel drawn, and the filter, beside a Plotly page and a bare MapLibre page: the three one after the other."""
    first, frame = browser.app_first_map(chromium, server, browser.PARCELS)
    searches = [f"{browser.PARCELS}&{ours}".rstrip("&") for ours, _theirs in COMPARED]
    changes = browser.app_changes(chromium, server, browser.PARCELS, searches)
    bare = browser.bare_changes(chromium, server, frame, browser.PARCELS, searches)
    run = browser.plotly_run(chromium, server, frame, [theirs for _ours, theirs in COMPARED])
    section = "In the browser"
    mine = statistics.median(c.ms for c in changes if c.ms is not None) / 1000
    patch = statistics.median(c.patch_ms for c in changes if c.patch_ms is not None)
    other, least = statistics.median(run.changes) / 1000, statistics.median(bare) / 1000
    first, plotly_first = first / 1000, run.first / 1000
    asked = size == "100k"
    return [
        Measure(
            section,
            "cold page to every parcel drawn (Plotly / Atlas)",
            size,
            f"{seconds(plotly_first)} / {seconds(first)} = {plotly_first / first:.1f}×",
            plotly_first / first,
            "×",
            others=(("atlas_s", first), ("plotly_s", plotly_first)),
        ),
        Measure(
            section,
            "filter to repainted map (Plotly / Atlas)",
            size,
            f"{seconds(other)} / {seconds(mine)} = {other / mine:.1f}×",
            other / mine,
            "×",
            f"≥ {PLOTLY_TIMES} × at 100,000" if asked else "",
            other / mine >= PLOTLY_TIMES if asked else None,
            (("atlas_s", mine), ("plotly_s", other)),
        ),
        Measure(
            section,
            "filter to repainted map (Atlas / bare MapLibre)",
            size,
            f"{seconds(mine)} / {seconds(least)} = {mine / least:.1f}×",
            mine / least,
            "×",
            others=(("atlas_s", mine), ("maplibre_s", least)),
        ),
        below(section, "of which the map's own part", size, patch, "ms"),
    ]


def _transfers(size: str, server: Running, chromium: Browser, changes: list[browser.Change]) -> list[Measure]:
    section = "One filter change"
    # The first change is not counted: it brings the table's own code.
    with_table = browser.app_changes(chromium, server, "table=1", ["table=1&light=red", *_WITH_TABLE])[1:]
    moving = browser.app_changes(chromium, server, "", ["chain=IC&zone=SMKX"])
    times = [c.ms for c in changes if c.ms is not None]
    largest = max(changes, key=lambda c: c.transferred)
    geometry = sum(c.with_geometry for c in (*changes, *with_table, *moving))
    return [
        below(section, "to repainted map, median of all facets", size, statistics.median(times), "ms"),
        _kilobytes(section, "bytes, largest", size, largest),
        _kilobytes(section, "bytes, with the table open", size, max(with_table, key=lambda c: c.transferred)),
        Measure(
            section,
            "bytes, one zone (camera moves: tiles too)",
            size,
            f"{moving[0].transferred / 1000:.1f} kB, {moving[0].tiles} tiles",
            moving[0].transferred / 1000,
            "kB",
        ),
        Measure(
            section,
            "answers that hold coordinates",
            size,
            str(geometry),
            geometry,
            "",
            "none",
            geometry == 0,
        ),
    ]


def _kilobytes(section: str, name: str, size: str, change: browser.Change) -> Measure:
    kilobytes = change.transferred / 1000
    goal = f"< {TRANSFER_KB} kB"
    parts: dict[str, float] = {}
    for answer, taken in change.answers:
        parts[answer] = parts.get(answer, 0) + taken
    return Measure(
        section,
        name,
        size,
        f"{kilobytes:.1f} kB",
        kilobytes,
        "kB",
        goal,
        kilobytes < TRANSFER_KB,
        (*parts.items(), (f"search: {change.search}", 0.0)),
    )


def _callbacks(size: str, server: Running, changes: list[browser.Change], recorded: Recorded) -> list[Measure]:
    asked = recorded.setdefault("changes", [a for change in changes for a in change.asked])
    found = load.answers(server, asked, 2)
    limit = CALLBACK_MS if SIZES[size].large else None
    lines = []
    for name, times in sorted(found.items()):
        middle = statistics.median(times)
        text = f"{millis(middle)} (max {max(times):,.0f})"
        lines.append(below("Server time per request of a filter change", name, size, middle, "ms", limit, text))
    return lines


def _pages(size: str, server: Running, chromium: Browser, recorded: Recorded) -> list[Measure]:
    limit = PAGE_MS if SIZES[size].large else None
    lines = []
    for path in PAGES:
        if path not in recorded:
            recorded[path] = browser.page_requests(chromium, server, path, list(PAGE_SEARCHES))
        found = load.answers(server, recorded[path], 2)
        whole = found.pop("page")
        name, slowest = max(found.items(), key=lambda item: statistics.median(item[1]))
        middle = statistics.median(slowest)
        section = "Server time of a page (opened; its slowest part at a filter change)"
        lines.append(below(section, f"{path}, opened", size, statistics.median(whole), "ms", limit))
        text = f"{millis(middle)} (max {max(slowest):,.0f})"
        line = below(section, f"{path}, slowest part", size, middle, "ms", limit, text)
        lines.append(dataclasses.replace(line, others=((name, middle),)))
    return lines


# --- many viewers -----------------------------------------------------------------------------------------------------


def _scripts(var_dir: Path) -> list[crowd.Script]:
    with serving(var_dir) as server, browser.browser() as chromium:
        return [browser.script_of(chromium, server, kind) for kind in crowd.KINDS]


def _statements(size: str, var_dir: Path, scripts: list[crowd.Script]) -> list[Measure]:
    """SQL statements of each page's opening and of its filter changes, on a worker that has just been started."""
    section = "SQL statements, all requests of a step (a page opened first; its filter changes)"
    with serving(var_dir, ATLAS_WORKERS="1") as server:
        found = crowd.counted(server, scripts)
    lines = []
    for name, steps in found.items():
        opened, *changes = steps.values()
        most = max(changes, key=lambda step: step.sql)
        lines.append(below(section, f"{name}: opened", size, opened.sql, "", STATEMENTS, str(opened.sql)))
        lines.append(below(section, f"{name}: filter change, most", size, most.sql, "", STATEMENTS, str(most.sql)))
    every = [step for steps in found.values() for step in steps.values()]
    for what, most_often in (
        ("state resolved", max(step.resolved for step in every)),
        ("filter made", max(step.filtered for step in every)),
    ):
        lines.append(below(section, f"{what} in one request, most", size, most_often, "", 1, str(most_often)))
    return lines


def _crowd(size: str, var_dir: Path, scripts: list[crowd.Script]) -> list[Measure]:
    section = f"{VIEWERS} viewers arriving in {crowd.ARRIVE_SECONDS} s (walls, planners, promoters)"
    with serving(var_dir) as server:
        met = crowd.gather(server, scripts, VIEWERS)
    limit = SETTLED_MS.get(size, LARGE_SETTLED_MS)
    lines = [
        below(section, f"{sort}, 95 % once settled", size, met.p95(sort), "ms", limit)
        for sort in ("page", "callback", "tile")
    ]
    lines.append(below(section, "a page opened on arrival, 95 %", size, p95(met.openings), "ms", OPENING_MS))
    lines.append(below(section, "errors", size, len(met.errors), "", 0, str(len(met.errors))))
    text = f"{met.asked:,}, {met.late:.1f} s late at most"
    lines.append(Measure(section, "requests, and how late the asking was", size, text, met.asked, ""))
    return lines


# --- rules ------------------------------------------------------------------------------------------------------------


def _rules() -> list[Measure]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.rules"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(done.stdout)
    many, few = found["attribution_10k"], found["attribution_1k"]
    section = "Rules (10,000 projects × 4 metrics × 57 months; 5,000 firms)"
    lines = [below(section, f"attribution, {scope}", "", taken, "s", 2) for scope, taken in many.items()]
    growth = sum(many.values()) / sum(few.values())
    return [
        *lines,
        Measure(
            section,
            "attribution, 1,000 to 10,000 projects",
            "",
            f"{growth:.1f}× the time",
            growth,
            "×",
            "≤ 10 ×",
            growth <= 10,
        ),
        below(section, "per-mu evaluation", "", found["per_mu_5k"], "s", 0.5, millis(found["per_mu_5k"] * 1000)),
    ]


# --- the machine ------------------------------------------------------------------------------------------------------


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def _notes(machine: dict[str, Any], runs: int) -> str:
    repeats = f"{runs} runs, a server and a browser each" if runs > 1 else "one run (--quick)"
    return (
        f"{machine['at']} · {machine['system']}, {machine['cores']} cores, {machine['memory_gb']} GB, load "
        f"{machine['load']:.1f} at the start · Python {machine['python']} · Chromium {machine['chromium']}, "
        f"WebGL in software · {repeats}\n"
        "The run with the median value [smallest–largest of the runs]; both sides of a ratio are of one run. Browser and server "
        "share the machine. The bare MapLibre page has the same style, tiles and size, and the same filters are set on its "
        "layers. The Plotly page draws the same parcels at the same "
        "size and camera (GeoJSON by URL, a new figure from the server per filter); the zones are filtered on "
        "both, on the Atlas the chain as well. Its time runs to the repainted map, while the rest of the page is updated too.\n"
        "Server time is request to last byte on loopback, recorded requests replayed one at a time. Bytes are all answers "
        "with their headers, as compressed."
    )


if __name__ == "__main__":
    main()
