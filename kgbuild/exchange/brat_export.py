"""The graph's documents as brat annotations, judgements applied: corrections to train on."""

from __future__ import annotations

import re
from pathlib import Path

from kgbuild.exchange.files import unique_name, whole_folder
from kgbuild.judging import RETYPE, judged_values
from kgbuild.ports import Store
from kgbuild.types import Document, Mention, Relation

_UNSAFE = re.compile(r"[^\w.-]+")
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def write_brat(store: Store, path: Path) -> None:
    """A folder of ``NAME.txt`` and ``NAME.ann``, named after the documents' sources.

    A relation whose fact a person rejected is left out, one that a person stated of a sentence is
    there; one between two mentions of one entity, which is no fact, stays. Mentions of an entity
    that a person gave a type have that. N lines link mentions to Wikidata where an id is known. In an .ann
    line breaks inside a mention become spaces; the text is as it was read.
    """
    links = {one.entity: one for one in store.external_ids() if one.scheme == "wikidata"}
    types = given_types(store)
    used: set[str] = set()
    with whole_folder(path) as folder:
        for document in store.documents():
            name = safe_name(document.source, used)
            (folder / f"{name}.txt").write_bytes(document.text.encode())
            mentions = list(store.mentions(document=document.source))
            numbers = {m.mention: f"T{i}" for i, m in enumerate(mentions, 1)}
            lines = [
                f"{numbers[m.mention]}\t{types.get(m.entity, m.mention.type)}"
                f" {m.mention.start} {m.mention.end}\t" + _BREAKS.sub(" ", m.text)
                for m in mentions
            ]
            entity_of = {m.mention: m.entity for m in mentions}
            for i, r in enumerate(standing_relations(store, document, entity_of), 1):
                lines.append(
                    f"R{i}\t{r.relation} Arg1:{numbers[r.subject]} Arg2:{numbers[r.object]}"
                )
            linked = [m for m in mentions if m.entity in links]
            for i, m in enumerate(linked, 1):
                link = links[m.entity]
                lines.append(f"N{i}\tReference {numbers[m.mention]} Wikidata:{link.value}\t"
                             + _BREAKS.sub(" ", link.label))  # fmt: skip
            text = "".join(line + "\n" for line in lines)
            (folder / f"{name}.ann").write_bytes(text.encode())


def given_types(store: Store) -> dict[str, str]:
    """The types that people gave entities (ids)."""
    given = [judgement for judgement in store.judgements() if judgement.verdict == RETYPE]
    known = {judgement.subject: store.node_entity(judgement.subject) for judgement in given}
    return judged_values(given, RETYPE, {node: id for node, id in known.items() if id is not None})


def standing_relations(
    store: Store, document: Document, entity_of: dict[Mention, str]
) -> list[Relation]:
    """The relations seen in a document, or stated of it by a person, without those that a person
    rejected."""
    shown = {
        (fact.relation, e.subject, e.object)
        for fact in store.facts(document=document.source)
        for e in fact.evidence
        if e.document == document.source
    }
    return [
        r
        for r in store.relations(document.source, stated=True)
        if entity_of[r.subject] == entity_of[r.object] or (r.relation, r.subject, r.object) in shown
    ]


def safe_name(source: str, used: set[str]) -> str:
    """A file name after a path, without its folder and suffix, that no other has yet.

    ``used`` holds the names given, casefolded, and takes this one.
    """
    stem = re.split(r"[/\\]", source)[-1].rsplit(".", 1)[0]
    return unique_name(_UNSAFE.sub("_", stem), "document", used)
