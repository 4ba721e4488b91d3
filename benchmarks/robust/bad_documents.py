"""A corpus of bad input, made by a seed, put in by the real command line.

    python benchmarks/robust/bad_documents.py [--files 1000] [--seed 1] [--texts FOLDER] [--real]

Prints what became of the files of each format, the share of texts whose encoding was
recognised, and every reason for a refusal with its count. Exits 1 where the command aborted,
lost a file, or recognised fewer than 99% of the encodings. Without --real cheap stand-ins
take the models' place: the claim is about reading.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENCODINGS = ("utf-8", "utf-8-sig", "cp1251", "koi8-r", "cp866", "mac-cyrillic",
             "utf-16", "utf-16-le", "utf-16-be")  # fmt: skip
LEAST = 200

FAKE = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from fakes import FakeEmbedder, FakeExtractor
from kgbuild import wiring
wiring.make_extractor = lambda settings: FakeExtractor()
wiring.make_embedder = lambda settings: FakeEmbedder()
from kgbuild.cli import main
main()
"""


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(text: str, head: str = "") -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.split("\n"))
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    page = f'<?xml version="1.0"?>{head}<w:document {space}><w:body>{body}</w:body></w:document>'
    return zipped({"word/document.xml": page.encode()})


def odt(text: str) -> bytes:
    lines = "".join(f"<t:p>{line}</t:p>" for line in text.split("\n"))
    page = f'<o:d xmlns:o="urn:o" xmlns:t="urn:t">{lines}</o:d>'
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text",
                   "content.xml": page.encode()})  # fmt: skip


def epub(text: str) -> bytes:
    package = ('<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
               '</manifest><spine><itemref idref="a"/></spine></package>')  # fmt: skip
    return zipped({
        "META-INF/container.xml": b'<c><rootfile full-path="o/p.opf"/></c>',
        "o/p.opf": package.encode(),
        "o/a.xhtml": html(text),
    })  # fmt: skip


def html(text: str) -> bytes:
    lines = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return f"<!doctype html><html><body>{lines}</body></html>".encode()


def rtf(text: str) -> bytes:
    body = "".join(c if c.isascii() else "".join(f"\\'{b:02x}" for b in c.encode("cp1251", "replace"))
                   for c in text)  # fmt: skip
    return f"{{\\rtf1\\ansi\\ansicpg1251 {body}\\par}}".encode("ascii")


def pdf(pages: list[bytes], filtered: bool = False) -> bytes:
    """A PDF whose pages have these content streams."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    kids = []
    for stream in pages:
        how = b"/Filter/FlateDecode" if filtered else b""
        objects.append(b"<<%s/Length %d>>stream\n%s\nendstream" % (how, len(stream), stream))
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R"
                       b"/Resources<</Font<</F 3 0 R>>>>>>" % len(objects))  # fmt: skip
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, at = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in at)
    return out + (b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
                  % (len(at) + 1, table, len(at) + 1, len(out)))  # fmt: skip


def pdf_text(words: str) -> bytes:
    return b"BT /F 12 Tf 50 700 Td (" + words.encode("ascii", "replace") + b") Tj ET"


def eml(text: str) -> bytes:
    head = "From: a@example.org\nSubject: =?utf-8?b?0J/RgNC40LLQtdGC?=\nMIME-Version: 1.0\n"
    body = base64.encodebytes(text.encode("koi8-r", "replace")).decode()
    return f"{head}Content-Type: text/plain; charset=koi8-r\nContent-Transfer-Encoding: base64\n\n{body}".encode()


def csv(text: str) -> bytes:
    rows = (line.replace('"', '""') for line in text.split("\n") if line.strip())
    return ("id;text\n" + "".join(f'{n};"{row}"\n' for n, row in enumerate(rows))).encode(
        "cp1251", "replace"
    )


def jsonl(text: str) -> bytes:
    return "".join(
        json.dumps({"text": line}) + "\n" for line in text.split("\n") if line.strip()
    ).encode()


FORMATS: dict[str, Callable[[str], bytes]] = {
    "html": html, "docx": docx, "odt": odt, "epub": epub, "rtf": rtf, "eml": eml, "csv": csv,
    "jsonl": jsonl, "pdf": lambda text: pdf([pdf_text("Ivan Petrov lives in Moscow. " * 3)] * 2),
    "zip": lambda text: zipped({"a.txt": text.encode("cp866", "replace"), "b/c.html": html(text)}),
}  # fmt: skip
"""Suffix → a sound file of this text."""


ENTITIES = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
BOMB = 300 << 20


def nested(text: str) -> bytes:
    nest = zipped({"a.txt": text.encode()})
    for _ in range(6):
        nest = zipped({"in.zip": nest})
    return nest


def bomb_pdf(text: str) -> bytes:
    return pdf([zlib.compress(b"0 " * (BOMB // 2), 9)], filtered=True)


HOSTILE: dict[str, Callable[[str], bytes]] = {
    "bomb.zip": lambda text: zipped({"zeros.txt": b"0" * BOMB, "good.txt": text.encode()}),
    "entities.docx": lambda text: docx(text, ENTITIES),
    "outside.docx": lambda text: docx(text, OUTSIDE),
    "bomb.docx": lambda text: zipped({"word/document.xml": b"<a>" + b" " * BOMB}),
    "traversal.zip": lambda text: zipped({"../../evil.txt": text.encode(), "/etc/evil.txt": b"x",
                                          "C:\\evil.txt": b"x", "good.txt": text.encode()}),
    "nested.zip": nested, "bomb.pdf": bomb_pdf,
    "deep.jsonl": lambda text: b"[" * 500_000 + b"\n" + jsonl(text),
    "deep.html": lambda text: b"<div>" * 200_000 + html(text),
    "deep.docx": lambda text: docx("<w:p>" * 100_000),
    "quotes.html": lambda text: b'<a href="' * 100_000,
    "comments.html": lambda text: b"<!--" * 250_000 + b"x",
    "deep.rtf": lambda text: b"{\\rtf1 " + b"{" * 200_000,
    "columns.csv": lambda text: b"a;b\n1;2\n",
    "doc.txt": lambda text: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "image.txt": lambda text: b"\x89PNG\r\n\x1a\n" + bytes(99),
    "nul.txt": lambda text: text.encode() + bytes(len(text)),
    "spaces.txt": lambda text: b" \n" * 99, "empty.txt": lambda text: b"",
    "surrogate.jsonl": lambda text: b'{"text": "\\ud800 ' + b'Ivan"}\n',
    "broken.eml": lambda text: b"=?utf-8?b?\xff" * 99,
    "marks.txt": lambda text: "а".encode() + "\u0316\u0301".encode() * 200_000,
}  # fmt: skip
"""Name → a file around this text: bombs, entities, paths that lead out, nesting."""


def spoiled(data: bytes, how: str, r: random.Random) -> bytes:
    if how == "cut":
        return data[: r.randrange(len(data))]
    if how == "flipped":
        changed = bytearray(data)
        for _ in range(max(1, len(data) // 200)):
            changed[r.randrange(len(data))] = r.randrange(256)
        return bytes(changed)
    if how == "holed":
        at = r.randrange(len(data))
        return data[:at] + bytes(r.randrange(50)) + data[at + r.randrange(100) :]
    return r.randbytes(r.randrange(1, 4000))


def wanted(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def make(folder: Path, texts: list[str], files: int, r: random.Random) -> dict[str, str]:
    """Fill a folder; gives the text of each file whose encoding is to be recognised."""
    expected: dict[str, str] = {}
    for name, made in HOSTILE.items():
        (folder / name).write_bytes(made(texts[0]))
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "nowhere.txt").symlink_to("gone")
    os.mkfifo(folder / "pipe.txt")
    left = files - sum(1 for _ in folder.iterdir())
    encoded = left * 2 // 5
    for number in range(encoded):
        encoding = ENCODINGS[number % len(ENCODINGS)]
        text = r.choice(texts)
        at = r.randrange(len(text) - LEAST)
        piece = text[at : at + r.randrange(LEAST, 2000)]
        piece = piece.replace("\n", r.choice(("\n", "\r\n", "\r")))
        if encoding == "utf-8" and r.random() < 0.5:
            piece = unicodedata.normalize("NFD", piece)
        data = piece.encode(encoding, "replace")
        name = f"text{number:04}-{encoding}.txt"
        (folder / name).write_bytes(data)
        expected[name] = wanted(data.decode(encoding).lstrip("\ufeff"))
    kinds = list(FORMATS)
    for number in range(left - encoded):
        suffix = kinds[number % len(kinds)]
        how = ("whole", "cut", "flipped", "holed", "random")[number // len(kinds) % 5]
        data = FORMATS[suffix](r.choice(texts)[:1500].replace("&", " ").replace("<", " "))
        data = data if how == "whole" else spoiled(data, how, r)
        (folder / f"{how}{number:04}.{suffix}").write_bytes(data)
    return expected


def ingest(folder: Path, store: Path, real: bool) -> subprocess.CompletedProcess[str]:
    code = FAKE.format(root=str(ROOT), tests=str(ROOT / "tests"))
    program = [str(ROOT / "cli.py")] if real else ["-c", code]
    return subprocess.run(
        [sys.executable, *program, "ingest", str(folder), "--store", str(store), "--json"],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--texts", type=Path, default=ROOT / "examples" / "docs")
    parser.add_argument("--real", action="store_true", help="with the embedded models")
    given = parser.parse_args(argv)
    texts = [p.read_text("utf-8") for p in sorted(given.texts.glob("*.txt"))]
    texts = [text for text in texts if len(text) > 2 * LEAST]
    with tempfile.TemporaryDirectory(prefix="bad-") as place:
        folder, store = Path(place) / "docs", Path(place) / "kg"
        folder.mkdir()
        expected = make(folder, texts, given.files, random.Random(given.seed))
        began = time.monotonic()
        result = ingest(folder, store, given.real)
        seconds = time.monotonic() - began
        if result.returncode not in (0, 3) or not result.stdout:
            print(result.stderr[-3000:])
            print(f"ABORTED with exit code {result.returncode}")
            return 1
        return report(
            folder, store, expected, json.loads(result.stdout), result.returncode, seconds
        )


def stored(store: Path) -> dict[str, str]:
    sys.path.insert(0, str(ROOT))
    from storage.sql import SqlStore

    with SqlStore.open(store / "graph.db", readonly=True) as opened:
        return {document.source: document.text for document in opened.documents()}


def report(
    folder: Path, store: Path, expected: dict[str, str], said: dict, code: int, seconds: float
) -> int:
    texts = stored(store)
    failed = {f["document"]: f["reason"] for f in said["failed"]}
    sources = [*texts, *failed, *said["passed_over"], *said["links_not_followed"]]
    held = {re.split(r"!/|#", s[len(str(folder)) + 1 :])[0] for s in sources}
    names = sorted(p.name for p in folder.iterdir())
    lost = [name for name in names if name not in held]
    table: dict[str, Counter[str]] = {}
    for name in names:
        mine = str(folder / name)
        row = table.setdefault(Path(name).suffix or "folder", Counter())
        row["files"] += 1
        row["documents"] += sum(s == mine or s.startswith((mine + "!", mine + "#")) for s in texts)
        row["refusals"] += sum(s == mine or s.startswith((mine + "!", mine + "#")) for s in failed)
    print(f"{'format':8}{'files':>7}{'documents':>11}{'refusals':>10}")
    for suffix, row in sorted(table.items()):
        print(f"{suffix:8}{row['files']:7}{row['documents']:11}{row['refusals']:10}")
    right = Counter[str]()
    for name, text in expected.items():
        right[name.split("-", 1)[1][:-4]] += texts.get(str(folder / name)) == text
    total = Counter(name.split("-", 1)[1][:-4] for name in expected)
    print("\nencodings right:", ", ".join(f"{e} {right[e]}/{n}" for e, n in total.items()))
    share = right.total() / max(1, total.total())
    print(f"encodings right in all: {right.total()} of {total.total()} ({share:.4f})")
    reasons = Counter(
        re.sub(r"\d[\d,.]*", "N", reason.replace(source + ": ", ""))[:90]
        for source, reason in failed.items()
    )
    print("\nrefusals by reason:")
    for reason, count in reasons.most_common():
        print(f"{count:5}  {reason!r}")
    print(
        f"\nexit code {code}; {len(names)} files, {len(lost)} without a word {lost[:5]}; {seconds:.0f} s"
    )
    return 0 if code == 3 and not lost and share >= 0.99 else 1


if __name__ == "__main__":
    sys.exit(main())
