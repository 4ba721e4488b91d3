"""Watch lists: people and organisations that somebody wants to hear of.

A list is a CSV file with a header. Read are the columns of this project (``id``, ``name``,
``type``, ``aliases``, ``born``, ``died``, ``ids``) and those of OpenSanctions' simplified
table (``schema``, ``birth_date``; https://www.opensanctions.org/docs/bulk/csv/). Several
values of a cell are parted by ``;``; an id elsewhere is written ``scheme:value``.

The list stays in the store, and who of it the graph names is computed from both whenever it
is asked for, so documents that come later are met too. Where a match is certain
(:mod:`kgbuild.exchange.registers.known`) the entity carries the list's id and its ids elsewhere, for as
long as the match is certain.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import FormatError, ReadError
from kgbuild.exchange.registers.known import Match, Matcher, Settled, settle
from kgbuild.exchange.registers.registry_names import apply_registry_names
from kgbuild.ontology import ENTITY_TYPES
from kgbuild.ports import Normalizer, Store
from kgbuild.types import ExternalId, RegistryEntity

SCHEME = "watchlist"
"""The scheme of the id ``LIST/ID`` that an entity of a list carries."""
_SOURCE = "watchlist:"
_SCHEMATA = {
    "person": ("PERSON",),
    "company": ("ORGANIZATION",),
    "organization": ("ORGANIZATION",),
    "publicbody": ("ORGANIZATION",),
    "legalentity": ("ORGANIZATION", "PERSON"),
}
"""FollowTheMoney's schemata of those who act, and the entity types that they may have."""
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Watched:
    """Who of the lists the graph names: matches that are certain, and possible ones."""

    entries: int
    settled: Settled
    new: tuple[Match, ...] = ()


def read_watchlist(path: Path, name: str) -> list[RegistryEntity]:
    """The entries of a list.

    Raises:
        ReadError: the file can't be read.
        FormatError: a column is missing, or a line can't be used; it is named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, dialect=_dialect(file.readline()), strict=True)
            file.seek(0)
            return _entries(rows, path, name)
    except OSError as error:
        raise ReadError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ReadError(f"{path}: isn't UTF-8 (byte {error.start}): save it as UTF-8") from error
    except csv.Error as error:
        raise FormatError(f"{path}: isn't CSV: {error}") from error


def _dialect(header: str) -> type[csv.Dialect]:
    class Found(csv.excel):
        delimiter = max(",;\t", key=header.count)

    return Found


def _entries(rows: csv.DictReader[str], path: Path, name: str) -> list[RegistryEntity]:
    columns = {column.strip().lower() for column in rows.fieldnames or ()}
    for wanted in ("id", "name"):
        if wanted not in columns:
            raise FormatError(f"{path}: has no column {wanted!r}: it has {', '.join(columns)}")
    if not columns & {"type", "schema"}:
        raise FormatError(f"{path}: has no column 'type' (or 'schema'), which says who is a person")
    found: dict[str, RegistryEntity] = {}
    for row in rows:
        cells = {str(k).strip().lower(): (v or "").strip() for k, v in row.items() if k is not None}
        entry = _entry(cells, f"{path}:{rows.line_num}", name)
        if entry.id in found:
            raise FormatError(f"{path}:{rows.line_num}: id {entry.id!r} stands twice")
        found[entry.id] = entry
    return list(found.values())


def _entry(cells: dict[str, str], where: str, name: str) -> RegistryEntity:
    for column in ("id", "name"):
        if not cells.get(column):
            raise FormatError(f"{where}: has no {column}")
    kind = cells.get("type") or cells.get("schema") or ""
    types = (kind,) if kind in ENTITY_TYPES else _SCHEMATA.get(kind.lower(), ())
    if not types:
        known = ", ".join(["PERSON", "ORGANIZATION", "…", "Person", "Company"])
        raise FormatError(f"{where}: {kind!r} is no type: give one of {known}")
    born = _YEAR.findall(f"{cells.get('born', '')} {cells.get('birth_date', '')}")
    ids = [pair for value in _several(cells.get("ids", "")) for pair in _id(value, where)]
    return RegistryEntity(
        name, cells["id"], cells["name"], types, tuple(_several(cells.get("aliases", ""))),
        tuple(sorted(set(born))), tuple(sorted(set(_YEAR.findall(cells.get("died", ""))))),
        tuple(ids),
    )  # fmt: skip


def _several(cell: str) -> list[str]:
    return [part for value in cell.split(";") if (part := value.strip())]


def _id(value: str, where: str) -> Iterator[tuple[str, str]]:
    scheme, colon, number = (part.strip() for part in value.partition(":"))
    if not (scheme and colon and number):
        raise FormatError(
            f"{where}: {value!r} is no id: write scheme:value, such as inn:7707083893"
        )
    yield scheme, number


def watched(store: Store, normalizer: Normalizer) -> Watched:
    """Who of the watch lists the graph names now."""
    entries = list(store.watchlists())
    if not entries:
        return Watched(0, Settled((), ()))
    matcher = Matcher.of(store, normalizer, entries)
    return Watched(len(entries), settle(m for entry in entries for m in matcher.matches(entry)))


def apply_watchlists(store: Store, normalizer: Normalizer) -> Watched:
    """Let entities carry the ids of the lists' entries that they certainly are, and no others.

    ``new`` are the certain matches that there weren't before.
    """
    apply_aliases(store, normalizer)
    found = watched(store, normalizer)
    present = list(store.external_ids())
    held = [one for one in present if one.source.startswith(_SOURCE)]
    if not found.entries and not held:
        return found
    wanted = {one: match for match in found.settled.certain for one in _ids(match)}
    now = {(o.scheme, o.value, str(store.node_entity(o.entity))): o for o in wanted}
    for one in held:
        if (one.scheme, one.value, one.entity) not in now:
            store.remove_external_ids(one.entity, one.scheme, one.value)
    before = {(one.scheme, one.value, one.entity) for one in present}
    fresh = {o: wanted[o] for key, o in now.items() if key not in before}
    if fresh:
        store.add_external_ids(list(fresh))
    return Watched(found.entries, found.settled, tuple(dict.fromkeys(fresh.values())))


def apply_aliases(store: Store, normalizer: Normalizer) -> None:
    """Let the names of each list's entries take part in resolution, and of no other list."""
    lists: dict[str, list[RegistryEntity]] = {}
    for one in store.watchlists():
        lists.setdefault(f"{_SOURCE}{one.scheme}", []).append(one)
    held = {n.source for n in store.registry_names() if n.source.startswith(_SOURCE)}
    for source in sorted(held | lists.keys()):
        apply_registry_names(store, source, lists.get(source, ()), normalizer)


def _ids(match: Match) -> Iterable[ExternalId]:
    known = match.known
    pairs = ((SCHEME, f"{known.scheme}/{known.id}"), *known.ids)
    source = f"{_SOURCE}{known.scheme}"
    return [ExternalId(match.node, s, value, known.name, source) for s, value in pairs]
