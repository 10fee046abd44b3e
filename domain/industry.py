"""Industry classes of GB/T 4754: a code means nothing without its edition (rules §2.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

EDITIONS = ("2011", "2017")

_CODE = re.compile(r"\d{2,4}")
_TEXT = re.compile(r"[A-T]?\s*(\d{2,4})(?!\d)\D*")


class IndustryCodeError(ValueError):
    """An industry code without a known edition, or not of two to four digits."""


@dataclass(frozen=True, slots=True, order=True)
class IndustryCode:
    """Division, group or class of one edition. Raises IndustryCodeError for anything else."""

    edition: str
    code: str

    def __post_init__(self) -> None:
        if self.edition not in EDITIONS:
            raise IndustryCodeError(f"unknown edition {self.edition!r} of GB/T 4754; known: {', '.join(EDITIONS)}")
        if not _CODE.fullmatch(self.code):
            raise IndustryCodeError(f"{self.code!r} is not an industry code of two to four digits")

    def __str__(self) -> str:
        return f"GB/T 4754-{self.edition} {self.code}"


#: Numbers that both editions use for different classes: code -> (name in 2011, name in 2017).
REUSED: dict[str, tuple[str, str]] = {
    "3963": ("集成电路制造", "智能无人飞行器制造"),
    "6550": ("集成电路设计", "信息处理和存储支持服务"),
    "6520": ("信息系统集成", "集成电路设计"),
    "3972": ("印制电路板", "半导体分立器件"),
}


def parse(text: str, edition: str) -> IndustryCode:
    """Read "3973", "C3973" or "C3973集成电路制造": the section letter and the name go (rules §2.3).

    Raises IndustryCodeError when no code can be read or the edition is unknown.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise IndustryCodeError(f"no industry code in {text!r}")
    return IndustryCode(edition, match.group(1))


def is_reused(code: str) -> bool:
    """Tell whether the bare number means different things in 2011 and 2017."""
    return code in REUSED
