"""What a place offers and yields: an industry chain, the per-mu evaluation, idle land (rules §3.4, §5.3, §7.4)."""

from __future__ import annotations

from collections.abc import Collection

from api import shapes_ground as shapes
from api.asked import Asked, note
from api.numbers import as_float, number
from api.problems import UnknownChain
from data.queries import gate
from data.queries.attribution import hidden_owners
from data.queries.chains import chain_boards
from data.queries.idle_land import STAGE_ORDER, IdleRow, LandChainRow, idle_list, land_chains
from data.queries.investment_catalogue import CatalogueEntry, investment_catalogue, overlap, supply_demand
from data.queries.per_mu import KPI_OF, PerMu, per_mu
from domain.per_mu import ScoreFn

#: Beginning of the parameters that weigh the indicators of the per-mu evaluation.
WEIGHT = "w_"


# --- chains -----------------------------------------------------------------------------------------------------------


def _catalogue_item(asked: Asked, entry: CatalogueEntry) -> shapes.CatalogueItem:
    row = entry.row
    return shapes.CatalogueItem(
        node_id=row.node_id,
        priority=number(row.priority),
        state=row.assessment.state.value if row.assessment.state else None,
        filling=row.assessment.filling,
        strength=number(row.assessment.strength),
        demand=row.demand,
        customers=list(entry.customers),
        suppliers=list(entry.suppliers),
        pipeline=entry.pipeline,
        target_profile=row.target_profile,
        zones=[
            shapes.ZoneFitItem(zone=z.zone, lead_chain=z.lead_chain, carriers=z.carriers, plots=z.plots)
            for z in row.zones
        ],
        policies=list(row.policies),
        **gate.strip(asked.viewer, {"target_firms": entry.target_firms}, asked.at.provenance),
    )


def _courted(asked: Asked, code: str) -> list[shapes.CourtedItem]:
    matrix = overlap(asked, zones=asked.at.chosen)
    return [
        shapes.CourtedItem(
            zone=zone, nodes=list(cell.nodes), contested={node: list(others) for node, others in cell.contested.items()}
        )
        for (zone, chain_code), cell in matrix.items()
        if chain_code == code
    ]


def _board(asked: Asked, code: str) -> shapes.ChainBoardItem:
    (board,) = [b for b in chain_boards(asked) if b.chain.code == code]
    trade = {s.node.id: s for s in supply_demand(asked)}
    nodes = []
    for node, found in board.nodes:
        both = trade[node.id]
        nodes.append(
            shapes.NodeItem(
                id=node.id,
                tier=node.tier,
                name_zh=node.name_zh,
                name_en=node.name_en,
                criticality=node.criticality,
                strength=number(found.strength),
                state=found.state.value if found.state else None,
                filling=found.filling,
                reason=found.reason,
                firms=both.firms,
                demand=both.demand,
                customers=list(both.customers),
                suppliers=list(both.suppliers),
                platforms=both.platforms,
                pipeline=both.pipeline,
                gap=both.gap,
            )
        )
    return shapes.ChainBoardItem(
        strength=number(board.strength),
        state=board.state.value,
        coverage=shapes.CoverageItem(
            value=as_float(board.coverage.value),
            numerator=board.coverage.numerator,
            denominator=board.coverage.denominator,
        ),
        nodes=nodes,
        catalogue=[_catalogue_item(asked, e) for e in investment_catalogue(asked)],
        **gate.strip(asked.viewer, {"courted": _courted(asked, code)}, asked.at.provenance),
    )


def chain(asked: Asked, *, code: str) -> shapes.ChainAnswer:
    """One chain for the chosen zones (rules §5.3). Raises UnknownChain."""
    known = asked.known.chains.get(code)
    if known is None:
        raise UnknownChain(code)
    own = asked.for_chain(code)
    seen = gate.may_see_totals(own.viewer, own.at.provenance)
    return shapes.ChainAnswer(
        meta=own.meta(*([] if seen else [note("withheld")])),
        code=known.code,
        version=known.version,
        name_zh=known.name_zh,
        name_en=known.name_en,
        ecosystem=known.ecosystem,
        lead_zones=list(known.lead_zones),
        board=_board(own, code) if seen else None,
    )


# --- per-mu -----------------------------------------------------------------------------------------------------------


def _evaluation(found: PerMu, page: int, limit: int) -> shapes.Evaluation:
    return shapes.Evaluation(
        year=found.year or None,  # 0 stands for no year with figures
        years=list(found.years),
        method=shapes.MethodItem(
            score=found.method.score_fn,
            points=found.method.full,
            indicators=[
                shapes.IndicatorItem(key=i.key, kpi=KPI_OF.get(i.key), weight=i.weight, base=i.base)
                for i in found.method.indicators
            ],
            cutoffs=[shapes.CutoffItem(grade=grade, percent=percent) for grade, percent in found.method.cutoffs],
            is_default=found.is_default,
        ),
        reason=found.reason,
        classes=[
            shapes.ClassCount(
                zone=zone, classes=found.classes.get(zone), reason="suppressed" if zone in found.hidden else None
            )
            for zone in (("", *found.zones) if found.reason is None else ())
        ],
        parks=[
            shapes.ParkFigureItem(
                zone=p.zone,
                indicator=p.indicator,
                kpi=p.kpi_id,
                value=p.value,
                numerator=p.numerator,
                denominator=p.denominator,
                firms=p.firms,
                reason=p.reason,
            )
            for p in found.parks
        ],
        references=[
            shapes.ReferenceItem(indicator=r.indicator, level=r.level, value=r.value, year=r.year, source=r.source)
            for r in found.references
        ],
        firms=shapes.FirmPage(
            total=found.firms,
            page=page,
            pages=-(-found.firms // limit),
            limit=limit,
            reason=found.rows_reason,
            firms=[shapes.FirmItem(**row) for row in found.rows],
        ),
        changed=[
            shapes.ChangedItem(id=firm, name_zh=name, zone_code=zone, before=before, after=after)
            for firm, name, zone, before, after in found.changed
        ],
        changed_count=found.changed_count,
    )


def per_mu_answer(asked: Asked, *, page: int, limit: int, score: ScoreFn, **weights: int) -> shapes.PerMuAnswer:
    """Evaluation of the firms of the chosen zones, with what the given method changes (rules §3.4).

    `weights` are named ``w_`` and the key of the indicator.
    """
    if not gate.may_see_totals(asked.viewer, asked.at.provenance):
        return shapes.PerMuAnswer(meta=asked.meta(note("withheld")), evaluation=None)
    found = per_mu(
        asked,
        weights={name.removeprefix(WEIGHT): float(weight) for name, weight in weights.items()},
        score_fn=score,
        offset=(page - 1) * limit,
        limit=limit,
    )
    return shapes.PerMuAnswer(meta=asked.meta(), evaluation=_evaluation(found, page, limit))


# --- idle land --------------------------------------------------------------------------------------------------------


def _contract(row: IdleRow, hidden: Collection[str]) -> shapes.ContractItem:
    """A contract, without the project and its holder where it is one of the `hidden` projects."""
    clock = row.clock
    seen = row.project_id not in hidden
    return shapes.ContractItem(
        contract_id=row.contract_id,
        parcel_id=row.parcel_id,
        zone_code=row.zone_code,
        district_code=row.district_code,
        area_m2=row.area_m2,
        holder=row.holder if seen else None,
        project_id=row.project_id if seen else None,
        signed_on=row.signed_on,
        agreed_start=row.agreed_start,
        actual_start=row.actual_start,
        stopped_on=row.stopped_on,
        price_wan=row.price_wan,
        cause=row.cause,
        legal_status=row.legal_status,
        legal_doc=row.legal_doc,
        disposal=row.disposal,
        stage=clock.stage.value,
        message=clock.reason_key,
        since=None if clock.since is None else str(clock.since),
        days=clock.days,
        years_full=clock.years_full,
        fee_wan=clock.fee_wan,
        reclaim=clock.reclaim,
        problems=list(row.problems),
    )


def _land(row: LandChainRow) -> shapes.ZoneChainItem:
    areas, check = row.chain, row.check
    return shapes.ZoneChainItem(
        zone=row.zone,
        developable_m2=areas.developable_m2 if areas else None,
        ready_m2=areas.ready_m2 if areas else None,
        supplied_m2=areas.supplied_m2 if areas else None,
        built_m2=areas.built_m2 if areas else None,
        development_rate=as_float(areas.development) if areas else None,
        supply_rate=as_float(areas.supply) if areas else None,
        completion_rate=as_float(areas.completion) if areas else None,
        built_share=as_float(areas.built_share) if areas else None,
        identity=row.identity,
        reported={name: float(rate) for name, rate in row.reported.items()},
        reported_period=row.reported_period,
        reported_gap=check.gap if check else None,
        reported_ok=check.ok if check else None,
        not_nested=list(row.not_nested),
    )


def idle_land(asked: Asked, *, page: int, limit: int, contracts: str) -> shapes.IdleAnswer:
    """Supply contracts with their clock on the last day of the month, and the land chain of every zone (rules §7.4)."""
    found = idle_list(asked, include_normal=contracts == "all", offset=(page - 1) * limit, limit=limit)
    hidden = hidden_owners(asked, "K01") if found.rows else frozenset()
    notes = [note("withheld")] if found.reason is not None else []
    if asked.state.districts:
        notes.append(note("land_chain_by_zone", ["district"]))
    return shapes.IdleAnswer(
        meta=asked.meta(*notes),
        idle=None
        if found.reason is not None
        else shapes.ContractPage(
            total=found.total,
            page=page,
            pages=-(-found.total // limit),
            limit=limit,
            stages=[
                shapes.IdleStageItem(
                    stage=stage.value, contracts=found.stages[stage][0], area_m2=found.stages[stage][1]
                )
                for stage in STAGE_ORDER
                if stage in found.stages
            ],
            fee_wan=found.fee_wan,
            contracts=[_contract(row, hidden) for row in found.rows],
        ),
        land=[_land(row) for row in land_chains(asked)],
    )
