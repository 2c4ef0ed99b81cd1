"""Pictures that are dropped, pasted, chosen or taken are read, and what was found is drawn over them."""

import base64
import json
import re

import pytest
from browser import Sight, looking
from hand import DIGITS, write
from PIL import Image
from playwright.sync_api import Route, expect
from served import PICTURES

pytestmark = pytest.mark.browser

PAGE = ["1984 12.50", "-7 36.4 8:15", "205 7/12 96"]
"""What docs/infer-output.md says that page.jpg holds."""

HAND_OVER = """([event, content, name]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, { type: "image/jpeg" }));
    const options = { bubbles: true, cancelable: true };
    const kinds = event === "paste" ? [event] : ["dragenter", "dragover", "drop"];
    for (const kind of kinds)
        document.body.dispatchEvent(
            kind === "paste"
                ? new ClipboardEvent(kind, { ...options, clipboardData: data })
                : new DragEvent(kind, { ...options, dataTransfer: data }),
        );
}"""
"""Dispatches what a browser does when a file comes from outside."""


CORNERS = """photo => {
    const canvas = document.createElement("canvas");
    canvas.width = photo.naturalWidth;
    canvas.height = photo.naturalHeight;
    const context = canvas.getContext("2d");
    context.drawImage(photo, 0, 0);
    const row = context.getImageData(0, 5, canvas.width, 1).data;
    return [row.at(20), row.at(-20)];
}"""
"""The brightness of a picture's upper left and upper right corners."""


def hand_over(sight: Sight, event: str, name: str) -> None:
    content = base64.b64encode((PICTURES / name).read_bytes()).decode()
    sight.page.evaluate(HAND_OVER, [event, content, name])


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_picture_from_outside_is_read(chromium, server, event):
    with looking(chromium, server.url) as sight:
        sight.show_numbers()
        hand_over(sight, event, "row.jpg")
        sight.reads("24073")
        expect(sight["photo"]).to_have_attribute("alt", "The picture row.jpg")
        expect(sight["photo"]).to_be_visible()
        expect(sight.page.locator(".landing")).to_be_hidden()


def test_a_picture_of_a_digit_is_read(chromium, server):
    with looking(chromium, server.url) as sight:
        hand_over(sight, "drop", "seven.jpg")
        sight.reads("7")
        expect(sight["boxes"].locator("rect.word")).to_have_count(1)


def test_a_page_of_numbers_is_read_with_its_lines_words_digits_and_marks(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.show_numbers()
        sight["file"].set_input_files(PICTURES / "page.jpg")
        sight.reads("\n".join(PAGE))
        boxes = sight["boxes"]
        words = " ".join(PAGE).split()
        digits = re.sub(r"\D", "", "".join(PAGE))
        expect(boxes.locator("polyline")).to_have_count(len(PAGE))
        expect(boxes.locator("text")).to_have_text(words)
        expect(boxes.locator(".digit")).to_have_count(len(digits))
        expect(boxes.locator(".mark")).to_have_count(sum(len(re.findall(r"\D", word)) for word in words))
        expect(sight.page.locator(".chip b")).to_have_text(list(digits))
        expect(sight.page.locator(".chip small")).to_have_text([re.compile(r"\d\d\.\d %")] * len(digits))


def test_boxes_lie_where_the_answer_has_them_on_the_picture(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.show_numbers()
        sight["file"].set_input_files(PICTURES / "row.jpg")
        sight.reads("24073")
        reply = server.ask("POST", "/v1/predict?row=1", (PICTURES / "row.jpg").read_bytes())
        left, top, right, bottom = reply.json["answers"][0]["digits"][0]["box"]
        shown = sight["boxes"].locator(".digit").first.bounding_box()
        stage = sight["photo"].bounding_box()
        scale = stage["width"] / 680  # row.jpg is 680 x 250, and fills the width
        above = (stage["height"] - 250 * scale) / 2
        line = 2  # pixels of a box's line and margin
        assert shown["x"] == pytest.approx(stage["x"] + left * scale, abs=line)
        assert shown["y"] == pytest.approx(stage["y"] + above + top * scale, abs=line)
        assert shown["width"] == pytest.approx((right - left) * scale, abs=2 * line)
        assert shown["height"] == pytest.approx((bottom - top) * scale, abs=2 * line)


def test_a_box_that_is_clicked_shows_the_bars_of_its_digit(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.show_numbers()
        hand_over(sight, "drop", "row.jpg")
        sight.reads("24073")
        expect(sight["bars"].locator(".top")).to_have_count(0)
        for index, digit in enumerate("24073"):
            sight["boxes"].locator(".digit").nth(index).click()
            expect(sight["bars"].locator(".top .name")).to_have_text(digit)
            expect(sight.page.locator(".chip[aria-pressed=true] b")).to_have_text(digit)


def test_a_picture_that_lies_on_its_side_is_turned(chromium, server, tmp_path):
    with Image.open(PICTURES / "row.jpg") as upright:
        upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "side.png")
    with looking(chromium, server.url) as sight:
        sight.show_numbers()
        sight["file"].set_input_files(tmp_path / "side.png")
        sight.settle()
        expect(sight["headline"]).not_to_have_text("24073")
        sight["turn"].click()
        sight.reads("24073")
        size = sight["photo"].evaluate("photo => [photo.naturalWidth, photo.naturalHeight]")
        assert size == [680, 250]
        left, right = sight["photo"].evaluate(CORNERS)
        assert left > right  # the light falls from the left


def test_the_camera_takes_a_picture(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.show_numbers()
        sight["camera"].click()
        expect(sight["video"]).to_be_visible()
        sight["take"].click()
        sight.reads("24073")
        expect(sight["video"]).to_be_hidden()
        assert sight["video"].evaluate("video => video.srcObject") is None


def test_a_camera_that_is_cancelled_leaves_the_paper_as_it_was(chromium, server):
    with looking(chromium, server.url) as sight:
        write(sight.page, DIGITS["3"])
        for way in (sight["stop"].click, lambda: sight.page.keyboard.press("Delete")):
            sight["camera"].click()
            expect(sight["video"]).to_be_visible()
            way()
            expect(sight["paper"]).to_be_visible()
            sight.reads("3")
        expect(sight["video"]).to_be_hidden()


def test_without_live_video_the_phones_own_camera_is_asked(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.page.evaluate("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
        with sight.page.expect_file_chooser() as chooser:
            sight["camera"].click()
        assert chooser.value.element.get_attribute("capture") == "environment"
        chooser.value.set_files(PICTURES / "seven.jpg")
        sight.reads("7")


def test_a_camera_that_is_denied_is_said_to_be(chromium, server):
    with looking(chromium, server.url) as sight:
        sight.page.evaluate(
            "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('denied')); }"
        )
        sight["camera"].click()
        expect(sight["notice"]).to_contain_text("No camera: ")
        expect(sight["invitation"]).to_be_visible()


def test_back_on_paper_the_drawing_is_as_it_was(chromium, server):
    with looking(chromium, server.url) as sight:
        write(sight.page, DIGITS["3"])
        sight.reads("3")
        hand_over(sight, "drop", "seven.jpg")
        sight.reads("7")
        sight.page.get_by_text("Back to paper").click()
        expect(sight["photo"]).to_be_hidden()
        expect(sight["boxes"].locator("rect")).to_have_count(0)
        sight.reads("3")


def test_undo_leaves_a_picture_and_the_drawing_behind_it_alone(chromium, server):
    with looking(chromium, server.url) as sight:
        write(sight.page, DIGITS["3"])
        sight.reads("3")
        hand_over(sight, "drop", "seven.jpg")
        sight.reads("7")
        sight.page.keyboard.press("Control+z")
        sight.reads("7")
        expect(sight["photo"]).to_be_visible()
        sight.page.keyboard.press("Delete")
        sight.reads("3")


def test_what_browsers_do_not_show_is_read_and_both_is_said(chromium, server, tmp_path):
    with Image.open(PICTURES / "seven.jpg") as seven, Image.open(PICTURES / "row.jpg") as row:
        seven.save(tmp_path / "two.tif", save_all=True, append_images=[row])
    with looking(chromium, server.url) as sight:
        sight["file"].set_input_files(tmp_path / "two.tif")
        sight.reads("7")
        expect(sight["photo"]).to_be_hidden()
        expect(sight["notice"]).to_have_text(
            "It holds 2 pictures; here is the first. This browser cannot show such a file; it is read all the same."
        )


def test_what_is_no_picture_is_said_to_be(chromium, server, tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with looking(chromium, server.url) as sight:
        sight["file"].set_input_files(tmp_path / "notes.txt")
        sight.settle()
        expect(sight["notice"]).to_contain_text("not")
        expect(sight["headline"]).to_be_empty()
        sight.errors.clear()


def test_a_reader_that_is_busy_is_asked_again(chromium, server):
    with looking(chromium, server.url) as sight:
        replies = iter([503])

        def busy_once(route: Route) -> None:
            if next(replies, None):
                route.fulfill(status=503, headers={"Retry-After": "1"}, body=json.dumps({"detail": "busy"}))
            else:
                route.continue_()

        sight.page.route("**/v1/predict?*", busy_once)
        hand_over(sight, "drop", "seven.jpg")
        sight.reads("7")
        assert [line for line in sight.errors if "503" not in line] == []
        sight.errors.clear()
