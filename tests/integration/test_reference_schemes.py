"""Scheme files: the two that ship, and that a faulty file is told by name and field."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from data.reference import chains, districts
from data.reference.schemes import FOLDER, load_scheme, load_schemes, shipped_schemes

MINIMAL = """
id: demo
name_zh: 试
name_en: Try
area_crs: EPSG:4544
boundary_source: sketch
city_prefix: "5101"
elements:
  - code: A
    name_zh: 甲
    name_en: A
    role: core
    order: 1
    authority: X
    geometry: {kind: polygon, sketch: [[104.0, 30.4], [104.1, 30.4], [104.1, 30.5]]}
"""


def test_the_science_city_comes_first_with_its_five_elements_in_order() -> None:
    schemes = shipped_schemes()
    assert list(schemes) == ["wcsc", "wenjiang"]
    assert schemes["wcsc"].codes == ("CDKXC", "XJJHL", "SMKX", "WLKJC", "XYDIT")
    assert [element.role for element in schemes["wcsc"].ordered] == ["core"] + ["zone"] * 4


def test_published_areas_sum_to_the_published_total() -> None:
    areas = [element.current_area for element in shipped_schemes()["wcsc"].ordered]
    assert [fact and fact.km2 for fact in areas] == [132.0, 88.9, 44.0, 60.4, 68.9]
    assert round(sum(fact.km2 for fact in areas if fact), 1) == 394.2
    assert [fact and fact.published for fact in areas] == [True, True, True, True, False]


def test_the_core_keeps_its_area_history() -> None:
    assert [fact.km2 for fact in shipped_schemes()["wcsc"].element("CDKXC").areas] == [73.0, 99.4, 132.0]


def test_the_bio_town_has_both_governing_parties_and_a_host_outside_the_agreement() -> None:
    town = shipped_schemes()["wcsc"].element("SMKX")
    by_role = {(party.role, party.unit): party for party in town.parties}
    assert "投资促进" in by_role["lead", "CD-GXQ"].duties
    assert "医疗卫生" in by_role["partner", "510116"].duties
    assert ("host", "510118") in by_role
    assert "510118" not in town.agreements[0].shares


def test_sharing_ratios_are_examples_and_marked_so() -> None:
    for code, partner in (("SMKX", "510116"), ("WLKJC", "CD-DBXQ")):
        element = shipped_schemes()["wcsc"].element(code)
        for metric_class in ("direct", "nondirect", "fiscal"):
            agreement = element.agreement(metric_class, date(2026, 9, 1))
            assert agreement is not None
            assert agreement.shares == {"CD-GXQ": Fraction(3, 5), partner: Fraction(2, 5)}
            assert agreement.illustrative
    fiscal = shipped_schemes()["wcsc"].element("SMKX").agreement("fiscal", date(2026, 9, 1))
    assert fiscal is not None
    assert fiscal.retention


def test_wenjiang_has_one_core_two_lines_and_three_parks() -> None:
    roles = [element.role for element in shipped_schemes()["wenjiang"].ordered]
    assert roles == ["core", "axis", "axis", "park", "park", "park"]
    assert not any(element.areas for element in shipped_schemes()["wenjiang"].elements)


def test_codes_in_the_schemes_exist_in_the_tables() -> None:
    units = {district.code for district in districts()}
    for scheme in shipped_schemes().values():
        for element in scheme.elements:
            assert element.authority in units
            assert element.functional_area in {*units, None}
            assert set(element.hosts) <= units
            assert set(element.leading_chains) <= set(chains())
            named = {party.unit for party in element.parties if party.name_zh is None}
            assert named <= units


def test_a_scheme_loads_from_a_file_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    assert load_scheme(path).element("A").short_zh == "甲"
    assert list(load_schemes(tmp_path)) == ["demo"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("role: core", "role: centre", r"demo\.yaml\.elements\[0\]: unknown role of element A 'centre'"),
        ("role: core", "role: axis", r"elements\[0\]: axis A is not a line"),
        ("name_en: Try\n", "", r"demo\.yaml\.name_en: missing"),
        ('"5101"', "5101", r"demo\.yaml\.city_prefix: expected text \(put quotes"),
        ("order: 1", "order: one", r"elements\[0\]\.order: expected a number, got 'one'"),
        ("order: 1", "order: 1.5", r"elements\[0\]\.order: expected a whole number"),
        ("order: 1", "order: 1\n    colour: red", r"elements\[0\]\.colour: unknown field"),
        ("[104.0, 30.4]", "[104.0]", r"elements\[0\]\.geometry\.sketch\[0\]: expected \[longitude, latitude\]"),
        ("[104.0, 30.4]", "[30.4, 104.0]", r"geometry: the sketch point .* is not longitude, latitude"),
        ("kind: polygon", "kind: circle", r"geometry: unknown geometry kind 'circle'"),
        ("order: 1", "order: 1\n    parties: [{unit: U, role: boss}]", r"parties\[0\]: unknown role of party U"),
        (
            "order: 1",
            "order: 1\n    agreements: [{metric_class: direct, basis_doc: x, shares: {A: 6:4}}]",
            r'agreements\[0\]\.shares\.A: expected a fraction in quotes such as "6/10", got 364',
        ),
        ("order: 1", "order: 1\n    alias_zh: 甲", r"elements\[0\]\.alias_zh: expected a list"),
        ("elements:", "elements: [", r"demo\.yaml: not readable as YAML"),
    ],
)
def test_an_error_names_the_file_and_the_field(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "demo.yaml"
    assert old in MINIMAL
    path.write_text(MINIMAL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        load_scheme(path)


@pytest.mark.parametrize("content", ["", "- a\n", "just words\n"])
def test_a_file_that_is_no_scheme_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"demo\.yaml: expected fields and values"):
        load_scheme(path)


def test_two_files_with_one_id_or_two_defaults_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(MINIMAL, encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.yaml\.id: the scheme id demo is already used"):
        load_schemes(tmp_path)
    for name in ("a", "b"):
        text = MINIMAL.replace("id: demo", f"id: {name}\ndefault: true")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="more than one scheme is marked as default"):
        load_schemes(tmp_path)


def test_the_files_run_no_code(tmp_path: Path) -> None:
    path = tmp_path / "demo.yaml"
    path.write_text("id: !!python/object/apply:os.getcwd []\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not readable as YAML"):
        load_scheme(path)
    assert all(yaml.safe_load(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.yaml"))
