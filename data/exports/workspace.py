"""A whole data set as one GeoPackage that QGIS opens with the right colours: every table a role may have, the lights of the
month, and styles for land use, projects and zones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.exports.about import About
from data.exports.extract import Extract, extract, may_take
from data.exports.geo import Style, add_about, add_layer, add_styles, attributes
from data.exports.qgis import Category, Symbol, qml
from data.imports.tables import TABLES
from data.queries import gate
from data.queries.catalogue import Catalogue
from data.queries.question import Question
from data.reference.palette import LIGHTS, ZONES
from domain.lights import LIGHT_NAMES
from domain.viewer import Viewer

_LIGHT_SHAPES: dict[str, Any] = {"red": "triangle", "yellow": "diamond", "green": "circle", "grey": "circle"}
_BODIES = {"projects": "project_footprints", "carriers": "carrier_footprints"}
_PLOT_STATES = {
    "planned": "#B9C4D0",
    "expropriated": "#8FB4D9",
    "ready": "#0B6FA4",
    "listed": "#E08A1E",
    "sold": "#9A6FB0",
}
_NO_CLASS = "#E6EAEE"


def write_workspace(question: Question, target: Path, *, language: str = "zh") -> list[str]:
    """Write every table of the data set of `state` that `viewer` may have; returns the layers written, in order.

    Projects and carriers are points (their outlines are layers of their own); projects carry light, stage and stage group
    of the month. Leads are among the projects of whoever may see them and get no layer of their own.
    """
    target.unlink(missing_ok=True)
    found: list[tuple[str, About]] = []
    styles: list[Style] = []
    written: list[str] = []
    for table in TABLES.values():
        if table.id == "leads" or not may_take(question.viewer, table, question.at.provenance):
            continue
        taken = extract(question, table.id, whole=True, language=language)
        columns: dict[str, Any] = dict(attributes(taken))
        shapes: Sequence[Any] | None = taken.shapes
        if table.id == "projects":
            columns |= _month_of(question.session, question.viewer, taken, question.at.provenance, question.at.period)
        if table.id in _BODIES and shapes is not None:
            _add_bodies(target, table.id, taken, shapes, written, styles)
            shapes = _points(taken)
        if table.id == "zones" and shapes is not None:
            columns, shapes = _without_axes(target, columns, shapes, written, styles)
        add_layer(target, table.id, columns, shapes)
        written.append(table.id)
        found.append((table.id, taken.about))
        if shapes is not None:
            styles += _styles(question.known, taken)
    add_about(target, found)
    add_styles(target, styles)
    return written


def _month_of(session: Session, viewer: Viewer, taken: Extract, provenance: str, period: str) -> dict[str, list[Any]]:
    """Light, stage and stage group of the month, for viewers who may have them; None where a project had none."""
    month = m.ProjectMonth
    names = gate.allowed_fields(viewer, ("light", "stage", "stage_group"), provenance)
    rows = session.execute(
        select(month.project_id, month.light, month.stage, month.stage_group).where(month.period == period)
    ).all()
    by_id = {row.project_id: row for row in rows}
    at = [f.name for f in taken.fields].index("id")
    ids = [row[at] for row in taken.rows]
    return {name: [_or_none(getattr(by_id[i], name)) if i in by_id else None for i in ids] for name in names}


def _or_none(value: Any) -> str | None:
    return None if value in (None, "none") else str(value)


def _points(taken: Extract) -> list[Any]:
    names = [f.name for f in taken.fields]
    lon, lat = names.index("lon"), names.index("lat")
    return [shapely.Point(r[lon], r[lat]) if None not in (r[lon], r[lat]) else None for r in taken.rows]


def _add_bodies(
    target: Path, table_id: str, taken: Extract, shapes: Sequence[Any], written: list[str], styles: list[Style]
) -> None:
    names = [f.name for f in taken.fields]
    kept = [
        (row, shape) for row, shape in zip(taken.rows, shapes, strict=True) if row[names.index("footprint")] is not None
    ]
    if not kept:
        return
    columns = {name: [str(row[names.index(name)]) for row, _shape in kept] for name in ("id", "name_zh")}
    add_layer(target, _BODIES[table_id], columns, [shape for _row, shape in kept])
    written.append(_BODIES[table_id])
    body = Symbol("fill", "#0B6FA4", alpha=0.35, outline="#0B6FA4")
    styles.append(Style(_BODIES[table_id], "范围", qml("''", [Category("", "范围", body)])))


def _without_axes(
    target: Path, columns: dict[str, Any], shapes: Sequence[Any], written: list[str], styles: list[Style]
) -> tuple[dict[str, Any], list[Any]]:
    """The zones that are areas; axes, which are lines, become a layer of their own: QGIS styles one kind of geometry."""
    is_line = np.array([shape is not None and shapely.get_dimensions(shape) == 1 for shape in shapes])
    if is_line.any():
        add_layer(target, "axes", _kept(columns, is_line), [s for s, line in zip(shapes, is_line, strict=True) if line])
        written.append("axes")
        dashes = Symbol("line", ZONES[0], width=1.0, dashed=True)
        styles.append(Style("axes", "轴", qml("''", [Category("", "轴", dashes)], "name_zh")))
    return _kept(columns, ~is_line), [s for s, line in zip(shapes, is_line, strict=True) if not line]


def _kept(columns: dict[str, Any], chosen: np.ndarray) -> dict[str, Any]:
    return {
        name: [v for v, c in zip(values, chosen, strict=True) if c] if isinstance(values, list) else values[chosen]
        for name, values in columns.items()
    }


# ── styles ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _styles(known: Catalogue, taken: Extract) -> list[Style]:
    match taken.table.id:
        case "parcels":
            return [
                Style("parcels", "现状用地", _land_use(known, taken, "status_code")),
                Style("parcels", "规划用地", _land_use(known, taken, "plan_code"), default=False),
            ]
        case "plots":
            words = dict(taken.table.by_name["supply_state"].choices)
            fills = [Category(s, words[s], Symbol("fill", c, alpha=0.8)) for s, c in _PLOT_STATES.items()]
            return [Style("plots", "供地状态", qml("supply_state", fills, "code"))]
        case "zones":
            return [Style("zones", "园区", _zones(known))]
        case "boundaries":
            line = Symbol("fill", "", outline="#8A97A5", width=0.3)
            return [Style("boundaries", "区界", qml("''", [Category("", "行政区界", line)], "name_zh"))]
        case "projects":
            return [Style("projects", "亮灯", _lights())]
        case "carriers":
            mark = Symbol("marker", "#3FB0D2", outline="#14212E", shape="square", size=2.2)
            return [Style("carriers", "载体", qml("''", [Category("", "载体", mark)]))]
        case "platforms":
            mark = Symbol("marker", "#9A6FB0", outline="#14212E", shape="diamond", size=2.6)
            return [Style("platforms", "平台", qml("''", [Category("", "创新平台", mark)]))]
        case _:
            mark = Symbol("marker", "#7E93A8", size=1.8)
            return [Style(taken.table.id, taken.table.zh, qml("''", [Category("", taken.table.zh, mark)]))]


def _land_use(known: Catalogue, taken: Extract, column: str) -> str:
    """Statutory colours of the classes that occur, each with the colour of its nearest class above (rules §2.2)."""
    names = [f.name for f in taken.fields]
    scheme, code = names.index("landuse_scheme"), names.index(column)
    occurring = sorted({(row[scheme], row[code]) for row in taken.rows if row[code] is not None})
    categories = []
    for edition, value in occurring:
        use = next((u for n in (8, 6, 4, 2) if (u := known.landuse.get((edition, value[:n])))), None)
        label = f"{value} {use.name_zh}" if use else value
        categories.append(
            Category(
                f"{edition}:{value}",
                label,
                Symbol("fill", use.colour if use else _NO_CLASS, outline="#FFFFFF", width=0.1),
            )
        )
    categories.append(Category("", "未分类", Symbol("fill", _NO_CLASS, outline="#FFFFFF", width=0.1)))
    return qml(f'"landuse_scheme" || \':\' || "{column}"', categories)


def _zones(known: Catalogue) -> str:
    categories = []
    for code, zone in known.zones.items():
        if not zone.is_area:
            continue
        colour = ZONES[known.colour_index(code) % len(ZONES)]
        symbol = Symbol("fill", colour, outline=colour, width=0.6, alpha=0.45, dashed=zone.is_schematic)
        categories.append(Category(code, zone.name_zh + ("(示意)" if zone.is_schematic else ""), symbol))
    return qml("code", categories, "name_zh")


def _lights() -> str:
    categories = []
    for light, colour in LIGHTS.items():
        hollow = light == "grey"  # not reported: an outline, so that it is told from green without colour
        symbol = Symbol(
            "marker", "" if hollow else colour, outline=colour if hollow else "#FFFFFF", width=0.5 if hollow else 0.2,
            shape=_LIGHT_SHAPES[light], size=3.0,
        )  # fmt: skip
        categories.append(Category(light, LIGHT_NAMES[light], symbol))
    categories.append(
        Category("", "无灯(签约前、已终止)", Symbol("marker", "#B9C4D0", outline="#FFFFFF", width=0.2, size=2.0))
    )
    return qml("light", categories)
