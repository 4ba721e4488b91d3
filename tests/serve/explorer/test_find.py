"""Finding: suggestions as one types, documents by title, collections, facets that count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ask.graphs import records
from serve.explorer.conftest import Watched, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api").expect

LEDGER, LETTERS = "/srv/архив/дело/", "/srv/архив/письма/"
TEXTS = {
    f"{LEDGER}протокол.txt": "[Иван Сергеевич Орлов|PERSON], [химик|PROFESSION], работает в"
    " [Газпроме|ORGANIZATION]. => 1 WORKS_AS 2 0.9, 1 WORKPLACE 3 0.8",
    f"{LEDGER}справка.txt": "[Пётр Орлов|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2",
    f"{LETTERS}письмо.txt": "[Анна Белова|PERSON] живёт в [Твери|CITY] [второй|ORDINAL] год."
    " => 1 PLACE_RESIDES_IN 2",
}


@pytest.fixture(scope="module")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = [
        replace(record, document=replace(record.document, source=source))
        for source, record in zip(TEXTS, records(*TEXTS.values()), strict=True)
    ]
    with served(tmp_path_factory.mktemp("found"), made) as found:
        yield found


def names(page: Page, url: str, text: str) -> list[str]:
    found = page.request.get(f"{url}/v1/suggest", params={"text": text}).json()
    return [one["entity"]["name"] for one in found["entities"]]


def test_any_order_case_and_typing_error_finds_the_person(page: Page, url: str) -> None:
    full = names(page, url, "Иван Сергеевич Орлов")[0]
    for typed in ("орлов иван", "ОРЛОВ ИВ", "сергеевич орл", "сергеивич"):
        assert names(page, url, typed)[0] == full, typed
    assert set(names(page, url, "орлов")) == {full, "Пётр Орлов"}
    assert names(page, url, "химик") == [full, "химик"]  # what he is leads to him
    assert names(page, url, "водолаз") == []


def test_one_box_suggests_people_before_texts(page: Page, url: str) -> None:
    page.goto(url)
    box = page.locator("#q")
    box.press_sequentially("орлов пё")
    first = page.locator("#suggested [role=option]").first
    expect(first).to_contain_text("Пётр Орлов")
    expect(first).to_contain_text("место рождения: Тверь")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggested-0")
    box.press("Enter")
    expect(page.locator("h1")).to_have_text("Пётр Орлов")
    box.fill("Белова")
    box.press("Enter")
    page.wait_for_url("**/search?*")
    expect(page.locator(".named .entity")).to_have_text(["Анна Белова"])
    expect(page.locator(".passages .source").first).to_have_text("письмо.txt")


def test_documents_by_title_search_sort_and_delete(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    made = [
        replace(record, document=replace(record.document, source=source))
        for source, record in zip(TEXTS, records(*TEXTS.values()), strict=True)
    ]
    with served(tmp_path, made) as own:
        page.goto(f"{own}/documents")
        listed = page.locator(".sources-list .source")
        expect(listed).to_have_count(3)
        assert page.locator(".sources-list .quiet").first.inner_text()  # the day it was read
        page.get_by_label("Порядок").select_option("longest")
        expect(listed.first).to_have_text("протокол.txt")
        page.get_by_label("В имени есть слова").fill("справ")
        page.keyboard.press("Enter")
        expect(listed).to_have_count(1)
        page.get_by_role("button", name="Удалить: ").click()
        page.get_by_role("button", name="Удалить из графа: ").click()
        expect(listed).to_have_count(0)
        left = page.request.get(f"{own}/v1/documents").json()["items"]
        assert len(left) == 2


def test_a_collection_narrows_every_list(page: Page, url: str) -> None:
    page.goto(f"{url}/entities")
    page.get_by_label("Собрание").select_option(f"{LETTERS}*")
    expect(page.locator(".rows .entity")).to_have_count(3)
    kinds = page.get_by_label("Тип").locator("option")
    expect(kinds).to_have_text(
        ["любой", "населённый пункт (1)", "порядковое числительное (1)", "человек (1)"]
    )
    page.get_by_role("link", name="Документы").click()  # goes along
    expect(page.locator(".sources-list .source")).to_have_count(1)
    page.get_by_role("link", name="Граф").click()
    expect(page.locator(".graph-list li bdi")).to_have_count(2)
    page.goto(f"{url}/search?text=Твери")
    expect(page.locator(".passages > li")).to_have_count(2)
    page.get_by_label("Собрание").select_option(f"{LEDGER}*")
    expect(page.locator(".passages > li")).to_have_count(1)


def test_the_home_page_names_people_organisations_and_places(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator(".columns .entity")).to_have_count(5)
    assert "второй" not in page.locator(".columns").inner_text()
