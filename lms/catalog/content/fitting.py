"""Fits data to a shape and says what does not fit, in the author's words and on the author's line."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lms.catalog.content.faults import Faults
from lms.catalog.content.schema import Shape
from lms.catalog.content.tree import Path, Tree

Fitted = TypeVar("Fitted", bound=Shape)

SENTENCES = {
    "missing": "This key is missing.",
    "extra_forbidden": "This key is not known here.",
    "string_type": "This must be text. Put it in quotes if it looks like a number or a word such as true.",
    "int_type": "This must be a whole number.",
    "bool_type": "This must be true or false.",
    "list_type": "This must be a list.",
    "model_type": "This must be a group of keys.",
    "model_attributes_type": "This must be a group of keys.",
    "dict_type": "This must be a group of keys.",
    "date_type": "This must be a date such as 2021-01-10.",
    "too_short": "This list must not be empty.",
    "string_pattern_mismatch": "This name has a character that is not allowed here, or is in the wrong form.",
}


def fit(shape: type[Fitted], tree: Tree, faults: Faults, path: Path = ()) -> Fitted | None:
    """The value at ``path`` in its shape; None where it does not fit, with each reason in ``faults``."""
    value: Any = tree.value
    for step in path:
        value = value[step]
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            place = (*path, *detail["loc"])
            faults.add(tree.file, tree.line(place), tree.name(place), _sentence(detail))
        return None


def fit_list(shape: type[Fitted], key: str, tree: Tree, faults: Faults) -> tuple[dict[int, Fitted], bool]:
    """The entries of a file that holds one list, by their place in it, and whether all of them fit.

    Each entry is fitted by itself, so that one that does not fit hides no fault of the others.
    """
    value = tree.value
    if not isinstance(value, dict) or not isinstance(value.get(key), list) or not value[key]:
        faults.add(tree.file, tree.line((key,)), key, f"The file must be a list of entries under the key “{key}”.")
        return {}, False
    for other in value:
        if other != key:
            faults.add(tree.file, tree.line((other,)), other, SENTENCES["extra_forbidden"])
    fitted: dict[int, Fitted] = {}
    for place in range(len(value[key])):
        entry = fit(shape, tree, faults, (key, place))
        if entry is not None:
            fitted[place] = entry
    return fitted, len(fitted) == len(value[key])


def _sentence(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind in SENTENCES:
        return SENTENCES[kind]
    context = detail.get("ctx", {})
    if kind == "literal_error":
        return f"This must be {context['expected']}."
    if kind == "string_too_long":
        return f"This text is longer than {context['max_length']} characters."
    if kind == "too_long":
        return f"This list has more than {context['max_length']} entries."
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        return f"This number must be at {'least' if 'ge' in context else 'most'} {limit}."
    message = detail["msg"]
    return message if message.endswith(".") else f"This {message}."
