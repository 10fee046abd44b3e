"""Plots on offer and the contracts of land that lies idle (rules §7.2, §7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from data.demo import chains
from data.demo.parcels import DATUM, DEVELOPABLE, READY, SCHEME, SUPPLIED, Parcels
from data.demo.profiles import PROJECT_NODE_WEIGHT
from data.demo.seeds import CUT, ORIGIN, rng
from data.demo.sites import MU_M2, Ground
from data.demo.world import Node, to_lonlat

#: The idle cases, one row each: days past the agreed start at the cut (or since works stopped), cause, legal status,
#: document, disposal route, stopped works. Together they reach every stage of the clock of rules §7.4.
_IDLE: tuple[tuple[int, str, str | None, str | None, str | None, bool], ...] = (
    (-40, "company", None, None, None, False),  # normal
    (300, "company", None, None, None, False),  # warning
    (330, "government", None, None, None, False),  # warning
    (402, "company", None, None, None, False),  # suspected
    (430, "company", "investigating", "演示调查〔2026〕3号", None, False),
    (520, "company", "determined_idle", "演示认定〔2026〕5号", None, False),  # one year: fee
    (600, "company", "determined_idle", "演示认定〔2026〕6号", None, True),  # stopped below 1/3 and 25 %
    (790, "company", "determined_idle", "演示认定〔2025〕9号", None, False),  # two years: reclaim
    (560, "government", "determined_idle", "演示认定〔2026〕2号", "extension", False),
    (680, "company", "determined_idle", "演示认定〔2025〕7号", "change_of_use", False),
    (470, "force_majeure", "determined_idle", "演示认定〔2026〕4号", None, False),
    (900, "company", "determined_idle", "演示认定〔2024〕8号", "buy_back", False),
    (450, "company", "not_idle", "演示复核〔2026〕1号", None, False),  # cleared
)
_TENURE = {"10": 50, "11": 50, "09": 40, "08": 50}


def plots(
    parcels: Parcels, ground: Ground, nodes: tuple[Node, ...], count: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of plot and of entity_node for `count` plots on land that is ready or still to be developed."""
    zone = parcels.zone
    random = rng("plot", zone.code)
    use = np.array([p[:2] in ("10", "11", "09") or p == "0802" for p in parcels.plan])
    fits = np.flatnonzero(
        use & np.isin(parcels.state, (READY, DEVELOPABLE)) & ~ground.taken & parcels.pure & (parcels.area > 8_000)
    )
    ready = parcels.state[fits] == READY
    order = np.argsort(~ready + random.random(len(fits)) * 0.9, kind="stable")
    chosen = fits[order[:count]]
    ground.taken[chosen] = True
    weights = chains.weights(zone, nodes, PROJECT_NODE_WEIGHT)
    shapes = to_lonlat(parcels.shapes[chosen], zone.crs)
    rows, links = [], []
    for n, (i, shape) in enumerate(zip(chosen.tolist(), shapes, strict=True)):
        code = str(parcels.plan[i])
        works = code[:2] in ("10", "11")
        state = (
            ("ready", "ready", "listed")[int(random.integers(3))]
            if parcels.state[i] == READY
            else ("planned", "planned", "expropriated")[int(random.integers(3))]
        )
        mode = (
            ("grant", "grant", "lease_first", "lease_grant", "flexible")[int(random.integers(5))] if works else "grant"
        )
        key = f"DG-{zone.code}-{n + 1:04d}"
        wanted = sorted({nodes[int(k)].id for k in random.choice(len(nodes), 2, p=weights)})
        by_id = {node.id: node for node in nodes}
        rows.append(
            {
                "id": key,
                "code": f"演示-{zone.code}-2026-{n + 1:03d}",
                "zone_code": zone.code,
                "district_code": str(parcels.district[i]),
                "landuse_scheme": SCHEME,
                "landuse_code": code,
                "area_m2": int(np.rint(parcels.area[i])),
                "far_min": 1.2 if works else None,
                "far_max": round(float(random.uniform(2.0, 3.0) if works else random.uniform(2.0, 4.5)), 1),
                "supply_state": state,
                "supply_mode": mode,
                "tenure_years": 20 if mode == "flexible" else _TENURE.get(code[:2], 50),
                "reserve_price_wan_mu": round(float(random.uniform(36, 60) if works else random.uniform(120, 480)), 1),
                "intensity_wan_mu": float(int(random.integers(40, 61)) * 10),
                "tax_wan_mu": float(int(random.integers(30, 51))),
                "utilities": ("七通一平", "五通一平", "三通一平")[int(random.integers(3))]
                if state != "planned"
                else None,
                "chain_nodes": wanted,
                "updated_on": date(2026, int(random.integers(5, 10)), int(random.integers(1, 29))),
                "geom": shape,
                "datum": DATUM,
                **ORIGIN,
            }
        )
        links += [chains.link("plot", key, by_id[node], True) for node in wanted]
    return rows, links


def idle_contracts(grounds: Sequence[Ground], firms: dict[str, list[str]], few: bool) -> list[dict[str, Any]]:
    """Contracts that reach every stage and cause of the idle clock, dealt out over the zones; `few` keeps the first four."""
    random = rng("idle")
    rows = []
    for n, (days, cause, status, doc, disposal, stopped) in enumerate(_IDLE[:4] if few else _IDLE):
        ground = grounds[(n * 2) % len(grounds)]
        parcels = ground.parcels
        fits = np.flatnonzero(
            (parcels.state == SUPPLIED)
            & ~ground.taken
            & (parcels.area > 6_000)
            & (parcels.area < 150_000)
            & np.array([p[:2] in ("10", "09") or p == "0802" for p in parcels.plan])
        )
        if not len(fits):
            fits = np.flatnonzero((parcels.state == SUPPLIED) & ~ground.taken)
        if not len(fits):
            continue
        i = int(fits[int(random.integers(len(fits)))])
        ground.taken[i] = True
        since = CUT - timedelta(days=days)
        own = firms[parcels.zone.code]
        start = since - timedelta(days=400) if stopped else since
        rows.append(
            {
                "id": f"DC-IDLE-{parcels.zone.code}-{n + 1:02d}",
                "parcel_id": parcels.ids[i],
                "enterprise_id": own[int(random.integers(len(own)))] if own else None,
                "project_id": None,
                "signed_on": start - timedelta(days=int(random.integers(180, 330))),
                "price_wan": 9_600 if n == 5 else int(parcels.area[i] / MU_M2 * random.uniform(40, 110)),
                "agreed_start": start,
                "actual_start": start + timedelta(days=20) if stopped else None,
                "stopped_on": since if stopped else None,
                "developed_ratio": 0.18 if stopped else 0.0,
                "invested_ratio": 0.12 if stopped else 0.0,
                "cause": cause,
                "legal_status": status,
                "legal_doc": doc,
                "disposal": disposal,
                **ORIGIN,
            }
        )
    return rows
