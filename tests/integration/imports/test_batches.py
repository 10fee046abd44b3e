"""A batch is one step: all of it or none, told again it changes nothing, and it can be taken back while nothing rests on it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from data import models as m
from data.imports.check import Options
from data.imports.commit import Outcome, batches, commit, dry_run, undo
from data.imports.problem import ImportProblem, Watch
from data.imports.tables import TABLES
from data.queries.catalogue import catalogue, data_version
from domain.viewstate import Dataset
from tests.support.importing import checked, csv_file

PROJECTS = (
    "项目编号,项目名称,所属片区,总投资(万元),签约日期,开工日期,经度,纬度\n"
    "P1,甲项目,CDKXC,100,2024-03-01,2025-01-10,104.081,30.4005\nP2,乙项目,SMKX,200,2025-05-01,,,\n"
)
#: Everything but the batches themselves, their numbers and the version.
_BOOKS = {"import_batch", "import_change", "import_mapping", "meta", "alembic_version"}


def bring(engine: Engine, folder: Path, table: str, content: str, name: str = "rows.csv", **options: Any) -> Outcome:
    """Import a csv."""
    path = csv_file(folder, content, name=name)
    with Session(engine) as session:
        result = checked(session, path, table, Options(**options))
    return commit(engine, result, Watch())


def contents(engine: Engine) -> dict[str, list[Any]]:
    """All rows of all tables, without numbers the database gives."""
    found: dict[str, list[Any]] = {}
    with engine.connect() as connection:
        for table in m.Base.metadata.sorted_tables:
            if table.name not in _BOOKS:
                columns = [c for c in table.columns if not (c.name == "id" and c.autoincrement is True)]
                rows = connection.execute(select(*columns))
                found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


def test_a_first_batch_writes_rows_children_and_what_follows(own: Engine, tmp_path: Path) -> None:
    with Session(own) as session:
        before = data_version(session)
    outcome = bring(own, tmp_path, "projects", PROJECTS)

    assert outcome.by_table == {"projects": (2, 0), "milestones": (3, 0)}
    with Session(own) as session:
        assert data_version(session) == before + 1 == outcome.data_version
        stage = select(m.ProjectMonth.stage, m.ProjectMonth.signed).where(
            m.ProjectMonth.project_id == "P1", m.ProjectMonth.period == "2026-09"
        )
        assert session.execute(stage).one() == (90, True)
        assert (
            session.scalar(select(m.ProjectDistrict.district_code).where(m.ProjectDistrict.project_id == "P1"))
            == "510116"
        )
        assert session.scalar(select(m.SearchEntry.name).where(m.SearchEntry.entity_id == "P1")) == "甲项目"
        periods = catalogue(session).periods[Dataset.OWN]
        assert periods[-1] == "2026-09"
        batch = batches(session)[0]
        assert (batch.file_name, batch.table, batch.state, batch.role) == (
            "rows.csv",
            "projects",
            "committed",
            "planner",
        )
        assert batch.counts == {
            "new": 5, "changed": 0, "same": 0, "refused": 0, "tables": {"projects": [2, 0], "milestones": [3, 0]},
        }  # fmt: skip
        kept = {row.row_key: row.before for row in session.scalars(select(m.ImportChange))}
        assert kept['["P1"]'] is None


def test_the_same_file_twice_changes_nothing(own: Engine, tmp_path: Path) -> None:
    bring(own, tmp_path, "projects", PROJECTS)
    before = contents(own)
    again = bring(own, tmp_path, "projects", PROJECTS)

    assert (again.batch, again.new, again.changed, again.same) == (None, 0, 0, 5)
    assert [f.code for f in again.findings] == ["unchanged"]
    assert contents(own) == before


def test_next_months_file_updates_what_is_there_and_a_blank_says_nothing(own: Engine, tmp_path: Path) -> None:
    bring(own, tmp_path, "projects", PROJECTS)
    later = "项目编号,项目名称,总投资(万元),开工日期\nP1,甲项目,,\nP2,乙项目二期,250,2026-02-01\n"
    outcome = bring(own, tmp_path, "projects", later, "later.csv")

    assert outcome.by_table == {"projects": (0, 1), "milestones": (1, 0)}
    with Session(own) as session:
        first, second = session.get(m.Project, "P1"), session.get(m.Project, "P2")
        assert first is not None
        assert second is not None
        assert (first.total_investment_wan, first.zone_code) == (100, "CDKXC")
        assert (second.name_zh, second.total_investment_wan, second.zone_code) == ("乙项目二期", 250, "SMKX")
        before = session.scalars(select(m.ImportChange.before).where(m.ImportChange.row_key == '["P2"]')).all()
        assert [b["name_zh"] for b in before if b is not None] == ["乙项目"]


def test_blanks_clear_when_asked_but_a_refused_cell_and_the_place_stay(own: Engine, tmp_path: Path) -> None:
    full = "项目编号,项目名称,所属片区,总投资(万元),项目代码,经度,纬度\n"
    bring(own, tmp_path, "projects", full + "P1,甲,CDKXC,100,A-1,104.081,30.4005\nP2,乙,SMKX,200,A-2,,\n")
    later = full + "P1,甲,,,,,\nP2,乙,SMKX,很多,A-2,,\n"
    outcome = bring(own, tmp_path, "projects", later, "later.csv", blanks_clear=True)

    assert outcome.by_table == {"projects": (0, 1)}
    with Session(own) as session:
        first, second = session.get(m.Project, "P1"), session.get(m.Project, "P2")
        assert first is not None
        assert second is not None
        assert first.total_investment_wan is None
        assert (first.name_zh, first.zone_code, first.project_code) == ("甲", "CDKXC", "A-1")  # what it is known by
        assert (first.lon, first.lat) == (104.081, 30.4005)
        assert second.total_investment_wan == 200  # "很多" says something that could not be read
    assert outcome.batch is not None
    undo(own, outcome.batch, Watch())
    with Session(own) as session:
        again = session.get(m.Project, "P1")
        assert again is not None
        assert again.total_investment_wan == 100


def test_projects_without_a_number_are_known_again_by_code_and_by_name(own: Engine, tmp_path: Path) -> None:
    text_ = "项目名称,项目代码,所属片区,总投资(万元)\n甲项目,2601-1,CDKXC,1\n乙项目,,SMKX,2\n"
    bring(own, tmp_path, "projects", text_)
    renamed = "项目名称,项目代码,所属片区,总投资(万元)\n甲项目(新名),2601-1,CDKXC,1\n乙项目,,,5\n"
    outcome = bring(own, tmp_path, "projects", renamed)

    assert outcome.by_table == {"projects": (0, 2)}  # a blank zone says nothing
    with Session(own) as session:
        names = session.scalars(select(m.Project.name_zh).where(m.Project.provenance == "official")).all()
        assert "甲项目(新名)" in names
        assert "甲项目" not in names


def test_records_of_other_sets_are_never_touched(own: Engine, tmp_path: Path) -> None:
    with Session(own) as session:
        demo = session.scalar(select(m.Project.id).where(m.Project.provenance == "demo").limit(1))
    outcome = bring(own, tmp_path, "projects", f"项目编号,项目名称\n{demo},抢占\nP9,好项目\n")

    assert (outcome.new, outcome.refused) == (1, 1)
    assert [(f.code, f.row) for f in outcome.findings] == [("foreign_row", 2)]
    zones = (
        '片区代码,方案代码,片区名称,类型,范围\nCDKXC,wcsc,抢占,核心,"POLYGON((104 30,104.1 30,104.1 30.1,104 30))"\n'
    )
    path = csv_file(tmp_path, zones)
    with Session(own) as session:
        said = {"columns": {"范围": "geom"}}
        result = checked(session, path, "zones", Options(), said)
        assert [f.code for f in dry_run(session, result, Watch()).findings] == ["shipped_row"]


def test_undo_brings_everything_back(own: Engine, tmp_path: Path) -> None:
    untouched = contents(own)
    first = bring(own, tmp_path, "projects", PROJECTS)
    after_first = contents(own)
    second = bring(own, tmp_path, "projects", "项目编号,项目名称,总投资(万元)\nP1,甲项目改,150\nP3,丙项目,1\n")
    assert first.batch is not None
    assert second.batch is not None

    with pytest.raises(ImportProblem) as caught:
        undo(own, first.batch, Watch())
    assert (caught.value.code, caught.value.values["later"]) == ("batch_needed", str(second.batch))

    undo(own, second.batch, Watch())
    assert contents(own) == after_first
    undo(own, first.batch, Watch())
    assert contents(own) == untouched
    with pytest.raises(ImportProblem) as caught:
        undo(own, first.batch, Watch())
    assert caught.value.code == "batch_undone"
    with pytest.raises(ImportProblem) as caught:
        undo(own, 999, Watch())
    assert caught.value.code == "no_batch"


def test_a_batch_that_others_refer_to_names_them(own: Engine, tmp_path: Path) -> None:
    first = bring(own, tmp_path, "projects", PROJECTS)
    reports = "项目名称,月份,本月完成投资(万元),本年累计完成投资(万元)\n甲项目,2026-08,10,80\n"
    second = bring(own, tmp_path, "monthly_reports", reports, "reports.csv")
    links = bring(own, tmp_path, "chain_links", "对象类型,对象编号,环节编号\n项目,P1,IC-M1\n", "links.csv")
    assert first.batch is not None

    with pytest.raises(ImportProblem) as caught:
        undo(own, first.batch, Watch())
    assert caught.value.values["later"] == f"{second.batch}、{links.batch}"


def test_a_row_changed_elsewhere_stops_the_undo(own: Engine, tmp_path: Path) -> None:
    first = bring(own, tmp_path, "projects", PROJECTS)
    with own.begin() as connection:
        connection.execute(text("UPDATE project SET name_zh = '别处改的' WHERE id = 'P1'"))
    before = contents(own)
    assert first.batch is not None

    with pytest.raises(ImportProblem) as caught:
        undo(own, first.batch, Watch())
    assert (caught.value.code, caught.value.values["count"]) == ("batch_edited", 1)
    assert contents(own) == before


def test_all_or_nothing(own: Engine, tmp_path: Path) -> None:
    before = contents(own)
    broken = "项目编号,项目名称\nP1,甲\nP2,\n"
    with pytest.raises(ImportProblem) as caught:
        bring(own, tmp_path, "projects", broken, all_or_nothing=True)

    assert (caught.value.code, caught.value.values) == ("all_or_nothing", {"count": 1})
    assert contents(own) == before
    assert bring(own, tmp_path, "projects", broken).new == 1


def test_cancelling_while_writing_leaves_nothing(own: Engine, tmp_path: Path) -> None:
    before = contents(own)
    path = csv_file(tmp_path, PROJECTS)
    with Session(own) as session:
        result = checked(session, path, "projects")
    watch = Watch()
    watch.progress = lambda step, _done, _total: watch.cancel() if step == "derive" else None
    with pytest.raises(ImportProblem) as caught:
        commit(own, result, watch)

    assert caught.value.code == "cancelled"
    assert contents(own) == before


def test_a_month_after_the_cut_moves_the_owners_cut_only(own: Engine, tmp_path: Path) -> None:
    bring(own, tmp_path, "projects", PROJECTS)
    reports = "项目编号,月份,本月完成投资(万元),本年累计完成投资(万元)\nP1,2026-10,10,90\n"
    second = bring(own, tmp_path, "monthly_reports", reports, "reports.csv")

    with Session(own) as session:
        known = catalogue(session)
        assert known.periods[Dataset.OWN][-1] == "2026-10"
        assert known.periods[Dataset.DEMO][-1] == known.cut_month == "2026-09"
    assert second.batch is not None
    undo(own, second.batch, Watch())
    with Session(own) as session:
        assert catalogue(session).periods[Dataset.OWN][-1] == "2026-09"


def test_a_reported_value_is_not_replaced_by_a_derived_one(own: Engine, tmp_path: Path) -> None:
    bring(own, tmp_path, "projects", PROJECTS)
    value = "指标编号,单位代码,期间,数值\n签约履约率,CDKXC,2026-06,\nK20,CDKXC,2026-09,7\nK20,SMKX,2026年8月,3\n"
    outcome = bring(own, tmp_path, "kpi_values", value, "kpis.csv")
    again = bring(own, tmp_path, "kpi_values", value, "kpis.csv")

    assert outcome.new + outcome.changed == 3
    assert again.batch is None
    with Session(own) as session:
        found = session.execute(
            select(m.KpiValue.unit_code, m.KpiValue.period, m.KpiValue.value)
            .where(m.KpiValue.provenance == "official", m.KpiValue.kpi_id == "K20", m.KpiValue.value > 1)
            .order_by(m.KpiValue.unit_code)
        ).all()
        assert [tuple(row) for row in found] == [("CDKXC", "2026-09", 7.0), ("SMKX", "2026-08", 3.0)]


def test_a_stage_that_was_only_reported_shows_at_the_cut(own: Engine, tmp_path: Path) -> None:
    bring(
        own,
        tmp_path,
        "projects",
        "项目编号,项目名称,所属片区,当前阶段\nP1,甲,CDKXC,开工\nP2,乙,CDKXC,在谈\nP3,丙,CDKXC,\n",
    )

    with Session(own) as session:
        months = session.execute(
            select(m.ProjectMonth.project_id, m.ProjectMonth.period, m.ProjectMonth.stage, m.ProjectMonth.light)
            .join(m.Project, m.Project.id == m.ProjectMonth.project_id)
            .where(m.Project.provenance == "official")
            .order_by(m.ProjectMonth.project_id)
        ).all()
        assert [tuple(row) for row in months] == [("P1", "2026-09", 90, "grey"), ("P2", "2026-09", 20, "none")]


def test_a_set_of_parcels_alone_has_a_month(own: Engine, tmp_path: Path) -> None:
    square = "POLYGON((104.08 30.4,104.082 30.4,104.082 30.402,104.08 30.402,104.08 30.4))"
    text_ = f'图斑编号,分类标准,现状用地代码,范围\nT1,YDYH2023,0802,"{square}"\n'
    bring(own, tmp_path, "parcels", text_)

    with Session(own) as session:
        assert catalogue(session).periods[Dataset.OWN]
        parcel = session.scalars(select(m.LandParcel).where(m.LandParcel.provenance == "official")).one()
        assert (parcel.zone_code, parcel.district_code, parcel.status_code) == ("CDKXC", "510116", "0802")


def test_a_zone_of_the_owners_scheme_gets_its_districts(own: Engine, tmp_path: Path) -> None:
    bring(own, tmp_path, "schemes", "方案代码,方案名称\nmine,我的方案\n", "schemes.csv")
    square = "POLYGON((104.0 30.4,104.1 30.4,104.1 30.5,104.0 30.5,104.0 30.4))"
    text_ = f'片区代码,方案代码,片区名称,类型,范围\nMY1,mine,我的核心,核心,"{square}"\n'
    outcome = bring(own, tmp_path, "zones", text_, "zones.csv")

    with Session(own) as session:
        parts = session.scalars(select(m.ZoneDistrict.area_m2).where(m.ZoneDistrict.zone_code == "MY1")).all()
        zone = session.get(m.Zone, "MY1")
        assert zone is not None
        assert sum(parts) == pytest.approx(zone.geometry_area_m2, rel=0.01)
        assert catalogue(session).schemes["mine"].zones == ("MY1",)
    assert outcome.batch is not None
    undo(own, outcome.batch, Watch())
    with Session(own) as session:
        assert session.scalar(select(func.count()).select_from(m.Zone).where(m.Zone.code == "MY1")) == 0


def test_what_a_batch_was_made_of_is_kept(own: Engine, tmp_path: Path) -> None:
    bring(own, tmp_path, "projects", PROJECTS)
    with Session(own) as session:
        batch = session.scalars(select(m.ImportBatch)).one()
        assert batch.sha256 == hashlib.sha256(PROJECTS.encode()).hexdigest()
        assert json.loads(json.dumps(batch.mapping))["columns"]["总投资(万元)"] == {
            "field": "total_investment_wan", "unit": "万元",
        }  # fmt: skip


SQUARE = "POLYGON((104.08 30.4,104.082 30.4,104.082 30.402,104.08 30.402,104.08 30.4))"
#: One small file for every table, in an order in which what is referred to comes first.
EVERY: dict[str, str] = {
    "boundaries": f'行政区代码,名称,范围\n999901,远方区,"{SQUARE}"\n',
    "schemes": "方案代码,方案名称\nmine,我的方案\n",
    "zones": f'片区代码,方案代码,片区名称,类型,主导产业链,范围\nMY1,mine,我的核心,核心,IC;DRUG,"{SQUARE}"\n',
    "zone_areas": "片区,公布面积(km²),时间,来源\nMY1,0.04,2026-01,公报\n",
    "zone_parties": "片区,单位代码,角色,职责\nMY1,510116,牵头,规划;招商\n",
    "enterprises": "企业编号,企业名称,统一社会信用代码,母公司编号\nE2,子公司,,E1\nE1,母公司,91510100MA00000001,\n",
    "per_mu": "企业名称,评价年份,用地面积(亩),实缴税收(万元),主营业务收入(亿元)\n母公司,2025,30,500,1.2\n",
    "enterprise_months": "企业编号,月份,累计产值(万元)\nE1,2026年8月,900\n",
    "platforms": "平台名称,平台类别,经度,纬度\n某实验室,实验室,104.081,30.401\n",
    "policies": "政策名称,文号,适用产业链\n某政策,成府发〔2026〕1号,IC\n",
    "parcels": f'图斑编号,分类标准,现状用地代码,范围\nT1,YDYH2023,0802,"{SQUARE}"\n',
    "plots": "地块号,分类标准,用地性质,面积(亩),供地状态\nG1,YDYH2023,100102,30,净地\n",
    "carriers": "载体名称,载体类型,双回路\n甲楼,研发,是\n",
    "units": "载体名称,楼层,单元号,面积(㎡)\n甲楼,3,301,500\n",
    "projects": PROJECTS,
    "leads": "项目名称,初次接洽日期\n线索一,2026-05-01\n",
    "sites": "项目编号,经度,纬度\nP1,104.081,30.401\n",
    "places": "项目编号,事项,单位代码\nP1,统计,510116\nP1,纳税,510116\n",
    "milestones": "项目编号,阶段,完成日期\nP1,竣工,2026-08-01\n",
    "project_years": "项目编号,年度,计划投资(万元)\nP1,2026,70\n",
    "monthly_reports": "项目编号,月份,本月完成投资(万元)\nP1,2026-01,3\nP1,2026-02,4\n",
    "project_facts": "项目编号,月份,累计固定资产投资(万元),工业项目\nP1,2026-08,20,是\n",
    "contracts": "合同编号,图斑编号,项目名称,签订日期,成交价款(万元),约定开工日期\nC1,T1,甲项目,2025-01-01,300,2025-06-01\n",
    "kpi_values": "指标编号,单位代码,期间,数值\nK49,CDKXC,2026Q2,5\n",
    "targets": "指标编号,单位代码,年度,目标值\nK01,CDKXC,2026,900\n",
    "agreements": "协议编号,片区,指标类别,分享比例,起始日期,依据文件\nA1,SMKX,直报,CD-GXQ=3/5;510116=2/5,2026-01-01,某协议\n",
    "chain_links": "对象类型,对象编号,环节编号\n企业,E1,IC-M1\n",
}  # fmt: skip


def test_every_table_comes_in_twice_and_goes_out_again(own: Engine, tmp_path: Path) -> None:
    assert set(EVERY) == set(TABLES)
    untouched = contents(own)
    done = []
    for table, content in EVERY.items():
        outcome = bring(own, tmp_path, table, content, f"{table}.csv")
        assert (table, outcome.refused) == (table, 0)
        assert outcome.new >= content.count("\n") - 1
        assert (table, bring(own, tmp_path, table, content, f"{table}.csv").batch) == (table, None)
        done.append(outcome.batch)
    for batch in reversed(done):
        assert batch is not None
        undo(own, batch, Watch())
    assert contents(own) == untouched
