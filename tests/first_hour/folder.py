"""Fifteen files as a newcomer's folder has them: every text is invented for this test."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

PRESS = """Верфь «Белый парус» сменила руководителя

3 февраля 2020 года генеральным директором верфи «Белый парус» стал Олег Маркович Тихомиров. Тихомиров родился в Вологде и окончил Ленинградский кораблестроительный институт. Верфь находится в Петрозаводске.

Прежний директор, Семён Яковлевич Рогов, вышел на пенсию.
"""
BIOGRAPHY = """---
author: краеведческий кружок
---
# Тимофей Сухоруков

Тимофей Лукич Сухоруков родился 5 мая 1891 года в Каргополе. В 1934 году он основал верфь «Белый парус».

## Семья

Женой Сухорукова была Аграфена Ильинична Пахомова. У них родился сын Матвей.

Умер Тимофей Сухоруков в 1959 году в Архангельске.
"""
MUSEUM = """<!doctype html><html><head><meta charset="utf-8"><title>Музей «Дом лодки»</title></head>
<body><nav><a href="/">Главная</a> <a href="/buy">Билеты</a></nav>
<h1>О музее</h1><p>Музей «Дом лодки» открылся в 1998 году в Петрозаводске. Директор музея — Ксения
Аркадьевна Ветрова. Она родилась в Каргополе и окончила Санкт-Петербургский государственный
университет.</p><p>Здание музея спроектировал архитектор Глеб Ветров.</p>
<div style="display:none">Ксения Ветрова родилась в Тамбове.</div>
<footer>© 2024 Все права защищены</footer></body></html>"""
CONTRACT = """ДОГОВОР № 17
г. Петрозаводск, 12 апреля 2021 года
ООО «Лазурь» в лице директора Павла Сергеевича Гордеева и верфь «Белый парус» в лице генерального директора Тихомирова О. М. заключили договор о нижеследующем.
Верфь обязуется построить для ООО «Лазурь» прогулочный катер. Цена договора составляет 1 200 000 рублей.
"""
STAFF = """ФИО;Должность;Город;Дата рождения
Дёмина Нина Олеговна;главный бухгалтер;Петрозаводск;17.08.1975
Юшков Артём Денисович;инженер;Кондопога;02.02.1990
Рогов Семён Яковлевич;консультант;Петрозаводск;30.11.1949
"""
LETTER = """Дорогая Лариса!

Глеб уехал в Мурманск на полгода, он работает там в бюро «Контур-Север». Наша дочь Полина поступила в Петрозаводский университет.

Твоя Ксения Ветрова
"""
VERDICT = """Арбитражный суд Республики Карелия
Решение от 20 мая 2022 года

Судья Ирина Анатольевна Мельникова рассмотрела иск верфи «Белый парус» к ООО «Лазурь». Суд взыскал с ООО «Лазурь» 300 000 рублей. Интересы верфи представлял адвокат Борис Кац.
"""
MINUTES = """Протокол собрания от 1 июня 2022 года
Председатель: Тихомиров Олег Маркович
Секретарь: Дёмина Нина Олеговна
Слушали: Юшкова А. Д. о ремонте теплохода «Онега».
Постановили: назначить Артёма Юшкова главным инженером верфи «Белый парус».
"""
INTERVIEW = """# «Дом должен плавать»

**Корреспондент:** Глеб Станиславович, где вы родились?

**Глеб Ветров:** В Петрозаводске, в 1968 году. Мой отец, Станислав Ветров, был лоцманом.

**Корреспондент:** Вы получили премию «Северный зодчий» в 2015 году?

**Глеб Ветров:** Да. Моя жена Ксения узнала об этом раньше меня.
"""
CV = """РЕЗЮМЕ
Каримов Рустам Эльдарович
Дата рождения: 2 июня 1980 года
Место рождения: Казань
Должность: капитан теплохода «Онега»
Образование: Казанское речное училище
"""
CHRONICLE = (
    "Летопись верфи. В 1951 году верфь «Белый парус» построила теплоход «Онега».",
    "Первым капитаном теплохода «Онега» стал Фёдор Зимин. Зимин погиб в 1964 году.",
)
OBITUARY = """<html><head><meta charset="utf-8"></head><body><h2>Памяти Игоря Сухорукова</h2>
<p>11 октября 2021 года в Москве умер историк Игорь Матвеевич Сухоруков, внук Тимофея Сухорукова.
Игорь Сухоруков преподавал в Московском государственном университете. Он написал книгу
«Паруса Севера».</p></body></html>"""
NOTE = """Для себя. Неправда, что Павел Гордеев купил верфь. Нина Дёмина никогда не работала в «Лазури». Говорят, Рогов переехал в Сочи, но это слухи.
"""
SISTERS = "Вера Олеговна Дёмина — сестра Нины Олеговны Дёминой. Вера Дёмина живёт в Сортавале.\n"
WEDDING = "15 июля 2023 года Полина Ветрова вышла замуж за Антона Лисина. Антон Лисин — врач.\n"
MESSAGES = """{"text": "Артём Юшков переехал в Петрозаводск."}
{"text": "Кто-нибудь видел чертежи «Онеги»?"}
{"text": "Борис Кац живёт в Санкт-Петербурге."}
"""


def make(folder: Path) -> Path:
    """Write the fifteen files into a new folder."""
    folder.mkdir(parents=True)
    text = {
        "01-press.txt": PRESS, "02-biography.md": BIOGRAPHY, "03-museum.html": MUSEUM,
        "05-staff.csv": STAFF, "09-interview.md": INTERVIEW, "12-obituary.html": OBITUARY,
        "13-note.txt": NOTE, "15-messages.jsonl": MESSAGES,
    }  # fmt: skip
    binary = {
        "04-contract.docx": docx(CONTRACT), "06-letter.eml": eml(LETTER),
        "07-verdict.txt": VERDICT.encode("cp1251"), "08-minutes.odt": odt(MINUTES),
        "10-cv.rtf": rtf(CV), "11-chronicle.pdf": pdf(CHRONICLE),
        "14-archive.zip": zipped({"sisters.txt": SISTERS.encode(), "wedding.txt": WEDDING.encode()}),
    }  # fmt: skip
    for name, data in ({n: t.encode() for n, t in text.items()} | binary).items():
        (folder / name).write_bytes(data)
    return folder


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(text: str) -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
    page = f'<?xml version="1.0"?><w:document {space}><w:body>{lines}</w:body></w:document>'
    return zipped({"word/document.xml": page.encode()})


def odt(text: str) -> bytes:
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    lines = "".join(f"<text:p>{line}</text:p>" for line in text.splitlines())
    page = f"<office:document-content {spaces}><office:body><office:text>{lines}</office:text></office:body></office:document-content>"
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "content.xml": page.encode()})


def rtf(text: str) -> bytes:
    body = "".join(
        "\\par\n" if c == "\n"
        else c if c.isascii()
        else "".join(f"\\'{b:02x}" for b in c.encode("cp1251"))
        for c in text
    )  # fmt: skip
    return f"{{\\rtf1\\ansi\\ansicpg1251 {body}}}".encode("ascii")


def eml(text: str) -> bytes:
    letter = EmailMessage()
    letter["From"] = "Ксения Ветрова <vetrova@example.org>"
    letter["To"] = "larisa@example.org"
    letter["Subject"] = "Новости"
    letter["Date"] = "Sun, 03 Sep 2023 10:00:00 +0300"
    letter.set_content(text, charset="windows-1251")
    return letter.as_bytes()


def pdf(pages: tuple[str, ...]) -> bytes:
    """A page a text; the font's codes are cp1251, which its ToUnicode map tells."""
    codes = sorted({b for page in pages for b in page.encode("cp1251")})
    pairs = "\n".join(f"<{b:02x}> <{ord(bytes([b]).decode('cp1251')):04x}>" for b in codes)
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar endcmap end"
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap),
    ]  # fmt: skip
    kids = []
    for page in pages:
        shown = page.encode("cp1251").hex().encode()
        stream = b"BT /F 12 Tf 40 700 Td <" + shown + b"> Tj ET"
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 900 800]/Contents %d 0 R"
                       b"/Resources<</Font<</F 3 0 R>>>>>>" % len(objects))  # fmt: skip
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip
