"""The 一体化招商目录 as a workbook: first what it is, then its rows, then who is courted for who may know."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any

import xlsxwriter

from data.queries.catalogue import Catalogue
from data.queries.chain_nodes import Target
from data.queries.investment_catalogue import CatalogueEntry
from data.queries.question import Question
from i18n import _, pick
from views.parts.chain_view import STATES
from views.parts.format import DATASETS
from views.parts.project_card import unit_name

_WIDE, _NARROW = 28, 12


def file_name(period: str) -> str:
    """Name of the file: subject, date, scope."""
    return f"{_('一体化招商目录')}_{period}_{_('在地口径')}.xlsx"


def catalogue_workbook(
    question: Question, entries: Sequence[CatalogueEntry], targets: Sequence[Target], *, chain: str | None, role: str
) -> bytes:
    """The workbook of what the viewer sees: `entries` and `targets` have passed the gate, nothing is looked up here.

    Texts are string cells, so a name that begins with "=" stays a name. `chain` None means all chains.
    """
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    counted = any(e.target_firms is not None for e in entries)
    _sheet(book, bold, _("说明"), (_("项"), _("内容")), _about(question, chain, role, len(entries)))
    header = [_("序"), _("产业链"), _("节点"), _("节点代码"), _("环节"), _("状态"), _("在补"), _("强度 0–100"),
              _("重要度"), _("下游需求企业 家"), _("优先级"), _("目标画像"), _("本地上游节点"), _("在途项目 个"),
              _("适宜园区(主导链·载体·地块)"), _("适用政策")]  # fmt: skip
    if counted:
        header.insert(12, _("在谈对象 个"))
    rows = [_row(question.known, n, entry, counted) for n, entry in enumerate(entries, 1)]
    _sheet(book, bold, _("目录"), header, rows)
    if targets:
        nodes = {e.node.id for e in entries}
        _sheet(
            book,
            bold,
            _("在谈对象"),
            (_("节点代码"), _("节点"), _("项目"), _("企业"), _("园区")),
            [
                (t.node_id, _node(question.known, t.node_id), t.project, t.firm, unit_name(question.known, t.zone_code))
                for t in targets
                if t.node_id in nodes
            ],
        )
    book.close()
    return buffer.getvalue()


def _about(question: Question, chain: str | None, role: str, count: int) -> list[tuple[str, str | int]]:
    known, at = question.known, question.at
    versions = sorted({c.version for c in known.chains.values()})
    chosen = known.chains.get(chain or "")
    return [
        (_("表名"), _("一体化招商目录")),
        (_("数据截至"), question.month or _("没有月度数据")),
        (_("口径"), _("在地:企业与项目按所在园区")),
        (_("数据集"), _(DATASETS[question.state.dataset.value])),
        (_("方案"), pick(known.schemes[at.scheme].name_zh, known.schemes[at.scheme].name_en)),
        (_("园区"), _("、").join(unit_name(known, z) for z in at.chosen)),
        (_("产业链"), pick(chosen.name_zh, chosen.name_en) if chosen else _("全部")),
        (_("产业链分类版本"), _("、").join(versions)),
        (_("行数"), count),
        (_("角色"), role),
        (_("强度"), _("40·min(1,企业数/5)+30·min(1,产值/链内节点产值中位数)+20·有链主+10·有平台")),
        (_("状态"), _("无企业为缺失;强度低于35薄弱,35至70一般,70及以上优势;缺失或薄弱且有在途项目为在补")),
        (_("优先级"), _("重要度×(100−强度)×下游需求企业数;只列缺失与薄弱节点")),
        (_("下游需求企业"), _("下游节点企业去重计数;一家企业可在多个节点,节点合计大于总数")),
        (_("适宜园区"), _("先主导链,再年内可用载体数,再可供地块数;括号内为 载体数/地块数")),
    ]


def _node(known: Catalogue, node_id: str) -> str:
    node = known.nodes[node_id]
    return pick(node.name_zh, node.name_en)


def _row(known: Catalogue, number: int, entry: CatalogueEntry, counted: bool) -> list[Any]:
    row, node = entry.row, entry.node
    found = row.assessment
    zones = _("；").join(
        f"{unit_name(known, z.zone)}{_('·主导链') if z.lead_chain else ''}({z.carriers}/{z.plots})" for z in row.zones
    )
    cells: list[Any] = [
        number, _chain(known, row.chain), pick(node.name_zh, node.name_en), node.id, _(node.tier),
        _(STATES[found.state]) if found.state else None, _("是") if found.filling else _("否"),
        found.strength, row.criticality, row.demand, row.priority, row.target_profile,
        _("、").join(_node(known, s) for s in entry.suppliers), entry.pipeline, zones, _("；").join(row.policies),
    ]  # fmt: skip
    if counted:
        cells.insert(12, entry.target_firms)
    return cells


def _chain(known: Catalogue, code: str) -> str:
    chain = known.chains[code]
    return pick(chain.name_zh, chain.name_en)


def _sheet(book: Any, bold: Any, name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.add_worksheet(name[:31])
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, _NARROW if len(title) <= 4 and column else _WIDE)
    for line, cells in enumerate(rows, 1):
        for column, value in enumerate(cells):
            if isinstance(value, int | float | Fraction):
                sheet.write_number(line, column, round(float(value), 2))
            elif value is not None:
                sheet.write_string(line, column, str(value))
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(header) - 1)
