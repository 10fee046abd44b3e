"""import-linter knows packages only; this keeps the two leaf modules beside them leaves."""

from __future__ import annotations

import ast

import pytest

from settings import ROOT

OURS = {
    "domain", "data", "layers", "views", "callbacks", "api", "commands", "app", "cli", "settings", "i18n", "scripts",
}  # fmt: skip


@pytest.mark.parametrize("module", ["settings", "i18n"])
def test_a_leaf_module_imports_nothing_of_ours(module: str) -> None:
    imported = set()
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])

    assert not imported & OURS


def test_the_top_holds_what_is_typed_or_served_and_the_two_leaves() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {
        "app.py", "cli.py", "gunicorn.conf.py", "i18n.py", "settings.py", "web.py",
    }  # fmt: skip
