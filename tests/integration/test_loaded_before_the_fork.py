"""What the first figure needs is loaded when the application is built, before gunicorn forks its workers."""

from __future__ import annotations

import os
import subprocess
import sys

from settings import ROOT, Settings

ASK = """
import sys
from app import app
loaded = set(sys.modules)
assert "pandas" in loaded
from callbacks.router import build
from dash._utils import to_json
with app.server.test_request_context("/"):
    for path in ("/", "/park/SMKX", "/projects", "/chains", "/ledger", "/per-mu"):
        to_json(build(path, "")[0])
print(sorted(name for name in set(sys.modules) - loaded if not name.startswith(("plotly.graph_objs", "plotly.animation"))))
"""


def test_no_page_imports_a_library_while_it_is_drawn(atlas_settings: Settings) -> None:
    environment = os.environ | {
        "ATLAS_VAR_DIR": str(atlas_settings.var_dir),
        "ATLAS_DATABASE_URL": atlas_settings.database_url,
    }
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert (said.returncode, said.stdout.strip()) == (0, "[]"), said.stderr
