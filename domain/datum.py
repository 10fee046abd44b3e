"""Coordinate datums: WGS 84 / CGCS2000, GCJ-02 (高德, 腾讯) and BD-09 (百度), and survey axis order (rules §2.4, §2.5).

All longitudes and latitudes are degrees, x = longitude first. CGCS2000 and WGS 84 differ by less than any use here
notices and are treated as one.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# The Krasovsky ellipsoid, on which the GCJ-02 offset is computed.
_AXIS = 6378245.0
_E2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0

#: Convergence limit of the inverses, in degrees (0.1 mm on the ground).
INVERSE_TOLERANCE_DEG = 1e-9
_MAX_STEPS = 30


class Datum(StrEnum):
    """Datum a source layer declares (rules §2.5)."""

    CGCS2000 = "CGCS2000"
    WGS84 = "WGS84"
    GCJ02 = "GCJ02"
    BD09 = "BD09"
    UNKNOWN = "unknown"


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _in_china(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """The pair, refused when it cannot be degrees of mainland China: swapped axes and metres end here."""
    x, y = _pair(lon, lat)
    if np.any(x < 70) or np.any(x > 140) or np.any(y < 0) or np.any(y > 60):
        raise ValueError("not degrees of mainland China with longitude first")
    return x, y


def _gcj_offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w2 = 1.0 - _E2 * np.sin(phi) ** 2
    w = np.sqrt(w2)
    dlat = np.degrees(north * w2 * w / (_AXIS * (1.0 - _E2)))
    dlon = np.degrees(east * w / (_AXIS * np.cos(phi)))
    return dlon, dlat


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """WGS 84 to GCJ-02, degrees, arrays of equal shape. Raises ValueError for points far outside China."""
    x, y = _in_china(lon, lat)
    dx, dy = _gcj_offset(x, y)
    return x + dx, y + dy


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """GCJ-02 to BD-09, degrees, arrays of equal shape. Raises ValueError for points far outside China."""
    x, y = _in_china(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _inverse(
    forward: Callable[[ArrayLike, ArrayLike], tuple[Floats, Floats]], lon: ArrayLike, lat: ArrayLike
) -> tuple[Floats, Floats]:
    """Solve forward(x, y) = (lon, lat) by fixed-point iteration; the shifts change slowly, so it converges fast."""
    x0, y0 = _in_china(lon, lat)
    x, y = x0.copy(), y0.copy()
    for _ in range(_MAX_STEPS):
        fx, fy = forward(x, y)
        ex, ey = x0 - fx, y0 - fy
        x, y = x + ex, y + ey
        if not x.size or max(np.nanmax(np.abs(ex)), np.nanmax(np.abs(ey))) < INVERSE_TOLERANCE_DEG / 10:
            return x, y
    raise ArithmeticError("the inverse of a datum shift did not converge")


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """GCJ-02 to WGS 84 by iteration, error below 1e-9° (rules §2.5). Raises ValueError far outside China."""
    return _inverse(wgs84_to_gcj02, lon, lat)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """BD-09 to GCJ-02 by iteration, error below 1e-9°. Raises ValueError far outside China."""
    return _inverse(gcj02_to_bd09, lon, lat)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Degrees of any declared datum as WGS 84 / CGCS2000 (rules §2.5).

    Raises ValueError for an unknown datum: such a layer cannot be used in area statistics.
    """
    if datum is Datum.UNKNOWN:
        raise ValueError("the datum of this layer is unknown: it cannot be converted or measured")
    if datum is Datum.BD09:
        return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
    if datum is Datum.GCJ02:
        return gcj02_to_wgs84(lon, lat)
    return _pair(lon, lat)


# GB/T 2260 Chengdu lies at 29.9-31.5 N, which is 3.31-3.49 million metres of northing.
_NORTHING = (3_250_000.0, 3_550_000.0)


def _within(values: Floats, low: float, high: float) -> bool:
    return bool(np.all((values >= low) & (values <= high)))
