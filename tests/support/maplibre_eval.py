"""Evaluates, in Python, the MapLibre expressions our filters are made of, so that tests can compare them with SQL.

Only the operators that layers/filter_expr.py emits exist here; any other raises, so a new operator cannot slip by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ExpressionError(ValueError):
    """The expression is not in the subset, or MapLibre would report a type error for this feature."""


def _value(expression: Any, properties: Mapping[str, Any]) -> Any:
    if not isinstance(expression, list):
        return expression
    operator, *arguments = expression
    match operator:
        case "literal":
            return arguments[0]
        case "get":
            return properties.get(arguments[0])
        case "all":
            return all(_truth(a, properties) for a in arguments)
        case "any":
            return any(_truth(a, properties) for a in arguments)
        case "!":
            return not _truth(arguments[0], properties)
        case "==":
            return _value(arguments[0], properties) == _value(arguments[1], properties)
        case "!=":
            return _value(arguments[0], properties) != _value(arguments[1], properties)
        case "slice":
            text, start, *end = (_value(a, properties) for a in arguments)
            if not isinstance(text, str):
                raise ExpressionError(f"slice of {text!r}")
            return text[start : end[0] if end else None]
        case "in":
            needle, haystack = (_value(a, properties) for a in arguments)
            if not isinstance(haystack, str | list):
                raise ExpressionError(f"in {haystack!r}")
            return needle in haystack
        case "match":
            subject = _value(arguments[0], properties)
            *pairs, fallback = arguments[1:]
            for labels, output in zip(pairs[::2], pairs[1::2], strict=True):
                if subject in (labels if isinstance(labels, list) else [labels]):
                    return _value(output, properties)
            return _value(fallback, properties)
    raise ExpressionError(f"operator {operator!r} is not in the subset")


def _truth(expression: Any, properties: Mapping[str, Any]) -> bool:
    value = _value(expression, properties)
    if not isinstance(value, bool):
        raise ExpressionError(f"{expression!r} is not a condition")
    return value


def evaluate(expression: Any, properties: Mapping[str, Any]) -> bool:
    """Whether MapLibre would draw a feature with `properties` under the filter `expression`.

    As in MapLibre, a type error (such as a slice of a missing attribute) hides the feature.
    Raises ExpressionError for an operator outside the subset.
    """
    try:
        return _truth(expression, properties)
    except ExpressionError as error:
        if "subset" in str(error):
            raise
        return False
