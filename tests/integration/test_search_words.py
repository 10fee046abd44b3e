"""Search reaches classes, states, features, governance and policies, by Chinese, pinyin and code; through the gate."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from callbacks.map import fill
from data import models as m
from data.derive.search import REFERENCE, derive_search
from data.queries.catalogue import catalogue
from data.queries.groups import Group, group
from data.queries.question import Question
from data.queries.search import search
from domain.features import Feature, carrier_features
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState
from views.pages import park

LEADER, PROMOTER, PROSPECT = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER), Viewer(Role.PROSPECT)
DEMO, PUBLISHED = ViewState(), ViewState(dataset=Dataset.PUBLISHED)


def found(session: Session, text: str, viewer: Viewer = LEADER, state: ViewState = DEMO) -> list[str]:
    return [f"{hit.kind}:{hit.entity_id}" for hit in search(Question.of(session, viewer, state), text)]


def named(session: Session, kind: str, code: str, viewer: Viewer = LEADER, state: ViewState = DEMO) -> Group:
    answer = group(Question.of(session, viewer, state), kind, code)
    assert answer is not None
    return answer


def ids(members: Iterable[object]) -> set[str]:
    return {member.id for member in members}  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["二类工业", "erleigongye", "elgy", "100102", "二类工业用地", "ELGYYD"])
def test_a_land_use_class_by_name_pinyin_and_code(db_session: Session, text: str) -> None:
    assert found(db_session, text) == ["landuse:100102"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("净地", "supply:ready"), ("jingdi", "supply:ready"),
        ("已挂牌", "supply:listed"), ("yiguapai", "supply:listed"), ("ygp", "supply:listed"),
        ("已达供地条件", "landstate:ready"), ("ydgdtj", "landstate:ready"),
        ("在建", "stage:building"), ("zaijian", "stage:building"), ("施工许可", "stage:signed"),
        ("红灯", "light:red"), ("hongdeng", "light:red"), ("飞地", "kind:E"),
        ("成都高新区", "unit:CD-GXQ"), ("cdgxq", "unit:CD-GXQ"), ("CD-GXQ", "unit:CD-GXQ"), ("510116", "unit:510116"),
        ("Chengdu Hi-tech Zone", "unit:CD-GXQ"),
        ("拆迁安置", "duty:拆迁安置"), ("chaiqiananzhi", "duty:拆迁安置"), ("cqaz", "duty:拆迁安置"),
        ("集成电路", "chain:IC"), ("jcdl", "chain:IC"), ("IC", "chain:IC"), ("IC-M2", "node:IC-M2"),
    ],
)  # fmt: skip
def test_states_governance_and_chains_come_first(db_session: Session, text: str, first: str) -> None:
    assert found(db_session, text)[0] == first


def test_features_of_what_the_carriers_say(db_session: Session) -> None:
    """蒸汽 and GMP are found where a building has them, and lead to exactly those buildings."""
    building = m.CarrierBuilding
    steamy = db_session.scalars(
        select(building).where(building.provenance == "demo", building.zone_code == "SMKX").order_by(building.id)
    ).first()
    assert steamy is not None
    steamy.steam, steamy.carrier_type = True, "GMP厂房/人才公寓(保租房)"
    db_session.flush()
    derive_search(db_session, "demo")
    for text, key in (
        ("蒸汽", "蒸汽"), ("zhengqi", "蒸汽"), ("zq", "蒸汽"),
        ("GMP", "GMP厂房"), ("人才公寓", "人才公寓"), ("rencaigongyu", "人才公寓"), ("rcgy", "人才公寓"),
    ):  # fmt: skip
        assert found(db_session, text)[0] == f"feature:{key}"
    zones = db_session.scalars(select(m.Zone.code).where(m.Zone.scheme_id == "wcsc")).all()
    have = db_session.scalars(
        select(building.id).where(
            building.provenance == "demo", building.steam.is_(True), building.zone_code.in_(zones)
        )
    )
    steam = named(db_session, "feature", "蒸汽")
    assert ids(steam.listed["carrier"]) == set(have)
    assert ids(named(db_session, "feature", "人才公寓").listed["carrier"]) == {steamy.id}
    assert found(db_session, "蒸汽", PROSPECT)[0] == "feature:蒸汽"  # carriers are what guests are shown


def test_the_storey_height_of_a_feature_is_that_of_the_best_unit(db_session: Session) -> None:
    unit, building = m.CarrierUnit, m.CarrierBuilding
    tall = db_session.execute(
        select(building.id)
        .join(unit, unit.building_id == building.id)
        .join(m.Zone, m.Zone.code == building.zone_code)
        .where(building.provenance == "demo", m.Zone.scheme_id == "wcsc")
        .group_by(building.id)
        .having(func.max(unit.clear_height_m) >= 7)
    )
    assert ids(named(db_session, "feature", "层高7m以上").listed["carrier"]) == {row.id for row in tall}
    assert [h.entity_id for h in search(Question.of(db_session, LEADER, DEMO), "层高")] == [
        "层高5m以上",
        "层高6m以上",
        "层高7m以上",
    ]
    assert carrier_features("研发办公", None, height_m=None) == (Feature("研发办公", "研发办公"),)


def test_a_class_is_its_parcels_of_the_face_shown_and_its_plots(db_session: Session) -> None:
    parcel = m.LandParcel
    zones = db_session.scalars(select(m.Zone.code).where(m.Zone.scheme_id == "wcsc")).all()
    for face, column in (("status", parcel.status_code), ("plan", parcel.plan_code)):
        want = db_session.execute(
            select(func.count(), func.sum(parcel.area_m2)).where(
                parcel.provenance == "demo", parcel.zone_code.in_(zones), column.like("10%")
            )
        ).one()
        assert named(db_session, "landuse", "10", state=ViewState(landuse=face)).totals["parcel"] == tuple(want)
    plots = db_session.scalars(
        select(m.Plot.id).where(
            m.Plot.provenance == "demo", m.Plot.zone_code.in_(zones), m.Plot.landuse_code.like("10%")
        )
    )
    assert ids(named(db_session, "landuse", "10").listed["plot"]) == set(plots)


def test_a_role_never_finds_what_it_may_not_see(db_session: Session) -> None:
    assert found(db_session, "谋划在谈") == ["stage:lead"]
    assert found(db_session, "谋划在谈", PROMOTER) == []  # leads are withheld from promoters, the list would be empty
    for text, word in (
        ("红灯", "light:red"),
        ("在建", "stage:building"),
        ("飞地", "kind:E"),
        ("不可开发", "landstate:undevelopable"),
    ):
        assert found(db_session, text)[0] == word
        assert word not in found(db_session, text, PROSPECT)
    projects = [f"project:{p}" for p in db_session.scalars(select(m.Project.id).where(m.Project.provenance == "demo"))]
    assert found(db_session, projects[0].removeprefix("project:")) == projects[:1]
    assert found(db_session, projects[0].removeprefix("project:"), PROSPECT) == []
    assert found(db_session, "净地", PROSPECT) == ["supply:ready"]
    withheld = named(db_session, "landuse", "10", PROSPECT)
    assert (withheld.withheld, "parcel" in withheld.listed) == (("parcel",), False)


def test_policies_are_public_and_found_beside_any_data_set(db_session: Session) -> None:
    for state in (DEMO, PUBLISHED, ViewState(scheme="wenjiang")):
        assert found(db_session, "梧桐计划", PROSPECT, state) == ["policy:PUB-Y003"]
        assert found(db_session, "PUB-Y003", LEADER, state) == ["policy:PUB-Y003"]
    assert found(db_session, "wutongjihua") == ["policy:PUB-Y003"]


def test_words_belong_to_their_scheme_and_data_set(db_session: Session) -> None:
    wenjiang = ViewState(scheme="wenjiang")
    assert found(db_session, "园区指挥部", state=wenjiang) == ["unit:WJ-HQ"]
    assert found(db_session, "园区指挥部") == []
    assert found(db_session, "拆迁安置", state=wenjiang) == []
    assert found(db_session, "rencaigongyu", state=PUBLISHED)[0] == "feature:人才公寓"
    listed = named(db_session, "feature", "人才公寓", state=PUBLISHED).listed["carrier"]
    assert {"PUB-C003", "PUB-C045", "PUB-C054"} <= ids(listed)


def test_a_class_selected_on_a_park_page_leaves_the_map_on_the_park(db_session: Session) -> None:
    zone = catalogue(db_session).zones["SMKX"]
    with Flask(__name__).test_request_context():
        question = Question.of(db_session, LEADER, ViewState(selection="landuse:1001"))
        page = park.PAGE.drawn(question, zone.code)
        fill(page, question, f"/park/{zone.code}")
    spec = next(x.data for x in page._traverse() if getattr(x, "id", None) == "map-spec")
    assert spec["camera"]["bounds"] == spec["camera"]["home"] == list(zone.bounds)


def test_a_database_without_the_new_entries_still_answers(db_session: Session) -> None:
    """An older database lacks them until it is derived anew; what it has is found, and nothing fails."""
    entry = m.SearchEntry
    db_session.execute(delete(entry).where(entry.kind.not_in(("zone", "project", "carrier", "plot", "platform"))))
    assert found(db_session, "100102") == []
    assert found(db_session, "SMKX")[0] == "zone:SMKX"
    derive_search(db_session, "demo")
    assert found(db_session, "100102") == ["landuse:100102"]
    shared = db_session.scalar(select(func.count()).where(entry.provenance == REFERENCE, entry.kind == "landuse"))
    classes = db_session.scalar(select(func.count()).select_from(m.LandUseClass))
    military = db_session.scalar(select(func.count()).where(m.LandUseClass.code.like("1501%")))
    assert shared == (classes or 0) - (military or 0)
