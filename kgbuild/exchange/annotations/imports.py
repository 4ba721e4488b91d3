"""The formats of annotated documents by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgbuild.errors import InputError
from kgbuild.exchange.annotations import brat
from kgbuild.exchange.annotations.annotated import AnnotatedFiles, FormatReader, Labels
from kgbuild.exchange.annotations.conll import read_conll
from kgbuild.exchange.annotations.label_studio import read_label_studio
from kgbuild.exchange.annotations.spacy_lines import read_spacy
from kgbuild.ports import Extractor
from kgbuild.read.documents import Known, Outcome

_FILES: dict[str, tuple[FormatReader, tuple[str, ...]]] = {
    "conll": (read_conll, (".conll", ".bio", ".iob", ".tsv", ".txt")),
    "spacy": (read_spacy, (".jsonl",)),
    "label-studio": (read_label_studio, (".json",)),
}
"""Format → its reader, and how its files in a folder end."""

FORMATS = ("brat", *_FILES)
FINGERPRINTS = tuple(f"{format}:" for format in FORMATS)
"""What the fingerprints of imported annotations begin with."""


@dataclass(frozen=True, slots=True)
class Given:
    """Annotated documents as the pipeline takes them."""

    paths: Sequence[Path]
    read: Callable[[Path, Known], Iterator[Outcome]]
    extractor: Extractor


def opened(path: Path, format: str, labels: Labels) -> Given:
    """The documents of a file or folder.

    Raises:
        InputError: there is nothing of the format.
    """
    if format == "brat":
        paths = brat.find_annotated(path)
        return Given(paths, brat.outcomes, brat.BratExtractor(paths, labels))
    if format not in _FILES:
        raise InputError(f"no format {format!r}: the formats are {', '.join(FORMATS)}")
    read, endings = _FILES[format]
    paths = [path]
    if path.is_dir():
        paths = sorted(p for p in path.iterdir() if p.suffix.lower() in endings)
        if not paths:
            raise InputError(f"{path}: holds no files that end in {', '.join(endings)}")
    files = AnnotatedFiles(format, read, paths, labels)
    return Given(paths, files, files)
