"""odt (OpenDocument text): paragraphs, headings, lists and tables in reading order."""

from __future__ import annotations

from collections.abc import Iterator

from kgbuild.read.parts import Job, Piece
from kgbuild.read.zips import Archive, Handlers, parse_xml

_LEFT_OUT = {"tracked-changes", "annotation", "scripts", "font-face-decls", "automatic-styles"}
MOST_SPACES = 100


def read_odt(job: Job) -> Iterator[Piece]:
    """The whole text as one piece."""
    yield Piece(_text(Archive(job.file).read("content.xml")))


def _text(data: bytes) -> str:
    out: list[str] = []
    depth = {"p": 0, "left out": 0, "cell": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name in _LEFT_OUT:
            depth["left out"] += 1
        elif name in ("p", "h"):
            depth["p"] += 1
        elif name == "table-cell":
            depth["cell"] += 1
        elif not depth["left out"] and depth["p"]:
            if name == "s":
                count = attributes.get("c", "1")
                out.append(" " * min(MOST_SPACES, int(count) if count.isdecimal() else 1))
            elif name in ("tab", "line-break"):
                out.append("\t" if name == "tab" else "\n")

    def end(name: str) -> None:
        if name in _LEFT_OUT:
            depth["left out"] -= 1
        elif name in ("p", "h"):
            depth["p"] -= 1
            if not depth["left out"]:
                out.append("\n" if depth["cell"] else "\n\n")
        elif name == "table-cell":
            depth["cell"] -= 1
            while out and out[-1] == "\n":
                out.pop()
            out.append("\t")
        elif name in ("table-row", "table"):
            out.append("\n")

    def text(data: str) -> None:
        if depth["p"] and not depth["left out"]:
            out.append(data)

    parse_xml(data, Handlers(start, end, text))
    return "".join(out).strip("\n")
