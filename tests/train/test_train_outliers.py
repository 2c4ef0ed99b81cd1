"""Outliers: in MNIST's form, of every kind, and no digits as far as a program can tell."""

import dataclasses

import numpy as np
import pytest
import torch
from PIL import ImageFont
from torch import Tensor

from edgemnist.reading.mnist_form import has_mnist_form
from edgemnist.train.amounts import NONE, Outliers
from edgemnist.train.outliers import digits as of_digits
from edgemnist.train.outliers import form, pen
from edgemnist.train.outliers.digits import Digits
from edgemnist.train.outliers.filled import filled
from edgemnist.train.outliers.make import make_outliers
from edgemnist.train.outliers.printed import FONTS, printed_images
from edgemnist.train.recipe import Recipe, default_recipe

DRAWN = {
    "letters": pen.letters,
    "scribbles": pen.scribbles,
    "glyphs": pen.glyphs,
    "box_sides": pen.box_sides,
    "filled": filled,
}
MADE = {
    "halves": of_digits.halves,
    "pairs": of_digits.pairs,
    "turned": of_digits.turned,
    "inverted": of_digits.inverted,
}
TURNS = (np.rot90, np.transpose, np.fliplr, lambda image: np.rot90(image, 2), lambda image: np.rot90(image, 3))
OFF_CENTER = 0.5
"""Pixels; measured 0.41, for filled shapes whose ink is uneven."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def squares() -> Digits:
    """Ten images of each class: a frame of ink whose brightness and position are the class's own."""
    images = torch.zeros(100, 1, 28, 28, dtype=torch.uint8)
    labels = torch.arange(100) % 10
    for index, label in enumerate(labels.tolist()):
        images[index, :, 4:24, 7:21] = 100 + 10 * label
        images[index, :, 7:21, 10:18] = 0
    return Digits(images, labels)


def to_uint8(inputs: Tensor) -> np.ndarray:
    return (inputs[:, 0] * 255).round().to(torch.uint8).numpy()


@pytest.mark.parametrize("kind", DRAWN)
def test_what_is_drawn_has_ink_within_the_image_and_differs(kind: str) -> None:
    images = DRAWN[kind](64, generator())
    assert images.shape == (64, 1, 28, 28)
    assert images.min() >= 0
    assert images.max() <= 1
    assert (images.amax((1, 2, 3)) > 0.5).all()
    assert len(np.unique(to_uint8(images).reshape(64, -1), axis=0)) == 64


@pytest.mark.parametrize("kind", DRAWN)
def test_what_is_drawn_has_mnist_form(kind: str) -> None:
    images = to_uint8(DRAWN[kind](300, generator())).astype(float)
    places = np.indices((28, 28))
    for image in images:
        rows, columns = np.nonzero(image > 64)
        assert 18 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
        assert np.abs((places * image).sum((1, 2)) / image.sum() - 14).max() < OFF_CENTER


def test_a_stroke_is_as_long_as_a_digit_and_in_the_middle() -> None:
    paths = torch.tensor([[[[0.0, 0.0], [0.0, 5.0]]]])
    image = to_uint8(form.draw(paths, torch.ones(1, 1, dtype=torch.bool), generator()))[0]
    rows, columns = np.indices((28, 28))
    center = [(image * place).sum() / image.sum() for place in (rows, columns)]
    assert center == pytest.approx([14, 14], abs=0.1)
    assert (image.max(1) > 64).sum() in (20, 21)


def test_strokes_that_are_not_there_are_not_drawn() -> None:
    paths = torch.rand(8, 3, 4, 2, generator=generator(1))
    first = torch.tensor([True, False, False]).expand(8, 3)
    alone = form.draw(paths[:, :1], torch.ones(8, 1, dtype=torch.bool), generator())
    assert torch.equal(form.draw(paths, first, generator()), alone)


def test_curves_pass_their_points_and_straight_pieces_are_straight() -> None:
    points = torch.rand(5, 6, 2, generator=generator())
    pieces = pen._with_neighbors(points)
    curves = pen._curves(pieces)
    assert torch.allclose(curves[:, :, 0], points[:, :-1], atol=1e-6)
    assert torch.allclose(curves[:, :, -1], points[:, 1:], atol=1e-6)
    share = torch.linspace(0, 1, 5)[:, None]
    straight = points[:, :-1, None] * (1 - share) + points[:, 1:, None] * share
    assert torch.allclose(pen._curves(pen._straightened(pieces)), straight, atol=1e-6)


@pytest.mark.parametrize("kind", MADE)
def test_what_is_made_of_digits_has_ink_within_the_image(kind: str) -> None:
    images = MADE[kind](squares(), 64, generator())
    assert images.shape == (64, 1, 28, 28)
    assert images.min() >= 0
    assert images.max() <= 1
    assert (images.amax((1, 2, 3)) > 0.2).all()


def test_some_are_digits_of_the_wanted_classes() -> None:
    classes = torch.tensor([9, 0, 3, 3, 7])
    images = squares().some(classes, generator())
    assert torch.equal(torch.round(images.amax((1, 2, 3)) * 255).long(), 100 + 10 * classes)


def test_half_a_digit_lacks_its_other_half() -> None:
    for side, (rows, columns) in enumerate(((slice(17, 28), slice(28)), (slice(0, 11), slice(28)))):
        half = of_digits._half(torch.full((50,), side), generator())
        assert not half[:, :, rows, columns].any()
    for side, columns in ((of_digits.LEFT, slice(17, 28)), (of_digits.RIGHT, slice(0, 11))):
        half = of_digits._half(torch.full((50,), side), generator())
        assert not half[..., columns].any()
        assert half.any()


def test_only_digits_that_are_none_afterwards_are_turned_and_halved() -> None:
    for digit in (0, 1, 6, 8):
        assert digit not in of_digits.TURNS
    assert of_digits.MIRRORED not in of_digits.TURNS[2] + of_digits.TURNS[5]
    assert of_digits.UPPER not in of_digits.HALVES[8] + of_digits.HALVES[9]
    assert of_digits.RIGHT not in of_digits.HALVES[3] + of_digits.HALVES[4] + of_digits.HALVES[9]


def test_a_turned_digit_is_one_of_its_turns() -> None:
    images = torch.rand(20, 1, 28, 28, generator=generator(2)).mul(255).to(torch.uint8)
    fives = Digits(images, torch.full((20,), 5))
    found = to_uint8(of_digits.turned(Digits(fives.images, fives.labels), 30, generator()))
    # Whatever class was wanted, a five came: there is nothing else.
    turns = [turn(image) for image in images[:, 0].numpy() for turn in TURNS]
    assert all(any(np.array_equal(image, turn) for turn in turns) for image in found)


def test_pairs_hold_both_digits() -> None:
    found = of_digits.pairs(squares(), 200, generator())
    inked = (found[:, 0] > 0.1).any(1)
    left, right = inked[:, :13].sum(1), inked[:, 15:].sum(1)
    assert (left > 3).all()
    assert (right > 3).all()


def test_no_printed_outlier_looks_like_a_printed_digit() -> None:
    images = printed_images()
    assert len(images) > 2_000
    having = [has_mnist_form(image) for image in images[::20, 0].numpy()]
    assert np.mean(having) > 0.95  # measured 1.00
    flat = images.flatten(1).double().numpy()
    flat = (flat - flat.mean(1, keepdims=True)) / flat.std(1, keepdims=True)
    digits = _printed_digits()
    likeness = flat @ np.stack([(d - d.mean()) / d.std() for d in digits]).T / 784
    assert likeness.max() < 0.9  # unblurred; the digits themselves are at 1.0


def _printed_digits() -> list[np.ndarray]:
    from matplotlib import get_data_path
    from PIL import Image, ImageDraw

    from edgemnist.reading.mnist_form import extent, to_mnist_form

    font = ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf", 48)
    digits = []
    for digit in "0123456789":
        sheet = Image.new("L", (96, 96))
        ImageDraw.Draw(sheet).text((20, 20), digit, fill=255, font=font)
        ink = np.asarray(sheet)
        digits.append(to_mnist_form(ink[extent(ink > 0)])[0].astype(float).ravel())
    return digits


def test_the_font_that_judges_is_not_learned_from() -> None:
    judging = ImageFont.load_default(size=20).getname()[0]
    assert judging not in {name.split("-")[0] for name in FONTS}


def test_outliers_come_in_the_parts_of_the_recipe_and_are_the_same_for_the_same_seed() -> None:
    recipe = dataclasses.replace(
        Recipe(gentle=NONE, strong=NONE), outliers=Outliers(epochs=1, share=0.25, weight=0.1, inverted=1, turned=3)
    )
    found = make_outliers(squares(), 80, recipe, clean=False, generator=generator(4))
    assert found.shape == (80, 1, 28, 28)
    assert int((found[:, 0, 0, 0] > 0.5).sum()) == 20  # the background of the inverted ones
    assert torch.equal(found, make_outliers(squares(), 80, recipe, clean=False, generator=generator(4)))
    assert not torch.equal(found, make_outliers(squares(), 80, recipe, clean=False, generator=generator(5)))


def test_in_clean_epochs_outliers_get_no_noise_and_no_gray_background() -> None:
    recipe = default_recipe()
    before, clean = (
        make_outliers(squares(), 200, recipe, clean=clean, generator=generator()) for clean in (False, True)
    )

    def corners(images: Tensor) -> Tensor:
        return images[:, 0, [0, 0, 27, 27], [0, 27, 0, 27]]

    gray = ((corners(clean) > 0.02) & (corners(clean) < 0.98)).any(1).sum()
    assert gray <= 2  # measured 0: a scribble may reach into a corner
    assert ((corners(before) > 0.02) & (corners(before) < 0.98)).any(1).sum() > 20
