"""What the map asks for when the address changes: a patch from what it shows, or a whole spec; through the gate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from callbacks.map import change_of
from domain.viewer import Role, Viewer

LEADER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER)


def change(session: Session, shown: str, search: str, viewer: Viewer = LEADER) -> dict[str, Any]:
    return change_of(session, viewer, shown, search, "wall")


def test_a_filter_is_a_patch_from_what_is_shown(db_session: Session) -> None:
    answer = change(db_session, "", "?chain=IC")
    assert answer["shown"] == "chain=IC"
    assert "project" in answer["patch"]["filters"]
    assert change(db_session, "chain=IC", "?chain=IC") == {"shown": "chain=IC", "patch": {}}


def test_the_way_back_undoes_it(db_session: Session) -> None:
    there = change(db_session, "", "?zone=SMKX&light=red")["patch"]
    back = change(db_session, "zone=SMKX&light=red", "")["patch"]
    assert there["filters"].keys() == back["filters"].keys()
    assert there["paint"].keys() == back["paint"].keys()


def test_another_data_set_is_a_whole_spec_that_says_what_it_shows(db_session: Session) -> None:
    answer = change(db_session, "", "?data=published")
    assert answer["shown"] == answer["spec"]["shown"] == "data=published"


@pytest.mark.parametrize("search", ["?chain=IC&light=red", "?sel=zone:SMKX", "?period=2025-06", "?landuse=plan"])
def test_no_answer_holds_geometry(db_session: Session, search: str) -> None:
    assert "coordinates" not in json.dumps(change(db_session, "", search))


def test_a_promoter_is_sent_nothing_of_the_leads(db_session: Session) -> None:
    for search in ("?chain=IC", "?data=published", "?data=own"):
        text = json.dumps(change(db_session, "", search, PROMOTER))
        assert "leads" not in text


def test_a_broken_address_changes_nothing(db_session: Session) -> None:
    assert change(db_session, "", "?zone=NOWHERE&light=purple&nonsense=1") == {"shown": "", "patch": {}}
