"""Documents: their upload, the jobs that read them, the documents read."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from bisect import bisect_right
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, File, Path, Query, Request, UploadFile
from starlette.responses import Response, StreamingResponse

from kgbuild.display import cut
from kgbuild.errors import NotFoundError
from kgbuild.serve import models, pages
from kgbuild.serve.depends import (
    IdempotencyKey,
    Once,
    Tagged,
    TheCaller,
    TheService,
    json_response,
)
from kgbuild.serve.ledger import JobRecord, PendingReply
from kgbuild.serve.library import Sort, title_of
from kgbuild.serve.problems import Refused, documented
from kgbuild.serve.service import Service
from kgbuild.serve.uploads import Upload
from kgbuild.types import StoredMention

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1", tags=["documents"], responses=documented(401, 403, 422))

POLL, HEARTBEAT = 0.1, 15.0
"""Seconds between two looks at a job, and between two signs of life."""

Source = Annotated[models.Id, Query(description="The document's name, as uploaded or ingested.")]
JobId = Annotated[models.Id, Path()]
MOST_FILES = 1000

_EVENT = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "event": {"const": "job"}, "data": {"type": "string"}},
}


@router.post(
    "/documents",
    status_code=202,
    response_model=models.Job,
    responses=documented(400, 408, 409, 413, 429, 507),
)
def upload(
    service: TheService,
    caller: TheCaller,
    request: Request,
    files: Annotated[
        list[UploadFile], File(description="Documents; the file name is the document's name.")
    ],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Upload documents. They are safe when this answers; the job tells when they are read."""
    if len(files) > MOST_FILES:
        raise Refused(422, f"more than {MOST_FILES} files: send them in several uploads")
    uploads = [Upload(file.filename or "", file.file) for file in files]
    content = [[u.name.encode(errors="replace").hex(), _digest(u)] for u in uploads]
    once = Once(service, request, idempotency_key, content)

    def accepted(job: JobRecord) -> Response:
        return json_response(shown(job), 202, {"Location": f"/v1/jobs/{job.id}"})

    def act() -> Response:
        pending = None
        if once.key is not None:
            pending = PendingReply(once.key, lambda job: once.reply(accepted(job)))
        job = service.uploads.submit(uploads, pending)
        log.info("%s uploaded %d documents: job %s", caller.name or "somebody", len(files), job.id)
        return accepted(job)

    return once.answer(act)


def _digest(upload: Upload) -> str:
    digest = hashlib.sha256()
    while piece := upload.file.read(1024 * 1024):
        digest.update(piece)
    upload.file.seek(0)
    return digest.hexdigest()


@router.get("/documents", dependencies=[Tagged])
def documents(
    service: TheService,
    text: Annotated[
        str, Query(max_length=2000, description="Words of the name, or how they begin.")
    ] = "",
    document: models.Within = None,
    sort: Sort = "source",
    cursor: pages.Cursor = None,
    limit: pages.Limit = 50,
) -> models.Page[models.DocumentSummary]:
    """Documents by name, by when they came, or by length."""
    store, kind = service.graph.store, f"documents by {sort}"
    after = pages.decode(kind, cursor, str)
    found = service.library.find(store, text, sort, document)
    begin = 0
    if after is not None:
        # what was deleted meanwhile is followed by what followed it by name
        at = [one.summary.source for one in found]
        begin = at.index(after[0]) + 1 if after[0] in at else bisect_right(at, after[0])
    items, following = pages.page(
        found[begin : begin + limit + 1], limit, lambda d: pages.encode(kind, d.summary.source)
    )
    read = [
        models.DocumentSummary(
            source=one.summary.source,
            sha256=one.summary.sha256,
            media_type=one.summary.media_type,
            characters=one.summary.characters,
            title=service.library.title(store, one),
            added_at=one.added,
            copy_of=one.summary.copy_of,
        )
        for one in items
    ]
    return models.Page(items=read, next=following)


@router.get("/document", dependencies=[Tagged], responses=documented(404))
def document(service: TheService, source: Source) -> models.Document:
    """A document with its text and mentions."""
    found = service.graph.store.document(source)
    if found is None:
        raise NotFoundError(f"no document {source!r}")
    mentions = [mention(m) for m in service.graph.mentions(document=source)]
    shelved = service.library.one(service.graph.store, source)
    return models.Document(
        source=found.source,
        sha256=found.sha256,
        media_type=found.media_type,
        title=title_of(found.source, found.text),
        added_at=None if shelved is None else shelved.added,
        copy_of="" if shelved is None else shelved.summary.copy_of,
        text=found.text,
        mentions=mentions,
    )


def mention(stored: StoredMention) -> models.StoredMention:
    """A mention as ``/v1`` shows it."""
    span = stored.mention
    return models.StoredMention(
        document=stored.document,
        start=span.start,
        end=span.end,
        text=stored.text,
        type=span.type,
        score=span.score,
        entity=stored.entity,
        name=stored.name,
    )


@router.delete("/document", responses=documented(404))
def delete(service: TheService, caller: TheCaller, source: Source) -> models.Deletion:
    """Remove a document with exactly what only it supported."""
    report = service.graph.delete(source, caller.name)
    log.info("%s deleted %s", caller.name or "somebody", cut(source))
    return models.Deletion.model_validate(report)


@router.get("/jobs")
def jobs(
    service: TheService, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> models.Page[models.Job]:
    """Uploads, the newest first."""
    before = pages.decode("jobs", cursor, int)
    found = service.uploads.jobs(before[0] if before else None, limit + 1)
    items, following = pages.page(found, limit, lambda job: pages.encode("jobs", job.number))
    return models.Page(items=[shown(job) for job in items], next=following)


@router.get("/jobs/{id}", responses=documented(404))
def job(service: TheService, id: JobId) -> models.Job:
    """An upload as it stands."""
    return shown(service.job(id))


@router.delete("/jobs/{id}", responses=documented(404, 409))
def cancel(service: TheService, caller: TheCaller, id: JobId) -> models.Job:
    """End an upload that isn't read whole; what is in the graph already stays.

    One that is being read ends at the next step of its document: the job tells when.
    """
    job = service.uploads.cancel(id)
    log.info("%s cancelled job %s", caller.name or "somebody", id)
    return shown(job)


@router.get(
    "/jobs/{id}/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "`job` events whose data is a Job, the last when it is finished",
            "content": {"text/event-stream": {"schema": _EVENT}},
        },
        **documented(404),
    },
)
async def events(service: TheService, id: JobId) -> StreamingResponse:
    """An upload's progress as server-sent events, until it is finished."""
    first = await asyncio.to_thread(service.uploads.job, id)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(service, first), 200, headers, "text/event-stream")


async def _events(service: Service, job: JobRecord) -> AsyncIterator[str]:
    told = None
    number, quiet = 0, 0.0
    while True:
        if job != told:
            number, quiet, told = number + 1, 0.0, job
            yield f"id: {number}\nevent: job\ndata: {shown(job).model_dump_json()}\n\n"
        if job.finished or service.stopping:
            return
        await asyncio.sleep(POLL)
        quiet += POLL
        if quiet >= HEARTBEAT:
            quiet = 0.0
            yield ": still here\n\n"
        live = service.uploads.live(job.id)
        if live is None:
            live = await asyncio.to_thread(service.uploads.job, job.id)
        job = live


def shown(job: JobRecord) -> models.Job:
    """A job as ``/v1`` shows it."""
    return models.Job(
        id=job.id,
        state=job.state,
        documents=list(job.names),
        done=job.done,
        added=job.added,
        unchanged=job.unchanged,
        replaced=job.replaced,
        failed=[models.Failure(document=name, reason=reason) for name, reason in job.failed],
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
