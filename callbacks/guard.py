"""The one door to Dash's callbacks: a body that no page of ours posts is answered 400 and never reaches a callback.

Behind it an answer is given that is kept (callbacks/answers.py), or the callback has its turn.

Dash takes what a request says on trust: ids, properties, the order of values, their types. So each body is compared
with the callback it names, its values with the annotations of the function. What passes is well-formed, though its
words may be unknown; callbacks leave those out. What raises behind the door is our own fault: 500, logged with its
traceback, as before.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from dash import Dash, Output
from flask import Response, request
from flask.typing import ResponseReturnValue
from pydantic import TypeAdapter, ValidationError

from callbacks.answers import TURN, answer, is_alike, is_long

MOST_DEPTH = 40  # a map event nests seven levels
MOST_NUMBER = 2**53  # beyond it a browser's numbers are not exact
_WILDCARDS = ("ALL", "MATCH", "ALLSMALLER")

Spec = tuple[str, str]


class Malformed(Exception):
    """A body that no page of ours posts; the message says what is wrong with it."""


def flaw_of(value: Any) -> str | None:
    """What makes a parsed JSON value unusable anywhere in the program: too deep, no number of a browser, no text; or None."""
    left: list[tuple[Any, int]] = [(value, 0)]
    while left:
        item, depth = left.pop()
        if depth > MOST_DEPTH:
            return "nested too deep"
        if isinstance(item, dict):
            left += ((part, depth + 1) for pair in item.items() for part in pair)
        elif isinstance(item, list):
            left += ((part, depth + 1) for part in item)
        elif isinstance(item, str):
            if "\0" in item or any("\ud800" <= c <= "\udfff" for c in item):
                return "text that is none"
        elif isinstance(item, int | float) and not abs(item) <= MOST_NUMBER:  # nor NaN, which compares to nothing
            return "a number out of range"
    return None


@dataclass(frozen=True)
class _Expected:
    """What a callback is posted: its outputs (one, or a list), inputs and state, and the types of its arguments."""

    outputs: Spec | tuple[Spec, ...]
    inputs: tuple[Spec, ...]
    state: tuple[Spec, ...]
    arguments: tuple[TypeAdapter[Any], ...]
    function: Callable[..., Any]


def _spec(dependency: Any) -> Spec:
    return str(dependency.component_id_str()), str(dependency.component_property)


def _expected(callback: dict[str, Any]) -> _Expected:
    outputs = callback["output"]
    inputs, state = (tuple((d["id"], d["property"]) for d in callback[part]) for part in ("inputs", "state"))
    function = callback["callback"].__wrapped__
    hints = get_type_hints(function)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return _Expected(
        _spec(outputs) if isinstance(outputs, Output) else tuple(_spec(o) for o in outputs),
        inputs,
        state,
        tuple(TypeAdapter(hints[name]) for name in names),
        function,
    )


def _same_id(declared: str, found: Any) -> bool:
    if not declared.startswith("{"):
        return bool(found == declared)
    pattern = json.loads(declared)
    return (
        isinstance(found, dict)
        and found.keys() == pattern.keys()
        and all(
            isinstance(found[key], str | int) if _wild(part) else found[key] == part for key, part in pattern.items()
        )
    )


def _wild(part: Any) -> bool:
    return isinstance(part, list) and part[0] in _WILDCARDS


def _many(declared: str) -> bool:
    return declared.startswith("{") and any(part in (["ALL"], ["ALLSMALLER"]) for part in json.loads(declared).values())


def _items(specs: Sequence[Spec], found: Any) -> Iterator[list[dict[str, Any]]]:
    """For each dependency the components it was given, one or, for ALL, any number. Raises Malformed."""
    if not isinstance(found, list) or len(found) != len(specs):
        raise Malformed("not the components of this callback")
    for (declared, name), given in zip(specs, found, strict=True):
        items = given if _many(declared) else [given]
        if not isinstance(items, list) or not all(
            isinstance(item, dict)
            and _same_id(declared, item.get("id"))
            and str(item.get("property")).partition("@")[0] == name.partition("@")[0]
            for item in items
        ):
            raise Malformed(f"not the components of {declared}.{name}")
        yield items


def _prop_id(item: dict[str, Any]) -> str:
    """How the browser names a property that changed."""
    found = item["id"]
    if isinstance(found, dict):
        found = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{found}.{item['property']}"


def check(body: Any, expected: Callable[[str], _Expected | None]) -> tuple[Callable[..., Any], list[Any]]:
    """Compare a posted body with the callback it names: its function and the arguments. Raises Malformed.

    A component that has left the page may still be named as changed: it is dropped from ``changedPropIds`` here.
    """
    flaw = flaw_of(body)
    if flaw is not None:
        raise Malformed(flaw)
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        raise Malformed("names no callback")
    known = expected(body["output"])
    if known is None:
        raise Malformed("no such callback")
    single = known.outputs if isinstance(known.outputs[0], str) else None
    outputs, given = (known.outputs, body.get("outputs")) if single is None else ((single,), [body.get("outputs")])
    list(_items(outputs, given))  # type: ignore[arg-type]
    values: list[Any] = []
    inputs: set[str] = set()
    for part, specs in (("inputs", known.inputs), ("state", known.state)):
        for (declared, _name), items in zip(specs, _items(specs, body.get(part, [])), strict=True):
            found = [item.get("value") for item in items]
            values.append(found if _many(declared) else found[0])
            inputs |= {_prop_id(item) for item in items} if part == "inputs" else set()
    for (declared, name), argument, value in zip((*known.inputs, *known.state), known.arguments, values, strict=True):
        try:
            argument.validate_python(value, strict=True)
        except ValidationError as error:
            raise Malformed(f"{declared}.{name}: {error.errors()[0]['msg']}") from None
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(name, str) for name in changed):
        raise Malformed("changedPropIds is no list of names")
    body["changedPropIds"] = [name for name in changed if name in inputs]
    return known.function, values


def register(app: Dash) -> None:
    """Put the door before Dash's dispatcher; called when every callback is bound."""
    known: dict[str, _Expected] = {}
    dispatch = app.server.view_functions["/_dash-update-component"]

    def guarded() -> ResponseReturnValue:
        try:
            body = request.get_json()
        except RecursionError:
            return _refuse("nested too deep")
        try:
            function, values = check(body, known.get)
        except Malformed as malformed:
            return _refuse(str(malformed))
        if is_alike(function, values):
            return answer(_asked(body), dispatch)
        if is_long(function):
            return dispatch()
        with TURN:
            return dispatch()

    for name, callback in app.callback_map.items():
        if "callback" in callback:  # the others run in the browser
            known[name] = _expected(callback)
    app.server.view_functions["/_dash-update-component"] = guarded


def _asked(body: dict[str, Any]) -> bytes:
    """What a checked body asks: what of it reaches the callback, in few bytes."""
    told = [body.get(part) for part in ("output", "outputs", "inputs", "state", "changedPropIds")]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def _refuse(reason: str) -> Response:
    # Pages never get here: where one does, that is a fault of ours, and this line is how it is found.
    logging.getLogger("atlas").warning("refused a callback's body: %s", reason)
    return Response(reason, 400, mimetype="text/plain")
