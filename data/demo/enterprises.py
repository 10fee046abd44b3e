"""Fictitious firms with monthly and annual figures that add up to a zone's magnitudes (rules §3.2, §3.4, §5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo import chains, names
from data.demo.parcels import BUILT, Parcels
from data.demo.profiles import FIRM_NODE_WEIGHT, Profile, profile
from data.demo.seeds import FIRST_YEAR, LAST_YEAR, MONTH_OF, MONTHS, ORIGIN, YEAR_OF, rng, shares_out, ytd
from data.demo.world import DemoZone, Node, pick_points, to_lonlat

_WAN = 10_000  # 万元 in 亿元
#: Weight of each calendar month in a year, January first: quiet around the Spring Festival, busy in December.
OUTPUT_SEASON = np.array([0.072, 0.064, 0.083, 0.081, 0.082, 0.089, 0.080, 0.081, 0.088, 0.085, 0.092, 0.103])
TAX_SEASON = np.array([0.118, 0.070, 0.074, 0.096, 0.088, 0.082, 0.090, 0.070, 0.072, 0.090, 0.076, 0.074])
_RETAINED_SHARE = 0.315
_MU = 2000 / 3


@dataclass
class Firms:
    """Firms of one zone as columns; amounts are year-to-date 万元 by month, NaN before the firm existed."""

    zone: DemoZone
    ids: list[str]
    names: list[str]
    nodes: list[Node]
    industrial: NDArray[np.bool_]
    points: NDArray[Any]
    district: list[str]
    rows: list[dict[str, Any]]
    links: list[dict[str, Any]]
    output: NDArray[np.float64]
    revenue: NDArray[np.float64]
    tax: NDArray[np.float64]
    retained: NDArray[np.float64]
    years: list[dict[str, Any]] = field(default_factory=list)

    def months(self) -> list[dict[str, Any]]:
        """Rows of enterprise_month."""
        found = []
        columns = (self.output, self.revenue, self.tax, self.retained)
        for i, firm in enumerate(self.ids):
            alive = np.flatnonzero(~np.isnan(self.revenue[i]))
            values = [[None if np.isnan(v) else int(v) for v in column[i, alive].tolist()] for column in columns]
            found += [
                {
                    "period": MONTHS[t],
                    "enterprise_id": firm,
                    "output_ytd_wan": o,
                    "revenue_ytd_wan": r,
                    "tax_ytd_wan": x,
                    "retained_ytd_wan": k,
                }
                for t, o, r, x, k in zip(alive.tolist(), *values, strict=True)
            ]
        return found


def growth_path(rates: Sequence[float]) -> NDArray[np.float64]:
    """Level of each year 2022-2026 with the last one 1, from the growth in % of 2023 to 2026."""
    levels = [1.0]
    for rate in reversed(rates):
        levels.insert(0, levels[0] / (1 + rate / 100))
    return np.array(levels)


def targets(total: float, rates: Sequence[float], season: NDArray[np.float64], noise: NDArray[np.float64]) -> Any:
    """Monthly amounts whose January-September 2026 sum is `total`; `noise` varies the single months only."""
    levels = growth_path(rates)[YEAR_OF - FIRST_YEAR]
    raw = levels * season[MONTH_OF - 1] * noise
    for year in range(FIRST_YEAR, LAST_YEAR + 1):  # the noise must not move a year's growth
        mine = (year == YEAR_OF) & (MONTH_OF <= 9)
        want = levels[mine][0] * season[:9].sum()
        raw[year == YEAR_OF] *= want / raw[mine].sum()
    return raw * total / season[:9].sum()


def draw(zone: DemoZone, parcels: Parcels, nodes: tuple[Node, ...], count: int, offset: int) -> Firms:
    """The firms of a zone; `offset` numbers them across zones so that no name comes twice."""
    random = rng("enterprise", zone.code)
    mix = profile(zone.code, zone.area_km2)
    chosen = _nodes(zone, nodes, count, random)
    industrial = np.array([n.is_industry for n in chosen])
    where = _parcels_for(parcels, industrial, random)
    points = to_lonlat(pick_points(parcels.shapes[where], random), zone.crs)
    district = [str(d) for d in parcels.district[where]]
    founded = np.where(
        random.random(count) < 0.12, random.integers(2023, 2026, count), random.integers(2001, 2022, count)
    )
    ids = [f"DE-{zone.code}-{n:05d}" for n in range(1, count + 1)]
    labels = [names.firm(offset + i, node.id) for i, node in enumerate(chosen)]
    weight = np.exp(random.normal(0, 1.25, count))
    if len(weight) > 30:
        weight[np.argsort(-weight)[:2]] *= 1.6
    since = _above_scale(founded, industrial, weight, random)
    money = _money(mix, weight, industrial, founded, since, random)
    rows, links = _records(zone, nodes, chosen, ids, labels, points, district, founded, since, weight, offset, random)
    firms = Firms(zone, ids, labels, chosen, industrial, points, district, rows, links, *money)
    firms.years = _years(firms, founded, random)
    return firms


def _nodes(zone: DemoZone, nodes: tuple[Node, ...], count: int, random: np.random.Generator) -> list[Node]:
    """Nodes in proportion to their weight (largest remainder), so that a strong node is strong in every run."""
    share = chains.weights(zone, nodes, FIRM_NODE_WEIGHT)
    parts = shares_out(count, share.tolist())
    chosen = [node for node, n in zip(nodes, parts, strict=True) for _ in range(n)]
    return [chosen[i] for i in random.permutation(len(chosen))]


def _parcels_for(parcels: Parcels, industrial: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.int64]:
    built = parcels.state == BUILT
    works = np.flatnonzero(built & np.array([p[:2] == "10" for p in parcels.plan]))
    desks = np.flatnonzero(built & np.array([p == "0802" or p[:2] == "09" for p in parcels.plan]))
    anywhere = np.flatnonzero(parcels.plan != "1701")
    works, desks = (works if len(works) else anywhere), (desks if len(desks) else anywhere)
    lab = random.random(len(industrial)) < 0.25
    return np.where(industrial & ~lab, random.choice(works, len(industrial)), random.choice(desks, len(industrial)))


def _above_scale(founded: Any, industrial: Any, weight: Any, random: np.random.Generator) -> list[str | None]:
    found: list[str | None] = []
    for year, works, size in zip(founded.tolist(), industrial.tolist(), weight.tolist(), strict=True):
        entered = year + int(random.integers(1, 4))
        month = int(random.choice([1, 1, 3, 6, 11]))
        if not works or size < 0.3 or (entered, month) > (2026, 8):
            found.append(None)
        else:
            found.append(f"{entered}-{month:02d}")
    return found


def _money(
    mix: Profile, weight: Any, industrial: Any, founded: Any, since: list[str | None], random: np.random.Generator
) -> tuple[Any, Any, Any, Any]:
    """Year-to-date output, revenue, tax and retained part: each zone month meets its target exactly but for rounding."""
    count, span = len(weight), len(MONTHS)
    drift = np.cumsum(random.normal(0.0, 0.03, (count, span)), axis=1)
    shape = weight[:, None] * np.exp(drift) * random.uniform(0.9, 1.1, (count, span))
    start = np.array([(max(y, FIRST_YEAR) - FIRST_YEAR) * 12 + (0 if y < FIRST_YEAR else 5) for y in founded])
    alive = np.arange(span)[None, :] >= start[:, None]
    counted = alive & np.array([[s is not None and s <= m for m in MONTHS] for s in since]).reshape(count, span)

    def noise(size: float) -> Any:
        return np.exp(random.normal(0, size, span))

    output = _spread(shape * counted, targets(mix.output, mix.growth["output"], OUTPUT_SEASON, noise(0.015)))
    services = _spread(
        shape * (alive & ~industrial[:, None]),
        targets(mix.revenue_services, mix.growth["revenue"], OUTPUT_SEASON, noise(0.02)),
    )
    margin = random.uniform(0.93, 1.06, count)[:, None]
    small = shape * (alive & industrial[:, None] & ~counted) * 90.0
    revenue = output * margin + services + small
    rate = np.exp(random.normal(0, 0.45, count))[:, None] * np.where(industrial, 1.0, 1.25)[:, None]
    base = revenue * rate * np.exp(random.normal(0, 0.12, (count, span)))
    listed = [i for i in np.argsort(-founded, kind="stable").tolist() if since[i] is not None]
    losing = listed[: max(1, count // 110)]  # refunds: a few young firms of the evaluation pay below nothing
    base[losing] *= -0.06
    tax = _spread(base, targets(mix.tax, mix.growth["tax"], TAX_SEASON, noise(0.02)))
    kept = np.clip(random.normal(_RETAINED_SHARE, 0.02, count), 0.24, 0.4)[:, None]
    gone = ~alive

    def whole(monthly: Any, known: Any) -> Any:
        return np.where(known, np.rint(ytd(monthly)), np.nan)

    tax_ytd = whole(tax, ~gone)
    return whole(output, counted), whole(revenue, ~gone), tax_ytd, np.where(gone, np.nan, np.rint(tax_ytd * kept))


def _spread(shape: Any, monthly_yi: Any) -> Any:
    """Scale each month's column so that it sums to the target (亿元 in, 万元 out)."""
    total = shape.sum(axis=0)
    return shape * np.divide(monthly_yi * _WAN, total, out=np.zeros_like(total), where=total > 0)


def _records(
    zone: DemoZone,
    nodes: tuple[Node, ...],
    chosen: list[Node],
    ids: list[str],
    labels: list[str],
    points: Any,
    district: list[str],
    founded: Any,
    since: list[str | None],
    weight: Any,
    offset: int,
    random: np.random.Generator,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    by_chain: dict[str, list[int]] = {}
    for i, node in enumerate(chosen):
        by_chain.setdefault(node.chain, []).append(i)
    leads: dict[int, list[str]] = {}
    for chain, members in by_chain.items():
        if len(members) >= 12:
            leads.setdefault(max(members, key=lambda i: (weight[i], -i)), []).append(chain)
    siblings = {
        n.id: [o for o in nodes if o.chain == n.chain and FIRM_NODE_WEIGHT.get(o.id, 1.0) >= 0.3] for n in nodes
    }
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    rows, links = [], []
    for i, node in enumerate(chosen):
        roll = random.random(6)
        if founded[i] >= 2025 and not since[i]:
            grading: str | None = "startup"
        elif roll[0] < 0.03:
            grading = "construction"
        else:
            grading = "utility" if roll[0] > 0.992 else None
        ladder = None
        if weight[i] > 0.8 and roll[1] < 0.34:
            ladder = "champion" if roll[1] < 0.02 else "little_giant" if roll[1] < 0.10 else "srdi"
        high_tech = bool(roll[2] < 0.66)
        first = int(random.integers(2019, 2026))
        other = [d for d, _ in zone.districts if d != district[i]] or [
            "510107" if district[i] != "510107" else "510116"
        ]
        reg = other[0] if roll[3] < 0.05 else district[i]
        stat = other[0] if roll[4] < 0.025 else district[i]
        tax = reg if roll[3] < 0.035 else district[i]
        rows.append(
            {
                "id": ids[i],
                "uscc": f"91510100DM{offset + i:08d}",
                "name_zh": labels[i],
                "zone_code": zone.code,
                "district_code": district[i],
                "reg_unit": reg,
                "stat_unit": stat,
                "tax_unit": tax,
                "industry_edition": node.edition,
                "industry_code": node.code,
                "industry_name": node.industry,
                "above_scale_since": since[i],
                "high_tech_from": first if high_tech else None,
                "high_tech_to": first + 3 if high_tech else None,
                "ladder": ladder,
                "leader_of": leads.get(i, []),
                "grading_status": grading,
                "parent_id": None,
                "founded": int(founded[i]),
                "lon": float(lon[i]),
                "lat": float(lat[i]),
                **ORIGIN,
            }
        )
        links.append(chains.link("enterprise", ids[i], node, roll[5] > 0.12))
        if roll[5] > 0.76:
            more = siblings[node.id][int(random.integers(len(siblings[node.id])))] if siblings[node.id] else node
            if more.id != node.id:
                links.append(chains.link("enterprise", ids[i], more, True))
    return rows, links


def _years(firms: Firms, founded: Any, random: np.random.Generator) -> list[dict[str, Any]]:
    """Rows of enterprise_year 2021-2025; money equals December's year-to-date, 2021 is carried back."""
    count = len(firms.ids)
    per_mu = np.exp(
        random.normal(np.log(1_000), 0.55, count)
    )  # 万元 revenue per 亩, around a national zone (rules §3.2.5)
    per_head = np.exp(random.normal(np.log(165), 0.4, count))
    per_tce = np.exp(random.normal(np.log(13), 0.6, count))
    rd = np.exp(random.normal(np.log(0.045), 0.6, count))
    added = random.uniform(0.19, 0.36, count)
    leases = ~firms.industrial | (random.random(count) < 0.35)
    far = np.round(random.uniform(1.2, 3.2, count), 2)
    silent = random.random(count) < 0.06
    base = np.nanmax(np.where(np.isnan(firms.revenue), 0, firms.revenue), axis=1)
    land = np.maximum(base / np.where(firms.industrial, per_mu, per_mu * 2.5) * _MU, 120)
    rows = []
    for i, firm in enumerate(firms.ids):
        for year in range(2021, LAST_YEAR):
            if founded[i] > year:
                continue
            t = max((year - FIRST_YEAR) * 12 + 11, 11)
            back = 1.0 if year >= FIRST_YEAR else 0.93
            revenue = firms.revenue[i, t] * back
            if np.isnan(revenue):
                continue
            output = firms.output[i, t] * back
            tax = firms.tax[i, t] * back
            wave = float(random.uniform(0.92, 1.08))
            rows.append(
                {
                    "enterprise_id": firm,
                    "year": year,
                    "output_wan": None if np.isnan(output) else int(np.rint(output)),
                    "revenue_wan": int(np.rint(revenue)),
                    "value_added_wan": None if np.isnan(output) else int(np.rint(output * added[i] * wave)),
                    "tax_wan": int(np.rint(tax)),
                    "rd_wan": int(np.rint(revenue * min(rd[i], 0.3) * wave)),
                    "energy_tce": max(int(revenue / per_tce[i] * wave), 1),
                    "emission_eq": None if silent[i] else round(float(revenue / 3_500 * wave), 2),
                    "employees": max(int(revenue / per_head[i] / wave), 3),
                    "land_m2": None if leases[i] else int(land[i]),
                    "leased_m2": int(land[i] * far[i]) if leases[i] else None,
                    "leased_far": float(far[i]) if leases[i] else None,
                }
            )
    return rows


def group_parents(firms: Sequence[Firms]) -> None:
    """Give some firms a parent in another zone: the largest firm of a chain heads plants and branches elsewhere."""
    random = rng("group")
    heads = {f.zone.code: [r["id"] for r in f.rows if r["leader_of"]] for f in firms}
    for group in firms:
        others = [h for code, ids in heads.items() if code != group.zone.code for h in ids]
        if not others:
            continue
        for row in group.rows:
            if not row["leader_of"] and random.random() < 0.045:
                row["parent_id"] = others[int(random.integers(len(others)))]
