"""What is here: the answer to a right click on the map (spec §8.2 P1)."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from data.queries.catalogue import Catalogue
from i18n import _
from views.parts.format import NONE, mu
from views.parts.project_card import unit_name


def _with_code(known: Catalogue, code: str | None) -> str:
    return f"{unit_name(known, code)} {code}" if code else NONE


def here_card(known: Catalogue, found: dict[str, Any], link: str) -> html.Div:
    """District, functional area and zone with their codes, who governs, the parcel, and a link to this very view."""
    zone = known.zones.get(found["zone"] or "")
    lines = [
        (_("行政区划"), _with_code(known, found["district"])),
        (_("功能区"), _with_code(known, found["functional_area"])),
        (_("园区"), _with_code(known, found["zone"]) + (_("(示意)") if zone and zone.is_schematic else "")),
        (_("治理"), _("、").join(unit_name(known, u) for u in found["parties"]) or NONE),
    ]
    parcel = found["parcel"]
    if parcel:
        for word, code in ((_("现状用地"), parcel["status_code"]), (_("规划用地"), parcel["plan_code"])):
            use = known.landuse.get((parcel["scheme"], code or ""))
            lines.append((word, f"{code} {_(use.name_zh)}" if use else NONE))
        lines.append((_("图斑"), f"{parcel['id']} · {mu(parcel['area_m2'])} {_('亩')}"))
    return html.Div(
        [
            html.Div(_("此处"), className="here-title"),
            html.Dl([html.Div([html.Dt(a), html.Dd(b)], className="fact") for a, b in lines], className="facts"),
            html.Div(
                [
                    html.Span(f"{found['lon']:.5f}, {found['lat']:.5f}", className="quiet"),
                    html.Span([_("复制链接"), dcc.Clipboard(content=link, className="copy")], className="copy-link"),
                ],
                className="here-foot",
            ),
        ],
        className="here-card",
    )
