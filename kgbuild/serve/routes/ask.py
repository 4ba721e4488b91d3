"""Questions and search."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from kgbuild.serve import models
from kgbuild.serve.around import searched
from kgbuild.serve.depends import Tagged, TheService
from kgbuild.serve.problems import NOT_MODIFIED, documented
from kgbuild.serve.service import Service
from kgbuild.types import Answer

router = APIRouter(prefix="/v1", tags=["ask"], responses=documented(401, 422, 429))


@router.get("/ask", dependencies=[Tagged], responses=documented(404) | NOT_MODIFIED)
def ask(service: TheService, asked: Annotated[models.AskRequest, Query()]) -> models.Answer:
    """Answer a question from the graph, or abstain with the nearest passages."""
    return _answered(service, asked)


@router.post("/ask", responses=documented(404, 413))
def ask_posted(service: TheService, body: models.AskRequest) -> models.Answer:
    """The same, with the question in the body."""
    return _answered(service, body)


def _answered(service: Service, asked: models.AskRequest) -> models.Answer:
    return service.answers.get(service.etag(), asked, lambda: _asked(service, asked))


def _asked(service: Service, asked: models.AskRequest) -> models.Answer:
    graph = service.fresh()
    question = asked.question
    if asked.meaning is not None:
        question = graph.meant(question, asked.meaning)
    answer = graph.ask(question, sure=asked.sure)
    plan = graph.explain(question) if asked.explain else None
    return shown(replace(answer, question=asked.question), plan)


def shown(answer: Answer, plan: str | None) -> models.Answer:
    """An answer as ``/v1`` shows it."""
    return models.Answer(
        question=answer.question,
        abstained=answer.abstained,
        answers=[models.AnswerItem.model_validate(item) for item in answer.answers],
        passages=[models.Passage.model_validate(p) for p in answer.passages],
        abstention=None if answer.abstention is None else answer.abstention.value,
        reason=answer.reason,
        choices=[models.Entity.model_validate(e) for e in answer.choices],
        conflicting=answer.conflicting,
        tentative=answer.tentative,
        plan=plan,
    )


@router.get("/search", dependencies=[Tagged], responses=documented(404) | NOT_MODIFIED)
def search(
    service: TheService, query: Annotated[models.SearchRequest, Query()]
) -> models.SearchAnswer:
    """The sentences that suit a text best: by words, by meaning and by the graph."""
    return _found(service, query)


@router.post("/search", responses=documented(404, 413))
def search_posted(service: TheService, body: models.SearchRequest) -> models.SearchAnswer:
    """The same, with the text and the filters in the body."""
    return _found(service, body)


def _found(service: Service, wanted: models.SearchRequest) -> models.SearchAnswer:
    return service.answers.get(service.etag(), wanted, lambda: _searched(service, wanted))


def _searched(service: Service, wanted: models.SearchRequest) -> models.SearchAnswer:
    found = searched(service.fresh(), wanted)
    return models.SearchAnswer(
        text=found.query,
        mode=wanted.mode,
        passages=[models.Passage.model_validate(p) for p in found],
        corrections=[models.Correction.model_validate(c) for c in found.corrections],
    )
