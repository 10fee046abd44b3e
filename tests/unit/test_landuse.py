import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.landuse import (
    COLLISIONS,
    MIGRATION_2020_2023,
    SURVEY_AMBIGUOUS,
    LandUse,
    LandUseError,
    from_survey,
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
    ("code", "ydyh", "survey"),
    [
        ("0601", "农村道路", "工业用地"),
        ("1001", "工业用地", "铁路用地"),
        ("0701", "城镇住宅用地", "城镇住宅用地"),
        ("0508", None, "物流仓储用地"),
        ("1003", "盐田", "公路用地"),
    ],
)
def test_collision_traps(code, ydyh, survey):
    assert COLLISIONS[code] == (ydyh, survey)
    assert LandUse("YDYH2023", code) != LandUse("GBT21010_2017", code)


def test_survey_0601_is_industrial_and_becomes_1001():
    assert from_survey(LandUse("GBT21010_2017", "0601")) == (LandUse("YDYH2023", "1001"), "exact")


def test_survey_1001_is_railway_and_does_not_stay_1001():
    assert from_survey(LandUse("GBT21010_2017", "1001")) == (LandUse("YDYH2023", "1201"), "exact")


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


def test_migration_and_conversion_refuse_other_schemes():
    with pytest.raises(LandUseError, match="YDYH2020"):
        migrate_2020(LandUse("YDYH2023", "2303"))
    with pytest.raises(LandUseError, match="GBT21010_2017"):
        from_survey(LandUse("YDYH2023", "1001"))


@pytest.mark.parametrize("code", ["08H2", "0809", "09", "1005", "1006", "1202", "0204"])
def test_many_to_many_survey_classes_are_to_be_split_and_never_guessed(code):
    assert code in SURVEY_AMBIGUOUS
    assert from_survey(LandUse("GBT21010_2017", code)) == (None, "to_be_split")


def test_survey_class_without_a_rule_is_unknown():
    assert from_survey(LandUse("GBT21010_2017", "0301")) == (None, "unknown")


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
