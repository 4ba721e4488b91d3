"""Annotated documents of any format as if a model had found the annotations.

A format's reader makes a file :class:`Annotated` documents. :class:`AnnotatedFiles` is both
the pipeline's reader of those files and its extractor, so the documents take their ordinary
way through resolution into the store; only the models are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kgbuild.errors import FormatError, InputError, ReadError
from kgbuild.ontology import ENTITY_TYPES, RELATIONS
from kgbuild.read.documents import Known, Outcome, Refusal, Unchanged, source_of
from kgbuild.types import Document, Extraction, Mention, Relation, by_position


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file's labels are here: as they stand, or as a mapping says; "" leaves one out."""

    mapping: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a mapping to nothing known."""
        for label, name in self.mapping.items():
            if name and name not in ENTITY_TYPES and name not in RELATIONS:
                raise InputError(f"{label}={name}: {name!r} is no entity type and no relation")

    def type(self, label: str) -> str:
        """The entity type of a label.

        Raises:
            FormatError: it has none.
        """
        return self._known(label, ENTITY_TYPES, "entity type", "PERSON")

    def relation(self, label: str) -> str:
        """The relation of a label.

        Raises:
            FormatError: it has none.
        """
        return self._known(label, RELATIONS, "relation", "WORKPLACE")

    def _known(self, label: str, names: Sequence[str], what: str, example: str) -> str:
        name = self.mapping.get(label, label)
        if name not in names and (name or label not in self.mapping):
            raise FormatError(
                f"label {label!r} is no {what}: say  --map '{label}={example}'  (or another),"
                f"  --map '{label}='  to leave it out"
            )
        return name

    def extraction(
        self, text: str, mentions: Sequence[Mention], relations: Sequence[Relation]
    ) -> Extraction:
        """Mentions and relations under their names here.

        Raises:
            FormatError: a label has no name here, or a mention doesn't fit the text.
        """
        named = {m: Mention(m.start, m.end, self.type(m.type)) for m in mentions}
        for m in named:
            if not 0 <= m.start < m.end <= len(text) or not text[m.start : m.end].strip():
                raise FormatError(f"an annotation spans {m.start}–{m.end}: no text is there")
        kept = {
            Relation(name, named[r.subject], named[r.object]): None
            for r in relations
            if (name := self.relation(r.relation))
            and named[r.subject].type
            and named[r.object].type
        }
        found = dict.fromkeys(m for m in named.values() if m.type)
        return Extraction(by_position(list(found)), tuple(kept))


@dataclass(frozen=True, slots=True)
class Annotated:
    """One document of an annotated file, its labels as they stand there.

    ``name`` follows the file's in its source (``#3``). ``fault`` says why it can't be used.
    """

    name: str
    text: str = ""
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    fault: str = ""


FormatReader = Callable[[Path], Iterator[Annotated]]
"""Reads a file; raises ``InputError`` where nothing more of it can be read."""


class AnnotatedFiles:
    """Files of a format: the pipeline's ``Read``, and its ``Extractor``."""

    def __init__(
        self, format: str, read: FormatReader, paths: Sequence[Path], labels: Labels
    ) -> None:
        self._format, self._read, self._labels = format, read, labels
        self._found: dict[str, Extraction] = {}
        digest = hashlib.sha256(repr(sorted(labels.mapping.items())).encode())
        for path in paths:
            digest.update(path.name.encode() + b"\0" + _content(path) + b"\0")
        self._fingerprint = f"{format}:{digest.hexdigest()[:32]}"

    @property
    def fingerprint(self) -> str:
        """Names the annotations: it changes when one of them does."""
        return self._fingerprint

    def __call__(self, path: Path, known: Known) -> Iterator[Outcome]:
        """The documents of a file as the pipeline wants them: new, unchanged, or refused."""
        source = source_of(path)
        try:
            for one in self._read(path):
                yield self._outcome(one, source + one.name, known)
        except InputError as error:
            yield Refusal(source, f"{source}: {error}")

    def _outcome(self, one: Annotated, source: str, known: Known) -> Outcome:
        try:
            if one.fault:
                raise FormatError(one.fault)
            if not one.text.strip() or "\0" in one.text:
                raise FormatError("holds no text, or NUL characters")
            found = self._labels.extraction(one.text, one.mentions, one.relations)
            if self._found.setdefault(one.text, found) != found:
                raise FormatError("its text stands here twice, annotated in two ways")
        except FormatError as error:
            return Refusal(source, f"{source}: {error}")
        content = hashlib.sha256(f"{one.text}\0{found!r}".encode("utf-8", "replace")).hexdigest()
        if known(source, content):
            return Unchanged(source)
        return Document(source, one.text, content)

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """The annotations of texts that were read.

        Raises:
            FormatError: a text wasn't.
        """
        if missing := [text for text in texts if text not in self._found]:
            raise FormatError(f"{missing[0][:40]!r}: the text has no annotations of its own")
        return [self._found[text] for text in texts]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError(f"{path}: can't be read: {error.strerror}") from error


def lines_of(path: Path) -> list[str]:
    """The lines of a UTF-8 file without their ends, which are ``\\n`` or ``\\r\\n``.

    Raises:
        ReadError: it can't be read or isn't UTF-8.
    """
    try:
        text = _content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReadError(f"isn't UTF-8 (byte {error.start}): save it as UTF-8") from error
    return [line.removesuffix("\r") for line in text.split("\n")]
