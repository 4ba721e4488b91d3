"""Dossiers: folders of marked-up documents about one world, and their questions.

The notation: ``[text](TYPE#id)`` is a mention of an entity, ``{она}(=id)`` a pronoun or a
description of one, ``{Родился}(0=id)`` a verb without its subject; below the text stand the
document's facts between entities, a line each, and behind ``!`` what it denies, rumours or
plans. An id is one entity over all documents of a dossier.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kgbuild import ontology
from kgbuild.errors import FormatError
from kgbuild.read.sentences import split_sentences
from kgbuild.train.corpora.nerel import Fact, GoldDocument, Reference
from kgbuild.types import Mention, Relation, by_position

_TAG = re.compile(r"\]\(([A-Z_]+)#([\w-]+)\)|\}\((0?)=([\w-]+)\)")
_PART = re.compile(r"^---\s*$", re.MULTILINE)
_COMMENT = re.compile(r"//.*")
_WORD = re.compile(r"\w+")
QUESTIONS = "questions.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """A question over a dossier: each answer with its accepted forms, and the facts it rests on."""

    text: str
    kind: str
    answers: tuple[tuple[str, ...], ...]
    documents: tuple[str, ...]
    facts: tuple[Fact, ...]


def is_dossier(folder: Path) -> bool:
    """Whether a folder holds marked-up documents."""
    first = next(iter(sorted(folder.glob("*.txt"))), None)
    return first is not None and len(_PART.split(first.read_text("utf-8", "replace"))) == 3


def read_dossiers(folder: Path) -> list[GoldDocument]:
    """The documents of a dossier, or of every dossier in a folder, by name.

    Raises:
        FormatError: there are none, or one isn't written in the notation.
    """
    folders = (
        [folder] if is_dossier(folder) else [f for f in sorted(folder.iterdir()) if f.is_dir()]
    )
    documents = [d for one in folders if is_dossier(one) for d in read_dossier(one)]
    if not documents:
        raise FormatError(f"{folder}: no marked-up documents")
    return documents


def read_dossier(folder: Path) -> list[GoldDocument]:
    """The documents of one dossier by name; ids are ``DOSSIER.id``.

    Raises:
        FormatError: a document isn't written in the notation.
    """
    return [read_document(path) for path in sorted(folder.glob("*.txt"))]


def read_questions(folder: Path) -> list[Question]:
    """The questions of a dossier.

    Raises:
        FormatError: the file is missing or a line isn't a question.
    """
    path = folder / QUESTIONS
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        return [
            Question(
                row["question"],
                row["kind"],
                tuple(map(tuple, row["answers"])),
                tuple(row["documents"]),
                tuple(_fact(line, folder.name) for line in row.get("facts", ())),
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: no readable questions: {error}") from error


def read_document(path: Path) -> GoldDocument:
    """One marked-up document.

    Raises:
        FormatError: it isn't in the notation; the message names the place.
    """
    try:
        parts = _PART.split(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: {error}") from error
    if len(parts) != 3:
        raise FormatError(f"{path}: head, text and facts parted by lines of ---, not {len(parts)}")
    dossier = path.parent.name
    text, entities, references = _marked(path, parts[1].strip("\n"), dossier)
    facts, denied = _facts(path, parts[2], dossier)
    mentions = by_position(list(entities))
    document = GoldDocument(
        f"{dossier}/{path.stem}", text, mentions, (), {m: f"Local:{i}" for m, i in entities.items()},
        entities=entities, references=references, facts=facts, denied=denied,
    )  # fmt: skip
    return document.with_relations(nearest(document))


def _marked(
    path: Path, body: str, dossier: str
) -> tuple[str, dict[Mention, str], tuple[Reference, ...]]:
    out: list[str] = []
    opened: list[tuple[str, int]] = []
    entities: dict[Mention, str] = {}
    references: list[Reference] = []
    at = 0
    while at < len(body):
        sign = body[at]
        if sign in "[{":
            opened.append((sign, len(out)))
            at += 1
        elif sign in "]}":
            match = _TAG.match(body, at)
            if match is None or not opened or opened[-1][0] != ("[" if sign == "]" else "{"):
                raise FormatError(f"{path}: {sign!r} out of place after {''.join(out)[-40:]!r}")
            _, start = opened.pop()
            if sign == "]":
                if match[1] not in ontology.ENTITY_TYPES:
                    raise FormatError(f"{path}: {''.join(out)[start:]!r}: no type {match[1]!r}")
                entities[Mention(start, len(out), match[1])] = f"{dossier}.{match[2]}"
            else:
                kind = "zero" if match[3] else "overt"
                references.append(Reference(start, len(out), kind, f"{dossier}.{match[4]}"))
            at = match.end()
        else:
            out.append(sign)
            at += 1
    if opened:
        raise FormatError(f"{path}: {opened[-1][0]!r} is never closed")
    return "".join(out), entities, tuple(references)


def _facts(path: Path, lines: str, dossier: str) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    stated: dict[Fact, None] = {}
    denied: dict[Fact, None] = {}
    for row in lines.splitlines():
        line = _COMMENT.sub("", row).strip()
        if not line or line.startswith("#"):
            continue
        target = denied if line.startswith("!") else stated
        if len(line.removeprefix("!").split()) < 3:
            raise FormatError(f"{path}: {line}: a fact is a subject, a relation and an object")
        fact = _fact(line.removeprefix("!"), dossier)
        if fact.relation not in ontology.RELATIONS:
            raise FormatError(f"{path}: {line}: no relation {fact.relation!r}")
        target[fact] = None
    return tuple(stated), tuple(fact for fact in denied if fact not in stated)


def _fact(line: str, dossier: str) -> Fact:
    subject, relation, object, *_ = line.split()
    return Fact(f"{dossier}.{subject}", relation, f"{dossier}.{object}")


def nearest(document: GoldDocument) -> tuple[Relation, ...]:
    """Facts between entities as relations between mentions: the two that stand nearest, of
    allowed types, where a pronoun or a dropped subject stands for a name; and the variants of
    an entity's name as NEREL links them."""
    ends = [s.end for s in split_sentences(document.text)]
    sentence = {m: _sentence(ends, m.start) for m in document.mentions}
    held: dict[str, set[int]] = {}
    for reference in document.references:
        held.setdefault(reference.entity, set()).add(_sentence(ends, reference.start))
    by_entity = document.by_entity()
    found: dict[Relation, None] = {}
    for fact in document.facts:
        pairs = [
            (_cost(fact, (x, y), sentence, held), x, y)
            for x in by_entity.get(fact.subject, ())
            for y in by_entity.get(fact.object, ())
            if x != y
        ]
        if pairs:
            _, x, y = min(pairs)
            found[Relation(fact.relation, x, y)] = None
    for mentions in by_entity.values():
        forms: dict[tuple[str, ...], Mention] = {}
        for m in mentions:
            if ontology.allowed("ALTERNATIVE_NAME", m.type, m.type):
                forms.setdefault(_stems(document.text[m.start : m.end]), m)
        variants = list(forms.values())
        found |= {Relation("ALTERNATIVE_NAME", variants[0], m): None for m in variants[1:]}
    return tuple(found)


def _sentence(ends: list[int], at: int) -> int:
    return next((i for i, end in enumerate(ends) if at < end), len(ends))


def _cost(
    fact: Fact,
    pair: tuple[Mention, Mention],
    sentence: dict[Mention, int],
    held: dict[str, set[int]],
) -> tuple[bool, int, int]:
    x, y = pair
    apart = abs(sentence[x] - sentence[y])
    if apart and not (
        sentence[y] in held.get(fact.subject, ()) or sentence[x] in held.get(fact.object, ())
    ):
        apart += 3
    fits = ontology.allowed(fact.relation, x.type, y.type) or (
        ontology.relation_type(fact.relation).symmetric
        and ontology.allowed(fact.relation, y.type, x.type)
    )
    return not fits, apart, abs(x.start - y.start)


def _stems(name: str) -> tuple[str, ...]:
    words: Iterable[str] = _WORD.findall(name.casefold().replace("ё", "е"))
    return tuple(word[: max(3, len(word) - 3)] for word in words)
