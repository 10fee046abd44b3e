"""Zone schemes from YAML files: `wcsc.yaml` (default) and `wenjiang.yaml` here, any other scheme from any folder.

The keys are the fields of the dataclasses in `domain.scheme`; a share is written as a fraction ("6/10"), a date as text
("2016-03"). An error names the file and the field, because the person who reads it wrote the file by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from domain.scheme import (
    Anchor,
    AreaFact,
    DistrictFile,
    Element,
    GeometrySpec,
    Party,
    Scheme,
    ShareAgreement,
)

FOLDER = Path(__file__).parent

T = TypeVar("T")


def _fields(record: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(record))


_SCHEME, _ELEMENT, _GEOMETRY = _fields(Scheme), _fields(Element), _fields(GeometrySpec)
_PARTY, _AGREEMENT = _fields(Party), _fields(ShareAgreement)
_AREA, _ANCHOR, _DISTRICTS = _fields(AreaFact), _fields(Anchor), _fields(DistrictFile)


class _Node:
    """A mapping of the file with its place in it, so that every message can say where."""

    def __init__(self, value: object, where: str, known: frozenset[str]) -> None:
        if not isinstance(value, Mapping):
            raise ValueError(f"{where}: expected fields and values, got {type(value).__name__}")
        self.value: Mapping[str, Any] = value
        self.where = where
        unknown = sorted(str(key) for key in value if key not in known)
        if unknown:
            raise ValueError(f"{where}.{unknown[0]}: unknown field; known are {', '.join(sorted(known))}")

    def _fail(self, key: str, expected: str) -> ValueError:
        return ValueError(f"{self.where}.{key}: expected {expected}, got {self.value[key]!r}")

    def _has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def text(self, key: str) -> str:
        if not self._has(key):
            raise ValueError(f"{self.where}.{key}: missing")
        if not isinstance(self.value[key], str):
            raise self._fail(key, "text (put quotes round digits and dates)")
        return str(self.value[key])

    def text_or(self, key: str, default: str) -> str:
        return self.text(key) if self._has(key) else default

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self._has(key) else None

    def number(self, key: str) -> float:
        if not self._has(key):
            raise ValueError(f"{self.where}.{key}: missing")
        return self.as_number(self.value[key], key)

    def as_number(self, value: object, key: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self.where}.{key}: expected a number, got {value!r}")
        return float(value)

    def integer(self, key: str) -> int:
        value = self.number(key)
        if value != int(value):
            raise self._fail(key, "a whole number")
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        if not self._has(key):
            return default
        if not isinstance(self.value[key], bool):
            raise self._fail(key, "true or false")
        return bool(self.value[key])

    def items(self, key: str) -> list[Any]:
        if not self._has(key):
            return []
        if not isinstance(self.value[key], list):
            raise self._fail(key, "a list")
        return list(self.value[key])

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.items(key)
        if not all(isinstance(item, str) for item in found):
            raise self._fail(key, "a list of texts")
        return tuple(found)

    def mapping(self, key: str) -> dict[str, Any]:
        if not self._has(key):
            return {}
        value = self.value[key]
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise self._fail(key, "fields whose names are texts (put quotes round codes)")
        return dict(value)

    def points(self, key: str) -> tuple[tuple[float, float], ...]:
        found: list[tuple[float, float]] = []
        for i, point in enumerate(self.items(key)):
            if not isinstance(point, list) or len(point) != 2:
                raise ValueError(f"{self.where}.{key}[{i}]: expected [longitude, latitude], got {point!r}")
            found.append((self.as_number(point[0], f"{key}[{i}]"), self.as_number(point[1], f"{key}[{i}]")))
        return tuple(found)

    def children(self, key: str, known: frozenset[str], read: Callable[[_Node], T]) -> tuple[T, ...]:
        return tuple(
            _build(_Node(item, f"{self.where}.{key}[{i}]", known), read) for i, item in enumerate(self.items(key))
        )


def _build(node: _Node, read: Callable[[_Node], T]) -> T:
    """Read a node; a rule of the domain that it breaks gets the place put before its words."""
    try:
        return read(node)
    except ValueError as error:
        if str(error).startswith(node.where):
            raise
        raise ValueError(f"{node.where}: {error}") from error


def _area(node: _Node) -> AreaFact:
    return AreaFact(
        km2=node.number("km2"),
        as_of=node.text("as_of"),
        source=node.text("source"),
        note=node.text_or("note", ""),
        published=node.flag("published", True),
        current=node.flag("current", False),
    )


def _party(node: _Node) -> Party:
    return Party(
        unit=node.text("unit"),
        role=node.text("role"),
        duties=node.texts("duties"),
        valid_from=node.optional_text("valid_from"),
        valid_to=node.optional_text("valid_to"),
        basis=node.text_or("basis", ""),
        name_zh=node.optional_text("name_zh"),
        name_en=node.optional_text("name_en"),
    )


def _agreement(node: _Node) -> ShareAgreement:
    shares: dict[str, Fraction] = {}
    for unit, share in node.mapping("shares").items():
        expected = f'{node.where}.shares.{unit}: expected a fraction in quotes such as "6/10", got {share!r}'
        if not isinstance(share, str):  # YAML reads an unquoted 6:4 as the number 364, and 0.1 is no exact tenth
            raise ValueError(expected)
        try:
            shares[unit] = Fraction(share)
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(expected) from error
    return ShareAgreement(
        metric_class=node.text("metric_class"),
        shares=shares,
        valid_from=node.optional_text("valid_from"),
        valid_to=node.optional_text("valid_to"),
        basis_doc=node.text("basis_doc"),
        illustrative=node.flag("illustrative", False),
        retention=node.flag("retention", False),
    )


def _anchor(node: _Node) -> Anchor:
    return Anchor(node.text("name_zh"), node.number("lon"), node.number("lat"), node.text("source"))


def _geometry(node: _Node) -> GeometrySpec:
    hosts = {
        code: None if km2 is None else node.as_number(km2, f"hosts.{code}")
        for code, km2 in node.mapping("hosts").items()
    }
    return GeometrySpec(
        kind=node.text("kind"),
        sketch=node.points("sketch"),
        hosts=hosts,
        edges={side: str(kind) for side, kind in node.mapping("edges").items()},
        file=node.optional_text("file"),
        layer=node.optional_text("layer"),
        where={column: str(value) for column, value in node.mapping("where").items()},
    )


def _element(node: _Node) -> Element:
    if "geometry" not in node.value:
        raise ValueError(f"{node.where}.geometry: missing")
    name_zh = node.text("name_zh")
    return Element(
        code=node.text("code"),
        name_zh=name_zh,
        name_en=node.text("name_en"),
        short_zh=node.text_or("short_zh", name_zh),
        role=node.text("role"),
        order=node.integer("order"),
        geometry=_build(_Node(node.value["geometry"], f"{node.where}.geometry", _GEOMETRY), _geometry),
        authority=node.optional_text("authority"),
        alias_zh=node.texts("alias_zh"),
        zone_type=node.optional_text("zone_type"),
        functional_area=node.optional_text("functional_area"),
        leading_chains=node.texts("leading_chains"),
        parties=node.children("parties", _PARTY, _party),
        agreements=node.children("agreements", _AGREEMENT, _agreement),
        areas=node.children("areas", _AREA, _area),
        statutory_note=node.text_or("statutory_note", ""),
        boundary_note=node.text_or("boundary_note", ""),
        anchors=node.children("anchors", _ANCHOR, _anchor),
        short_en=node.text_or("short_en", ""),
    )


def _district_file(node: _Node) -> DistrictFile:
    return DistrictFile(
        file=node.text("file"),
        layer=node.optional_text("layer"),
        code=node.text_or("code", "code"),
        name_zh=node.text_or("name_zh", "name_zh"),
        name_en=node.text_or("name_en", "name_en"),
        source=node.text_or("source", ""),
    )


def _scheme(node: _Node) -> Scheme:
    name_zh = node.text("name_zh")
    own = node.value.get("districts")
    return Scheme(
        id=node.text("id"),
        name_zh=name_zh,
        name_en=node.text("name_en"),
        area_crs=node.text("area_crs"),
        boundary_source=node.text("boundary_source"),
        city_prefix=node.text_or("city_prefix", "") if own is not None else node.text("city_prefix"),
        elements=node.children("elements", _ELEMENT, _element),
        short_zh=node.text_or("short_zh", name_zh),
        note=node.text_or("note", ""),
        default=node.flag("default", False),
        districts=None if own is None else _build(_Node(own, f"{node.where}.districts", _DISTRICTS), _district_file),
    )


def load_scheme(path: Path) -> Scheme:
    """The scheme in one YAML file. Raises ValueError "<file>.<field>: what is wrong" for anything unfit (rules §1.1)."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: not readable as YAML: {error}") from error
    return _build(_Node(content, path.name, _SCHEME), _scheme)


def load_schemes(directory: Path = FOLDER) -> dict[str, Scheme]:
    """All schemes of a folder by id, the default one first, then by id.

    Raises ValueError when a file is unfit, when two files use one id, or when more than one calls itself the default.
    """
    found: dict[str, Scheme] = {}
    for path in sorted((*directory.glob("*.yaml"), *directory.glob("*.yml"))):
        scheme = load_scheme(path)
        if scheme.id in found:
            raise ValueError(f"{path.name}.id: the scheme id {scheme.id} is already used by another file")
        found[scheme.id] = scheme
    if sum(scheme.default for scheme in found.values()) > 1:
        raise ValueError(f"{directory}: more than one scheme is marked as default")
    return dict(sorted(found.items(), key=lambda item: (not item[1].default, item[0])))


@lru_cache(maxsize=1)
def shipped_schemes() -> Mapping[str, Scheme]:
    """The schemes that come with the program, read once."""
    return load_schemes()
