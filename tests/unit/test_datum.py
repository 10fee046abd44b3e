import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from domain import datum
from domain.datum import Datum

GEOD = Geod(ellps="WGS84")
TABLE = [
    ("天府广场", (104.0657, 30.6574), (104.068207, 30.654978), 360.3),
    ("兴隆湖", (104.0850, 30.4000), (104.087522, 30.397517), 366.8),
    ("生物城", (103.9750, 30.3750), (103.977205, 30.372256), 370.7),
]

lons, lats = st.floats(102.9, 105.0), st.floats(30.0, 31.5)


def metres(a, b) -> float:
    return abs(GEOD.inv(*a, *b)[2])


@pytest.mark.parametrize(("name", "wgs", "gcj", "shift"), TABLE)
def test_gcj02_points_of_the_table_within_half_a_metre(name, wgs, gcj, shift):
    found = datum.wgs84_to_gcj02(*wgs)
    assert metres(found, gcj) < 0.5
    assert metres(wgs, found) == pytest.approx(shift, abs=0.5)


def test_bd09_shift_is_908_to_965_metres_at_the_five_zones():
    for _, wgs, _, _ in TABLE:
        bd = datum.gcj02_to_bd09(*datum.wgs84_to_gcj02(*wgs))
        assert 907 < metres(wgs, bd) < 966


@given(lons, lats)
def test_round_trips_return_to_the_nanodegree(lon, lat):
    for back, there in (
        (datum.gcj02_to_wgs84, datum.wgs84_to_gcj02),
        (datum.bd09_to_gcj02, datum.gcj02_to_bd09),
    ):
        x, y = back(*there(lon, lat))
        assert abs(x - lon) < 1e-9
        assert abs(y - lat) < 1e-9
    x, y = datum.to_wgs84(*datum.gcj02_to_bd09(*datum.wgs84_to_gcj02(lon, lat)), Datum.BD09)
    assert max(abs(x - lon), abs(y - lat)) < 1e-6


def test_arrays_keep_their_shape():
    grid = np.array([[104.0, 104.1], [103.9, 104.4]]), np.array([[30.3, 30.4], [30.5, 30.6]])
    x, y = datum.to_wgs84(*datum.wgs84_to_gcj02(*grid), Datum.GCJ02)
    np.testing.assert_allclose(x, grid[0], atol=1e-9)
    np.testing.assert_allclose(y, grid[1], atol=1e-9)
    assert datum.gcj02_to_wgs84([], [])[0].shape == (0,)


def test_cgcs2000_is_not_shifted_and_unknown_is_refused():
    assert datum.to_wgs84(104.0, 30.0, Datum.CGCS2000) == (104.0, 30.0)
    with pytest.raises(ValueError, match="unknown"):
        datum.to_wgs84(104.0, 30.0, Datum("unknown"))


@pytest.mark.parametrize(("lon", "lat"), [(30.4, 104.1), (412_069.4, 3_364_811.0), (0.0, 0.0)])
def test_swapped_axes_and_metres_are_not_shifted(lon, lat):
    for convert in (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84, datum.gcj02_to_bd09, datum.bd09_to_gcj02):
        with pytest.raises(ValueError, match="longitude first"):
            convert(lon, lat)
