"""Gold documents in the readable notation, and the brat files that say the same."""

from __future__ import annotations

from pathlib import Path

from notation import parse

from kgbuild.train.corpora.nerel import GoldDocument

SMALL = (
    "[Иван|PERSON] работает в [Газпроме|ORGANIZATION]. Он живёт в [Москве|CITY]. "
    "=> 1 WORKPLACE 2, 1 PLACE_RESIDES_IN 3",
    "[Мария|PERSON] приехала в [Тверь|CITY]. Она жена [Петра|PERSON]. => 1 SPOUSE 3",
    "В [[Банке [России|COUNTRY]|ORGANIZATION]|ORGANIZATION] работает [Анна|PERSON]. "
    "=> 4 WORKPLACE 1",
    "[Пётр|PERSON] и [Анна|PERSON] живут в [Москве|CITY]. => 1 PLACE_RESIDES_IN 3",
)


def document(name: str, notation: str) -> GoldDocument:
    case = parse(notation)
    mentions = tuple(dict.fromkeys(sorted(case.mentions, key=lambda m: (m.start, -m.end, m.type))))
    return GoldDocument(name, case.text, mentions, case.relations, {})


def documents() -> list[GoldDocument]:
    return [document(f"d{i}", notation) for i, notation in enumerate(SMALL)]


def write_brat(folder: Path, gold: GoldDocument) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    number = {mention: i + 1 for i, mention in enumerate(gold.mentions)}
    lines = [
        f"T{number[m]}\t{m.type} {m.start} {m.end}\t{gold.text[m.start : m.end]}"
        for m in gold.mentions
    ]
    lines += [
        f"R{i + 1}\t{r.relation} Arg1:T{number[r.subject]} Arg2:T{number[r.object]}\t"
        for i, r in enumerate(gold.relations)
    ]
    (folder / f"{gold.name}.ann").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / f"{gold.name}.txt").write_bytes(gold.text.encode())
