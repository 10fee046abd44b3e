"""Fictitious innovation platforms in the four clusters of rules §1.2.1."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.demo import chains, names
from data.demo.parcels import BUILT, Parcels
from data.demo.profiles import FIRM_NODE_WEIGHT
from data.demo.seeds import ORIGIN, rng, shares_out
from data.demo.sites import Ground
from data.demo.world import Node

_CATEGORY = {
    "facility": ("大科学装置", "试验装置", "观测设施"),
    "laboratory": ("实验室", "重点实验室"),
    "university": ("校院地协同创新中心", "产业研究院"),
    "industry": ("产业创新中心", "中试平台", "检测公共平台"),
}
_MIX = {"facility": 0.20, "laboratory": 0.27, "university": 0.23, "industry": 0.30}
_FIELD = {
    "IC": "集成电路",
    "DISP": "新型显示",
    "TERM": "智能终端",
    "DRUG": "创新药",
    "MEDD": "医疗器械",
    "AERO": "航空动力",
    "SAT": "空间信息",
    "AI": "人工智能",
}


def draw(
    parcels: Parcels, ground: Ground, nodes: tuple[Node, ...], count: int, offset: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of platform and entity_node of a zone; large facilities only where research land is common."""
    zone = parcels.zone
    random = rng("platform", zone.code)
    share = chains.weights(zone, nodes, FIRM_NODE_WEIGHT)
    odds = np.array(list(_MIX.values()))
    if zone.zone_type not in ("core", None):
        odds[0] = 0.05
    odds = odds / odds.sum()
    spread = [node for node, n in zip(nodes, shares_out(count, share.tolist()), strict=True) for _ in range(n)]
    spread = [spread[i] for i in random.permutation(count)]  # few nodes get two while a strong one has none
    rows, links = [], []
    for n in range(count):
        category = list(_MIX)[int(random.choice(4, p=odds))]
        node = spread[n]
        kinds = _CATEGORY[category]
        at = ground.point(ground.choose(False, BUILT, random), random)
        year = int(random.integers(2014, 2027))
        month = int(random.integers(1, 10 if year == 2026 else 13))
        key = f"DT-{zone.code}-{n + 1:03d}"
        level = ("国家级", "省级", "省级", "市级")[int(random.integers(4))]
        brand, host = names.brand((311 + 7 * (offset + n)) % 600), names.brand((97 + 11 * (offset + n)) % 600)
        field = _FIELD.get(node.chain, "")
        rows.append(
            {
                "id": key,
                "name_zh": f"{names.PREFIX}{brand}{field}{kinds[int(random.integers(len(kinds)))]}",
                "category": category,
                "zone_code": zone.code,
                "host": f"{names.PREFIX}{host}研究院",
                "level": level,
                "status": "建设中" if year >= 2026 or random.random() < 0.1 else "运行",
                "since": f"{year}-{month:02d}",
                "lon": at.x,
                "lat": at.y,
                "position_is_schematic": False,
                **ORIGIN,
            }
        )
        links.append(chains.link("platform", key, node, True))
    return rows, links
