"""What is here: the answer to a right click on the map (rules §8.2)."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue
from i18n import _
from views.parts.entity_card import land_class
from views.parts.format import NONE, mu
from views.parts.opens import opens
from views.parts.project_card import joined, opens_unit


def _with_code(known: Catalogue, code: str | None) -> Component | str:
    return html.Span([opens_unit(known, code), f" {code}"]) if code else NONE


def here_card(known: Catalogue, found: dict[str, Any], link: str) -> html.Div:
    """District, functional area and zone with their codes, who governs, the parcel, and a link to this very view."""
    zone = known.zones.get(found["zone"] or "")
    lines: list[tuple[str, Any]] = [
        (_("行政区划"), _with_code(known, found["district"])),
        (_("功能区"), _with_code(known, found["functional_area"])),
        (_("园区"), [_with_code(known, found["zone"]), _("(示意)") if zone and zone.is_schematic else ""]),
        (_("治理"), joined([opens_unit(known, u) for u in dict.fromkeys(found["parties"])], _("、")) or NONE),
    ]
    parcel = found["parcel"]
    if parcel:
        for word, code in ((_("现状用地"), parcel["status_code"]), (_("规划用地"), parcel["plan_code"])):
            lines.append((word, land_class(known, parcel["scheme"], code)))
        size = f" · {mu(parcel['area_m2'])} {_('亩')}"
        lines.append((_("图斑"), html.Span([opens("parcel", parcel["id"], parcel["id"]), size])))
    return html.Div(
        [
            html.Div(
                [
                    html.Span(_("此处"), className="here-title"),
                    html.Button(
                        _("固定"),
                        className="link-button here-pin",
                        type="button",
                        title=_("移动地图时不关闭"),
                        **{"aria-pressed": "false"},
                    ),
                    html.Button("✕", className="icon-button here-close", type="button", **{"aria-label": _("关闭")}),
                ],
                className="here-top",
            ),
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
