"""Land-use codes: a code means nothing without its scheme (spec §2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Scheme = Literal["YDYH2023", "YDYH2020", "GBT21010_2017", "GB50137_2011"]

#: Schemes and the shape of their codes. GBT21010_2017 includes the working classes of the third survey (08H2).
SCHEME_CODES: dict[str, re.Pattern[str]] = {
    "YDYH2023": re.compile(r"\d{2}(\d{2}){0,2}"),
    "YDYH2020": re.compile(r"\d{2}(\d{2}){0,2}"),
    "GBT21010_2017": re.compile(r"\d{2}(\d{2}|H\d)?[A-Z]?"),
    "GB50137_2011": re.compile(r"[A-Z]\d{0,2}"),
}


class LandUseError(ValueError):
    """A land-use code without a scheme, of an unknown scheme, or of a shape the scheme does not have."""


@dataclass(frozen=True, slots=True, order=True)
class LandUse:
    """One class of one scheme. Raises LandUseError for an unknown scheme or a code of another shape."""

    scheme: str
    code: str

    def __post_init__(self) -> None:
        pattern = SCHEME_CODES.get(self.scheme)
        if pattern is None:
            raise LandUseError(f"unknown land-use scheme {self.scheme!r}; known: {', '.join(SCHEME_CODES)}")
        if not pattern.fullmatch(self.code):
            raise LandUseError(f"{self.code!r} is not a code of {self.scheme}")

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


def parse(text: str) -> LandUse:
    """Read "YDYH2023:1001". Raises LandUseError for a bare code, which is invalid input (spec §2.2)."""
    scheme, colon, code = text.strip().partition(":")
    if not colon:
        raise LandUseError(f"bare land-use code {text!r}: write it with its scheme, such as YDYH2023:{text}")
    return LandUse(scheme.strip(), code.strip())


#: The same digits with another meaning: code -> (name in YDYH2023, name in GBT21010_2017); None = no such code.
COLLISIONS: dict[str, tuple[str | None, str]] = {
    "0601": ("农村道路", "工业用地"),
    "1001": ("工业用地", "铁路用地"),
    "0701": ("城镇住宅用地", "城镇住宅用地"),
    "0508": (None, "物流仓储用地"),
    "1003": ("盐田", "公路用地"),
}

#: Codes that changed from the 2020 trial edition to the 2023 edition; all others kept theirs.
MIGRATION_2020_2023: dict[str, str] = {
    "060102": "1207",
    "0602": "060201",
    "0603": "060202",
    "0604": "060203",
    "090301": "0903",
    "090302": "0903",
    "1312": "1311",
    "1313": "1312",
    "0204": "0205",
    "2302": "2303",
    "2303": "060102",
    "2202": "2206",
}


def migrate_2020(use: LandUse) -> LandUse:
    """Class of the 2023 edition for one of the 2020 edition (spec §2.2).

    One step, never a chain: 2302 becomes 2303 and stays there, although 2303 itself became 060102. Raises
    LandUseError for any other scheme.
    """
    if use.scheme != "YDYH2020":
        raise LandUseError(f"{use} is not of YDYH2020")
    return LandUse("YDYH2023", MIGRATION_2020_2023.get(use.code, use.code))


#: Classes of the third survey that split into several of YDYH2023: never guessed, marked 待细分.
SURVEY_AMBIGUOUS: dict[str, str] = {
    "08H2": "科教文卫用地",
    "0809": "公用设施用地",
    "09": "特殊用地",
    "1005": "交通服务场站用地",
    "1006": "农村道路",
    "1202": "设施农用地",
    "0204": "其他园地",
}
#: Classes of the third survey with exactly one counterpart, as far as the collision table states both names.
_SURVEY_EXACT: dict[str, str] = {"0601": "1001", "0701": "0701", "0508": "1101", "1001": "1201", "1003": "1202"}

Conversion = Literal["exact", "to_be_split", "unknown"]


def from_survey(use: LandUse) -> tuple[LandUse | None, Conversion]:
    """Class of YDYH2023 for one of GBT21010_2017, with how sure it is.

    ("to_be_split": 待细分, ask; "unknown": no rule.) The class is None unless the conversion is exact.
    Raises LandUseError for any other scheme.
    """
    if use.scheme != "GBT21010_2017":
        raise LandUseError(f"{use} is not of GBT21010_2017")
    if use.code in SURVEY_AMBIGUOUS:
        return None, "to_be_split"
    target = _SURVEY_EXACT.get(use.code)
    return (LandUse("YDYH2023", target), "exact") if target else (None, "unknown")


_RESTRICTED: dict[str, str] = {
    "YDYH2023": "1501",
    "YDYH2020": "1501",
    "GBT21010_2017": "0901",
    "GB50137_2011": "H41",
}


def is_restricted(use: LandUse) -> bool:
    """Tell military land, which must never enter the program (spec §2.2, §2.6): 1501 and its counterparts."""
    return use.code.startswith(_RESTRICTED[use.scheme])
