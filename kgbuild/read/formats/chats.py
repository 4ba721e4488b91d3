"""Exports of chats: Telegram (JSON, HTML), WhatsApp (text), VK (HTML). A day of a chat is a
document, ``FILE#CHAT/2031-03-04``; each message stands under the name of who wrote it and
when, and is a place of its own. A reply says to whom and when he answers, without his words.

A day rather than a message: an answer is understood after its question, and a chat that grew
is read again only from the day on that changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from kgbuild.errors import ReadError
from kgbuild.read.encodings import decode
from kgbuild.read.formats.html import decode_html, parse_html
from kgbuild.read.formats.page import Element, seen_text
from kgbuild.read.parts import Item, Job, Kept, Part, Piece, Refused, assembled

TELEGRAM, WHATSAPP = "application/x-telegram+json", "text/x-whatsapp"
TELEGRAM_PAGE, VK_PAGE = "text/x-telegram+html", "text/x-vk+html"

_DAY = r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[APap]\.?[Mm]\.?)?"
_SENT = re.compile(rf"\u200e?\[?({_DAY}),?\s({_CLOCK})\]?(?:\s[-–—])?\s(.*)")
_SAID = re.compile(r"([^:]{1,80}):\s(.*)", re.DOTALL)
_OMITTED = re.compile(r"\u200e?(?:<[^<>]{1,60}>|[^\n]{0,80} omitted|.{1,80}\(файл добавлен\))")
_MONTHS = ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_VK_WHEN = re.compile(r"(\d{1,2}) ([а-я]{3})[а-я]* (\d{4}) в (\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote. ``answers`` is the id of the message that it replies to."""

    id: str
    author: str
    when: datetime
    text: str
    answers: str = ""


def is_whatsapp(head: bytes) -> bool:
    """Whether a text begins as an export of WhatsApp's: its first lines are times and names."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines()[:8] if line.strip()]
    if len(lines) < 2 or not _SENT.match(lines[0].lstrip("\ufeff")):
        return False
    sent = [found for line in lines if (found := _SENT.match(line.lstrip("\ufeff")))]
    return 2 * len(sent) > len(lines) and any(_SAID.match(found[3]) for found in sent)


def chat_page(head: bytes) -> str | None:
    """The kind of an HTML page that an export of a chat begins with."""
    if b'class="page_wrap"' in head and b'class="history"' in head:
        return TELEGRAM_PAGE
    if b"vk.com" in head and b'class="message' in head:
        return VK_PAGE
    return None


def read_telegram(job: Job) -> Iterator[Item]:
    """The days of each chat of a JSON export.

    Raises:
        ReadError: it isn't JSON, or no export of chats.
    """
    try:
        data = json.loads(decode(job.file.read()))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"isn't JSON: {error}") from error
    if not isinstance(data, Mapping):
        raise ReadError("is JSON, but no export of chats")
    chats = data.get("chats", {})
    listed = chats.get("list") if isinstance(chats, Mapping) else None
    each = listed if isinstance(listed, list) else [data]
    if not any(isinstance(chat, Mapping) and "messages" in chat for chat in each):
        raise ReadError("is JSON, but no export of chats")
    for chat in each:
        if isinstance(chat, Mapping):
            name = str(chat.get("name") or "") or ("Избранное" if listed else "")
            yield from _days(job, name, _telegram(chat.get("messages")))


def _telegram(messages: object) -> Iterator[Message]:
    for message in messages if isinstance(messages, list) else []:
        if not isinstance(message, Mapping) or message.get("type") != "message":
            continue
        text = _spoken(message.get("text"))
        try:
            when = datetime.fromisoformat(str(message.get("date")))
        except ValueError:
            continue
        author = str(message.get("from") or "")
        origin = message.get("forwarded_from")
        if origin:
            text = f"(переслано от: {origin})\n{text}"
        if text.strip():
            answers = message.get("reply_to_message_id")
            yield Message(str(message.get("id", "")), author, when, text,
                          "" if answers is None else str(answers))  # fmt: skip


def _spoken(text: object) -> str:
    """A text that is a string, or a list of strings and marked pieces."""
    if isinstance(text, str):
        return text
    pieces = text if isinstance(text, list) else []
    return "".join(
        piece if isinstance(piece, str) else str(piece.get("text", "")) for piece in pieces
        if isinstance(piece, str | Mapping)
    )  # fmt: skip


def read_whatsapp(job: Job) -> Iterator[Item]:
    """The days of a text export; a line without a time goes on the message before it."""
    yield from _days(job, "", _whatsapp(decode(job.file.read())))


def _whatsapp(text: str) -> Iterator[Message]:
    begun: list[tuple[str, str, list[str]]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        found = _SENT.match(line)
        if found:
            begun.append((found[1], found[2], [found[3]]))
        elif begun:
            begun[-1][2].append(line)
    american = _is_american([day for day, _, _ in begun])
    for number, (day, clock, lines) in enumerate(begun, 1):
        said = _SAID.match("\n".join(lines).strip())
        when = _when(day, clock, american)
        if said is None or when is None or _OMITTED.fullmatch(said[2].strip()):
            continue
        yield Message(str(number), said[1].strip("\u200e~ "), when, said[2].strip())


def _is_american(days: Iterable[str]) -> bool:
    """Whether the month stands before the day: some second number is more than twelve."""
    numbers = [tuple(map(int, re.split("[./-]", day)[:2])) for day in days if "/" in day]
    return any(second > 12 for _, second in numbers) and not any(f > 12 for f, _ in numbers)


def _when(day: str, clock: str, american: bool) -> datetime | None:
    first, second, third = map(int, re.split("[./-]", day))
    year, month, date = (first, second, third) if "-" in day else (third, second, first)
    if american:
        month, date = date, month
    hour, minute = (int(part[:2]) for part in clock.split(":")[:2])
    late, early = ("p" in clock.lower(), "a" in clock.lower())
    hour = hour % 12 + 12 * late if late or early else hour
    try:
        return datetime(year + 2000 * (year < 100), month, date, hour, minute)
    except ValueError:
        return None


def read_chat_page(job: Job) -> Iterator[Item]:
    """The days of an HTML export of Telegram's or VK's."""
    root = parse_html(decode_html(job.file.read()))
    title = next(
        (seen_text(one, False) for one in _with_class(root, {"page_header", "_header"})), ""
    )
    messages = list(_telegram_page(root)) or list(_vk_page(root))
    if not messages:
        raise ReadError("is the page of a chat, but holds no messages")
    yield from _days(job, title.strip().split("\n")[0][:80], messages)


def _telegram_page(root: Element) -> Iterator[Message]:
    author = ""
    for one in _with_class(root, {"message"}):
        if "default" not in _classes(one):
            continue
        names = [seen_text(n, False) for n in _with_class(one, {"from_name"})]
        author = names[0].strip() if names and "joined" not in _classes(one) else author
        stamp = next((n.attributes.get("title", "") for n in _with_class(one, {"date"})), "")
        found = re.match(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)", stamp)
        text = "\n".join(seen_text(n, False) for n in _with_class(one, {"text"}))
        if found and text.strip():
            day, month, year, hour, minute = map(int, found.groups())
            reply = next((link.attributes.get("href", "") for part in _with_class(one, {"reply_to"})
                          for link in _named(part, "a")), "")  # fmt: skip
            answers = re.search(r"go_to_message(\d+)", reply)
            id = one.attributes.get("id", "").removeprefix("message")
            yield Message(id, author, datetime(year, month, day, hour, minute), text,
                          answers[1] if answers else "")  # fmt: skip


def _vk_page(root: Element) -> Iterator[Message]:
    for number, one in enumerate(_with_class(root, {"message"}), 1):
        head = next(iter(_with_class(one, {"message__header"})), None)
        if head is None:
            continue
        line = seen_text(head, False).strip()
        found = _VK_WHEN.search(line)
        if found is None or found[2] not in _MONTHS:
            continue
        attached = list(_with_class(one, {"kludges"}))
        body = [child for child in _walk(one) if child is head or child in attached]
        text = seen_text(Element("div", {}, _without(one, body)), False)
        author = line[: found.start()].rstrip(" ,")
        when = datetime(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]),
                        int(found[4]), int(found[5]))  # fmt: skip
        if text.strip():
            yield Message(one.attributes.get("data-id", str(number)), author, when, text.strip())


def _without(element: Element, parts: list[Element]) -> list[Element | str]:
    """The children of an element and of those inside it, some parts left out."""
    kept: list[Element | str] = []
    for child in element.children:
        if isinstance(child, str):
            kept.append(child)
        elif not any(child is part for part in parts):
            kept.append(Element(child.name, child.attributes, _without(child, parts)))
    return kept


def _walk(root: Element) -> Iterator[Element]:
    stack = [root]
    while stack:
        element = stack.pop()
        yield element
        stack.extend(c for c in reversed(element.children) if isinstance(c, Element))


def _classes(element: Element) -> set[str]:
    return set(element.attributes.get("class", "").split())


def _with_class(root: Element, wanted: set[str]) -> Iterator[Element]:
    return (element for element in _walk(root) if _classes(element) & wanted)


def _named(root: Element, name: str) -> Iterator[Element]:
    return (element for element in _walk(root) if element.name == name)


def _days(job: Job, chat: str, messages: Iterable[Message]) -> Iterator[Item]:
    """The messages of a chat, a document a day; one that is there twice is read once."""
    seen: dict[str, Message] = {}
    for message in messages:
        seen.setdefault(message.id, message)
    ordered = sorted(seen.values(), key=lambda message: message.when.astimezone(UTC))
    shown = re.sub(r"[/#\x00-\x1f]", "_", chat)
    for day, group in groupby(ordered, key=lambda message: message.when.date()):
        name = f"{job.name}#{shown}{'/' if shown else ''}{day.isoformat()}"
        pieces = [Piece(_message(one, seen), "message", one.id) for one in group]
        try:
            text, places = assembled(pieces)
        except ReadError as error:
            yield Refused(name, str(error))
            continue
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        if job.known(name, sha256):
            yield Kept(name)
        else:
            yield Part(name, text, sha256, "text/plain", places)


def _message(message: Message, others: Mapping[str, Message]) -> str:
    head = f"{message.author or 'без имени'}, {message.when:%d.%m.%Y %H:%M}:"
    answered = others.get(message.answers)
    if answered is not None:
        author = answered.author or "без имени"
        head += f"\n(в ответ: {author}, {answered.when:%d.%m.%Y %H:%M})"
    return f"{head}\n{message.text.strip()}"
