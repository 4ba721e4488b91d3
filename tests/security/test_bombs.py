"""A file with all that lies inside it has one budget: bytes, documents, depth and seconds."""

from __future__ import annotations

import io
import time
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from kgbuild.errors import ReadError
from kgbuild.read import limits
from kgbuild.read.documents import Outcome, Reader, Refusal
from kgbuild.read.limits import Budget, OverBudgetError
from kgbuild.types import Document


def zipped(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def outcomes(path: Path) -> list[Outcome]:
    reader = Reader()
    try:
        return list(reader(path))
    finally:
        reader.close()


def characters(found: list[Outcome]) -> int:
    return sum(len(one.text) for one in found if isinstance(one, Document))


def test_a_zip_of_zips_has_one_budget(tmp_path: Path) -> None:
    """Each inner archive is small enough by itself; together they were 774 million letters."""
    inner = zipped({f"{n}.txt": b"a b\n" * (2 << 20) for n in range(12)})  # 96 MB
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({f"{n}.zip": inner for n in range(40)}))
    found = outcomes(path)
    size = path.stat().st_size
    allowed = limits.GROWTH_FROM + limits.GROWTH * size
    assert size < 400_000
    assert 0 < characters(found) <= allowed
    assert isinstance(found[-1], Refusal)
    assert "zip bomb" in found[-1].reason


def letter(attached: dict[str, bytes], text: str = "Письмо.") -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "Анна <anna@example.org>", "Отчёт"
    made.set_content(text)
    for name, data in attached.items():
        made.add_attachment(data, "application", "octet-stream", filename=name)
    return made.as_bytes()


def test_letters_in_letters_end_at_a_depth_and_it_is_said(tmp_path: Path) -> None:
    inner = letter({"note.txt": "Иван живёт в Москве.".encode()})
    for _ in range(limits.DEPTH + 1):
        inner = letter({"next.eml": inner})
    path = tmp_path / "mail.eml"
    path.write_bytes(inner)
    found = outcomes(path)
    refused = [one.reason for one in found if isinstance(one, Refusal)]
    assert any("file inside another" in reason for reason in refused), found


def test_documents_are_counted() -> None:
    budget = Budget(1 << 30, documents=10)
    for _ in range(10):
        budget.take_document()
    with pytest.raises(OverBudgetError, match="documents"):
        budget.take_document()


def test_a_budget_of_seconds_grows_with_the_file() -> None:
    small, large = Budget.of(2_000), Budget.of(64 << 20)
    assert small.seconds <= limits.INSIDE_SECONDS + 1
    assert large.seconds > small.seconds * 10
    small.until = time.process_time() - 1
    with pytest.raises(OverBudgetError, match="longer to read"):
        small.take_document()


def test_an_office_file_in_an_archive_takes_from_the_same_budget(tmp_path: Path) -> None:
    body = b"<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>" + b"a " * (6 << 20)
    document = zipped({"word/document.xml": body + b"</w:t></w:r></w:p></w:body></w:document>"})
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({f"{n}.docx": document for n in range(30)}))
    found = outcomes(path)
    assert characters(found) <= limits.GROWTH_FROM + limits.GROWTH * path.stat().st_size
    assert isinstance(found[-1], Refusal)


def test_what_a_file_of_its_size_may_hold_is_read(tmp_path: Path) -> None:
    texts = {f"папка/{n}.txt": f"Документ {n}. Иван живёт в Москве.".encode() for n in range(50)}
    path = tmp_path / "fine.zip"
    path.write_bytes(zipped({"inner.zip": zipped(texts), "letter.eml": letter(texts)}))
    found = outcomes(path)
    assert sum(isinstance(one, Document) for one in found) == 101
    assert not any(isinstance(one, Refusal) for one in found)


def test_budget_errors_name_no_file() -> None:
    with pytest.raises(ReadError, match="more than its size allows"):
        Budget.of(0).take(limits.GROWTH_FROM + 1)
