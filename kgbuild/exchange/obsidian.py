"""The graph as an Obsidian vault: a note an entity, links between them, evidence quoted.

A note's front matter (YAML) has the entity's id, type, name, aliases and ids elsewhere, its
list the facts in which it is the subject: ``- RELATION (label): [[Note|name]] (confidence)``,
each with its evidence as quotes. Names and sentences are escaped, so that no text of a
document is Markdown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from kgbuild.display import clean
from kgbuild.exchange.files import EntityRow, entity_rows, unique_name, whole_folder
from kgbuild.ontology import RELATIONS, relation_type
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact

_UNSAFE = re.compile(r"[^\w.,()«»-]+|_+")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~^$&%=!:.()+-])")
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~^$&%=]")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def write_obsidian(store: Store, path: Path) -> None:
    """A folder of notes, named after the entities."""
    used: set[str] = set()
    rows = list(entity_rows(store))
    names = {row.entity.id: note_name(row.entity, used) for row in rows}
    with whole_folder(path) as folder:
        for row in rows:
            with (folder / f"{names[row.entity.id]}.md").open(
                "w", encoding="utf-8", newline="\n"
            ) as file:
                _write_note(file, row, store.facts(subject=row.entity.id), names)


def note_name(entity: Entity, used: set[str]) -> str:
    """A note's name that every file system takes and no other note has."""
    return unique_name(" ".join(_UNSAFE.sub(" ", entity.name).split()), "note", used)


def _write_note(file: TextIO, row: EntityRow, facts: Iterator[Fact], names: dict[str, str]) -> None:
    entity = row.entity
    matter = {"id": entity.id, "type": entity.type, "name": entity.name,
              "aliases": list(entity.aliases), "external": list(row.external),
              "mentions": entity.mention_count}  # fmt: skip
    file.write("---\n" + "".join(f"{key}: {_yaml(value)}\n" for key, value in matter.items()))
    file.write(f"---\n\n# {markdown(entity.name)}\n")
    for fact in facts:
        label = relation_type(fact.relation).label_ru if fact.relation in RELATIONS else ""
        link = f"[[{names[fact.object.id]}|{_shown(fact.object.name)}]]"
        file.write(f"\n- {fact.relation} ({label}): {link} ({fact.confidence!r})\n")
        for one in fact.evidence:
            where = f"{markdown(one.document)} {one.start}–{one.end} ({one.confidence!r})"
            file.write(f"\n    > {markdown(one.text)}\n    >\n    > — {where}\n")


def _yaml(value: object) -> str:
    """A value as YAML, of which JSON is a part but for characters that YAML doesn't print."""
    text = json.dumps(value, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def markdown(text: str) -> str:
    """A text on one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", clean(text))


def _shown(name: str) -> str:
    """A name as a link can show it, where nothing can be escaped: without Markdown's marks."""
    return " ".join(_MARKS.sub(" ", clean(name)).split())[:200] or "…"
