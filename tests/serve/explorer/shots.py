"""Pictures of every page of the explorer, to look at.

``PYTHONPATH=.:tests python -m serve.explorer.shots http://127.0.0.1:8765 FOLDER`` takes them of
a running service at 1280 and 390 pixels, in light and dark, and says where a page is wider
than the window or complains. ``… http://127.0.0.1:8765 docs/explorer.png`` takes the README's
picture alone, of the graph around who is mentioned most.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from serve.explorer.conftest import CHROMIUM, Watched, settled

WINDOWS = {1280: 900, 390: 844}
DRAWN = 2000
"""Milliseconds in which a graph that is there is drawn."""


def addresses(request: Any, url: str) -> dict[str, str]:
    """A page of each kind, over what the service holds."""
    people = request.get(f"{url}/v1/entities?type=PERSON&limit=2").json()["items"]
    entity, other = people[0], people[-1]
    fact = request.get(f"{url}/v1/facts?entity={quote(entity['id'])}&limit=1").json()["items"][0]
    source = quote(fact["evidence"][0]["document"], safe="")
    start, end = (fact["evidence"][0]["subject"][name] for name in ("start", "end"))
    name = quote(entity["name"])
    return {
        "home": "/",
        "answer": f"/?question=Кто такой {name}?",
        "abstention": "/?question=Кто построил Эйфелеву башню?",
        "search": f"/search?text={name}",
        "entities": "/entities",
        "entity": f"/entity?id={quote(entity['id'], safe='')}",
        "documents": "/documents",
        "document": f"/document?source={source}",
        "mention": f"/document?source={source}&at={start}-{end}",
        "fact": f"/document?source={source}&fact={quote(fact['id'], safe='')}",
        "graph": "/graph",
        "review": "/review",
        "facts": "/review?tab=facts",
        "merge": "/review?tab=merge",
        "judgements": "/judgements",
        "news": "/news",
        "compare": f"/compare?one={quote(entity['id'])}&other={quote(other['id'])}",
        "dossier": f"/dossier?id={quote(entity['id'])}",
    }


def readme_picture(url: str, path: Path) -> None:
    """The graph around one entity beside its card, in 64 colours."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        watched = Watched(browser, viewport={"width": 1280, "height": 800}, color_scheme="light")
        page = watched.page
        [entity] = page.request.get(f"{url}/v1/entities?type=PERSON&limit=1").json()["items"]
        id = quote(entity["id"], safe="")
        page.goto(f"{url}/graph?entity={id}&chosen={id}")
        settled(page)
        page.locator("main canvas").first.wait_for()
        page.wait_for_timeout(DRAWN)
        page.screenshot(path=path)
        browser.close()
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main(url: str, folder: Path) -> None:
    """Take them all."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width, height in WINDOWS.items():
            for theme in ("light", "dark"):
                size = {"width": width, "height": height}
                watched = Watched(browser, viewport=size, color_scheme=theme)
                page = watched.page
                page.set_default_timeout(60_000)
                for name, path in addresses(page.request, url).items():
                    page.goto(url + path)
                    settled(page)
                    if name == "graph":
                        page.locator("main canvas").first.wait_for()
                        page.wait_for_timeout(DRAWN)
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
                    wider = page.evaluate("document.documentElement.scrollWidth") - width
                    if wider > 0:
                        print(f"{name} at {width}: {wider} pixels too wide")
                for complaint in watched.complaints:
                    print(f"{width} {theme}: {complaint}")
                watched.context.close()
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    into = Path(sys.argv[2])
    (readme_picture if into.suffix == ".png" else main)(sys.argv[1].rstrip("/"), into)
