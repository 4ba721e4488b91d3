"""Spreadsheets and presentations."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from benchmarks.robust.bad_documents import zipped
from kgbuild.read.structure import structure
from kgbuild.types import Document
from tests.read.support import outcomes

SPACES = 'xmlns:a="urn:a" xmlns:p="urn:p" xmlns:r="urn:r"'


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Кадры"
    sheet.append(["ФИО", None, "Город", "Принят", "Тайное", "Оклад"])
    sheet.append(["Зоя Лось", None, "Псков", datetime(2031, 3, 4), "x", 1234.1])
    sheet.append(["Невидимый Пётр", None, "Омск", None, "y", 1])
    sheet.append(["Олег\nРысь", None, None, datetime(2031, 3, 4, 9, 30), "z", True])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["E"].hidden = True
    hidden = book.create_sheet("Скрытый")
    hidden.append(["Тайна"])
    hidden.sheet_state = "hidden"
    book.create_sheet("Склад").append(["Ящик"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsm", "a.zip"])
def test_sheets_are_tables(tmp_path: Path, name: str) -> None:
    [found] = outcomes(tmp_path / name, workbook())
    assert isinstance(found, Document)
    assert found.text == (
        "ФИО\tГород\tПринят\tОклад\nЗоя Лось\tПсков\t04.03.2031\t1234.1\n"
        "Олег\u2028Рысь\t\t04.03.2031 09:30\tда\n\nЯщик"
    )
    assert [(o.kind, o.value) for o in found.origins] == [("sheet", "Кадры"), ("sheet", "Склад")]
    layout = structure(found.text)
    column = layout.column(found.text.index("Псков"))
    assert column is not None
    assert found.text[slice(*column)] == "Город"


def slide(*paragraphs: str, shown: str = "", more: str = "") -> bytes:
    body = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in paragraphs)
    return f"<p:sld {SPACES}{shown}><p:sp>{body}</p:sp>{more}</p:sld>".encode()


def test_slides_are_pages(tmp_path: Path) -> None:
    def relations(**targets: str) -> bytes:
        inside = "".join(f'<Relationship Id="{id}" Target="{to}"/>' for id, to in targets.items())
        return f"<Relationships>{inside}</Relationships>".encode()

    ids = "".join(f'<p:sldId r:id="{id}"/>' for id in ("c", "a", "b"))
    row = "".join(
        f"<a:tc><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:tc>" for cell in ("Имя", "Яна")
    )
    notes = (f'<p:notes {SPACES}><p:sp><a:p><a:r><a:t>Сказать о Пскове.</a:t></a:r></a:p></p:sp><p:sp>'
             '<a:p><a:fld type="slidenum"><a:t>2</a:t></a:fld></a:p></p:sp></p:notes>')  # fmt: skip
    data = zipped({
        "ppt/presentation.xml": f"<p:presentation {SPACES}>{ids}</p:presentation>".encode(),
        "ppt/_rels/presentation.xml.rels": relations(
            a="slides/slide1.xml", b="slides/slide2.xml", c="/ppt/slides/slide3.xml"),
        "ppt/slides/slide1.xml": slide("Тайна", shown=' show="0"'),
        "ppt/slides/slide2.xml": slide("Люди", "Зоя живёт в Пскове.",
                                       more=f"<a:tbl><a:tr>{row}</a:tr></a:tbl>"),
        "ppt/slides/_rels/slide2.xml.rels": relations(n="../notesSlides/notesSlide1.xml"),
        "ppt/notesSlides/notesSlide1.xml": notes.encode(),
        "ppt/slides/slide3.xml": slide("Отчёт"),
    })  # fmt: skip
    [found] = outcomes(tmp_path / "a.pptx", data)
    assert isinstance(found, Document)
    assert found.text == "Отчёт\n\nЛюди\nЗоя живёт в Пскове.\n\nИмя\tЯна\n\nСказать о Пскове."
    assert [(o.kind, o.value) for o in found.origins] == [("slide", "1"), ("slide", "3")]
