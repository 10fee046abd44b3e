"""What names a thing opens it: one kind of button for all pages (callbacks/state.py says where each kind leads)."""

from __future__ import annotations

from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from views.parts.button import action

Words: TypeAlias = str | Component | None


def opens(kind: str, entity_id: str | None, *words: Words, class_name: str = "", title: str | None = None) -> Component:
    """`words` as a button that opens the thing they name; as plain text where the thing is not known by a code."""
    if not entity_id:
        return html.Span(list(words), className=class_name, title=title)
    return html.Button(
        list(words),
        **action("select", f"{kind}:{entity_id}"),
        className=f"opens {class_name}".strip(),
        type="button",
        title=title,
    )


def opens_row(kind: str, entity_id: str) -> dict[str, Any]:
    """Attributes of a table row or a line that opens what its `opens` button names wherever it is clicked.

    For the mouse only: the keyboard reaches the button in it.
    """
    return action("select", f"{kind}:{entity_id}")
