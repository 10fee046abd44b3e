"""A question: who asks, about which state, and what follows from the two. Made once for each request.

Screens, API and commands read the state of a URL query here, in the words the database knows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from data.indicators import Ask
from data.queries.catalogue import Catalogue, Resolved, catalogue
from domain.filters import Filter, filter_of
from domain.periods import Period
from domain.viewer import Viewer
from domain.viewstate import Dataset, Ignored, ViewState, parse_query

MAX_FIELDS = 64


def read_state(
    session: Session, search: str | None, *, own: Collection[str] = ()
) -> tuple[ViewState, tuple[Ignored, ...]]:
    """State of a URL search string ("?a=b&c=d", the mark may be missing) and what was ignored in it. Never raises.

    Data set and scheme of the string itself decide which periods and zones exist. A repeated parameter means the same
    as its values joined by commas: OR within a facet, and no answer where only one value makes sense. `own` names the
    parameters that the caller reads itself; fields beyond ``MAX_FIELDS`` are ignored and reported.
    """
    fields = (search or "").removeprefix("?").split("&")
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl("&".join(fields[:MAX_FIELDS])):
        seen = values.setdefault(name, [])
        if name not in own and value not in seen:
            seen.append(value)
    query = {name: ",".join(found) for name, found in values.items() if found}
    dataset = next((d for d in Dataset if query.get("data", "").strip() == d.value), Dataset.DEMO)
    state, ignored = parse_query(query, catalogue(session).vocabulary(dataset, query.get("scheme", "").strip()))
    left = "&".join(fields[MAX_FIELDS:])
    return state, (*ignored, Ignored("…", left[:80], "bad_format")) if left else ignored


@dataclass(frozen=True)
class Question:
    """What every query is given: who asks, about which state, what exists, and the state with nothing left open.

    `at` has scheme, period and zones in force, `filter` is what the state selects at that period; `ignored` is what was
    not understood in the query string that the state came from.
    """

    session: Session
    viewer: Viewer
    state: ViewState
    known: Catalogue
    at: Resolved
    filter: Filter
    ignored: tuple[Ignored, ...] = ()

    @classmethod
    def of(cls, session: Session, viewer: Viewer, state: ViewState, ignored: tuple[Ignored, ...] = ()) -> Question:
        """The question of a viewer about a state."""
        known = catalogue(session)
        at = known.resolve(state)
        return Question(session, viewer, state, known, at, filter_of(state, at.period, at.grounds), ignored)

    @classmethod
    def asked(cls, session: Session, viewer: Viewer, search: str | None, *, own: Collection[str] = ()) -> Question:
        """The question of a viewer about the state of a URL search string; `own` as in `read_state`. Never raises."""
        return Question.of(session, viewer, *read_state(session, search, own=own))

    @property
    def month(self) -> str | None:
        """The month that the data on screen are of; None for a data set that has nothing by month."""
        return self.at.period if self.state.dataset in self.known.monthly else None

    @property
    def data_month(self) -> str:
        """The month that undated records are of."""
        return self.known.data_month(self.at)

    def ask(
        self, zones: Sequence[str], periods: Sequence[Period], conditions: Sequence[ColumnElement[bool]] = ()
    ) -> Ask:
        """What the lines of an indicator are asked: those of some zones and periods, under conditions on the records."""
        cut = Period.parse(self.data_month)
        return Ask(self.session, self.at.provenance, tuple(zones), tuple(periods), cut, tuple(conditions))

    @cached_property
    def unfiltered(self) -> Self:
        """The same question about whole zones: without what a filter leaves out of them."""
        return self.with_(chains=(), nodes=(), stages=(), lights=(), districts=(), kinds=())

    @cached_property
    def everywhere(self) -> Self:
        """The same question about every zone of the scheme."""
        return self.with_(zones=())

    @cached_property
    def selected(self) -> Self:
        """The same question about the zone that is selected; itself where none is."""
        kind, _sep, code = self.state.selection.partition(":")
        zone = self.known.zones.get(code) if kind == "zone" else None
        return self.with_(zones=(code,)) if zone is not None and zone.is_area else self

    def about(self, state: ViewState) -> Self:
        """The same question about another state."""
        if state == self.state:
            return self
        at = self.known.resolve(state)
        return replace(self, state=state, at=at, filter=filter_of(state, at.period, at.grounds))

    def with_(self, **changes: Any) -> Self:
        """The same question about the state with `changes`."""
        return self.about(self.state.with_(**changes))
