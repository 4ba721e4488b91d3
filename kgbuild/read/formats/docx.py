"""docx (Office Open XML): paragraphs and tables in reading order, then notes.

Text in boxes and fields is read too; deleted text of tracked changes isn't.
"""

from __future__ import annotations

from collections.abc import Iterator

from kgbuild.read.parts import Job, Piece
from kgbuild.read.zips import Archive, Handlers, parse_xml

STORIES = (("word/document.xml", ""), ("word/footnotes.xml", "footnotes"),
           ("word/endnotes.xml", "endnotes"))  # fmt: skip
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "‑", "softHyphen": "\u00ad"}


def read_docx(job: Job) -> Iterator[Piece]:
    """The body, then foot- and endnotes, each a piece."""
    archive = Archive(job.file)
    for member, value in STORIES:
        if not value or member in archive:
            text = _text(archive.read(member))
            if text.strip() or not value:
                yield Piece(text, "part" if value else "", value)


def _text(data: bytes) -> str:
    out: list[str] = []
    depth = {"t": 0, "del": 0, "Fallback": 0, "tc": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name in depth:
            depth[name] += 1
        if name in _BREAKS and not _hidden():
            out.append(_BREAKS[name])

    def end(name: str) -> None:
        if name in depth:
            depth[name] -= 1
        if name == "p" and not _hidden():
            out.append("\n" if depth["tc"] else "\n\n")
        elif name == "tc":
            while out and out[-1].strip(" ") in ("\n", "\n\n"):
                out.pop()
            out.append("\t")
        elif name in {"tr", "tbl"}:
            out.append("\n")

    def text(data: str) -> None:
        if depth["t"] and not _hidden():
            out.append(data)

    def _hidden() -> bool:
        # A Fallback repeats, for older programs, the text of the box beside it.
        return bool(depth["del"] or depth["Fallback"])

    parse_xml(data, Handlers(start, end, text))
    return "".join(out).strip("\n")
