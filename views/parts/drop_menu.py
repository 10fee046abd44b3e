"""A menu that opens from a button: files to take out, columns to show (assets/lists.js)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dash import html
from dash.development.base_component import Component

from i18n import _


def drop_menu(face: str, body: Sequence[Component], *, label: str = "", class_name: str = "") -> html.Details:
    """The button `face` (named `label` for who does not see where it stands) and what opens from it."""
    named = {"aria-label": label} if label else {}
    return html.Details(
        [
            html.Summary([face, html.Span("▾", className="menu-caret", **{"aria-hidden": "true"})], **named),
            html.Div(list(body), className="drop-body"),
        ],
        className=f"drop-menu {class_name}".strip(),
    )


def downloads(face: str, files: Iterable[tuple[str, str, str]], *, label: str = "") -> html.Details:
    """A menu of files: (words, address, name to save it under, "" for that of the answer)."""
    return drop_menu(face, [html.A(words, href=href, download=name) for words, href, name in files], label=label)


def exports(table: str, query: str, *, placed: bool) -> list[tuple[str, str, str]]:
    """The files of a table for the state of `query`; those of a map where its records have a place."""
    formats = [("xlsx", "Excel xlsx"), ("csv", "csv")]
    if placed:
        formats += [("gpkg", "GeoPackage gpkg"), ("geojson", "GeoJSON"), ("zip", "Shapefile zip")]
    ask = f"?{query}" if query else ""
    return [(words, f"/api/v1/export/{table}.{ext}{ask}", "") for ext, words in formats]


def columns_menu(columns: Iterable[tuple[str, str]]) -> html.Details:
    """The column chooser of a table: (code of the column, its head). What a reader chooses stays in the browser."""
    boxes = [
        html.Button(head, type="button", role="menuitemcheckbox", **{"data-column": code, "aria-checked": "true"})
        for code, head in columns
    ]
    default = html.Button(_("恢复默认列"), type="button", className="text-link", **{"data-column": ""})
    return drop_menu(_("列"), [*boxes, default], label=_("选择列"), class_name="columns-menu")
