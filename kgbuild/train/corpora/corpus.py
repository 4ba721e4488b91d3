"""What a run learns from: annotated documents, with a person's corrections in their place.

A correction is a brat document that a person has gone through. It is read like any other,
so it says what is false by leaving it out: every span that isn't annotated is a negative of
NER, and every ordered pair of its mentions without a relation is a negative of relations.
A rejected fact is therefore a relation taken out of the file (its mentions stay), a rejected
mention an annotation taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import FormatError
from kgbuild.extract.batch import RELATION_INDEX, TYPE_INDEX
from kgbuild.train.corpora.dossiers import read_dossiers
from kgbuild.train.corpora.nerel import GoldDocument, in_folds, read_folder


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents to learn from, and those kept aside for calibration and thresholds."""

    train: tuple[GoldDocument, ...]
    held_out: tuple[GoldDocument, ...]


def read_corpus(
    data: Sequence[Path], extra: Sequence[Path] = (), held_out: int = 0, weight: int = 1
) -> Corpus:
    """The documents of the ``data`` folders (brat annotations or dossiers) in two parts, and of
    each ``extra`` folder ``weight`` times.

    A corrected document takes the place of the one of its name, in a later folder of the one
    in an earlier. It is learnt from, so it is never held out; the others stay in their part.

    Raises:
        FormatError: a folder can't be read, or a correction uses labels that aren't known.
    """
    corrected = {d.name: d for folder in extra for d in read_folder(folder)}
    for document in corrected.values():
        _check_labels(document)
    train: list[GoldDocument] = []
    aside: list[GoldDocument] = []
    for folder in data:
        parts = _parts(folder, held_out)
        for part, documents in zip((train, aside), parts, strict=True):
            part += [d for d in documents if d.name not in corrected]
    return Corpus((*train, *(list(corrected.values()) * weight)), tuple(aside))


def read_gold(folder: Path) -> list[GoldDocument]:
    """The annotated documents of a folder: of brat files, of a dossier or of several.

    Raises:
        FormatError: it holds none, or one can't be read.
    """
    return read_folder(folder) if any(folder.glob("*.ann")) else read_dossiers(folder)


def _parts(folder: Path, held_out: int) -> Iterator[list[GoldDocument]]:
    """Documents to learn from and to keep aside: of dossiers whole ones are kept aside."""
    if any(folder.glob("*.ann")):
        yield from in_folds(read_folder(folder), held_out)
        return
    documents = read_dossiers(folder)
    names = list(dict.fromkeys(d.name.split("/")[0] for d in documents))
    for part in in_folds(names, held_out and max(held_out * len(names) // len(documents), 1)):
        yield [d for d in documents if d.name.split("/")[0] in part]


def _check_labels(document: GoldDocument) -> None:
    used = {m.type for m in document.mentions} - set(TYPE_INDEX)
    used |= {r.relation for r in document.relations} - set(RELATION_INDEX)
    if used:
        raise FormatError(f"{document.name}: unknown types or relations: {', '.join(sorted(used))}")
