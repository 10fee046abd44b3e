"""What the map asks for when the address changes: a patch from what it shows, or a whole spec; through the gate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from callbacks.map import change_of
from data.models import Policy
from data.queries.catalogue import catalogue
from data.queries.projects import project_summary
from data.queries.published import policy_list
from data.queries.question import Question
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset, ViewState

LEADER, PROMOTER = Viewer(Role.LEADERSHIP), Viewer(Role.PROMOTER)


def change(session: Session, shown: str, search: str, viewer: Viewer = LEADER) -> dict[str, Any]:
    return change_of(Question.asked(session, viewer, search), shown, "wall")


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


def label_texts(session: Session, search: str) -> dict[str, str]:
    """Figure with its unit on the label of each zone."""
    labels = change(session, "chain=IC", search)["spec"]["labels"]
    return {x["id"]: f"{x['value']} {x['unit']}" for x in labels if x["kind"] == "zone"}


def test_where_no_month_is_published_a_label_counts_projects(db_session: Session) -> None:
    counts = project_summary(Question.of(db_session, LEADER, ViewState(dataset=Dataset.PUBLISHED))).zones
    texts = label_texts(db_session, "?data=published")
    assert {code for code in texts if texts[code] == f"{counts[code]} 个项目"} == set(counts) != set()


def test_before_anything_came_in_a_label_says_how_large_the_zone_is(db_session: Session) -> None:
    areas = {z.code: z.geometry_area_m2 for z in catalogue(db_session).scheme_zones("wcsc")}
    texts = label_texts(db_session, "?data=own")
    assert texts["SMKX"] == f"{areas['SMKX'] / 1_000_000:.1f} km²"
    assert texts.keys() == areas.keys()


def test_policies_of_a_chosen_chain_are_those_that_name_it(db_session: Session) -> None:
    state = ViewState(dataset=Dataset.PUBLISHED)
    every = policy_list(Question.of(db_session, LEADER, state))
    chips = {p["id"] for p in policy_list(Question.of(db_session, LEADER, state.with_(chains=("IC",))))}
    named = {p.id for p in db_session.scalars(select(Policy)) if "IC" in (p.chains or ())}
    assert chips == named & {p["id"] for p in every}
    assert 0 < len(chips) < len(every)
    dates = [p["valid_from"] or p["as_of"] or "" for p in every]
    assert dates == sorted(dates, reverse=True)
