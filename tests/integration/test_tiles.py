"""Tile archives built from a small database and read back: contents, gate, swap, damage (rules §2.6, §2.7)."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from pyogrio import read_dataframe
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from data import models as m
from data import store
from data.db import make_engine
from domain.viewer import Role, Viewer
from domain.viewstate import Dataset
from layers import features
from layers.tiles import TileProblem, TileStore, archives_for, build_archives
from tests.support import small_city

Z, X, Y = 10, 807, 421  # the tile that holds the small city


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'city.db'}", create=True)
    m.Base.metadata.create_all(engine)
    with Session(engine) as session:
        small_city.fill(session)
    yield engine
    engine.dispose()


@pytest.fixture
def tiles_dir(engine: Engine, tmp_path: Path) -> Path:
    build_archives(engine, tmp_path / "tiles")
    return tmp_path / "tiles"


def rows(frame: gpd.GeoDataFrame) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in frame.drop(columns="geometry").to_dict("records")}


def test_the_archives_hold_the_layers_that_have_features(tiles_dir: Path) -> None:
    manifest = json.loads((tiles_dir / "1" / "manifest.json").read_text())
    archives = manifest["archives"]
    assert archives["admin"] == {"district": 2}
    assert archives["base"] == {"zone": 2, "axis": 1, "metro": 18, "airport": 2}
    assert archives["place"] == {"station": 405}
    assert archives["staff-demo"] == {
        "plot": 1, "carrier": 2, "carrier_footprint": 1, "platform": 1, "footprint": 2, "link": 2,
    }  # fmt: skip
    assert archives["projects-demo"] == {"project": 2}
    assert archives["land-demo"] == {"parcel": 3}
    assert archives["leads-demo"] == {"project": 2}
    assert archives["guest-demo"] == {"plot": 1, "carrier": 2, "carrier_footprint": 1, "platform": 1}
    assert archives["staff-published"] == {}
    assert sorted(p.name for p in (tiles_dir / "1").glob("*.pmtiles")) == [
        "admin.pmtiles", "base.pmtiles", "guest-demo.pmtiles", "land-demo.pmtiles", "leads-demo.pmtiles",
        "place.pmtiles", "projects-demo.pmtiles", "staff-demo.pmtiles",
    ]  # fmt: skip


def test_a_tile_is_served_gzipped_and_names_the_attributes_of_the_filter(tiles_dir: Path) -> None:
    tile = TileStore(tiles_dir).get(1, "projects-demo", Z, X, Y)
    assert tile is not None
    plain = gzip.decompress(tile)
    for attribute in (b"sh", b"lh", b",IC-M1,", b",510116,510118,", b",A,D,F,"):
        assert attribute in plain


def test_the_written_archive_is_read_by_gdal_with_the_same_ids(tiles_dir: Path) -> None:
    frame = read_dataframe(tiles_dir / "1" / "projects-demo.pmtiles", layer="project", zoom_level="14")
    assert sorted(frame["id"].unique()) == ["A1", "B1"]


def test_months_before_signing_are_only_in_the_leads_archive(engine: Engine) -> None:
    with Session(engine) as session:
        projects = features.project_rows(session, Dataset.DEMO)
    assert projects.signed == {"A1": ("kkk", "gyr"), "B1": ("-cn", "-ng")}
    assert projects.leads == {"B1": ("b--", "---"), "N1": ("-bb", "---")}


def test_project_attributes_carry_every_facet(engine: Engine) -> None:
    with Session(engine) as session:
        projects = features.project_rows(session, Dataset.DEMO)
    assert projects.attributes["B1"] == {
        "id": "B1", "n": "演示·B1", "z": "SMKX", "ds": ",510116,510118,", "nd": ",DRUG-M2,", "ch": ",DRUG,IC,", "k": ",A,D,F,",
        "inv": 5, "ps": 0, "xb": 1,
    }  # fmt: skip
    assert projects.attributes["A1"]["xb"] == 0, "kind G alone raises no badge"
    assert projects.attributes["N1"]["inv"] is None, "an unknown investment is not the smallest one"


def test_land_use_codes_of_another_scheme_keep_their_scheme_and_military_land_stays_behind(engine: Engine) -> None:
    with Session(engine) as session:
        parcels = rows(features.parcel_frame(session, "demo"))
    assert sorted(parcels) == ["P1", "P2", "P3"]
    assert parcels["P1"]["s"] == "0701"
    assert parcels["P3"]["s"] == "GBT21010_2017:1001"


def test_a_crossing_footprint_is_cut_along_the_district_line(engine: Engine) -> None:
    with Session(engine) as session:
        frame = features.footprint_frame(session, features.project_rows(session, Dataset.DEMO))
    parts = frame.sort_values("pt")
    assert list(parts["fd"]) == [small_city.WEST, small_city.EAST]
    assert list(parts["fa"]) == [60_000, 40_000]
    assert shapely.union_all(parts.geometry.values).equals(shapely.box(103.99, 30.395, 104.01, 30.405))


def test_links_join_headquarters_to_base_and_first_contact_to_landing(engine: Engine) -> None:
    with Session(engine) as session:
        frame = features.link_frame(session, features.project_rows(session, Dataset.DEMO))
    assert list(frame["kind"]) == ["hq_base", "transfer"]
    assert list(frame["pid"]) == ["B1", "B1"]
    assert frame.geometry.iloc[0].coords[0] == (103.9, 30.38)
    assert frame.geometry.iloc[1].coords[-1] == (104.0, 30.4)


def test_vacancy_is_a_share_of_delivered_space_and_unknown_without_units(engine: Engine) -> None:
    with Session(engine) as session:
        carriers = features.carrier_frames(session, "demo")["carrier"].set_index("id")
    assert carriers.loc["C1", "v"] == 2  # 200 of 1000 delivered
    assert carriers["v"].isna()["C2"]
    assert carriers["h"].isna()["C2"]


@pytest.mark.parametrize(("wan", "level"), [(None, None), (9_999, 1), (10_000, 2), (199_999, 3), (500_000, 5)])
def test_investment_classes(wan: int | None, level: int | None) -> None:
    assert features.investment_class(wan) == level


@pytest.mark.parametrize(
    ("vacant", "delivered", "level"), [(0, 0, None), (0, 9, 0), (1, 10, 1), (3, 10, 2), (4, 10, 3)]
)
def test_vacancy_classes(vacant: int, delivered: int, level: int | None) -> None:
    assert features.vacancy_class(vacant, delivered) == level


def test_a_guest_gets_outlines_on_a_50_metre_grid(engine: Engine) -> None:
    with Session(engine) as session:
        exact = features.plot_frame(session, "demo").geometry
    tiny = gpd.GeoSeries([shapely.box(103.9, 30.4, 103.9001, 30.4001)], crs=4326)
    for outlines in (exact, tiny):
        coarse = features.generalise(outlines)
        metres = shapely.get_coordinates(coarse.to_crs("EPSG:4544").values)
        offset = (metres + 25) % 50 - 25 if outlines is exact else (metres + 50) % 25
        assert abs(offset).max() < 0.01 or abs(abs(offset).max() - 25) < 0.01
        assert coarse.iloc[0].area > 0
        assert not coarse.geom_equals(outlines).any()


def test_each_role_gets_its_archives() -> None:
    everyone = {"base", "place"}
    assert archives_for(Viewer(Role.LEADERSHIP), "demo", reviewed=False) == everyone | {
        "admin",
        "land-demo",
        "staff-demo",
        "projects-demo",
        "leads-demo",
    }
    for role in (Role.PLANNER, Role.PROMOTER):
        assert archives_for(Viewer(role), "demo", reviewed=False) == everyone | {
            "admin",
            "land-demo",
            "staff-demo",
            "projects-demo",
        }
    assert archives_for(Viewer(Role.PROSPECT), "demo", reviewed=False) == everyone | {"guest-demo"}
    assert archives_for(Viewer(Role.PROSPECT), "published", reviewed=True) == everyone | {"admin", "guest-published"}


def test_a_viewer_limited_to_units_gets_no_citywide_staff_tiles() -> None:
    limited = Viewer(Role.LEADERSHIP, frozenset({"CD-GXQ"}))
    assert archives_for(limited, "demo", reviewed=False) == {"base", "place", "admin", "guest-demo"}


def test_tiles_of_an_older_program_are_built_anew(engine: Engine, tiles_dir: Path) -> None:
    path = tiles_dir / "1" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))
    with pytest.raises(TileProblem, match="were built by another version of the program"):
        TileStore(tiles_dir).get(1, "base", Z, X, Y)
    assert build_archives(engine, tiles_dir)
    assert TileStore(tiles_dir).complete(1)


def test_a_missing_version_names_the_command_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(
        TileProblem, match=r"^Tiles of data version 3 are missing\. Mend it with: \.venv/bin/python cli\.py tiles$"
    ):
        TileStore(tmp_path).get(3, "base", Z, X, Y)


@pytest.mark.parametrize("keep", [0, 60, 500])
def test_a_truncated_archive_is_reported_and_rebuilt(engine: Engine, tiles_dir: Path, keep: int) -> None:
    path = tiles_dir / "1" / "staff-demo.pmtiles"
    path.write_bytes(path.read_bytes()[:keep])
    store = TileStore(tiles_dir)
    with pytest.raises(
        TileProblem, match=r"staff-demo\.pmtiles is truncated .*Mend it with: \.venv/bin/python cli\.py tiles$"
    ):
        store.get(1, "staff-demo", Z, X, Y)
    assert not store.complete(1)
    assert build_archives(engine, tiles_dir)
    assert store.get(1, "staff-demo", Z, X, Y)
    assert sorted(p.name for p in tiles_dir.iterdir()) == [".lock", "1"]


def test_damage_is_reported_not_raised_as_something_else(tiles_dir: Path) -> None:
    path = tiles_dir / "1" / "base.pmtiles"
    good = path.read_bytes()
    for bad, reason in (
        (b"x" * len(good), "not a PMTiles"),
        (good[:127] + b"\0" * (len(good) - 127), "damaged directory"),
    ):
        path.write_bytes(bad)
        assert reason in str(TileStore(tiles_dir).problem(1))
    path.unlink()
    assert "base.pmtiles of data version 1 is missing" in str(TileStore(tiles_dir).problem(1))
    (tiles_dir / "1" / "manifest.json").write_text("{")
    assert "manifest" in str(TileStore(tiles_dir).problem(1))


def test_tiles_outside_and_unknown_archives_are_empty(tiles_dir: Path) -> None:
    store = TileStore(tiles_dir)
    assert store.get(1, "staff-demo", Z, 0, 0) is None
    assert store.get(1, "staff-demo", 7, 0, 0) is None
    assert store.get(1, "staff-demo", Z, -1, 9999) is None
    assert store.get(1, "staff-published", Z, X, Y) is None
    assert store.get(1, "../1/base", Z, X, Y) is None


def test_a_whole_version_is_not_built_again(engine: Engine, tiles_dir: Path) -> None:
    assert not build_archives(engine, tiles_dir)
    assert build_archives(engine, tiles_dir, force=True)


def test_the_previous_version_stays_and_older_ones_go(engine: Engine, tiles_dir: Path) -> None:
    for version in (2, 3):
        with Session(engine) as session:
            session.execute(update(m.Meta).where(m.Meta.key == "data_version").values(value=str(version)))
            session.commit()
        build_archives(engine, tiles_dir)
    assert sorted(p.name for p in tiles_dir.iterdir()) == [".lock", "2", "3"]


def next_version(engine: Engine, tiles_dir: Path, *, own_only: bool) -> Path:
    """Folder of the tiles built after a change."""
    with Session(engine) as session:
        version = store.bump_version(session, own_only=own_only)
        session.commit()
    build_archives(engine, tiles_dir)
    return tiles_dir / str(version)


def test_of_a_change_of_own_records_the_other_archives_are_kept(engine: Engine, tiles_dir: Path) -> None:
    def files(folder: Path) -> dict[str, int]:
        return {path.stem: path.stat().st_ino for path in folder.glob("*.pmtiles")}

    shared = next_version(engine, tiles_dir, own_only=False)
    assert not set(files(shared).values()) & set(files(tiles_dir / "1").values())
    with Session(engine) as session:
        session.add(m.Platform(id="OT1", name_zh="平台", category="industry", zone_code="CDKXC", lon=104.07, lat=30.4,
                               position_is_schematic=False, provenance="official", source="表"))  # fmt: skip
        session.commit()
    before = files(shared)
    after = files(next_version(engine, tiles_dir, own_only=True))
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"staff-official", "guest-official"}
    again = files(next_version(engine, tiles_dir, own_only=True))
    assert {name for name in again if again[name] != after[name]} == {"staff-official", "guest-official"}


def test_of_two_builders_one_builds_and_the_other_waits(engine: Engine, tmp_path: Path) -> None:
    built: list[bool] = []
    at_once = threading.Barrier(2)

    def build() -> None:
        at_once.wait()
        built.append(build_archives(engine, tmp_path / "tiles"))

    workers = [threading.Thread(target=build) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(built) == [False, True]


def test_two_builds_of_the_same_data_are_equal(engine: Engine, tiles_dir: Path) -> None:
    def contents() -> dict[str, Any]:
        store = TileStore(tiles_dir)
        return {
            name: store.get(1, name, Z, X, Y) for name in ("admin", "base", "land-demo", "projects-demo", "guest-demo")
        }

    first = contents()
    build_archives(engine, tiles_dir, force=True)
    assert contents() == first
