"""A filled database in a file of the test's own, whatever the other tests stand on."""

from __future__ import annotations

import shutil
from pathlib import Path

from data import store
from data.demo.scale import DemoScale
from settings import Settings


def filled_file(atlas_settings: Settings, own: Settings, scale: DemoScale) -> Path:
    """The filled SQLite database of `own`: a copy of the shared one, or built anew when that one is on a server."""
    source, target = atlas_settings.var_dir / "atlas.db", own.var_dir / "atlas.db"
    if source.is_file():
        own.var_dir.mkdir(parents=True)
        shutil.copy(source, target)
    else:
        store.init(own, lambda *_: None, scale=scale)
    return target
