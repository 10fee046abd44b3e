"""The chains page and the per-mu page: they build for everyone, say what the queries say, and hold nothing back-door."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy import select
from sqlalchemy.orm import Session

from data import models as m
from data.queries.catalogue import catalogue
from data.queries.chain_nodes import Target, chain_edges, chain_figures, node_detail, targets
from data.queries.chains import chain_boards
from data.queries.idle_land import idle_list, land_chains
from data.queries.investment_catalogue import investment_catalogue, overlap
from data.queries.per_mu import per_mu
from data.queries.question import Question
from domain.chains import NodeState
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from tests.support.own_data import OwnData
from views.pages import chains as chains_page
from views.pages import per_mu as per_mu_page
from views.parts.catalogue_xlsx import catalogue_workbook
from views.parts.chain_gaps import ALL, THIS, entries
from views.parts.chain_graph import layout, picture
from views.parts.chain_view import chosen, read
from views.parts.per_mu_blocks import PAGE_ROWS

LEADER, PLANNER = Viewer(Role.LEADERSHIP), Viewer(Role.PLANNER)
PROMOTER, PROSPECT = Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)
DEMO = ViewState()


@pytest.fixture
def own(db_session: Session) -> OwnData:
    return OwnData(db_session)


def sent(component: Component) -> str:
    """What the browser gets."""
    return json.dumps(component.to_plotly_json(), cls=PlotlyJSONEncoder, ensure_ascii=False)


def walk(item: Any) -> Iterator[Component]:
    if isinstance(item, Component):
        yield item
        yield from walk(getattr(item, "children", None))
    elif isinstance(item, list | tuple):
        for child in item:
            yield from walk(child)


def words(item: Any) -> str:
    if isinstance(item, Component):
        return words(getattr(item, "children", None))
    if isinstance(item, list | tuple):
        return "".join(words(child) for child in item)
    return "" if item is None else str(item)


def marked(component: Component, name: str) -> dict[str, Component]:
    """Components that carry the data attribute `name`, by its value."""
    return {getattr(c, name): c for c in walk(component) if hasattr(c, name)}


def demo_firms(session: Session) -> list[str]:
    return list(session.scalars(select(m.Enterprise.name_zh).where(m.Enterprise.provenance == "demo")))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("dataset", Dataset)
@pytest.mark.parametrize("extra", [{}, {"zones": ("SMKX",)}, {"nodes": ("IC-M1",)}, {"scheme": "wenjiang"}])
def test_both_pages_build_for_every_role_and_data_set(
    db_session: Session, role: Role, dataset: Dataset, extra: dict[str, Any]
) -> None:
    if extra.get("scheme") not in (None, *catalogue(db_session).schemes):
        extra = {"scheme": next(s for s in catalogue(db_session).schemes if s != catalogue(db_session).default_scheme)}
    state = ViewState(dataset=dataset).with_(**extra)
    for build in (chains_page.page, per_mu_page.page):
        assert len(sent(build(Question.of(db_session, Viewer(role), state)))) > 1000


# --- chains -------------------------------------------------------------------------------------------------------------


def test_the_chain_on_screen_is_the_one_of_the_url_else_the_zones_lead_chain(db_session: Session) -> None:
    known = catalogue(db_session)
    first = next(iter(known.chains))
    assert chosen(Question.of(db_session, LEADER, ViewState())) == (known.chains[first], None)
    assert (
        chosen(Question.of(db_session, LEADER, ViewState(zones=("SMKX",))))[0].code
        == known.zones["SMKX"].leading_chains[0]
    )
    assert chosen(Question.of(db_session, LEADER, ViewState().with_(chains=("SAT", "DRUG"))))[0].code == "DRUG"
    chain, node = chosen(Question.of(db_session, LEADER, ViewState(nodes=("DRUG-M2",))))
    assert (chain.code, node and node.id) == ("DRUG", "DRUG-M2")


def test_every_node_is_a_card_with_the_firms_the_query_counts(db_session: Session) -> None:
    figures = chain_figures(Question.of(db_session, LEADER, DEMO), "DRUG")
    assert figures is not None
    page = chains_page.page(Question.of(db_session, LEADER, ViewState(chains=("DRUG",))))
    cards = {
        c.id["chain-node"]: c for c in walk(page) if isinstance(getattr(c, "id", None), dict) and "chain-node" in c.id
    }
    assert set(cards) == {n.id for n in catalogue(db_session).chains["DRUG"].nodes}
    for node, card in cards.items():
        assert [int(n) for n in marked(card, "data-firms")] == [figures.nodes[node].firms]
    note = next(words(c) for c in walk(page) if getattr(c, "id", None) == "chain-total-note")
    assert str(figures.node_firms) in note
    assert str(figures.distinct_firms) in note
    assert figures.node_firms >= figures.distinct_firms


def test_node_figures_agree_with_the_board_and_with_the_lists(db_session: Session) -> None:
    for board in chain_boards(Question.of(db_session, LEADER, DEMO)):
        figures = chain_figures(Question.of(db_session, LEADER, DEMO), board.chain.code)
        assert figures is not None
        for node, found in board.nodes:
            own = figures.nodes[node.id]
            assert (found.state is NodeState.MISSING) == (own.firms == 0)
            if found.filling:
                assert own.pipeline > 0
    detail = node_detail(Question.of(db_session, LEADER, DEMO), "IC-M1")
    figures = chain_figures(Question.of(db_session, LEADER, DEMO), "IC")
    assert figures is not None
    assert len(detail.firms) == figures.nodes["IC-M1"].firms
    assert len(detail.projects) == figures.nodes["IC-M1"].pipeline
    assert sum(f.leads for f in detail.firms) == figures.nodes["IC-M1"].leaders


def test_a_guest_gets_the_taxonomy_and_no_figure_firm_or_project(db_session: Session) -> None:
    page = sent(chains_page.page(Question.of(db_session, PROSPECT, ViewState(nodes=("IC-M1",)))))
    assert not [name for name in demo_firms(db_session) if name.removeprefix("演示·") in page]
    assert '"data-firms"' not in page
    assert "客户模式仅公开数据" in page
    assert chain_figures(Question.of(db_session, PROSPECT, DEMO), "IC") is None
    detail = node_detail(Question.of(db_session, PROSPECT, DEMO), "IC-M1")
    assert (detail.firms, detail.projects, detail.firms_reason) == ((), (), "withheld")


def test_without_links_to_firms_no_node_is_called_missing(db_session: Session) -> None:
    for dataset in (Dataset.PUBLISHED, Dataset.OWN):
        page = sent(chains_page.page(Question.of(db_session, LEADER, ViewState(dataset=dataset))))
        assert "node--strong" not in page.replace("key node--strong", "")
        assert "graph-node node--missing" not in page
        assert "本数据集没有企业与节点的对应" in page
        assert entries(read(Question.of(db_session, LEADER, ViewState(dataset=dataset))), ALL) == ()


def test_the_output_of_few_firms_is_hidden_outside_the_owners_group(own: OwnData) -> None:
    for n, output in enumerate((100, 100)):
        own.firm(f"F{n}", "XYDIT", output=output)
        own.add(
            m.EntityNode(
                entity_kind="enterprise", entity_id=f"F{n}", node_id="IC-M1", link_source="manual", confidence=1
            )
        )
    state = own.state()

    def output_of(viewer: Viewer) -> tuple[int | None, str | None]:
        figures = chain_figures(Question.of(own.session, viewer, state), "IC")
        assert figures is not None
        return figures.nodes["IC-M1"].output_wan, figures.nodes["IC-M1"].reason

    assert output_of(PLANNER) == (200, None)
    assert output_of(PROMOTER) == (None, "suppressed")


def test_firms_below_scale_are_not_unreported(own: OwnData) -> None:
    own.firm("F0", "XYDIT", above_scale_since=None)
    own.firm("F1", "XYDIT")
    for firm, node in (("F0", "IC-M1"), ("F1", "IC-M2")):
        own.add(
            m.EntityNode(entity_kind="enterprise", entity_id=firm, node_id=node, link_source="manual", confidence=1)
        )
    figures = chain_figures(Question.of(own.session, LEADER, own.state()), "IC")
    assert figures is not None
    assert figures.nodes["IC-M1"].reason == "none_above_scale"
    assert figures.nodes["IC-M2"].reason == "not_reported"
    assert figures.nodes["IC-M3"].reason is None


def test_the_catalogue_on_screen_is_the_query_for_this_chain_and_for_all(db_session: Session) -> None:
    view = read(Question.of(db_session, LEADER, ViewState(chains=("IC",))))
    every = investment_catalogue(Question.of(db_session, LEADER, ViewState()))
    assert [e.node.id for e in entries(view, ALL)] == [e.node.id for e in every]
    assert [e.node.id for e in entries(view, THIS)] == [e.node.id for e in every if e.row.chain == "IC"]


def test_the_matrix_counts_what_the_overlap_query_finds(db_session: Session) -> None:
    cells = overlap(Question.of(db_session, LEADER, DEMO))
    page = chains_page.page(Question.of(db_session, LEADER, DEMO))
    shown = marked(page, "data-cell")
    assert set(shown) == {f"{zone}:{chain}" for zone, chain in cells}
    for (zone, chain), cell in cells.items():
        text = words(shown[f"{zone}:{chain}"])
        assert text.startswith(str(len(cell.nodes))) if cell.nodes else text == ""
    assert not marked(chains_page.page(Question.of(db_session, PROSPECT, DEMO)), "data-cell")


def workbook(session: Session, viewer: Viewer, found: tuple[Target, ...] | None = None) -> dict[str, list[str]]:
    """Text of every sheet of the export, by sheet name."""
    question = Question.of(session, viewer, DEMO)
    given = targets(question) if found is None else found
    data = catalogue_workbook(question, entries(read(question), ALL), given, chain=None, role="x")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", archive.read("xl/sharedStrings.xml").decode(), re.S)
        sheets = {}
        for n, name in enumerate(names, 1):
            sheet = archive.read(f"xl/worksheets/sheet{n}.xml").decode()
            assert "<f>" not in sheet
            sheets[name] = [shared[int(i)] for i in re.findall(r't="s"><v>(\d+)</v>', sheet)]
            sheets[name].append(f"rows={sheet.count('<row ') - 1}")
    return sheets


def test_the_export_says_what_it_is_and_holds_every_row(db_session: Session) -> None:
    sheets = workbook(db_session, LEADER)
    about = sheets["说明"]
    for word in ("数据截至", "2026-09", "在地:企业与项目按所在园区", "演示", "产业链分类版本", "优先级"):
        assert word in about
    assert f"rows={len(investment_catalogue(Question.of(db_session, LEADER, DEMO)))}" in sheets["目录"]


def test_target_names_are_exported_only_for_who_may_know_them(db_session: Session) -> None:
    open_ = targets(Question.of(db_session, LEADER, DEMO))
    listed = {e.node.id for e in investment_catalogue(Question.of(db_session, LEADER, DEMO))}
    counted = {e.node.id: e.target_firms for e in investment_catalogue(Question.of(db_session, LEADER, DEMO))}
    for node in listed:
        assert sum(t.node_id == node for t in open_) == counted[node]
    for viewer in (PLANNER, PROMOTER, PROSPECT):
        assert targets(Question.of(db_session, viewer, DEMO)) == ()
        sheets = workbook(db_session, viewer)
        assert list(sheets) == ["说明", "目录"]
        text = "".join("".join(s) for s in sheets.values())
        assert not [t for t in open_ if t.project in text]
        assert "在谈对象 个" not in text


def test_a_name_that_looks_like_a_formula_stays_text(db_session: Session) -> None:
    node = investment_catalogue(Question.of(db_session, LEADER, DEMO))[0].node.id
    sheets = workbook(db_session, LEADER, (Target(node, "=1+1", "@SUM(A1)", "SMKX"),))
    assert "=1+1" in sheets["在谈对象"]


def test_the_graph_runs_from_left_to_right_and_no_card_covers_another(db_session: Session) -> None:
    known = catalogue(db_session)
    for chain in known.chains.values():
        edges = chain_edges(db_session, chain.code)
        found = layout(chain.nodes, edges)
        assert set(found.spots) == {n.id for n in chain.nodes}
        spots = sorted((s.column, s.top) for s in found.spots.values())
        assert all(b[1] - a[1] >= 1 for a, b in pairwise(spots) if a[0] == b[0])
        assert all(s.left + s.width <= 1.0001 for s in found.spots.values())
        order = {tier: i for i, tier in enumerate(("上游", "中游", "下游"))}
        for a, b in edges:
            one, two = known.nodes[a], known.nodes[b]
            if one.tier in order and two.tier in order and order[one.tier] < order[two.tier]:
                assert found.spots[a].column < found.spots[b].column
        assert picture(found, edges, None, "#000", "#111").count("%3Cpath") == len(edges)


# --- per mu -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewer", [LEADER, PROMOTER])
def test_the_class_table_sums_to_the_firms_of_the_query(db_session: Session, viewer: Viewer) -> None:
    found = per_mu(Question.of(db_session, viewer, DEMO))
    rows = marked(per_mu_page.page(Question.of(db_session, viewer, DEMO)), "data-zone")
    whole = int(getattr(rows["all"], "data-firms"))
    assert whole == found.firms == sum(found.classes[""].values())
    assert whole == sum(int(getattr(row, "data-firms")) for zone, row in rows.items() if zone != "all")


def test_park_values_on_the_page_are_those_of_the_query(db_session: Session) -> None:
    found = per_mu(Question.of(db_session, LEADER, DEMO))
    shown = [
        value
        for row in marked(per_mu_page.page(Question.of(db_session, LEADER, DEMO)), "data-park").values()
        for value in marked(row, "data-value")
    ]
    assert shown == [f"{p.indicator}={p.value!r}" for p in found.parks if p.value is not None]


def test_single_firms_are_sent_only_to_who_may_see_their_figures(db_session: Session) -> None:
    names = {r["name_zh"] for r in per_mu(Question.of(db_session, LEADER, DEMO)).rows}

    def evaluation(viewer: Viewer) -> str:
        trial = per_mu_page.trial_of(None, "minmax_20_80", "anhui", {}, 1)
        blocks, _pages = per_mu_page.results(Question.of(db_session, viewer, DEMO), trial)
        return "".join(sent(b) if isinstance(b, Component) else b for b in blocks.values())

    assert any(name in evaluation(LEADER) for name in names)
    for viewer in (PROMOTER, PROSPECT):
        assert not [name for name in names if name in evaluation(viewer)]


def test_a_trial_shows_who_changes_class_and_the_default_nobody(db_session: Session) -> None:
    blocks, _pages = per_mu_page.results(Question.of(db_session, LEADER, DEMO), per_mu_page.Trial())
    assert "现在就是四川默认方法" in words(blocks["mu-moved"])
    trial = per_mu_page.trial_of(None, "benchmark_capped", "anhui", {"tax_per_mu": 40}, 1)
    found = per_mu_page.evaluation(Question.of(db_session, LEADER, DEMO), trial)
    blocks, _pages = per_mu_page.results(Question.of(db_session, LEADER, DEMO), trial)
    assert found.changed_count == len(found.changed) > 0
    assert getattr(blocks["mu-moved"], "data-changed") == str(found.changed_count)
    assert words(blocks["mu-method"]) == "试算中"
    assert f"试算与四川默认方法相比 {found.changed_count} 家换类" in words(blocks["mu-answer"])
    assert "试算,不改动任何正式结果" in words(blocks["mu-answer"])


def test_the_firm_table_pages_through_all_firms_once(db_session: Session) -> None:
    found = per_mu(Question.of(db_session, LEADER, DEMO))
    _blocks, pages = per_mu_page.results(Question.of(db_session, LEADER, DEMO), per_mu_page.Trial())
    assert pages == -(-found.firms // PAGE_ROWS)
    text = ""
    for page in range(1, pages + 1):
        blocks, _pages = per_mu_page.results(Question.of(db_session, LEADER, DEMO), per_mu_page.Trial(page=page))
        text += words(blocks["mu-firms"])
    assert all(text.count(r["name_zh"]) >= 1 for r in found.rows)


def test_what_the_browser_sends_wrong_becomes_the_default(db_session: Session) -> None:
    trial = per_mu_page.trial_of("1900", "eval()", None, {"tax_per_mu": "x", "bad": 3, "rd_intensity": 1e9}, "-4")
    assert (trial.score_fn, trial.quota, trial.page) == ("benchmark_capped", "sichuan", 1)
    assert dict(trial.weights) == {"rd_intensity": 40.0}
    assert (
        per_mu_page.evaluation(Question.of(db_session, LEADER, DEMO), trial).year
        == per_mu(Question.of(db_session, LEADER, DEMO)).year
    )


def test_weights_of_nothing_give_no_classes(db_session: Session) -> None:
    trial = per_mu_page.trial_of(None, None, None, dict.fromkeys(per_mu_page.DEFAULT_WEIGHTS, 0), 1)
    blocks, _pages = per_mu_page.results(Question.of(db_session, LEADER, DEMO), trial)
    assert "权重全为零" in words(blocks["mu-classes"])


def test_the_idle_list_and_the_land_identity_are_those_of_the_queries(db_session: Session) -> None:
    page = per_mu_page.page(Question.of(db_session, LEADER, DEMO))
    found = idle_list(Question.of(db_session, LEADER, DEMO))
    assert list(marked(page, "data-contract")) == [r.contract_id for r in found.rows]
    stages = {s: int(words(c.children[0]).replace(",", "")) for s, c in marked(page, "data-stage").items()}
    assert stages == {s: n for s, (n, _area) in found.stages.items()}
    assert set(marked(page, "data-land")) == {
        r.zone or "all" for r in land_chains(Question.of(db_session, LEADER, DEMO))
    }
    guest = sent(per_mu_page.page(Question.of(db_session, PROSPECT, DEMO)))
    assert not [r for r in found.rows if r.contract_id in guest or (r.holder or "\0") in guest]
