"""Zone schemes: what a valid one is, and that every broken rule is said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from domain.scheme import (
    AreaFact,
    Element,
    GeometrySpec,
    Party,
    Scheme,
    ShareAgreement,
    first_day,
)

SQUARE = GeometrySpec("polygon", sketch=((104.0, 30.4), (104.1, 30.4), (104.1, 30.5), (104.0, 30.5)))
LINE = GeometrySpec("line", sketch=((104.0, 30.4), (104.1, 30.5)))


def element(**changes: object) -> Element:
    base = Element(
        code="Z1",
        name_zh="一区",
        name_en="Zone 1",
        short_zh="一",
        role="zone",
        order=1,
        geometry=SQUARE,
        authority="U1",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def scheme(*elements: Element, **changes: object) -> Scheme:
    base = Scheme("s", "方案", "Scheme", "EPSG:4544", "sketch", "5101", elements or (element(),))
    return replace(base, **changes)  # type: ignore[arg-type]


def agreement(valid_from: str | None = None, valid_to: str | None = None, **changes: object) -> ShareAgreement:
    base = ShareAgreement(
        "direct", {"A": Fraction(6, 10), "B": Fraction(4, 10)}, valid_from, valid_to, "协议", illustrative=True
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "day"),
    [("2016", date(2016, 1, 1)), ("2016-03", date(2016, 3, 1)), ("2016-03-14", date(2016, 3, 14))],
)
def test_a_date_of_any_precision_starts_on_its_first_day(text: str, day: date) -> None:
    assert first_day(text) == day


@pytest.mark.parametrize("text", ["", "16", "2016/03", "约2016", "2016-13", "2016-03-14T00:00"])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|month must be"):
        first_day(text)


def test_an_unknown_role_names_the_element_and_the_roles() -> None:
    with pytest.raises(ValueError, match=r"unknown role of element Z1 'centre': use one of core, zone, axis"):
        element(role="centre")


def test_an_axis_is_a_line_and_nothing_else_is() -> None:
    assert element(role="axis", geometry=LINE).geometry.kind == "line"
    with pytest.raises(ValueError, match="axis Z1 is not a line"):
        element(role="axis")
    with pytest.raises(ValueError, match="zone Z1 is a line: only an axis may be one"):
        element(geometry=LINE)


def test_shares_must_sum_to_exactly_one() -> None:
    with pytest.raises(ValueError, match="shares sum to 11/10, not to 1"):
        agreement(shares={"A": Fraction(6, 10), "B": Fraction(1, 2)})
    thirds = {"A": Fraction(1, 3), "B": Fraction(1, 3), "C": Fraction(1, 3)}
    assert agreement(shares=thirds).shares == thirds


def test_negative_and_missing_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="share of B is negative"):
        agreement(shares={"A": Fraction(3, 2), "B": Fraction(-1, 2)})
    with pytest.raises(ValueError, match="no shares given"):
        agreement(shares={})


def test_retention_is_for_fiscal_figures_only() -> None:
    assert agreement(metric_class="fiscal", retention=True).retention
    with pytest.raises(ValueError, match="retention applies to fiscal figures only"):
        agreement(retention=True)


def test_overlapping_agreements_of_one_class_are_refused() -> None:
    earlier, later = agreement("2016-03", "2024"), agreement("2023-06")
    with pytest.raises(ValueError, match="two agreements on direct figures overlap in time"):
        element(agreements=(earlier, later))


def test_agreements_that_follow_each_other_change_on_the_day() -> None:
    zone = element(agreements=(agreement("2016-03", "2024-07"), agreement("2024-07", basis_doc="新协议")))
    assert zone.agreement("direct", date(2016, 2, 29)) is None
    before, after = zone.agreement("direct", date(2024, 6, 30)), zone.agreement("direct", date(2024, 7, 1))
    assert (before and before.basis_doc, after and after.basis_doc) == ("协议", "新协议")
    assert zone.agreement("fiscal", date(2024, 7, 1)) is None


def test_a_validity_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="valid_from 2024 is not before valid_to 2020"):
        agreement("2024", "2020")


def test_a_unit_may_be_partner_and_host_but_not_the_same_twice() -> None:
    partner, host = Party("510116", "partner", valid_from="2016"), Party("510116", "host")
    assert element(parties=(partner, host)).parties == (partner, host)
    with pytest.raises(ValueError, match="party 510116 as host is listed twice"):
        element(parties=(host, host))


def test_an_unknown_party_role_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown role of party U 'owner'"):
        Party("U", "owner")


def test_area_history_keeps_every_figure_and_one_is_current() -> None:
    old, new = AreaFact(99.4, "2020-06-03", "a"), AreaFact(132.0, "2021-09", "b", current=True)
    zone = element(areas=(old, new))
    assert zone.current_area == new
    assert zone.areas == (old, new)
    assert element().current_area is None
    for areas in ((old,), (new, new)):
        with pytest.raises(ValueError, match="mark exactly one area as current"):
            element(areas=areas)


def test_an_area_needs_a_source_and_a_size() -> None:
    with pytest.raises(ValueError, match="has no source"):
        AreaFact(44.0, "2016", "")
    with pytest.raises(ValueError, match="must be above 0"):
        AreaFact(float("nan"), "2016", "a")


def test_host_areas_must_sum_to_the_area() -> None:
    area = (AreaFact(44.0, "2016", "a", current=True),)
    fitting = replace(SQUARE, hosts={"510116": 39.4, "510118": 4.6})
    assert element(geometry=fitting, areas=area).hosts == ("510116", "510118")
    with pytest.raises(ValueError, match=r"host districts sum to 44\.5 km2, its area is 44 km2"):
        element(geometry=replace(SQUARE, hosts={"510116": 39.2, "510118": 5.3}), areas=area)
    with pytest.raises(ValueError, match="holds more than the whole 44 km2"):
        element(geometry=replace(SQUARE, hosts={"510116": 50.0, "510118": None}), areas=area)


def test_a_geometry_is_a_sketch_or_a_file() -> None:
    assert SQUARE.schematic
    assert not GeometrySpec("polygon", file="legal.gpkg").schematic
    for wrong in ({}, {"sketch": LINE.sketch, "file": "a.geojson"}):
        with pytest.raises(ValueError, match="either a sketch or a file"):
            GeometrySpec("line", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 3 points"):
        GeometrySpec("polygon", sketch=LINE.sketch)
    with pytest.raises(ValueError, match="not longitude, latitude"):
        GeometrySpec("line", sketch=((30.4, 104.0), (30.5, 104.1)))


def test_duplicate_codes_are_refused() -> None:
    with pytest.raises(ValueError, match="element code Z1 is used twice"):
        scheme(element(), element(order=2))


def test_elements_come_in_order_and_are_found_by_their_code() -> None:
    first = element(code="Z9", order=1, name_zh="九区", alias_zh=("旧称",))
    second = element(code="Z1", order=2)
    axis = element(code="AX", order=3, role="axis", geometry=LINE)
    made = scheme(second, axis, first)
    assert made.codes == ("Z9", "Z1", "AX")
    assert [item.code for item in made.polygons] == ["Z9", "Z1"]
    assert made.element("Z9") is first
    with pytest.raises(KeyError, match="no element 'Z2'; it has Z9, Z1, AX"):
        made.element("Z2")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"city_prefix": "成都"}, "city_prefix"),
        ({"area_crs": "4544"}, "not like EPSG:4544"),
        ({"elements": ()}, "has no elements"),
        ({"id": "../x"}, "scheme id"),
    ],
)
def test_a_scheme_head_is_checked(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(scheme(), **change)  # type: ignore[arg-type]
