"""What people say of the graph, and what it says of its own decisions."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kgbuild.display import cut
from kgbuild.graph import KnowledgeGraph
from kgbuild.serve import models, pages
from kgbuild.serve.depends import (
    IdempotencyKey,
    Once,
    Tagged,
    TheCaller,
    TheGraph,
    TheService,
    json_response,
)
from kgbuild.serve.problems import NOT_MODIFIED, Refused, documented
from kgbuild.serve.security import Caller
from kgbuild.types import Judgement

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["judgements"], responses=documented(401, 403, 422))

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Named = Annotated[models.Id, Query(description="An entity, by its id or a name.")]


@router.get("/judgements", dependencies=[Tagged], responses=NOT_MODIFIED)
def judgements(
    graph: TheGraph,
    undone: bool = False,
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> models.Page[models.Judgement]:
    """Judgements in the order they were made; those taken back only if asked for."""
    after = pages.decode("judgements", cursor, int)
    found = [j for j in graph.judgements(undone) if after is None or j.id > after[0]]
    items, following = pages.page(found, limit, lambda j: pages.encode("judgements", j.id))
    return models.Page(items=[shown(j) for j in items], next=following)


@router.post(
    "/judgements",
    status_code=201,
    response_model=models.Judgement,
    responses=documented(404, 409, 413, 503),
)
def judge(
    service: TheService,
    caller: TheCaller,
    request: Request,
    body: models.JudgementRequest,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Judge: the graph follows at once, and every later reading keeps to it.

    The author is the name of the caller's token; a service without tokens takes their word.
    """
    author = _author(caller, body.author)
    once = Once(service, request, idempotency_key, body.model_dump())

    def act() -> Response:
        made = shown(_judged(service.graph, body, author))
        log.info("%s judged: %s %s", author, body.verdict, cut(body.fact or body.subject or ""))
        return json_response(made, 201)

    return once.answer(act)


def _author(caller: Caller, said: str | None) -> str:
    if caller.name is None:
        return said or "service"
    if said is not None and said != caller.name:
        message = f"who judges is told by the token, and this one is {caller.name}'s"
        raise Refused(422, f"author: {message}", faults=[(("body", "author"), message)])
    return caller.name


def _judged(graph: KnowledgeGraph, body: models.JudgementRequest, author: str) -> Judgement:
    match body.verdict:
        case "accept" | "reject":
            say = graph.accept if body.verdict == "accept" else graph.reject
            return say(_given(body.fact, "fact"), author)
        case "split":
            if not body.mentions:
                _given(None, "mentions")
            places = [f"{p.document}:{p.start}-{p.end}" for p in body.mentions]
            return graph.split(_given(body.subject, "subject"), places, author)
        case "mention":
            return _added(graph, body, author)
        case "rename" | "retype":
            give = graph.rename if body.verdict == "rename" else graph.retype
            return give(_given(body.subject, "subject"), _given(body.value, "value"), author)
    one, other = _given(body.subject, "subject"), _given(body.object, "object")
    if body.verdict == "state":
        relation = _given(body.relation and body.relation.value, "relation")
        return graph.state(one, relation, other, body.document, body.sentence, author)
    return graph.judge(body.verdict, one, other, author)


def _added(graph: KnowledgeGraph, body: models.JudgementRequest, author: str) -> Judgement:
    if len(body.mentions) != 1:
        message = "this verdict needs one place"
        raise Refused(422, f"mentions: {message}", faults=[(("body", "mentions"), message)])
    [place] = body.mentions
    if body.value is not None:
        _check_words(graph, place, body.value)
    kind = None if body.type is None else body.type.value
    return graph.add_mention(place.document, place.start, place.end, kind, body.subject, author)


def _check_words(graph: KnowledgeGraph, place: models.Place, words: str) -> None:
    held = graph.store.document(place.document)
    if held is not None and held.text[place.start : place.end] != words:
        raise Refused(
            409,
            f"{place.document} has no {cut(words)!r} at {place.start}-{place.end}:"
            " it was read again, load it and choose the place anew",
        )


def _given(value: str | None, name: str) -> str:
    if value is None:
        message = "this verdict needs it"
        raise Refused(422, f"{name}: {message}", faults=[(("body", name), message)])
    return value


@router.post(
    "/judgements/{id}/undo",
    response_model=models.Judgement,
    responses=documented(404, 409, 503),
)
def undo(
    service: TheService,
    caller: TheCaller,
    request: Request,
    id: Number,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take a judgement back: the graph is as if it had never been made."""
    once = Once(service, request, idempotency_key, id)

    def act() -> Response:
        undone = shown(service.graph.undo(id, caller.name))
        log.info("%s took judgement %d back", caller.name or "somebody", id)
        return json_response(undone)

    return once.answer(act)


@router.get("/why", dependencies=[Tagged], responses=documented(404) | NOT_MODIFIED)
def why(graph: TheGraph, one: Named, other: Named) -> list[models.Reason]:
    """The rules, scores and judgements that joined or parted two entities."""
    return [models.Reason.model_validate(reason) for reason in graph.why(one, other)]


class MergePreview(models.Answered):
    """What two entities would be as one: ``names`` of both, ``mentions`` in ``documents``,
    ``facts``, of which ``shared`` are stated of both; facts ``between`` the two would be gone.
    Of each of the ``contradictions`` only one fact can be true; ``reasons`` part them now."""

    one: models.Entity
    other: models.Entity
    names: list[str]
    mentions: int
    documents: int
    facts: int
    shared: int
    between: list[models.Fact]
    contradictions: list[list[models.Fact]]
    reasons: list[models.Reason]


@router.get("/merge-preview", dependencies=[Tagged], responses=documented(404) | NOT_MODIFIED)
def merge_preview(graph: TheGraph, one: Named, other: Named) -> MergePreview:
    """What would come together if two entities were said to be the same; changes nothing."""
    return MergePreview.model_validate(graph.merge_preview(one, other))


class Unreviewed(BaseModel):
    """How many pairs of names and how many facts nobody has judged."""

    pairs: int
    facts: int


@router.get("/review/waiting", dependencies=[Tagged], responses=NOT_MODIFIED)
def waiting(graph: TheGraph) -> Unreviewed:
    """What waits for a person."""
    accepted = sum(judgement.verdict == "accept" for judgement in graph.judgements())
    return Unreviewed(pairs=graph.unreviewed(), facts=max(0, graph.stats().facts - accepted))


@router.get("/review", dependencies=[Tagged], responses=NOT_MODIFIED)
def review(graph: TheGraph, limit: pages.Limit = 20) -> list[models.Doubt]:
    """The pairs of names that the scorer is least sure of and nobody has judged."""
    return [
        models.Doubt(
            one=models.Entity.model_validate(doubt.one),
            other=models.Entity.model_validate(doubt.other),
            reason=models.Reason.model_validate(doubt.reason),
            sentences=doubt.sentences,
        )
        for doubt in graph.review(limit)
    ]


def shown(judgement: Judgement) -> models.Judgement:
    """A judgement as ``/v1`` shows it."""
    return models.Judgement(
        id=judgement.id,
        verdict=judgement.verdict,
        subject=judgement.subject,
        relation=judgement.relation,
        object=judgement.object,
        value=judgement.value or None,
        type=judgement.type or None,
        name=judgement.name or None,
        mentions=[models.Place.model_validate(place) for place in judgement.places],
        author=judgement.author,
        made_at=judgement.made_at,
        undone_at=judgement.undone_at,
    )
