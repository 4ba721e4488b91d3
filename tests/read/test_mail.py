"""Letters: fields, body, what is attached and what is forwarded."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from pathlib import Path

import pytest

from kgbuild.types import Document
from tests.read.support import members, outcomes, text_of

BODY = "Прасковья Гребнева переехала в Кострому."


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "utf-8", "cp866"])
def test_raw_letters_of_a_header_are_of_the_charset_of_the_body(
    tmp_path: Path, charset: str
) -> None:
    head = f"From: Глеб <g@x.ru>\nSubject: Переезд Прасковьи\nContent-Type: text/plain; charset={charset}\n"
    data = f"{head}Content-Transfer-Encoding: 8bit\n\n{BODY}\n".encode(charset)
    assert text_of(tmp_path / "a.eml", data).rstrip() == (
        f"From: Глеб <g@x.ru>\nSubject: Переезд Прасковьи\n\n{BODY}"
    )


def test_an_encoded_word_that_is_cut_inside_a_letter(tmp_path: Path) -> None:
    raw = "Переезд".encode()
    words = "\n ".join(
        f"=?utf-8?B?{base64.b64encode(part).decode()}?=" for part in (raw[:5], raw[5:])
    )
    assert text_of(tmp_path / "a.eml", f"Subject: {words}\n\n{BODY}").startswith(
        "Subject: Переезд\n"
    )


def test_an_encoded_word_of_an_unknown_charset_is_told_by_its_letters(tmp_path: Path) -> None:
    word = base64.b64encode("Переезд Прасковьи в Кострому".encode("cp1251")).decode()
    text = text_of(tmp_path / "a.eml", f"Subject: =?x-unknown?B?{word}?=\n\n{BODY}")
    assert text.startswith("Subject: Переезд Прасковьи в Кострому\n")


def test_forwarded_letters_and_unnamed_parts_are_documents_of_their_own(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "Яков <y@x.ru>", "Внутри"
    inner.set_content("Яков живёт в Туле.", charset="koi8-r")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@x.ru", "Снаружи"
    outer.set_content(BODY)
    outer.add_alternative(f"<p>{BODY}</p><p hidden>Тайна.</p>", subtype="html")
    outer.add_attachment(inner)
    outer.add_attachment("Вторая часть: Зоя.", charset="windows-1251", disposition="inline")
    outer.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png")
    outer.add_attachment(b"...", maintype="audio", subtype="ogg", filename="голос.ogg")
    found = outcomes(tmp_path / "a.eml", outer.as_bytes())
    assert list(members(found)) == [
        ("", "Document"), ("part1.eml", "Document"), ("part2.txt", "Document"),
        ("голос.ogg", "PassedOver"),
    ]  # fmt: skip
    shown = [one.text.rstrip() for one in found if isinstance(one, Document)]
    assert shown == [
        f"From: a@x.ru\nSubject: Снаружи\n\n{BODY}",
        "From: Яков <y@x.ru>\nSubject: Внутри\n\nЯков живёт в Туле.",
        "Вторая часть: Зоя.",
    ]


def test_a_letter_of_html_is_what_its_reader_sees(tmp_path: Path) -> None:
    html = f"<div style='display:none'>Тайна.</div><div class=footer>{BODY}</div>"
    data = f"Subject: x\nContent-Type: text/html; charset=cp1251\n\n{html}".encode("cp1251")
    assert text_of(tmp_path / "a.eml", data) == f"Subject: x\n\n{BODY}"
