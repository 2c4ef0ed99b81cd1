"""Digits 0 to 9 as a hand writes them, and the moves of a mouse, a pen or a finger that write them on the page."""

from playwright.sync_api import Page

Strokes = list[list[tuple[int, int]]]

DIGITS: dict[str, Strokes] = {
    "0": [[(52, 4), (30, 12), (14, 36), (10, 64), (18, 88), (40, 98), (64, 88), (78, 62), (76, 32), (64, 12), (50, 4)]],
    "1": [[(30, 24), (48, 8), (56, 2), (54, 30), (52, 62), (50, 98)]],
    "2": [[(16, 26), (24, 8), (46, 2), (68, 12), (72, 32), (58, 54), (36, 76), (14, 96), (44, 94), (80, 96)]],
    "3": [[(18, 12), (38, 2), (62, 8), (68, 26), (56, 42), (36, 48), (60, 54), (74, 70), (64, 90), (40, 98), (16, 90)]],
    "4": [[(42, 2), (30, 28), (16, 58), (46, 58), (82, 54)], [(62, 32), (58, 66), (54, 98)]],
    "5": [
        [(28, 6), (24, 26), (22, 44), (44, 38), (66, 48), (72, 68), (60, 90), (38, 98), (16, 90)],
        [(28, 6), (50, 4), (74, 4)],
    ],
    "6": [[(62, 2), (38, 20), (22, 48), (18, 74), (32, 94), (54, 96), (68, 80), (62, 62), (44, 56), (24, 68)]],
    "7": [[(14, 8), (44, 6), (78, 4), (62, 36), (46, 66), (34, 98)]],
    "8": [
        [(68, 16), (50, 4), (26, 14), (38, 42), (66, 60), (70, 84), (46, 98), (22, 82), (34, 58), (58, 40), (68, 16)]
    ],
    "9": [[(70, 20), (54, 4), (32, 8), (22, 28), (34, 46), (54, 44), (68, 24), (70, 16), (68, 48), (62, 74), (54, 98)]],
}
"""Strokes on a square of 100."""
LETTER: Strokes = [[(20, 0), (20, 100)], [(80, 0), (22, 55), (80, 100)]]
"""A K, which no digit looks like."""

Place = tuple[float, float, float, float]
"""Left, top, width, height as shares of the paper's width."""
MIDDLE: Place = (0.32, 0.12, 0.36, 0.54)


def on_screen(page: Page, strokes: Strokes, place: Place) -> list[list[tuple[float, float]]]:
    """Points of strokes on the page's paper, in pixels of the screen."""
    box = page.locator("#paper").bounding_box()
    assert box
    left, top, width, height = (box["width"] * share for share in place)
    return [[(box["x"] + left + x / 100 * width, box["y"] + top + y / 100 * height) for x, y in s] for s in strokes]


def write(page: Page, strokes: Strokes, place: Place = MIDDLE) -> None:
    """Write with a mouse."""
    for (x, y), *points in on_screen(page, strokes, place):
        page.mouse.move(x, y)
        page.mouse.down()
        for point in points:
            page.mouse.move(*point)
        page.mouse.up()


def write_number(page: Page, digits: str, height: float = 0.16) -> None:
    """Write digits side by side, that high, with a mouse."""
    for index, digit in enumerate(digits):
        write(page, DIGITS[digit], (0.08 + index * height * 0.95, 0.3, height * 0.75, height))


def write_with_finger(page: Page, strokes: Strokes, place: Place = MIDDLE) -> None:
    """Write on a touch screen."""
    screen = page.context.new_cdp_session(page)
    for stroke in on_screen(page, strokes, place):
        for index, (x, y) in enumerate(stroke):
            kind = "touchMove" if index else "touchStart"
            screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
