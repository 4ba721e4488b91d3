"""Exports of chats: who wrote when, to whom he answers, nothing doubled."""

from __future__ import annotations

import json
from pathlib import Path

from kgbuild.read.structure import structure
from kgbuild.types import Document
from tests.read.support import outcomes

DAY = (
    "Зоя Лось, 04.03.2031 10:00:\nКто едет в Псков?\n\n"
    "Олег Рысь, 04.03.2031 10:05:\n(в ответ: Зоя Лось, 04.03.2031 10:00)\nЯ.\nЗавтра."
)
NEXT = "Зоя Лось, 05.03.2031 09:00:\nЖду в Пскове."


def read(path: Path, data: str) -> list[tuple[str, str]]:
    found = outcomes(path, data)
    assert all(isinstance(one, Document) for one in found), found
    return [
        (one.source.removeprefix(str(path)), one.text) for one in found if isinstance(one, Document)
    ]


def telegram(*messages: dict[str, object]) -> dict[str, object]:
    return {"name": "Поездка", "type": "private_group", "id": 1, "messages": list(messages)}


FIRST = {"id": 1, "type": "message", "date": "2031-03-04T10:00:00", "from": "Зоя Лось",
         "text": ["Кто едет в ", {"type": "bold", "text": "Псков"}, "?"]}  # fmt: skip
SECOND = {"id": 2, "type": "message", "date": "2031-03-04T10:05:00", "from": "Олег Рысь",
          "reply_to_message_id": 1, "text": "Я.\nЗавтра."}  # fmt: skip
THIRD = {"id": 3, "type": "message", "date": "2031-03-05T09:00:00", "from": "Зоя Лось",
         "text": "Жду в Пскове."}  # fmt: skip
OTHERS = ({"id": 4, "type": "service", "date": "2031-03-05T09:01:00", "actor": "Зоя", "text": ""},
          {"id": 5, "type": "message", "date": "2031-03-05T09:02:00", "from": "Зоя Лось",
           "photo": "a.jpg", "text": ""}, THIRD)  # fmt: skip


def test_telegram(tmp_path: Path) -> None:
    chat = telegram(FIRST, SECOND, THIRD, *OTHERS)
    wanted = [("#Поездка/2031-03-04", DAY), ("#Поездка/2031-03-05", NEXT)]
    assert read(tmp_path / "result.json", json.dumps(chat, ensure_ascii=False)) == wanted
    whole = {"about": "…" * 3000, "chats": {"about": "", "list": [chat]}}
    assert read(tmp_path / "all.json", json.dumps(whole)) == wanted
    forwarded = {**THIRD, "forwarded_from": "Яна Ёж"}
    [(_, text)] = read(tmp_path / "b.json", json.dumps(telegram(forwarded)))
    assert text == "Зоя Лось, 05.03.2031 09:00:\n(переслано от: Яна Ёж)\nЖду в Пскове."


def test_the_turns_of_a_day_are_seen_in_its_text() -> None:
    found = structure(DAY)
    assert [DAY[slice(*turn.speaker)] for turn in found.turns] == ["Зоя Лось", "Олег Рысь"]


def test_each_message_is_a_place(tmp_path: Path) -> None:
    [found] = outcomes(tmp_path / "a.json", json.dumps(telegram(FIRST, SECOND)))
    assert isinstance(found, Document)
    places = [(o.kind, o.value, found.text[o.start : o.end][:8]) for o in found.origins]
    assert places == [("message", "1", "Зоя Лось"), ("message", "2", "Олег Рыс")]


def test_other_json_is_refused(tmp_path: Path) -> None:
    [found] = outcomes(tmp_path / "a.json", '{"a": 1}')
    assert "no export of chats" in getattr(found, "reason", "")


def test_whatsapp(tmp_path: Path) -> None:
    wanted = [("#2031-03-04", DAY.replace("(в ответ: Зоя Лось, 04.03.2031 10:00)\n", "")),
              ("#2031-03-05", NEXT)]  # fmt: skip
    android = (
        "04.03.2031, 09:59 - Сообщения защищены сквозным шифрованием.\n"
        "04.03.2031, 10:00 - Зоя Лось: Кто едет в Псков?\n04.03.2031, 10:05 - Олег Рысь: Я.\nЗавтра.\n"
        "05.03.2031, 09:00 - Зоя Лось: Жду в Пскове.\n05.03.2031, 09:01 - Зоя Лось: <Без медиафайлов>\n"
    )
    assert read(tmp_path / "android.txt", android) == wanted
    apple = (
        "[04.03.2031, 10:00:01] Зоя Лось: Кто едет в Псков?\n[04.03.2031, 10:05:44] Олег Рысь: Я.\n"
        "Завтра.\n\u200e[05.03.2031, 09:00:00] Зоя Лось: Жду в Пскове.\n"
    )
    assert read(tmp_path / "apple.txt", apple) == wanted
    american = (
        "3/4/31, 10:00 AM - Зоя Лось: Кто едет в Псков?\n3/4/31, 10:05 AM - Олег Рысь: Я.\nЗавтра.\n"
        "3/5/31, 9:00 AM - Зоя Лось: Жду в Пскове.\n3/15/31, 1:00 PM - Зоя Лось: Дома.\n"
    )
    assert read(tmp_path / "us.txt", american)[:2] == wanted


def test_a_diary_is_no_chat(tmp_path: Path) -> None:
    text = "04.03.2031 был дождь.\nЗоя: ждём.\nПотом снег.\nИ опять дождь."
    assert read(tmp_path / "a.txt", text) == [("", text)]


def test_pages_of_telegram_and_vk(tmp_path: Path) -> None:
    def message(id: int, when: str, name: str, text: str, more: str = "") -> str:
        joined = "" if name else " joined"
        shown = f'<div class="from_name">{name}</div>' if name else ""
        return (f'<div class="message default clearfix{joined}" id="message{id}"><div class="body">'
                f'<div class="pull_right date details" title="{when}">10:00</div>{shown}{more}'
                f'<div class="text">{text}</div></div></div>')  # fmt: skip

    reply = '<div class="reply_to details">In reply to <a href="#go_to_message1">this</a></div>'
    page = ('<html><body><div class="page_wrap"><div class="page_header"><div class="text bold">Поездка'
            '</div></div><div class="page_body chat_page"><div class="history">'
            + message(1, "04.03.2031 10:00:00", "Зоя Лось", "Кто едет в <b>Псков</b>?")
            + message(2, "04.03.2031 10:05:00", "Олег Рысь", "Я.<br>Завтра.", reply)
            + message(3, "05.03.2031 09:00:00", "Зоя Лось", "Жду в Пскове.")
            + message(4, "05.03.2031 09:01:00", "", "Скорее.") + "</div></div></div></body></html>")  # fmt: skip
    assert read(tmp_path / "messages.html", page) == [
        ("#Поездка/2031-03-04", DAY),
        ("#Поездка/2031-03-05", f"{NEXT}\n\nЗоя Лось, 05.03.2031 09:01:\nСкорее."),
    ]
    vk = ('<html><head><base href="https://vk.com/"></head><body><div class="wrap_page_content">'
          '<div class="item"><div class="message" data-id="7"><div class="message__header">'
          '<a href="/id1">Зоя Лось</a>, 5 мар 2031 в 9:00:00</div><div>Жду в Пскове.<div class="kludges">'
          '<div class="attachment">Фотография</div></div></div></div></div></div></body></html>')  # fmt: skip
    assert read(tmp_path / "messages0.html", vk) == [("#2031-03-05", NEXT)]
