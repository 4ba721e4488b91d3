"""Cursors: a place in an order, as an opaque word."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from kgbuild.serve.models import storable
from kgbuild.serve.problems import Refused

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=8000, description="The `next` of the page before this one.")
]


def encode(kind: str, *key: object) -> str:
    """The cursor after an item whose place in the order is ``key``."""
    text = json.dumps([kind, *key], ensure_ascii=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(kind: str, cursor: str | None, *types: type) -> tuple[Any, ...] | None:
    """The place that a cursor of this kind of list names; None at the beginning.

    Raises:
        Refused: it isn't a cursor of this list.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(value, list) or value[:1] != [kind] or len(value) != len(types) + 1:
            raise ValueError("another list's")
        return tuple(_checked(part, type) for part, type in zip(value[1:], types, strict=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        message = "isn't a cursor of this list: take `next` of the page before"
        raise Refused(422, f"cursor: {message}", faults=[(("query", "cursor"), message)]) from error


def _checked(part: object, type: type) -> object:
    if isinstance(part, bool) or not isinstance(part, type):
        raise ValueError("another type")
    if isinstance(part, str):
        return storable(part)
    if isinstance(part, float) and not math.isfinite(part):
        raise ValueError("not a number")
    if isinstance(part, int) and abs(part) >= 2**31:
        raise ValueError("out of range")
    return part


def page(
    items: Sequence[T], limit: int, cursor: Callable[[T], str]
) -> tuple[Sequence[T], str | None]:
    """The first ``limit`` of ``limit + 1`` items, and the cursor of the rest if there is one."""
    if len(items) <= limit:
        return items, None
    return items[:limit], cursor(items[limit - 1])
