"""Names of entities and documents that would run, if they were anything but text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from exchange import hostile
from serve.explorer.conftest import Watched, served

from kgbuild.types import Document, DocumentRecord, Mention, ResolvedMention, Sentence

if TYPE_CHECKING:
    from playwright.sync_api import Browser

expect = pytest.importorskip("playwright.sync_api").expect

COUNT = 300
PROBES = [
    "<img src=x onerror=\"window.ran='img'\">",
    "<svg onload=\"window.ran='svg'\"></svg>",
    "\"><script>window.ran='script'</script>",
    "javascript:window.ran='link'",
    "<a href=\"javascript:window.ran='a'\">нажми</a>",
    "{{constructor.constructor('window.ran=1')()}}",
    "${window.ran='template'}",
    "<iframe srcdoc=\"<script>parent.ran='frame'</script>\"></iframe>",
]
NAMES = [*PROBES, *hostile.names(COUNT - len(PROBES))]


ALONE = 30
"""So many names have a page and a document looked at; the others share documents."""
TOGETHER = 15


def crowd(number: int, names: Sequence[str]) -> DocumentRecord:
    """A document of many names, a line each."""
    text, mentions = "", []
    for name in names:
        mention = Mention(len(text), len(text) + len(name), "PERSON")
        mentions.append(ResolvedMention(mention, hostile.identifier(name), name))
        text += f"{name}\n"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    document = Document(f"crowd-{number}.txt", text, sha256)
    return DocumentRecord(document, (Sentence(0, len(text)),), tuple(mentions), (), "hostile")


def documents() -> list[DocumentRecord]:
    crowds = [NAMES[at : at + TOGETHER] for at in range(ALONE, COUNT, TOGETHER)]
    alone = hostile.records(NAMES[:ALONE])
    return alone + [crowd(number, names) for number, names in enumerate(crowds)]


@pytest.fixture(scope="module")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("hostile"), documents()) as found:
        yield found


def plain(text: str) -> str:
    """A text as the eye sees it: without the spaces and control characters."""
    return re.sub(r"[\s\x00-\x20\x7f-\xa0\u2028\u2029\ufeff]+", "", text)


def walk(watched: Watched, address: str) -> None:
    """Go to an address as a link would, without loading the page again."""
    watched.page.evaluate(
        """address => new Promise(done => {
            history.pushState(null, "", address);
            dispatchEvent(new PopStateEvent("popstate"));
            setTimeout(done, 0);
        })""",
        address,
    )


def nothing_ran(watched: Watched) -> None:
    assert watched.page.evaluate("window.ran") is None
    assert watched.complaints == []
    assert watched.page.evaluate("document.scripts.length") == 2
    made = "document.querySelectorAll('main img, main svg, main iframe, main script').length"
    assert watched.page.evaluate(made) == 0


def test_lists_show_every_name_as_text(watched: Watched, url: str) -> None:
    page = watched.page
    page.goto(f"{url}/entities")
    shown: list[str] = []
    for _ in range(COUNT // 50):
        page.locator(".rows .entity").first.wait_for()
        shown += page.locator(".rows .entity").all_text_contents()
        nothing_ran(watched)
        further = page.get_by_role("link", name="Дальше")
        if further.count() == 0:
            break
        last = shown[-1]
        further.click()
        expect(page.locator(".rows .entity").last).not_to_have_text(last)
    assert sorted(map(plain, shown)) == sorted(map(plain, NAMES))
    page.goto(f"{url}/documents")
    page.locator(".rows .source").first.wait_for()
    nothing_ran(watched)


def test_pages_show_their_names_as_text(watched: Watched, url: str) -> None:
    page = watched.page
    page.goto(f"{url}/entities")
    page.locator(".rows").wait_for()
    for number, name in enumerate(NAMES[:ALONE]):
        id, source = hostile.identifier(name), f"{number}-{name[:20]}.txt"
        walk(watched, f"/entity?id={quote(id, safe='')}")
        page.locator(f'code:text-is("{id}")').wait_for()
        assert plain(page.locator("h1").text_content() or "") == plain(name)
        page.locator(".fact").first.locator(".sources").click()
        walk(watched, f"/document?source={quote(source, safe='')}")
        page.locator(".text .mention").first.wait_for()
        stored = page.request.get(f"{url}/v1/document", params={"source": source}).json()["text"]
        assert page.locator(".text").text_content() == stored
        assert stored.startswith(name)
        nothing_ran(watched)


def test_the_reader_shows_all_the_others_as_text(watched: Watched, url: str) -> None:
    page = watched.page
    page.goto(f"{url}/documents")
    page.locator(".rows").wait_for()
    for number, at in enumerate(range(ALONE, COUNT, TOGETHER)):
        walk(watched, f"/document?source=crowd-{number}.txt")
        page.locator("h1", has_text=f"crowd-{number}.txt").wait_for()
        page.locator(".text .mention").first.wait_for()
        shown = page.locator(".text .mention").all_text_contents()
        assert shown == NAMES[at : at + TOGETHER]
    nothing_ran(watched)


def test_search_shows_them_as_text(watched: Watched, url: str) -> None:
    page = watched.page
    page.goto(f"{url}/search")
    page.locator("h1").wait_for()
    found = 0
    for name in PROBES:
        asked = quote(name, safe="")
        walk(watched, f"/search?text={asked}&mode=lexical")
        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator("main .loading")).to_have_count(0)
        found += page.locator(".passages li").count()
        walk(watched, f"/?question={asked}")
        page.locator(".abstained").wait_for()
        nothing_ran(watched)
    assert found > 0
