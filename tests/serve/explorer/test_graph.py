"""The graph view in a browser that draws in software, over a small written graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from ask.graphs import records
from exchange import hostile
from serve.explorer.conftest import CHROMIUM, WEB, Watched, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api").expect

SOFTWARE = ("--no-sandbox", "--headless", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader")  # fmt: skip
TEXTS = (
    "[Иван Орлов|PERSON] родился в [Клину|CITY] [5 мая 1900 года|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.9, 1 DATE_OF_BIRTH 3 0.8",
    "[Пётр Орлов|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2 0.9",
    "[Пётр Орлов|PERSON] и [Иван Орлов|PERSON] — братья. => 1 SIBLING 2 0.6",
    "[Анна Белова|PERSON] родилась в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2 0.7",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with WebGL in software."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} isn't there")
    if not (WEB / "index.html").exists():
        pytest.skip("the explorer isn't built: make explorer")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(SOFTWARE))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("drawn"), tuple(records(*TEXTS))) as found:
        yield found


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page that complains of nothing but the driver's slowness, and of refusals."""
    made = Watched(browser)
    yield made
    borne = ("GL Driver Message", "the server responded with a status of 422")
    assert [c for c in made.complaints if not any(words in c for words in borne)] == []
    made.context.close()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def told(page: Page, name: str) -> None:
    """Wait until the address has a value of this name."""
    page.wait_for_function("name => new URLSearchParams(location.search).has(name)", arg=name)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".graph-list li").first.wait_for()
    page.wait_for_function(
        """() => {
            const host = document.querySelector(".graph-canvas");
            return host === null || host.canvas?.sigma.getGraph().order > 0;
        }"""
    )
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def names(page: Page) -> set[str]:
    return {name.strip() for name in page.locator(".graph-list li bdi").all_inner_texts()}


def row(page: Page, name: str) -> Any:
    return page.locator(".graph-list button", has_text=name).first


def ids(page: Page, url: str) -> dict[str, str]:
    found = page.request.get(f"{url}/v1/graph").json()["nodes"]
    return {node["name"]: node["id"] for node in found}


def drawn(page: Page) -> bool:
    return page.locator(".graph-canvas canvas").count() > 0


def test_expanding_from_a_centre_and_the_permalink(page: Page, url: str) -> None:
    anna = ids(page, url)["Анна Белова"]
    opened(page, f"{url}/graph?entity={anna}")
    assert names(page) == {"Анна Белова", "Тверь"}
    row(page, "Тверь").focus()
    page.keyboard.press("Enter")
    row(page, "Пётр Орлов").wait_for()
    assert names(page) == {"Анна Белова", "Тверь", "Пётр Орлов"}
    assert query(page)["centre"] == [anna]
    address = page.url
    asked = {key: one for key, one in query(page).items() if key not in ("chosen", "camera")}
    picture = page.request.get(f"{url}/v1/graph?{urlencode(asked, doseq=True)}").json()
    assert {node["name"] for node in picture["nodes"]} == names(page)
    again = page.context.new_page()
    opened(again, address)
    assert names(again) == names(page)
    assert query(again)["step"] == query(page)["step"]
    again.close()


def test_keys_move_the_drawing_and_the_address_keeps_it(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    if not drawn(page):
        pytest.skip("this Chromium has no WebGL")
    assert "camera" not in query(page)
    page.locator(".graph-canvas").focus()
    page.keyboard.press("ArrowRight")
    told(page, "camera")
    moved = query(page)["camera"]
    page.keyboard.press("+")
    page.wait_for_function("was => new URLSearchParams(location.search).get('camera') !== was",
                           arg=moved[0])  # fmt: skip
    page.wait_for_timeout(600)
    kept = query(page)["camera"]
    page.reload()
    page.locator(".graph-list li").first.wait_for()
    page.wait_for_timeout(600)
    assert query(page)["camera"] == kept
    page.locator(".graph-canvas").focus()
    page.keyboard.press("0")
    page.wait_for_function("() => !new URLSearchParams(location.search).has('camera')")


def middle(page: Page) -> tuple[float, float]:
    """Where the middle of the picture is: left of the canvas', for labels are on the right."""
    box = page.locator(".graph-canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2 - 50, box["y"] + box["height"] / 2


def test_the_mouse_chooses_and_expands(page: Page, url: str) -> None:
    anna = ids(page, url)["Анна Белова"]
    opened(page, f"{url}/graph?centre={anna}&confidence=1")
    if not drawn(page):
        pytest.skip("this Chromium has no WebGL")
    page.mouse.dblclick(*middle(page))
    told(page, "step")
    assert query(page)["step"] == query(page)["chosen"] == [anna]
    opened(page, f"{url}/graph?centre={anna}")
    page.mouse.click(*middle(page))
    page.locator(".graph-card .evidence").wait_for()
    assert set(query(page)["chosen"][0].split("~")) == {anna, ids(page, url)["Тверь"]}
    page.locator(".graph-canvas").focus()
    page.keyboard.press("Escape")
    page.locator(".graph-card").wait_for(state="detached")


def test_a_path_between_two_nodes(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    row(page, "Анна Белова").click()
    page.get_by_role("button", name="Путь отсюда").click()
    row(page, "Клин").click()
    page.get_by_role("button", name="Путь сюда от Анна Белова").click()
    told(page, "step")
    known = ids(page, url)
    path = f"{known['Анна Белова']}~{known['Клин']}"
    assert query(page)["step"] == [path]
    found = page.request.get(f"{url}/v1/graph", params={"step": path}).json()
    assert sum(edge["on_path"] for edge in found["edges"]) == 4
    opened(page, f"{url}/graph?step={path}&relation=PLACE_OF_BIRTH")
    page.locator(".graph-status", has_text="Пути между выбранными узлами не нашлось").wait_for()


def test_a_line_opens_to_its_sentence(page: Page, url: str) -> None:
    known = ids(page, url)
    opened(page, f"{url}/graph?chosen={known['Иван Орлов']}~{known['Пётр Орлов']}")
    page.locator(".graph-card .evidence mark.subject").first.wait_for()
    assert "братья" in page.locator(".graph-card .passage").first.inner_text()
    page.locator(".graph-card .source").first.click()
    page.wait_for_url("**/document?*")


def test_a_node_leads_to_its_page(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    row(page, "Пётр Орлов").click()
    assert "Пётр Орлов" in page.locator(".graph-card h2").inner_text()
    page.get_by_role("button", name="Страница сущности").click()
    page.wait_for_url("**/entity?*")


def test_filters(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    page.locator(".graph-choice summary", has_text="Отношения").click()
    page.locator(".graph-choice label", has_text="брат или сестра").click()
    told(page, "relation")
    page.locator(".graph-filters input[type=range]").fill("0.85")
    told(page, "confidence")
    page.get_by_label("Не раньше").fill("когда-то")
    page.get_by_label("Не раньше").blur()
    page.locator(".graph-status .failure", has_text="когда-то").wait_for()
    page.get_by_role("button", name="Снять отбор").click()
    page.wait_for_function("() => location.search === '' || !location.search.includes('relation')")
    row(page, "Анна Белова").wait_for()


def test_export(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    if not drawn(page):
        pytest.skip("this Chromium has no WebGL")
    with page.expect_download() as png:
        page.get_by_role("button", name="Сохранить PNG").click()
    content = Path(png.value.path()).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 5_000
    with page.expect_download() as svg:
        page.get_by_role("button", name="Сохранить SVG").click()
    text = Path(svg.value.path()).read_text("utf-8")
    assert text.count("<circle") == len(names(page))
    assert "Анна Белова" in text


def spot(page: Page, url: str, name: str) -> tuple[float, float]:
    """Where a node is drawn, in the window."""
    place = """name => {
        const { sigma } = document.querySelector(".graph-canvas").canvas;
        const graph = sigma.getGraph();
        const id = graph.findNode((_, data) => data.label === name);
        return sigma.graphToViewport(graph.getNodeAttributes(id));
    }"""
    box = page.locator(".graph-canvas").bounding_box()
    assert box is not None
    at = page.evaluate(place, name)
    return box["x"] + at["x"], box["y"] + at["y"]


def test_it_opens_on_people_and_places_none_over_another(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    assert names(page) == {"Иван Орлов", "Пётр Орлов", "Анна Белова", "Клин", "Тверь"}
    page.get_by_label("Все типы").check()
    row(page, "5 мая 1900 года").wait_for()
    told(page, "all")
    page.go_back()  # a step through views
    row(page, "5 мая 1900 года").wait_for(state="detached")
    assert "all" not in query(page)
    page.get_by_role("combobox", name="Цвет").select_option("community")
    page.locator(".graph-legend", has_text="Орлов").wait_for()
    told(page, "colour")
    assert query(page)["colour"] == ["community"]


def test_a_near_miss_hits_and_a_node_can_be_dragged_and_pinned(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    if not drawn(page):
        pytest.skip("this Chromium has no WebGL")
    page.wait_for_timeout(500)
    x, y = spot(page, url, "Анна Белова")
    radius = page.evaluate("""() => {
        const { sigma } = document.querySelector(".graph-canvas").canvas;
        const graph = sigma.getGraph();
        const id = graph.findNode((_, data) => data.label === "Анна Белова");
        return sigma.scaleSize(graph.getNodeAttribute(id, "size"));
    }""")
    page.mouse.click(x, y - radius - 7)  # beside it, within reach
    expect(page.locator(".graph-card h2")).to_contain_text("Анна Белова")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    page.mouse.up()
    told(page, "pin")
    moved = spot(page, url, "Анна Белова")
    assert abs(moved[0] - x - 60) < 12
    assert abs(moved[1] - y + 40) < 12


def test_a_community_can_be_folded_and_shown_again(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    row(page, "Анна Белова").click()
    page.get_by_role("button", name="Свернуть сообщество").click()
    told(page, "group")
    row(page, "+2").wait_for()  # Пётр and Тверь with her
    page.get_by_role("button", name="Вернуть скрытое").click()
    row(page, "Анна Белова").wait_for()


def test_a_node_can_be_hidden(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    row(page, "Анна Белова").click()
    page.get_by_role("button", name="Скрыть", exact=True).click()
    row(page, "Анна Белова").wait_for(state="detached")
    told(page, "hide")


def test_a_node_s_card_has_facts_sentences_verdicts_and_a_way_to_each_line(
    page: Page, url: str
) -> None:
    opened(page, f"{url}/graph")
    row(page, "Анна Белова").focus()
    page.keyboard.press("Space")
    fact = page.locator(".graph-card .fact", has_text="Тверь")
    fact.get_by_role("button", name="источник").press("Enter")
    expect(fact.locator(".passage")).to_contain_text("Анна Белова родилась в Твери")
    expect(
        fact.get_by_role("button", name="Неверно: Анна Белова — место рождения — Тверь")
    ).to_be_visible()
    fact.get_by_role("button", name="связь на рисунке").press("Enter")
    known = ids(page, url)
    page.locator(".graph-card .evidence").wait_for()
    assert query(page)["chosen"] == [f"{known['Анна Белова']}~{known['Тверь']}"]


def test_tables_and_gexf_of_what_is_shown(page: Page, url: str) -> None:
    opened(page, f"{url}/graph")
    with page.expect_download() as table:
        page.get_by_role("button", name="Сохранить CSV").click()
    text = Path(table.value.path()).read_text("utf-8-sig")
    assert '"Анна Белова","PERSON","место рождения","Тверь","CITY","0.700","1"' in text
    assert len(text.splitlines()) == 5
    with page.expect_download() as made:
        page.get_by_role("button", name="Сохранить GEXF").click()
    root = ElementTree.fromstring(Path(made.value.path()).read_text("utf-8"))
    space = "{http://gexf.net/1.3}"
    assert {node.get("label") for node in root.iter(f"{space}node")} == names(page)
    assert len(list(root.iter(f"{space}edge"))) == 4


def test_without_webgl_there_is_the_list(watched: Watched, url: str) -> None:
    watched.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    opened(watched.page, f"{url}/graph")
    assert "нет WebGL" in watched.page.locator(".graph-status [role=alert]").inner_text()
    assert "Анна Белова" in names(watched.page)
    assert watched.page.locator(".graph-canvas").count() == 0


def test_hostile_names_are_text(watched: Watched, tmp_path: Path) -> None:
    probes = ["<img src=x onerror=\"window.ran='img'\">", "<script>window.ran='s'</script>"]
    documents = hostile.records([*probes, *hostile.names(60)])
    with served(tmp_path, documents) as url:
        opened(watched.page, f"{url}/graph?top=100")
        for button in watched.page.locator(".graph-list button").all()[:5]:
            button.click()
            watched.page.locator(".graph-card h2").wait_for()
        assert any("<img" in name for name in names(watched.page))
        if drawn(watched.page):
            with watched.page.expect_download() as svg:
                watched.page.get_by_role("button", name="Сохранить SVG").click()
            root = ElementTree.fromstring(Path(svg.value.path()).read_text("utf-8"))
            kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
            assert kinds == {"svg", "rect", "line", "circle", "text"}
        assert watched.page.evaluate("window.ran") is None
        assert (
            watched.page.evaluate("document.querySelectorAll('main img, main script').length") == 0
        )


def test_it_fits_a_telephone(browser: Browser, url: str) -> None:
    watched = Watched(browser, viewport={"width": 390, "height": 844}, color_scheme="dark")
    opened(watched.page, f"{url}/graph")
    wide = watched.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    watched.context.close()
