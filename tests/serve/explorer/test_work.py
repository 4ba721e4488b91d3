"""Daily work in the explorer: a review by keys, what is new, two people, a dossier on paper."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ask.graphs import records
from serve.explorer.conftest import TEXTS, Watched, served, settled
from serve.explorer.test_flows import READER, TOKENS, texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

expect = pytest.importorskip("playwright.sync_api").expect

ALIKE = (
    "[Ольга|PERSON] живёт в [Твери|CITY]. => 1 PLACE_RESIDES_IN 2 0.6",
    "[Ольга Леонардовна Книппер|PERSON] живёт в [Клину|CITY]. => 1 PLACE_RESIDES_IN 2 0.7",
    "[Ольга Зорина|PERSON] живёт в [Твери|CITY]. => 1 PLACE_RESIDES_IN 2 0.8",
)
PEOPLE = (
    "[Иван Орлов|PERSON] родился в [Клину|CITY] [5 мая 1900 года|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.9, 1 DATE_OF_BIRTH 3 0.8",
    "[Пётр Зорин|PERSON] родился в [Клину|CITY] [в 1890 году|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.7, 1 DATE_OF_BIRTH 3 0.8",
    "[Пётр Зорин|PERSON] знал [Ивана Орлова|PERSON]. => 1 KNOWS 2 0.6",
)


def entity(page: Page, url: str, name: str) -> str:
    found = page.request.get(f"{url}/v1/suggest", params={"text": name}).json()["entities"]
    return str(next(e["entity"]["id"] for e in found if e["entity"]["name"] == name))


def waiting(page: Page) -> Locator:
    return page.locator(".remaining [role=status]")


def judgements(page: Page, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.request.get(f"{url}/v1/judgements").json()["items"]
    return found


def test_facts_are_judged_by_keys_skipped_and_taken_back(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*ALIKE))) as own:
        page.goto(f"{own}/review?tab=facts")
        first = page.locator(".queue > li").first
        expect(waiting(page)).to_have_text("Ждут решения: 3")
        expect(first.locator("mark.object")).to_have_text("Твери")
        expect(first).to_contain_text("0,60")
        page.keyboard.press("1")
        expect(waiting(page)).to_have_text("Ждут решения: 2")
        expect(first).to_contain_text("0,70")
        page.keyboard.press("3")
        expect(waiting(page)).to_have_text("Ждут решения: 2")
        expect(first).to_contain_text("0,80")
        page.keyboard.press("2")
        expect(page.locator(".outcome")).to_contain_text("№2: неверно")
        assert [j["verdict"] for j in judgements(page, own)] == ["accept", "reject"]
        page.get_by_role("button", name="Показать пропущенные").click()
        expect(first).to_contain_text("0,70")
        page.keyboard.press("0")
        expect(waiting(page)).to_have_text("Ждут решения: 2")
        assert [j["verdict"] for j in judgements(page, own)] == ["accept"]
        page.reload()
        expect(waiting(page)).to_have_text("Ждут решения: 2")


def test_pairs_are_judged_by_keys_and_the_focus_goes_along(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*ALIKE))) as own:
        page.goto(f"{own}/review")
        pairs = page.locator(".queue > li")
        first = pairs.first
        first.wait_for()
        count = pairs.count()
        assert count == len(page.request.get(f"{own}/v1/review").json()) > 1
        expect(first.locator(".passage").first).to_contain_text("Ольга")
        first.get_by_role("button", name="Разные").focus()
        page.keyboard.press("2")
        expect(waiting(page)).to_have_text(f"Ждут решения: {count - 1}")
        page.wait_for_function("document.activeElement.matches('.queue > li:first-child')")
        page.locator("#author").fill("123")  # digits that are typed judge nothing
        expect(page.locator(".outcome")).to_contain_text("№1: Разные")
        assert len(judgements(page, own)) == 1
        page.locator(".outcome").get_by_role("button", name="Отменить").click()
        expect(waiting(page)).to_have_text(f"Ждут решения: {count}")


def test_the_next_one_is_there_before_the_service_has_answered(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    held: list[Route] = []
    full: dict[str, Any] = {"status": 500, "json": {"detail": "место на диске кончилось"}}
    with served(tmp_path, tuple(records(*ALIKE))) as own:

        def hold(route: Route) -> None:
            held.append(route)  # a builtin can't be a handler

        page.route("**/v1/judgements", hold)
        page.goto(f"{own}/review?tab=facts")
        for left in (2, 1, 0):
            page.locator(".queue > li").first.wait_for()
            page.keyboard.press("1")
            expect(waiting(page)).to_have_text(f"Ждут решения: {left}")
        assert judgements(page, own) == []
        for refused in (True, False, False):
            while not held:
                page.wait_for_timeout(20)
            held.pop().fulfill(**full) if refused else held.pop().continue_()
        expect(page.locator("main .failure")).to_contain_text("место на диске кончилось")
        expect(waiting(page)).to_have_text("Ждут решения: 1")  # what wasn't taken comes back
        expect(page.locator(".outcome")).to_contain_text("№2: верно")
        page.unroute("**/v1/judgements")
        watched.complaints.clear()  # the refusal stands in the console


def test_a_reader_sees_what_waits_and_has_no_keys(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser)
    page = watched.page
    with served(tmp_path, tuple(records(*ALIKE)), tokens=TOKENS) as own:
        page.goto(f"{own}/#token={READER}")
        page.goto(f"{own}/review?tab=facts")
        page.locator(".queue > li").first.wait_for()
        assert page.locator(".queue button").count() == 0
        page.keyboard.press("1")
        expect(waiting(page)).to_have_text("Ждут решения: 3")
    assert watched.complaints == []
    watched.context.close()


def test_what_is_new_since_a_day(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*PEOPLE))) as own:
        page.goto(f"{own}/news")
        settled(page)
        expect(page.get_by_role("heading", name="Документы: 3")).to_be_visible()
        expect(page.get_by_role("heading", name="Факты: 5")).to_be_visible()
        page.get_by_role("link", name="Иван Орлов", exact=True).last.wait_for()
        page.get_by_label("Не раньше").fill("2999-01-01")
        expect(page.locator("main")).to_contain_text("С этого дня документов не было")
        page.get_by_role("link", name="сегодня").click()
        expect(page.get_by_role("heading", name="Документы: 3")).to_be_visible()
        page.go_back()
        expect(page.locator("main")).to_contain_text("С этого дня документов не было")


def test_two_people_are_compared(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*PEOPLE))) as own:
        page.goto(f"{own}/entity?id={entity(page, own, 'Иван Орлов')}")
        page.get_by_role("link", name="Сравнить с другим").click()
        page.get_by_label("Вторая сущность").fill("зорин")
        page.get_by_role("button", name="Пётр Зорин").click()
        expect(page.locator("[aria-labelledby=between]")).to_contain_text("Пётр Зорин")
        assert texts(page.locator(".common h3 a")) == ["Клин"]
        assert len(texts(page.locator(".common .fact"))) == 2
        expect(page.locator("[aria-labelledby=both] .number")).to_have_text("1 + 1")
        assert texts(page.locator(".of-two time")) == ["1890", "1900-05-05"]
        assert texts(page.locator(".of-two .whose")) == ["Пётр Зорин:", "Иван Орлов:"]
        page.reload()
        expect(page.locator(".of-two li")).to_have_count(2)


def test_a_dossier_goes_on_paper_with_its_quotations(watched: Watched, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    page = watched.page
    with served(tmp_path, tuple(records(*TEXTS[:4]))) as own:
        page.goto(f"{own}/entity?id={entity(page, own, 'Иван Орлов')}")
        page.get_by_role("link", name="Досье").click()
        expect(page.get_by_role("button", name="Печать")).to_be_enabled()
        quotations = page.locator(".told blockquote")
        facts = page.request.get(
            f"{own}/v1/facts", params={"entity": entity(page, own, "Иван Орлов")}
        )
        assert quotations.count() == sum(len(f["evidence"]) for f in facts.json()["items"]) > 4
        page.emulate_media(media="print", color_scheme="dark")
        expect(page.locator("header.top")).to_be_hidden()
        expect(page.get_by_role("button", name="Печать")).to_be_hidden()
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        )
        [*pages] = pypdf.PdfReader(BytesIO(page.pdf(format="A4"))).pages
        printed = " ".join(" ".join(one.extract_text() for one in pages).split())
        for wanted in ("Иван Орлов", "место рождения", "родился в Клину", "дата смерти", "1.txt"):
            assert wanted in printed
        assert "Граф" not in printed


DATED = (
    "[Иван Орлов|PERSON] родился [в 427 году до н. э.|DATE]. => 1 DATE_OF_BIRTH 2 0.9",
    "[Иван Орлов|PERSON] бывал [в 1890-х годах|DATE]. => 1 START_TIME 2 0.9",
    "[Иван Орлов|PERSON] умер [зимой 1960 года|DATE]. => 1 DATE_OF_DEATH 2 0.9",
)


def test_dates_read_as_people_write_them(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*DATED))) as own:
        page.goto(f"{own}/entity?id={entity(page, own, 'Иван Орлов')}")
        times = page.locator(".timeline time")
        assert texts(times) == ["427 до н. э.", "1890-е годы", "зима 1960"]
        assert times.first.get_attribute("datetime") == "-0426"
        page.get_by_label("Язык", exact=True).select_option("en")
        expect(times.first).to_have_text("427 BC")


def test_an_entity_gets_another_name_and_type_and_its_own_back(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*PEOPLE))) as own:
        id = entity(page, own, "Пётр Зорин")
        page.goto(f"{own}/entity?id={id}")
        settled(page)
        forms = page.locator(".corrections")
        forms.locator("summary").click()
        rename = forms.get_by_role("button", name="Переименовать")
        expect(rename).to_be_disabled()
        forms.get_by_label("Имя").fill("Пётр Ильич Зорин")
        rename.click()
        expect(page.locator("h1")).to_have_text("Пётр Ильич Зорин")
        forms.get_by_role("combobox", name="Тип", exact=True).select_option("EVENT")
        forms.get_by_role("button", name="Сменить тип").click()
        expect(page.locator(".head .type")).to_have_text("событие")
        made = judgements(page, own)
        assert [(j["verdict"], j["value"]) for j in made] == [
            ("rename", "Пётр Ильич Зорин"), ("retype", "EVENT")
        ]  # fmt: skip
        page.locator(".outcome").get_by_role("button", name="Отменить").click()
        expect(page.locator(".head .type")).to_have_text("человек")
        page.goto(f"{own}/judgements")
        expect(page.locator(".judgements > li")).to_contain_text("→ Пётр Ильич Зорин")


def test_a_merge_shows_before_what_contradicts_itself_then(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    with served(tmp_path, tuple(records(*PEOPLE))) as own:
        page.goto(f"{own}/review?tab=merge")
        for number, name in enumerate(("Иван Орлов", "Пётр Зорин")):
            picker = page.locator(".picker").nth(number)
            picker.locator("input").fill(name)
            picker.get_by_role("button", name=name).click()
        preview = page.locator(".preview")
        expect(preview).to_contain_text("Упоминания: 4")
        expect(preview).to_contain_text("Факты между ними исчезнут")
        expect(preview).to_contain_text("Верно может быть только одно")
        expect(preview).to_contain_text("5 мая 1900 года")
        assert judgements(page, own) == []
