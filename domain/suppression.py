"""Small-cell suppression of sums made from single enterprises (rules §2.6.4).

Outside the owner's group such a sum is shown only with at least 3 contributors and none above 85 %; what could be
found by subtracting shown cells from a shown total is hidden as well. Hidden values are shown ＊.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

MIN_CONTRIBUTORS = 3
MAX_SHARE = Fraction(85, 100)


@dataclass(frozen=True)
class Weight:
    """How much of a cell's sum is whose: enterprises that contribute, the largest of them, all (absolute amounts)."""

    contributors: int
    largest: int
    total: int

    @classmethod
    def of(cls, amounts: Iterable[int]) -> Weight:
        """The weight of these amounts, one for each enterprise."""
        sizes = [abs(amount) for amount in amounts if amount]
        return cls(len(sizes), max(sizes, default=0), sum(sizes))

    def __add__(self, other: Weight) -> Weight:
        """The weight of two cells without a common enterprise."""
        return Weight(
            self.contributors + other.contributors, max(self.largest, other.largest), self.total + other.total
        )

    @property
    def safe(self) -> bool:
        """Whether the sum may be shown; of nobody there is nothing to give away."""
        share_kept = self.largest * MAX_SHARE.denominator <= self.total * MAX_SHARE.numerator
        return not self.contributors or (self.contributors >= MIN_CONTRIBUTORS and share_kept)


#: Firms above size stand in every total, those below only in some.
Beside = Literal["above", "below"]
#: The weights of a cell in each amount that is shown of it: one of a sum, two of a ratio.
Weights = tuple[Weight, ...]


def _safe(weights: Weights) -> bool:
    return all(weight.safe for weight in weights)


def join_unsafe(cells: Mapping[str, Weights]) -> list[frozenset[str]]:
    """The cells in groups that may each be shown: an unsafe cell is joined with the smallest unsafe other, with the smallest
    where no other is unsafe (rules §2.6).

    The last group left may still be unsafe. The order of the cells does not matter.
    """
    groups = [(weights, frozenset({key})) for key, weights in cells.items()]
    while len(groups) > 1:
        groups.sort(key=lambda group: (sum(w.contributors for w in group[0]), sorted(group[1])))
        unsafe = next((group for group in groups if not _safe(group[0])), None)
        if unsafe is None:
            break
        groups.remove(unsafe)
        partner = next((group for group in groups if not _safe(group[0])), groups[0])
        groups.remove(partner)
        weights, keys = partner
        groups.append((tuple(a + b for a, b in zip(weights, unsafe[0], strict=True)), keys | unsafe[1]))
    return [keys for _weights, keys in groups]


@dataclass(frozen=True)
class Member:
    """One enterprise's contributions to a figure, and the cells it belongs to, from the widest to the finest.

    One that contributes 0 here but stands in other figures is `beside`, which says in which: such a figure differs from this
    one by those beside, who must be enough as well.
    """

    id: str
    amounts: tuple[int, ...]
    cells: tuple[str, ...]
    beside: Beside | None = None


@dataclass(frozen=True)
class Blocks:
    """A partition of the enterprises of one figure at one time.

    Sums shown over whole safe blocks only stay sums of whole safe blocks however they are added or subtracted, so no series
    of questions about the figure finds a single enterprise (rules §2.6.4).
    """

    parts: tuple[tuple[frozenset[str], bool], ...]

    @classmethod
    def of(cls, members: Iterable[Member]) -> Blocks:
        """The finest partition along the members' cells in which every cut leaves only groups that may be shown."""
        found: list[tuple[frozenset[str], bool]] = []

        def cut(group: list[Member], level: int) -> None:
            if level == len(group[0].cells) or len(group) < 2 * MIN_CONTRIBUTORS:
                found.append((frozenset(member.id for member in group if not member.beside), _safe(_weights(group))))
                return
            pieces: dict[str, list[Member]] = {}
            for member in group:
                pieces.setdefault(member.cells[level], []).append(member)
            for keys in join_unsafe({key: _weights(piece) for key, piece in pieces.items()}):
                cut([member for key in sorted(keys) for member in pieces[key]], level + 1)

        contributing = [member for member in members if member.beside or any(member.amounts)]
        if contributing:
            cut(contributing, 0)
        return cls(tuple(found))

    def admit(self, enterprises: Collection[str]) -> bool:
        """Whether the sum over these enterprises is one over whole safe blocks."""
        chosen = set(enterprises)
        for block, safe in self.parts:
            inside = len(block & chosen)
            if inside and (inside < len(block) or not safe):
                return False
        return True


def beside(count: int) -> Weight:
    """The weight of so many enterprises whose amounts do not matter."""
    return Weight(count, 1, count)


def _weights(members: Sequence[Member]) -> Weights:
    own = (Weight.of(part) for part in zip(*(member.amounts for member in members), strict=True))
    left_out = Counter(member.beside for member in members)
    return (*own, *(beside(left_out[which]) for which in get_args(Beside)))
