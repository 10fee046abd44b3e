"""Reference tables: complete, coherent, sourced, and free of what must never enter."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from data.reference import (
    FOLDER,
    PUBLISHED,
    chain_nodes,
    chains,
    district_aliases,
    districts,
    indicator_rows,
    indicators,
    landuse_classes,
    published,
    streets,
)
from domain.indicators import Method

ZONES = {"CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT"}
TABLES = sorted(FOLDER.rglob("*.csv"))


def test_districts_are_twenty_and_three() -> None:
    statutory = [district for district in districts() if district.statutory]
    assert len(statutory) == 20
    assert [district.code for district in districts() if not district.statutory] == ["CD-GXQ", "CD-TFXQ", "CD-DBXQ"]
    assert all(re.fullmatch(r"5101\d\d", district.code) for district in statutory)


def test_what_is_left_of_a_host_district_has_a_name() -> None:
    left = {district.code: district.remainder_zh for district in districts() if district.remainder_zh}
    assert set(left) == {street.district_code for street in streets()}
    assert left["510116"] == "双流区(不含天府新区直管区、高新区托管)"


def test_former_codes_and_the_pseudo_code_lead_to_current_ones() -> None:
    known = {district.code for district in districts()}
    aliases = {alias.alias: alias for alias in district_aliases()}
    assert set(aliases) == {"510132", "510122", "510124", "512081", "510109"}
    assert not set(aliases) & known
    assert {alias.code for alias in aliases.values()} <= known
    assert aliases["510109"].kind == "approval_authority"
    assert aliases["510132"].valid_to == "2020-06"


def test_every_street_lies_in_its_district_and_one_functional_area() -> None:
    counts = {area: sum(s.functional_area == area for s in streets()) for area in ("CD-GXQ", "CD-TFXQ", "CD-DBXQ")}
    assert counts == {"CD-GXQ": 7, "CD-TFXQ": 9, "CD-DBXQ": 15}
    assert all(street.nbs_code.startswith(street.district_code) for street in streets())
    assert len({street.nbs_code for street in streets()}) == 31


def test_land_use_has_176_classes_in_a_tree() -> None:
    classes = landuse_classes()
    assert len(classes) == 176
    assert sum(item.level == 1 for item in classes.values()) == 24
    for item in classes.values():
        assert item.scheme == "YDYH2023"
        assert len(item.code) == 2 * item.level
        assert item.parent == (item.code[:-2] or None)
        assert item.parent is None or item.parent in classes


def test_military_classes_cannot_be_loaded() -> None:
    assert {code for code, item in landuse_classes().items() if not item.loadable} == {"1501", "2201"}


def test_only_m0_is_a_local_extension() -> None:
    local = [item for item in landuse_classes().values() if item.local_extension]
    assert [(item.code, item.name_zh, item.hex) for item in local] == [("100100", "新型产业用地(M0)", "#C8A078")]


def test_chains_are_eight_with_97_nodes_and_coded_by_edition() -> None:
    assert list(chains()) == ["IC", "DISP", "TERM", "DRUG", "MEDD", "AERO", "SAT", "AI"]
    assert len(chain_nodes()) == 97
    for chain in chains().values():
        assert set(chain.lead_zones) <= ZONES
        for node in chain.nodes:
            assert node.node_id.startswith(f"{chain.chain_code}-")
            assert node.stage in ("up", "mid", "down", "support")
            assert node.criticality in (1, 2, 3)
            assert node.codes
            assert {code.edition for code in node.codes} == {"GB/T 4754-2017"}


@pytest.mark.parametrize("code", ["IC", "DISP", "TERM", "DRUG", "MEDD", "AERO", "SAT", "AI"])
def test_chain_edges_lead_down_the_chain_and_touch_every_node(code: str) -> None:
    chain = chains()[code]
    stage = {node.node_id: node.stage for node in chain.nodes}
    rank = {"support": 0, "up": 0, "mid": 1, "down": 2}
    assert {end for edge in chain.edges for end in edge} == set(stage)
    assert len(set(chain.edges)) == len(chain.edges)
    for supplier, user in chain.edges:
        assert rank[stage[supplier]] <= rank[stage[user]]
        assert stage[user] != "support"
    left, seen = set(chain.edges), set(stage)
    while seen:  # peel nodes without suppliers: ends empty only where there is no cycle
        free = {node for node in seen if not any(user == node for _, user in left)}
        assert free, f"cycle among {sorted(seen)}"
        seen -= free
        left = {edge for edge in left if edge[0] not in free}


def test_every_indicator_has_a_known_roll_up_and_both_definitions() -> None:
    assert list(indicators()) == [f"K{number:02d}" for number in range(1, 55)]
    assert all(row["definition"] and row["definition_zh"] for row in indicator_rows())
    methods = {kpi.id: kpi.method for kpi in indicators().values()}
    assert methods["K01"] is Method.SUM
    assert methods["K05"] is Method.PUBLISHED
    assert methods["K10"] is Method.RATIO
    assert methods["K20"] is Method.DISTINCT


def test_published_tables_have_all_rows_with_source_and_unique_ids() -> None:
    assert {name: len(published(name)) for name in PUBLISHED} == {
        "anchor_points": 28,
        "carriers": 73,
        "facts": 41,
        "governance": 85,
        "kpi_series": 217,
        "platforms": 91,
        "policies": 52,
        "projects": 167,
    }
    ids = [row["pub_id"] for name in PUBLISHED for row in published(name)]
    assert len(set(ids)) == len(ids)
    assert all(row["source"] for name in PUBLISHED for row in published(name))


def test_every_published_figure_has_a_date_or_says_why_not() -> None:
    day = re.compile(r"\d{4}(-\d{2}(-\d{2})?|Q[1-4])?")
    for name in PUBLISHED:
        for row in published(name):
            if row["as_of"] is None:
                assert name == "anchor_points" or row["as_of_text"]
            else:
                assert day.fullmatch(row["as_of"])


def test_published_projects_fill_nothing_in() -> None:
    projects = published("projects")
    assert sum(row["total_investment_wan"] is not None for row in projects) == 56
    assert sum(row["land_mu"] is not None for row in projects) == 41
    assert sum(row["floor_area_m2"] is not None for row in projects) == 45
    assert {row["zone_code"] for row in projects} == {*ZONES, None}
    screen = next(row for row in projects if row["name_zh"] == "京东方第8.6代AMOLED生产线")
    assert (screen["total_investment_wan"], screen["land_m2"], screen["zone_code"]) == (6_300_000, 933_333, "XYDIT")


def test_old_mega_projects_and_pledges_stay_out_of_totals() -> None:
    kept_out = {row["name_zh"]: row["totals_rule"] for row in published("projects") if row["totals_rule"] != "include"}
    assert kept_out["紫光芯城"] == "stale"
    assert sum(rule == "stale" for rule in kept_out.values()) == 3
    assert sum(rule == "pledge" for rule in kept_out.values()) == 2


def test_values_published_as_at_least_keep_their_mark() -> None:
    marked = [row for row in published("kpi_series") if row["value_op"]]
    assert len(marked) == 11
    assert all(row["value_num"] is not None for row in marked)
    assert {row["value_op"] for row in marked} == {"gt"}


def test_an_unknown_published_table_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of anchor_points, carriers"):
        published("../districts")


def test_rows_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        published("projects")[0]["name_zh"] = "改"  # type: ignore[index]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_tables_are_utf8_without_mark_and_rectangular(path: Path) -> None:
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(raw.decode("utf-8").splitlines()))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "source" in rows[0]
