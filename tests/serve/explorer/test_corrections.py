"""Putting the graph right in the explorer: a mention from selected words, a fact that one knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ask.graphs import records
from serve.explorer.conftest import Watched, served, settled
from serve.explorer.test_flows import READER, TOKENS, query
from serve.explorer.test_work import PEOPLE, judgements

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect

EDITOR = "editor-token-0123456789"
READ = "👩‍👩‍👧 В [Клину|CITY] Ивана Орлова знала вся улица, и Глеб Зорин тоже."
TEXT = "👩‍👩‍👧 В Клину Ивана Орлова знала вся улица, и Глеб Зорин тоже."
MISSED = ("[Иван Орлов|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2 0.9", READ)
"""The second document's people were missed."""

PLACE = """words => {
    const walker = document.createTreeWalker(document.querySelector(".text"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return [left, right, (top + bottom) / 2];
    }
}"""
SHOWN = "[...(CSS.highlights.get('selected') ?? [])].map(String)"


def select(page: Page, words: str) -> Locator:
    """Select words of the document by mouse; gives the form."""
    page.locator(".text").wait_for()
    left, right, middle = page.evaluate(PLACE, words)
    page.mouse.move(left + 1, middle)
    page.mouse.down()
    page.mouse.move(right - 1, middle, steps=4)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()") == words
    return page.get_by_role("form", name="Новое упоминание")


def form_of(page: Page, words: str) -> Locator:
    form = select(page, words)
    expect(form.locator(".quoted")).to_have_text(words)
    return form


def opened(page: Page, url: str) -> None:
    page.goto(f"{url}/document?source=1.txt")
    expect(page.locator(".text .mention")).to_have_text(["Клину"])
    expect(page.locator(".opened-panel")).to_have_count(0)


def test_selected_words_become_a_mention_of_somebody_known(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*MISSED))) as own:
        opened(page, own)
        expect(page.locator(".panel")).to_contain_text("Пропущено имя?")
        form = form_of(page, "Ивана Орлова")
        add = form.get_by_role("button", name="Добавить упоминание")
        expect(add).to_be_disabled()
        form.get_by_role("button", name="Иван Орлов").click()
        expect(form.get_by_label("Тип")).to_have_value("PERSON")
        add.click()
        expect(page.locator(".mention.chosen")).to_have_text("Ивана Орлова")
        expect(page.locator(".mention.chosen")).to_have_attribute("title", "человек: Иван Орлов")
        expect(form).to_have_count(0)
        start = TEXT.index("Ивана")  # code points, one before them outside the first plane
        assert query(page)["at"] == [f"{start}-{start + len('Ивана Орлова')}"]
        [made] = judgements(page, own)
        assert made["mentions"] == [{"document": "1.txt", "start": start, "end": start + 12}]
        assert (made["verdict"], made["type"]) == ("mention", "PERSON")
        page.locator(".picked").get_by_role("button", name="Отменить").click()
        expect(page.locator(".text .mention")).to_have_text(["Клину"])
        expect(page.locator(".outcome")).to_contain_text("Отменено решение №1: упоминание")
        assert judgements(page, own) == []


def test_keys_alone_add_a_mention_of_somebody_new(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    selected = "getSelection().toString()"
    with served(tmp_path, tuple(records(*MISSED))) as own:
        opened(page, own)
        page.locator(".text").focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.innerText") == "Клину"
        page.keyboard.press("Shift+ArrowLeft")
        assert page.evaluate(selected) == "В"
        for word in ("Клину", "Ивана", "Орлова", "знала", "вся", "улица", "и", "Глеб"):
            page.keyboard.press("ArrowRight")
            assert page.evaluate(selected) == word
        for key, words in (
            ("Right", "Глеб Зорин"),
            ("Right", "Глеб Зорин тоже"),
            ("Left", "Глеб Зорин "),
        ):
            page.keyboard.press(f"Shift+Arrow{key}")
            assert page.evaluate(selected) == words
        form = page.get_by_role("form", name="Новое упоминание")
        expect(form.locator(".quoted")).to_have_text("Глеб Зорин")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.value") == "Глеб Зорин"
        assert page.evaluate(SHOWN) == ["Глеб Зорин"]  # though the browser's selection is gone
        page.keyboard.press("Enter")  # nobody is added by looking for somebody
        page.keyboard.press("Tab")
        for key in ("End", "ArrowUp", "ArrowUp"):
            page.keyboard.press(key)  # человек, число, язык
        expect(form.get_by_label("Тип")).to_have_value("PERSON")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".mention.chosen")).to_have_text("Глеб Зорин")
        assert page.evaluate("document.activeElement.className") == "text"
        assert page.evaluate(SHOWN) == []
        page.get_by_role("link", name="Глеб Зорин").click()
        expect(page.locator("h1")).to_have_text("Глеб Зорин")
        expect(page.locator(".head .type")).to_have_text("человек")


def test_escape_and_a_click_elsewhere_leave_the_form(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*MISSED))) as own:
        opened(page, own)
        form = form_of(page, "Глеб Зорин")
        form.get_by_label("Кто или что").click()
        page.keyboard.press("Escape")
        expect(form).to_have_count(0)
        assert page.evaluate("document.activeElement.className") == "text"
        form_of(page, "Глеб Зорин")
        page.locator(".mention").click()
        expect(form).to_have_count(0)
        expect(page.locator(".picked")).to_contain_text("Клин")
        assert judgements(page, own) == []


def test_what_is_refused_is_told_in_the_page_s_language_and_nothing_is_lost(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    busy: dict[str, Any] = {"status": 503, "json": {"detail": "the store is locked"}}
    with served(tmp_path, tuple(records(*MISSED))) as own:
        opened(page, own)
        form = form_of(page, "Клину")
        form.get_by_label("Тип").select_option("CITY")
        expect(form.get_by_role("alert")).to_contain_text("Эти слова уже отмечены: Клин")
        expect(form.get_by_role("button", name="Добавить")).to_be_disabled()
        form_of(page, "Глеб Зорин")
        expect(form.get_by_label("Тип")).to_have_value("")  # that was of other words
        form.get_by_label("Тип").select_option("PERSON")
        page.route("**/v1/judgements", lambda route: route.fulfill(**busy))
        form.get_by_role("button", name="Добавить").click()
        expect(form.get_by_role("alert")).to_contain_text("Служба занята: попробуйте ещё раз.")
        page.get_by_label("Язык", exact=True).select_option("en")
        told = page.get_by_role("form", name="New mention")
        expect(told.get_by_role("alert")).to_contain_text("The service is busy: try again.")
        page.unroute("**/v1/judgements")
        told.get_by_role("button", name="Add the mention").click()
        expect(page.locator(".mention.chosen")).to_have_text("Глеб Зорин")
        watched.complaints.clear()  # the refusal stands in the console


def test_a_document_that_changed_meanwhile_gets_no_mention(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*MISSED))) as own:
        opened(page, own)
        form = form_of(page, "Глеб Зорин")
        form.get_by_label("Тип").select_option("PERSON")
        file = {"name": "1.txt", "mimeType": "text/plain", "buffer": "Здесь другой текст, длиннее прежнего, и в нём нет никого.".encode()}  # fmt: skip
        job = page.request.post(f"{own}/v1/documents", multipart={"files": file}).json()["id"]
        while page.request.get(f"{own}/v1/jobs/{job}").json()["state"] != "done":
            page.wait_for_timeout(50)
        form.get_by_role("button", name="Добавить").click()
        expect(page.locator(".panel .failure")).to_contain_text("Пока вы выбирали, это изменилось")
        expect(page.locator(".panel .failure")).to_contain_text("Глеб Зорин")
        expect(page.locator(".text")).to_contain_text("Здесь другой текст")
        assert judgements(page, own) == []
        watched.complaints.clear()  # the refusal stands in the console


def test_a_reader_selects_words_to_copy_them_and_corrects_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    watched = Watched(browser)
    page = watched.page
    with served(tmp_path, tuple(records(*MISSED)), tokens=TOKENS) as own:
        page.goto(f"{own}/#token={READER}")
        opened(page, own)
        form = select(page, "Глеб Зорин")
        page.wait_for_timeout(600)
        expect(form).to_have_count(0)
        page.locator(".text").focus()
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_timeout(600)
        expect(form).to_have_count(0)
        expect(page.locator(".panel")).not_to_contain_text("Пропущено имя?")
        page.locator(".mention").click()
        page.get_by_role("link", name="Клин", exact=True).click()
        expect(page.locator("h1")).to_have_text("Клин")
        expect(page.locator(".corrections")).to_have_count(0)
    assert watched.complaints == []
    watched.context.close()


def test_the_form_of_a_mention_fits_a_phone(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser, viewport={"width": 390, "height": 844})
    page = watched.page
    with served(tmp_path, tuple(records(*MISSED))) as own:
        opened(page, own)
        form = form_of(page, "Ивана Орлова")
        form.get_by_label("Тип").select_option("PERSON")
        add = form.get_by_role("button", name="Добавить")
        add.scroll_into_view_if_needed()
        expect(add).to_be_in_viewport()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0
        add.click()
        expect(page.locator(".mention.chosen")).to_have_text("Ивана Орлова")
        page.locator(".picked").get_by_role("button", name="Отменить").click()  # nothing lies on it
        expect(page.locator(".mention")).to_have_text(["Клину"])
    assert watched.complaints == []
    watched.context.close()


def test_a_fact_that_one_knows_is_stated_refused_and_taken_back(
    browser: Browser, tmp_path: Path
) -> None:
    watched = Watched(browser)
    page = watched.page
    with served(tmp_path, tuple(records(*PEOPLE)), tokens=TOKENS) as own:
        page.goto(f"{own}/#token={EDITOR}")
        headers = {"Authorization": f"Bearer {EDITOR}"}
        answer = page.request.get(f"{own}/v1/suggest?text=Орлов", headers=headers)
        [found] = answer.json()["entities"]
        page.goto(f"{own}/entity?id={found['entity']['id']}")
        settled(page)
        forms = page.locator(".corrections")
        forms.locator("summary").click()
        add = forms.get_by_role("button", name="Добавить факт")
        relation = forms.get_by_label("Новый факт")
        expect(add).to_be_disabled()
        relation.select_option("PLACE_OF_BIRTH")
        forms.get_by_label("С кем или с чем").fill("зорин")
        forms.get_by_role("button", name="Пётр Зорин").click()
        add.click()
        expect(forms.get_by_role("alert")).to_contain_text("Служба этого не приняла.")
        expect(forms.locator(".picker")).to_contain_text("Пётр Зорин")  # nothing is lost
        relation.select_option("SPOUSE")
        add.click()
        stated = page.locator(".fact", has_text="со слов")
        expect(stated).to_contain_text("со слов: анна")
        expect(stated).to_contain_text("1,00")
        expect(stated).to_contain_text("Пётр Зорин")
        expect(forms.get_by_role("alert")).to_have_count(0)
        [made] = page.request.get(f"{own}/v1/judgements", headers=headers).json()["items"]
        assert (made["verdict"], made["relation"], made["author"]) == ("state", "SPOUSE", "анна")
        page.reload()
        expect(stated).to_have_count(1)
        page.goto(f"{own}/judgements")
        page.get_by_role("button", name="Отменить").click()
        page.go_back()
        page.locator(".fact").first.wait_for()
        expect(stated).to_have_count(0)
    assert all("422" in complaint for complaint in watched.complaints)
    watched.context.close()
