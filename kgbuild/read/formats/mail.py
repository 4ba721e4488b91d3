"""eml: the headers that tell who wrote to whom, a field a line, and the body; what is attached,
a forwarded letter too, is a document of its own."""

from __future__ import annotations

import email
import email.header
import email.policy
import mimetypes
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message

from kgbuild.errors import ReadError
from kgbuild.read.encodings import decode
from kgbuild.read.formats.html import decode_html, shown_text
from kgbuild.read.parts import Job, Piece

HEADERS = ("From", "To", "Cc", "Date", "Subject")
MOST_PARTS = 1000
_AS_IT_STANDS = email.policy.default.clone(refold_source="none")
LETTER = "message/rfc822"
_DECORATION = ("image/", "application/pgp-signature", "application/pkcs7-signature",
               "application/x-pkcs7-signature")  # fmt: skip
"""Parts that, without a name, belong to the look or the delivery of a letter."""
_ENCODED = re.compile(r"=\?[\w.-]+\?[bq]\?", re.IGNORECASE)


def read_mail(job: Job) -> Iterator[Piece]:
    """The headers, then the body: its plain version, else its HTML.

    Raises:
        ReadError: it has no headers of a letter.
    """
    message = _message(job)
    body = message.get_body(("plain", "html"))
    charset = None if body is None else body.get_content_charset()
    head = [f"{name}: {value}" for name in HEADERS if (value := _header(message, name, charset))]
    if not head:
        raise ReadError("has no headers of a letter")
    yield Piece("\n".join(head), "part", "headers")
    if body is not None:
        data = _payload(body)
        html = body.get_content_type() == "text/html"
        text = decode_html(data) if html and charset is None else _decoded(data, charset)
        text = shown_text(text) if html else text
        if text.strip():
            yield Piece(text, "part", "body")


def attachments(job: Job) -> Iterator[tuple[str, bytes]]:
    """The name and content of each part that isn't the body; one without a name has its number.

    A text comes as UTF-8, whatever its part says it is written in.
    """
    message = _message(job)
    body = message.get_body(("plain", "html"))
    for number, part in enumerate(_others(message, body), 1):
        if number > MOST_PARTS:
            raise ReadError(f"has more than {MOST_PARTS} attachments")
        type, name = part.get_content_type(), part.get_filename()
        if not name:
            if type.startswith(_DECORATION):
                continue
            suffix = ".eml" if type == LETTER else mimetypes.guess_extension(type) or ""
            name = f"part{number}{suffix}"
        elif type == LETTER and not name.lower().endswith(".eml"):
            name += ".eml"
        data = _payload(part)
        if type == "text/plain":
            data = _decoded(data, part.get_content_charset()).encode("utf-8", "replace")
        yield name, data


def _others(message: EmailMessage, body: Message | None) -> Iterator[Message]:
    """The parts in order, save the body and other versions of it; a letter inside is one part."""
    stack: list[tuple[Message, bool]] = [(message, False)]
    while stack:
        part, of_body = stack.pop()
        inside = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inside, list):
            parts = [one for one in inside if isinstance(one, Message)]
            alternative = part.get_content_subtype() == "alternative"
            of_body |= alternative and any(one is body for root in parts for one in root.walk())
            stack += [(one, of_body) for one in reversed(parts)]
        elif part is not body:
            version = of_body and part.get_content_maintype() == "text" and not part.get_filename()
            if not version:
                yield part


def _message(job: Job) -> EmailMessage:
    job.file.seek(0)
    found = email.message_from_binary_file(job.file, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _header(message: EmailMessage, name: str, charset: str | None) -> str:
    """A header's value on one line; raw letters in it are of the body's charset, if of any."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            raw = str(value).encode("utf-8", "surrogateescape")
            text = raw.decode("ascii") if raw.isascii() else _decoded(raw, charset)
            return " ".join(_unencoded(text).split())
    return ""


def _unencoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; those side by side are decoded together, for a letter
    may be cut between them."""
    if not _ENCODED.search(value):
        return value
    try:
        pieces = email.header.decode_header(value)
    except (ValueError, TypeError, email.errors.HeaderParseError):
        return value
    out: list[str] = []
    for piece, charset in pieces:
        out.append(piece if isinstance(piece, str) else _word(piece, charset))
    return "".join(out)


def _word(data: bytes, charset: str | None) -> str:
    if charset is None:
        return data.decode("utf-8", "replace")
    return _decoded(data, charset)


def _payload(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    if isinstance(data, bytes):
        return data
    inside = part.get_payload()
    if part.get_content_type() == LETTER and isinstance(inside, list):
        letters = (one for one in inside if isinstance(one, Message))
        return b"".join(one.as_bytes(policy=_AS_IT_STANDS) for one in letters)
    return part.as_bytes() if part.is_multipart() else b""


def _decoded(data: bytes, said: str | None) -> str:
    """UTF-8 that is such, else by what is said, else by its letters."""
    try:
        return data.decode("utf-8") if said is None or not data.isascii() else data.decode(said)
    except (UnicodeDecodeError, LookupError):
        pass
    try:
        return data.decode(said) if said else decode(data)
    except (UnicodeDecodeError, LookupError):
        return decode(data)
