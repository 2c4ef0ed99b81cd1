"""Digits that are drawn on the page are read while they are drawn."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import Sight, looking
from hand import DIGITS, LETTER, MIDDLE, Place, write, write_number
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.browser

SURE = re.compile(r"^\d\d\.\d % sure$")

PLACES: dict[str, Place] = {
    "narrow": (0.4, 0.15, 0.2, 0.42),
    "middle": MIDDLE,
    "wide": (0.25, 0.12, 0.45, 0.5),
    "small": (0.1, 0.5, 0.12, 0.18),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_digit_that_is_drawn_is_read(chromium, server, place):
    with looking(chromium, server.url) as sight:
        for digit, strokes in DIGITS.items():
            write(sight.page, strokes, PLACES[place])
            sight.reads(digit)
            expect(sight["sure"]).to_have_text(SURE)
            expect(sight["bars"].locator(".top")).to_contain_text(digit)
            expect(sight["seen"]).to_be_visible()
            expect(sight["latency"]).to_contain_text("ms")
            sight["clear"].click()


def test_blank_paper_asks_for_a_digit_and_has_no_answer(chromium, server):
    with looking(chromium, server.url) as sight:
        expect(sight["invite"]).to_have_text("Draw a digit")
        write(sight.page, DIGITS["3"])
        sight.reads("3")
        expect(sight["invitation"]).to_be_hidden()
        for way in (sight["undo"].click, lambda: sight.page.keyboard.press("Control+z")):
            way()
            expect(sight["invitation"]).to_be_visible()
            sight.reads("")
            expect(sight["sure"]).to_be_empty()
            expect(sight["seen"]).to_be_hidden()
            write(sight.page, DIGITS["3"])
            sight.reads("3")


def test_undo_takes_back_one_stroke(chromium, server):
    with looking(chromium, server.url) as sight:
        write_number(sight.page, "20")
        sight.settle()
        expect(sight["sure"]).to_have_text("Several digits.")
        sight["undo"].click()
        sight.reads("2")


def test_several_digits_are_read_as_numbers_at_a_click(chromium, server):
    with looking(chromium, server.url) as sight:
        write_number(sight.page, "2026")
        sight.settle()
        expect(sight["sure"]).to_have_text("Several digits.")
        sight["numbers"].click()
        sight.reads("2026")
        expect(sight["mode"].get_by_label("Numbers")).to_be_checked()
        expect(sight.page.locator(".chip")).to_have_count(4)


def test_ink_that_was_not_read_is_said_to_be_outside_the_box(chromium, server):
    with looking(chromium, server.url) as sight:
        write(sight.page, DIGITS["0"], (0.05, 0.05, 0.3, 0.45))
        sight.reads("0")
        expect(sight["sure"]).not_to_contain_text("outside")
        expect(sight["boxes"].locator("rect")).to_have_count(0)
        write(sight.page, DIGITS["1"])
        sight.reads("0")
        expect(sight["sure"]).to_contain_text("Ink outside the box is not read.")
        expect(sight["boxes"].locator("rect")).to_have_count(1)
        sight["numbers"].click()
        expect(sight["mode"].get_by_label("Numbers")).to_be_checked()


def test_what_may_be_no_digit_is_called_doubtful_with_the_reason(chromium, server):
    with looking(chromium, server.url) as sight:
        write(sight.page, LETTER)
        sight.settle()
        expect(sight["sure"]).to_contain_text("Doubtful: ")
        expect(sight["sure"]).to_contain_text("perhaps no digit")


def test_what_is_sent_is_a_png_that_is_not_kept(chromium, server):
    with looking(chromium, server.url) as sight:
        with sight.page.expect_request("**/v1/predict?*") as sent:
            write(sight.page, DIGITS["5"])
        assert sent.value.header_value("content-type") == "image/png"
        assert parse_qs(urlsplit(sent.value.url).query) == {"inputs": ["1"], "top_k": ["10"], "collect": ["0"]}


@contextmanager
def first_held(sight: Sight) -> Iterator[list[Route]]:
    """All requests to read something; the first, which the block makes, waits in it until the block is left."""
    routes: list[Route] = []

    def handle(route: Route) -> None:
        routes.append(route)
        if len(routes) > 1:
            route.continue_()

    sight.page.route("**/v1/predict?*", handle)
    yield routes
    routes[0].continue_()


def test_one_request_is_on_its_way_at_a_time_and_the_newest_drawing_follows(chromium, server):
    with looking(chromium, server.url) as sight:
        with first_held(sight) as routes:
            write(sight.page, DIGITS["4"])
            expect(sight["answer"]).to_have_attribute("aria-busy", "true")
            assert len(routes) == 1
        sight.reads("4")
        assert len(routes) == 2


def test_an_answer_that_comes_after_the_paper_was_cleared_is_not_shown(chromium, server):
    with looking(chromium, server.url) as sight:
        with first_held(sight) as routes:
            write(sight.page, DIGITS["4"])
            sight["clear"].click()
        sight.reads("")
        expect(sight["sure"]).to_be_empty()
        assert len(routes) == 1


def test_a_reader_that_is_gone_is_said_to_be(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.page.route("**/v1/predict?*", lambda route: route.abort())
        write(sight.page, DIGITS["6"])
        sight.settle()
        expect(sight["notice"]).to_have_text("The reader does not answer: is it still running?")
        expect(sight["headline"]).to_be_empty()
        sight.page.unroute("**/v1/predict?*")
        sight["undo"].click()
        expect(sight["notice"]).to_be_empty()
        sight.errors.clear()
