"""Takes the pictures of the page of `edgemnist serve`: python docs/pictures/page_shots.py.

It needs the extra `dev` and Debian's chromium. serve-digit.png shows a digit that is drawn, serve-numbers.png what is
read in page.jpg, in the dark.
"""

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

FOLDER = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
SIZE = {"width": 1200, "height": 740}
STEM = [(272, 118), (262, 172), (254, 232), (284, 216), (326, 214), (366, 240), (386, 286), (376, 338), (342, 378)]
FIVE = [[*STEM, (294, 390), (248, 372)], [(272, 118), (330, 112), (394, 110)]]
"""Strokes of a 5, in pixels from the paper's corner."""


def draw(page: Page) -> None:
    """Draw the 5 with the mouse."""
    corner = page.locator("#paper").bounding_box()
    assert corner
    for (x, y), *points in FIVE:
        page.mouse.move(corner["x"] + x, corner["y"] + y)
        page.mouse.down()
        for x, y in points:
            page.mouse.move(corner["x"] + x, corner["y"] + y)
        page.mouse.up()
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#headline")).to_have_text("5")


def show_numbers(page: Page) -> None:
    """Read page.jpg, and choose a digit of it."""
    page.locator("#file").set_input_files(FOLDER / "page.jpg")
    page.get_by_role("button", name="Read as numbers").click()
    page.locator("#boxes .digit").nth(6).click()


def save(page: Page, name: str) -> None:
    """What the page looks like, in 256 colors."""
    page.mouse.move(0, 0)
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(256).save(FOLDER / name, optimize=True)


def main() -> None:
    command = [sys.executable, "-m", "edgemnist", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
        assert server.stdout
        address = server.stdout.readline().strip()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, scheme, act in (
            ("serve-digit.png", "light", draw),
            ("serve-numbers.png", "dark", show_numbers),
        ):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
            page.goto(address)
            expect(page.locator("#facts")).not_to_be_empty()
            act(page)
            save(page, name)
        server.terminate()


main()
