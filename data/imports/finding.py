"""What is said about a file: one finding per cell, row or file, with the value as found and what was done or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data.imports.words import is_of_a_cell, row_out, text
from i18n import N_

#: error: the row was not imported · refused: the cell was not · changed: the cell was, in another form · warning: look at it
#: · info: how the file was read.
Severity = Literal["error", "refused", "changed", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "refused", "warning", "changed", "info")

NAMES: dict[Severity, str] = {
    "error": N_("错误"), "refused": N_("未导入"), "warning": N_("提示"), "changed": N_("已改写"), "info": N_("说明"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing said. `row` is the number in the file (None: the whole file), `column` the place from 0 and `heading`
    its heading as found (None, "": the whole row), `value` the cell as found."""

    severity: Severity
    code: str
    row: int | None = None
    column: int | None = None
    heading: str = ""
    value: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, to: str | None = None) -> str:
        """The message in a language (None: that of the request)."""
        said = text(self.code, self.values, to)
        if self.severity == "error" and is_of_a_cell(self.code):
            return f"{said} {row_out(to)}"
        return said
