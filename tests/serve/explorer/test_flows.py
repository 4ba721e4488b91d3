"""What a person does in the explorer, over a small written graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from ask.graphs import records
from serve.explorer.conftest import TEXTS, Watched, served, settled

from kgbuild.serve.settings import Token, Tokens

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect

READER = "reader-token-0123456789"
TOKENS = Tokens(
    (Token("анна", "editor", "editor-token-0123456789"), Token("пётр", "reader", READER))
)
PATHS = ("/", "/?question=Где родился Зорин?", "/?question=Кто построил мост?", "/search?text=Орлов",
         "/entities", "/documents", "/document?source=1.txt", "/review", "/review?tab=facts",
         "/review?tab=merge", "/judgements", "/news", "/compare")  # fmt: skip


def texts(found: Locator) -> list[str]:
    """The texts of all elements found, once there is one."""
    found.first.wait_for()
    return [text.strip() for text in found.all_inner_texts()]


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_question_by_keyboard_leads_to_the_place_in_its_document(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("main h1").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("Когда умер Иван Орлов?")
    page.keyboard.press("Enter")
    assert page.locator(".answers h2 a").first.inner_text() == "7 июня 1980 года"
    assert page.locator(".answers mark.subject").first.inner_text() == "Иван Орлов"
    assert page.locator(".answers mark.object").first.inner_text() == "7 июня 1980 года"
    assert "0,90" in page.locator(".answers h2").first.inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.innerText").strip() == "7 июня 1980 года"
    page.keyboard.press("Enter")
    page.wait_for_url("**/entity?*")
    page.go_back()
    page.locator(".answers .source").first.click()
    page.wait_for_url("**/document?*")
    assert query(page)["source"] == ["1.txt"]
    assert "Иван Орлов умер в Твери" in page.locator(".text .chosen").first.inner_text()


def test_which_one_is_meant(page: Page, url: str) -> None:
    asked = f"{url}/?question=Где родился Зорин?"
    page.goto(asked)
    expect(page.locator(".which")).to_contain_text("Который из двух?")
    of = {texts(n.locator(".of a"))[0]: n for n in page.locator(".namesake").all()}
    assert sorted(of) == ["Глеб Зорин", "Фёдор Зорин"]
    for name, place in (("Глеб Зорин", "Клин"), ("Фёдор Зорин", "Тверь")):
        assert texts(of[name].locator(".answers h2 a")) == [place]
        expect(of[name].locator(".of")).to_contain_text(f"место рождения: {place}")
        assert texts(of[name].locator(".of-whom a")) == [name]
    of["Фёдор Зорин"].get_by_role("link", name="Только о нём").click()
    expect(page.locator(".answers h2 a")).to_have_text(["Тверь"])
    found = page.request.get(f"{url}/v1/entities?prefix=Фёдор").json()["items"]
    page.goto(f"{asked}&meaning={found[0]['id']}")
    assert texts(page.locator(".answers h2 a")) == ["Тверь"]
    page.reload()
    assert page.locator(".answers h2 a").first.inner_text() == "Тверь"


def test_passages_are_no_answers(page: Page, url: str) -> None:
    page.goto(f"{url}/?question=Кто построил Эйфелеву башню?")
    assert "Нет ответа" in page.locator(".abstained").inner_text()
    assert page.locator(".answers").count() == 0


def test_search_marks_what_matched(page: Page, url: str) -> None:
    page.goto(f"{url}/search?text=умер Орлов&mode=lexical")
    marks = texts(page.locator(".passages li").first.locator("mark"))
    assert {"Орлов", "умер"} <= set(marks)


def test_an_entity(page: Page, url: str) -> None:
    page.goto(f"{url}/entities?prefix=иван")
    page.get_by_role("link", name="Иван Орлов", exact=True).click()
    page.locator(".fact").first.wait_for()
    assert page.locator("h1").inner_text() == "Иван Орлов"
    row = page.locator(".fact", has=page.get_by_role("link", name="Клин", exact=True))
    assert "2 источника" in row.inner_text()
    row.get_by_role("button", name="источник").click()
    assert texts(row.locator("mark.object")) == ["Клину", "Клину"]
    assert texts(page.locator(".timeline time")) == ["1900-05-05", "1980-06-07"]
    assert texts(page.locator(".mentioned > li > a")) == ["0.txt", "1.txt", "3.txt"]
    twin = page.locator(".twin").first.get_attribute("href")
    answer = page.request.get(f"{url}{twin}").json()
    assert answer["name"] == "Иван Орлов"
    page.reload()
    assert page.locator("h1").inner_text() == "Иван Орлов"


def test_the_reader_draws_nested_mentions_and_relations(page: Page, url: str) -> None:
    page.goto(f"{url}/document?source=1.txt")
    whole = page.locator(".text")
    whole.wait_for()
    assert whole.inner_text() == page.request.get(f"{url}/v1/document?source=1.txt").json()["text"]
    inner = page.locator(".mention", has_text="Клинского").last
    deep = [page.locator(f".mention.h{height}").count() for height in range(5)]
    assert deep[1:] == [1, 1, 1, 1]
    inner.click()
    panel = page.locator(".panel")
    assert "Клинск" in panel.locator(".quoted").inner_text()
    assert panel.locator(".relation-line").count() == 1
    panel.locator(".relation-line").click()
    assert page.locator(".text mark.object").inner_text() == "Клинского"
    assert page.locator(".text mark.subject").inner_text().startswith("Клинского района музее льда")
    page.keyboard.press("Escape")
    assert page.locator(".text mark").count() == 0
    page.locator(".legend label", has_text="населённый").locator("input").uncheck()
    assert page.locator('.mention[data-kind="place"]').count() < 3


def test_offsets_are_code_points(page: Page, url: str) -> None:
    text = TEXTS[0].partition(" => ")[0]
    start = text.index("[")  # code points before the first mention
    page.goto(f"{url}/document?source=0.txt&at={start}-{start + len('Иван Орлов')}")
    assert page.locator(".mention.chosen").inner_text() == "Иван Орлов"
    page.keyboard.press("Tab")
    page.locator(".text").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.innerText") == "Клину"
    page.keyboard.press("Enter")
    assert page.locator(".mention.chosen").inner_text() == "Клину"


def test_lists_page_by_cursor_and_reload(page: Page, url: str) -> None:
    page.goto(f"{url}/documents")
    first = texts(page.locator(".rows .source"))
    assert len(first) == 50
    page.get_by_role("link", name="Дальше").click()
    page.wait_for_url("**cursor=*")
    page.get_by_role("link", name="В начало").wait_for()
    rest = texts(page.locator(".rows .source"))
    assert sorted(first + rest) == sorted(f"{n}.txt" for n in range(len(TEXTS)))
    page.reload()
    page.get_by_role("link", name="В начало").wait_for()
    assert texts(page.locator(".rows .source")) == rest


def test_an_upload_shows_its_progress(browser: Browser, watched: Watched, tmp_path: Path) -> None:
    file = tmp_path / "новый.txt"
    file.write_text("Олег Сидоров работает в Газпроме.", "utf-8")
    with served(tmp_path, []) as own:
        watched.page.goto(f"{own}/documents")
        assert len(texts(watched.page.locator(".steps li"))) == 3
        bad = tmp_path / "снимок.jpeg"
        bad.write_bytes(b"JPEG")
        watched.page.locator("#files").set_input_files([file, bad])
        expect(watched.page.locator(".upload .failure")).to_contain_text(
            "снимок.jpeg: такой формат не читается"
        )
        watched.page.locator(".rows .source", has_text="новый.txt").wait_for()
        assert "Готово: 1 / 1" in watched.page.locator(".progress").inner_text()
        expect(watched.page.locator(".steps")).to_have_count(0)


def test_judging_and_taking_back(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*TEXTS[:4]))) as own:
        page.goto(f"{own}/review?tab=facts")
        page.locator("#author").fill("Рецензент")
        weakest = page.locator(".queue > li").first
        assert "0,50" in weakest.inner_text()
        waiting = page.locator(".remaining [role=status]")
        count = int(waiting.inner_text().split()[-1])
        weakest.get_by_role("button", name="Неверно").click()
        expect(waiting).to_have_text(f"Ждут решения: {count - 1}")
        page.locator(".outcome", has_text="№1: неверно").wait_for()
        page.goto(f"{own}/review?tab=merge")
        for number, (prefix, name) in enumerate((("Ив", "Иван Орлов"), ("Пё", "Пётр Орлов"))):
            page.locator(".picker").nth(number).locator("input").fill(prefix)
            page.locator(".picker").nth(number).get_by_role("button", name=name).click()
        page.get_by_role("button", name="Одно и то же").click()
        page.locator(".outcome", has_text="№2").wait_for()
        page.goto(f"{own}/judgements")
        lines = page.locator(".judgements li")
        lines.nth(1).wait_for()
        assert "Рецензент" in lines.first.inner_text()
        for left in (1, 0):
            lines.first.get_by_role("button", name="Отменить").click()
            expect(lines).to_have_count(left)
        page.goto(f"{own}/review?tab=facts")
        expect(waiting).to_have_text(f"Ждут решения: {count}")


def test_an_answer_that_is_wrong_goes_and_comes_back(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*TEXTS[:4]))) as own:
        page.goto(f"{own}/?question=Где родился Пётр Орлов?")
        head = page.locator(".answers h2 a")
        expect(head).to_have_text(["Тверь"])
        expect(page.locator(".answers .sure")).to_have_text("уверенно")
        page.get_by_role("button", name="Неверно: Пётр Орлов — место рождения — Тверь").click()
        expect(head).to_have_count(0)
        expect(page.locator(".abstained")).to_contain_text("Нет ответа")
        page.locator(".outcome").get_by_role("button", name="Отменить").click()
        expect(head).to_have_text(["Тверь"])
        page.get_by_role(
            "button", name="Верно: Пётр Орлов — место рождения — Тверь", exact=True
        ).click()
        expect(page.locator(".answers .sure")).to_have_text("подтверждено человеком")


DISAGREE = (
    "[Иван Орлов|PERSON] родился в [Клину|CITY] [5 мая 1900 года|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.9, 1 DATE_OF_BIRTH 3 0.8",
    "[Иван Орлов|PERSON] родился в [Твери|CITY] [в 1900 году|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.7, 1 DATE_OF_BIRTH 3 0.7",
)


def test_where_documents_disagree_the_person_s_page_says_so(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*DISAGREE))) as own:
        page.goto(f"{own}/entities?prefix=иван")
        page.get_by_role("link", name="Иван Орлов", exact=True).click()
        told = page.locator(".conflict")
        expect(told).to_contain_text("Документы расходятся")
        assert texts(told.locator("h3")) == ["место рождения"]  # both dates can be true
        assert texts(told.locator(".fact .entity")) == ["Клин", "Тверь"]
        told.get_by_role("button", name="Неверно: Иван Орлов — место рождения — Тверь").click()
        expect(told).to_have_count(0)


def test_a_split_moves_mentions_out(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*TEXTS[:4]))) as own:
        page.goto(f"{own}/entities?prefix=иван")
        page.get_by_role("link", name="Иван Орлов", exact=True).click()
        page.get_by_role("button", name="Разделить").click()
        page.locator(".mentioned > li", has_text="3.txt").get_by_role("checkbox").check()
        page.get_by_role("button", name="Вынести").click()
        page.locator(".outcome", has_text="№1").wait_for()
        page.locator(".mentioned > li", has_text="3.txt").wait_for(state="detached")
        assert texts(page.locator(".mentioned > li > a")) == ["0.txt", "1.txt"]


def test_a_token_opens_it_and_a_reader_s_changes_nothing(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser)
    page = watched.page
    with served(tmp_path, tuple(records(*TEXTS[:2])), tokens=TOKENS) as own:
        page.goto(f"{own}/entities")
        page.locator("#token").fill("x" * 20)
        page.get_by_role("button", name="Войти").click()
        page.locator(".failure").wait_for()
        page.locator("#token").fill(READER)
        page.get_by_role("button", name="Войти").click()
        page.get_by_role("link", name="Иван Орлов", exact=True).click()
        page.locator(".fact").first.get_by_role("button", name="источник").click()
        page.locator(".fact .evidence").wait_for()
        assert page.get_by_role("button", name="Неверно").count() == 0
        page.reload()
        page.locator(".fact").first.wait_for()
        page.get_by_role("button", name="Выйти").click()
        page.locator("#token").wait_for()
    assert all("401" in complaint for complaint in watched.complaints)
    watched.context.close()


def test_the_printed_link_lets_in_and_hides_its_token(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser)
    page = watched.page
    made = Tokens.fresh()
    with served(tmp_path, tuple(records(*TEXTS[:2])), tokens=made) as own:
        page.goto(f"{own}/#token={made.every[0].secret}")
        page.get_by_role("link", name="Сущности").click()
        page.get_by_role("link", name="Иван Орлов", exact=True).wait_for()
        assert "token" not in page.url
        page.goto(f"{own}/review")
        page.locator(".author bdi", has_text="owner").wait_for()
    assert watched.complaints == []
    watched.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_s_width_is_enough(browser: Browser, url: str, theme: str) -> None:
    watched = Watched(browser, viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = watched.page
    for path in PATHS:
        page.goto(f"{url}{path}")
        settled(page)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0, path
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        brighter = sum(map(int, ink[4:-1].split(","))) > sum(map(int, paper[4:-1].split(",")))
        assert brighter == (theme == "dark")
        assert page.locator("input:visible, select:visible, button:visible").count() > 0
        unnamed = """() => [...document.querySelectorAll('input, select, button, a')].filter((e) =>
            !(e.labels?.length || e.ariaLabel || e.textContent.trim())).map((e) => e.outerHTML)"""
        assert page.evaluate(unnamed) == [], path
    assert watched.complaints == []
    watched.context.close()


def test_language_theme_and_the_skip_link(page: Page, url: str) -> None:
    page.goto(f"{url}/documents")
    page.locator(".rows").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.get_by_label("Язык").select_option("en")
    assert page.locator("h1").inner_text() == "Documents"
    page.get_by_label("Theme").select_option("dark")
    page.reload()
    page.locator("h1", has_text="Documents").wait_for()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_the_browser_s_language_is_the_first(browser: Browser, url: str) -> None:
    watched = Watched(browser, locale="en-GB")
    watched.page.goto(f"{url}/entities")
    watched.page.locator("h1", has_text="Entities").wait_for()
    assert watched.complaints == []
    watched.context.close()


def test_the_graph_is_loaded_on_its_page_only(page: Page, url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(f"{url}/entities")
    settled(page)
    before = len([path for path in asked if path.endswith(".js")])
    page.get_by_role("link", name="Граф").click()
    page.locator(".graph-host > *").first.wait_for()
    assert len([path for path in asked if path.endswith(".js")]) > before
