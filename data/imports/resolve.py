"""Codes and names in a file to the codes of the database: zones, units, land use, chains, indicators, the owner's records."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data import reference
from data.imports.headings import plain
from data.imports.tables import PROVENANCE, TABLES
from data.imports.values import Refused
from domain.landuse import MIGRATION_2020_2023, NAMES, LandUse, LandUseError, is_restricted, migrate_2020

_WHAT = {
    "unit": "行政区与功能区", "landuse": "用地分类", "chain": "产业链", "node": "产业链环节", "kpi": "指标",
}  # fmt: skip


_CODE = re.compile(r"[a-z]\d{0,2}(?![a-z\d])|\d{2}(?:h\d|\d{2})?(?:\d{2})?[a-z]?")
_CODE_WIDTH = 8


class Resolver:
    """Looks codes and names up; tables are read once, when first asked for. `scheme` is the zone scheme names belong to."""

    def __init__(self, session: Session, scheme: str | None) -> None:
        self._session = session
        self._scheme = scheme
        self._words: dict[str, dict[str, set[str]]] = {}
        self._landuse: dict[tuple[str, str], tuple[str, bool]] | None = None

    def find(self, refers: str, value: str) -> str:
        """The code meant by a code or name. Raises Refused when there is none, or more than one."""
        words = self._of(refers)
        found = words.get(plain(value))
        if not found:
            found = words.get(plain(value).removesuffix("市辖区")) or set()
        if len(found) == 1:
            return next(iter(found))
        what = _WHAT.get(refers) or TABLES[refers.partition(".")[0]].zh
        if not found:
            raise Refused("unknown_reference", what=what, value=value)
        raise Refused("ambiguous_reference", what=what, value=value, count=len(found))

    def landuse(self, scheme: str, value: str) -> str:
        """The class of a land-use scheme meant by a code or name; Refused("military") for military land (rules §2.6.2)."""
        table = self._landuse_table()
        if "军事" in value:
            raise Refused("military")
        found = table.get((scheme, plain(value)))
        if found is None and (start := _CODE.match(plain(value))):  # "1001工业用地", "m1一类工业用地", "08h2a"
            found = table.get((scheme, start.group()))
            if found is None:
                found = self._finer(scheme, start.group().upper())
        if found is None:
            raise Refused("unknown_reference", what=f"{_WHAT['landuse']} {scheme}", value=value)
        code, loadable = found
        if not loadable:
            raise Refused("military")
        return code

    def _finer(self, scheme: str, code: str) -> tuple[str, bool] | None:
        """A class below one that is known, of the schemes whose finest classes are not listed: R21, 0101K."""
        if scheme not in NAMES or len(code) > _CODE_WIDTH:
            return None
        try:
            use = LandUse(scheme, code)
        except LandUseError:
            return None
        above = code[:-1] if len(code) > 2 else ""
        return (code, not is_restricted(use)) if above in NAMES[scheme] else None

    def _landuse_table(self) -> dict[tuple[str, str], tuple[str, bool]]:
        if self._landuse is None:
            self._landuse = {}
            for use in reference.landuse_classes().values():
                for word in (use.code, use.name_zh):
                    self._landuse.setdefault((use.scheme, plain(word)), (use.code, use.loadable))
            self._landuse |= _edition_2020(self._landuse)
            for scheme, names in NAMES.items():
                for code, name in names.items():
                    entry = (code, not is_restricted(LandUse(scheme, code)))
                    self._landuse[scheme, plain(code)] = entry
                    self._landuse.setdefault((scheme, plain(name)), entry)
        return self._landuse

    def add(self, refers: str, code: str, names: Iterable[str | None]) -> None:
        """Make a record of the file itself known, so that rows below can refer to it."""
        words = self._of(refers)
        for name in (code, *names):
            if name:
                words.setdefault(plain(name), set()).add(code)

    def _of(self, refers: str) -> dict[str, set[str]]:
        if refers not in self._words:
            found: dict[str, set[str]] = defaultdict(set)
            for code, names in self._read(refers):
                for name in names:
                    if name:
                        found[plain(str(name))].add(code)
            for code, _names in self._read(refers):  # a code means itself, whatever else has that name
                found[plain(code)] = {code}
            self._words[refers] = dict(found)
        return self._words[refers]

    def _read(self, refers: str) -> list[tuple[str, tuple[Any, ...]]]:
        session = self._session
        rows: Sequence[Any]
        if refers == "zones.code":
            zone = m.Zone
            statement = select(zone.code, zone.name_zh, zone.short_zh, zone.alias_zh, zone.name_en, zone.scheme_id)
            rows = session.execute(statement).all()
            if self._scheme is not None:
                rows = [row for row in rows if row.scheme_id == self._scheme] or rows
            return [(r.code, (r.name_zh, r.short_zh, r.name_en, *(r.alias_zh or "").split("、"))) for r in rows]
        if refers == "unit":
            rows = session.execute(select(m.AdminUnit.code, m.AdminUnit.name_zh, m.AdminUnit.name_en)).all()
            found = [(r.code, (r.name_zh, r.name_en, _short(r.name_zh))) for r in rows]
            aliases = session.execute(select(m.AdminAlias.alias, m.AdminAlias.code)).all()
            return [*((r.code, (r.alias,)) for r in aliases), *found]
        if refers == "chain":
            rows = session.execute(select(m.Chain.code, m.Chain.name_zh, m.Chain.name_en)).all()
            return [(r.code, (r.name_zh, r.name_en)) for r in rows]
        if refers == "node":
            rows = session.execute(select(m.ChainNode.id, m.ChainNode.name_zh, m.ChainNode.name_en)).all()
            return [(r.id, (r.name_zh, r.name_en)) for r in rows]
        if refers == "kpi":
            rows = session.execute(select(m.KpiDefinition.id, m.KpiDefinition.name_zh, m.KpiDefinition.name_en)).all()
            return [(r.id, (r.name_zh, r.name_en)) for r in rows]
        if refers == "schemes.id":
            rows = session.execute(select(m.ZoneScheme.id, m.ZoneScheme.name_zh)).all()
            return [(r.id, (r.name_zh,)) for r in rows]
        return self._records(refers)

    def _records(self, refers: str) -> list[tuple[str, tuple[Any, ...]]]:
        """The owner's own records of a table, by id and by the columns that name them."""
        table = TABLES[refers.partition(".")[0]]
        columns = {c.name: c for c in table.model.__table__.columns}
        names = [name for natural in table.natural for name in natural[:1] if name in columns]
        statement = select(columns["id"], *(columns[name] for name in names))
        if "provenance" in columns:
            statement = statement.where(columns["provenance"] == PROVENANCE)
        return [(str(row[0]), tuple(row[1:])) for row in self._session.execute(statement)]


def _edition_2020(table: dict[tuple[str, str], tuple[str, bool]]) -> dict[tuple[str, str], tuple[str, bool]]:
    """Classes of the 2020 edition: those of 2023 under the codes they had then. A name is only taken where the code stayed."""
    codes = {code for (scheme, _word), (code, _loadable) in table.items() if scheme == "YDYH2023"}
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for code in {*codes, *MIGRATION_2020_2023}:
        use = LandUse("YDYH2020", code)
        if migrate_2020(use).code in codes:
            found["YDYH2020", plain(code)] = (code, not is_restricted(use))
    for (scheme, word), (code, loadable) in table.items():
        if scheme == "YDYH2023" and code not in MIGRATION_2020_2023 and code not in MIGRATION_2020_2023.values():
            found.setdefault(("YDYH2020", word), (code, loadable))
    return found


def _short(name: str) -> str | None:
    return name[:-1] if len(name) > 2 and name[-1] in "区县市" else None
