"""The layers, bottom to top (rules §10). Adding one is a new module and its id in LAYER_IDS."""

from __future__ import annotations

from importlib import import_module

from data.queries.catalogue import LAYER_IDS
from domain.viewstate import ViewState
from layers.context import Page
from layers.layer import Drawing, Layer

LAYERS: tuple[Layer, ...] = tuple(import_module(f"layers.{name}").LAYER for name in LAYER_IDS)
BY_ID: dict[str, Layer] = {layer.id: layer for layer in LAYERS}
NO_LAYERS = "none"  # in the URL: every layer switched off, which is not the same as no choice made


def offered(d: Drawing) -> tuple[Layer, ...]:
    """Layers a viewer can switch on: of the archives open to them, where there is anything to draw."""
    return tuple(layer for layer in LAYERS if layer.applies(d) and any(f in d.archives for f in layer.families))


def visible(state: ViewState, page: Page) -> frozenset[str]:
    """Ids of the layers switched on: the reader's choice, else the page's own."""
    if state.layers:
        return frozenset(state.layers) & BY_ID.keys()
    kind = state.selection.partition(":")[0]
    marked = "parcel" if kind in ("landuse", "landstate") else kind  # what is selected is shown
    return frozenset(
        layer.id for layer in LAYERS if (layer.wall if page == "wall" else layer.park) or layer.selects == marked != ""
    )
