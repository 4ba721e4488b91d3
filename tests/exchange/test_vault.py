"""An Obsidian vault is read again by a YAML and a Markdown parser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kgbuild.display import clean
from kgbuild.exchange.formats import WRITERS
from tests.exchange.graphs import edges, nodes
from tests.oracle import MemoryStore

yaml = pytest.importorskip("yaml")
markdown_it = pytest.importorskip("markdown_it")
FACT = re.compile(r"(\w+) \((.*?)\): \[\[([^\[\]|]+)\|([^\[\]|]+)\]\] \(([\d.]+)\)")


def test_notes(store: MemoryStore, tmp_path: Path) -> None:
    WRITERS["obsidian"](store, tmp_path / "g")
    parse = markdown_it.MarkdownIt("commonmark")
    found, links, ids, quotes = {}, [], {}, set()
    for path in (tmp_path / "g").iterdir():
        assert re.fullmatch(r"[\w .,()«»~-]+\.md", path.name)
        text = path.read_bytes().decode()
        _, matter, body = re.split(r"^---\n", text, maxsplit=2, flags=re.MULTILINE)
        note = yaml.safe_load(matter)
        ids[path.stem] = note["id"]
        found[note["id"]] = tuple(
            note[k] for k in ("name", "type", "aliases", "mentions", "external")
        )
        blocks = inline(parse, body)
        assert blocks[0] == ("heading", clean(note["name"]))
        facts = [FACT.fullmatch(content) for kind, content in blocks if kind == "item"]
        assert facts
        links += [(note["id"], f) for f in facts if f is not None]
        quoted = [content for kind, content in blocks if kind == "quote"]
        assert len(facts) == len(quoted) // 2 == len([f for f in facts if f])
        quotes |= set(zip(quoted[::2], quoted[1::2], strict=True))
    assert found == nodes(store)
    assert {(id, ids[f[3]], f[1]): float(f[5]) for id, f in links} == {
        ends: confidence for ends, (_, confidence, _) in edges(store).items()
    }
    assert quotes == {
        (clean(e.text), f"— {clean(e.document)} {e.start}–{e.end} ({e.confidence!r})")
        for f in store.facts() for e in f.evidence
    }  # fmt: skip


def inline(parse: object, body: str) -> list[tuple[str, str]]:
    """Headings, items and quotes with their text as a reader sees it; nothing else may be there."""
    found, inside = [], []
    for token in parse.parse(body):  # type: ignore[attr-defined]
        if token.type.endswith("_open"):
            inside.append(token.type.removesuffix("_open"))
        elif token.type.endswith("_close"):
            inside.pop()
        else:
            assert token.type == "inline", token
            assert {child.type for child in token.children} <= {"text", "text_special"}, token
            kind = next(k for k in ("heading", "blockquote", "list_item") if k in inside)
            text = "".join(child.content for child in token.children)
            found.append(({"blockquote": "quote", "list_item": "item"}.get(kind, kind), text))
    assert json.dumps(found)
    return found
