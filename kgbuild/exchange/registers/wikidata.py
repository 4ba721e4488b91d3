"""Items of a Wikidata dump, one after the other, as a register's entries.

The dump is JSON (https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html): an
array with an item a line, or the items alone, a line each; plain, gzip or bzip2. It is
streamed: nothing but the line at hand is in memory.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from kgbuild.errors import FormatError, ReadError
from kgbuild.types import RegistryEntity

SCHEME = "wikidata"
LANGUAGES = ("ru", "en")
"""Languages of labels and aliases, the first that there is names the item."""
_CALENDARS = timedelta(days=13)
"""How far the calendars were apart: a date this near the new year is one of two years."""
_YEAR_PRECISION = 9
LONGEST_LINE = 32 << 20
"""Bytes of an item at most; the longest of Wikidata have some four million (its limit)."""


@cache
def types_of(klass: str) -> tuple[str, ...]:
    """The entity types that an instance of a Wikidata class may have; none for most classes."""
    return tuple(_classes().get(klass, ()))


@cache
def _classes() -> dict[str, list[str]]:
    text = files("kgbuild.exchange").joinpath("wikidata_classes.json").read_text("utf-8")
    table: dict[str, dict[str, str]] = json.loads(text)
    found: dict[str, list[str]] = {}
    for types, classes in table.items():
        for klass in classes:
            found.setdefault(klass, []).extend(types.split("|"))
    return found


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file as it lies there.

    Raises:
        ReadError: it can't be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ReadError(f"{path}: can't be read: {error.strerror}") from error


def read_items(path: Path) -> Iterator[RegistryEntity]:
    """The items of a dump that have a name in Russian or English; properties are passed over.

    Raises:
        ReadError: the file can't be read, or breaks off.
        FormatError: a line is no item.
    """
    try:
        with _opened(path) as file:
            for number, line in enumerate(_lines(file, path), 1):
                text = line.strip().rstrip(b",")
                if text not in (b"[", b"]", b""):
                    yield from _item(text, f"{path}:{number}")
    except (OSError, EOFError) as error:
        raise ReadError(f"{path}: can't be read: {error}") from error


def _lines(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """Lines of a bounded length: a packed file of a few kilobytes may hold one without an end."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise FormatError(
                f"{path}:{number}: is longer than {LONGEST_LINE >> 20} MB, no item is"
            )
        yield line


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        magic = file.read(3)
    if magic[:2] == b"\x1f\x8b":
        return gzip.GzipFile(path)  # type: ignore[return-value]
    return bz2.BZ2File(path) if magic == b"BZh" else path.open("rb")


def _item(line: bytes, where: str) -> Iterator[RegistryEntity]:
    try:
        value = json.loads(line)
        if value.get("type") != "item":
            return
        names = list(_names(value))
        if names:
            claims = value.get("claims") or {}
            yield RegistryEntity(
                SCHEME, str(value["id"]), names[0], _types(claims), tuple(names[1:]),
                _years(claims, "P569"), _years(claims, "P570"),
            )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(f"{where}: isn't an item of a Wikidata dump: {error!r}") from error


def _names(value: dict[str, Any]) -> Iterator[str]:
    """Labels, then aliases; an empty map is an empty list in dumps."""
    labels, aliases = value.get("labels") or {}, value.get("aliases") or {}
    found = [labels[tag]["value"] for tag in LANGUAGES if tag in labels]
    found += [alias["value"] for tag in LANGUAGES for alias in aliases.get(tag, ())]
    yield from (name for name in dict.fromkeys(found) if name.strip())


def _types(claims: dict[str, Any]) -> tuple[str, ...]:
    classes = [value["id"] for value in _values(claims, "P31")]
    return tuple(sorted({type for klass in classes for type in types_of(klass)}))


def _values(claims: dict[str, Any], property: str) -> list[Any]:
    """The values of a property's statements of the best rank."""
    ranked: dict[str, list[Any]] = {"preferred": [], "normal": []}
    for statement in claims.get(property, ()):
        snak = statement["mainsnak"]
        if snak["snaktype"] == "value" and statement.get("rank", "normal") in ranked:
            ranked[statement.get("rank", "normal")].append(snak["datavalue"]["value"])
    return ranked["preferred"] or ranked["normal"]


def _years(claims: dict[str, Any], property: str) -> tuple[str, ...]:
    values = [v for v in _values(claims, property) if v["precision"] >= _YEAR_PRECISION]
    return tuple(sorted({year for value in values for year in _either_year(value["time"])}))


def _either_year(time: str) -> Iterable[str]:
    """The year of «+1834-02-08T00:00:00Z» in whichever calendar a text may count."""
    if not time.startswith("+"):
        return ()
    year, month, day = time[1:].split("T", maxsplit=1)[0].split("-")
    if month == "00" or day == "00" or not 1 < int(year) < 9999:
        return (f"{int(year):04}",)
    said = date(int(year), int(month), min(int(day), 28))
    return {f"{(said + shift).year:04}" for shift in (-_CALENDARS, timedelta(), _CALENDARS)}
