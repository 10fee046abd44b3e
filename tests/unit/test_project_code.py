import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.project_code import parse


def test_year_and_month_form():
    code = parse("2404-510109-04-01-123456")
    assert (code.year, code.month, code.industry_code, code.type_code, code.serial) == (2024, 4, "04", "01", "123456")


def test_real_code_with_a_year():
    code = parse("2019-510109-48-01-381160")
    assert (code.year, code.month, code.authority_code) == (2019, None, "510109")


def test_pseudo_code_510109_is_an_authority_and_not_a_location():
    code = parse("2019-510109-48-01-381160")
    assert code.approval_authority() == "CD-GXQ"
    assert not [name for name in dir(code) if "location" in name or "district" in name]


def test_other_authorities_stand_for_themselves_and_aliases_can_be_given():
    code = parse("2404-510116-04-01-123456")
    assert code.approval_authority() == "510116"
    assert code.approval_authority({"510116": "CD-TFXQ"}) == "CD-TFXQ"


def test_2012_is_december_2020_because_the_platform_is_younger():
    assert (parse("2012-510109-04-01-123456").year, parse("2012-510109-04-01-123456").month) == (2020, 12)


def test_typed_dashes_are_understood():
    assert parse(" 2404－510109–04—01-123456 ").text == "2404-510109-04-01-123456"


@pytest.mark.parametrize(
    "text",
    ["", "2404-510109-04-01-12345", "2404510109040112345", "2413-510109-04-01-123456", "2400-510109-04-01-123456"],
)
def test_other_shapes_and_months_are_refused(text):
    with pytest.raises(ValueError, match=r"project code|neither"):
        parse(text)


@given(st.integers(0, 99), st.integers(1, 12), st.integers(0, 999_999), st.integers(0, 999_999))
def test_every_well_formed_code_keeps_its_parts(year, month, authority, serial):
    text = f"{year:02d}{month:02d}-{authority:06d}-04-01-{serial:06d}"
    code = parse(text)
    assert (code.text, code.year % 100, code.month) == (text, year, month)
