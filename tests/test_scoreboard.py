"""The scoreboard's pages show what they say, and its figures are right: benchmarks/reading.py and scoreboard/."""

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scoreboard import experiments, nothing
from scoreboard.digits import Hand, from_folder, from_mnist, written
from scoreboard.figures import answered, figures, words_right
from scoreboard.versions import Answer, other_version

from edgemnist.data import DataSet, Split
from edgemnist.reading.components import find_components

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
EXPERIMENTS = {experiment.name: experiment for experiment in experiments.experiments()}
ALIKE = 0.65
"""The least correlation of a digit on a page with the shape that was written there; measured: 0.85 and more."""

SAME_INK = 0.6
"""The least share of two inks' pixels that both have, of a page and of what was written; measured: 0.75 and more."""
LEAST_INK = 12
"""Gray levels: what is so much darker is ink, and no noise of a JPEG's."""
LOOKED_AT_OTHERWISE = ("cut:", "touch: pairs", "two pens", "size: single, 5 %", "page: 200 digits")
"""Kinds that lie along their ink; and those whose palest or smallest ink is no stronger than a JPEG's noise."""
APART = [name for name in EXPERIMENTS if not name.startswith(LOOKED_AT_OTHERWISE)]


@pytest.fixture(scope="module")
def hand(mnist: DataSet) -> Hand:
    """One shape for each digit: the first of MNIST's validation images."""
    labels = mnist.validation.labels
    first = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    return from_mnist(Split(mnist.validation.images[first], labels[first]))


def page_of(name: str, hand: Hand, seed: int) -> tuple[np.ndarray, str]:
    page = EXPERIMENTS[name].make(hand, np.random.default_rng(seed))
    return np.asarray(Image.open(io.BytesIO(page.encoded)), np.float32), page.text


def dark(gray: np.ndarray) -> np.ndarray:
    return gray < (np.median(gray) + gray.min()) / 2


def spelled(ink: np.ndarray, hand: Hand) -> str:
    """What ink says whose digits stand clear of each other: of each, the shape that it is most like."""
    columns = np.flatnonzero(np.diff(np.pad(ink.any(0), 1).astype(int)))
    text = ""
    for left, right in columns.reshape(-1, 2):
        piece = ink[:, left:right]
        if piece.sum() < 9:
            continue
        text += like(piece, hand)
    return text


def like(ink: np.ndarray, hand: Hand, stretch: float = 1, least: float = ALIKE) -> str:
    """The digit whose shape, made wider by `stretch`, the ink is most like."""
    likeness = []
    for (shape,) in hand.shapes:
        wide = Image.fromarray(shape).resize((round(shape.shape[1] * stretch), len(shape)))
        likeness.append(float(np.corrcoef(fitted(ink), fitted(np.asarray(wide) > 127))[0, 1]))
    assert max(likeness) > least
    return str(int(np.argmax(likeness)))


def fitted(ink: np.ndarray) -> np.ndarray:
    """The ink, cropped and brought to 20x20 pixels with its sides' ratio kept, in one line."""
    picture = Image.fromarray(np.uint8(255) * ink)
    picture = picture.crop(picture.getbbox())
    scale = 20 / max(picture.size)
    picture = picture.resize([max(1, round(side * scale)) for side in picture.size])
    canvas = Image.new("L", (20, 20))
    canvas.paste(picture, ((20 - picture.width) // 2, (20 - picture.height) // 2))
    return np.asarray(canvas, np.float32).ravel()


@pytest.mark.parametrize("name", ["plain: row", "cut: row, margin 0 %", "cut: row, margin 10 %", "size: row, 96 px"])
def test_a_page_that_says_4711_shows_4711(hand: Hand, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoreboard.rows.digits", lambda *_: "4711")
    for seed in range(5):
        gray, text = page_of(name, hand, seed)
        assert text == "4711"
        assert spelled(dark(gray), hand) == "4711"


def test_pages_show_the_digits_that_they_say(hand: Hand) -> None:
    for seed in range(20):
        gray, text = page_of("plain: row", hand, seed)
        assert spelled(dark(gray), hand) == text


def blank(hand: Hand) -> Hand:
    """A hand whose pen has no ink: what a page shows beside its digits."""
    return Hand(tuple(tuple(np.zeros_like(shape) for shape in shapes) for shapes in hand.shapes))


def pieces_of(ink: np.ndarray) -> list[np.ndarray]:
    """The ink of digits that stand apart, from left to right; lines may have parted it across."""
    joined = np.logical_or.reduce([np.roll(np.pad(ink, ((4, 4), (1, 1))), step, 0) for step in range(-3, 4)])
    boxes = find_components(joined).boxes - np.array([1, 1, 1, 7])
    high = boxes[:, 3] - boxes[:, 1]
    whole = high >= 0.5 * np.median(high)
    return [ink[top:bottom, left:right] for left, top, right, bottom in sorted(boxes[whole].tolist())]


@pytest.mark.parametrize("name", APART)
def test_beside_lines_boxes_and_shadows_a_page_shows_what_it_says(
    hand: Hand, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoreboard.rows.digits", lambda *_: "4711")
    monkeypatch.setattr("scoreboard.rows.cut", lambda ink, _: ink)  # there is no ink to cut along on the blank one
    for seed in range(2):
        page, text = page_of(name, hand, seed)
        stretch = float(name.split()[2]) if name.endswith("as wide") else 1.0
        ink = page_of(name, blank(hand), seed)[0] - page > LEAST_INK
        digits = [symbol for symbol in text if symbol.isdigit()]
        pieces = pieces_of(ink) if len(digits) > 1 else [ink]
        said = [like(piece, hand, stretch, least=0) for piece in pieces]
        assert sorted(said) == sorted(digits)
        if "\n" not in text:
            assert said == digits


def test_touching_digits_are_the_two_that_the_page_says_and_not_deep_in_each_other(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    inks: list[np.ndarray] = []

    def recorded(*arguments: Any) -> np.ndarray:
        inks.append(written(*arguments))
        return inks[-1]

    monkeypatch.setattr("scoreboard.experiments.written", recorded)
    for seed in range(20):
        gray, text = page_of("touch: pairs", hand, seed)
        left, right = (ink[np.ix_(ink.any(1), ink.any(0))] > 0.5 for ink in inks[-2:])
        assert [like(ink, hand) for ink in (left, right)] == list(text)
        rows, columns = (np.flatnonzero(dark(gray).any(axis)) for axis in (1, 0))
        ink = dark(gray)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        lapped = left.shape[1] + right.shape[1] - ink.shape[1]
        assert -1 <= lapped <= 0.5 * min(left.shape[1], right.shape[1]) + 2
        expected = np.zeros_like(ink)
        for one, at in ((left, 0), (right, max(0, ink.shape[1] - right.shape[1]))):
            part = expected[max(0, len(ink) - len(one)) :, at : at + one.shape[1]]
            part |= one[-len(part) :, : part.shape[1]]
        assert (expected & ink).sum() / (expected | ink).sum() > SAME_INK


@pytest.mark.parametrize("height", [20, 24, 28, 40])
def test_there_is_bare_paper_around_a_digit_and_full_ink_in_it(hand: Hand, height: float) -> None:
    for digit in range(10):
        ink = written(hand, digit, np.random.default_rng(digit), height)
        assert ink.min() == 0
        assert ink.max() > 0.95


def test_cut_pages_have_the_margin_that_they_say(hand: Hand) -> None:
    for seed in range(10):
        ink = dark(page_of("cut: row, margin 0 %", hand, seed)[0])
        assert ink[:2].any()
        assert ink[-2:].any()
        assert ink[:, :2].any()
        assert ink[:, -2:].any()
        ink = dark(page_of("cut: row, margin 10 %", hand, seed)[0])
        rows = np.flatnonzero(ink.any(1))
        assert rows[0] >= 2
        assert rows[-1] < len(ink) - 2


@pytest.mark.parametrize("slope", [0, 1, 4])
def test_a_line_runs_from_edge_to_edge_at_its_slope(hand: Hand, slope: int) -> None:
    for seed in range(5):
        gray, _ = page_of(f"line: feet, {slope} degrees", hand, seed)
        height = round(0.25 * len(gray))
        ends = [np.argmin(gray[height:, columns].mean(1)) for columns in (slice(0, 6), slice(-6, None))]
        measured = np.degrees(np.arctan2(abs(float(ends[1] - ends[0])), gray.shape[1] - 6))
        assert measured == pytest.approx(slope, abs=1.3)  # a pen wavers by up to 1.4 pixels over 90 or more


def test_every_page_depends_on_its_seed_alone_and_says_what_its_kind_can_say(hand: Hand) -> None:
    kinds = {"point": r"\d{1,3}[.,]\d\d", "minus": r"-\d{1,3}", "slash": r"\d/\d", "colon": r"\d{1,2}:\d\d"}
    numbers = r"\d+( \d+)*(\n\d+( \d+)*)*"
    for experiment in experiments.experiments():
        one, same, other = (experiment.make(hand, np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert one == same
        assert one.encoded != other.encoded
        pattern = kinds.get(experiment.name.removeprefix("marks: "), numbers)
        assert re.fullmatch(pattern, one.text)
    for experiment in nothing.experiments():
        assert experiment.make(hand, np.random.default_rng(1)).text == ""


def scan(path: Path, *, dust: bool = False, gray: bool = False) -> None:
    picture = Image.new("L", (60, 80), 250)
    draw = ImageDraw.Draw(picture)
    if gray:
        draw.rectangle((10, 10, 50, 70), fill=170)
    draw.line([(20, 15), (40, 15), (30, 65)], fill=20, width=5, joint="curve")
    if dust:
        draw.ellipse((50, 60, 54, 64), fill=20)
    picture.save(path)


def test_only_clean_scans_of_a_folder_are_written_with(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    lines = ["file,label"]
    for digit in range(10):
        for name in ("clean", "dust", "gray"):
            scan(tmp_path / "scans" / f"{digit}{name}.png", dust=name == "dust", gray=name == "gray")
            lines.append(f"{digit}{name}.png,{digit}")
    (tmp_path / "scans" / "labels.csv").write_text("\n".join(lines))
    assert [len(shapes) for shapes in from_folder(tmp_path).shapes] == [1] * 10


def test_figures_are_those_counted_by_hand() -> None:
    answers = [
        Answer("4711", "ok", 0.9, (), 1),
        Answer("471", "ok", 0.9, (), 2),  # wrong and sure, one digit of four missing
        Answer("4711", "doubtful", 0.5, (), 3),
        Answer("", "blank", 0, (), 2),  # four digits missing
    ]
    found = figures(["4711"] * 4, answers)
    assert (found.right, found.symbols, found.sure) == (50, 100 * 11 / 16, 50)
    assert (found.wrong_and_sure, found.right_and_doubtful, found.ms) == (25, 25, 2)
    assert answered(answers) == (75, 50)
    assert answered([]) == (0, 0)


def test_words_count_where_a_page_has_words() -> None:
    text = "12 345\n6 789"
    assert words_right(text, text) == 1
    assert words_right(text, "12 345\n6 788") == 0.75  # a wrong word
    assert words_right(text, "12345\n6 789") == 0.5  # one wrong and one missing
    assert words_right(text, "") == 0
    answers = [Answer(said, "ok", 0.9, (), 1) for said in (text, "12 345 6\n789")]  # the second: a word in a wrong line
    found = figures([text] * 2, answers)
    assert (found.right, found.wrong_and_sure) == (100 * (1 + words_right(text, answers[1].text)) / 2, 50)
    assert words_right(text, answers[1].text) == 0.5
    assert figures(["4711"], [Answer("47 11", "ok", 0.9, (), 1)]).right == 100


STUB = """
class Prediction:
    label, status, confidence, digits, box = "77", "ok", 0.99, (), (1, 2, 3, 4)

class Classifier:
    def predict(self, path):
        return Prediction()
    predict_row = predict

__version__ = "7.7"
"""


@pytest.fixture
def stub_wheel(tmp_path: Path) -> Path:
    """A wheel of an edgemnist that reads 77 everywhere and is sure of it."""
    wheel = tmp_path / "edgemnist-7.7-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("edgemnist/__init__.py", STUB)
        archive.writestr("edgemnist/errors.py", "class EdgemnistError(Exception): ...")
    return wheel


def test_the_table_holds_every_experiment_of_this_and_of_another_version(stub_wheel: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "mistakes.png"
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "reading.py", "--count", "1", "--against", stub_wheel, "--mistakes", sheet],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines() if "|" in line]
    assert [row[0] for row in rows if len(row) == 7][2::2] == list(EXPERIMENTS)
    others = [row for row in rows if row[0] == "against"]
    assert len(others) == len(EXPERIMENTS) + len(nothing.experiments())
    assert {(row[3], row[4]) for row in others if len(row) == 7} <= {("100.0", "100.0"), ("100.0", "0.0")}
    assert {tuple(row[1:3]) for row in others if len(row) == 8} == {("100.0", "100.0")}
    assert "against: edgemnist 7.7 in" in done.stdout
    with Image.open(sheet) as picture:
        assert picture.width > 1000


def test_a_folder_without_edgemnist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is no wheel, checkout or virtual environment"):
        other_version(tmp_path, tmp_path / "scratch")
