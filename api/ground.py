"""What a place offers and yields: an industry chain, the per-mu evaluation, idle land (rules §3.4, §5.3, §7.4)."""

from __future__ import annotations

from collections.abc import Collection

from api import shapes_ground as shapes
from api.answers import land_chain_item
from api.asked import Asked, note
from api.problems import UnknownChain
from api.shapes import LandChainItem
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
    firms = gate.strip(asked.viewer, {"target_firms": entry.target_firms}, asked.at.provenance)
    return shapes.CatalogueItem.of(entry.row, entry, entry.row.assessment, **firms)


def _courted(asked: Asked, code: str) -> list[shapes.CourtedItem]:
    matrix = overlap(asked, zones=asked.at.chosen)
    return [shapes.CourtedItem.of(cell, zone=zone) for (zone, chain_code), cell in matrix.items() if chain_code == code]


def _board(asked: Asked, code: str) -> shapes.ChainBoardItem:
    (board,) = [b for b in chain_boards(asked) if b.chain.code == code]
    trade = {s.node.id: s for s in supply_demand(asked)}
    return shapes.ChainBoardItem.of(
        board,
        nodes=[shapes.NodeItem.of(node, found, trade[node.id]) for node, found in board.nodes],
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
    return shapes.ChainAnswer.of(
        known, meta=own.meta(*([] if seen else [note("withheld")])), board=_board(own, code) if seen else None
    )


# --- per-mu -----------------------------------------------------------------------------------------------------------


def _evaluation(found: PerMu, page: int, limit: int) -> shapes.Evaluation:
    return shapes.Evaluation.of(
        found,
        year=found.year or None,  # 0 stands for no year with figures
        method=shapes.MethodItem(
            score=found.method.score_fn,
            points=found.method.full,
            indicators=[shapes.IndicatorItem.of(i, kpi=KPI_OF.get(i.key)) for i in found.method.indicators],
            cutoffs=[shapes.CutoffItem(grade=grade, percent=percent) for grade, percent in found.method.cutoffs],
            is_default=found.is_default,
        ),
        classes=[
            shapes.ClassCount(
                zone=zone, classes=found.classes.get(zone), reason="suppressed" if zone in found.hidden else None
            )
            for zone in (("", *found.zones) if found.reason is None else ())
        ],
        parks=[shapes.ParkFigureItem.of(park, kpi=park.kpi_id) for park in found.parks],
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
    whose = {} if row.project_id not in hidden else {"holder": None, "project_id": None}
    return shapes.ContractItem.of(row, row.clock, message=row.clock.reason_key, **whose)


def _land(row: LandChainRow) -> shapes.ZoneChainItem:
    chain, check = row.chain, row.check
    areas = dict.fromkeys(LandChainItem.model_fields) if chain is None else land_chain_item(chain).model_dump()
    return shapes.ZoneChainItem.of(
        row,
        **areas,
        built_share=chain.built_share if chain else None,
        reported_gap=check.gap if check else None,
        reported_ok=check.ok if check else None,
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
        else shapes.ContractPage.of(
            found,
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
            contracts=[_contract(row, hidden) for row in found.rows],
        ),
        land=[_land(row) for row in land_chains(asked)],
    )
