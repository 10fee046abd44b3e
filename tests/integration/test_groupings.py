"""Three groupings of the territorial scope, one total, record by record (rules §4.2.1)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data.queries.attribution import SPLIT_KPIS, attributed, attribution_rows, split
from data.queries.catalogue import catalogue
from data.queries.kpis import figures
from data.queries.question import Question
from domain.attribution import Scope as Rule
from domain.viewer import Role, Viewer
from domain.viewstate import Grouping, Scope, ViewState

LEADER = Viewer(Role.LEADERSHIP)


@lru_cache(maxsize=200)
def _by_record(session: Session, scheme: str, scope: Scope, by: Grouping, kpi: str) -> tuple[dict[str, int], int]:
    """Sum of the parts of every record, and what is in no unit."""
    at = replace(catalogue(session).resolve(ViewState(scheme=scheme, scope=scope, by=by)))
    table = attributed(session, at, kpi, Rule(scope.value)).table
    sums = np.zeros(len(table.block.amount_wan), dtype=np.int64)
    np.add.at(sums, table.record, table.amount_wan)
    ids = table.block.ids or ()
    return dict(zip(ids, sums.tolist(), strict=True)), sum(row.record.amount_wan for row in table.exceptions)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_another_grouping_changes_no_record_and_no_total(db_session: Session, data: st.DataObject) -> None:
    scheme = data.draw(st.sampled_from(("wcsc", "wenjiang")))
    scope = data.draw(st.sampled_from((Scope.TERRITORIAL, Scope.AREA, Scope.SHARED, Scope.DUAL)))
    kpi = data.draw(st.sampled_from(SPLIT_KPIS))
    by = data.draw(st.sampled_from((Grouping.ADMIN, Grouping.GOV)))
    records, failed = _by_record(db_session, scheme, scope, Grouping.STAT, kpi)
    others, other_failed = _by_record(db_session, scheme, scope, by, kpi)
    # What a zone reports beyond its records is in a unit only where one holds the whole zone: that may differ.
    own = {who: amount for who, amount in records.items() if not who.startswith("balance/")}
    assert own == {who: amount for who, amount in others.items() if not who.startswith("balance/")}
    assert sum(records.values()) + failed == sum(others.values()) + other_failed


@pytest.mark.parametrize("scope", [Scope.TERRITORIAL, Scope.SHARED, Scope.AREA])
@pytest.mark.parametrize("kpi", ["K01", "K04", "K08", "K20"])
def test_the_total_is_one_in_every_grouping(db_session: Session, scope: Scope, kpi: str) -> None:
    found = {by: split(Question.of(db_session, LEADER, ViewState(scope=scope, by=by)), kpi) for by in Grouping}
    assert len({f.total for f in found.values()}) == 1
    for part in found.values():
        assert sum(p.amount or 0 for p in part.parts) + (part.unattributed or 0) == part.total


def test_functional_areas_stand_for_what_they_report(db_session: Session) -> None:
    """Fixed-asset investment of the newest month: zone by zone, in the unit that counts it."""
    by_zone = {
        by: {
            z.zone: {p.unit for p in z.parts}
            for z in split(Question.of(db_session, LEADER, ViewState(by=by)), "K01").by_zone
        }
        for by in Grouping
    }
    assert by_zone[Grouping.STAT] == {
        "CDKXC": {"CD-TFXQ"},
        "XJJHL": {"CD-GXQ"},
        "SMKX": {"510116", "CD-GXQ"},  # one project names 高新区 as its statistics unit since July (rules §4.4.8)
        "WLKJC": {"CD-DBXQ"},
        "XYDIT": {"CD-GXQ"},
    }
    assert by_zone[Grouping.ADMIN] == {
        "CDKXC": {"510116"},
        "XJJHL": {"510107", "510116"},
        "SMKX": {"510116"},
        "WLKJC": {"510185"},
        "XYDIT": {"510117"},
    }
    assert by_zone[Grouping.GOV] == {
        "CDKXC": {"CD-TFXQ"},
        **{zone: {"CD-GXQ"} for zone in ("XJJHL", "SMKX", "WLKJC", "XYDIT")},
    }


def test_the_share_of_the_hi_tech_zone_is_what_it_governs_and_reports(db_session: Session) -> None:
    """Under 法定区县 it has none of it; that was the split of all figures, without its name."""

    def amount(by: Grouping) -> int:
        return {
            p.unit: p.amount or 0 for p in split(Question.of(db_session, LEADER, ViewState(by=by)), "K01").parts
        }.get("CD-GXQ", 0)

    by_zone = split(Question.of(db_session, LEADER, ViewState()), "K01").by_zone
    zones = {z.zone: z.total or 0 for z in by_zone}
    moved = sum(p.amount or 0 for z in by_zone if z.zone == "SMKX" for p in z.parts if p.unit == "CD-GXQ")
    assert amount(Grouping.ADMIN) == 0
    assert amount(Grouping.STAT) == zones["XJJHL"] + zones["XYDIT"] + moved
    assert amount(Grouping.GOV) == sum(zones.values()) - zones["CDKXC"]


@pytest.mark.parametrize("by", list(Grouping))
@pytest.mark.parametrize("kpi", ["K01", "K04", "K20"])
def test_the_tile_under_a_unit_is_the_part_that_the_split_gives_it(db_session: Session, by: Grouping, kpi: str) -> None:
    parts = {p.unit: p.amount for p in split(Question.of(db_session, LEADER, ViewState(by=by)), kpi).parts}
    for unit, amount in parts.items():
        state = ViewState(by=by, districts=(unit,))
        figure = figures(Question.of(db_session, LEADER, state), (kpi,))[kpi]
        assert figure.value == amount, unit
        assert (
            sum(row["amount"] for row in attribution_rows(Question.of(db_session, LEADER, state), kpi, limit=5000).rows)
            == amount
        )


def test_what_is_left_of_a_district_has_its_own_name(db_session: Session) -> None:
    def names(by: Grouping) -> dict[str, tuple[str, str]]:
        found = split(Question.of(db_session, LEADER, ViewState(by=by)), "K01").parts
        return {p.unit: (p.name_zh, p.name_en) for p in found}

    assert names(Grouping.STAT)["510116"] == (
        "双流区(不含天府新区直管区、高新区托管)",
        "Shuangliu District (without Tianfu New Area and Hi-tech Zone)",
    )
    assert names(Grouping.ADMIN)["510116"] == ("双流区", "Shuangliu District")


def test_the_units_of_each_grouping(db_session: Session) -> None:
    known = catalogue(db_session)
    stat = known.units_of(Grouping.STAT, "wcsc")
    assert len(stat) == 23
    assert set(stat) - set(known.units_of(Grouping.ADMIN, "wcsc")) == {"CD-GXQ", "CD-TFXQ", "CD-DBXQ"}
    assert known.units_of(Grouping.GOV, "wcsc") == ("CD-GXQ", "CD-TFXQ")
    assert known.units_of(Grouping.GOV, "wenjiang") == ("510115",)
