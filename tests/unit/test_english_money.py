"""One amount in Chinese and in English: the same number, in the words of each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from domain.units import M2, WAN, WAN_MU, WAN_PERSON, WAN_TCE, WAN_USD
from i18n import COOKIE
from layers.project import CLASS_NAME
from tests.unit.test_locale import catalogue
from views.parts.charts import Point, trend_figure
from views.parts.format import (
    MINUS,
    beside,
    column_money,
    column_unit,
    money,
    money_parts,
    number,
    scaled,
    stored,
    stored_unit,
    wan_text,
)
from views.parts.park_facts import _row, fact_parts

#: What one of a unit is worth in the smallest that any is made of (yuan, US dollars, m²), a ratio per mu, person or tce.
WORTH = {
    "亿元": Fraction(10**8),
    "万元": Fraction(10**4),
    "CNY bn": Fraction(10**9),
    "CNY m": Fraction(10**6),
    "亿美元": Fraction(10**8),
    "万美元": Fraction(10**4),
    "USD m": Fraction(10**6),
    "万㎡": Fraction(10**4),
    "m²": Fraction(1),
    **{unit: Fraction(10**4) for unit in (WAN_MU, WAN_PERSON, WAN_TCE)},
    **{f"CNY k/{of}": Fraction(10**3) for of in ("mu", "person", "tce")},
}


@contextmanager
def english() -> Iterator[None]:
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}=en"}):
        yield


def both(say: Callable[[], tuple[str, str]]) -> tuple[tuple[str, str], tuple[str, str]]:
    """Number and unit in Chinese and in English."""
    chinese = say()
    with english():
        return chinese, say()


def worth(text: str, unit: str) -> tuple[Fraction, Fraction]:
    """What a text says, and by how much at most the printing rounded it."""
    plain = text.replace(",", "").replace(MINUS, "-")
    last = Fraction(10) ** -len(plain.partition(".")[2])
    if "." not in plain and unit == "m²":
        # 272,913 m² is read as 273,000: trailing zeros are no digits
        last = Fraction(10 ** min(3, len(plain) - len(plain.rstrip("0"))))
    return Fraction(plain) * WORTH[unit], last * WORTH[unit] / 2


def scaled_parts(amount: int | Fraction, unit: str) -> tuple[str, str]:
    value, word, places = scaled(amount, unit)
    return number(value, places), word


AMOUNTS = st.integers(-(10**10), 10**10)
#: Stored amounts: integers of these, fractions of ratios.
SCALED = [WAN, WAN_USD, M2, WAN_MU, WAN_PERSON, WAN_TCE]


@given(AMOUNTS, st.sampled_from(SCALED))
def test_a_figure_is_the_same_number_in_both_languages(amount: int, unit: str) -> None:
    (zh, zh_unit), (en, en_unit) = both(lambda: scaled_parts(amount, unit))
    true = amount * (Fraction(10**4) if unit != M2 else 1)
    for value, off in (worth(zh, zh_unit), worth(en, en_unit)):
        assert abs(value - true) <= off
    assert (zh_unit == unit) or zh_unit in ("亿元", "亿美元", "万㎡")
    assert not any("\u4e00" <= c <= "\u9fff" for c in en + en_unit)


@given(AMOUNTS)
def test_an_amount_in_a_sentence_is_the_same_in_both_languages(wan: int) -> None:
    for parts in both(lambda: money_parts(wan)):
        value, off = worth(*parts)
        assert abs(value - wan * 10**4) <= off


@given(AMOUNTS, st.sampled_from([WAN, WAN_USD, WAN_MU]))
def test_amounts_to_add_up_lose_nothing_in_english(amount: int, unit: str) -> None:
    for text, word in both(lambda: (stored(amount, unit), stored_unit(unit))):
        assert worth(text, word)[0] == amount * 10**4


@given(st.lists(AMOUNTS, min_size=1, max_size=5))
def test_a_column_of_money_has_one_unit_and_the_same_digits(amounts: list[int]) -> None:
    for wan in amounts:
        (zh, zh_unit), (en, en_unit) = both(lambda wan=wan: (column_money(wan), column_unit()))
        assert (zh_unit, en_unit) == ("亿元", "CNY m")
        assert worth(zh, zh_unit)[0] == pytest.approx(worth(en, en_unit)[0], abs=float(worth(en, en_unit)[1]))


@pytest.mark.parametrize(
    ("stored_amount", "unit", "zh", "en"),
    [
        (5_034_000, WAN, ("503.4", "亿元"), ("50.34", "CNY bn")),
        (-5_034_000, WAN, ("−503.4", "亿元"), ("−50.34", "CNY bn")),
        (64_200, WAN_USD, ("6.42", "亿美元"), ("642", "USD m")),
        (272_913, M2, ("27.3", "万㎡"), ("273,000", "m²")),
        (300, M2, ("0.030", "万㎡"), ("300", "m²")),
        (Fraction(65, 2), WAN_MU, ("32.5", "万元/亩"), ("325", "CNY k/mu")),
        (0, WAN, ("0.0", "亿元"), ("0.00", "CNY bn")),
    ],
)
def test_figures_of_the_design(
    stored_amount: int | Fraction, unit: str, zh: tuple[str, str], en: tuple[str, str]
) -> None:
    assert both(lambda: scaled_parts(stored_amount, unit)) == (zh, en)


@pytest.mark.parametrize(
    ("wan", "zh", "en"),
    [
        (8_100, "8,100 万元", "CNY 81 m"),
        (57_076_200, "5,707.62 亿元", "CNY 570.76 bn"),
        (35_800, "3.58 亿元", "CNY 358 m"),
        (120, "120 万元", "CNY 1.2 m"),
        (None, "—", "—"),
    ],
)
def test_amounts_in_a_sentence(wan: int | None, zh: str, en: str) -> None:
    assert money(wan) == zh
    with english():
        assert money(wan) == en


def test_what_is_behind_a_light_and_in_a_drawer_is_told_in_millions() -> None:
    assert (wan_text(8_100), beside(stored(5_034_123, WAN), stored_unit(WAN))) == ("8,100 万元", "5,034,123 万元")
    with english():
        assert wan_text(8_100) == "CNY 81 m"
        assert beside(stored(5_034_123, WAN), stored_unit(WAN)) == "CNY 50,341.23 m"
        assert beside(stored(7, "pp"), stored_unit("pp")) == "7 pp"


def test_a_chart_says_its_values_as_sentences_do() -> None:
    with english():
        figure = trend_figure([Point("2026-01", 50.34), Point("2026-02", None)], unit="CNY bn", places=2)
    assert list(figure.data[0].hovertemplate) == ["CNY 50.34 bn", ""]


@pytest.mark.parametrize(
    ("printed", "zh", "en"),
    [
        (("503", "亿元"), ("503", "亿元"), ("50.3", "CNY bn")),
        (("近100", "亿元"), ("近100", "亿元"), ("nearly 10", "CNY bn")),
        (("超1200", "亿元"), ("超1200", "亿元"), ("over 120", "CNY bn")),
        (("1000+", "家"), ("1000+", "家"), ("1000+", "\u200b")),
        (("73", "km2"), ("73", "km²"), ("73", "km²")),
        (("27.3", "万m2"), ("27.3", "万㎡"), ("273,000", "m²")),
        (("双流39.2+新津5.3", "km2"), ("双流39.2+新津5.3", "km²"), ("双流39.2+新津5.3", "km²")),
    ],
)
def test_published_figures(printed: tuple[str, str], zh: tuple[str, str], en: tuple[str, str]) -> None:
    fact = {"value_text": printed[0], "unit": printed[1]}
    assert both(lambda: fact_parts(fact)) == (zh, en)


def test_a_published_sum_reads_as_a_sum_in_its_row() -> None:
    fact = dict.fromkeys(("growth_pct", "period", "as_of", "source", "scope_note", "note", "doubt"))
    with english():
        cell = _row(fact | {"value_text": "超1200", "unit": "亿元"}, []).children[1]
    assert [cell.children[0].children, cell.children[1]] == ["over CNY 120", " bn"]


def test_no_english_text_counts_in_ten_thousands_or_hundred_millions() -> None:
    assert [text for text in catalogue().values() if "10k" in text or "100m" in text] == []
    assert [catalogue()[name] for name in CLASS_NAME] == [
        "below CNY 100 m",
        "CNY 100–500 m",
        "CNY 0.5–2 bn",
        "CNY 2–5 bn",
        "above CNY 5 bn",
    ]
