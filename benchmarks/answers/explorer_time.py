"""How long a person waits for the explorer: first content of its pages, and a review by keys.

Run:  python benchmarks/answers/explorer_time.py [--documents 100 10000] [--judgements 20]

Makes graphs of invented documents (people who recur, by whole names and by surnames, where they
live and work), with stand-ins for the models, serves each and opens it in Debian's Chromium.
A page's time ends when what it is about is drawn, not when it is empty. Of a judgement two times
are printed: until the next one stands there, and until the service has recorded it (the graph
follows at once). Needs ``make explorer``, Playwright and /usr/bin/chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
from playwright.sync_api import Page, TimeoutError, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.answers.graph_view import CHROMIUM
from benchmarks.answers.serve_load import free_port

ROOT = Path(__file__).parents[2]

PATIENCE = 40
"""Seconds after which a page counts as not shown."""

_GIVEN = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Зоя", "Иван", "Кира", "Лев")
_SYLLABLES = ("ба", "во", "го", "ду", "жи", "за", "ки", "ло", "му", "не", "по", "ру")

_HERE = """
import sys
sys.path[:0] = [{root!r}]
from pathlib import Path
from benchmarks.stand_ins import use_stand_ins
from kgbuild import wiring
from kgbuild.config import Settings

use_stand_ins()
settings = Settings(store=Path({store!r}))
"""
_INGEST = """
with wiring.open_graph(settings, create=True) as graph:
    graph.ingest({folder!r})
"""
_SERVE = """
from kgbuild.serve.run import run
from kgbuild.serve.settings import ServeSettings
run(ServeSettings(settings, port={port}, everybody=True))
"""

PAGES = {
    "home": ("/", ".columns .rows .entity"),
    "entities": ("/entities", ".rows .entity"),
    "documents": ("/documents", ".rows .source"),
    "an entity": ("/entity?id={id}", ".fact"),
    "search": ("/search?text={name}", ".passages li"),
    "graph": ("/graph", ".graph-list li"),
    "pairs to review": ("/review", ".queue .passage"),
    "facts to review": ("/review?tab=facts", ".queue .passage"),
    "new": ("/news", "main .fact"),
    "two people": ("/compare?one={id}&other={other}", "main [aria-labelledby], main > p"),
    "dossier": ("/dossier?id={id}", ".told blockquote"),
}
"""Pages, and what is drawn there first of what they are about."""

NEXT = """() => new Promise((drawn) => {
    const first = () => document.querySelector(".queue > li")?.dataset.key;
    const before = first(), began = performance.now();
    const look = () => first() !== before ? drawn(performance.now() - began) : requestAnimationFrame(look);
    dispatchEvent(new KeyboardEvent("keydown", { code: "Digit1" }));
    look();
})"""
"""Milliseconds from a key to the frame in which the next one is drawn."""


def texts(count: int, seed: int = 0) -> Iterator[str]:
    """Documents of four sentences, the people of a twentieth of them each."""
    chance = random.Random(seed)

    def word(end: str) -> str:
        return "".join(chance.sample(_SYLLABLES, 3)).capitalize() + end

    people = [(chance.choice(_GIVEN), word("в")) for _ in range(max(20, count))]
    towns, firms = ([word(end) for _ in range(60)] for end in ("ск", "пром"))
    for _ in range(count):
        (given, family), (other, second) = chance.sample(people, 2)
        yield (
            f"Сообщают, что {given} {family} живёт в городе {chance.choice(towns)}."
            f" Там же {other} {second} работает в компании {chance.choice(firms)}."
            f" Позже {family} переехал в город {chance.choice(towns)}."
            f" Пишут, что {given} знает, где {second}."
        )


def run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def ready(url: str, process: subprocess.Popen[bytes], patience: float = 300) -> None:
    """Wait until the service answers."""
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the service isn't ready")


def opened(page: Page, url: str) -> None:
    """Print how long each page takes, the first time and the median of three more."""
    people = httpx2.get(f"{url}/v1/entities?type=PERSON&limit=2", timeout=300).json()["items"]
    one, other = (quote(e["id"], safe="") for e in people)
    for name, (path, drawn) in PAGES.items():
        address = url + path.format(id=one, other=other, name=quote(people[0]["name"]))
        taken = []
        for _ in range(4):
            page.goto("about:blank")
            began = time.perf_counter()
            page.goto(address, wait_until="commit")
            try:
                page.locator(drawn).first.wait_for()
            except TimeoutError:
                break
            taken.append(time.perf_counter() - began)
        if len(taken) < 4:
            print(f"  {name}: not within {PATIENCE} s", flush=True)
            continue
        print(f"  {name}: {taken[0]:.2f} s, then {statistics.median(taken[1:]):.2f} s", flush=True)


def judged(page: Page, url: str, path: str, count: int) -> None:
    """Print what a judgement by key takes."""
    page.goto(url + path)
    page.locator(".queue .passage").first.wait_for()
    seen, recorded = [], []
    before = len(_judgements(url))
    for number in range(count):
        began = time.perf_counter()
        seen.append(page.evaluate(NEXT))
        page.locator(".outcome", has_text=f"№{before + number + 1}:").wait_for()
        recorded.append(time.perf_counter() - began)
    assert len(_judgements(url)) == before + count
    print(f"  {path}: {count} judgements by key: the next one after {statistics.median(seen):.0f} ms"
          f" (at most {max(seen):.0f}), recorded after {statistics.median(recorded):.2f} s"
          f" (at most {max(recorded):.2f})", flush=True)  # fmt: skip


def _judgements(url: str) -> list[object]:
    found: list[object] = httpx2.get(f"{url}/v1/judgements?limit=200", timeout=300).json()["items"]
    return found


def measure(page: Page, folder: Path, count: int, judgements: int) -> None:
    """Make a graph of so many documents, serve it and look at it."""
    file, store, port = folder / f"{count}.jsonl", folder / f"kg{count}", free_port()
    lines = (json.dumps({"text": text}, ensure_ascii=False) for text in texts(count))
    file.write_text("\n".join(lines), "utf-8")
    here = _HERE.format(root=str(ROOT), store=str(store))
    run(here + _INGEST.format(folder=str(file)))
    process = subprocess.Popen(
        [sys.executable, "-c", here + _SERVE.format(port=port)],
        stderr=(folder / "service.log").open("ab"),
    )
    url = f"http://127.0.0.1:{port}"
    try:
        ready(url, process)
        stats = httpx2.get(f"{url}/v1/stats", timeout=300).json()
        waiting = httpx2.get(f"{url}/v1/review/waiting", timeout=300).json()
        print(f"{stats['documents']} documents, {stats['entities']} entities, {stats['facts']} facts,"
              f" {waiting['pairs']} pairs to review", flush=True)  # fmt: skip
        for path in ("/review", "/review?tab=facts"):
            judged(page, url, path, judgements)
        opened(page, url)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--judgements", type=int, default=20)
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="ru-RU")
        page.set_default_timeout(1000 * PATIENCE)
        for count in given.documents:
            measure(page, Path(folder), count, given.judgements)
        browser.close()


if __name__ == "__main__":
    main()
