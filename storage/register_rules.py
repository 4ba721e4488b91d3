"""What both stores take of other registers: ids, entries of watch lists and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kgbuild.errors import InputError
from kgbuild.types import ExternalId, KnownEntity, KnownName

from .rules import EXAMPLES, check_text

EXTERNAL_LENGTH = 256
"""The longest external id, so that every database can index it."""

SOURCE_LENGTH = EXTERNAL_LENGTH + 16
"""The longest name of a register: a list's or a file's, and its kind."""


def checked_external(ids: Iterable[ExternalId]) -> list[ExternalId]:
    """The ids, if they can be stored.

    Raises:
        InputError: a part is missing or too long, or can't be written.
    """
    found = list(ids)
    for one in found:
        where = f"external id {one.scheme}:{one.value}"
        for part in (one.entity, one.scheme, one.value):
            if not part.strip() or len(part) > EXTERNAL_LENGTH:
                raise InputError(f"{where}: needs 1 to {EXTERNAL_LENGTH} characters")
        for part in (one.entity, one.scheme, one.value, one.label, one.source):
            check_text(where, part)
    return found


def checked_watchlist(name: str, entries: Iterable[KnownEntity]) -> list[KnownEntity]:
    """The entries of a watch list, if they can be stored, of equal ids the last.

    Raises:
        InputError: a part is missing or too long, or can't be written.
    """
    found = {one.id: replace(one, scheme=name) for one in entries}
    for one in found.values():
        where = f"watch list {name}: entry {one.id}"
        for part in (name, one.id, one.name, *(x for pair in one.ids for x in pair)):
            if not part.strip() or len(part) > EXTERNAL_LENGTH:
                raise InputError(f"{where}: needs 1 to {EXTERNAL_LENGTH} characters")
        for part in (name, one.id, *one.names, *(x for pair in one.ids for x in pair)):
            check_text(where, part)
    return list(found.values())


def checked_known_names(source: str, names: Iterable[KnownName]) -> list[KnownName]:
    """The names that a register gives, sorted, if they can be stored.

    Raises:
        InputError: a name is another source's, or a part is missing, too long or unwritable.
    """
    found = sorted(set(names))
    for one in found:
        where = f"names of {source}: entry {one.entry}"
        if one.source != source:
            raise InputError(f"{where}: is of {one.source!r}")
        for part, most in (
            (source, SOURCE_LENGTH),
            *((p, EXTERNAL_LENGTH) for p in (one.entry, one.type, one.block)),
        ):
            if not part.strip() or len(part) > most or "\x1f" in part:
                raise InputError(f"{where}: needs 1 to {most} characters, no separators")
        if not one.key:
            raise InputError(f"{where}: has an empty name")
        for part in (source, one.entry, one.type, one.block, one.key, *one.born, *one.died):
            check_text(where, part)
    return found


def external_words(ids: Sequence[ExternalId], new: int) -> tuple[str, str]:
    """Subject and detail of the log's entry of saved ids, the first of them named."""
    entities = {one.entity for one in ids}
    named = [f"{one.scheme}:{one.value}" for one in ids[:EXAMPLES]]
    more = ", …" if len(ids) > EXAMPLES else ""
    subject = entities.pop() if len(entities) == 1 else "graph"
    return subject, f"{len(ids)} ids, {new} new: {', '.join(named)}{more}"
