import pytest

from domain.industry import REUSED, IndustryCode, IndustryCodeError, is_reused, parse


@pytest.mark.parametrize("text", ["3973", "C3973", "C3973集成电路制造", " C 3973 集成电路制造 "])
def test_section_letter_and_name_are_stripped(text):
    assert parse(text, "2017") == IndustryCode("2017", "3973")


@pytest.mark.parametrize("text", ["", "集成电路", "C39731", "CC3973", "3"])
def test_text_without_a_code_is_refused(text):
    with pytest.raises(IndustryCodeError):
        parse(text, "2017")


@pytest.mark.parametrize("edition", ["", "2002", "2019"])
def test_edition_is_required(edition):
    with pytest.raises(IndustryCodeError, match="edition"):
        parse("3973", edition)


@pytest.mark.parametrize(
    ("code", "in_2011", "in_2017"),
    [
        ("3963", "集成电路制造", "智能无人飞行器制造"),
        ("6550", "集成电路设计", "信息处理和存储支持服务"),
        ("6520", "信息系统集成", "集成电路设计"),
        ("3972", "印制电路板", "半导体分立器件"),
    ],
)
def test_reused_numbers_differ_by_edition(code, in_2011, in_2017):
    assert is_reused(code)
    assert REUSED[code] == (in_2011, in_2017)
    assert IndustryCode("2011", code) != IndustryCode("2017", code)
