"""How fluid the graph view is: frames while it is panned and zoomed, and how long it takes to draw.

Run:  python benchmarks/answers/graph_view.py [--nodes 2000] [--facts 5000] [--seconds 4]

Makes a graph of invented facts in a temporary SQLite store (as ask_latency does), serves it,
opens the view of all its nodes in Debian's Chromium and moves the mouse as a hand would. Frames
are those that the page's own requestAnimationFrame sees. Without a graphics card Chromium
draws in software (SwiftShader), on the same processor that serves: the worst case. Needs
``make explorer``, Playwright and /usr/bin/chromium.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.answers.ask_latency import make
from benchmarks.answers.serve_load import free_port, start
from kgbuild.analytics.layout import layout
from kgbuild.config import Settings

CHROMIUM = "/usr/bin/chromium"
SOFTWARE = ("--no-sandbox", "--headless", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader")  # fmt: skip
RECORD = """() => {
    window.times = [];
    window.recording = true;
    const tick = (time) => {
        window.times.push(time);
        if (window.recording) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
}"""
RENDERER = """() => {
    const gl = document.createElement("canvas").getContext("webgl2");
    const about = gl && gl.getExtension("WEBGL_debug_renderer_info");
    return about ? gl.getParameter(about.UNMASKED_RENDERER_WEBGL) : "no WebGL";
}"""


def processors(session: CDPSession) -> dict[str, float]:
    """Seconds that Chromium's processes have used, by kind: what other work can't distort much."""
    used: dict[str, float] = {}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        used[process["type"]] = used.get(process["type"], 0.0) + process["cpuTime"]
    return used


def frames(
    page: Page, session: CDPSession, name: str, seconds: float, act: Callable[[int], None]
) -> None:
    """Print the frames of some seconds of an action, and what they cost."""
    before = processors(session)
    page.evaluate(RECORD)
    began, number = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        act(number)
        number += 1
    times = page.evaluate("() => { window.recording = false; return window.times; }")
    after = processors(session)
    gaps = np.diff(times)
    if not len(gaps):
        print(f"{name}: no frame in {seconds} s")
        return
    cost = ", ".join(
        f"{kind} {1000 * (after[kind] - before.get(kind, 0)) / len(gaps):.1f}"
        for kind in ("renderer", "GPU", "browser")
        if kind in after
    )
    print(
        f"{name}: {1000 / gaps.mean():.1f} frames/s, median {np.median(gaps):.1f} ms,"
        f" p95 {np.percentile(gaps, 95):.1f} ms, {len(gaps)} frames, {number} movements;"
        f" processor ms a frame: {cost}"
    )


def move(page: Page, session: CDPSession, seconds: float) -> None:
    """Pan, zoom, and let the pointer wander over the nodes."""
    box = page.locator(".graph-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def about(number: int, reach: float) -> tuple[float, float]:
        turn = number / 10
        return x + reach * np.cos(turn), y + reach * np.sin(turn)

    page.mouse.move(x, y)
    page.mouse.down()
    frames(page, session, "pan", seconds, lambda n: page.mouse.move(*about(n, 120)))
    page.mouse.up()
    frames(
        page, session, "zoom", seconds, lambda n: page.mouse.wheel(0, -60 if n % 20 < 10 else 60)
    )
    frames(page, session, "hover", seconds, lambda n: page.mouse.move(*about(n, 60 + n % 90)))


def requests(url: str, nodes: int) -> None:
    """Print what the service takes, and the layout alone."""
    for name in ("first request", "the same again"):
        began = time.perf_counter()
        answer = httpx2.get(f"{url}/v1/graph", params={"top": nodes}, timeout=300)
        print(f"{name}: {time.perf_counter() - began:.2f} s, {len(answer.content) / 1e6:.1f} MB")
    picture: dict[str, Any] = answer.json()
    index = {node["id"]: at for at, node in enumerate(picture["nodes"])}
    pairs = [(index[e["subject"]], index[e["object"]]) for e in picture["edges"]]
    edges = np.array(pairs, np.int64).reshape(-1, 2)
    taken = []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        layout(len(index), edges)
        taken.append((time.process_time() - processor, time.perf_counter() - wall))
    processor, wall = map(statistics.median, zip(*taken, strict=True))
    print(f"layout: {len(index)} nodes, {len(edges)} facts:"
          f" {processor:.2f} s of one core, {wall:.2f} s by the clock")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--facts", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=4)
    given = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = Path(folder) / "kg"
        store.mkdir()
        make(Path(Settings(store=store).database), given.nodes, given.facts).close()
        port = free_port()
        process = start(store, port, patience=600)
        try:
            requests(f"http://127.0.0.1:{port}", given.nodes)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SOFTWARE))
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(300_000)
            began = time.perf_counter()
            page.goto(f"http://127.0.0.1:{port}/graph?top={given.nodes}")
            page.locator(".graph-canvas canvas").first.wait_for(state="attached")
            page.wait_for_function("n => document.querySelectorAll('.graph-list li').length >= n",
                                   arg=given.nodes * 9 // 10)  # fmt: skip
            print(f"page drawn: {time.perf_counter() - began:.2f} s, {page.evaluate(RENDERER)}")
            move(page, browser.new_browser_cdp_session(), given.seconds)
            browser.close()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


if __name__ == "__main__":
    main()
