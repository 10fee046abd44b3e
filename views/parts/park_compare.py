"""A park beside the others of its scheme: ground against output, ratios with their benchmark, chains as a matrix."""

from __future__ import annotations

from fractions import Fraction

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import ZoneInfo
from data.queries.kpis import Figure, figures
from data.queries.park import covered_nodes, has_figures
from data.queries.per_mu import REFERENCES, ReferenceLine
from data.queries.question import Question
from domain.units import Number, exact, rounded
from i18n import N_, _, pick
from views.parts.block import block, reason_line
from views.parts.button import action
from views.parts.charts import chart_table, dots
from views.parts.explain_drawer import explain_button
from views.parts.format import NONE, difference, figure_text, number, percent, read_figure
from views.parts.project_card import opens_zone

#: Output whose share is set against that of the ground.
_OUTPUT = "K04"
#: Ratios compared, each with the name of its published mean (data/queries/per_mu.py).
RATIOS = {
    "K10": "tax_per_mu",
    "K13": "revenue_per_mu",
    "K19": "investment_per_mu",
    "K14": "revenue_per_employee",
    "K15": "revenue_per_tce",
    "K17": "rd_intensity",
}
_LEVELS = {"province": N_("省均"), "nation": N_("国家级开发区平均")}


def _parks(question: Question, zone: ZoneInfo) -> list[ZoneInfo]:
    return [z for z in question.known.scheme_zones(zone.scheme) if z.is_area]


def _row(question: Question, other: ZoneInfo, here: ZoneInfo, *cells: Component) -> html.Tr:
    name = html.Td(opens_zone(question.known, other.code, short=True))
    look = "is-here" if other.code == here.code else ""
    return html.Tr([name, *cells], className=look, **{"data-zone": other.code})


def shares(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Share of the scheme's ground against share of its industrial output, park by park, the widest gap first."""
    if not has_figures(question):
        return None
    parks = _parks(question, zone)
    if len(parks) < 2:
        return None
    title = _("占地与产出")
    figures(question.unfiltered, tuple(question.known.kpis), zones=(zone.code,))  # what follows asks for the others
    found = {z.code: figures(question.unfiltered, (_OUTPUT,), zones=(z.code,))[_OUTPUT] for z in parks}
    lacking = next((f for f in found.values() if f.value is None), None)
    ground = {z.code: z.geometry_area_m2 or 0 for z in parks}
    if lacking is not None or not all(ground.values()) or not sum(exact(f.value or 0) for f in found.values()):
        why = figure_text(lacking).reason if lacking is not None else ""
        return block(title, "", reason_line(why or _("未报")))
    whole_ground, whole_output = sum(ground.values()), sum(exact(f.value or 0) for f in found.values())
    lines = [
        (z, exact(ground[z.code]) / whole_ground, exact(found[z.code].value or 0) / whole_output) for z in parks
    ]  # fmt: skip
    lines.sort(key=lambda line: line[2] - line[1], reverse=True)
    most = max(max(land, output) for _z, land, output in lines)
    rows = [
        _row(
            question, z, zone,
            html.Td(dots([("is-quiet", land / most), ("", output / most)])),
            html.Td(percent(land), className="num quiet"),
            html.Td(percent(output), className="num"),
            html.Td(difference(rounded((output - land) * 100, 1), 1), className="num"),
        )
        for z, land, output in lines
    ]  # fmt: skip
    key = html.Span(
        [
            html.Span(className="mix-dot is-quiet"),
            _("占地"),
            html.Span(className="mix-dot"),
            _("规上产值"),
        ],
        className="dot-key",
    )
    heads = (("", ""), (key, ""), (_("占地"), "num"), (_("产值"), "num"), (_("差 pp"), "num"))
    head = html.Tr([html.Th(text, className=look) for text, look in heads])
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="mini bars")
    aside = _("占{n}个园区合计的份额 · 不随筛选", n=len(parks))
    return block(title, aside, chart_table(table, title))


def ratios(question: Question, zone: ZoneInfo) -> html.Div | None:
    """Ratios of every park on one scale each, the published mean as a line; this park is marked."""
    if not has_figures(question):
        return None
    parks = _parks(question, zone)
    asked = {z.code: figures(question.unfiltered, tuple(RATIOS), zones=(z.code,)) for z in parks}
    charts = [_ratio(question, zone, parks, {z.code: asked[z.code][k] for z in parks}, k) for k in RATIOS]
    shown = [c for c in charts if c is not None]
    title = _("园区对比")
    if not shown:
        return block(title, "", reason_line(_("本数据集未报亩均、人均与能耗比率")))
    return block(title, _("每项一条刻度,竖线为公布的平均 · 不随筛选"), html.Div(shown, className="multiples"))


def _ratio(
    question: Question, zone: ZoneInfo, parks: list[ZoneInfo], found: dict[str, Figure], kpi_id: str
) -> html.Figure | None:
    known = {code: f for code, f in found.items() if f.value is not None}
    if not known:
        return None
    one = next(iter(known.values()))
    mean = next((r for r in REFERENCES if r.indicator == RATIOS[kpi_id]), None)
    # A reference states a share where the indicator is told in percent.
    line = None if mean is None else exact(mean.value) * (100 if one.unit == "%" else 1)
    ends = [exact(f.value or 0) for f in known.values()] + ([line] if line is not None else [])
    least, most = min([exact(0), *ends]), max(ends)
    span = (most - least) or 1

    def place(value: Number) -> Fraction:
        return (exact(value) - least) / span * exact(0.96) + exact(0.02)

    at = None if line is None else place(line)
    rows = []
    for z in parks:
        figure = found[z.code]
        shown = figure_text(figure)
        spot = [] if figure.value is None else [("" if z.code == zone.code else "is-quiet", place(figure.value))]
        cell = html.Td(shown.text, className="num", title=shown.reason)
        rows.append(_row(question, z, zone, html.Td(dots(spot, line=at)), cell))
    kpi = question.known.kpis[kpi_id]
    name, unit = pick(kpi.name_zh, kpi.name_en), figure_text(one).unit
    face = html.Button(
        pick(kpi.short_zh, kpi.short_en), **action("kpi", kpi_id), className="opens", type="button", title=name
    )
    words = html.Div(
        [html.H3(face), html.Span(unit, className="quiet"), explain_button(kpi_id, name, zone.code)],
        className="multiple-head",
    )
    table = html.Table([html.Caption(words), html.Tbody(rows)], className="mini bars")
    below = None if mean is None or line is None else html.Span(_mean(mean, one, line), className="quiet")
    return chart_table(table, name, below)


def _mean(mean: ReferenceLine, figure: Figure, line: Number) -> str:
    value, _unit, places = read_figure(figure.kpi, line, figure.unit)
    words = f"{_(_LEVELS[mean.level])} {number(value, places)}"
    return f"{words} ({mean.year})" if mean.year else words


def matrix(question: Question, zone: ZoneInfo) -> html.Div | None:
    """How many nodes of each chain have a firm in each park; a chain of which none has stays empty."""
    if not has_figures(question):
        return None
    found = covered_nodes(question)
    chains = [
        c for c in question.known.chains.values() if any(n.id in nodes for n in c.nodes for nodes in found.values())
    ]
    if not chains:
        return None
    rows = []
    for z in _parks(question, zone):
        cells = []
        for chain in chains:
            n = sum(node.id in found.get(z.code, ()) for node in chain.nodes)
            share = n / len(chain.nodes)
            cells.append(
                html.Td(
                    str(n) if n else "",
                    className="heat",
                    style={"--heat": f"{share * 100:.0f}%"},
                    title=f"{pick(chain.name_zh, chain.name_en)} {n}/{len(chain.nodes)}",
                )
            )
        rows.append(_row(question, z, zone, *cells))
    heads = [
        html.Th(
            html.Button(
                [pick(c.name_zh, c.name_en), html.Small(f"{NONE if not c.nodes else len(c.nodes)}")],
                **action("chain", c.code), className="opens opens--plain", type="button",
                title=_("按{chain}筛选", chain=pick(c.name_zh, c.name_en)),
            )
        )
        for c in chains
    ]  # fmt: skip
    top = html.Tr([html.Th(_("园区")), *heads])
    table = html.Table([html.Thead(top), html.Tbody(rows)], className="mini heat-table")
    title = _("园区与产业链")
    return block(title, _("有企业的节点数 · 名下为节点总数"), chart_table(table, title))
