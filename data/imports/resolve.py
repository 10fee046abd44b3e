"""Codes and names in a file to the codes of the database: zones, units, land use, chains, indicators, the owner's records."""

from __future__ import annotations

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

_WHAT = {
    "unit": "行政区与功能区", "landuse": "用地分类", "chain": "产业链", "node": "产业链环节", "kpi": "指标",
}  # fmt: skip


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
        """The class of a land-use scheme meant by a code or name; Refused("military") for military land (spec §2.6)."""
        table = self._landuse_table()
        found = table.get((scheme, plain(value)))
        if found is None:
            digits = "".join(c for c in value if c.isdigit())  # "1001工业用地", "100101 一类工业用地"
            found = table.get((scheme, digits)) if len(digits) >= 2 else None
        if "军事" in value or plain(value) == "1501":
            raise Refused("military")
        if found is None:
            raise Refused("unknown_reference", what=f"{_WHAT['landuse']} {scheme}", value=value)
        code, loadable = found
        if not loadable:
            raise Refused("military")
        return code

    def _landuse_table(self) -> dict[tuple[str, str], tuple[str, bool]]:
        if self._landuse is None:
            self._landuse = {}
            for use in reference.landuse_classes().values():
                for word in (use.code, use.name_zh):
                    self._landuse.setdefault((use.scheme, plain(word)), (use.code, use.loadable))
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


def _short(name: str) -> str | None:
    return name[:-1] if len(name) > 2 and name[-1] in "区县市" else None
