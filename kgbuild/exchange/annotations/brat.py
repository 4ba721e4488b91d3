"""brat's stand-off annotations as if a model had found them.

A folder holds pairs ``NAME.txt`` and ``NAME.ann`` (https://brat.nlplab.org/standoff.html).
:class:`BratExtractor` gives a text's annotations where a model would give its findings, so
they take the documents' ordinary way through resolution into the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from kgbuild.errors import FormatError, InputError, ReadError
from kgbuild.exchange.annotations.annotated import Labels
from kgbuild.read.documents import Known, Outcome, Refusal, Unchanged
from kgbuild.train.corpora import nerel
from kgbuild.types import Document, Extraction

FINGERPRINT = "brat:"
"""What the fingerprints of imported annotations begin with."""

_AS_THEY_STAND = Labels()


def find_annotated(folder: Path) -> list[Path]:
    """The texts of a brat folder, by name: every ``.txt`` and every ``.ann``'s.

    Raises:
        FormatError: the folder holds no ``.ann``.
    """
    annotations = set(folder.glob("*.ann"))
    if not annotations:
        raise FormatError(f"{folder}: no .ann files: give a folder of brat annotations")
    return sorted({path.with_suffix(".txt") for path in annotations} | set(folder.glob("*.txt")))


def read_annotated(path: Path) -> Document:
    """A text whose content is also its annotation: changed annotations make it another one.

    Raises:
        ReadError: the text can't be read.
        FormatError: there are no annotations beside it.
    """
    document = read_exact(path)
    content = hashlib.sha256(document.sha256.encode() + _annotation(path)).hexdigest()
    return Document(document.source, document.text, content, document.media_type)


def outcomes(path: Path, known: Known) -> Iterator[Outcome]:
    """The text as the pipeline wants it: a document, unchanged, or refused."""
    try:
        document = read_annotated(path)
    except InputError as error:
        yield Refusal(str(path), str(error))
        return
    same = known(document.source, document.sha256)
    yield Unchanged(document.source) if same else document


def _annotation(path: Path) -> bytes:
    try:
        return path.with_suffix(".ann").read_bytes()
    except OSError as error:
        raise FormatError(f"{path}: no annotations in {path.with_suffix('.ann').name}") from error


class BratExtractor:
    """The ``Extractor`` port over the annotations of the given texts.

    The fingerprint is ``brat:`` and a hash of all of them. Annotations are read when their
    text is asked for, so that a broken file is its own document's failure.
    """

    def __init__(self, paths: Sequence[Path], labels: Labels = _AS_THEY_STAND) -> None:
        self._paths: dict[str, Path] = {}
        self._labels = labels
        digest = hashlib.sha256(repr(sorted(labels.mapping.items())).encode())
        for path in paths:
            try:
                text = read_exact(path).text
                content = _annotation(path)
            except InputError:
                continue  # the pipeline meets the same error and reports it
            digest.update(path.name.encode() + b"\0" + text.encode() + b"\0" + content + b"\0")
            self._paths.setdefault(text, path)
        self._fingerprint = f"{FINGERPRINT}{digest.hexdigest()[:32]}"

    @property
    def fingerprint(self) -> str:
        """Names the annotations: it changes when one of them does."""
        return self._fingerprint

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """The annotations of each text.

        Raises:
            FormatError: they break the format, or the text isn't one of the folder's.
        """
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Extraction:
        path = self._paths.get(text)
        if path is None:
            raise FormatError("the text has no annotations of its own")
        gold = nerel.read_document(path.with_suffix(".ann"))
        if gold.text != text:
            raise FormatError(f"{path}: begins with a byte order mark, which shifts the offsets")
        return self._labels.extraction(gold.text, gold.mentions, gold.relations)


def read_exact(path: Path) -> Document:
    """A UTF-8 text exactly as it stands in its file, line ends and all.

    Raises:
        ReadError: it can't be opened, isn't UTF-8, or holds no text or NULs.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ReadError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ReadError(f"{path}: isn't UTF-8 (byte {error.start}): save it as UTF-8") from error
    if "\0" in text:
        raise ReadError(f"{path}: holds NUL characters: is it a text file?")
    if not text.strip():
        raise ReadError(f"{path}: holds no text")
    return Document(str(path), text, hashlib.sha256(data).hexdigest())
