"""Units of area and money, and apportionment that always adds up.

Money is integer 万元 (suffix ``_wan``) and area integer m² (suffix ``_m2``); nothing smaller is stored. 1 亩 = 2000/3 m².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import lcm

MU_M2 = Fraction(2000, 3)
Number = int | float | Decimal | Fraction

WAN, WAN_USD, M2, MU = "万元", "万美元", "m²", "亩"
WAN_MU, WAN_PERSON, WAN_TCE = "万元/亩", "万元/人", "万元/吨标煤"


@dataclass(frozen=True)
class Reading:
    """The unit that people read an amount in: the stored amount × `factor`, with `places` decimals.

    Negative places round to tens: 272,913 m² is read as 273,000.
    """

    unit: str
    factor: Fraction = Fraction(1)
    places: int = 0


_PER_10_000 = Fraction(1, 10_000)
#: Stored unit to the one people read, by language; both show the same number of digits of one amount.
READ: dict[str, dict[str, Reading]] = {
    "zh": {
        WAN: Reading("亿元", _PER_10_000, 1),
        WAN_USD: Reading("亿美元", _PER_10_000, 2),
        M2: Reading("万㎡", _PER_10_000, 1),
        WAN_MU: Reading(WAN_MU, places=1),
        WAN_PERSON: Reading(WAN_PERSON, places=1),
        WAN_TCE: Reading(WAN_TCE, places=1),
    },
    "en": {
        WAN: Reading("CNY bn", Fraction(1, 100_000), 2),
        WAN_USD: Reading("USD m", Fraction(1, 100)),
        M2: Reading(M2, places=-3),
        WAN_MU: Reading("CNY k/mu", Fraction(10)),
        WAN_PERSON: Reading("CNY k/person", Fraction(10)),
        WAN_TCE: Reading("CNY k/tce", Fraction(10)),
    },
}
#: Units that sources print, in stored ones.
PRINTED: dict[str, tuple[str, int]] = {
    "万亿元": (WAN, 10**8),
    "亿元": (WAN, 10**4),
    "万元": (WAN, 1),
    "亿美元": (WAN_USD, 10**4),
    "万美元": (WAN_USD, 1),
    "万㎡": (M2, 10**4),
}
#: A column of single amounts, such as the investment of projects.
COLUMN: dict[str, Reading] = {"zh": Reading("亿元", _PER_10_000, 2), "en": Reading("CNY m", Fraction(1, 100))}
#: Amounts to the last digit that is stored, for readers who add them up.
TO_THE_DIGIT: dict[str, dict[str, Reading]] = {
    "zh": {},
    "en": {
        WAN: Reading("CNY m", Fraction(1, 100), 2),
        WAN_USD: Reading("USD m", Fraction(1, 100), 2),
        WAN_MU: Reading("CNY k/mu", Fraction(10), 1),
        WAN_PERSON: Reading("CNY k/person", Fraction(10), 1),
        WAN_TCE: Reading("CNY k/tce", Fraction(10), 1),
    },
}


def exact(value: Number) -> Fraction:
    """The value as an exact fraction; a float is read as the decimal it prints as (0.1 is 1/10)."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def wan_to_yi(wan: int) -> Decimal:
    """Integer 万元 to 亿元, exact (four decimals)."""
    return Decimal(wan).scaleb(-4)


def rounded(value: Number, places: int = 2) -> Decimal:
    """Half-up rounding to `places` decimals (negative: to tens, hundreds …), for display and for comparison with published figures."""
    fraction = exact(value)
    scaled = abs(fraction) * Fraction(10) ** places
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if fraction >= 0 else -whole).scaleb(-places)


def display_yi(wan: int) -> Decimal:
    """Integer 万元 as 亿元 with two decimals (rules §3.3.7)."""
    return wan_to_yi(wan).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def display_yi_parts(parts_wan: Sequence[int]) -> list[Decimal]:
    """Parts in 万元 (all of one sign) as 亿元 with two decimals that add up to the displayed total (rules §3.3.7).

    Raises ValueError when the parts have different signs.
    """
    if not any(parts_wan):
        return [Decimal("0.00") for _ in parts_wan]
    if min(parts_wan) < 0 < max(parts_wan):
        raise ValueError("parts of different signs have no common apportionment")
    cents = int(display_yi(sum(parts_wan)).scaleb(2))
    shares = largest_remainder(cents, [abs(part) for part in parts_wan])
    return [Decimal(share).scaleb(-2) for share in shares]


def integer_weights(weights: Sequence[Fraction | int]) -> list[int]:
    """The same proportions as integers over one common denominator."""
    scale = lcm(*(Fraction(weight).denominator for weight in weights))
    return [int(weight * scale) for weight in weights]


def largest_remainder(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Split an integer in proportion to the weights so that the parts sum to it exactly (rules §3.3.7, §4.3.5).

    Ties go to the earlier weight. A negative total (a revision) is split as its mirror image. A weight of 0 gets 0.
    Raises ValueError when a weight is negative or all are 0.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    scaled = integer_weights(weights)
    whole = sum(scaled)
    if whole == 0:
        raise ValueError("no positive weight")
    if total < 0:
        return [-part for part in largest_remainder(-total, weights)]
    parts, remainders = [], []
    for weight in scaled:
        quotient, remainder = divmod(total * weight, whole)
        parts.append(quotient)
        remainders.append(remainder)
    left = total - sum(parts)
    for index in sorted(range(len(parts)), key=lambda i: -remainders[i])[:left]:
        parts[index] += 1
    return parts
