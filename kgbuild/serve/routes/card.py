"""The card's API: ``POST /recognize`` and ``POST /predict``, as the published containers have it.

Every ordered pair that the ontology relates gets its best label, however weak, with its
strength; the caller chooses a threshold. Spans may nest, as NEREL's do; spans that cross
are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field, StrictInt, StrictStr
from starlette.responses import JSONResponse, Response

from kgbuild.ontology import ENTITY_TYPES
from kgbuild.serve.depends import TheService
from kgbuild.serve.problems import CardProblem, Refused
from kgbuild.types import Mention, Relation, by_position

router = APIRouter(
    tags=["card"],
    responses={status: {"model": CardProblem} for status in (401, 408, 413, 422, 429)},
)

MOST_CHUNKS = 4096
MOST_CHARACTERS = 100_000
"""Of one text: it is read in windows, and other requests wait meanwhile."""

CROWD, CROWDED = 400, 1500
"""So many entities within so many characters are too many: every pair of a window is scored."""

Span = tuple[StrictInt, StrictInt, StrictStr]


class Recognized(BaseModel):
    """A text with its entities, ``[start, end, type]``."""

    text: str
    ners: list[Annotated[list[int | str], Field(min_length=3, max_length=3)]]


class PredictRequest(BaseModel):
    """Texts, and of each its entities, ``[start, end, type]``."""

    chunks: Annotated[list[StrictStr], Field(max_length=MOST_CHUNKS)]
    entities_list: Annotated[list[list[Span]], Field(max_length=MOST_CHUNKS)]


class Predicted(BaseModel):
    """A relation between two entities of a chunk; the description is always null."""

    source_entity: str
    target_entity: str
    relationship_type: str
    relationship_description: str | None
    relationship_strength: float
    chunk_id: int


@router.post("/recognize", response_model=Recognized)
async def recognize(service: TheService, text: Annotated[StrictStr, Body()]) -> Response:
    """Entities of a text, which is the body: a JSON string."""
    check_text(text, ("body",))
    future = service.models.submit("find", [text], [len(text)])
    [mentions] = await asyncio.wrap_future(future)
    ners = [[m.start, m.end, m.type] for m in mentions]
    return JSONResponse({"text": text, "ners": ners})


@router.post("/predict", response_model=list[Predicted])
async def predict(service: TheService, body: PredictRequest) -> Response:
    """Relations among the given entities of each text."""
    items = check(body)
    sizes = [len(text) for text, _ in items]
    labelled = await asyncio.wrap_future(service.models.submit("label", items, sizes))
    found = [
        line
        for number, (text, relations) in enumerate(zip(body.chunks, labelled, strict=True))
        for line in answer_lines(number, text, relations)
    ]
    return JSONResponse(found)


def answer_lines(number: int, text: str, relations: Iterable[Relation]) -> list[dict[str, Any]]:
    """Relations of a chunk as the card states them, in reading order."""
    ordered = sorted(relations, key=lambda r: (r.subject, r.object))
    return [
        {
            "source_entity": text[r.subject.start : r.subject.end],
            "target_entity": text[r.object.start : r.object.end],
            "relationship_type": r.relation,
            "relationship_description": None,
            "relationship_strength": r.confidence,
            "chunk_id": number,
        }
        for r in ordered
    ]


def check(body: PredictRequest) -> list[tuple[str, tuple[Mention, ...]]]:
    """The texts with their mentions.

    Raises:
        Refused: 422, with the place and what is wrong there.
    """
    if len(body.chunks) != len(body.entities_list):
        counts = f"{len(body.chunks)} chunks and {len(body.entities_list)} lists of entities"
        raise _wrong(("body", "entities_list"), f"there are {counts}: give a list a chunk")
    found = []
    for number, (text, spans) in enumerate(zip(body.chunks, body.entities_list, strict=True)):
        check_text(text, ("body", "chunks", number))
        where = ("body", "entities_list", number)
        mentions = [_mention(span, len(text), (*where, at)) for at, span in enumerate(spans)]
        _check_together(mentions, where)
        found.append((text, by_position(mentions)))
    return found


def check_text(text: str, where: Sequence[str | int]) -> None:
    """Refuse a text that can't be read.

    Raises:
        Refused: it holds lone surrogates, or is too long.
    """
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise _wrong(where, "the text holds a lone surrogate, which is no character")
    if len(text) > MOST_CHARACTERS:
        raise _wrong(where, f"the text is longer than {MOST_CHARACTERS} characters: split it")


def _mention(span: Span, length: int, where: Sequence[str | int]) -> Mention:
    start, end, type = span
    if type not in ENTITY_TYPES:
        raise _wrong(where, f"there is no entity type {ascii(type)[:100]}")
    if start >= end:
        raise _wrong(where, f"the span {_shown(start)}…{_shown(end)} is empty or reversed")
    if start < 0 or end > length:
        span_shown = f"{_shown(start)}…{_shown(end)}"
        raise _wrong(where, f"the span {span_shown} isn't within the chunk's {length} characters")
    return Mention(start, end, type)


def _shown(number: int) -> str:
    return str(number) if abs(number) < 10**20 else f"{'-' if number < 0 else ''}10^20 or more"


def _check_together(mentions: Sequence[Mention], where: Sequence[str | int]) -> None:
    ordered = by_position(mentions)
    open_spans: list[Mention] = []
    for one, other in pairwise(ordered):
        if one == other:
            raise _wrong(where, f"[{one.start}, {one.end}, {one.type}] stands there twice")
    for mention in ordered:
        while open_spans and open_spans[-1].end <= mention.start:
            open_spans.pop()
        if open_spans and open_spans[-1].end < mention.end:
            a, b = open_spans[-1], mention
            raise _wrong(where, f"[{a.start}, {a.end}] and [{b.start}, {b.end}] overlap:"
                                " spans nest or stand apart")  # fmt: skip
        open_spans.append(mention)
    for first, last in zip(ordered, ordered[CROWD:], strict=False):
        if last.start - first.start < CROWDED:
            raise _wrong(where, f"more than {CROWD} entities within {CROWDED} characters")


def _wrong(where: Sequence[str | int], message: str) -> Refused:
    return Refused(422, message, faults=[(where, message)])
