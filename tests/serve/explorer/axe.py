"""What axe-core finds wrong with the explorer's pages for people who can't see or point.

``PYTHONPATH=.:tests python -m serve.explorer.axe http://127.0.0.1:8765`` opens every page of a
running service at 1280 and 390 pixels, light and dark, prints each finding with what it is
about, and ends with 1 where one is serious or critical. Needs ``make explorer``.
"""

from __future__ import annotations

import sys

from serve.explorer.conftest import CHROMIUM, WEB, Watched, settled
from serve.explorer.shots import WINDOWS, addresses

AXE = WEB.parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map((one) => [one.impact, one.id, one.nodes.length, one.nodes[0].html]);
}"""
SERIOUS = {"serious", "critical"}


def main(url: str) -> int:
    """How many serious findings there are."""
    from playwright.sync_api import sync_playwright

    serious = pages = 0
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width, height in WINDOWS.items():
            for theme in ("light", "dark"):
                size = {"width": width, "height": height}
                watched = Watched(browser, viewport=size, color_scheme=theme, bypass_csp=True)
                page = watched.page
                for name, path in addresses(page.request, url).items():
                    page.goto(url + path)
                    settled(page)
                    page.wait_for_load_state("networkidle")
                    page.add_script_tag(path=str(AXE))
                    pages += 1
                    for impact, rule, count, html in page.evaluate(RUN):
                        serious += impact in SERIOUS
                        print(f"{name} {width} {theme}: {impact} {rule} ×{count}: {html[:160]}")
                watched.context.close()
        browser.close()
    print(f"{pages} pages looked at, {serious} serious findings")
    return serious


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1].rstrip("/"))))
