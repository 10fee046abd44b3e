"""CONTRIBUTING.md names files and names that are there."""

from __future__ import annotations

import re

from layers.registry import LAYERS
from settings import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_every_file_that_it_names_is_there() -> None:
    named = {name for name in re.findall(r"`([\w.\-]+/[\w./\-]*)`", TEXT) if "CODE" not in name and "NAME" not in name}
    linked = set(re.findall(r"\]\(([\w./\-]+)\)", TEXT))

    assert len(named | linked) >= 25
    assert {
        name for name in named | linked if name.partition("/")[0] != ".venv" and not (ROOT / name).exists()
    } == set()


def test_every_name_that_it_gives_stands_in_the_file_that_it_gives_for_it() -> None:
    places = {
        "LINES": "data/indicators/places.py",
        "LAYER_IDS": "data/queries/catalogue.py",
        "selects": "layers/layer.py",
        "PAGE": "views/pages/ledger.py",
        "PAGES": "views/pages/__init__.py",
        "LANGUAGES": "i18n.py",
        "ours": "assets/callbacks.js",
    }

    for name, file in places.items():
        assert re.search(rf"`{name}(\(\))?`", TEXT), name
        assert re.search(rf"\b{name}\b", (ROOT / file).read_text("utf-8")), name


def test_a_layer_that_opens_a_panel_says_of_which_kind() -> None:
    assert {layer.id: layer.selects for layer in LAYERS if layer.clicks} == {
        "area": "unit",
        "district": "",
        "parcel": "parcel",
        "zone": "zone",
        "axis": "",
        "plot": "plot",
        "carrier": "carrier",
        "footprint": "project",
        "project": "project",
        "platform": "platform",
        "link": "",
    }
