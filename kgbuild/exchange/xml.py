"""GraphML and GEXF 1.3, written entity by entity.

Aliases, sources and external ids are JSON arrays in a string attribute, whole. In names and
ids a character that XML 1.0 can't hold becomes U+FFFD.

http://graphml.graphdrawing.org, https://gexf.net/schema.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from kgbuild.exchange.files import (
    EntityRow,
    entity_rows,
    sources,
    whole_text,
    xml_escaped,
    xml_text,
)
from kgbuild.ports import Store
from kgbuild.types import Fact

NODE_KEYS = (("name", "string"), ("type", "string"), ("aliases", "string"),
             ("mentions", "int"), ("external", "string"))  # fmt: skip
EDGE_KEYS = (("relation", "string"), ("confidence", "double"),
             ("evidence", "int"), ("sources", "string"))  # fmt: skip


def write_graphml(store: Store, path: Path) -> None:
    """The graph as GraphML: an edge a fact, whose id is the fact's."""
    with whole_text(path) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for kind, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
            for name, type in keys:
                file.write(f'<key id="{kind}-{name}" for="{kind}" attr.name="{name}"'
                           f' attr.type="{type}"/>\n')  # fmt: skip
        file.write('<graph edgedefault="directed">\n')
        for row in entity_rows(store):
            file.write(f"<node id={_attribute(row.entity.id)}>")
            _data(file, "node", NODE_KEYS, _node(row))
            file.write("</node>\n")
        for fact in store.facts():
            file.write(f"<edge id={_attribute(fact.id)} source={_attribute(fact.subject.id)}"
                       f" target={_attribute(fact.object.id)}>")  # fmt: skip
            _data(file, "edge", EDGE_KEYS, _edge(fact))
            file.write("</edge>\n")
        file.write("</graph>\n</graphml>\n")


def write_gexf(store: Store, path: Path) -> None:
    """The graph as GEXF 1.3."""
    with whole_text(path) as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<gexf xmlns="http://gexf.net/1.3" version="1.3">\n')
        file.write('<graph defaultedgetype="directed" mode="static">\n')
        for kind, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
            file.write(f'<attributes class="{kind}" mode="static">')
            for name, type in keys:
                gexf_type = "integer" if type == "int" else type
                file.write(f'<attribute id="{kind}-{name}" title="{name}" type="{gexf_type}"/>')
            file.write("</attributes>\n")
        file.write("<nodes>\n")
        for row in entity_rows(store):
            file.write(f"<node id={_attribute(row.entity.id)} label={_attribute(row.entity.name)}>")
            _values(file, "node", NODE_KEYS, _node(row))
            file.write("</node>\n")
        file.write("</nodes>\n<edges>\n")
        for fact in store.facts():
            file.write(f"<edge id={_attribute(fact.id)} source={_attribute(fact.subject.id)}"
                       f" target={_attribute(fact.object.id)} label={_attribute(fact.relation)}"
                       f' weight="{fact.confidence!r}">')  # fmt: skip
            _values(file, "edge", EDGE_KEYS, _edge(fact))
            file.write("</edge>\n")
        file.write("</edges>\n</graph>\n</gexf>\n")


def _node(row: EntityRow) -> tuple[object, ...]:
    entity = row.entity
    return (
        entity.name,
        entity.type,
        _array(entity.aliases),
        entity.mention_count,
        _array(row.external),
    )


def _edge(fact: Fact) -> tuple[object, ...]:
    return fact.relation, fact.confidence, len(fact.evidence), _array(sources(fact))


def _array(values: Iterable[str]) -> str:
    return xml_escaped(json.dumps(list(values), ensure_ascii=False))


def _attribute(text: str) -> str:
    return quoteattr(xml_text(text))


def _data(
    file: TextIO, kind: str, keys: Iterable[tuple[str, str]], values: Iterable[object]
) -> None:
    for (name, _), value in zip(keys, values, strict=True):
        text = escape(xml_text(str(value)), {"\r": "&#13;"})
        file.write(f'<data key="{kind}-{name}">{text}</data>')


def _values(
    file: TextIO, kind: str, keys: Iterable[tuple[str, str]], values: Iterable[object]
) -> None:
    file.write("<attvalues>")
    for (name, _), value in zip(keys, values, strict=True):
        file.write(f'<attvalue for="{kind}-{name}" value={_attribute(str(value))}/>')
    file.write("</attvalues>")
