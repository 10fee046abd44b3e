"""Which unit counts a record, and where a unit counts (rules §4.2.1)."""

from __future__ import annotations

import pytest

from domain.grouping import Ground, Places, counted_by, places_of
from domain.viewstate import Grouping, Scope, ViewState, parse_query, to_query
from tests.unit.test_viewstate import WORDS

STATUTORY = {"510107", "510116", "510117", "510118", "510185"}
GROUNDS = {
    "CDKXC": Ground("CD-TFXQ", "CD-TFXQ", frozenset({"510116"})),
    "XJJHL": Ground("CD-GXQ", "CD-GXQ", frozenset({"510107", "510116"})),
    "SMKX": Ground(None, "CD-GXQ", frozenset({"510116", "510118"})),
    "WLKJC": Ground("CD-DBXQ", "CD-GXQ", frozenset({"510185"})),
    "NEW": Ground(None, None, frozenset({"510118"})),
}


@pytest.mark.parametrize(
    ("zone", "unit", "located", "stat", "admin", "gov"),
    [
        ("CDKXC", "510116", "510116", "CD-TFXQ", "510116", "CD-TFXQ"),
        ("XJJHL", "510107", "510116", "CD-GXQ", "510107", "CD-GXQ"),
        ("SMKX", "510116", "510116", "510116", "510116", "CD-GXQ"),
        ("SMKX", "510118", "510118", "510118", "510118", "CD-GXQ"),
        # A functional area that the record names stands, and gives way to the district only under 法定区县.
        ("SMKX", "CD-GXQ", "510116", "CD-GXQ", "510116", "CD-GXQ"),
        ("WLKJC", "510185", "510185", "CD-DBXQ", "510185", "CD-GXQ"),
        # Taxed elsewhere: not on the ground that the functional area manages.
        ("CDKXC", "510107", "510116", "510107", "510107", "CD-TFXQ"),
        ("NEW", "510118", "510118", "510118", "510118", "510118"),
        (None, "510117", None, "510117", "510117", "510117"),
        (None, "CD-GXQ", None, "CD-GXQ", "CD-GXQ", "CD-GXQ"),  # where it stands is not known
    ],
)
def test_who_counts_a_record(zone: str | None, unit: str, located: str | None, stat: str, admin: str, gov: str) -> None:
    ground = GROUNDS.get(zone or "")
    found = {by: counted_by(by, unit, located, ground, STATUTORY) for by in Grouping}
    assert found == {Grouping.STAT: stat, Grouping.ADMIN: admin, Grouping.GOV: gov}


def test_where_a_unit_counts() -> None:
    hi_tech = places_of(Grouping.STAT, ["CD-GXQ"], GROUNDS)
    assert hi_tech == Places(("CD-GXQ",), ("XJJHL",), ("CDKXC", "WLKJC", "XJJHL"))
    assert hi_tech.admits("XJJHL", "510116")
    assert hi_tech.admits("XJJHL", None)
    assert not hi_tech.admits("SMKX", "510116")
    rest = places_of(Grouping.STAT, ["510116"], GROUNDS)
    assert rest.admits("SMKX", "510116")
    assert rest.admits(None, "510116")
    assert not rest.admits("CDKXC", "510116")
    assert places_of(Grouping.ADMIN, ["510116"], GROUNDS) == Places(("510116",))
    assert places_of(Grouping.GOV, ["CD-GXQ"], GROUNDS).whole == ("SMKX", "WLKJC", "XJJHL")


def test_the_grouping_stands_in_the_address_only_when_it_is_another() -> None:
    assert to_query(ViewState()) == ""
    assert to_query(ViewState(by=Grouping.GOV, districts=("CD-GXQ",))) == "district=CD-GXQ&by=gov"
    assert parse_query("?by=gov", WORDS)[0].by is Grouping.GOV


def test_a_unit_of_another_grouping_is_told_and_left_out() -> None:
    state, ignored = parse_query("?district=CD-GXQ,510116&by=admin", WORDS)
    assert state.districts == ("510116",)
    assert [(i.param, i.value, i.reason) for i in ignored] == [("district", "CD-GXQ", "unknown_code")]
    assert parse_query("?district=CD-GXQ", WORDS)[0].districts == ("CD-GXQ",)


def test_ground_is_measured_by_district_whatever_the_grouping() -> None:
    assert ViewState(scope=Scope.AREA, by=Grouping.GOV).grouping is Grouping.ADMIN
    assert ViewState(scope=Scope.SHARED, by=Grouping.GOV).grouping is Grouping.GOV
