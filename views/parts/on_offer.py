"""What a visitor comes for: carriers with free room and plots that can be had, counted, and the largest of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from data.queries.carriers import carrier_list, carrier_summary
from data.queries.catalogue import Catalogue
from data.queries.plots import available_plots
from data.queries.question import Question
from domain.filters import Facet
from domain.land_states import SUPPLY_STATES
from domain.units import M2
from i18n import _, pick
from views.parts.block import dated, unfollowed
from views.parts.button import action
from views.parts.column import cells_row, section
from views.parts.format import mu, number, percent, scaled, scaled_text
from views.parts.project_card import written

#: Rows of a list; how many more there are is said below.
_ROWS = 8


def carriers(question: Question) -> html.Section | None:
    """Free room in carriers: rate, area, buildings, and those with the most of it."""
    summary = carrier_summary(question)
    if not summary.buildings:
        return None
    found = [c for c in carrier_list(question, limit=_ROWS) if c.get("vacant_m2")]
    unit = scaled(0, M2)[1]
    vacancy = summary.vacant_m2 / summary.delivered_m2 if summary.delivered_m2 else None
    cells = [
        (scaled_text(summary.vacant_m2, M2), _("可招商 {unit}", unit=unit)),
        (percent(vacancy), _("空置率")),
        (number(summary.buildings), _("栋")),
    ]
    rows = [
        _row(
            question.known,
            "carrier",
            c,
            c["name_zh"],
            [written(c["carrier_type"]), _rent(c)],
            scaled_text(c["vacant_m2"], M2),
            unit,
        )
        for c in found
    ]
    return section(
        _("可招商载体"),
        dated(question, _("按可招商面积排序")),
        cells_row(cells),
        html.Div(rows, className="offers"),
        unfollowed(question, Facet.DISTRICT),
    )


def _rent(carrier: Mapping[str, Any]) -> str:
    rent = carrier.get("rent_yuan_m2_month")
    return _("{low}–{high} 元/㎡·月", low=number(rent[0], 1), high=number(rent[1], 1)) if rent else ""


def plots(question: Question) -> html.Section | None:
    """Plots that can be had: how many, how large, and the largest."""
    found = available_plots(question)
    if not found:
        return None
    rows = []
    for p in found[:_ROWS]:
        use = question.known.landuse.get((p["landuse_scheme"], p["landuse_code"]))
        about = [_(use.name_zh) if use else p["landuse_code"], _(SUPPLY_STATES[p["supply_state"]])]
        rows.append(_row(question.known, "plot", p, p["code"], about, mu(p["area_m2"]), _("亩")))
    total = mu(sum(p["area_m2"] for p in found), 0)
    aside = _("{n} 宗 · {area} 亩", n=number(len(found)), area=total)
    return section(
        _("可供地块"), dated(question, aside), html.Div(rows, className="offers"), unfollowed(question, Facet.DISTRICT)
    )


def _row(
    known: Catalogue, kind: str, record: Mapping[str, Any], name: str, about: list[str], size: str, unit: str
) -> html.Button:
    zone = known.zones.get(record["zone_code"] or "")
    where = pick(zone.short_zh, zone.short_en) if zone else ""
    return html.Button(
        [
            html.Span(name, className="offer-name", title=name),
            html.Span([size, html.Small(unit)], className="offer-size num"),
            html.Span(" · ".join(word for word in (where, *about) if word), className="offer-about quiet"),
        ],
        **action("select", f"{kind}:{record['id']}"),
        className="offer",
        type="button",
    )
