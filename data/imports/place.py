"""The geometry of a sheet's rows: brought to WGS 84, repaired, measured, and located in zones and districts (rules §2.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.strtree import STRtree
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.imports import space
from data.imports.finding import Severity
from data.imports.look import Sheet
from data.imports.problem import ImportProblem, Limits, Watch
from data.imports.values import is_blank
from domain.datum import Datum, to_wgs84
from i18n import N_
from settings import get_settings

if TYPE_CHECKING:
    from data.imports.check import Options, _Work

#: Declared and measured area may differ by this share, and by this many m², before it is worth a look.
_AREA_SHARE, _AREA_M2 = 0.05, 50.0
_WORDS = {"Polygon": "面", "MultiPolygon": "面", "Point": "点", "MultiPoint": "点", "LineString": "线",
          "MultiLineString": "线", "GeometryCollection": "集合", "LinearRing": "线"}  # fmt: skip
#: What the library says is wrong with a ring, in the words of the report.
_REASONS = {
    "Self-intersection": N_("自相交"), "Ring Self-intersection": N_("环自相交"), "Too few points in geometry component":
    N_("点数太少"), "Hole lies outside shell": N_("洞在外环之外"), "Holes are nested": N_("洞互相嵌套"),
    "Nested shells": N_("外环互相嵌套"), "Interior is disconnected": N_("内部不连通"), "Duplicate Rings": N_("环重复"),
    "Duplicated rings": N_("环重复"), "Invalid Coordinate": N_("坐标无效"), "Ring is not closed": N_("环没有闭合"),
}  # fmt: skip
#: A point column belongs to its row's shape when it is not further from it than this, on average.
_ON_SHAPE_M = 60.0
_STORED_DATUM = "CGCS2000"
#: Tables whose records do not lie on one another.
_SHARE_NO_GROUND = ("parcels", "plots", "zones", "boundaries", "carriers")
_ALIKE = ("CGCS2000", "WGS84")
Remark = tuple[Severity, str, dict[str, Any]]


@dataclass(frozen=True)
class Placed:
    """How the coordinates were read, and lon/lat geometries by place in the sheet, for a preview."""

    frame: space.Frame
    shapes: NDArray[np.object_]


@dataclass(frozen=True)
class Brought:
    """The shapes of a layer in WGS 84 longitude and latitude, None where one is missing or refused (by place, with why).

    `said` is how they were read: (severity, code, values).
    """

    frame: space.Frame
    shapes: NDArray[np.object_]
    refused: dict[int, space.Said]
    said: list[Remark]


@dataclass(frozen=True)
class Repair:
    """A polygon that was not valid, by its place: why, and its area in m² before and after; after is NaN where nothing was left."""

    at: int
    reason: str
    before: float
    after: float


def place(session: Session, work: _Work, options: Options, limits: Limits, watch: Watch) -> Placed | None:
    """Place the rows: from the layer's geometry, from a column of WKT, or from lon/lat columns. None: no coordinates.

    Puts geometry, lon, lat, measured area, zone and district into the work's values. Raises ImportProblem when CRS or datum
    has to be asked for.
    """
    table = work.table
    shapes = _from_text(work) if work.sheet.geometry is None else work.sheet.geometry
    takes_points = "lon" in table.by_name
    placed = None
    if shapes is not None and (table.geometry or takes_points):
        placed = _shapes(session, work, shapes, options, limits, watch)
    elif takes_points and "lon" in work.values and "lat" in work.values:
        placed = _points(session, work, options, watch)
    if placed is not None and "datum" in table.by_name:
        _store_datum(work, placed.shapes)
    return placed


def _store_datum(work: _Work, shapes: NDArray[np.object_]) -> None:
    """The datum as it is after placing: what the file says where that is one of the two that are alike."""
    said = work.values.get("datum") or [None] * work.size
    work.values["datum"] = [
        word if word in _ALIKE else _STORED_DATUM if shape is not None else None
        for word, shape in zip(said, shapes, strict=True)
    ]


def _from_text(work: _Work) -> NDArray[np.object_] | None:
    """Geometries written as WKT in a column."""
    if not work.table.geometry or work.table.geometry not in work.by_field:
        return None
    column = work.by_field[work.table.geometry]
    cells = next(
        c for h, c in zip(work.sheet.headings, work.sheet.columns, strict=True) if h.position == column.position
    )
    found = np.full(work.size, None, dtype=object)
    for i, cell in enumerate(cells):
        if is_blank(cell):
            continue
        shape = shapely.from_wkt(str(cell).strip(), on_invalid="ignore")
        if shape is None:
            work.say(
                "refused",
                "wrong_geometry",
                i,
                work.table.geometry,
                str(cell)[:60],
                found="无法识别的文字",
                wanted="WKT",
            )
        found[i] = shape
    return found


def _around(session: Session) -> tuple[float, float, float, float]:
    """Box (lon, lat) of the districts and zones that are loaded, and a degree around it."""
    boxes = [
        shapely.bounds(geom) for geom in session.scalars(select(m.AdminUnit.geom).where(m.AdminUnit.geom.is_not(None)))
    ]
    boxes += [shapely.bounds(geom) for geom in session.scalars(select(m.Zone.geom))]
    if not boxes:
        return (-180.0, -90.0, 180.0, 90.0)
    found = np.array(boxes)
    west, south = found[:, :2].min(axis=0)
    east, north = found[:, 2:].max(axis=0)
    return (float(west) - 1, float(south) - 1, float(east) + 1, float(north) + 1)


def _headed_datum(work: _Work) -> Datum | None:
    """The datum that the headings of coordinate columns declare."""
    named = {h.datum for h in work.sheet.headings if h.datum}
    return Datum(named.pop()) if len(named) == 1 else None


def _declared_datum(work: _Work, options: Options) -> Datum | None:
    """The datum the user names, else the one a heading or a column of the file declares."""
    if options.datum is not None:
        return options.datum
    named = _headed_datum(work)
    if named is not None and (work.sheet.geometry is None or _columns_on_shapes(work, work.sheet.geometry, None)):
        work.say("info", "datum_declared", datum=named.value)
        return named
    column = {value for value in work.values.get("datum", []) if value is not None}
    if len(column) == 1:
        return Datum(column.pop())
    return None


def _said_districts(sheet: Sheet) -> list[str | None]:
    """The district each row names, wherever the file says it: the column with most names that are districts."""
    best: list[str | None] = [None] * sheet.rows
    most = 0
    for cells in sheet.columns:
        texts = [str(c).strip() if not is_blank(c) else None for c in cells]
        known = sum(
            1 for t in texts if t is not None and (t.endswith(("区", "县", "市")) or (len(t) == 6 and t.isdigit()))
        )
        if known > most and known > sheet.rows // 2:
            best, most = texts, known
    return best


def _agreeing(suspicion: space.Suspicion | None) -> list[Remark]:
    """Ask about a suspected datum: a layer 400 m off is worse than a question. What is said of a layer that fits as it is."""
    if suspicion is None:
        return []
    if suspicion.datum is Datum.WGS84:
        return [("info", "datum_agrees", {"share": round(100 * suspicion.plain, 1)})]
    raise ImportProblem(
        "datum_suspected", datum=suspicion.datum.value, shift=round(suspicion.shift_m),
        better=round(100 * suspicion.better, 1), plain=round(100 * suspicion.plain, 1),
        flag=suspicion.datum.value.lower(),
    )  # fmt: skip


def _read_as(frame: space.Frame, declared: bool, inside_china: bool, moved_m: float | None) -> list[Remark]:
    said: list[Remark] = [
        ("warning" if code in ("crs_guessed", "axes_swapped", "crs_contradicts") else "info", code, values)
        for code, values in frame.notes
    ]
    if frame.datum in (Datum.GCJ02, Datum.BD09) and moved_m is not None:
        said.append(("info", "datum_converted", {"datum": frame.datum.value, "shift": round(moved_m)}))
    elif not declared and inside_china:
        said.append(("warning", "datum_unstated", {}))
    return said


# --- points ----------------------------------------------------------------------------------------------------------


def _numbers(work: _Work, name: str) -> NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in work.values[name]], dtype=np.float64)


def _columns_on_shapes(work: _Work, shapes: NDArray[np.object_], datum: Datum | None) -> bool:
    """Whether the coordinate columns of a layer lie on its own shapes, read as `datum`; False when there is nothing to say.

    Headings declare the datum of the columns: of the shapes too when both coincide as they are written.
    """
    if "lon" not in work.values or "lat" not in work.values:
        return False
    x, y = _numbers(work, "lon"), _numbers(work, "lat")
    both = np.isfinite(x) & np.isfinite(y) & ~shapely.is_missing(shapes) & (np.abs(x) <= 180) & (np.abs(y) <= 90)
    if not both.any():
        return False
    x, y = x[both], y[both]
    if datum in (Datum.GCJ02, Datum.BD09):
        if not space.in_china(x, y):
            return False
        x, y = to_wgs84(x, y, datum)
    return _off_m(x, y, shapes[both]) <= _ON_SHAPE_M


def _off_m(lon: NDArray[np.float64], lat: NDArray[np.float64], shapes: NDArray[np.object_]) -> float:
    """Mean distance in metres from points to shapes, both in degrees; nothing for a point inside."""
    points = shapely.points(lon, lat)
    lines = shapely.shortest_line(points, shapes)
    ends = shapely.get_point(lines, -1)
    far_x, far_y = shapely.get_x(ends), shapely.get_y(ends)
    return space.shift_m(lon, lat, np.where(np.isnan(far_x), lon, far_x), np.where(np.isnan(far_y), lat, far_y))


def _same_order(work: _Work, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Single rows that are not as the others: exchanged degrees are put right, 0, 0 and metres among degrees refused.

    One bad row of a column must not decide how all of them are read.
    """
    good = np.isfinite(x) & np.isfinite(y)
    nowhere = good & (x == 0) & (y == 0)
    for i in np.flatnonzero(nowhere).tolist():
        work.say("refused", "zero_place", i, "lon", "0, 0")
    good &= ~nowhere
    x[nowhere] = y[nowhere] = np.nan
    degrees = good & (np.abs(x) <= 180) & (np.abs(y) <= 180) & ((np.abs(x) <= 90) | (np.abs(y) <= 90))
    if 2 * degrees.sum() <= good.sum():
        return
    for i in np.flatnonzero(good & ~degrees).tolist():
        work.say("refused", "place_unlike", i, "lon", f"{x[i]:g}, {y[i]:g}")
        x[i] = y[i] = np.nan
    lon_first, lat_first = degrees & (np.abs(x) > 90), degrees & (np.abs(y) > 90)
    if not 0 < lat_first.sum() < lon_first.sum():
        lat_first, lon_first = lon_first, lat_first
        if not 0 < lat_first.sum() < lon_first.sum():
            return
    for i in np.flatnonzero(lat_first).tolist():
        work.say("changed", "row_swapped", i, "lon", f"{x[i]:g}, {y[i]:g}")
    x[lat_first], y[lat_first] = y[lat_first], x[lat_first]


def _points(session: Session, work: _Work, options: Options, watch: Watch) -> Placed:
    x, y = _numbers(work, "lon"), _numbers(work, "lat")
    halves = np.isfinite(x) != np.isfinite(y)
    for i in np.flatnonzero(halves).tolist():
        work.say("refused", "half_place", i, "lon" if np.isfinite(x[i]) else "lat", x[i] if np.isfinite(x[i]) else y[i])
    x[halves] = y[halves] = np.nan
    _same_order(work, x, y)
    work.values["lon"] = [None if v != v else float(v) for v in x]
    work.values["lat"] = [None if v != v else float(v) for v in y]
    datum = _declared_datum(work, options)
    frame = space.find_frame(x, y, None, options.crs, _around(session), datum)
    plain_x, plain_y = space.move(x, y, space.Frame(frame.crs, frame.swapped))
    good = np.isfinite(plain_x) & np.isfinite(plain_y)
    china = space.in_china(plain_x[good], plain_y[good]) if good.any() else False
    agrees = []
    if datum is None and china:
        agrees = _agreeing(space.suspect_points(plain_x, plain_y, _said_districts(work.sheet)))
    lon, lat = space.move(x, y, frame)
    moved = space.shift_m(plain_x, plain_y, lon, lat) if good.any() else None
    for severity, code, values in agrees + _read_as(frame, datum is not None or bool(agrees), china, moved):
        work.say(severity, code, **values)
    watch.step("place", work.size, work.size)
    _put_points(work, lon, lat)
    shapes = np.full(work.size, None, dtype=object)
    shapes[good] = shapely.points(lon[good], lat[good])
    _locate(session, work, shapes, options)
    return Placed(frame, shapes)


def _put_points(work: _Work, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
    inside = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    had = [i for i, v in enumerate(work.values.get("lon") or []) if v is not None and not inside[i]]
    for i in had:
        name = "lon" if "lon" in work.by_field else None
        low_high = {"low": "-180, -90", "high": "180, 90"}
        work.say("refused", "out_of_range", i, name, work.values["lon"][i], **low_high)
    work.values["lon"] = [float(v) if ok else None for v, ok in zip(lon, inside, strict=True)]
    work.values["lat"] = [float(v) if ok else None for v, ok in zip(lat, inside, strict=True)]


# --- shapes ----------------------------------------------------------------------------------------------------------


def bring(
    sheet: Sheet,
    shapes: NDArray[np.object_],
    crs: str | None,
    datum: Datum | None,
    around: tuple[float, float, float, float],
    limits: Limits,
) -> Brought:
    """The geometries of a layer where they are. `crs` and `datum` are what the user says, `around` is the box (lon, lat) of
    what is loaded. Raises ImportProblem when CRS or datum has to be asked for."""
    shapes = shapely.force_2d(shapes).copy()
    shapes[shapely.is_missing(shapes) | shapely.is_empty(shapes)] = None
    refused: dict[int, space.Said] = {}
    counts = shapely.get_num_coordinates(shapes)
    for i in np.flatnonzero(counts > limits.shape_vertices).tolist():
        refused[i] = "shape_vertices", {"vertices": int(counts[i]), "limit": limits.shape_vertices}
        shapes[i] = None
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    for i in np.unique(owner[~np.isfinite(coordinates).all(axis=1)]).tolist():
        refused[i] = "not_finite_geometry", {}
        shapes[i] = None
    frame = space.find_frame(*_centres(shapes), sheet.crs, crs, around, datum)
    plain = space.move_shapes(shapes, space.Frame(frame.crs, frame.swapped))
    lon, lat = _centres(plain)
    good = np.isfinite(lon) & np.isfinite(lat)
    china = space.in_china(lon[good], lat[good]) if good.any() else False
    agrees: list[Remark] = []
    if datum is None and china:
        suspicion = space.suspect_outlines(plain)
        if suspicion is None and (sheet.crs is None or "4326" in sheet.crs):
            suspicion = space.suspect_points(lon, lat, _said_districts(sheet))
        agrees = _agreeing(suspicion)
    moved = plain
    shift = None
    if frame.datum in (Datum.GCJ02, Datum.BD09):
        moved = space.move_shapes(plain, space.Frame(datum=frame.datum))
        shift = space.shift_m(lon, lat, *_centres(moved))
    for i in np.flatnonzero(good & ((np.abs(lon) > 180) | (np.abs(lat) > 90))).tolist():
        refused[i] = "not_finite_geometry", {}
        moved[i] = None
    declared = datum is not None or bool(agrees) or sheet.crs is not None
    return Brought(frame, moved, refused, agrees + _read_as(frame, declared, china, shift))


def _centres(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    boxes = shapely.bounds(shapes)
    return (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2


def repaired(shapes: NDArray[np.object_], measured_in: Callable[[NDArray[np.object_]], str]) -> list[Repair]:
    """Make the polygons among lon/lat `shapes` valid, None where nothing is left of one; areas are of the CRS named."""
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6, 7))
    bad = np.flatnonzero(polygonal & ~shapely.is_valid(shapes)).tolist()
    if not bad:
        return []
    crs = measured_in(shapes)
    fixed = np.array([space.repair(shapes[i]) for i in bad], dtype=object)
    reasons = [shapely.is_valid_reason(shapes[i]).split("[")[0].strip() for i in bad]
    areas = zip(space.areas(shapes[bad], crs).tolist(), space.areas(fixed, crs).tolist(), strict=True)
    shapes[bad] = fixed
    return [Repair(i, _REASONS.get(r, r), *of) for i, r, of in zip(bad, reasons, areas, strict=True)]


def _shapes(
    session: Session, work: _Work, shapes: NDArray[np.object_], options: Options, limits: Limits, watch: Watch
) -> Placed:
    table = work.table
    required = bool(table.geometry) and table.by_name[table.geometry].required
    if required:
        for i in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)).tolist():
            work.drop(i, "no_geometry", table.geometry)
    watch.step("place", 0, work.size)
    datum = _declared_datum(work, options)
    brought = bring(work.sheet, shapes, options.crs, datum, _around(session), limits)
    for i, (code, values) in brought.refused.items():
        _refuse_shape(work, i, code, required, values)
    for severity, code, values in brought.said:
        work.say(severity, code, **values)
    watch.step("place", work.size // 3, work.size)
    kept = _fitting(session, work, brought.shapes, required, options)
    watch.step("place", 2 * work.size // 3, work.size)
    _store(session, work, kept, options)
    watch.step("place", work.size, work.size)
    return Placed(brought.frame, kept)


def _refuse_shape(work: _Work, i: int, code: str, required: bool, values: dict[str, Any]) -> None:
    if required or not _has_other_place(work, i):
        work.drop(i, code, work.table.geometry or None, "", **values)
    else:
        work.say("refused", code, i, work.table.geometry or None, "", **values)


def _has_other_place(work: _Work, i: int) -> bool:
    """A row whose shape is only a convenience (a project's outline) lives without it."""
    entry = work.table.by_name.get(work.table.geometry)
    return entry is not None and not entry.required


def area_crs(session: Session, scheme: str | None, shapes: NDArray[np.object_]) -> str:
    """Where areas of a layer are measured: the scheme's own system when the layer lies in it (rules §2.4)."""
    statement = select(m.ZoneScheme.area_crs).where(m.ZoneScheme.id == (scheme or get_settings().scheme))
    return space.area_crs_for(shapes, session.scalar(statement))


def _fitting(
    session: Session, work: _Work, shapes: NDArray[np.object_], required: bool, options: Options
) -> NDArray[np.object_]:
    """Valid geometries of the kind the table takes; the others are reported and gone."""
    wanted = work.table.shapes
    if wanted == "polygon":
        _close_lines(work, shapes)
    kinds = shapely.get_type_id(shapes)
    if wanted == "polygon":
        for i in np.flatnonzero(~np.isin(kinds, (3, 6, 7)) & (kinds >= 0)).tolist():
            found = _WORDS.get(shapes[i].geom_type, shapes[i].geom_type)
            _refuse_shape(work, i, "wrong_geometry", required, {"found": found, "wanted": "面"})
            shapes[i] = None
    for repair in repaired(shapes, lambda all_: area_crs(session, options.scheme, all_)):
        if shapes[repair.at] is None:
            _refuse_shape(work, repair.at, "repair_failed", required, {"reason": repair.reason})
        elif repair.at not in work.errors:
            values = {"reason": repair.reason, "before": round(repair.before, 1), "after": round(repair.after, 1)}
            work.say("changed", "repaired", repair.at, work.table.geometry or None, "", **values)
    for i in np.flatnonzero(kinds == 7).tolist():
        if shapes[i] is not None and wanted == "polygon":
            shapes[i] = space.only_polygons(shapes[i])
    single = np.flatnonzero((shapely.get_type_id(shapes) == 6) & (shapely.get_num_geometries(shapes) == 1))
    shapes[single] = shapely.get_geometry(shapes[single], 0)  # one part is one polygon, however the format wraps it
    return shapes


def _store(session: Session, work: _Work, shapes: NDArray[np.object_], options: Options) -> None:
    table = work.table
    kinds = shapely.get_type_id(shapes)
    polygonal = np.isin(kinds, (3, 6))
    points = np.full(work.size, None, dtype=object)
    points[polygonal] = shapely.point_on_surface(shapes[polygonal])
    points[kinds == 0] = shapes[kinds == 0]
    multi = kinds == 4
    points[multi] = shapely.centroid(shapes[multi])
    if table.geometry:
        stored = shapes.copy()
        if "lon" in table.by_name:  # a record with a point of its own: its outline is an outline, its point a point
            stored[~polygonal] = None
            for i in np.flatnonzero(np.isin(kinds, (1, 2, 5, 7))).tolist():
                work.say("refused", "wrong_geometry", i, table.geometry, "", found="线", wanted="面或点")
        _check_zone_kinds(work, stored)
        work.values[table.geometry] = stored.tolist()
    if "lon" in table.by_name:
        _point_columns(work, points, shapes, options)
    if table.geometry:
        _measure(session, work, shapes, options)
    _locate(session, work, points, options)


def _point_columns(work: _Work, points: NDArray[np.object_], shapes: NDArray[np.object_], options: Options) -> None:
    """The point of each row: that of its shape, or the file's own columns, brought to where the shapes are.

    Columns have a datum of their own, which the CRS of the layer does not declare: the user's, the headings', else the
    one with which they lie on the shapes. Columns that lie nowhere near the shapes are left, and said.
    """
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    x, y = xs, ys
    if "lon" in work.values and "lat" in work.values:
        x, y = _numbers(work, "lon"), _numbers(work, "lat")
        # Metres in columns say what the shapes say already.
        x[(np.abs(x) > 180) | (np.abs(y) > 180)] = np.nan
        _same_order(work, x, y)
        if np.nanmax(np.abs(y), initial=0) > 90:
            x, y = y, x
        x, y = _on_shapes(work, x, y, shapes, options)
        blank = ~(np.isfinite(x) & np.isfinite(y))
        x, y = np.where(blank, xs, x), np.where(blank, ys, y)
    work.values["lon"] = [None if v != v else float(v) for v in x]
    work.values["lat"] = [None if v != v else float(v) for v in y]


def _on_shapes(
    work: _Work, x: NDArray[np.float64], y: NDArray[np.float64], shapes: NDArray[np.object_], options: Options
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinate columns of a layer in WGS 84."""
    good = np.isfinite(x) & np.isfinite(y) & ~shapely.is_missing(shapes)
    if not good.any():
        return x, y
    china = space.in_china(x[good], y[good])
    given = options.datum or _headed_datum(work)
    tries: list[Datum] = [given] if given is not None else [Datum.WGS84]
    if given is None and china:
        tries += [Datum.GCJ02, Datum.BD09]
    off: dict[Datum, float] = {}
    moved: dict[Datum, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for datum in tries:
        if datum in (Datum.GCJ02, Datum.BD09) and not china:
            raise ImportProblem("datum_outside", datum=datum.value)
        a, b = x.copy(), y.copy()
        a[good], b[good] = to_wgs84(x[good], y[good], datum)
        moved[datum] = a, b
        off[datum] = _off_m(a[good], b[good], shapes[good])
    best = tries[0] if off[tries[0]] <= _ON_SHAPE_M else min(off, key=lambda d: off[d])
    if off[best] > _ON_SHAPE_M:
        work.say("warning", "points_off_shapes", shift=round(off[tries[0]]))
        return moved[tries[0]]
    if best in (Datum.GCJ02, Datum.BD09):
        a, b = moved[best]
        shift = round(space.shift_m(x[good], y[good], a[good], b[good]))
        work.say("info" if given is not None else "warning", "columns_converted", datum=best.value, shift=shift)
    return moved[best]


def _close_lines(work: _Work, shapes: NDArray[np.object_]) -> None:
    """Drawings (DXF) have outlines as closed lines: each becomes the ground it goes round."""
    lines = np.flatnonzero((shapely.get_type_id(shapes) == 1) & (shapely.get_num_coordinates(shapes) >= 4))
    for i in lines[shapely.is_closed(shapes[lines])].tolist():
        shapes[i] = shapely.polygons(shapely.get_coordinates(shapes[i]))
        work.say("changed", "line_closed", i, work.table.geometry or None)


def _check_zone_kinds(work: _Work, shapes: NDArray[np.object_]) -> None:
    if work.table.id != "zones":
        return
    for i in range(work.size):
        if shapes[i] is None or i in work.errors:
            continue
        axis = work.values["role"][i] == "axis"
        if axis == shapes[i].geom_type.endswith("Polygon"):
            found = _WORDS.get(shapes[i].geom_type, shapes[i].geom_type)
            work.drop(i, "wrong_geometry", "geom", "", found=found, wanted="线" if axis else "面")


def _measure(session: Session, work: _Work, shapes: NDArray[np.object_], options: Options) -> None:
    """Areas by the map: filled in where the file says none, compared where it says one; shared ground is reported."""
    table = work.table
    name = "geometry_area_m2" if "geometry_area_m2" in table.by_name else "area_m2"
    if name not in table.by_name and table.id not in _SHARE_NO_GROUND:
        return
    polygons = shapes.copy()
    polygons[~np.isin(shapely.get_type_id(shapes), (3, 6))] = None
    measured = space.areas(polygons, area_crs(session, options.scheme, polygons))
    if name in table.by_name:
        _compare_areas(work, name, measured)
    if table.id in _SHARE_NO_GROUND:
        for a, b, share in space.overlaps(polygons, measured):
            if a not in work.errors and b not in work.errors:
                ground = round(share * min(measured[a], measured[b]), 1)
                work.say("warning", "overlap", b, table.geometry, "", other=work.sheet.numbers[a], area=ground)


def _compare_areas(work: _Work, name: str, measured: NDArray[np.float64]) -> None:
    column = work.values.get(name) or [None] * work.size
    stand_in = work.fill(name)
    for i in range(work.size):
        if measured[i] != measured[i]:
            continue
        if column[i] is None:
            stand_in[i] = round(float(measured[i]))
        elif name == "area_m2" and abs(column[i] - measured[i]) > max(_AREA_M2, _AREA_SHARE * measured[i]):
            percent = round(100 * (column[i] - measured[i]) / measured[i], 1) if measured[i] else 0
            values = {"declared": column[i], "measured": round(float(measured[i])), "percent": percent}
            work.say("warning", "area_differs", i, name, column[i], **values)


def _locate(session: Session, work: _Work, points: NDArray[np.object_], options: Options) -> None:
    """Zone and district of rows whose file names none: where their point lies."""
    if "district_code" in work.table.by_name:
        _fill(work, "district_code", points, _areas_of(session, None, options), say=False)
    if "zone_code" in work.table.by_name and work.table.parent is None:
        _fill(work, "zone_code", points, _areas_of(session, "zone", options), say=True)


def _areas_of(session: Session, what: str | None, options: Options) -> tuple[list[str], list[Any]]:
    rows: Sequence[Any]
    if what is None:
        unit = m.AdminUnit
        rows = session.execute(
            select(unit.code, unit.geom).where(unit.kind == "statutory", unit.geom.is_not(None))
        ).all()
    else:
        schemes = list(session.scalars(select(m.ZoneScheme.id).order_by(m.ZoneScheme.order_no)))
        wanted = options.scheme or get_settings().scheme
        scheme = wanted if wanted in schemes else schemes[0] if schemes else ""
        zone = m.Zone
        rows = session.execute(
            select(zone.code, zone.geom).where(zone.scheme_id == scheme, zone.role != "axis").order_by(zone.order_no)
        ).all()
    return [row[0] for row in rows], [row[1] for row in rows]


def _fill(work: _Work, name: str, points: NDArray[np.object_], areas: tuple[list[str], list[Any]], say: bool) -> None:
    codes, shapes = areas
    column = work.fill(name)
    wanted = [i for i in range(work.size) if not work.says(name, i) and points[i] is not None]
    if not wanted or not codes:
        return
    tree = STRtree(shapes)
    found: dict[int, int] = {}
    hits = tree.query(points[wanted], predicate="intersects")
    for row, area in zip(*(h.tolist() for h in hits), strict=True):
        found.setdefault(wanted[row], area)
        found[wanted[row]] = min(found[wanted[row]], area)
    for i, area in found.items():
        column[i] = codes[area]
    if say:
        if found:
            work.say("info", "zone_located", count=len(found))
        if len(found) < len(wanted):
            work.say("info", "outside_zones", count=len(wanted) - len(found))
