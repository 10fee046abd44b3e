"""What each zone is like: mixes, magnitudes and growth of the demo data (rules §1.3, §3.2.5, §5.2, §11).

Money here is 亿元 for the first nine months of 2026 (foreign capital 亿美元); the wall picture gives the order of size.
A zone of another scheme gets `OTHER`, whose magnitudes are per 100 km².
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from data.demo.seeds import rng


@dataclass(frozen=True)
class Profile:
    """Targets the generator steers a zone to; shares are of 1."""

    plan_mix: Mapping[str, float]  # land-use family -> share of the zone's area; the rest is parks and farmland
    developed: tuple[float, float, float]  # development, supply, completion rate of land
    undevelopable: float
    chains: Mapping[str, float]  # chain -> weight among firms and projects
    weight_projects: float
    weight_firms: float
    weight_carriers: float
    weight_platforms: float
    vacancy: float
    fai: float
    industrial_fai: float  # share of it in industry (K03)
    output: float
    revenue_services: float
    tax: float
    domestic: float
    foreign: float
    growth: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # % 2023, 2024, 2025, 2026
    giants: tuple[float, ...] = ()  # projects above 100 亿元
    leading: float = 0.66  # share of the leading chains in output at the cut (K53)
    land_yield: float = 1.0  # revenue per land in use, over what is usual for the type of zone


_GROWTH: Mapping[str, tuple[float, ...]] = {
    "fai": (7.5, 6.0, 9.0, 8.6),
    "output": (6.0, 7.5, 5.5, 6.5),
    "tax": (5.0, 4.0, 3.0, 3.5),
    "revenue": (8.0, 7.0, 6.0, 7.5),
    "domestic": (8.0, 6.0, 7.0, 9.7),
    "foreign": (-6.0, 2.0, 4.0, 3.2),
}

PROFILES: Mapping[str, Profile] = {
    "CDKXC": Profile(
        {
            "research": 0.20,
            "residential": 0.17,
            "business": 0.08,
            "industry": 0.07,
            "education": 0.06,
            "public": 0.03,
            "services": 0.03,
            "logistics": 0.01,
        },
        (0.86, 0.91, 0.90),
        0.13,
        {"AI": 5, "SAT": 4, "IC": 1.5, "AERO": 0.3, "TERM": 0.9, "MEDD": 0.8, "DRUG": 0.5},
        52,
        110,
        24,
        24,
        0.18,
        128.6,
        0.24,
        152.0,
        410.0,
        38.2,
        92.0,
        1.21,
        {
            "fai": (9.0, 7.0, 11.0, 10.3),
            "output": (8.0, 9.5, 8.0, 9.1),
            "tax": (6.5, 5.5, 4.0, 5.2),
            "revenue": (10.0, 9.0, 8.5, 9.4),
            "domestic": (11.0, 8.0, 9.5, 12.6),
            "foreign": (-4.0, 5.0, 6.5, 6.1),
        },
        (118.0,),
        leading=0.61,
    ),
    "XJJHL": Profile(
        {
            "residential": 0.25,
            "business": 0.16,
            "research": 0.09,
            "industry": 0.07,
            "education": 0.05,
            "public": 0.05,
            "services": 0.04,
            "logistics": 0.01,
        },
        (0.97, 0.97, 0.96),
        0.06,
        {"AI": 6, "IC": 3, "SAT": 2, "AERO": 0.4, "TERM": 1.2, "MEDD": 0.9, "DISP": 0.4, "DRUG": 0.4},
        52,
        150,
        30,
        14,
        0.12,
        96.4,
        0.19,
        236.0,
        1150.0,
        77.8,
        66.0,
        2.94,
        {
            "fai": (4.0, 2.5, 5.0, 3.4),
            "output": (5.0, 6.5, 4.0, 5.2),
            "tax": (4.5, 2.0, 3.0, -4.3),
            "revenue": (7.0, 6.0, 5.0, 6.3),
            "domestic": (4.0, 3.0, 5.5, 4.8),
            "foreign": (-9.0, -2.0, 1.5, -3.4),
        },
        leading=0.58,
    ),
    "SMKX": Profile(
        {
            "industry": 0.27,
            "research": 0.15,
            "residential": 0.13,
            "business": 0.05,
            "education": 0.03,
            "public": 0.04,
            "services": 0.03,
            "logistics": 0.02,
        },
        (0.88, 0.92, 0.91),
        0.10,
        {"DRUG": 6, "MEDD": 6.6, "AI": 0.8, "TERM": 0.9, "IC": 0.7},
        44,
        120,
        22,
        12,
        0.21,
        71.2,
        0.64,
        318.5,
        96.0,
        24.6,
        56.0,
        1.36,
        {
            "fai": (10.0, 8.0, 7.5, 8.6),
            "output": (12.0, 10.5, 9.5, 11.2),
            "tax": (9.0, 7.0, 6.0, -1.8),
            "revenue": (11.0, 10.0, 9.0, 10.2),
            "domestic": (9.0, 7.0, 8.0, 10.4),
            "foreign": (2.0, 6.0, 9.0, 7.7),
        },
        leading=0.76,
    ),
    "WLKJC": Profile(
        {
            "industry": 0.34,
            "research": 0.08,
            "residential": 0.11,
            "business": 0.04,
            "education": 0.03,
            "public": 0.02,
            "services": 0.03,
            "logistics": 0.03,
        },
        (0.81, 0.87, 0.86),
        0.16,
        {"TERM": 4.8, "AERO": 2.4, "SAT": 4, "AI": 2, "IC": 0.9, "DISP": 0.4},
        40,
        80,
        12,
        5,
        0.24,
        64.9,
        0.77,
        183.0,
        42.0,
        14.3,
        49.0,
        0.45,
        {
            "fai": (16.0, 14.0, 12.0, 14.2),
            "output": (18.0, 16.0, 13.0, 13.9),
            "tax": (14.0, 12.0, 10.0, 9.4),
            "revenue": (15.0, 13.0, 11.0, 12.1),
            "domestic": (15.0, 12.0, 11.0, 15.3),
            "foreign": (6.0, 9.0, 12.0, 10.9),
        },
        (126.0, 118.0, 112.0, 108.0, 103.0),
        leading=0.67,
        land_yield=0.66,
    ),
    "XYDIT": Profile(
        {
            "industry": 0.37,
            "residential": 0.15,
            "research": 0.06,
            "business": 0.05,
            "education": 0.05,
            "public": 0.03,
            "services": 0.03,
            "logistics": 0.04,
        },
        (0.95, 0.96, 0.95),
        0.07,
        {"IC": 6, "DISP": 5, "TERM": 5.2, "AI": 0.8, "SAT": 0.7, "MEDD": 0.4},
        52,
        140,
        18,
        9,
        0.14,
        142.3,
        0.81,
        1297.2,
        120.0,
        60.0,
        58.0,
        0.46,
        {
            "fai": (5.5, 4.0, 10.0, 9.1),
            "output": (3.5, 6.0, 4.5, 4.3),
            "tax": (3.0, 4.5, 2.0, -3.6),
            "revenue": (4.0, 6.5, 5.0, 4.9),
            "domestic": (6.0, 4.5, 6.0, 7.2),
            "foreign": (-8.0, 1.0, -2.5, 1.8),
        },
        (122.0,),
        leading=0.72,
    ),
}

OTHER = Profile(
    {
        "industry": 0.22,
        "research": 0.10,
        "residential": 0.16,
        "business": 0.05,
        "education": 0.04,
        "public": 0.05,
        "services": 0.03,
        "logistics": 0.02,
    },
    (0.88, 0.92, 0.91),
    0.15,
    {"DRUG": 5, "MEDD": 5, "AI": 0.4, "TERM": 3.6, "IC": 0.6},
    40,
    100,
    16,
    10,
    0.19,
    90.0,
    0.6,
    260.0,
    90.0,
    24.0,
    45.0,
    0.7,
    _GROWTH,
)


def profile(code: str, area_km2: float) -> Profile:
    """The profile of a zone; an unknown zone gets `OTHER` scaled by its area."""
    known = PROFILES.get(code)
    if known is not None:
        return known
    k = area_km2 / 100
    own = rng("profile", code)  # two areas of one scheme are not one another's copy
    growth = {name: tuple(r + float(own.uniform(-3.5, 3.5)) for r in rates) for name, rates in _GROWTH.items()}
    return replace(
        OTHER,
        growth=growth,
        leading=float(own.uniform(0.60, 0.73)),
        weight_projects=OTHER.weight_projects * k,
        weight_firms=OTHER.weight_firms * k,
        weight_carriers=OTHER.weight_carriers * k,
        weight_platforms=OTHER.weight_platforms * k,
        fai=OTHER.fai * k,
        output=OTHER.output * k,
        revenue_services=OTHER.revenue_services * k,
        tax=OTHER.tax * k * float(own.uniform(0.7, 1.3)),
        domestic=OTHER.domestic * k,
        foreign=OTHER.foreign * k,
    )


#: Node weights among firms where they differ from 1: 设计与封测强, 制造和材料设备弱, EDA 在五区之外 (rules §5.2).
FIRM_NODE_WEIGHT: Mapping[str, float] = {
    "IC-U1": 0,
    "IC-U2": 0.25,
    "IC-U3": 0.25,
    "IC-M1": 5,
    "IC-M2": 5,
    "IC-M3": 0.2,
    "IC-M4": 0.5,
    "IC-M5": 4,
    "IC-M6": 1.5,
    "DISP-U2": 0.2,
    "DISP-U3": 0.4,
    "DISP-U6": 0,
    "DISP-M1": 2,
    "DISP-M2": 2.5,
    "DISP-M4": 2,
    "DISP-M3": 0.5,
    "TERM-U4": 0,
    "TERM-M1": 3,
    "TERM-M2": 2,
    "TERM-M3": 0.9,
    "TERM-D1": 0.9,
    "DRUG-M3": 0,
    "DRUG-M6": 0,
    "DRUG-M2": 3,
    "DRUG-U1": 3,
    "DRUG-U2": 2.5,
    "DRUG-M7": 2,
    "DRUG-M5": 0.5,
    "DRUG-U4": 0.6,
    "MEDD-U2": 0.7,
    "MEDD-M1": 2,
    "MEDD-M2": 3,
    "MEDD-D1": 0.8,
    "AERO-U1": 0,
    "AERO-M4": 0,
    "AERO-M2": 0,
    "AERO-U2": 0,
    "AERO-D3": 0.2,
    "AERO-M1": 2,
    "SAT-M2": 0,
    "SAT-D1": 0,
    "SAT-M1": 0.6,
    "SAT-U1": 0.5,
    "SAT-D2": 2,
    "SAT-D3": 2,
    "AI-M1": 0.3,
    "AI-U3": 0.6,
    "AI-D2": 3,
    "AI-M2": 3,
}
#: Node weights among projects: the gaps are what is being courted ("在补").
PROJECT_NODE_WEIGHT: Mapping[str, float] = {
    "IC-U1": 0.6,
    "IC-U2": 1.5,
    "IC-U3": 1.5,
    "IC-M3": 2,
    "DISP-U6": 1,
    "DISP-M2": 2,
    "DRUG-M3": 0.8,
    "AERO-M4": 1.2,
    "SAT-M2": 0.8,
    "SAT-M1": 1.6,
    "MEDD-U2": 1.2,
    "DRUG-M5": 1.2,
}
