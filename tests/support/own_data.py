"""A tiny data set of the owner's ("official") beside the filled database, so that worked examples have exact figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count

from sqlalchemy import insert
from sqlalchemy.orm import Session

from data import models as m
from data.derive.kpis import derive_kpis
from data.derive.months import derive_months
from domain.viewstate import Dataset, Scope, ViewState

OWN = "official"
GXQ, SHUANGLIU, XINJIN = "CD-GXQ", "510116", "510118"
_versions = count(10**6)


class OwnData:
    """Adds records; `state` derives months and KPI values and gives the view of them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, *rows: m.Base) -> None:
        """Write rows in the order given."""
        for row in rows:
            self.session.add(row)
            self.session.flush()

    def project(
        self,
        key: str = "P1",
        zone: str = "SMKX",
        *,
        fai: dict[str, int] | None = None,
        stat: list[tuple[str, date | None, date | None]] | None = None,
        districts: dict[str, int | None] | None = None,
        signed: date = date(2024, 3, 5),
        total_wan: int | None = 500_000,
        firm: str | None = None,
        first_contact: str | None = None,
        industrial: bool = True,
        name: str | None = None,
        stones: Mapping[int, date | None] | None = None,
    ) -> None:
        """A signed project with year-to-date investment by month (万元) and statistics units with validity."""
        self.add(
            m.Project(
                id=key,
                name_zh=name or f"自有项目{key}",
                zone_code=zone,
                enterprise_id=firm,
                total_investment_wan=total_wan,
                route="land",
                position_is_schematic=False,
                provenance=OWN,
                source="test",
            )
        )
        for stage, day in {30: signed, **(stones or {})}.items():
            self.add(m.Milestone(project_id=key, stage=stage, done_on=day, evidence="文号"))
        for period, value in (fai or {}).items():
            self.add(m.ProjectFact(period=period, project_id=key, fai_ytd_wan=value, is_industrial=industrial))
        for unit, start, end in stat if stat is not None else [(SHUANGLIU, date(2024, 1, 1), None)]:
            self.add(m.ProjectPlace(project_id=key, role="stat", unit=unit, valid_from=start, valid_to=end))
        if first_contact:
            self.add(m.ProjectPlace(project_id=key, role="first_contact", zone_code=first_contact, valid_from=signed))
        for n, (code, area) in enumerate((districts or {}).items()):
            self.add(m.ProjectDistrict(project_id=key, district_code=code, area_m2=area, is_primary=n == 0))

    def firm(
        self,
        key: str,
        zone: str = "SMKX",
        *,
        output: int | None = None,
        tax: int | None = None,
        retained: int | None = None,
        unit: str | None = SHUANGLIU,
        period: str = "2026-09",
        year: dict[str, float | None] | None = None,
        **fields: object,
    ) -> None:
        """A firm above size with year-to-date figures of one month and, if given, annual figures of 2025."""
        values = {
            "name_zh": f"自有企业{key}",
            "district_code": unit,
            "stat_unit": unit,
            "tax_unit": unit,
            "above_scale_since": "2020-01",
            "founded": 2015,
            "leader_of": [],
            **fields,
        }
        self.add(m.Enterprise(id=key, zone_code=zone, provenance=OWN, source="test", **values))
        self.add(
            m.EnterpriseMonth(
                period=period, enterprise_id=key, output_ytd_wan=output, tax_ytd_wan=tax, retained_ytd_wan=retained
            )
        )
        if year is not None:
            self.session.execute(insert(m.EnterpriseYear).values(enterprise_id=key, year=2025, **year))

    def agreement(
        self,
        key: str,
        shares: dict[str, str],
        *,
        zone: str | None = "SMKX",
        project: str | None = None,
        metric_class: str = "direct",
        start: date = date(2020, 1, 1),
        end: date | None = None,
        retention: bool = False,
    ) -> None:
        """A sharing agreement of the zone, or of a project."""
        self.add(
            m.ShareAgreement(
                id=key,
                zone_code=None if project else zone,
                project_id=project,
                metric_class=metric_class,
                shares=shares,
                valid_from=start,
                valid_to=end,
                basis_doc=f"协议{key}",
                illustrative=False,
                retention=retention,
                provenance=OWN,
            )
        )

    def state(self, scope: Scope = Scope.TERRITORIAL, period: str = "", **changes: object) -> ViewState:
        """The view of this data set; everything derived is rebuilt and the data version raised."""
        derive_months(self.session, OWN)
        derive_kpis(self.session, OWN)
        self.session.flush()
        self.session.merge(m.Meta(key="data_version", value=str(next(_versions))))
        self.session.flush()
        return ViewState(dataset=Dataset.OWN, scope=scope, period=period).with_(**changes)
