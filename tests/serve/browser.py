"""Debian's chromium with the page of a server in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from served import PICTURES

CHROMIUM = Path("/usr/bin/chromium")
MISSING = "there is no chromium in /usr/bin; on Debian, as root, type: apt-get install chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE_MS = 20_000
"""For an answer on a busy machine."""


@contextmanager
def chromium(film: Path) -> Iterator[Browser]:
    """A browser whose camera sees docs/pictures/row.jpg, written to `film`."""
    expect.set_options(timeout=PATIENCE_MS)
    film.write_bytes((PICTURES / "row.jpg").read_bytes())  # motion JPEG is JPEGs, one behind the other
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-video-capture={film}"]
        )
        yield browser
        browser.close()


@dataclass
class Sight:
    """A page that is open, and what the browser says of it."""

    page: Page
    origin: str
    errors: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)
    """Addresses of requests that left the origin."""

    def __getitem__(self, name: str) -> Locator:
        """The element with that id."""
        return self.page.locator(f"#{name}")

    def settle(self) -> None:
        """Return when all that is to be read was read."""
        expect(self["answer"]).to_have_attribute("aria-busy", "false")

    def reads(self, text: str) -> None:
        """Return when the page has read `text` and nothing else is to be read."""
        self.settle()
        expect(self["headline"]).to_have_text(text)

    def show_numbers(self) -> None:
        """Switch to numbers."""
        self.page.get_by_text("Numbers", exact=True).click()


@contextmanager
def looking(browser: Browser, url: str, **context: Any) -> Iterator[Sight]:
    """The page at `url` in a context of its own; nothing it does may be an error or leave the server."""
    with browser.new_context(**context) as own:
        page = own.new_page()
        page.set_default_timeout(PATIENCE_MS)
        sight = Sight(page, re.sub(r"/$", "", url))
        page.on("console", lambda line: sight.errors.append(line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: sight.errors.append(str(error)))
        page.on("filechooser", lambda _: None)  # or the browser hears too late that a test waits for one
        own.on("request", lambda request: _note(sight, request.url))
        page.goto(url)
        yield sight
    assert sight.errors == []
    assert sight.abroad == []


def _note(sight: Sight, url: str) -> None:
    if not url.startswith((f"{sight.origin}/", f"blob:{sight.origin}/", "data:")):
        sight.abroad.append(url)
