"""The page serves everybody: phones, dark rooms, keyboards alone, screen readers, and readers that ask for a token."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Sight, looking
from hand import DIGITS, write, write_with_finger
from playwright.sync_api import expect
from served import PICTURES, serving

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True, "is_mobile": True}
TOKEN = "0123456789abcdef0123456789abcdef"
SMALL_PHONE = {**PHONE, "viewport": {"width": 320, "height": 640}}
LOOKS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
    "dark phone": {**SMALL_PHONE, "color_scheme": "dark"},
}


def violations(sight: Sight) -> str:
    """What axe-core objects to, in words."""
    found = Axe().run(sight.page)
    return found.generate_report() if found.violations_count else ""


@pytest.mark.parametrize("look", LOOKS)
def test_axe_has_no_objection_to_any_state_of_the_page(chromium, server, look):
    with looking(chromium, server.url, **LOOKS[look], reduced_motion="reduce") as sight:
        expect(sight["facts"]).not_to_be_empty()
        assert violations(sight) == ""
        write(sight.page, DIGITS["4"])
        sight.reads("4")
        assert violations(sight) == ""
        sight.show_numbers()
        sight["file"].set_input_files(PICTURES / "page.jpg")
        sight.settle()
        sight.page.locator(".chip").nth(2).click()
        assert violations(sight) == ""
        sight["camera"].click()
        expect(sight["take"]).to_be_visible()
        assert violations(sight) == ""
        sight["stop"].click()
        sight["help"].click()
        assert violations(sight) == ""


@pytest.mark.parametrize("phone", [PHONE, SMALL_PHONE], ids=["390x844", "320x640"])
def test_a_finger_writes_on_a_phone_and_nothing_is_cut_off(chromium, server, phone):
    with looking(chromium, server.url, **phone) as sight:
        for digit in "25":
            write_with_finger(sight.page, DIGITS[digit])
            sight.reads(digit)
            width = phone["viewport"]["width"]
            assert sight.page.evaluate("[scrollY, document.documentElement.scrollWidth]") == [0, width]
            box = sight["headline"].bounding_box()
            assert box["y"] + box["height"] <= phone["viewport"]["height"]
            sight["clear"].click()
            expect(sight["invitation"]).to_be_visible()
        sight.show_numbers()
        sight["file"].set_input_files(PICTURES / "page.jpg")
        sight.settle()
        expect(sight["headline"]).to_contain_text("1984")
        assert sight.page.evaluate("document.documentElement.scrollWidth") == width


def test_in_the_dark_the_page_is_dark_and_reads_the_same(chromium, server):
    with looking(chromium, server.url, color_scheme="dark") as sight:
        desk, pen = sight.page.evaluate(
            "[document.body, document.getElementById('paper')].map((it, pen) =>"
            " getComputedStyle(it)[pen ? 'color' : 'backgroundColor'].match(/\\d+/g).map(Number))"
        )
        assert max(desk) < 60
        assert min(pen) > 180
        write(sight.page, DIGITS["8"])
        sight.reads("8")


def test_nothing_moves_for_those_who_want_it_so(chromium, server):
    moving = "getComputedStyle(document.querySelector('.fill')).transitionDuration"
    with looking(chromium, server.url, reduced_motion="reduce") as sight:
        assert sight.page.evaluate(moving) == "0s"
    with looking(chromium, server.url, reduced_motion="no-preference") as sight:
        assert sight.page.evaluate(moving) != "0s"


def test_a_screen_reader_hears_an_answer_once_the_pen_is_up(chromium, server):
    with looking(chromium, server.url) as sight:
        assert sight["spoken"].get_attribute("role") == "status"
        page = sight.page
        page.mouse.move(300, 300)
        page.mouse.down()
        page.mouse.move(300, 450)
        sight.settle()
        expect(sight["headline"]).not_to_be_empty()
        expect(sight["spoken"]).to_be_empty()
        page.mouse.up()
        sight.settle()
        expect(sight["spoken"]).to_contain_text("1 ")


def focused(sight: Sight) -> str:
    """The id of the focused element, or its text."""
    return sight.page.evaluate(
        "document.activeElement.id || document.activeElement.value || document.activeElement.textContent"
    )


def test_the_keyboard_alone_does_everything_but_draw(chromium, server):
    with looking(chromium, server.url) as sight:
        press = sight.page.keyboard.press
        expect(sight["bars"].get_by_role("button")).to_have_count(10)
        press("Tab")
        assert focused(sight) == "digit"
        press("ArrowRight")
        assert focused(sight) == "numbers"
        press("Tab")
        assert focused(sight) == "choose"
        with sight.page.expect_file_chooser() as chooser:
            press("Enter")
        chooser.value.set_files(PICTURES / "row.jpg")
        sight.reads("24073")

        for name in ("camera", *"24"):
            press("Tab")
            assert focused(sight).startswith(name)
        press("Enter")
        expect(sight["bars"].locator(".top .name")).to_have_text("4")
        press("9")
        expect(sight["hint"]).to_have_text("Kept as 9, to learn from.")
        assert focused(sight).startswith("9")

        press("n")
        expect(sight["mode"].get_by_label("One digit")).to_be_checked()
        press("Delete")
        expect(sight["invitation"]).to_be_visible()
        press("c")
        expect(sight["video"]).to_be_visible()
        assert focused(sight) == "take"
        press("Escape")
        expect(sight["video"]).to_be_hidden()
        with sight.page.expect_file_chooser():
            press("o")
        sight["help"].focus()
        press("Enter")
        expect(sight["keys"]).to_be_visible()
        press("Escape")
        expect(sight["keys"]).to_be_hidden()


def test_a_token_is_asked_for_once_and_kept_for_the_tab(chromium, tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    with serving("--token-file", file, "--threads", 1) as served:
        with looking(chromium, served.url) as sight:
            expect(sight["token"]).to_be_visible()
            assert violations(sight) == ""
            for attempt, why in (("wrong", "That token is not right."), (TOKEN, "")):
                sight["token-value"].fill(attempt)
                sight.page.keyboard.press("Enter")
                if why:
                    expect(sight["token-why"]).to_have_text(why)
            expect(sight["facts"]).to_contain_text("edgemnist ")
            expect(sight["token"]).to_be_hidden()
            assert sight.errors
            assert all("401" in line for line in sight.errors)
            sight.errors.clear()

            write(sight.page, DIGITS["9"])
            sight.reads("9")
            sight.page.reload()
            expect(sight["facts"]).to_contain_text("edgemnist ")
            expect(sight["token"]).to_be_hidden()
        with looking(chromium, served.url) as another:
            expect(another["token"]).to_be_visible()
            another["token-cancel"].click()
            expect(another["notice"]).to_contain_text("This reader asks for a token")
            another.errors.clear()
