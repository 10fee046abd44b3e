"""Plots that can be had now (rules §7.2): ready or listed, none that is planned or sold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from data import models as m
from data.queries import gate
from data.queries.filter_sql import entity_conditions
from data.queries.question import Question

AVAILABLE = ("ready", "listed")


def available_plots(question: Question) -> list[dict[str, Any]]:
    """Those of the chosen zones under the filter, largest first; fields as the viewer may have them, areas in m²."""
    plot = m.Plot
    stmt = (
        select(plot)
        .where(
            plot.provenance == question.at.provenance,
            plot.zone_code.in_(question.at.chosen),
            plot.supply_state.in_(AVAILABLE),
            *entity_conditions("plot", question.filter),
        )
        .order_by(plot.area_m2.desc(), plot.id)
    )
    fields = ("id", "code", "zone_code", "landuse_scheme", "landuse_code", "area_m2", "far_min", "far_max", "supply_state",
              "as_of", "updated_on")  # fmt: skip
    return [
        gate.strip(question.viewer, {name: getattr(p, name) for name in fields}, question.at.provenance)
        for p in question.session.scalars(stmt)
    ]
