"""The explorer as it was built, in Debian's Chromium, over a service in a thread.

Skips where the browser, Playwright or the built explorer is missing (``make explorer``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ask.graphs import records
from fakes import FakeEmbedder
from serve.conftest import FakeCardExtractor
from serve.running import in_thread

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.serve.explorer import WEB
from kgbuild.serve.settings import ServeSettings
from kgbuild.types import DocumentRecord

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")

TEXTS = (
    "😀 👩‍👩‍👧 [Иван Орлов|PERSON] родился в [Клину|CITY] [5 мая 1900 года|DATE]."
    " => 1 PLACE_OF_BIRTH 2 0.9, 1 DATE_OF_BIRTH 3 0.8",
    "[Иван Орлов|PERSON] умер в [Твери|CITY] [7 июня 1980 года|DATE]. Он работал в"
    " [[[[[Клинского|CITY] района|DISTRICT] музее|ORGANIZATION] льда|ORGANIZATION]"
    " имени Зубова|ORGANIZATION]. => 1 PLACE_OF_DEATH 2 0.7, 1 DATE_OF_DEATH 3 0.9,"
    " 1 WORKPLACE 4 0.6, 4 LOCATED_IN 8 0.5",
    "[Пётр Орлов|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2 0.9",
    "[Иван Орлов|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2 0.8",
    "[Глеб Зорин|PERSON] родился в [Клину|CITY]. => 1 PLACE_OF_BIRTH 2",
    "[Фёдор Зорин|PERSON] родился в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2",
    *(f"[Анна Белова|PERSON] видела [Город{n}|CITY]. => 1 PLACE_RESIDES_IN 2" for n in range(60)),
)
"""A small graph: namesakes, dates, spans five deep, characters outside the first plane."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; a module's own, for Playwright's loop stops other loops of this thread."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} isn't there")
    if not (WEB / "index.html").exists():
        pytest.skip("the explorer isn't built: make explorer")
    playwright.expect.set_options(timeout=60_000)
    with playwright.sync_playwright() as running:
        arguments = ["--no-sandbox", "--headless", "--disable-gpu"]
        browser = running.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


class Watched:
    """A page, and whatever it said that a page shouldn't."""

    def __init__(self, browser: Browser, **more: Any) -> None:
        self.context = browser.new_context(**({"locale": "ru-RU"} | more))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.complaints: list[str] = []
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._console)

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        if "GL Driver Message" in message.text:
            return  # software drawing is slow, and says so
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")


def settled(page: Page) -> None:
    """Wait until the page has what it shows."""
    page.locator("main h1, main .graph-host > *").first.wait_for()
    page.locator("main .loading").first.wait_for(state="detached")


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page that has nothing to complain of in the end."""
    made = Watched(browser)
    yield made
    assert made.complaints == []
    made.context.close()


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@contextmanager
def served(folder: Path, documents: Sequence[DocumentRecord], **more: Any) -> Iterator[str]:
    """A service over these documents and over fakes of the models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "make_extractor", lambda settings: FakeCardExtractor())
        patch.setattr(wiring, "make_embedder", lambda settings: FakeEmbedder())
        settings = Settings(store=folder / "kg")
        with wiring.open_graph(settings, create=True) as graph:
            for record in documents:
                graph.store.add_document(record)
        more.setdefault("everybody", "tokens" not in more)
        with in_thread(ServeSettings(settings, **more)) as url:
            yield url


@pytest.fixture(scope="module")
def url(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service over the small graph."""
    with served(tmp_path_factory.mktemp("explored"), tuple(records(*TEXTS))) as found:
        yield found
