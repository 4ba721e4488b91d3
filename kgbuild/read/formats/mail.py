"""eml: the headers that tell who wrote to whom, and the body; attachments are members."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart

from kgbuild.errors import ReadError
from kgbuild.read.encodings import decode
from kgbuild.read.formats.html import decode_html, shown_text
from kgbuild.read.parts import Job, Piece

HEADERS = ("From", "To", "Cc", "Date", "Subject")
MOST_PARTS = 1000


def read_mail(job: Job) -> Iterator[Piece]:
    """The headers, then the body: its plain version, else its HTML.

    Raises:
        ReadError: it has no headers of a letter.
    """
    message = _message(job)
    head = [f"{name}: {value}" for name in HEADERS if (value := _header(message, name))]
    if not head:
        raise ReadError("has no headers of a letter")
    yield Piece("\n".join(head), "part", "headers")
    body = message.get_body(("plain", "html"))
    if body is not None:
        data = _payload(body)
        html = body.get_content_type() == "text/html"
        text = shown_text(decode_html(data)) if html else _decoded(data, body)
        if text.strip():
            yield Piece(text, "part", "body")


def attachments(job: Job) -> Iterator[tuple[str, bytes]]:
    """The name and content of each file attached."""
    for number, part in enumerate(_message(job).iter_attachments(), 1):
        if number > MOST_PARTS:
            raise ReadError(f"has more than {MOST_PARTS} attachments")
        name = part.get_filename()
        if name:
            yield name, _payload(part)


def _message(job: Job) -> EmailMessage:
    job.file.seek(0)
    found = email.message_from_binary_file(job.file, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _header(message: EmailMessage, name: str) -> str:
    try:
        value = message[name]
    except (ValueError, IndexError, AttributeError, TypeError):  # the parser's own on nonsense
        return ""
    return "" if value is None else " ".join(str(value).split())


def _payload(part: MIMEPart) -> bytes:
    data = part.get_payload(decode=True)
    if isinstance(data, bytes):
        return data
    return part.as_bytes() if part.is_multipart() else b""


def _decoded(data: bytes, part: MIMEPart) -> str:
    said = part.get_content_charset()
    try:
        return data.decode(said) if said else decode(data)
    except (UnicodeDecodeError, LookupError):
        return decode(data)
