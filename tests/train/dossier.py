"""Small dossiers, written as their authors write them."""

from __future__ import annotations

from pathlib import Path

from kgbuild.train.corpora.dossiers import read_document
from kgbuild.train.corpora.nerel import GoldDocument

HEAD = "genre: note\n---\n"


def write(folder: Path, name: str, text: str, facts: str = "") -> Path:
    """One marked-up document of a dossier."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.txt"
    path.write_text(f"{HEAD}{text}\n---\n{facts}\n", "utf-8")
    return path


def document(folder: Path, text: str, facts: str = "", name: str = "one") -> GoldDocument:
    """The same, read."""
    return read_document(write(folder / "mill", name, text, facts))


NOTE = (
    "[Иван Зуев](PERSON#p1) работает в [[Газпром](ORGANIZATION#o2)-банке](ORGANIZATION#o1). "
    "{Он}(=p1) женат на [Анне](PERSON#p2). {Родилась}(0=p2) в [Твери](CITY#c1). "
    "[Пётр](PERSON#p3) там не работал."
)
NOTE_FACTS = """
# всё, что сказано
p1 WORKPLACE o1
p1 SPOUSE p2  // через местоимение
p2 PLACE_OF_BIRTH c1
! p3 WORKPLACE o1
"""


def note(folder: Path) -> GoldDocument:
    """A note with nested names, references and a denial."""
    return document(folder, NOTE, NOTE_FACTS)
