"""A carrier, plot, platform, parcel or enterprise in a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from data.queries.catalogue import Catalogue
from data.queries.entities import EntityCard
from domain import words
from domain.features import DUAL_POWER, STEAM, Feature, carrier_features, key_of, plot_features
from domain.land_states import LAND_STATES, SUPPLY_STATES
from domain.landuse import NAMES, land_key
from domain.units import WAN_MU
from i18n import N_, _, pick
from views.parts import badges
from views.parts.button import action
from views.parts.format import NONE, mu, number, scaled_text
from views.parts.opens import opens
from views.parts.project_card import unit_name

KINDS = words.ENTITY_KINDS
FIELDS = {
    "carrier_type": N_("类型"),
    "operator": N_("运营单位"),
    "contact_role": N_("招商联系(岗位)"),
    "floors": N_("楼层"),
    "height_m": N_("高度 m"),
    "gross_area_m2": N_("建筑面积 ㎡"),
    "doubt": N_("存疑"),
    "units": N_("单元"),
    "vacant_m2": N_("可招商 ㎡"),
    "rent_yuan_m2_month": N_("租金 元/㎡·月"),
    "available_from": N_("最早可用"),
    "power_kva": N_("供电 kVA"),
    "dual_power": N_("双回路"),
    "steam": N_("蒸汽"),
    "features": N_("特点"),
    "updated_on": N_("更新"),
    "landuse": N_("现状用地"),
    "plan": N_("规划用地"),
    "area_m2": N_("面积 亩"),
    "far": N_("容积率"),
    "supply_state": N_("供地状态"),
    "supply_mode": N_("供应方式"),
    "tenure_years": N_("年期"),
    "reserve_price_wan_mu": N_("起始价 万元/亩"),
    "intensity_wan_mu": N_("投资强度 万元/亩"),
    "tax_wan_mu": N_("亩均税收 万元/亩"),
    "utilities": N_("配套"),
    "category": N_("类别"),
    "level": N_("级别"),
    "host": N_("依托单位"),
    "status": N_("状态"),
    "since": N_("自"),
    "land_state": N_("开发状态"),
    "district": N_("区县"),
    "uscc": N_("统一社会信用代码"),
    "industry": N_("行业"),
    "reg_unit": N_("注册"),
    "stat_unit": N_("统计归属"),
    "tax_unit": N_("税收入库"),
    "ladder": N_("梯队"),
    "leader_of": N_("链主"),
    "above_scale_since": N_("升规"),
}
#: Stored codes as words, by field. Values that are words already (published data) are shown as they are.
WORDS: dict[str, dict[str, str]] = {
    "category": words.PLATFORM_CATEGORIES,
    "land_state": LAND_STATES,
    "supply_state": SUPPLY_STATES,
    "supply_mode": words.SUPPLY_MODES,
    "ladder": words.LADDERS,
}


def _text(known: Catalogue, name: str, value: Any) -> Component | str:
    """A stored value as printed; "未提供" for one that is not there. What names a thing opens it."""
    if value is None or value == [] or value == "":
        return _("未提供")
    writers: dict[str, Callable[[Any], Component | str]] = {
        "area_m2": mu,
        "reserve_price_wan_mu": lambda v: scaled_text(v, WAN_MU),
        "intensity_wan_mu": lambda v: scaled_text(v, WAN_MU),
        "tax_wan_mu": lambda v: scaled_text(v, WAN_MU),
        "landuse": lambda v: _landuse(known, v),
        "plan": lambda v: _landuse(known, v),
        "industry": lambda v: " ".join(str(x) for x in v[1:] if x) or NONE,
        "leader_of": lambda v: _list(
            [opens("chain", c, pick(known.chains[c].name_zh, known.chains[c].name_en)) for c in v]
        ),
        "rent_yuan_m2_month": lambda v: f"{number(v[0], 1)}–{number(v[1], 1)}",
        "far": lambda v: "–".join(str(x) for x in v if x is not None) or _("未提供"),
        "carrier_type": lambda v: _features(str(v), carrier_features(v, None)),
        "features": lambda v: _features(str(v), carrier_features(None, v)),
        "utilities": lambda v: _features(str(v), plot_features(v)),
        "steam": lambda v: _named_if(v, STEAM),
        "dual_power": lambda v: _named_if(v, DUAL_POWER),
    }
    if name in writers:
        return writers[name](value)
    if name in ("reg_unit", "stat_unit", "tax_unit", "district"):
        return opens("unit", value if value in known.units else None, unit_name(known, value))
    if isinstance(value, bool):
        return _("有") if value else _("无")
    if isinstance(value, int | float):
        return number(value, 0 if float(value).is_integer() else 1)
    word = WORDS.get(name, {}).get(str(value))
    text = _(word) if word else str(value)
    return opens(_GROUP_OF[name], str(value), text) if name in _GROUP_OF else text


#: Fields whose value is the name of a group of records.
_GROUP_OF = {"land_state": "landstate", "supply_state": "supply", "category": "cluster"}


def _list(parts: Sequence[Component]) -> Component:
    return html.Span([x for i, part in enumerate(parts) for x in ((_("、"), part) if i else (part,))])


def _named_if(value: bool, feature: str) -> Component | str:
    return opens("feature", key_of(feature), _("有")) if value else _("无")


def _features(text: str, found: Sequence[Feature]) -> Component | str:
    """A text in which each feature opens the list of those that have it; what lies between stays as it is written."""
    parts: list[Component | str] = []
    at = 0
    for feature in sorted(found, key=lambda f: text.find(f.name)):
        start = text.find(feature.name, at)
        if start >= 0:
            parts += [text[at:start], opens("feature", feature.key, _(feature.name))]
            at = start + len(feature.name)
    return html.Span([*parts, text[at:]]) if parts else text


def land_class(known: Catalogue, scheme: str, code: str | None) -> Component | str:
    """A land-use class by code and name, which opens its parcels and plots."""
    if code is None:
        return NONE
    found = known.landuse.get((scheme, code))
    if found:
        return opens("landuse", land_key(scheme, code), f"{code} {_(found.name_zh)}")
    words = " ".join(part for part in (code, NAMES.get(scheme, {}).get(code, ""), f"({scheme})") if part)
    return opens("landuse", land_key(scheme, code), words)


def _landuse(known: Catalogue, value: list[str | None]) -> Component | str:
    scheme, code = value
    return _("未提供") if code is None else land_class(known, str(scheme), code)


def entity_panel(known: Catalogue, card: EntityCard) -> html.Div:
    """The panel of a selected record."""
    zone = known.zones.get(card.zone_code or "")
    lines = [
        html.Div([html.Dt(_(FIELDS[name])), html.Dd(_text(known, name, value))], className="fact")
        for name, value in card.fields.items()
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Button("←", **action("select", ""), className="icon-button", **{"aria-label": _("返回")}),
                    html.Span(_(KINDS[card.kind]), className="panel-kicker"),
                    badges.dataset_mark(card.provenance),
                ],
                className="panel-top",
            ),
            html.H2(card.name, className="panel-name"),
            html.Div(
                [
                    opens("zone", zone.code, pick(zone.name_zh, zone.name_en), class_name="quiet")
                    if zone
                    else html.Span(_("园区未载明"), className="quiet"),
                    html.Span(_("位置示意"), className="mark mark--schematic") if card.position_is_schematic else None,
                ],
                className="panel-sub",
            ),
            html.Dl(lines, className="facts"),
            html.P(
                [badges.source_mark(card.source), f" · {_('日期')} {card.as_of or NONE}"],
                className="note source",
            ),
        ],
        className="panel-body",
        id="entity-panel",
        **{"data-entity": f"{card.kind}:{card.id}"},
    )
