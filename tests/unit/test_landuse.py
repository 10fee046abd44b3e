import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.landuse import (
    MIGRATION_2020_2023,
    LandUse,
    LandUseError,
    is_restricted,
    migrate_2020,
    parse,
)


@pytest.mark.parametrize("text", ["1001", "M1", "", "  "])
def test_bare_code_is_invalid(text):
    with pytest.raises(LandUseError, match="bare"):
        parse(text)


def test_scheme_and_code_round_trip():
    assert parse(" YDYH2023:100102 ") == LandUse("YDYH2023", "100102")
    assert parse(str(LandUse("GBT21010_2017", "08H2"))) == LandUse("GBT21010_2017", "08H2")


@pytest.mark.parametrize(
    ("scheme", "code"),
    [("YDYH2022", "1001"), ("YDYH2023", "M1"), ("YDYH2023", "10010"), ("GB50137_2011", "1001"), ("YDYH2023", "")],
)
def test_unknown_schemes_and_foreign_codes_are_refused(scheme, code):
    with pytest.raises(LandUseError):
        LandUse(scheme, code)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("060102", "1207"),
        ("0602", "060201"),
        ("0603", "060202"),
        ("0604", "060203"),
        ("090301", "0903"),
        ("090302", "0903"),
        ("1312", "1311"),
        ("1313", "1312"),
        ("0204", "0205"),
        ("2302", "2303"),
        ("2303", "060102"),
        ("2202", "2206"),
        ("1001", "1001"),
    ],
)
def test_migration_2020_to_2023_takes_one_step(old, new):
    assert migrate_2020(LandUse("YDYH2020", old)) == LandUse("YDYH2023", new)


def test_migration_refuses_other_schemes():
    with pytest.raises(LandUseError, match="YDYH2020"):
        migrate_2020(LandUse("YDYH2023", "2303"))


@pytest.mark.parametrize(
    ("use", "restricted"),
    [
        ("YDYH2023:1501", True),
        ("YDYH2020:1501", True),
        ("GBT21010_2017:0901", True),
        ("GB50137_2011:H41", True),
        ("YDYH2023:150101", True),
        ("YDYH2023:15", False),
        ("YDYH2023:1502", False),
        ("YDYH2023:0901", False),
        ("GBT21010_2017:1501", False),
    ],
)
def test_military_land_is_restricted_by_scheme(use, restricted):
    assert is_restricted(parse(use)) is restricted


@given(st.sampled_from(sorted(MIGRATION_2020_2023)))
def test_every_migrated_code_is_valid_in_both_editions(code):
    assert migrate_2020(LandUse("YDYH2020", code)).scheme == "YDYH2023"
