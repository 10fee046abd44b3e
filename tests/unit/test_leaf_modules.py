"""import-linter knows packages only; this keeps the two leaf modules beside them leaves."""

from __future__ import annotations

import ast

import pytest

from settings import ROOT

OURS = {"domain", "data", "layers", "views", "callbacks", "api", "app", "cli", "settings", "i18n", "scripts"}


@pytest.mark.parametrize("module", ["settings", "i18n"])
def test_a_leaf_module_imports_nothing_of_ours(module: str) -> None:
    imported = set()
    for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])

    assert not imported & OURS
