from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cross_district import KIND_NAMES, ProjectPlaces, Site, StatUnitChange, classify

DAY = date(2026, 9, 30)
SHUANGLIU, XINJIN, JIANYANG = "510116", "510118", "510185"


def kinds(**facts) -> str:
    return classify(ProjectPlaces(**facts), DAY).letters


def test_a_plot_of_105_and_15_mu_crosses_the_boundary():
    """Rules §4.4.1: 120 亩, of which 双流 105, 新津 15."""
    found = classify(ProjectPlaces(footprint_m2={SHUANGLIU: 70_000, XINJIN: 10_000}), DAY)
    assert found.letters == "A"
    assert found.shares == {SHUANGLIU: Fraction(875, 1000), XINJIN: Fraction(125, 1000)}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((66_000, 667), "A"),  # just over one 亩, which is more than 0.5 % of it
        ((66_000, 666), ""),
        ((199_000, 1_000), "A"),  # 0.5 % exactly
        ((199_001, 999), ""),
    ],
)
def test_slivers_below_one_mu_or_half_a_percent_do_not_cross(parts, expected):
    assert kinds(footprint_m2=dict(zip((SHUANGLIU, XINJIN), parts, strict=True))) == expected


def test_unknown_datum_leaves_a_undecided():
    found = classify(ProjectPlaces(footprint_m2={SHUANGLIU: 70_000, XINJIN: 10_000}, datum_known=False), DAY)
    assert (found.letters, "A" in found.undecided, found.shares) == ("", True, {})


def test_co_built_zone_is_b():
    assert kinds(zone_parties=frozenset({"CD-GXQ", SHUANGLIU})) == "B"
    assert kinds(zone_parties=frozenset({"CD-GXQ"})) == ""


def test_split_places_are_c_and_unknown_places_are_not_different():
    split = {"registration": "CD-GXQ", "production": SHUANGLIU}
    assert kinds(places=split) == "C"
    one = classify(ProjectPlaces(places={"registration": SHUANGLIU}), DAY)
    assert (one.letters, "C" in one.undecided) == ("", True)
    four = dict.fromkeys(("registration", "production", "tax", "statistics"), SHUANGLIU)
    same = classify(ProjectPlaces(places=four | {"approval": "CD-GXQ"}), DAY)
    assert (same.letters, "C" in same.undecided) == ("", False)


def test_headquarters_and_base_are_d():
    assert kinds(sites=(Site("510107", "XJJHL"), Site(JIANYANG, "WLKJC"))) == "D"
    assert kinds(sites=(Site(SHUANGLIU, "CDKXC"), Site(SHUANGLIU, "SMKX"))) == "D"
    assert kinds(sites=(Site(SHUANGLIU, "SMKX"), Site(SHUANGLIU, "SMKX"))) == ""


def test_ground_outside_the_managing_units_territory_is_e():
    high_tech = {"managing_unit": "CD-GXQ", "managing_territory": frozenset({"CD-GXQ"})}
    assert kinds(**high_tech, site_units=frozenset({"CD-DBXQ"})) == "E"
    assert kinds(**high_tech, site_units=frozenset({"CD-GXQ"})) == ""
    assert "E" in classify(ProjectPlaces(managing_unit="CD-GXQ"), DAY).undecided


def test_landing_elsewhere_or_a_changed_statistics_unit_is_f():
    assert kinds(first_contact_zone="XJJHL", landing_zone="WLKJC") == "F"
    assert kinds(first_contact_zone="XJJHL", landing_zone="XJJHL") == ""
    assert kinds(first_contact_zone="XJJHL") == ""
    change = (StatUnitChange(date(2026, 7, 1), SHUANGLIU, "CD-GXQ"),)
    assert kinds(signed_on=date(2025, 1, 1), stat_unit_changes=change) == "F"
    assert kinds(signed_on=date(2026, 8, 1), stat_unit_changes=change) == ""
    later = (StatUnitChange(date(2026, 10, 1), SHUANGLIU, "CD-GXQ"),)
    assert kinds(signed_on=date(2025, 1, 1), stat_unit_changes=later) == ""


def test_host_mismatch_alone_raises_no_badge():
    found = classify(ProjectPlaces(statutory_district=JIANYANG, functional_area="CD-DBXQ"), DAY)
    assert (found.letters, found.badge) == ("G", False)
    assert not classify(ProjectPlaces(statutory_district=SHUANGLIU), DAY).kinds


def test_any_other_kind_raises_the_badge():
    found = classify(
        ProjectPlaces(statutory_district=SHUANGLIU, functional_area="CD-TFXQ", zone_parties=frozenset({"a", "b"})),
        DAY,
    )
    assert (found.letters, found.badge) == ("BG", True)
    assert list(KIND_NAMES) == list("ABCDEFG")


@given(st.dictionaries(st.sampled_from([SHUANGLIU, XINJIN, JIANYANG]), st.integers(0, 10**6)))
def test_district_shares_sum_to_one_and_a_means_more_than_one_share(footprint):
    found = classify(ProjectPlaces(footprint_m2=footprint), DAY)
    assert sum(found.shares.values()) == (1 if sum(footprint.values()) else 0)
    assert ("A" in found.kinds) == (len(found.shares) >= 2)
