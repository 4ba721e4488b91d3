"""A file → its documents, whatever holds them: the one place that knows how files nest."""

from __future__ import annotations

import io
import os.path
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from kgbuild.errors import KgbuildError, ReadError
from kgbuild.read import limits
from kgbuild.read.formats import EML, MANY, ONE, ZIP
from kgbuild.read.formats.mail import attachments
from kgbuild.read.limits import Budget, OverBudgetError
from kgbuild.read.parts import Item, Job, Kept, Part, Refused, Skipped, assembled, file_hash
from kgbuild.read.sniff import SUFFIXES, media_type
from kgbuild.read.zips import Archive, fault, member_name

_RUBBISH = ("__MACOSX/", "Thumbs.db", "desktop.ini")
_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def parse(job: Job) -> Iterator[Item]:
    """The documents of a file; what can't be read is refused by name, the others go on.

    Raises:
        ReadError: the file as a whole can't be read; the message doesn't name it.
        MissingExtraError: its format needs a package that isn't installed.
    """
    if job.budget is None:
        job = replace(job, budget=Budget.of(job.file.seek(0, io.SEEK_END)))
    type = media_type(job.file, job.suffix)
    if type == ZIP:
        yield from _members(job)
    elif type in MANY:
        yield from MANY[type](job)
    else:
        yield _document(job, type)
        if type == EML:
            yield from _attached(job)


def _document(job: Job, type: str) -> Item:
    sha256 = file_hash(job.file)
    if job.known(job.name, sha256):
        return Kept(job.name)
    if job.file.seek(0, io.SEEK_END) > limits.FILE:
        raise ReadError(f"is larger than {limits.FILE >> 20} MB: cut it into smaller files")
    job.file.seek(0)
    text, places = assembled(ONE[type](job))
    return Part(job.name, text, sha256, type, places)


def _members(job: Job) -> Iterator[Item]:
    """Each member of an archive as if it were a file of a folder."""
    if job.depth >= limits.DEPTH:
        raise ReadError(f"is the {limits.DEPTH + 1}th archive or letter inside another")
    archive = Archive(job.file, job.budget)
    used: dict[str, int] = {}
    for info in archive.members():
        name = member_name(info)
        parts = name.split("/")
        if name.startswith(_RUBBISH) or any(p.startswith(".") and p != ".." for p in parts):
            continue
        inside = _inside(job, name, used)
        if reason := fault(name, info):
            yield Refused(inside, reason)
        elif _suffix(name) not in SUFFIXES:
            yield Skipped(inside)
        else:
            yield from _member(job, archive, info, inside)


def _member(job: Job, archive: Archive, info: zipfile.ZipInfo, inside: str) -> Iterator[Item]:
    try:
        data = archive.read(info)
    except OverBudgetError:
        raise
    except ReadError as error:
        yield Refused(inside, str(error))
        return
    yield from _nested(job, data, inside, _suffix(member_name(info)))


def _attached(job: Job) -> Iterator[Item]:
    used: dict[str, int] = {}
    for name, data in attachments(job):
        inside = _inside(job, name, used)
        if job.depth >= limits.DEPTH:
            yield Refused(inside, f"stands in the {limits.DEPTH + 1}th file inside another")
        elif _suffix(name) in SUFFIXES:
            yield from _nested(job, data, inside, _suffix(name))
        else:
            yield Skipped(inside)


def _nested(job: Job, data: bytes, inside: str, suffix: str) -> Iterator[Item]:
    within = replace(
        job, file=io.BytesIO(data), suffix=suffix, name=inside, depth=job.depth + 1, named=False
    )
    assert job.budget is not None
    try:
        job.budget.take(len(data))
        for item in parse(within):
            if job.depth == 0:  # what lies deeper passes here too
                job.budget.take_document()
            yield item
    except OverBudgetError:
        raise
    except KgbuildError as error:
        yield Refused(inside, str(error))


def _inside(job: Job, name: str, used: dict[str, int]) -> str:
    """The name of a member, told apart from others of the same name."""
    safe = _SHOWN.sub("\ufffd", name)
    used[safe] = used.get(safe, 0) + 1
    return f"{job.name}!/{safe}" + (f"~{used[safe]}" if used[safe] > 1 else "")


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()
