"""The demo data set: synthetic, repeatable, marked `demo` in every row (rules §11).

`generate` fills the fact tables for the loaded schemes. The same schemes and scale give the same rows: every table and zone
has its own seeded generator, and no clock or process-dependent hash is read. Derived tables are not written here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from data.demo import carriers, enterprises, flaws, land, parcels, platforms, projects, series, trouble, writer
from data.demo.profiles import Profile, profile
from data.demo.scale import DEFAULT, DemoCounts, DemoScale
from data.demo.seeds import CUT_MONTH, PROVENANCE, SEED, shares_out
from data.demo.sites import Ground
from data.demo.world import World, read_world, scheme_order

__all__ = ["CUT_MONTH", "DEFAULT", "PROVENANCE", "SEED", "DemoCounts", "DemoScale", "generate"]

_FURTHER_SCHEMES = 6  # every scheme but the first gets a sixth of the scale

Rows = dict[str, list[dict[str, Any]]]


def generate(
    session: Session,
    scheme_ids: Sequence[str] | None = None,
    scale: DemoScale = DEFAULT,
    progress: Callable[[str], None] | None = None,
) -> DemoCounts:
    """Write the demo records of the loaded schemes (all of them, or `scheme_ids`); returns the rows by table.

    The first scheme gets `scale`, each further one a sixth. Reads zones, districts, parties, agreements and chains from the
    database, writes nothing else than provenance "demo", commits nothing. `progress` is told each step. Raises ValueError
    when a scheme is not loaded, and an integrity error when its demo records are there already.
    """
    say = progress or (lambda _text: None)
    ids = list(scheme_ids) if scheme_ids is not None else scheme_order(session)
    if not ids:
        raise ValueError("no zone scheme is loaded: load the reference data first")
    total: dict[str, int] = {}
    first = scheme_order(session)[:1]
    offset = 0
    for scheme_id in ids:
        main = [scheme_id] == first
        size = scale if main else scale.part(_FURTHER_SCHEMES)
        rows = _scheme_rows(read_world(session, scheme_id), size, 0 if main else scale.enterprises + offset, main, say)
        offset += 0 if main else size.enterprises
        say(f"{scheme_id}: writing {sum(len(r) for r in rows.values()):,} rows")
        for table, count in writer.write(session, rows).items():
            total[table] = total.get(table, 0) + count
    return DemoCounts(total)


def _scheme_rows(world: World, scale: DemoScale, offset: int, main: bool, say: Callable[[str], None]) -> Rows:
    """Every row of one scheme; the main one shows, besides, what wrong returns look like."""
    zones = world.zones
    mixes = [profile(z.code, z.area_km2) for z in zones]
    wanted = _Shares(zones=[z.area_km2 for z in zones], mixes=mixes, scale=scale)
    rows: Rows = {}

    def add(table: str, more: list[dict[str, Any]]) -> None:
        rows.setdefault(table, []).extend(more)

    say(f"{world.scheme_id}: land parcels")
    lands = {z.code: parcels.draw(z, n) for z, n in zip(zones, wanted.parcels, strict=True)}
    for drawn in lands.values():
        add("land_parcel", drawn.rows())
    grounds = {code: Ground(drawn) for code, drawn in lands.items()}
    say(f"{world.scheme_id}: enterprises and carriers")
    firms: dict[str, enterprises.Firms] = {}
    sets: list[projects.Projects] = []
    number = offset
    for k, zone in enumerate(zones):
        firms[zone.code] = enterprises.draw(zone, lands[zone.code], world.nodes, wanted.firms[k], number)
        number += wanted.firms[k]
    enterprises.group_parents(list(firms.values()))
    for f in firms.values():
        add("enterprise", sorted(f.rows, key=lambda r: not r["leader_of"]))
        add("enterprise_year", f.years)
        add("enterprise_month", f.months())
        add("entity_node", f.links)
    # parents first: a group's head may be in a zone that comes later
    rows["enterprise"].sort(key=lambda r: (r["parent_id"] is not None, r["id"]))
    standing: dict[str, list[dict[str, Any]]] = {}
    for k, zone in enumerate(zones):
        made = carriers.draw(
            zone,
            lands[zone.code],
            world.nodes,
            firms[zone.code].ids,
            wanted.buildings[k],
            wanted.units[k],
            10 * k + offset,
        )
        standing[zone.code] = made.buildings
        add("carrier_building", made.buildings)
        add("carrier_unit", made.units)
        add("entity_node", made.links)
    say(f"{world.scheme_id}: projects")
    drafts = [projects.begin(zone, wanted.projects[k], k, sum(wanted.projects[:k])) for k, zone in enumerate(zones)]
    trouble.deal_out([draft.cases for draft in drafts], world.scheme_id)
    for k, zone in enumerate(zones):
        around = projects.Around(world, grounds, k, offset + sum(wanted.firms[:k]))
        sets.append(projects.draw(drafts[k], lands[zone.code], firms[zone.code], standing[zone.code], around))
    projects.special_cases(sets)
    for group in sets:
        for table, more in group.tables.items():
            add(table, more)
    say(f"{world.scheme_id}: plots, platforms and series")
    for k, zone in enumerate(zones):
        ground = grounds[zone.code]
        for table, drawn_rows in (
            ("plot", land.plots(lands[zone.code], ground, world.nodes, wanted.plots[k])),
            ("platform", platforms.draw(lands[zone.code], ground, world.nodes, wanted.platforms[k], 20 * k + offset)),
        ):
            add(table, drawn_rows[0])
            add("entity_node", drawn_rows[1])
    add("land_contract", land.idle_contracts(list(grounds.values()), {c: f.ids for c, f in firms.items()}, not main))
    add("kpi_value", series.kpi_values(zones, firms, main))
    add("target", series.targets(sets, firms, lands))
    add("ledger_line", series.ledger(world, firms))
    shared = [s for s in sets if s.zone.local_unit != s.zone.lead_unit]
    if main and shared:
        others = [s for s in sets if s not in shared]
        building = [key for s in (*shared, *others) for key in flaws.building_on_land(s.cases, s.tables["project"])]
        flaws.add(rows, building, (shared[0].zone.lead_unit, shared[0].zone.local_unit))
    return rows


class _Shares:
    """How many records each zone gets."""

    def __init__(self, zones: list[float], mixes: list[Profile], scale: DemoScale) -> None:
        self.parcels = shares_out(scale.parcels, zones)
        self.projects = shares_out(scale.projects, [m.weight_projects for m in mixes])
        self.firms = shares_out(scale.enterprises, [m.weight_firms for m in mixes])
        self.buildings = shares_out(scale.buildings, [m.weight_carriers for m in mixes])
        self.units = shares_out(scale.units, self.buildings if scale.buildings else [1.0] * len(zones))
        self.plots = shares_out(scale.plots, zones)
        self.platforms = shares_out(scale.platforms, [m.weight_platforms for m in mixes])
