"""Investment project codes (投资项目代码) of the online approval platform (rules §2.1.4).

The six digits in the middle name the approving authority. They are never a location: 510109 stands for
成都高新区, is not in GB/T 2260, and appears on a road that lies in 简阳市.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: Authority codes that are not districts -> the functional area behind them. Editable: pass another mapping.
AUTHORITY_ALIASES: Mapping[str, str] = {"510109": "CD-GXQ"}

_PATTERN = re.compile(r"(\d{4})-(\d{6})-(\d{2})-(\d{2})-(\d{6})")
_DASHES = str.maketrans("－–—−", "----")
#: The platform numbered by year before it numbered by year and month; these years are no valid YYMM.
_YEAR_FORM = range(2016, 2021)


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """A parsed code. `month` is None in the older form, which gives only the year."""

    text: str
    year: int
    month: int | None
    authority_code: str
    industry_code: str
    type_code: str
    serial: str

    def approval_authority(self, aliases: Mapping[str, str] = AUTHORITY_ALIASES) -> str:
        """Unit that approves the project: the alias of its authority code, or the code itself."""
        return aliases.get(self.authority_code, self.authority_code)


def parse(text: str) -> ProjectCode:
    """Read `YYMM-DDDDDD-II-TT-NNNNNN`, or the older form with a four-digit year.

    Any six-digit authority is accepted: a validator of GB/T 2260 codes would drop real data. Raises ValueError
    for another shape or an impossible month.
    """
    clean = text.strip().translate(_DASHES)
    match = _PATTERN.fullmatch(clean)
    if match is None:
        raise ValueError(f"{text!r} is not a project code like 2404-510109-04-01-123456")
    stamp, authority, industry, kind, serial = match.groups()
    year, month = 2000 + int(stamp[:2]), int(stamp[2:])
    if 1 <= month <= 12:
        return ProjectCode(clean, year, month, authority, industry, kind, serial)
    if int(stamp) in _YEAR_FORM:
        return ProjectCode(clean, int(stamp), None, authority, industry, kind, serial)
    raise ValueError(f"{text!r}: {stamp!r} is neither a year and month nor a year")
