"""The MapLibre side of the filter: OR inside a facet, AND across, read at a month (rules §5.4)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.filters import Clause, Facet, Filter
from domain.lifecycle import STAGE_GROUPS
from layers.filter_expr import PLACE_FACETS, PLATFORM_FACETS, PROJECT_FACETS, compile_filter, one_of
from tests.support.maplibre_eval import ExpressionError, evaluate

#: Signed in month 1, building since month 2; ends red.
PROJECT = {
    "id": "A", "z": "SMKX", "ds": ",510116,510118,", "nd": ",IC-M1,DRUG-M2,", "ch": ",IC,DRUG,", "k": ",A,B,", "sh": "-ck", "lh": "-gr",
}  # fmt: skip


def selects(*clauses: Clause, at: int = 2, record: dict[str, Any] = PROJECT, zones: tuple[str, ...] = ()) -> bool:
    expression = compile_filter(Filter(clauses, "2026-09"), at, facets=PROJECT_FACETS, timed=True, zones=zones)
    return evaluate(expression, record)


@pytest.mark.parametrize(
    ("facet", "values", "selected"),
    [
        (Facet.ZONE, ("SMKX",), True),
        (Facet.ZONE, ("CDKXC", "SMKX"), True),
        (Facet.ZONE, ("CDKXC",), False),
        (Facet.DISTRICT, ("510118",), True),
        (Facet.DISTRICT, ("510107", "510118"), True),
        (Facet.DISTRICT, ("51011",), False),
        (Facet.CHAIN, ("IC",), True),
        (Facet.CHAIN, ("IC-M1",), True),
        (Facet.CHAIN, ("IC-M2", "DRUG"), True),
        (Facet.CHAIN, ("IC-M",), False),
        (Facet.CHAIN, ("DISP", "IC-M2"), False),
        (Facet.STAGE, ("building",), True),
        (Facet.STAGE, ("signed", "building"), True),
        (Facet.STAGE, ("signed",), False),
        (Facet.LIGHT, ("red",), True),
        (Facet.LIGHT, ("green", "yellow"), False),
        (Facet.KIND, ("B", "C"), True),
        (Facet.KIND, ("C",), False),
        (Facet.KIND, (), True),
    ],
)
def test_one_facet(facet: Facet, values: tuple[str, ...], selected: bool) -> None:
    assert selects(Clause(facet, values)) is selected


def test_facets_are_joined_by_and() -> None:
    assert selects(Clause(Facet.ZONE, ("SMKX",)), Clause(Facet.LIGHT, ("red",)))
    assert not selects(Clause(Facet.ZONE, ("SMKX",)), Clause(Facet.LIGHT, ("green",)))


def test_stage_and_light_are_those_of_the_month() -> None:
    assert selects(Clause(Facet.STAGE, ("signed",)), Clause(Facet.LIGHT, ("green",)), at=1)
    assert not selects(Clause(Facet.STAGE, ("signed",)), at=2)


@pytest.mark.parametrize("at", [0, 3])
def test_a_project_absent_at_the_month_is_not_selected_even_without_a_filter(at: int) -> None:
    assert not selects(at=at)


def test_a_record_of_another_schemes_zone_is_not_selected() -> None:
    assert selects(zones=("CDKXC", "SMKX"))
    assert not selects(zones=("WJ-A",))
    assert not selects(zones=("WJ-A",), record=PROJECT | {"z": None})


def test_an_unknown_code_selects_nothing_rather_than_everything() -> None:
    assert not selects(Clause(Facet.STAGE, ("sleeping",)))
    assert not selects(Clause(Facet.LIGHT, ("blue",)))
    assert one_of(["get", "z"], []) == ["==", ["get", "id"], ""]


def test_every_stage_group_has_its_characters() -> None:
    for group, record in ((g, PROJECT | {"sh": "--" + c}) for g, c in zip(STAGE_GROUPS, "bfknx", strict=True)):
        assert selects(Clause(Facet.STAGE, (group,)), record=record)


def test_places_follow_only_the_facets_they_know() -> None:
    clauses = (Clause(Facet.CHAIN, ("IC",)), Clause(Facet.DISTRICT, ("510116",)), Clause(Facet.LIGHT, ("red",)))
    parcel = compile_filter(Filter(clauses, ""), 0, facets=PLACE_FACETS)
    assert parcel == ["all", ["match", ["get", "d"], ["510116"], True, False]]
    platform = compile_filter(Filter(clauses, ""), 0, facets=PLATFORM_FACETS)
    assert platform == ["all", ["in", ",IC,", ["get", "ch"]]]


def test_a_feature_without_the_attribute_is_hidden_as_maplibre_does() -> None:
    assert not selects(Clause(Facet.KIND, ("A",)), record={"id": "A", "sh": "-ck"})
    assert not selects(record={"id": "A"})


def test_the_evaluator_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ExpressionError, match="subset"):
        evaluate(["within", {}], {})
