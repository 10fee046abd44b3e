"""Which chain nodes the firms and projects of a zone work in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from data.demo.profiles import profile
from data.demo.world import DemoZone, Node


def weights(zone: DemoZone, nodes: tuple[Node, ...], by_node: Mapping[str, float]) -> np.ndarray[Any, Any]:
    """Share of each node in a zone: the zone's weight of the chain, spread over its nodes by `by_node` (default 1)."""
    chains = dict(profile(zone.code, zone.area_km2).chains)
    for chain in zone.chains:
        chains.setdefault(chain, 2.0)
    raw = np.array([by_node.get(n.id, 1.0) for n in nodes])
    per_chain: dict[str, float] = {}
    for node, weight in zip(nodes, raw, strict=True):
        per_chain[node.chain] = per_chain.get(node.chain, 0.0) + float(weight)
    found = np.array(
        [
            chains.get(n.chain, 0.0) * w / per_chain[n.chain] if per_chain[n.chain] else 0.0
            for n, w in zip(nodes, raw, strict=True)
        ]
    )
    return found / found.sum() if found.sum() else np.full(len(nodes), 1 / len(nodes))


def link(kind: str, entity: str, node: Node, manual: bool) -> dict[str, Any]:
    """Row of entity_node: an explicit link, or one suggested by the industry code (rules §5.4)."""
    return {
        "entity_kind": kind,
        "entity_id": entity,
        "node_id": node.id,
        "link_source": "manual" if manual else "code",
        "confidence": 1.0 if manual else 0.7,
    }
