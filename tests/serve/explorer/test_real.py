"""The explorer over a graph that the real models read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from serve.running import in_thread

from kgbuild.config import Settings
from kgbuild.serve.settings import ServeSettings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def url(
    browser: Browser, sample_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    store = tmp_path_factory.mktemp("explored") / "kg"
    shutil.copytree(sample_store, store)
    with in_thread(ServeSettings(Settings(store=store), everybody=True)) as found:
        yield found


def test_from_a_question_to_the_text_to_the_person(page: Page, url: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(url)
    page.locator("#q").fill("Где родился Дмитрий Менделеев?")
    page.keyboard.press("Enter")
    answer = page.locator(".answers > li", has_text="Тобольск").first
    answer.wait_for()
    assert answer.locator("mark.object").first.inner_text().startswith("Тобольск")
    assert "Менделеев" in answer.locator("mark.subject").first.inner_text()
    sentence = answer.locator(".passage").first.inner_text()
    answer.locator(".source").first.click()
    page.locator(".text").wait_for()
    assert page.locator(".text .chosen").first.inner_text() == sentence
    page.locator(".mention", has_text="Менделеев").first.click()
    page.locator(".picked").get_by_role("link").first.click()
    page.locator(".fact").first.wait_for()
    assert "Менделеев" in page.locator("h1").inner_text()
    assert page.locator(".timeline time", has_text="1834-02-08").count() > 0


def test_a_question_without_an_answer_gets_passages_named_so(page: Page, url: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{url}/?question=Кто построил Эйфелеву башню?")
    page.locator(".nearest li").first.wait_for()
    assert "Это не ответ" in page.locator(".nearest").inner_text()
    assert page.locator(".answers").count() == 0


def test_search_by_meaning_and_words(page: Page, url: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{url}/search?text=периодический закон")
    first = page.locator(".passages li").first
    first.wait_for()
    assert {"периодический", "закон"} <= {
        t.casefold() for t in first.locator("mark").all_inner_texts()
    }
    assert "по смыслу" in first.inner_text()
