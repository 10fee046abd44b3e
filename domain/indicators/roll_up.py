"""How values of several units become one figure (rules §3.3).

Unknown is never 0: a roll-up says how many units reported, which are missing and why a value cannot be given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.reasons import ReasonKey
from domain.units import Number, exact


@dataclass(frozen=True)
class RollUp:
    """One figure made of several units.

    reason: None when complete; "partial" when the value is given for the reporting units only ("4/5 已报", greyed);
    otherwise why there is no value: "not_reported", "no_parts" (不可汇总), "zero_denominator", "zero_base",
    "not_derivable", "mixed_unit" (values in different units are never added).
    """

    value: Fraction | int | None
    numerator: Fraction | int | None
    denominator: Fraction | int | None
    reported: int
    expected: int
    missing: tuple[str, ...]
    reason: ReasonKey | None

    @property
    def partial(self) -> bool:
        """Whether some expected unit is not in the value."""
        return self.reported < self.expected


def _plain(value: Fraction) -> Fraction | int:
    return value.numerator if value.denominator == 1 else value


def _rolled(
    expected: Sequence[str],
    used: Collection[str],
    value: Fraction | None,
    numerator: Fraction | None = None,
    denominator: Fraction | None = None,
    reason: ReasonKey | None = None,
) -> RollUp:
    missing = tuple(unit for unit in expected if unit not in used)
    if reason is None and missing:
        reason = "partial"
    plain = [None if part is None else _plain(part) for part in (value, numerator, denominator)]
    return RollUp(plain[0], plain[1], plain[2], len(expected) - len(missing), len(expected), missing, reason)


def _known(values: Mapping[str, Number | None], expected: Sequence[str]) -> dict[str, Fraction]:
    strangers = [unit for unit in values if unit not in expected]
    if strangers:
        raise ValueError(f"values of units that are not expected: {strangers}")
    return {unit: exact(value) for unit, value in values.items() if value is not None}


def roll_up_sum(values: Mapping[str, Number | None], expected: Sequence[str]) -> RollUp:
    """Sum over units; a missing unit makes it partial, never 0 (rules §3.3.5).

    Raises ValueError for a unit that is not expected.
    """
    known = _known(values, expected)
    if not known:
        return _rolled(expected, known, None, reason="not_reported")
    return _rolled(expected, known, sum(known.values(), Fraction(0)))


def roll_up_ratio(parts: Mapping[str, tuple[Number | None, Number | None]], expected: Sequence[str]) -> RollUp:
    """Σ numerator / Σ denominator over the units having both (rules §3.3.1, §3.3.5).

    Raises ValueError for a unit that is not expected.
    """
    tops = _known({unit: part[0] for unit, part in parts.items()}, expected)
    bottoms = _known({unit: part[1] for unit, part in parts.items()}, expected)
    both = [unit for unit in expected if unit in tops and unit in bottoms]
    if not both:
        return _rolled(expected, both, None, reason="no_parts" if tops or bottoms else "not_reported")
    top = sum((tops[unit] for unit in both), Fraction(0))
    bottom = sum((bottoms[unit] for unit in both), Fraction(0))
    if bottom == 0:
        return _rolled(expected, both, None, top, bottom, "zero_denominator")
    return _rolled(expected, both, top / bottom, top, bottom)


def roll_up_growth(
    current: Mapping[str, Number | None], base: Mapping[str, Number | None], expected: Sequence[str]
) -> RollUp:
    """Growth of the summed levels, over the units having both years (rules §3.3.2); +25 % is 1/4.

    Not for official growth at comparable prices (K05). A base of 0 or less has no growth ("zero_base").
    Raises ValueError for a unit that is not expected.
    """
    pairs = {unit: (current.get(unit), base.get(unit)) for unit in {**current, **base}}
    levels = roll_up_ratio(pairs, expected)
    if levels.denominator is not None and levels.denominator <= 0:
        return RollUp(
            None, levels.numerator, levels.denominator, levels.reported, levels.expected, levels.missing, "zero_base"
        )
    if levels.value is None:
        return levels
    return RollUp(
        _plain(Fraction(levels.value) - 1),
        levels.numerator,
        levels.denominator,
        levels.reported,
        levels.expected,
        levels.missing,
        levels.reason,
    )
