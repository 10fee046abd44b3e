"""What an export says of itself: filter, month, scope, provenance, what was left out, and what each column means."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from data.columns import Column as Field
from data.imports.tables import Table
from data.queries.catalogue import Catalogue
from data.queries.question import Question
from domain import words
from domain.filters import Facet
from domain.lifecycle import STAGE_GROUPS
from domain.lights import LIGHT_NAMES
from domain.viewstate import Dataset
from i18n import translate

_LABELS = {
    "table": ("数据表", "Table"),
    "dataset": ("数据集", "Data set"),
    "scheme": ("方案", "Scheme"),
    "period": ("数据月份", "Month"),
    "scope": ("口径", "Scope"),
    "filter": ("筛选", "Filter"),
    "rows": ("行数", "Rows"),
    "role": ("导出角色", "Role"),
    "version": ("数据版本", "Data version"),
    "made": ("导出日期", "Exported on"),
    "crs": ("坐标", "Coordinates"),
    "source": ("数据来源", "Source"),
    "note": ("说明", "Note"),
    "all": ("全部(未筛选)", "everything (no filter)"),
    "none": ("无", "none"),
    "lonlat": ("WGS 84 / CGCS2000 经度、纬度", "WGS 84 / CGCS2000 longitude, latitude"),
    "scope_text": ("在地(逐条记录,未按口径换算)", "territorial (records as they are, divided in no scope)"),
    "left_out": ("当前角色不含以下字段:", "Not for this role, left out: "),
    "unused": ("以下条件不影响本表:", "These conditions do not restrict this table: "),
    "firm_figures": (
        "由单个企业数据形成的指标不向当前角色导出(不足3家或单家超过85%时会泄露单户)",
        "Indicators made of single firms' figures are left out for this role (small cells would give firms away)",
    ),
    "unzoned": ("仅含所选方案园区内的记录", "Only records in zones of the scheme"),
}
_FACETS = {
    Facet.ZONE: ("园区", "Zone"), Facet.CHAIN: ("产业链", "Chain"), Facet.STAGE: ("阶段", "Stage"),
    Facet.LIGHT: ("亮灯", "Light"), Facet.DISTRICT: ("区县", "District"), Facet.KIND: ("跨区类型", "Kind"),
}  # fmt: skip
KINDS = {
    "text": ("文本", "text"), "code": ("代码", "code"), "int": ("整数", "whole number"), "money_wan": ("金额", "money"),
    "money_wan_usd": ("金额", "money"), "area_m2": ("面积", "area"), "ratio": ("比例(0–1)", "ratio (0–1)"),
    "number": ("数值", "number"), "date": ("日期(年-月-日)", "date (yyyy-mm-dd)"),
    "month": ("月份(年-月)", "month (yyyy-mm)"), "bool": ("是/否", "yes/no"), "list": ("多个值,用;分隔", "list, joined by ;"),
    "shares": ("单位=分数,用;分隔", "unit=fraction, joined by ;"), "lon": ("经度", "longitude"), "lat": ("纬度", "latitude"),
    "geometry": ("图形(WKT)", "shape (WKT)"),
}  # fmt: skip


def word(key: str, language: str) -> str:
    """A label in "zh" or "en". Raises KeyError for an unknown one."""
    return _LABELS[key][language == "en"]


@dataclass(frozen=True)
class Definition:
    """One column: its heading, its name in the database, its kind, unit, and what it may hold."""

    heading: str
    name: str
    title: str
    kind: str
    unit: str
    choices: str


@dataclass(frozen=True)
class About:
    """`entries` are (label, text) in reading order; `title` is also what the sheet of the rows is called. `terms` are the
    codes that occur in the rows: code, name, and for an indicator how it is defined."""

    title: str
    entries: tuple[tuple[str, str], ...]
    definitions: tuple[Definition, ...]
    terms: tuple[tuple[str, str, str], ...]
    dataset: str
    period: str
    language: str


def heading(field: Field, language: str) -> str:
    """Heading of a column: Chinese (or English) name and unit."""
    if language != "en":
        return field.heading
    return f"{field.en} ({field.unit})" if field.unit else field.en


def definition(field: Field, language: str) -> Definition:
    """What a field means, for a first sheet or a template."""
    choices = "; ".join(f"{code} {zh}" for code, zh in field.choices)
    return Definition(
        heading(field, language), field.name, field.en if language == "zh" else field.zh,
        KINDS[field.kind][language == "en"], field.unit, choices,
    )  # fmt: skip


def about(
    question: Question,
    table: Table,
    *,
    whole: bool,
    rows: int,
    left_out: Sequence[Field],
    unused: Collection[Facet],
    notes: Sequence[str],
    sources: Sequence[str],
    codes: Collection[str],
    language: str,
) -> About:
    """The description of an extract in "zh" or "en"; `notes` are keys of the labels, `codes` what occurs in the rows."""
    known, at = question.known, question.at
    en = language == "en"
    scheme = known.schemes.get(at.scheme)
    entries = [
        ("table", table.en if en else table.zh),
        ("dataset", translate(words.PROVENANCES[at.provenance], language)),
    ]
    if not whole:
        entries.append(("scheme", (scheme.name_en if en else scheme.name_zh) if scheme else at.scheme))
        entries.append(("period", at.period))
    entries += [
        ("scope", word("scope_text", language)),
        ("filter", word("all", language) if whole else _filter_words(question, en) or word("none", language)),
        ("rows", str(rows)),
        ("crs", word("lonlat", language)),
        ("role", translate(words.ROLES[question.viewer.role.value], language)),
        ("version", str(known.data_version)),
        ("made", date.today().isoformat()),
    ]
    if not whole and table.id not in ("schemes", "boundaries", "policies"):
        entries.append(("note", word("unzoned", language)))
    if left_out:
        entries.append(("note", word("left_out", language) + "、".join(heading(f, language) for f in left_out)))
    if unused:
        entries.append(("note", word("unused", language) + "、".join(sorted(_FACETS[f][en] for f in unused))))
    entries += [("note", word(key, language)) for key in notes]
    entries += [("source", text) for text in sources]
    return About(
        title=table.en if en else table.zh,
        entries=tuple((word(key, language), text) for key, text in entries),
        definitions=tuple(definition(f, language) for f in table.columns if f not in left_out),
        terms=_terms(known, codes, en),
        dataset=next(d.value for d in Dataset if d.provenance == at.provenance),
        period="" if whole else at.period,
        language=language,
    )


def _terms(known: Catalogue, codes: Collection[str], en: bool) -> tuple[tuple[str, str, str], ...]:
    """Code, name and definition of the indicators, zones, units, chains, nodes and land-use classes among `codes`."""
    found: dict[str, tuple[str, str]] = {}
    for k in known.kpis.values():
        found[k.id] = (k.name_en if en else k.name_zh, f"{k.definition} · {k.formula} · {k.unit}")
    for named in (known.zones, known.units, known.chains, known.nodes):
        found |= {code: (one.name_en if en else one.name_zh, "") for code, one in named.items()}
    found |= {f"{scheme}:{code}": (use.name_zh, "") for (scheme, code), use in known.landuse.items()}
    return tuple((code, *found[code]) for code in sorted(codes) if code in found)


def _filter_words(question: Question, en: bool) -> str:
    """The filter in words: names with their codes, OR inside a facet, AND across."""
    names: dict[str, tuple[str, str]] = {
        **{z.code: (z.name_zh, z.name_en) for z in question.known.zones.values()},
        **{u.code: (u.name_zh, u.name_en) for u in question.known.units.values()},
        **{c.code: (c.name_zh, c.name_en) for c in question.known.chains.values()},
        **{n.id: (n.name_zh, n.name_en) for n in question.known.nodes.values()},
    }
    named = {k: (w, translate(w, "en")) for k, w in LIGHT_NAMES.items()} | {
        g.id: (g.name_zh, g.name_en) for g in STAGE_GROUPS.values()
    }
    told = []
    for clause in question.filter.clauses:
        values = [named.get(v, (v, v))[en] if v not in names else f"{names[v][en]}({v})" for v in clause.values]
        told.append(f"{_FACETS[clause.facet][en]}: {' / '.join(values)}")
    return "; ".join(told)
