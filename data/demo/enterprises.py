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
from data.demo.seeds import FIRST_YEAR, LAST_YEAR, MONTH_OF, MONTHS, ORIGIN, YEAR_OF, rng, shares_out, wander, ytd
from data.demo.world import DemoZone, Node, pick_points, to_lonlat

_WAN = 10_000  # 万元 in 亿元
#: Weight of each calendar month in a year, January first: quiet around the Spring Festival, busy in December.
OUTPUT_SEASON = np.array([0.072, 0.064, 0.083, 0.081, 0.082, 0.089, 0.080, 0.081, 0.088, 0.085, 0.092, 0.103])
TAX_SEASON = np.array([0.118, 0.070, 0.074, 0.096, 0.088, 0.082, 0.090, 0.070, 0.072, 0.090, 0.076, 0.074])
_RETAINED_SHARE = 0.315
_MU = 2000 / 3
_FEWEST_LEADING, _FEWEST_OTHERS = 6, 3  # firms above size from the start, where a zone has so many
_EVEN, _LARGEST = 0.14, 0.18  # share of a zone's output that its largest firm is steered to, and held below
#: Revenue by type of zone: 万元 per 亩 of land in use, per head and per tce, and the R&D share. Offices use little land,
#: plants much; a national zone lies well above the province's 427 万元/亩 (rules §3.2.5).
_YIELD: dict[str, tuple[float, float, float, float]] = {
    "core": (1_080, 138, 7.4, 0.046),
    "service": (1_390, 146, 8.3, 0.036),
    "co_built_bio": (700, 118, 5.9, 0.058),
    "manufacturing": (860, 112, 5.0, 0.021),
    "": (780, 116, 5.6, 0.026),
}
_MOST_PER_HEAD = 186.0  # 万元; no firm is at the cap of every score at once


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


def targets(total: float, rates: Sequence[float], season: NDArray[np.float64], wave: NDArray[np.float64]) -> Any:
    """Monthly amounts whose January-September 2026 sum is `total`; growth strays with `wave` about the year's rate."""
    raw = growth_path(rates)[YEAR_OF - FIRST_YEAR] * season[MONTH_OF - 1] * wave
    return raw * total / raw[YEAR_OF == LAST_YEAR].sum()


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
    leads = np.array([n.chain in zone.chains for n in chosen])
    since = _above_scale(founded, industrial, leads, weight, random)
    money = _money(mix, weight, industrial, leads, founded, since, random)
    rows, links = _records(zone, nodes, chosen, ids, labels, points, district, founded, since, weight, offset, random)
    firms = Firms(zone, ids, labels, chosen, industrial, points, district, rows, links, *money)
    firms.years = _years(firms, founded, random)
    return firms


def _nodes(zone: DemoZone, nodes: tuple[Node, ...], count: int, random: np.random.Generator) -> list[Node]:
    """Nodes in proportion to their weight (largest remainder), so that a strong node is strong in every run."""
    share = chains.weights(zone, nodes, FIRM_NODE_WEIGHT)
    by_chain: dict[str, float] = {}
    for node, part in zip(nodes, share.tolist(), strict=True):
        by_chain[node.chain] = by_chain.get(node.chain, 0.0) + part
    counts = dict(zip(by_chain, shares_out(count, list(by_chain.values())), strict=True))  # a small zone keeps its mix
    parts = [
        n
        for chain, whole in counts.items()
        for n in shares_out(whole, [s or 1e-9 for s, o in zip(share.tolist(), nodes, strict=True) if o.chain == chain])
    ]
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


def _above_scale(
    founded: Any, industrial: Any, leads: Any, weight: Any, random: np.random.Generator
) -> list[str | None]:
    """Month of entry into the register. Old firms fill it up, so that no firm is most of a small zone's output."""
    found: list[str | None] = []
    for year, works, size in zip(founded.tolist(), industrial.tolist(), weight.tolist(), strict=True):
        entered = year + int(random.integers(1, 4))
        month = int(random.choice([1, 1, 3, 6, 11]))
        if not works or size < 0.3 or (entered, month) > (2026, 8):
            found.append(None)
        else:
            found.append(f"{entered}-{month:02d}")
    for group, fewest in ((leads, _FEWEST_LEADING), (~leads, _FEWEST_OTHERS)):
        works = [i for i in np.argsort(-weight, kind="stable").tolist() if group[i] and industrial[i]]
        early = [i for i in works if (found[i] or "9") < f"{FIRST_YEAR}-01"]
        for i in [i for i in works if i not in early][: max(fewest - len(early), 0)]:
            founded[i], found[i] = min(int(founded[i]), 2016), f"{FIRST_YEAR - 1}-01"
            weight[i] = max(weight[i], 0.4)
    return found


def _money(
    mix: Profile,
    weight: Any,
    industrial: Any,
    leads: Any,
    founded: Any,
    since: list[str | None],
    random: np.random.Generator,
) -> tuple[Any, Any, Any, Any]:
    """Year-to-date output, revenue, tax and retained part: each zone month meets its target exactly but for rounding."""
    count, span = len(weight), len(MONTHS)
    drift = np.cumsum(random.normal(0.0, 0.03, (count, span)), axis=1)
    stray = np.exp(drift) * random.uniform(0.9, 1.1, (count, span))
    shape = weight[:, None] * stray
    start = np.array([(max(y, FIRST_YEAR) - FIRST_YEAR) * 12 + (0 if y < FIRST_YEAR else 5) for y in founded])
    alive = np.arange(span)[None, :] >= start[:, None]
    counted = alive & np.array([[s is not None and s <= m for m in MONTHS] for s in since]).reshape(count, span)

    def noise(size: float) -> Any:
        return wander(random, size)

    wanted = targets(mix.output, mix.growth["output"], OUTPUT_SEASON, noise(0.013))
    part = mix.leading - 0.007 * (LAST_YEAR - YEAR_OF) + (noise(0.004) - 1)  # the leading chains gain slowly
    both = np.array([(counted & group[:, None]).any(axis=0) for group in (leads, ~leads)])
    part = np.where(both.all(axis=0), part, both[0])
    output = sum(
        _spread(_evened(weight, counted & group[:, None], share) * stray, wanted * share)
        for group, share in ((leads, part), (~leads, 1 - part))
    )
    output = _below(output, _LARGEST)
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


def _evened(weight: Any, counted: Any, share: Any) -> Any:
    """Weights of the firms that count, by month, flattened until none takes too much of the whole zone.

    `share` is the part of the zone that these firms make up.
    """
    for _ in range(40):
        shape = weight[:, None] * counted
        total = shape.sum(axis=0)
        largest = np.divide(shape.max(axis=0), total, out=np.zeros_like(total), where=total > 0) * share
        if largest.max() <= _EVEN:
            break
        weight = weight**0.93
    return shape


def _below(monthly: Any, limit: float) -> Any:
    """Cut what one firm has above `limit` of a month and deal it out to the others in proportion."""
    total = monthly.sum(axis=0)
    if (np.count_nonzero(monthly, axis=0) * limit < 1.2).any():
        return monthly
    for _ in range(3):
        over = monthly > limit * total
        rest = np.where(over, 0.0, monthly)
        cut = np.minimum(monthly, limit * total)
        monthly = np.where(over, cut, rest * np.divide(total - (cut * over).sum(axis=0), rest.sum(axis=0)))
    return monthly


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
    certified = _high_tech(founded, random)
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
                "high_tech_from": certified[i][0] if i in certified else None,
                "high_tech_to": certified[i][1] if i in certified else None,
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


def _high_tech(founded: Any, random: np.random.Generator) -> dict[int, tuple[int, int]]:
    """First and last year of the high-tech certificate by firm: more firms gain one every year than let it lapse.

    A certificate holds three years and is mostly renewed; a young firm has none in its first year.
    """
    age = np.maximum(founded, 2019) + random.random(len(founded))
    chosen = np.argsort(age, kind="stable")[: int(0.66 * len(founded) + 0.5)].tolist()
    found: dict[int, tuple[int, int]] = {}
    reached = {2021: 0.50, 2022: 0.58, 2023: 0.67, 2024: 0.77, 2025: 0.88, 2026: 1.0}
    before = 0
    for year, part in reached.items():
        until = int(part * len(chosen) + 0.5)
        for i in chosen[before:until]:
            first = int(random.integers(2015, 2022)) if year == 2021 else year
            first = max(first, int(founded[i]) + 1)
            found[i] = (first, first + 3 * max(-(-(LAST_YEAR - first) // 3), 1))
        gained = until - before
        due = [i for i in chosen[:before] if year > 2021 and (year - 1 - found[i][0]) % 3 == 0 < year - 1 - found[i][0]]
        for i in due[: max(gained - 1, 0) // 4]:
            found[i] = (found[i][0], year - 1)
        before = until
    return {i: years for i, years in found.items() if years[0] <= LAST_YEAR}


def _years(firms: Firms, founded: Any, random: np.random.Generator) -> list[dict[str, Any]]:
    """Rows of enterprise_year 2021-2025; money equals December's year-to-date, 2021 is carried back."""
    count = len(firms.ids)
    per_mu, per_head, per_tce, rd = (
        level * np.exp(random.normal(0, spread, count))
        for level, spread in zip(
            _YIELD.get(firms.zone.zone_type or "", _YIELD[""]), (0.5, 0.24, 0.5, 0.55), strict=True
        )
    )
    per_head = np.minimum(per_head, _MOST_PER_HEAD)
    added = random.uniform(0.19, 0.36, count)
    leases = ~firms.industrial | (random.random(count) < 0.35)
    far = np.round(random.uniform(1.2, 3.2, count), 2)
    silent = random.random(count) < 0.06
    base = np.nanmax(np.where(np.isnan(firms.revenue), 0, firms.revenue), axis=1)
    land = np.maximum(base / np.where(firms.industrial, per_mu, per_mu * 2.5) * _MU, 120)
    counted = np.nan_to_num(firms.output[:, -1]) > 0  # those evaluated: together they yield what their zone does
    if counted.any():
        mix = profile(firms.zone.code, firms.zone.area_km2)
        usual = _YIELD.get(firms.zone.zone_type or "", _YIELD[""])[0] * mix.land_yield
        land *= base[counted].sum() / land[counted].sum() * _MU / usual
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
                    "employees": max(int(np.rint(revenue / per_head[i] / wave)), 3),
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
