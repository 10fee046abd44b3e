"""The application as the browser's requests reach it: callbacks by name, with the values of their arguments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_type_hints

import pytest
from dash import Dash
from dash.dependencies import Output
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from settings import Settings, get_settings

UPDATE = "/_dash-update-component"


@contextmanager
def application(settings: Settings) -> Iterator[Dash]:
    """The whole application on a filled database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATLAS_VAR_DIR", str(settings.var_dir))
        patch.setenv("ATLAS_DATABASE_URL", settings.database_url)
        get_settings.cache_clear()
        from app import create_app

        yield create_app()
    get_settings.cache_clear()


def _wild(part: Any) -> bool:
    return part in (["ALL"], ["MATCH"])


def served(app: Dash) -> list[str]:
    return [name for name, callback in app.callback_map.items() if "callback" in callback]


def component(declared: str, name: str, words: list[str]) -> Any:
    """What the browser sends for a dependency: one component, or one for each of `words` where it is a pattern."""
    if not declared.startswith("{"):
        return {"id": declared, "property": name}
    pattern = json.loads(declared)
    found = [
        {"id": {k: word if _wild(v) else v for k, v in pattern.items()}, "property": name} for word in words or ["x"]
    ]
    return (found if words else []) if ["ALL"] in pattern.values() else found[0]


def posted(
    app: Dash, callback: str, values: list[Any], words: list[str], changed: list[str] | None = None
) -> dict[str, Any]:
    """A body as the browser would post it, with `values` as the arguments."""
    known = app.callback_map[callback]
    outputs = known["output"]
    listed = [outputs] if isinstance(outputs, Output) else outputs
    sent = [component(o.component_id_str(), o.component_property, words) for o in listed]
    given_ = {part: [component(d["id"], d["property"], words) for d in known[part]] for part in ("inputs", "state")}
    left = iter(values)
    for item in (*given_["inputs"], *given_["state"]):
        value = next(left)
        for n, one in enumerate(item if isinstance(item, list) else [item]):
            one["value"] = (
                value[n % len(value)] if isinstance(item, list) and isinstance(value, list) and value else value
            )
    first = given_["inputs"][0]
    names = [
        f"{i['id'] if isinstance(i['id'], str) else json.dumps(i['id'], separators=(',', ':'), sort_keys=True)}.{i['property']}"
        for i in (first if isinstance(first, list) else [first])
    ]
    return {
        "output": callback,
        "outputs": sent[0] if isinstance(outputs, Output) else sent,
        **given_,
        "changedPropIds": names[:1] if changed is None else changed,
    }


def arguments(app: Dash, callback: str) -> list[Any]:
    function = app.callback_map[callback]["callback"].__wrapped__
    hints = get_type_hints(function, include_extras=True)
    return [hints[name] for name in function.__code__.co_varnames[: function.__code__.co_argcount]]


def send(client: FlaskClient, body: Any) -> TestResponse:
    return client.post(UPDATE, data=json.dumps(body), content_type="application/json")
