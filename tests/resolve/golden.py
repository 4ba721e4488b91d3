"""What the rules of resolution answer today, for texts of many kinds of names.

Run:  python -m tests.resolve.golden

Writes ``golden.json`` anew, and refuses where an answer changed and its version didn't:
raise the number in ``kgbuild/resolve/version.py`` first.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from kgbuild.resolve import version
from kgbuild.resolve.known_alias import RegistryClusterer
from kgbuild.resolve.link import RussianLinker
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.resolve.resolver import resolve_document
from kgbuild.types import Document, NameNode, NodeFeature, NodeStats, RegistryName
from tests.notation import parse

FILE = Path(__file__).with_name("golden.json")

TEXTS = (
    "[Анна Сергеевна Вьюгина|PERSON] руководит [заводом «Прибой»|ORGANIZATION]."
    " [Вьюгиной|PERSON] помогает [А. С. Вьюгин|PERSON]. => 1 WORKPLACE 2",
    "В [Нижнем Тагиле|CITY] и [Тагиле|CITY] ждут [губернатора|PROFESSION] [Рогова|PERSON]."
    " [Илья Рогов|PERSON] приедет [5 марта 2019 года|DATE]. => 4 DATE_OF_BIRTH 5",
    "[Министерство обороны Российской Федерации|ORGANIZATION] ([Минобороны|ORGANIZATION])"
    " и [московские|CITY] власти. => 1 ABBREVIATION 2",
    "[Пётр|PERSON] приехал из [Франции|COUNTRY]; [французский|COUNTRY] посол молчал.",
    "[Ирина Чёрных|PERSON] и [Олег Черных|PERSON]: [Черных|PERSON] промолчали.",
    "[ООО «Ромашка»|ORGANIZATION] купило [«Ромашку-2»|ORGANIZATION] за [два миллиона рублей|MONEY].",
    "[Дюма-отец|PERSON] и [Дюма-сын|PERSON] жили в [Париже|CITY]. [Александр Дюма|PERSON] писал.",
    "[Сергей Волков|PERSON] родился в [1961 году|DATE]. => 1 DATE_OF_BIRTH 2",
    "[Сергей Волков|PERSON] родился в [1987 году|DATE]. => 1 DATE_OF_BIRTH 2",
    "[Волков С. П.|PERSON] подписал [приказ|LAW] в [Туле|CITY].",
    "[Авария на шахте|EVENT] случилась в [понедельник|DATE]; [Сокол|ORGANIZATION] её тушил.",
    "[Garden Ltd|ORGANIZATION] и [«Гарден»|ORGANIZATION] судились в [США|COUNTRY].",
)


def answers() -> dict[str, Any]:
    """Each part's version and what it answers."""
    named, nodes = [], []
    for number, notation in enumerate(TEXTS):
        case = parse(notation)
        document = Document(f"{number}", case.text, hashlib.sha256(case.text.encode()).hexdigest())
        found = resolve_document(document, case.mentions, case.relations, RussianNormalizer())
        nodes += list(found.nodes)
        named.append(
            {
                "names": [
                    [case.text[r.mention.start : r.mention.end], r.name] for r in found.mentions
                ],
                "nodes": [
                    [n.id, n.type, n.key, [list(_said(t)) for t in n.features]] for n in found.nodes
                ],
            }
        )
    seen = _seen(nodes)
    linker = RussianLinker()
    known = [n for n in seen if n.type in ("COUNTRY", "CITY")]
    register = RegistryClusterer(linker)
    return {
        "normalizer": {"version": version.NORMALIZER, "answers": named},
        "linker": {"version": version.LINKER, "answers": _linked(linker, seen)},
        "known_alias": {
            "version": version.KNOWN_ALIAS,
            "answers": _linked(register, [_listed(node) for node in known]),
        },
    }


def _said(feature: NodeFeature) -> tuple[str, str]:
    return feature.kind, feature.value


def _seen(nodes: list[NameNode]) -> list[NodeStats]:
    """Nodes as a store would give them."""
    documents = Counter(node.id for node in nodes)
    known = {node.id: node for node in sorted(nodes, key=lambda n: n.type)}
    features: dict[str, Counter[NodeFeature]] = {id: Counter() for id in known}
    for node in nodes:
        features[node.id].update(node.features)
    return [
        NodeStats(id, n.type, n.key, documents[id], tuple(sorted(features[id].items())))
        for id, n in sorted(known.items())
    ]


def _listed(node: NodeStats) -> NodeStats:
    """The node as a register's: all of a type are names of one entry."""
    name = RegistryName("list", node.type, node.type, node.key, "block")
    return NodeStats(
        node.id, node.type, node.key, node.documents, (*node.features, (name.feature, 1))
    )


def _linked(linker: RussianLinker | RegistryClusterer, nodes: list[NodeStats]) -> dict[str, Any]:
    return {
        "entities": dict(sorted(linker.link(nodes, ()).entity_of.items())),
        "reasons": sorted([r.one, r.other, r.joined, r.rule] for r in linker.reasons(nodes, ())),
    }


def main() -> None:
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    made = answers()
    for part, now in made.items():
        before = known.get(part)
        if before and before["answers"] != now["answers"] and before["version"] == now["version"]:
            sys.exit(f"{part} answers otherwise: raise its number in kgbuild/resolve/version.py")
    FILE.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
