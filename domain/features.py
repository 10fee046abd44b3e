"""What a carrier or a plot has that somebody looks for: 蒸汽, GMP厂房, 人才公寓, 层高 7 m (rules §7.1, §7.2).

One definition for the search box, which offers the features, and for the list that one of them opens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Steps of clear height (m) and floor load (t/㎡) that people ask for; a building has all that its best unit reaches.
HEIGHTS_M = (5.0, 6.0, 7.0)
LOADS_T_M2 = (1.0, 2.0)
STEAM, DUAL_POWER = "蒸汽", "双回路"

_PARTS = re.compile(r"[;；、]")
_TYPES = re.compile(r"[/、]")
_BRACKET = re.compile(r"[((]([^()()]*)[))]")
_KEY_WIDTH = 40
_LONGEST = 24  # characters: more are a sentence about the building and not a feature


@dataclass(frozen=True, order=True)
class Feature:
    """A feature by the key that an address can carry, and as people write it."""

    key: str
    name: str


def key_of(name: str) -> str:
    """What an address carries for a word: letters, digits and Chinese only (双层货梯3t×2 gives 双层货梯3t2)."""
    return re.sub(r"[^\w.\-]+", "", name)[:_KEY_WIDTH]


def _feature(name: str) -> Feature | None:
    key = key_of(name)
    return Feature(key, name) if key else None


def _written(text: str | None, between: re.Pattern[str] = _PARTS) -> list[str]:
    """Features written one after the other: ``"污水接入;5G"``; sentences are left out."""
    words = (word.strip() for word in between.split(text or ""))
    return [word for word in words if 0 < len(word) <= _LONGEST]


def _height(step: float) -> str:
    return f"层高 {step:g} m 以上"


def _load(step: float) -> str:
    return f"荷载 {step:g} t/㎡ 以上"


#: Names that follow from fields and not from what somebody wrote: these are translated.
FIXED_NAMES = (STEAM, DUAL_POWER, *map(_height, HEIGHTS_M), *map(_load, LOADS_T_M2))


def carrier_features(
    carrier_type: str | None,
    features: str | None,
    *,
    steam: bool | None = None,
    dual_power: bool | None = None,
    height_m: float | None = None,
    load_t_m2: float | None = None,
) -> tuple[Feature, ...]:
    """Features of a building: its type, what is written of it, and what its fields say; unknown is no feature.

    `height_m` and `load_t_m2` are the clear height and the floor load of its best unit.
    """
    kind = carrier_type or ""
    names = _written(_BRACKET.sub("", kind), _TYPES)
    names += [word for found in _BRACKET.findall(kind) for word in _written(found, _TYPES)]
    names += _written(features)
    names += [STEAM] if steam else []
    names += [DUAL_POWER] if dual_power else []
    names += [_height(step) for step in HEIGHTS_M if height_m is not None and height_m >= step]
    names += [_load(step) for step in LOADS_T_M2 if load_t_m2 is not None and load_t_m2 >= step]
    return tuple(sorted({f for f in map(_feature, names) if f}))


def plot_features(utilities: str | None) -> tuple[Feature, ...]:
    """Features of a plot: how it is connected (七通一平)."""
    return tuple(sorted({f for f in map(_feature, _written(utilities)) if f}))
