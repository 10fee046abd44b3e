"""The page that brings the owner's files in: upload, look, map columns, check, commit, take back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component
from sqlalchemy.orm import Session

from data.exports.extract import holdings
from data.imports.finding import NAMES, SEVERITIES
from data.imports.mapping import Column
from data.imports.problem import MB
from data.imports.tables import TABLES, Table
from data.imports.told import DATUM_ASKED, Asked, Looked, Problem, Told
from data.imports.told import State as Progress
from data.imports.values import units_beside
from data.imports.words import text
from data.queries.catalogue import catalogue
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import to_query
from i18n import N_, _, language, pick
from settings import get_settings
from views.page import Page, Part
from views.pages.desk import card, num, page, page_head, table
from views.parts.block import head
from views.parts.button import tells
from views.parts.drop_menu import downloads, exports
from views.parts.format import NONE, number, percent
from views.parts.map_frame import map_frame

if TYPE_CHECKING:
    from data.imports.commit import BatchInfo

PATH = "/data"
#: Who may bring data in: those who see all of it.
IMPORTERS = frozenset({Role.LEADERSHIP, Role.PLANNER})
SKIP = "-"
AUTO = "auto"
DATUMS = (("WGS84", "WGS 84"), ("CGCS2000", "CGCS2000"), ("GCJ02", "GCJ-02"), ("BD09", "BD-09"))
#: Colours of the rows on the preview: as the file has them, and converted.
AS_IT_IS, CONVERTED = "#E8590C", "#D6336C"
STEPS = {
    "start": N_("启动"), "unpack": N_("解压"), "read": N_("读取"), "check": N_("核对"), "place": N_("落位"),
    "compare": N_("比对"), "write": N_("写入"), "derive": N_("推算"), "tiles": N_("生成切片"),
}  # fmt: skip
STATES = {"committed": N_("已入库"), "undone": N_("已撤销")}
ENDS = {
    "cancelled": N_("已取消,数据库未改动"),
    "lost": N_("处理进程已中断,数据库未改动;请重试"),
}
#: Where the process was writing when it died, only the list of batches knows.
LOST_WRITING = N_("处理进程已中断;是否写入以下方批次列表为准")


def may_import(viewer: Viewer) -> bool:
    """Whether the viewer may bring data in and take it back."""
    return viewer.role in IMPORTERS and not viewer.units


def batches_of(session: Session) -> list[BatchInfo]:
    """The batches of own data."""
    # The import loads the libraries of GIS files, which take a second: no page but this one waits for them.
    from data.imports.commit import batches

    return batches(session)


def build(question: Question) -> html.Div:
    """The page; callbacks/data.py fills its parts as an import goes on."""
    most_mb = get_settings().import_max_mb
    title = page_head(_("数据"), _("把各部门的文件变成一张图:上传、核对、入库,随时可撤销"))
    main: list[Component | None] = [
        title,
        card(
            html.Div(steps(1), id="data-steps"),
            html.Div(
                [
                    html.Span("⇪", className="drop-mark", **{"aria-hidden": "true"}),
                    html.B(_("把文件拖到这里,或点击选择")),
                    html.Span(
                        "xlsx · xls · csv · GeoJSON · Shapefile(zip) · GeoPackage · FlatGeobuf · KML · DXF",
                        className="quiet",
                    ),
                    html.Div(id="data-upload", className="upload-words", role="status"),
                ],
                id="data-drop",
                className="drop",
                tabIndex=0,
                role="button",
                **{
                    "data-sending": _("正在上传 {percent}%"),
                    "data-failed": _("上传失败:{reason}"),
                    "data-broken": text("upload_broken", {}),
                    "data-most": str(most_mb * MB),
                    "data-large": text("too_big", {"size": "{size}", "limit": most_mb}),
                },
            ),
            html.P(_("表格、矢量图层;每次导入是一个批次,要么全部写入,要么一行不写"), className="note"),
            html.Div(id="data-progress"),
        ),
        html.Div(id="data-body"),
        card(html.Div(files(question), id="data-files")),
        card(
            head(_("批次"), _("自有数据由这些批次组成")),
            html.Div(id="data-undoing"),
            html.Div(batch_list(batches_of(question.session)), id="data-batches"),
        ),
        dcc.Store(id="data-job"),
        dcc.Store(id="data-undo-job"),
        dcc.Store(id="data-stage"),
        dcc.Store(id="data-act"),
        dcc.Interval(id="data-tick", interval=700, disabled=True),
        dcc.Interval(id="data-undo-tick", interval=700, disabled=True),
    ]
    return page(question, PATH, main, "desk--data")


#: What an import goes through.
WAY = (N_("上传"), N_("核对"), N_("入库"))


def steps(here: int, said: Sequence[str] = ()) -> html.Ol:
    """The three steps, the present one (from 1) marked; `said` is what each that is done has come to, and stays in sight."""
    return html.Ol(
        [
            html.Li(
                [
                    html.Span("✓" if n < here else str(n), className="step-mark"),
                    html.B(_(name)),
                    html.Span(said[n - 1] if n <= len(said) else "", className="quiet"),
                ],
                className="step" + (" is-done" if n < here else " is-here" if n == here else ""),
                **({"aria-current": "step"} if n == here else {}),
            )
            for n, name in enumerate(WAY, 1)
        ],
        className="steps",
    )


def come_to(asked: Asked, looked: Looked, checked: Told | None = None, done: Told | None = None) -> html.Ol:
    """The steps after what has happened: looked at, checked, written."""
    said = [_("{name} · {n} 行", name=asked.name, n=number(looked.rows))]
    told = done or checked
    if told is not None:
        words = _("新增 {new} · 更新 {changed} · 未导入 {refused}", new=number(told.new), changed=number(told.changed),
                  refused=number(told.refused))  # fmt: skip
        said.append(words)
    if done is not None:
        said.append(_("第 {n} 批已入库", n=done.batch) if done.batch is not None else _("没有变化"))
    return steps(len(said) + 1, said)


def files(question: Question) -> html.Div:
    """All tables: how many records each holds in the state on screen, its empty template, and the records as files."""
    query, held = to_query(question.state.away()), holdings(question)
    tables = list(TABLES.values())
    half = -(-len(tables) // 2)
    whole = (_("GeoPackage,含 QGIS 样式"), f"/api/v1/export/workspace.gpkg{'?' + query if query else ''}", "")
    return html.Div(
        [
            html.Div(
                [
                    html.H2(_("数据表")),
                    html.Small(_("{n} 张 · 记录数随当前数据集与筛选 · 模板带表头、单位、允许值、示例行", n=len(tables)),
                               className="quiet"),
                    html.Div(downloads(_("整个工作区"), [whole]), className="controls"),
                ],
                className="list-head",
            ),
            html.Div([_tables(tables[:half], held, query), _tables(tables[half:], held, query)], className="files-halves"),
        ]
    )  # fmt: skip


def _tables(tables: Sequence[Table], held: Mapping[str, int | None], query: str) -> html.Table:
    other = language() != "en"  # where the reader's language is English its name stands first and alone
    heads = [(_("数据表"), ""), *([(_("英文名"), "")] if other else []), (_("记录"), "num"), ("", "")]
    rows = [
        html.Tr(
            [
                html.Td(pick(t.zh, t.en)),
                html.Td(t.en, className="quiet") if other else None,
                num(number(held[t.id]), title=_("当前角色不可取") if held[t.id] is None else ""),
                html.Td(downloads(_("下载"), _files_of(t, held[t.id] is not None, query),
                                  label=_("下载 {name}", name=pick(t.zh, t.en)))),
            ],
            **{"data-table": t.id},
        )
        for t in tables
    ]  # fmt: skip
    return html.Table(
        [html.Thead(html.Tr([html.Th(words, className=look) for words, look in heads])), html.Tbody(rows)],
        className="mini files",
    )


def _files_of(t: Table, allowed: bool, query: str) -> list[tuple[str, str, str]]:
    """The empty template of a table, and where the role may have them its records."""
    template = (_("空模板 xlsx"), f"/data/template/{t.id}.xlsx", f"{t.id}.xlsx")
    return [template, *(exports(t.id, query, placed=bool(t.geometry or t.shapes)) if allowed else ())]


# --- progress -----------------------------------------------------------------------------------------------------------


def progress(state: Progress, token: str) -> Component | None:
    """How far the running step of a job is, with its rate and the time left; how it ended when it did not end well."""
    if state.state == "running":
        share = state.done / state.total if state.total else 0
        words = [_(STEPS.get(state.what, "处理"))]
        if state.total:
            words.append(f"{number(state.done)} / {number(state.total)}")
        if state.rate:
            words.append(_("每秒 {n}", n=number(state.rate)))
        if state.left is not None:
            words.append(_("还需 {n} 秒", n=number(max(1, round(state.left)))))
        return html.Div(
            [
                html.Div(
                    html.Span(style={"width": f"{share:.0%}"}, className="progress-fill"),
                    className="progress-bar" + ("" if state.total else " is-open"),
                    role="progressbar",
                ),
                html.Div(
                    [
                        html.Span(" · ".join(words)),
                        html.Button(
                            _("取消"),
                            **tells("data-act", act="cancel", job=token),
                            className="link-button",
                            type="button",
                        ),
                    ],
                    className="progress-words",
                ),
            ],
            className="import-progress",
        )
    reason = text(state.code, state.values) if state.code else _("程序出错,已记入日志")
    if state.state == "done" and state.code is not None:
        return problem(_("报告没有写成,数据不受影响"), reason)
    if state.state == "failed":
        return problem(_("没有撤销") if state.step == "undo" else _("没有导入"), reason)
    if state.state in ENDS:
        writing = state.state == "lost" and state.step in ("commit", "undo")
        return html.Div(_(LOST_WRITING if writing else ENDS[state.state]), className="import-problem", role="alert")
    return None


def problem(what: str, why: str) -> html.Div:
    """What did not happen, and why."""
    return html.Div([html.B(what), html.Span(why)], className="import-problem", role="alert")


# --- what was found ------------------------------------------------------------------------------------------------------


def mapping_form(session: Session, asked: Asked, looked: Looked) -> html.Div:
    """What the file holds, where each column goes, and the ways to read coordinates."""
    chosen = TABLES[looked.mapping.table]
    facts = [
        asked.name,
        _("{n} 行", n=number(looked.rows)),
        _("标题行 {n}", n=looked.heading_row) if looked.heading_row else None,
        _("编码 {name}", name=looked.encoding) if looked.encoding else None,
        _("表题“{name}”", name=looked.title) if looked.title else None,
        _coordinates(looked),
        _("沿用已存映射“{name}”", name=looked.saved) if looked.saved else None,
    ]
    lacking = [pick(chosen.by_name[name].zh, chosen.by_name[name].en) for name in looked.missing]
    return html.Div(
        [
            card(
                head(_("看一看:这是什么"), " · ".join(f for f in facts if f)),
                html.Div(
                    [
                        _labelled(_("导入为"), dmc.Select(
                            id="data-table", value=chosen.id, size="sm", w=190, searchable=True, allowDeselect=False,
                            data=[{"value": t.id, "label": pick(t.zh, t.en)} for t in TABLES.values()],
                        )),
                        _labelled(_("工作表或图层"), dmc.Select(
                            id="data-sheet", value=looked.sheet, size="sm", w=190, allowDeselect=False,
                            data=[{"value": name, "label": f"{name} ({number(rows)})"} for name, rows in looked.sheets],
                        )),
                        _labelled(_("坐标系"), dmc.TextInput(
                            id="data-crs", value=asked.crs or "", placeholder="EPSG:4490", size="sm", w=130,
                        )),
                        _labelled(_("坐标基准"), dmc.Select(
                            id="data-datum", value=asked.datum or AUTO, size="sm", w=130, allowDeselect=False,
                            data=[{"value": AUTO, "label": _("按文件")}, *({"value": v, "label": n} for v, n in DATUMS)],
                        )),
                        _labelled(_("年份(表头只有月份时)"), dmc.NumberInput(
                            id="data-year", value=asked.year or looked.mapping.year or "", min=1990, max=2100, size="sm",
                            w=150, allowDecimal=False, hideControls=True,
                        )),
                        _labelled(_("方案"), dmc.Select(
                            id="data-scheme", value=asked.scheme, size="sm",
                            w=220, allowDeselect=False,
                            data=[{"value": s.id, "label": pick(s.name_zh, s.name_en)}
                                  for s in catalogue(session).schemes.values()],
                        )),
                    ],
                    className="import-options",
                ),
                _unread(looked.unread),
                html.P(_("缺少必填列:{names};在下方“固定值”里给出,或换一个导入表", names=_("、").join(lacking)),
                       className="warning") if lacking else None,
                _columns(chosen, looked),
                _constants(chosen, looked),
                html.Div(
                    [
                        dmc.Checkbox(id="data-all", checked=bool(asked.all_or_nothing), size="sm",
                                     label=_("有一行出错就全部不写")),
                        dmc.Checkbox(id="data-blanks", checked=bool(asked.blanks_clear), size="sm",
                                     label=_("空单元格清除原值")),
                        dmc.TextInput(id="data-save", value=asked.save_as or "", size="sm", w=220,
                                      placeholder=_("映射另存为(下月同表自动沿用)")),
                        html.Button(_("核对"), **tells("data-act", act="check"), className="primary-button", type="button"),
                    ],
                    className="import-actions",
                ),
            ),
        ]
    )  # fmt: skip


def _coordinates(looked: Looked) -> str | None:
    """Where positions come from: shapes with their CRS, or two columns."""
    if looked.geometry:
        return _("坐标来自图形({crs})", crs=looked.crs or _("未声明坐标系"))
    named = {c.field: c.heading for c in looked.mapping.columns}
    if "lon" in named and "lat" in named:
        return _("坐标来自列“{x}”“{y}”", x=named["lon"], y=named["lat"])
    return _("坐标来自列“{x}”", x=named["geom"]) if "geom" in named else None


def _unit(chosen: Table, c: Column) -> Component | str:
    """The unit of a column's cells, to be chosen where offices use several."""
    stored = chosen.by_name[c.field].unit if c.field else ""
    units = units_beside(stored)
    if len(units) < 2:
        return c.unit or NONE
    return dmc.Select(
        id={"data-unit": c.heading}, value=c.unit or None, data=list(units), size="xs", w=140,
        placeholder=_("未写 · 按{unit}", unit=stored), comboboxProps={"withinPortal": True},
    )  # fmt: skip


def _labelled(name: str, control: Component) -> html.Div:
    return html.Div([html.Span(name, className="quiet"), control], className="labelled")


def _unread(unread: Sequence[Problem]) -> html.Ul | None:
    items = [html.Li(f"{u.name}: {text(u.code, u.values)}") for u in unread]
    return html.Ul(items, className="note") if items else None


def _columns(chosen: Table, looked: Looked) -> html.Div:
    options = [{"value": SKIP, "label": _("不导入")}]
    options += [{"value": f.name, "label": pick(f.heading, f.en)} for f in chosen.fields if f.kind != "geometry"]
    rows = []
    for c, cells in zip(looked.mapping.columns, looked.samples, strict=True):
        sure = percent(c.confidence, 0) if c.field else ""
        samples = [s for s in dict.fromkeys(cells) if s][:3]
        rows.append(
            html.Tr(
                [
                    html.Td(html.B(c.heading)),
                    html.Td(" · ".join(samples) or NONE, className="quiet sample"),
                    html.Td(_unit(chosen, c), className="quiet"),
                    html.Td(
                        dmc.Select(
                            id={"data-column": c.heading}, value=c.field or SKIP, data=options, size="xs", w=230,
                            searchable=True, allowDeselect=False, comboboxProps={"withinPortal": True},
                        )
                    ),
                    num(sure, quiet=True),
                ],
                className="" if c.field else "is-skipped",
            )
        )  # fmt: skip
    return table([_("列"), _("内容举例"), _("单位"), _("写入字段"), (_("把握"), True)], rows, "import-columns")


def _constants(chosen: Table, looked: Looked) -> html.Div:
    mapped = {c.field for c in looked.mapping.columns}
    given = looked.mapping.constants
    wanted = [
        f for f in chosen.fields
        if f.child is None and f.kind != "geometry" and f.name not in mapped and (f.required or f.name in given)
        and f.name != "scheme_id"  # chosen above
    ]  # fmt: skip
    if not wanted:
        return html.Div()
    return html.Div(
        [
            html.Span(_("固定值"), className="quiet"),
            *(
                _labelled(
                    pick(f.heading, f.en) + ("*" if f.required else ""),
                    dmc.Select(
                        id={"data-constant": f.name}, value=given.get(f.name), size="xs", w=180, searchable=True,
                        data=[{"value": code, "label": f"{name} {code}"} for code, name in f.choices],
                    ) if f.choices else dmc.TextInput(
                        id={"data-constant": f.name}, value=str(given.get(f.name) or ""), size="xs", w=180,
                    ),
                )
                for f in wanted
            ),
        ],
        className="import-options",
    )  # fmt: skip


# --- what would happen, what happened -------------------------------------------------------------------------------------


def looked_block(session: Session, asked: Asked, looked: Looked) -> html.Div:
    """The form, with where the rows lie at first sight or what has to be asked about that."""
    question = looked.question
    about = None
    if question is not None and question.code == DATUM_ASKED:
        about = datum_question(question.values)
    elif question is not None:
        about = html.Div(text(question.code, question.values), className="import-problem", role="alert")
    elif looked.placed:
        about = _preview(_("落位预览"), _("每 {n} 行画一行", n=looked.thinned) if looked.thinned > 1 else "")
    return html.Div([mapping_form(session, asked, looked), about])


def _preview(title: str, note: str) -> html.Section:
    """The map of the rows; one at a time is on the page."""
    return html.Section(
        [head(title, note), map_frame("preview", height="26rem", class_name="preview-frame")], className="card"
    )


def checked_block(token: str, checked: Told) -> html.Div:
    """What a commit would do, the findings, and where the rows would lie."""
    nothing = not checked.new and not checked.changed
    words = _("没有可写入的变化") if nothing else _("确认入库")
    return html.Div(
        [
            card(
                head(_("核对结果"), _("尚未写入")),
                _counts(checked),
                _findings(token, checked),
                html.Div(
                    html.Button(words, **tells("data-act", act="commit"), className="primary-button", type="button",
                                disabled=nothing),
                    className="import-actions",
                ),
            ),
            _preview(_("落位预览"), _("与行政界和园区对照;偏移几百米多半是坐标基准不对"))
            if checked.placed else None,
        ],
        className="desk-row" if checked.placed else "",
    )  # fmt: skip


def datum_question(values: Mapping[str, Any]) -> html.Div:
    """The rows as they are and converted from the suspected datum, beside the boundaries: the reader decides."""
    name = dict(DATUMS).get(str(values["datum"]), str(values["datum"]))
    return card(
        head(_("坐标基准疑为 {name}", name=name), _("两种读法相差 {n} 米", n=number(values["shift"]))),
        html.Div(
            [
                html.Span([html.Span("●", style={"color": CONVERTED}), _("按 {name} 换算:{n}% 与已知边界相符", name=name,
                                                                       n=values["better"])]),
                html.Span([html.Span("●", style={"color": AS_IT_IS}), _("不换算:{n}% 相符", n=values["plain"])]),
            ],
            className="import-counts",
        ),
        map_frame("preview", height="26rem", class_name="preview-frame"),
        html.Div(
            [
                html.Button(_("不换算"), **tells("data-act", act="check", datum="WGS84"), className="page-button", type="button"),
                html.Button(_("按 {name} 换算", name=name), **tells("data-act", act="check", datum=str(values["datum"])),
                            className="primary-button", type="button"),
            ],
            className="import-actions",
        ),
    )  # fmt: skip


def done_block(token: str, done: Told, reported: bool, query: str) -> html.Div:
    """What the commit did, and where to see it: the state `query` of the map."""
    if done.batch is None:
        earlier = _("此文件已是第 {n} 批", n=done.earlier) if done.earlier else ""
        return card(head(_("没有变化"), earlier), _counts(done), _findings(token, done, reported))
    return card(
        head(_("第 {n} 批已入库", n=done.batch), _("推算与切片已随之更新")),
        _counts(done),
        _findings(token, done, reported),
        html.Div(
            dcc.Link(_("在图上看自有数据"), href=f"/?{query}", className="primary-button"), className="import-actions"
        ),
    )


def _counts(found: Told) -> html.Div:
    figures = (
        (_("新增"), found.new, ""), (_("更新"), found.changed, ""), (_("不变"), found.same, "quiet"),
        (_("未导入"), found.refused, "is-bad" if found.refused else "quiet"),
    )  # fmt: skip
    tables = _("、").join(
        f"{pick(TABLES[name].zh, TABLES[name].en) if name in TABLES else name} +{new} ~{changed}"
        for name, (new, changed) in found.tables.items()
    )
    return html.Div(
        [
            *(
                html.Div([html.B(number(n)), html.Span(name)], className=f"import-count {kind}")
                for name, n, kind in figures
            ),
            html.Span(tables, className="quiet"),
        ],
        className="import-counts",
    )


def _findings(token: str, found: Told, reported: bool = True) -> html.Div:
    counts = found.counts
    if not counts:
        return html.Div(html.P(_("每个单元格都照原样读入"), className="note"))
    words = " · ".join(f"{_(NAMES[s])} {number(counts[s])}" for s in SEVERITIES if s in counts)
    href = f"/data/report/{token}.xlsx"
    rows = [
        html.Tr(
            [
                html.Td(html.Span(_(NAMES[f.severity]), className=f"finding finding--{f.severity}")),
                num(NONE if f.row is None else str(f.row)),
                html.Td(f.heading or NONE),
                html.Td(f.value or NONE, className="sample"),
                html.Td(text(f.code, f.values)),
            ]
        )
        for f in found.findings
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(words),
                    html.A(_("下载标注后的文件与清单"), href=href, className="text-link") if reported else None,
                ],
                className="findings-head",
            ),
            html.Div(
                table([_("类别"), (_("行"), True), _("列"), _("原值"), _("处理")], rows, "findings"),
                className="findings-scroll",
            ),
        ],
        **{"data-findings": str(sum(counts.values()))},
    )


# --- batches -------------------------------------------------------------------------------------------------------------


def batch_list(batches: Sequence[BatchInfo]) -> Component:
    """Every import, newest first, each to be taken back while nothing later rests on it."""
    rows = []
    for b in batches:
        counts = b.counts
        name = pick(TABLES[b.table].zh, TABLES[b.table].en) if b.table in TABLES else b.table
        undo = html.Button(
            _("撤销"), **tells("data-act", act="undo", batch=b.id), className="link-button", type="button"
        ) if b.state == "committed" else ""  # fmt: skip
        rows.append(
            html.Tr(
                [
                    num(str(b.id)), html.Td(b.created_at.replace("T", " ")[:16]), html.Td(b.file_name), html.Td(name),
                    num(number(counts.get("new", 0))), num(number(counts.get("changed", 0))),
                    num(number(counts.get("refused", 0))), html.Td(_(STATES.get(b.state, b.state))), html.Td(undo),
                ],
                **{"data-batch": str(b.id), "data-state": b.state},
            )
        )  # fmt: skip
    columns: list[str | tuple[str, bool]] = [
        (_("批次"), True), _("时间 (UTC)"), _("文件"), _("表"), (_("新增"), True), (_("更新"), True), (_("未导入"), True),
        _("状态"), "",
    ]  # fmt: skip
    return (
        table(columns, rows) if rows else html.Div(_("还没有导入过:上传第一个文件,或下载模板"), className="empty-line")
    )


PAGE = Page(
    PATH,
    build,
    N_("数据"),
    parts=(Part("data-files", files),),
    kept=False,
    open_to=lambda viewer, _provenance: may_import(viewer),
    what=N_("数据文件的导入、核对与撤回"),
)
