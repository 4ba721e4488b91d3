"""The card's API: ``POST /recognize`` and ``POST /predict``, as the published containers have it.

Every ordered pair that the ontology relates gets its best label, however weak, with its
strength; the caller chooses a threshold. Spans may nest, as NEREL's do; spans that cross
are refused, and so is what would come to too many pairs or too long an answer. The work ends
where the caller goes away.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field, StrictInt, StrictStr
from starlette.responses import JSONResponse, Response, StreamingResponse

from kgbuild.ontology import ENTITY_TYPES
from kgbuild.serve.budget import Size, size_of
from kgbuild.serve.depends import TheService
from kgbuild.serve.problems import CardProblem, Refused
from kgbuild.serve.settings import Limits
from kgbuild.types import Mention, Relation, by_position

router = APIRouter(
    tags=["card"],
    responses={status: {"model": CardProblem} for status in (401, 408, 413, 422, 429)},
)

MOST_CHUNKS = 4096
MOST_CHARACTERS = 100_000
"""Of one text: it is read in windows, and other requests wait meanwhile."""

MANY = 500
"""Entities that are checked in a thread, lest other requests wait meanwhile."""

PIECE = 64 * 1024
"""Characters that go out at once; a shorter answer isn't streamed."""

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
async def recognize(
    service: TheService, request: Request, text: Annotated[StrictStr, Body()]
) -> Response:
    """Entities of a text, which is the body: a JSON string."""
    check_text(text, ("body",))
    future = service.models.submit("find", [text], [len(text)])
    [mentions] = await _unless_gone(request, future)
    ners = [[m.start, m.end, m.type] for m in mentions]
    return JSONResponse({"text": text, "ners": ners})


@router.post("/predict", response_model=list[Predicted])
async def predict(service: TheService, request: Request, body: PredictRequest) -> Response:
    """Relations among the given entities of each text."""
    limits = service.settings.limits
    if sum(map(len, body.entities_list)) <= MANY:
        items, sizes = _checked(body, limits)
    else:
        items, sizes = await asyncio.to_thread(_checked, body, limits)
    weights = [len(text) + size.pairs // 2 for (text, _), size in zip(items, sizes, strict=True)]
    labelled = await _unless_gone(request, service.models.submit("label", items, weights))
    pieces = _pieces(body.chunks, labelled)
    if sum(size.answer for size in sizes) <= PIECE:
        return Response("".join(pieces), media_type="application/json")
    return StreamingResponse(pieces, media_type="application/json")


def _checked(
    body: PredictRequest, limits: Limits
) -> tuple[list[tuple[str, tuple[Mention, ...]]], list[Size]]:
    """The texts with their mentions, and what each can come to.

    Raises:
        Refused: 422 as :func:`check`; 413 where it comes to more than the limits.
    """
    items = check(body)
    sizes: list[Size] = []
    pairs = answer = 0
    for item in items:
        sizes.append(size_of(*item))
        pairs, answer = pairs + sizes[-1].pairs, answer + sizes[-1].answer
        for what, count, most in (("ordered pairs of entities", pairs, limits.pairs),
                                  ("bytes of an answer", answer, limits.answer)):  # fmt: skip
            if count > most:
                raise Refused(413, f"this comes to more than {most} {what}: send fewer chunks at"
                                   " once, or fewer entities")  # fmt: skip
    return items, sizes


async def _unless_gone(request: Request, work: Future[list[Any]]) -> list[Any]:
    """What the models give, unless the caller goes away: then what waits is taken back."""
    given = asyncio.wrap_future(work)
    gone = asyncio.ensure_future(_gone(request))
    try:
        both: set[asyncio.Future[Any]] = {given, gone}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not given.done():
            raise Refused(408, "the caller is gone")
        return given.result()
    finally:
        gone.cancel()
        given.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _pieces(chunks: Sequence[str], labelled: Sequence[Iterable[Relation]]) -> Iterator[str]:
    """The answer's JSON, a piece at a time."""
    piece, length, mark = ["["], 0, ""
    for number, (text, relations) in enumerate(zip(chunks, labelled, strict=True)):
        for line in answer_lines(number, text, relations):
            written = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            piece += mark, written
            length, mark = length + len(written), ","
            if length >= PIECE:
                yield "".join(piece)
                piece, length = [], 0
    yield "".join([*piece, "]"])


def answer_lines(number: int, text: str, relations: Iterable[Relation]) -> Iterator[dict[str, Any]]:
    """Relations of a chunk as the card states them, in reading order."""
    ordered = sorted(relations, key=lambda r: (r.subject, r.object))
    for r in ordered:
        yield {
            "source_entity": text[r.subject.start : r.subject.end],
            "target_entity": text[r.object.start : r.object.end],
            "relationship_type": r.relation,
            "relationship_description": None,
            "relationship_strength": r.confidence,
            "chunk_id": number,
        }


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
