"""Speed of the rules alone, on made-up records: attribution of many records and per-mu evaluation (rules §3.4, §4.3)."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import numpy as np

from data.reference import indicators
from domain.attribution import Agreement, AgreementBook, MetricClass, PlaceRole, Scope, Subject, UnitSpan
from domain.attribution_bulk import RecordBlock, attribute_many
from domain.per_mu import SICHUAN, Firms, evaluate
from domain.periods import Period

ZONES = ("CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT")
DISTRICTS = ("510116", "510107", "510118", "510185", "510117")
METRICS = tuple(indicators()[code] for code in ("K01", "K04", "K09", "K20"))
MONTHS = tuple(Period.of_month(2022, 1).shift(i) for i in range(57))
SCOPES = (Scope.TERRITORIAL, Scope.AREA, Scope.SHARED, Scope.DUAL)


def _subject(number: int, draw: random.Random) -> Subject:
    district = draw.choice(DISTRICTS)
    spans: tuple[UnitSpan, ...] = (UnitSpan(district, date(2019, 1, 1)),)
    if draw.random() < 0.1:  # one in ten was handed to another unit on the way
        spans = (
            UnitSpan(district, date(2019, 1, 1), date(2024, 6, 30)),
            UnitSpan(draw.choice(DISTRICTS), date(2024, 7, 1)),
        )
    return Subject(
        f"P{number}",
        draw.choice(ZONES),
        spans,
        {PlaceRole.LOCATION: district, PlaceRole.TREASURY: draw.choice(DISTRICTS)},
        {district: draw.randint(1_000, 90_000), draw.choice(DISTRICTS): draw.randint(1_000, 90_000)},
        date(draw.randint(2020, 2026), draw.randint(1, 12), 1),
    )


def _agreements(projects: int, draw: random.Random) -> AgreementBook:
    """Two successive agreements for each class in two zones, and one of its own for every tenth project."""
    found = []
    for zone in ("SMKX", "WLKJC"):
        for group in MetricClass:
            for name, share, begins, ends in (
                ("a", 60, date(2020, 1, 1), date(2023, 12, 31)),
                ("b", 51, date(2024, 1, 1), None),
            ):
                parts = (("CD-GXQ", Fraction(share, 100)), ("510116", Fraction(100 - share, 100)))
                found.append(
                    Agreement(f"{zone}{group}{name}", parts, begins, "d", zone=zone, metric_class=group, valid_to=ends)
                )
    own = (("CD-GXQ", Fraction(3, 10)), ("CD-DBXQ", Fraction(7, 10)))
    for i in range(projects // 10):
        who = f"P{draw.randrange(projects)}"
        found.append(
            Agreement(
                f"own{i}",
                own,
                date(2022, 1, 1),
                "d",
                subject_id=who,
                metric_class=MetricClass.FISCAL,
                years_from_start=5,
            )
        )
    return AgreementBook(found)


def _block(projects: int) -> tuple[RecordBlock, AgreementBook]:
    draw = random.Random(projects)
    subjects = [_subject(i, draw) for i in range(projects)]
    grid = np.meshgrid(np.arange(projects), np.arange(len(METRICS)), np.arange(len(MONTHS)), indexing="ij")
    subject, measure, period = (axis.ravel() for axis in grid)
    amounts = np.random.default_rng(projects).integers(-100, 50_000, subject.size)
    return RecordBlock(subjects, METRICS, MONTHS, subject, measure, period, amounts), _agreements(projects, draw)


def _median(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def attribution(projects: int, repeats: int) -> dict[str, float]:
    """Seconds by scope to divide 4 metrics × 57 months of `projects` and to sum them by unit."""
    block, book = _block(projects)
    return {s.value: _median(lambda s=s: attribute_many(block, s, book).totals(), repeats) for s in SCOPES}  # type: ignore[misc]


def per_mu(firms: int, repeats: int) -> float:
    """Seconds to score, rank and class `firms` by Sichuan's default."""
    draw = np.random.default_rng(firms)
    columns = {
        name: draw.lognormal(mean, 1, firms)
        for name, mean in (
            ("revenue_wan", 9),
            ("tax_wan", 6),
            ("employees", 5),
            ("energy_tce", 7),
            ("rd_wan", 6),
            ("owned_m2", 10),
            ("leased_floor_m2", 6),
        )
    }
    columns["far"] = draw.uniform(0.8, 3, firms)
    for column in columns.values():  # one figure in fifty is not known
        column[draw.random(firms) < 0.02] = np.nan
    cohort = Firms(
        tuple(f"E{i}" for i in range(firms)),
        columns,
        tuple("new" if i % 20 == 0 else "" for i in range(firms)),
        np.arange(firms) % 100 == 0,
    )
    return _median(lambda: evaluate(cohort, SICHUAN), repeats)


def main() -> None:
    """Measure and print as JSON."""
    found = {
        "attribution_10k": attribution(10_000, 5),
        "attribution_1k": attribution(1_000, 15),
        "per_mu_5k": per_mu(5_000, 10),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
