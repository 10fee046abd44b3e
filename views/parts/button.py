"""What a plain button says when it is pressed."""

from __future__ import annotations

import json
from typing import Any


def tells(store: str, **said: str | int) -> dict[str, Any]:
    """Attributes of a button that writes `said` into a store when it is pressed (assets/wall.js).

    Not a callback's input of its own: a panel that is drawn anew brings a dozen buttons along, and Dash would ask the
    server about each of them.
    """
    return {"data-store": store, "data-says": json.dumps(said, ensure_ascii=False)}


def action(act: str, arg: str) -> dict[str, Any]:
    """Attributes of a button that changes the state: what it does and with what."""
    return tells("asked", type="act", act=act, arg=arg)
