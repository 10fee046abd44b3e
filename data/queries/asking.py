"""From a URL query to the state it describes, in the words the database knows. Screens and API read it here."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from sqlalchemy.orm import Session

from data.queries.catalogue import catalogue
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
