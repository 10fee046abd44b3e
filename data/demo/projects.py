"""Demo projects with everything that hangs on them: sites, places, milestones, reports, facts (rules §4.1, §6, §11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from data.demo import chains, names, schedule, spending
from data.demo.enterprises import Firms
from data.demo.parcels import BUILT, DATUM, READY, SUPPLIED, Parcels
from data.demo.profiles import PROJECT_NODE_WEIGHT, profile
from data.demo.schedule import BUILDING, ENDED, LEAD, OPERATING, SIGNED, Case
from data.demo.seeds import CUT, MONTH_OF, MONTHS, ORIGIN, month_no, rng
from data.demo.sites import MU_M2, Ground, Place
from data.demo.spending import Spending
from data.demo.world import DemoZone, Node, World

_HERE = {LEAD: READY, SIGNED: SUPPLIED, BUILDING: SUPPLIED, OPERATING: BUILT, ENDED: READY}
_DENSEST = 1_400.0
_KIND_SHARE = {"C": 0.06, "D": 0.042, "F": 0.028}  # rules §11: D 8-12, F 5-8 of about 240; several C

_ISSUE = {
    "start": ("拆迁安置", "净地交付滞后,未按计划开工"),
    "land_start": ("要素保障", "供电外线未到位,超约定开工期"),
    "registration": ("招商网络", "签约后未完成公司注册"),
    "progress": ("要素保障", "设备到货滞后,投资进度落后"),
    "library": ("督查考核", "入库资料未齐,未纳统"),
    "production": ("联动推进", "试生产许可办理中,竣工未投产"),
    "funds": ("全生命周期管理", "财政资金拨付低于计划"),
    "capacity": ("联动推进", "订单不足,未达约定产能"),
}
_PROGRESS = (
    (0.08, "preparation", "前期手续"),
    (0.16, "levelling", "场地平整"),
    (0.34, "foundation", "基础施工"),
    (0.66, "structure", "主体施工"),
    (0.78, "topped_out", "主体封顶"),
    (0.94, "installation", "设备安装"),
    (1.1, "commissioning", "调试"),
)
_TRACKS = ("G1", "G2", "G3", "G4", "G5", "C1", "C2", "C3", "C4", "C5")


@dataclass
class Projects:
    """Rows of the projects of one zone, by table, and the columns later steps need."""

    zone: DemoZone
    cases: list[Case]
    money: Spending
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, row: dict[str, Any]) -> None:
        """Queue a row."""
        self.tables.setdefault(table, []).append(row)


@dataclass(frozen=True)
class Around:
    """What projects of one zone need to know of the rest of the scheme."""

    world: World
    grounds: dict[str, Ground]
    turn: int
    offset: int


@dataclass
class Draft:
    """The cases of one zone before anything is built on them."""

    zone: DemoZone
    cases: list[Case]
    giants: list[int]
    random: np.random.Generator


def begin(zone: DemoZone, count: int, turn: int, before: int) -> Draft:
    """The projects of a zone as cases with their dates; `turn` and `before` as in `schedule.cases`."""
    random = rng("project", zone.code)
    cases = schedule.cases(count, before, turn, random)
    giants = _giants(cases, profile(zone.code, zone.area_km2).giants, count)
    for case in cases:
        schedule.fill_dates(case, random)
    schedule.settle_capacity(cases, random)
    return Draft(zone, cases, giants, random)


def draw(draft: Draft, parcels: Parcels, firms: Firms, carriers: Sequence[dict[str, Any]], around: Around) -> Projects:
    """All records of a zone's projects. Deterministic in its cases, parcels, firms and carriers."""
    zone, cases, giants, random = draft.zone, draft.cases, draft.giants, draft.random
    count = len(cases)
    mix = profile(zone.code, zone.area_km2)
    ground = around.grounds[zone.code]
    nodes = _nodes(around.world, zone, cases, giants, random)
    money = spending.spend(cases, [n.is_industry for n in nodes], mix, giants, random)
    found = Projects(zone, cases, money)
    marks = _marks(cases, random)
    seen: Counter[str] = Counter()
    crossings = _crossings(zone, count)
    # the largest choose their ground first
    places: dict[int, Place] = {}
    for i in sorted(range(count), key=lambda i: -int(money.total[i])):
        case = cases[i]
        crossing = crossings > 0 and case.group == BUILDING and case.route == "land" and case.light == "green"
        place = ground.crossing(int(money.total[i]) / _DENSEST * MU_M2, random) if crossing else None
        crossings -= place is not None
        places[i] = place or _place(ground, case, nodes[i], int(money.total[i]), carriers, random)
    for i, case in enumerate(cases):
        kinds = {k for k, chosen in marks.items() if i in chosen}
        firm = _firm(firms, nodes[i], random)
        _project(found, i, case, nodes[i], firm, places[i], kinds, parcels, firms, around, seen, random)
        _reports(found, i, case)
        _facts(found, i, nodes[i].is_industry)
    return found


def _giants(cases: list[Case], sizes: Sequence[float], count: int) -> list[int]:
    """Give the largest sizes to projects on the land route, first those being built."""
    open_ = [i for i, c in enumerate(cases) if c.route == "land" and not c.why]
    pools = {g: [i for i in open_ if cases[i].group == g] for g in (BUILDING, SIGNED, OPERATING, LEAD)}
    pools[BUILDING].sort(key=lambda i: abs(cases[i].at - 0.6))  # well under way at the cut
    order = [pools[g][k] for k in range(2) for g in (BUILDING, SIGNED, OPERATING, LEAD) if k < len(pools[g])]
    chosen = order[: len(sizes) if count >= 12 else 0]
    for i, size in zip(chosen, sizes, strict=False):
        cases[i].size = size
    return chosen


def _nodes(
    world: World, zone: DemoZone, cases: Sequence[Case], giants: Sequence[int], random: np.random.Generator
) -> list[Node]:
    """A node for each project. Plants and the rest alternate in the order of their starts: neither is ever all there is."""
    share = chains.weights(zone, world.nodes, PROJECT_NODE_WEIGHT)
    works = np.array([n.is_industry for n in world.nodes])
    part = float(share[works].sum())
    order = sorted(range(len(cases)), key=lambda i: (cases[i].started or CUT, i))
    owed = 0.5
    under_way = {True: date.min, False: date.min}  # until when plants, and the rest, have a site
    found: dict[int, Node] = {}
    for i in order:
        owed += part
        plant = owed >= 1
        started = cases[i].started
        if started is not None:
            scarce = min(under_way, key=lambda kind: under_way[kind])
            plant = scarce if under_way[scarce] < started + timedelta(days=150) else plant
        if i in giants and profile(zone.code, zone.area_km2).industrial_fai > 0.5:
            plant = True
        owed -= plant
        if started is not None:
            under_way[plant] = max(under_way[plant], cases[i].done.get(110) or cases[i].planned.get(110, CUT))
        odds = share * (works if plant else ~works)
        odds = odds if odds.sum() else share
        found[i] = world.nodes[int(random.choice(len(odds), p=odds / odds.sum()))]
    return [found[i] for i in range(len(cases))]


def _marks(cases: list[Case], random: np.random.Generator) -> dict[str, set[int]]:
    """Which projects are of kinds C, D and F."""
    real = [i for i, c in enumerate(cases) if c.group not in (LEAD, ENDED)]
    found: dict[str, set[int]] = {}
    for kind, share in _KIND_SHARE.items():
        n = int(share * len(cases) + 0.5)
        found[kind] = {int(i) for i in random.permutation(real)[:n]}
    return found


def _crossings(zone: DemoZone, count: int) -> int:
    """Kind A is wanted where a second district holds a good part of the zone."""
    parts = sorted(zone.shape.intersection(geom).area for _, geom in zone.districts)
    if len(parts) < 2 or parts[-2] < 0.03 * zone.shape.area or count < 6:
        return 0
    return 2 if count >= 25 else 1


def _place(
    ground: Ground, case: Case, node: Node, total: int, carriers: Sequence[dict[str, Any]], random: np.random.Generator
) -> Place:
    if case.route == "lease" and carriers and case.group != LEAD:
        building = carriers[int(random.integers(len(carriers)))]
        shape = building["footprint"]
        x0, y0, x1, y1 = shape.bounds
        spot = shapely.points(random.uniform(x0, x1), random.uniform(y0, y1))
        return Place(-1, spot if shape.contains(spot) else shape.point_on_surface())
    parcel = ground.choose(node.is_industry, _HERE[case.group], random)
    if case.route == "lease" or case.group == LEAD:
        return Place(parcel, ground.point(parcel, random))
    # 万元 per 亩, around the national 599 (rules §3.2.5); no plant packs more than `_DENSEST` on its land
    intensity = min(float(np.exp(random.normal(np.log(640), 0.28))), 0.8 * _DENSEST)
    wanted = max(total / intensity * MU_M2, 6_000)
    least = total / _DENSEST * MU_M2
    return ground.footprint(parcel, wanted, least, node.is_industry)


def _firm(firms: Firms, node: Node, random: np.random.Generator) -> int:
    same = [k for k, other in enumerate(firms.nodes) if other.chain == node.chain]
    pool = same or list(range(len(firms.ids)))
    return pool[int(random.integers(len(pool)))]


def _project(
    found: Projects,
    i: int,
    case: Case,
    node: Node,
    firm: int,
    place: Place,
    kinds: set[str],
    parcels: Parcels,
    firms: Firms,
    around: Around,
    seen: Counter[str],
    random: np.random.Generator,
) -> None:
    zone = found.zone
    key = f"DP-{zone.code}-{i + 1:04d}"
    name = names.project(around.offset + firm, node.id, int(random.integers(8)))
    seen[name] += 1
    if seen[name] > 1:
        name = f"{name}{'一二三四五六七八九'[seen[name] - 1] if seen[name] <= 9 else seen[name]}期"
    district = (
        str(parcels.district[place.parcel]) if place.parcel >= 0 else around.grounds[zone.code].district_at(place.point)
    )
    lead, local = zone.lead_unit, zone.local_unit
    managing = lead if zone.functional_area is None or (lead != local and random.random() < 0.4) else local
    total = int(found.money.total[i])
    registered = 40 in case.done
    known = case.group != LEAD
    land = place.area_m2 if known else None
    far = float(random.uniform(1.3, 2.4))
    found.add(
        "project",
        {
            "id": key,
            "project_code": _code(case, managing, district, i, around.turn),
            "name_zh": name,
            "name_en": None,
            "zone_code": zone.code,
            "enterprise_id": firms.ids[firm] if registered else None,
            "enterprise_name": firms.names[firm],
            "total_investment_wan": total,
            "annual_tax_wan": int(total * random.uniform(0.03, 0.07)) if known else None,
            "annual_output_wan": int(total * random.uniform(0.8, 1.9)) if known and node.is_industry else None,
            "land_m2": land,
            "floor_area_m2": int(land * far) if land else int(max(total / 0.9, 800)) if known else None,
            "industry_edition": node.edition,
            "industry_code": node.code,
            "route": case.route,
            "managing_unit": managing,
            "responsible_unit": f"{zone.short}产业促进机构",
            "officer_role": "项目专员(岗位)",
            "platform_id": None,
            "is_government_funded": case.funded,
            "published_stage": None,
            "lon": place.point.x,
            "lat": place.point.y,
            "position_is_schematic": False,
            "footprint": place.footprint if known else None,
            "datum": DATUM,
            **ORIGIN,
        },
    )
    found.add("entity_node", chains.link("project", key, node, True))
    if random.random() < 0.18:
        other = [n for n in around.world.nodes if n.chain == node.chain and n.id != node.id]
        if other:
            found.add("entity_node", chains.link("project", key, other[int(random.integers(len(other)))], True))
    _sites(found, key, zone, district, place, "D" in kinds, around, random)
    _places(found, key, case, zone, district, kinds, around, random)
    _milestones(found, key, case)
    _land(found, key, case, place, total, parcels, firms.ids[firm], random)
    _readiness(found, key, case, random)
    _exemption(found, key, i, case, random)


def _code(case: Case, managing: str, district: str, i: int, turn: int) -> str | None:
    """Code of the approval platform; 510109 stands for the high-tech zone (rules §2.1.4)."""
    filed = case.done.get(50)
    if filed is None:
        return None
    authority = "510109" if managing == "CD-GXQ" else district
    return f"{filed:%y%m}-{authority}-04-01-{(turn + 1) * 100_000 + i + 1:06d}"


def _sites(
    found: Projects,
    key: str,
    zone: DemoZone,
    district: str,
    place: Place,
    two: bool,
    around: Around,
    random: np.random.Generator,
) -> None:
    found.add(
        "project_site",
        {
            "id": f"{key}-S1",
            "project_id": key,
            "role": "main",
            "zone_code": zone.code,
            "district_code": district,
            "lon": place.point.x,
            "lat": place.point.y,
        },
    )
    others = [code for code in around.grounds if code != zone.code]
    if not two or not others:
        return
    services = {"XJJHL", "CDKXC"}
    if zone.code in services:  # the head office stays here, the plant goes where the land is
        role, choices = "base", [c for c in others if c not in services] or others
    else:
        role, choices = "hq", [c for c in others if c in services] or others
    code = choices[int(random.integers(len(choices)))]
    ground = around.grounds[code]
    parcel = ground.choose(role == "base", BUILT, random)
    at = ground.point(parcel, random)
    found.add(
        "project_site",
        {
            "id": f"{key}-S2",
            "project_id": key,
            "role": role,
            "zone_code": code,
            "district_code": str(ground.parcels.district[parcel]),
            "lon": at.x,
            "lat": at.y,
        },
    )


def _places(
    found: Projects,
    key: str,
    case: Case,
    zone: DemoZone,
    district: str,
    kinds: set[str],
    around: Around,
    random: np.random.Generator,
) -> None:
    talked = case.done.get(20)
    if "F" in kinds or (talked and random.random() < 0.2):
        others = [z for z in around.world.zones if z.code != zone.code]
        if random.random() < 0.5:
            others = [z for z in others if z.lead_unit != zone.lead_unit] or others
        first = others[int(random.integers(len(others)))] if "F" in kinds and others else zone
        found.add("project_place", _role(key, "first_contact", first.lead_unit, first.code, talked, None))
    if case.group == LEAD:
        return
    elsewhere = next((d for z in around.world.zones for d, _ in z.districts if d != district), district)
    taxed = elsewhere if "C" in kinds and random.random() < 0.7 else district
    units = {
        "registration": elsewhere if "C" in kinds else district,
        "approval": zone.lead_unit,
        "production": district,
        "supervision": zone.local_unit,
        "stat": district,
        "tax": taxed,
    }
    since = case.done.get(40, case.done[30])
    for role, unit in units.items():
        found.add("project_place", _role(key, role, unit, None, since, None))


def _role(key: str, role: str, unit: str, zone: str | None, start: date | None, end: date | None) -> dict[str, Any]:
    return {"project_id": key, "role": role, "unit": unit, "zone_code": zone, "valid_from": start, "valid_to": end}


def _milestones(found: Projects, key: str, case: Case) -> None:
    for stage in sorted(set(case.planned) | set(case.done)):
        done = case.done.get(stage)
        if case.group == ENDED and done is None and stage != 90:
            continue
        ended = stage >= 900
        found.add(
            "milestone",
            {
                "project_id": key,
                "stage": stage,
                "planned_on": None if ended else case.planned.get(stage),
                "done_on": done,
                "evidence": f"演示文号-{stage}-{key[3:]}" if done else None,
                "reason": {900: "市场变化,企业退出", 910: "环评指标待落实,暂停", 920: "产业定位不符,流转"}.get(stage)
                if done
                else None,
                "approver": "园区联席会议(岗位)" if ended else None,
            },
        )


def _land(
    found: Projects,
    key: str,
    case: Case,
    place: Place,
    total: int,
    parcels: Parcels,
    firm: str,
    random: np.random.Generator,
) -> None:
    deal = case.done.get(60)
    if deal is None or place.area_m2 is None or place.parcel < 0 or case.agreed_start is None:
        return
    found.add(
        "land_contract",
        {
            "id": f"DC-{key[3:]}",
            "parcel_id": parcels.ids[place.parcel],
            "enterprise_id": firm,
            "project_id": key,
            "signed_on": deal,
            "price_wan": int(place.area_m2 / MU_M2 * random.uniform(38, 95)),
            "agreed_start": case.agreed_start,
            "actual_start": case.done.get(90),
            "stopped_on": None,
            "developed_ratio": None,
            "invested_ratio": None,
            "cause": None,
            "legal_status": None,
            "legal_doc": None,
            "disposal": None,
            **ORIGIN,
        },
    )


def _readiness(found: Projects, key: str, case: Case, random: np.random.Generator) -> None:
    if case.group != SIGNED:
        return
    start = case.done[30]
    goal = max(case.planned[90], start + timedelta(days=90))
    span = (goal - start).days
    pace = 0.55 if case.why in ("start", "exempt", "land_start", "registration") else 1.0
    for n, track in enumerate(_TRACKS):
        begin = start + timedelta(days=int(span * (0.0, 0.15, 0.35, 0.2, 0.0, 0.0, 0.1, 0.3, 0.55, 0.75)[n]))
        end = begin + timedelta(days=max(int(span * float(random.uniform(0.18, 0.3))), 10))
        progress = (CUT - begin).days / (end - begin).days * pace * float(random.uniform(0.8, 1.15))
        percent = 0 if begin > CUT else int(min(max(progress, 0), 1) * 100)
        if track == "C1":
            percent = 100 if 40 in case.done else min(percent, 80)
        ended = min(end, CUT) if percent == 100 else None
        found.add(
            "readiness_track",
            {
                "project_id": key,
                "track": track,
                "percent": None if random.random() < 0.015 else percent,
                "planned_start": begin,
                "planned_end": end,
                "actual_start": begin if percent > 0 else None,
                "actual_end": ended,
            },
        )


def _exemption(found: Projects, key: str, i: int, case: Case, random: np.random.Generator) -> None:
    """One exemption in force, and reds whose exemption has run out: the colour has come back (rules §6.2)."""
    if case.why == "exempt":
        found.add(
            "light_exemption",
            {
                "project_id": key,
                "dimension": "start",
                "reason": "地铁保护区方案调整,经批准延后开工",
                "approver": "园区联席会议(岗位)",
                "valid_from": date(2026, 8, 1),
                "expires_on": date(2026, 12, 31),
            },
        )
        return
    if case.light != "red" or case.why not in ("progress", "start") or random.random() > 0.45:
        return
    found.add(
        "light_exemption",
        {
            "project_id": key,
            "dimension": case.why,
            "reason": "征拆受阻,属地正协调",
            "approver": "园区联席会议(岗位)",
            "valid_from": date(2026, 3, 10),
            "expires_on": date(2026, 6, 30),
        },
    )


def _reports(found: Projects, i: int, case: Case) -> None:
    """Monthly reports from the signing on; those of a producing project run to the end of that year."""
    key = found.tables["project"][-1]["id"]
    funded = found.tables["project"][-1]["is_government_funded"]
    for year, plan in found.money.plan_year[i].items():
        found.add("project_year", {"project_id": key, "year": year, "plan_wan": plan})
    if case.group == LEAD:
        return
    first = max(month_no(case.done[30]), 0)
    last = len(MONTHS) - 1
    if 120 in case.done:
        last = min(last, month_no(date(case.done[120].year, 12, 1)))
    if case.ended:
        last = min(last, month_no(case.ended))
    money, total = found.money, int(found.money.total[i])
    registered = month_no(case.done[40]) if 40 in case.done else 10_000
    start = month_no(case.started) if case.started else 10_000
    making = month_no(case.done[120]) if 120 in case.done else 10_000
    columns = [c[i].astype(int).tolist() for c in (money.month, money.ytd, money.cumulative, money.plan_ytd)]
    trouble = _ISSUE.get(case.why) if case.light in ("yellow", "red") else None
    for t in range(first, last + 1):
        if t in case.silent:
            continue
        month, year, whole, plan = (c[t] for c in columns)
        code, text = (
            ("preparation", "前期手续")
            if t < start
            else _progress(whole / total)
            if t < making
            else ("production", "已投产")
        )
        paid = min(max(int(whole * 1.06), int(total * 0.1)), total) if t >= registered else 0
        needed = int(whole * 0.95) if funded else None
        if t in case.unpaid:
            paid = int(whole * 0.62)
        noted = trouble is not None and t >= len(MONTHS) - 4
        found.add(
            "monthly_report",
            {
                "period": MONTHS[t],
                "project_id": key,
                "month_wan": month,
                "ytd_wan": year,
                "cumulative_wan": whole,
                "plan_ytd_wan": plan,
                "progress_code": code,
                "progress_text": f"{text}(第{t - start + 1}月)" if start <= t < making else text,
                "issue_type": trouble[0] if noted and trouble else None,
                "issue_text": trouble[1] if noted and trouble else None,
                "issue_unit": found.zone.short if noted else None,
                "funds_required_wan": needed,
                "funds_in_wan": paid,
                "submitted_on": _submitted(t),
            },
        )


def _submitted(t: int) -> date:
    year, month0 = divmod(t + 1, 12)
    return date(2022 + year, month0 + 1, 3)


def _progress(share: float) -> tuple[str, str]:
    return next((code, text) for limit, code, text in _PROGRESS if share < limit or limit > 1)


def _facts(found: Projects, i: int, industrial: bool) -> None:
    """Statistics by month, no January: investment only after the library, capital in its own currency (rules §3.2.1, §3.3.8)."""
    key = found.tables["project"][-1]["id"]
    money = found.money
    counted = money.month[i] * (np.arange(len(MONTHS)) > money.library[i])
    fai = spending.ytd(counted).astype(int)
    home, abroad = money.domestic_ytd[i].astype(int), money.foreign_ytd[i].astype(int)
    known = np.arange(len(MONTHS)) > money.library[i]
    entered = np.cumsum(known & (MONTH_OF != 1)) == 1  # in the library before anything is spent in these years
    wanted = ((known & ((fai > 0) | entered)) | (home > 0) | (abroad > 0)) & (MONTH_OF != 1)
    for t in np.flatnonzero(wanted).tolist():
        found.add(
            "project_fact",
            {
                "period": MONTHS[t],
                "project_id": key,
                "fai_ytd_wan": int(fai[t]) if known[t] else None,
                "domestic_ytd_wan": int(home[t]) or None,
                "foreign_ytd_usd_wan": int(abroad[t]) or None,
                "is_industrial": industrial,
            },
        )


def special_cases(sets: Sequence[Projects]) -> None:
    """Single records that show a rule: two project agreements and one changed statistics unit (rules §4.3, §4.4.5, §4.4.8)."""
    by_zone = {s.zone.code: s for s in sets}
    bio = by_zone.get("SMKX")
    if bio is not None:
        moved = next(
            (
                i
                for i, c in enumerate(bio.cases)
                if c.group == BUILDING
                and c.started
                and c.started.year < 2026
                and bio.money.library[i] < 48
                and c.light == "green"
            ),
            None,
        )
        if moved is not None:
            key = bio.tables["project"][moved]["id"]
            stat = next(r for r in bio.tables["project_place"] if r["project_id"] == key and r["role"] == "stat")
            stat["valid_to"] = date(2026, 7, 1)
            bio.add("project_place", _role(key, "stat", "CD-GXQ", None, date(2026, 7, 1), None))
            bio.tables["project"][moved]["note"] = "统计归属自2026-07-01由双流区调整为成都高新区(演示)"
    for group in sets:
        if _transfer_agreement(group):
            break
    pair = next((s for s in sets if s.zone.local_unit != s.zone.lead_unit and s.zone.functional_area is not None), None)
    if pair is not None:
        chosen = next((i for i, c in enumerate(pair.cases) if c.group == BUILDING and c.started), None)
        if chosen is not None:
            key = pair.tables["project"][chosen]["id"]
            pair.add(
                "share_agreement",
                _agreement(
                    key,
                    "direct",
                    {pair.zone.lead_unit: "51/100", pair.zone.local_unit: "49/100"},
                    pair.cases[chosen].done[30],
                    None,
                    "演示·单项目共建协议(示例比例51:49)",
                ),
            )


def _transfer_agreement(group: Projects) -> bool:
    """The first-contact zone takes 3/10 of the local revenue for five years (rules §4.4.5)."""
    lead = group.zone.lead_unit
    signed = {
        m["project_id"]: m["done_on"] for m in group.tables.get("milestone", []) if m["stage"] == 30 and m["done_on"]
    }
    for row in group.tables.get("project_place", []):
        key = row["project_id"]
        if (
            row["role"] != "first_contact"
            or row["zone_code"] == group.zone.code
            or row["unit"] == lead
            or key not in signed
        ):
            continue
        end = date(signed[key].year + 5, signed[key].month, 1)
        group.add(
            "share_agreement",
            _agreement(
                key,
                "fiscal",
                {row["unit"]: "3/10", lead: "7/10"},
                signed[key],
                end,
                "演示·项目流转利益共享协议(示例比例3:7,前5年)",
            ),
        )
        return True
    return False


def _agreement(
    key: str, metric_class: str, shares: dict[str, str], start: date, end: date | None, doc: str
) -> dict[str, Any]:
    return {
        "id": f"DS-{key[3:]}",
        "zone_code": None,
        "project_id": key,
        "metric_class": metric_class,
        "shares": shares,
        "valid_from": start,
        "valid_to": end,
        "basis_doc": doc,
        "illustrative": True,
        "retention": False,
        "provenance": "demo",
    }
