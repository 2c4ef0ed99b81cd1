"""A wrong answer is corrected by a click or a key, and what the model saw is kept below the right label."""

import base64
from pathlib import Path

import numpy as np
import pytest
from browser import Sight, looking
from hand import DIGITS, write
from playwright.sync_api import expect
from served import PICTURES, serving

from edgemnist.reading.kept import read_kept

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kept"


@pytest.fixture
def collecting(folder):
    with serving("--collect", folder, "--threads", 1) as served:
        yield served


def kept(folder: Path) -> dict[str, np.ndarray]:
    """The only image below each label."""
    return {place.name: read_kept(file) for place in sorted(folder.iterdir()) for file in place.iterdir()}


def seen(sight: Sight) -> np.ndarray:
    """(28, 28) uint8: the pixels that the page shows as what the model saw."""
    pixels = sight["input"].evaluate("canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]")
    return np.array(pixels, np.uint8).reshape(28, 28, 4)[..., 0]


def test_a_click_on_the_right_digit_keeps_what_the_model_saw(chromium, collecting, folder):
    with looking(chromium, collecting.url) as sight:
        write(sight.page, DIGITS["7"])
        sight.reads("7")
        image = seen(sight)
        sight["bars"].get_by_role("button").nth(1).click()
        expect(sight["hint"]).to_have_text("Kept as 1, to learn from.")
        expect(sight["bars"].locator(".kept .name")).to_have_text("1")
        assert list(kept(folder)) == ["1"]
        np.testing.assert_array_equal(kept(folder)["1"], image)


def test_another_correction_takes_the_first_ones_place(chromium, collecting, folder):
    with looking(chromium, collecting.url) as sight:
        write(sight.page, DIGITS["7"])
        sight.reads("7")
        for key in "12":
            sight.page.keyboard.press(key)
            expect(sight["hint"]).to_have_text(f"Kept as {key}, to learn from.")
        assert sorted(place.name for place in folder.iterdir() if any(place.iterdir())) == ["2"]


def test_a_digit_of_a_number_is_chosen_first(chromium, collecting, folder):
    with looking(chromium, collecting.url) as sight:
        sight.show_numbers()
        sight["file"].set_input_files(PICTURES / "row.jpg")
        sight.reads("24073")
        sight.page.keyboard.press("8")
        expect(sight["hint"]).to_have_text("Not right? Choose the digit that is wrong.")
        sight["boxes"].locator(".digit").nth(3).click()
        sight["bars"].get_by_role("button").nth(1).click()
        expect(sight.page.locator(".chip").nth(3)).to_have_text("1kept")
        assert list(kept(folder)) == ["1"]
        reply = collecting.ask("POST", "/v1/predict?row=1&inputs=1", (PICTURES / "row.jpg").read_bytes())
        assert kept(folder)["1"].tobytes() == base64.b64decode(reply.json["answers"][0]["inputs"][3])


def test_where_nothing_is_kept_nothing_can_be_corrected(chromium, tmp_path):
    with serving("--threads", 1) as served, looking(chromium, served.url) as sight:
        write(sight.page, DIGITS["7"])
        sight.reads("7")
        expect(sight["facts"]).to_contain_text("nothing is kept")
        expect(sight["bars"].get_by_role("button")).to_have_count(0)
        expect(sight["hint"]).to_be_empty()
        sight["help"].click()
        expect(sight["key-list"]).not_to_contain_text("0 to 9")
