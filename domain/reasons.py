"""Why a figure, a part of one or a list is not there: the closed list, so that each reason has its words on screen."""

from __future__ import annotations

from typing import Literal

#: The type checker refuses any other key where one is given out; tests/unit/test_reasons.py asks for the words of each.
ReasonKey = Literal[
    # values of several units as one
    "partial",
    "not_reported",
    "no_parts",
    "zero_denominator",
    "zero_base",
    "not_derivable",
    "dual",
    "duplicate_unit",
    "mixed_scope",
    "mixed_period",
    "mixed_accumulation",
    "mixed_unit",
    "mixed_currency",
    # month values of cumulative figures
    "no_january",
    "no_previous_ytd",
    # filters and roles
    "not_filterable",
    "no_records",
    "withheld",
    "suppressed",
    # where a figure comes from, and who counts it
    "not_divisible",
    "reported",
    "no_value",
    # lists without a row
    "no_lines",
    "no_firms",
    "no_data",
    "none_above_scale",
]
