"""Query parameters that a route doesn't know are refused: a filter that is misspelt, or that
a list hasn't got, would else be left out without a word."""

from __future__ import annotations

import difflib

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel


async def refuse_unknown(request: Request) -> None:  # in no thread: every request comes by here
    """A dependency of every route.

    Raises:
        RequestValidationError: the query has a parameter that the route doesn't read.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not request.query_params:
        return
    known = _known(route)
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        raise RequestValidationError([_fault(name, known) for name in unknown])


def _known(route: APIRoute) -> frozenset[str]:
    names: set[str] = set()
    waiting: list[Dependant] = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        waiting += dependant.dependencies
        for field in dependant.query_params:
            model = field.field_info.annotation
            if isinstance(model, type) and issubclass(model, BaseModel):
                names |= {one.alias or name for name, one in model.model_fields.items()}
            else:
                names.add(field.alias)
    return frozenset(names)


def _fault(name: str, known: frozenset[str]) -> dict[str, object]:
    near = difflib.get_close_matches(name, known, 1)
    said = (
        f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known)) or 'none'}"
    )
    return {
        "type": "unknown_parameter",
        "loc": ("query", name),
        "msg": f"no such parameter here: {said}",
        "input": None,
    }
