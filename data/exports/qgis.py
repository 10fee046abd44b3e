"""QGIS styles (QML) for the layers of a GeoPackage: categories by an expression, and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

Marker = Literal["circle", "triangle", "diamond", "square"]
_GEOMETRY = {"marker": "0", "line": "1", "fill": "2"}


@dataclass(frozen=True)
class Symbol:
    """How a category looks. `colour` "" is no fill; `shape` is for points only; sizes in millimetres."""

    kind: Literal["marker", "line", "fill"]
    colour: str
    outline: str = "#5B6B7B"
    width: float = 0.26
    alpha: float = 1.0
    shape: Marker = "circle"
    size: float = 2.6
    dashed: bool = False


@dataclass(frozen=True)
class Category:
    """A value of the style's expression, its legend text and its symbol."""

    value: str
    label: str
    symbol: Symbol


def qml(expression: str, categories: Sequence[Category], label: str = "") -> str:
    """A categorised style as QGIS stores it; `expression` is a field or a QGIS expression, `label` a field to write."""
    root = ET.Element(
        "qgis", version="3.22.0", styleCategories="Symbology|Labeling", labelsEnabled=str(int(bool(label)))
    )
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        type="categorizedSymbol",
        attr=expression,
        forceraster="0",
        symbollevels="0",
        enableorderby="0",
    )
    listed = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for number, category in enumerate(categories):
        ET.SubElement(
            listed,
            "category",
            symbol=str(number),
            value=category.value,
            label=category.label,
            render="true",
            type="string",
        )
        _symbol(symbols, str(number), category.symbol)
    if label:
        labeling = ET.SubElement(root, "labeling", type="simple")
        settings = ET.SubElement(labeling, "settings", calloutType="simple")
        style = ET.SubElement(
            settings,
            "text-style",
            fieldName=label,
            fontSize="9",
            fontSizeUnit="Point",
            textColor="20,33,46,255",
            isExpression="0",
        )
        ET.SubElement(
            style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor="255,255,255,255"
        )
        ET.SubElement(
            settings, "placement", placement="1" if categories[0].symbol.kind == "fill" else "0", priority="5"
        )
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY[categories[0].symbol.kind] if categories else "2"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _symbol(parent: ET.Element, name: str, symbol: Symbol) -> None:
    found = ET.SubElement(
        parent, "symbol", type=symbol.kind, name=name, alpha=f"{symbol.alpha:g}", clip_to_extent="1", force_rhr="0"
    )
    style = "dash" if symbol.dashed else "solid"
    if symbol.kind == "line":
        layer, options = "SimpleLine", {
            "line_color": _rgba(symbol.colour), "line_width": f"{symbol.width:g}", "line_width_unit": "MM", "line_style": style,
        }  # fmt: skip
    elif symbol.kind == "marker":
        layer, options = "SimpleMarker", {
            "name": symbol.shape, "color": _rgba(symbol.colour), "outline_color": _rgba(symbol.outline),
            "outline_width": f"{symbol.width:g}", "outline_width_unit": "MM", "outline_style": "solid",
            "size": f"{symbol.size:g}", "size_unit": "MM",
        }  # fmt: skip
    else:
        layer, options = "SimpleFill", {
            "color": _rgba(symbol.colour), "style": "solid" if symbol.colour else "no", "outline_color": _rgba(symbol.outline),
            "outline_width": f"{symbol.width:g}", "outline_width_unit": "MM", "outline_style": style,
        }  # fmt: skip
    element = ET.SubElement(found, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    listed = ET.SubElement(element, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(listed, "Option", name=key, type="QString", value=value)
    for key, value in options.items():  # QGIS before 3.20 reads these
        ET.SubElement(element, "prop", k=key, v=value)


def _rgba(colour: str) -> str:
    """ "#RRGGBB" as QGIS writes it; transparent for ""."""
    if not colour:
        return "0,0,0,0"
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"
