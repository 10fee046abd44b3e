"""Reference data and zone schemes as the screens read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data.load import load_reference, load_scheme
from data.models import (
    AdminAlias,
    AdminUnit,
    ChainNode,
    KpiDefinition,
    LandUseClass,
    ShareAgreement,
    Street,
    Zone,
    ZoneArea,
    ZoneDistrict,
    ZoneParty,
    ZoneScheme,
)

OTHER_SCHEME = """
id: two-parks
name_zh: 城北双园 1核1园
name_en: North parks, one core and one park
short_zh: 1核1园
area_crs: EPSG:4544
boundary_source: sketch
city_prefix: "5101"
elements:
  - code: NB-CORE
    name_zh: 北核
    name_en: North core
    role: core
    order: 1
    authority: "510114"
    geometry:
      kind: polygon
      sketch: [[104.10, 30.80], [104.16, 30.80], [104.16, 30.85], [104.10, 30.85]]
      hosts: {"510114": null}
    parties:
      - {unit: NB-OFFICE, name_zh: 双园办公室, role: lead}
  - code: NB-AXIS
    name_zh: 北轴
    name_en: North axis
    role: axis
    order: 2
    authority: "510114"
    geometry: {kind: line, sketch: [[104.11, 30.81], [104.15, 30.84]]}
"""


def test_twenty_districts_have_their_area_and_functional_areas_have_no_geometry(db_session: Session) -> None:
    districts = db_session.scalars(select(AdminUnit).where(AdminUnit.kind == "statutory")).all()
    assert len(districts) == 20
    shuangliu = next(d for d in districts if d.code == "510116")
    assert shuangliu.area_m2 == pytest.approx(1_065.0e6, rel=0.01)
    assert sum(d.area_m2 or 0 for d in districts) == pytest.approx(14_335e6, rel=0.01)
    functional = db_session.scalars(select(AdminUnit).where(AdminUnit.code.in_(["CD-GXQ", "CD-TFXQ", "CD-DBXQ"]))).all()
    assert [(u.kind, u.geom) for u in functional] == [("functional", None)] * 3


def test_a_pseudo_code_is_an_authority_and_never_a_place(db_session: Session) -> None:
    alias = db_session.get_one(AdminAlias, "510109")
    assert (alias.code, alias.use) == ("CD-GXQ", "approval_authority")
    assert db_session.get(AdminUnit, "510109") is None
    assert db_session.scalar(select(func.count()).select_from(Street)) == 31


def test_both_schemes_are_there_with_the_default_first(db_session: Session) -> None:
    schemes = db_session.scalars(select(ZoneScheme).order_by(ZoneScheme.order_no)).all()
    assert [(s.id, s.motto_zh) for s in schemes] == [("wcsc", "一核四区"), ("wenjiang", "1核2轴3园")]
    codes = db_session.scalars(select(Zone.code).where(Zone.scheme_id == "wcsc").order_by(Zone.order_no)).all()
    assert codes == ["CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT"]
    axes = db_session.scalars(select(Zone).where(Zone.role == "axis")).all()
    assert {a.geom.geom_type for a in axes} == {"LineString"}
    assert {a.geometry_area_m2 for a in axes} == {None}


def test_each_zone_has_its_published_area_and_its_districts_add_up(db_session: Session) -> None:
    for zone in db_session.scalars(select(Zone).where(Zone.scheme_id == "wcsc")):
        current = db_session.scalars(select(ZoneArea).where(ZoneArea.zone_code == zone.code, ZoneArea.is_current)).one()
        assert zone.geometry_area_m2 == pytest.approx(current.km2 * 1e6, rel=0.005)
        parts = db_session.scalars(select(ZoneDistrict.area_m2).where(ZoneDistrict.zone_code == zone.code)).all()
        assert sum(parts) == pytest.approx(zone.geometry_area_m2, abs=2)
        assert zone.is_schematic


def test_the_bio_city_lies_in_two_districts_of_which_one_is_no_party(db_session: Session) -> None:
    areas = dict(
        db_session.execute(
            select(ZoneDistrict.district_code, ZoneDistrict.area_m2).where(ZoneDistrict.zone_code == "SMKX")
        ).all()
    )
    assert areas["510116"] == pytest.approx(39.4e6, rel=0.005)
    assert areas["510118"] == pytest.approx(4.6e6, rel=0.005)
    roles = db_session.execute(select(ZoneParty.unit, ZoneParty.role).where(ZoneParty.zone_code == "SMKX")).all()
    assert ("CD-GXQ", "lead") in roles
    assert ("510116", "partner") in roles
    assert [role for unit, role in roles if unit == "510118"] == ["host"]


def test_illustrative_shares_are_demo_data_and_sum_to_one(db_session: Session) -> None:
    agreements = db_session.scalars(select(ShareAgreement).where(ShareAgreement.zone_code == "SMKX")).all()
    assert {a.metric_class for a in agreements} == {"direct", "nondirect", "fiscal"}
    assert all(a.provenance == "demo" and a.illustrative for a in agreements)
    assert all(a.shares == {"CD-GXQ": "3/5", "510116": "2/5"} for a in agreements)
    assert {a.metric_class for a in agreements if a.retention} == {"fiscal"}


def test_codes_of_chains_kpis_and_land_use_are_complete_and_military_land_is_not_there(db_session: Session) -> None:
    assert db_session.scalar(select(func.count()).select_from(ChainNode)) == 97
    assert db_session.scalar(select(func.count()).select_from(KpiDefinition)) == 54
    codes = db_session.scalars(select(LandUseClass.code)).all()
    assert len(codes) == 174
    assert not [code for code in codes if code.startswith("1501")]


def test_any_other_scheme_loads_from_its_file(empty_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(OTHER_SCHEME, encoding="utf-8")
    with Session(empty_engine) as session:
        load_reference(session, scheme_ids=())
        scheme = load_scheme(session, path)
        assert scheme.codes == ("NB-CORE", "NB-AXIS")
        row = session.get_one(ZoneScheme, "two-parks")
        assert (row.name_zh, row.motto_zh, row.name_en, row.motto_en) == (
            "城北双园", "1核1园", "North parks", "one core and one park",
        )  # fmt: skip
        office = session.get_one(AdminUnit, "NB-OFFICE")
        assert (office.kind, office.name_zh, office.geom) == ("functional", "双园办公室", None)
        with pytest.raises(ValueError, match="loaded already"):
            load_scheme(session, path)


def test_a_scheme_of_another_city_brings_its_districts(empty_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "far.yaml"
    text = OTHER_SCHEME.replace("5101", "3101").replace("510114", "310115").replace("EPSG:4544", "EPSG:4549")
    for old, new in (("104.1", "121.6"), ("30.8", "31.2")):
        text = text.replace(old, new)
    path.write_text(text.replace("310114", "310115"), encoding="utf-8")
    with Session(empty_engine) as session:
        load_reference(session, scheme_ids=())
        load_scheme(session, path)
        pudong = session.get_one(AdminUnit, "310115")
        assert (pudong.name_zh, pudong.name_en) == ("浦东新区", "Pudongxin District")


def test_an_unknown_scheme_is_refused_by_name(empty_engine: Engine) -> None:
    with Session(empty_engine) as session, pytest.raises(ValueError, match="no scheme nowhere"):
        load_reference(session, scheme_ids=("nowhere",))
