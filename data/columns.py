"""What a column of the database is to people: its names, kind, unit and choices, and who may see it.

Models carry it as ``mapped_column(..., info=shown(…))``. Import tables, templates, exports, the gate and the glossary are
derived from it. A column that is neither ``shown`` nor ``limited`` has no field class: nobody is given it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from domain.viewer import FieldClass

Kind = Literal[
    "text", "code", "int", "money_wan", "money_wan_usd", "area_m2", "ratio", "number", "date", "month", "bool",
    "list", "shares", "lon", "lat", "geometry",
]  # fmt: skip
Choices = tuple[tuple[str, str], ...]
_UNITS = {"money_wan": "万元", "money_wan_usd": "万美元", "area_m2": "㎡"}


@dataclass(frozen=True)
class Child:
    """The row of another table that a shorthand column stands for: `column` of `table`, keyed by the parent and `keys`.

    `per` says that the rest of the key comes out of the heading: a year or a month.
    """

    table: str
    column: str
    keys: Mapping[str, Any] = field(default_factory=dict)
    per: Literal["", "year", "month"] = ""


@dataclass(frozen=True)
class Column:
    """One column. `unit` is the stored unit and stands in a template's heading; `choices` are (stored code, Chinese).

    `refers` is "table.column" of the import tables, or of reference data: unit, landuse, chain, node, kpi. `default` is what
    a new row gets when the file says nothing. `synonyms` are headings offices use, without unit. `field_class` says who
    may see it; None is nobody. `name` is that of the database and the API.
    """

    zh: str
    en: str
    kind: Kind = "text"
    synonyms: tuple[str, ...] = ()
    field_class: FieldClass | None = None
    required: bool = False
    unit: str = ""
    choices: Choices = ()
    refers: str = ""
    default: Any = None
    computed: bool = False  # filled by the program when the file does not give it
    child: Child | None = None
    name: str = ""

    @property
    def heading(self) -> str:
        """Heading in a template: Chinese name and unit."""
        return f"{self.zh}({self.unit})" if self.unit else self.zh


def limited(
    field_class: FieldClass, zh: str, en: str, kind: Kind = "text", *synonyms: str,
    words: Mapping[str, str] | None = None, unit: str = "", **more: Any,
) -> dict[str, Column]:  # fmt: skip
    """``info`` of a column for those who may see `field_class`. `words` are its codes with their Chinese."""
    choices = tuple((words or {}).items())
    unit = unit or _UNITS.get(kind, "")
    return {"column": Column(zh, en, kind, synonyms, field_class, unit=unit, choices=choices, **more)}


def shown(zh: str, en: str, kind: Kind = "text", *synonyms: str, **more: Any) -> dict[str, Column]:
    """``info`` of a column that everybody may see who may see the row."""
    return limited(FieldClass.OPEN, zh, en, kind, *synonyms, **more)


def said(columns: Iterable[Any]) -> dict[str, Column]:
    """What those database columns say of themselves, by name, in their order; silent ones are left out."""
    return {c.key: replace(c.info["column"], name=c.key) for c in columns if "column" in c.info}
