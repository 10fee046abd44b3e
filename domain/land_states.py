"""How far land has come: the words of its states (rules §3.2.4 for parcels, §7.2 for plots on offer)."""

from __future__ import annotations

#: States of a land parcel, in the order of development.
LAND_STATES: dict[str, str] = {
    "undevelopable": "不可开发",
    "developable": "可开发",
    "ready": "已达供地条件",
    "supplied": "已供应",
    "built": "已建成",
}
#: States of a plot, in the order of supply; a sold one is no longer on offer.
SUPPLY_STATES: dict[str, str] = {
    "planned": "规划",
    "expropriated": "已征",
    "ready": "净地",
    "listed": "已挂牌",
    "sold": "已成交",
}
