"""A city of two districts, two zones and a handful of records: small enough to know every answer by heart.

Districts are unit squares side by side (0.2° each); zone CDKXC lies in the western one, SMKX across both.
"""

from __future__ import annotations

from datetime import date

import shapely
from sqlalchemy.orm import Session

from data import models as m

WEST, EAST = "510116", "510118"
PERIODS = ("2026-07", "2026-08", "2026-09")


def fill(session: Session, *, data_version: int = 1) -> None:
    """Add the rows and commit."""
    demo = {"provenance": "demo"}
    session.add_all(
        [
            m.Meta(key="data_version", value=str(data_version)),
            m.Meta(key="cut_month", value="2026-09"),
            *(
                m.AdminUnit(
                    code=code, code_system="GB/T 2260", kind="statutory", name_zh=name, name_en=code, source="test",
                    geom=shapely.box(x, 30.3, x + 0.2, 30.5),
                )
                for code, name, x in ((WEST, "双流区", 103.8), (EAST, "新津区", 104.0))
            ),
            m.ZoneScheme(
                id="wcsc", name_zh="一核四区", name_en="One core, four zones", motto_zh="", motto_en="", area_crs="EPSG:4544",
                boundary_source="test", order_no=1,
            ),
            m.Chain(code="IC", version="t", name_zh="集成电路", name_en="IC", ecosystem="", lead_zones=[], order_no=1),
            m.Chain(code="DRUG", version="t", name_zh="创新药", name_en="Drugs", ecosystem="", lead_zones=[], order_no=2),
            m.KpiDefinition(
                id="K01", name_zh="固投", name_en="FAI", definition="", formula="", unit="亿元", direction="↑", period="month",
                accumulation="ytd", additive_parks="Y", additive_districts="Y", roll_up="sum", owner="统计", channel="直报",
            ),
            *(
                m.LandUseClass(
                    scheme="YDYH2023", code=code, name_zh=name, level=len(code) // 2, colour=colour, colour_wall=wall,
                    is_construction=True, is_local=False,
                )
                for code, name, colour, wall in (
                    ("07", "居住用地", "#FFFF2D", "#B8B84A"),
                    ("0701", "城镇住宅用地", "#FFFF2D", "#B8B84A"),
                    ("0702", "社区服务用地", "#FFFF2D", "#B8B84A"),
                    ("1001", "工业用地", "#BB9674", "#8A7460"),
                )
            ),
        ]
    )  # fmt: skip
    session.flush()
    session.add_all(
        [
            m.ChainNode(id="IC-M1", chain_code="IC", tier="中游", name_zh="制造", name_en="Fab", criticality=3, order_no=1),
            m.ChainNode(id="DRUG-M2", chain_code="DRUG", tier="中游", name_zh="抗体", name_en="mAb", criticality=2, order_no=1),
            *(
                m.Zone(
                    code=code, scheme_id="wcsc", name_zh=name, name_en=code, short_zh=name, role=role, order_no=n,
                    leading_chains=[], geom=geom, is_schematic=schematic, geometry_source="test",
                )
                for n, (code, name, role, geom, schematic) in enumerate(
                    [
                        ("CDKXC", "成都科学城", "core", shapely.box(103.85, 30.35, 103.95, 30.45), True),
                        ("SMKX", "生命科学创新区", "zone", shapely.box(103.97, 30.35, 104.05, 30.45), True),
                        ("AXIS", "发展轴", "axis", shapely.LineString([(103.85, 30.4), (104.05, 30.4)]), False),
                    ]
                )
            ),
        ]
    )  # fmt: skip
    session.flush()
    session.add_all(
        [
            *(
                m.ZoneParty(zone_code=zone, unit=unit, role=role, duties=[])
                for zone, unit, role in (("CDKXC", WEST, "lead"), ("SMKX", WEST, "lead"), ("SMKX", EAST, "partner"))
            ),
            *(
                m.KpiValue(
                    kpi_id="K01", unit_scope="zone", unit_code="CDKXC", period_type="M", period=period, accumulation="ytd",
                    value=1, unit="万元", status="final", scope="territorial", channel="直报", as_of=date(2026, 10, 1),
                    version=1, **demo,
                )
                for period in PERIODS
            ),
            *(
                m.LandParcel(
                    id=id_, zone_code="CDKXC", district_code=WEST, landuse_scheme=scheme, status_code=status, plan_code=plan,
                    land_state="built", area_m2=10_000, datum="CGCS2000", geom=shapely.box(x, 30.36, x + 0.01, 30.37), **demo,
                )
                for id_, scheme, status, plan, x in (
                    ("P1", "YDYH2023", "0701", "1001", 103.86),
                    ("P2", "YDYH2023", None, "0702", 103.88),
                    ("P3", "GBT21010_2017", "1001", None, 103.90),
                    ("P4", "YDYH2023", "1501", None, 103.92),
                )
            ),
            m.Plot(
                id="T1", code="DK-1", zone_code="SMKX", district_code=WEST, landuse_scheme="YDYH2023", landuse_code="1001",
                area_m2=90_000, supply_state="ready", geom=shapely.box(103.98, 30.41, 103.98317, 30.41271), **demo,
            ),
            *(
                m.CarrierBuilding(
                    id=id_, name_zh=f"演示·{id_}", zone_code="CDKXC", district_code=WEST, carrier_type="标准厂房", height_m=height,
                    lon=103.9, lat=30.4, position_is_schematic=schematic, footprint=footprint, **demo,
                )
                for id_, height, schematic, footprint in (
                    ("C1", 42.0, False, shapely.box(103.899, 30.399, 103.901, 30.401)),
                    ("C2", None, True, None),
                )
            ),
            m.Platform(
                id="L1", name_zh="演示·实验室", category="高能级实验室", zone_code="CDKXC", lon=103.91, lat=30.41,
                position_is_schematic=False, **demo,
            ),
            *(
                m.Project(
                    id=id_, name_zh=f"演示·{id_}", zone_code=zone, total_investment_wan=wan, lon=lon, lat=30.4,
                    position_is_schematic=False, footprint=footprint, datum="CGCS2000", **demo,
                )
                for id_, zone, wan, lon, footprint in (
                    ("A1", "CDKXC", 80_000, 103.9, None),
                    ("B1", "SMKX", 600_000, 104.0, shapely.box(103.99, 30.395, 104.01, 30.405)),
                    ("N1", "SMKX", None, 104.02, None),
                )
            ),
        ]
    )  # fmt: skip
    session.flush()
    months = {
        # project: (stage, signed, light) by month; None = not yet in the register
        "A1": [(90, True, "green"), (90, True, "yellow"), (90, True, "red")],
        "B1": [(20, False, "none"), (30, True, "grey"), (120, True, "green")],
        "N1": [None, (20, False, "none"), (20, False, "none")],
    }
    session.add_all(
        [
            *(
                m.ProjectMonth(
                    period=period, project_id=project, stage=found[0], signed=found[1], light=found[2], months_red=0,
                    stage_group={90: "building", 20: "lead", 30: "signed", 120: "operating"}[found[0]],
                )
                for project, history in months.items()
                for period, found in zip(PERIODS, history, strict=True)
                if found
            ),
            m.ProjectKind(project_id="B1", kind="A"),
            m.ProjectKind(project_id="B1", kind="D"),
            m.ProjectKind(project_id="B1", kind="F"),
            m.ProjectKind(project_id="A1", kind="G"),
            m.ProjectDistrict(project_id="A1", district_code=WEST, area_m2=None, is_primary=True),
            m.ProjectDistrict(project_id="B1", district_code=WEST, area_m2=60_000, is_primary=True),
            m.ProjectDistrict(project_id="B1", district_code=EAST, area_m2=40_000, is_primary=False),
            m.ProjectSite(id="B1-h", project_id="B1", role="hq", lon=103.9, lat=30.38),
            m.ProjectSite(id="B1-b", project_id="B1", role="base", lon=104.0, lat=30.4),
            m.ProjectPlace(project_id="B1", role="first_contact", zone_code="CDKXC"),
            m.EntityNode(entity_kind="project", entity_id="A1", node_id="IC-M1", link_source="manual", confidence=1),
            m.EntityNode(entity_kind="project", entity_id="B1", node_id="DRUG-M2", link_source="manual", confidence=1),
            m.EntityChain(entity_kind="project", entity_id="B1", chain_code="IC"),
            *(
                m.CarrierUnit(id=f"U{n}", building_id="C1", floor=n, unit_no=str(n), area_m2=area, state=state)
                for n, (area, state) in enumerate([(200, "vacant"), (800, "occupied"), (500, "building")])
            ),
        ]
    )  # fmt: skip
    session.commit()
