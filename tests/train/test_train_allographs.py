"""Other shapes of digits: where their strokes lie, and that nothing else is touched."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from edgemnist.train.allographs import change_strokes, segment, to_allographs
from edgemnist.train.amounts import NONE, Augmentation
from edgemnist.train.augment import augment, change
from edgemnist.train.recipe import Recipe

COUNT = 300
ROUNDING = 1e-6
"""Of float32 sums; measured 1.2e-7."""
BAND = 1e-4
"""The points lie at most 0.0023 pixels apart; measured 3e-6."""


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def uprights(ink: float = 1.0) -> Tensor:
    """(COUNT, 1, 28, 28): a stroke 2 pixels wide from row 4 to row 23, columns 13 and 14."""
    images = torch.zeros(COUNT, 1, 28, 28)
    images[:, :, 4:24, 13:15] = ink
    return images


def rings() -> Tensor:
    """(COUNT, 1, 28, 28): the outline of a box, 2 pixels wide, rows 4 to 23, columns 7 to 20."""
    images = torch.zeros(COUNT, 1, 28, 28)
    images[:, :, 4:24, 7:21] = 1
    images[:, :, 6:22, 9:19] = 0
    return images


def forks() -> Tensor:
    """(COUNT, 1, 28, 28): an open 4: an arm at column 8, a bar at row 14, a stem at column 18, all 2 wide."""
    images = torch.zeros(COUNT, 1, 28, 28)
    images[:, :, 5:16, 8:10] = 1
    images[:, :, 14:16, 8:20] = 1
    images[:, :, 4:24, 18:20] = 1
    return images


def written(images: Tensor, digit: int) -> Tensor:
    """(COUNT, 28, 28): the images as other shapes of a digit, not yet centered."""
    found = change_strokes(images[:, 0], torch.full((COUNT,), digit), generator())
    assert found.min() >= 0
    assert found.max() <= 1
    return found


def added(images: Tensor, digit: int) -> NDArray[np.float32]:
    """(COUNT, 28, 28): what the shape of a digit has more; it has nothing less."""
    found = written(images, digit)
    assert (found >= images[:, 0]).all()
    return (found - images[:, 0]).numpy()


def share_within(ink: NDArray[np.float32], rows: slice, columns: slice) -> float:
    return float(ink[:, rows, columns].sum() / ink.sum())


@pytest.mark.parametrize("digit", [2, 3, 5, 6])
def test_other_digits_stay_as_they_are(digit: int) -> None:
    assert torch.equal(written(uprights(), digit), uprights()[:, 0])


def test_the_line_of_a_zero_goes_on_from_its_top_into_the_ring() -> None:
    ink = added(rings(), 0)
    assert share_within(ink, slice(3, 18), slice(3, 25)) > 1 - ROUNDING
    assert share_within(ink, slice(6, 18), slice(9, 19)) > 0.9  # measured 0.93
    assert (ink[:, 6:18, 9:19].sum((1, 2)) > 1).all()


def test_a_one_gets_an_upstroke_from_its_top_to_the_lower_left() -> None:
    ink = added(uprights(), 1)
    assert share_within(ink, slice(3, 20), slice(0, 16)) > 1 - ROUNDING
    lengths = np.array([np.hypot(*(np.ptp(np.nonzero(image > 0.5), axis=1) + 1)) for image in ink])
    # 0.25 to 0.7 of the 19 pixels from the first row to the last; the stem hides some, the stroke's width adds some.
    assert 3 < lengths.min() < lengths.max() < 0.7 * 19 + 3 * np.sqrt(2)
    lowest = [np.flatnonzero((image[:, :13] > 0.5).any(1))[-1] for image in ink]
    assert min(lowest) >= 6  # two rows below the top at least


@pytest.mark.parametrize(("lean", "changes"), [(-0.4, True), (0.0, True), (0.2, True), (0.3, False), (0.5, False)])
def test_a_one_that_leans_to_the_right_stays_as_it_is(lean: float, changes: bool) -> None:
    images = torch.zeros(COUNT, 1, 28, 28)
    for row in range(4, 24):
        column = 14 + round(lean * (13.5 - row))
        images[:, :, row, column : column + 2] = 1
    assert bool(added(images, 1).any()) == changes


def test_the_stem_of_a_four_loses_its_tip_and_what_is_above_the_bar_leans_to_the_right() -> None:
    before, found = forks()[:, 0], written(forks(), 4)
    assert torch.equal(found[:, 16:], before[:, 16:])  # below the bar all is as it was
    tips = (found[:, 4:14, 17:] > 0.5).any(2).sum(1)  # rows of the stem that are left above the bar
    assert (tips < 10).all()
    assert 0 <= tips.min() < 5 < tips.max()
    arm = found[:, 5, :14] > 0.5
    assert arm.any(1).all()
    moved = arm.float().argmax(1) - 8
    # The arm's top lies 9.5 pixels above the bend at 0.55 of the height.
    assert moved.min() == 0
    assert 4 <= moved.max() <= 5


def test_a_seven_gets_a_bar_across_its_middle() -> None:
    ink = added(uprights(), 7)
    assert share_within(ink, slice(9, 20), slice(0, 28)) > 1 - ROUNDING
    left, right = ink[:, :, :13].sum((1, 2)), ink[:, :, 15:].sum((1, 2))
    assert (left > 0).all()
    assert np.allclose(left, right, atol=0.01)


def test_the_ring_of_an_eight_opens_at_the_upper_right() -> None:
    lost = (rings()[:, 0] - written(rings(), 8)).numpy()
    assert lost.min() >= 0
    assert (lost.sum((1, 2)) > 3).all()
    assert share_within(lost, slice(3, 16), slice(17, 21)) > 1 - ROUNDING


def test_a_nine_gets_a_foot_to_the_left() -> None:
    ink = added(uprights(), 9)
    assert share_within(ink, slice(17, 28), slice(0, 16)) > 1 - ROUNDING
    assert (np.array([np.flatnonzero(image.any(0))[0] for image in ink]) <= 9).all()


def test_strokes_are_as_dark_as_the_digit() -> None:
    assert written(uprights(0.6), 7).amax((1, 2)).tolist() == pytest.approx([0.6] * COUNT)


def test_a_segment_is_the_band_around_its_line() -> None:
    """Against the distance to the nearest of many points on the line."""
    draws = np.random.default_rng(0).uniform(size=(5, 40))
    x, y, right, down = 4 + 20 * draws[0], 4 + 20 * draws[1], 16 * draws[2] - 8, 16 * draws[3] - 8
    width = 8 * draws[4]
    right[0] = down[0] = 0  # a disc
    width[1] = -1  # nothing
    rows, columns = np.mgrid[:28, :28]
    found = segment(*(torch.from_numpy(values).float() for values in (x, y, right, down, width))).numpy()
    for index, image in enumerate(found):
        steps = np.linspace(0, 1, 5_000)
        across = columns[..., None] - (x[index] + steps * right[index])
        below = rows[..., None] - (y[index] + steps * down[index])
        wanted = np.clip(width[index] / 2 + 0.5 - np.hypot(across, below).min(-1), 0, 1)
        assert np.abs(image - wanted).max() < BAND
    assert not found[1].any()


def test_digits_are_centered_as_before() -> None:
    """Against the center of mass in numpy; whole pixels bring it within half a pixel."""
    labels = torch.arange(COUNT) % 10
    found = to_allographs(uprights(), labels, generator())[:, 0].double().numpy()
    for axis in (1, 2):
        mass = found.sum(3 - axis)
        assert np.abs(mass @ np.arange(28) / mass.sum(1) - 13.5).max() <= 0.5 + ROUNDING
    drawn = change_strokes(uprights()[:, 0], labels, generator()).double().numpy()
    np.testing.assert_allclose(found.sum((1, 2)), drawn.sum((1, 2)))


def test_an_empty_image_stays_empty() -> None:
    assert not to_allographs(torch.zeros(10, 1, 28, 28), torch.arange(10), generator()).any()


def test_exactly_the_named_share_of_images_gets_them() -> None:
    inputs, sevens = uprights()[:100], torch.full((100,), 7)
    changed = (change(inputs, sevens, Augmentation(allographs=0.2), generator()) != inputs).flatten(1).any(1)
    assert changed.sum() == 20
    assert not torch.equal(changed, torch.arange(100) < 20)
    assert torch.equal(inputs, uprights()[:100])


def test_their_images_keep_their_labels() -> None:
    """In a batch of 1s and 2s only 1s change, wherever they stand."""
    inputs, labels = uprights()[:100], 1 + torch.arange(100) % 2
    recipe = Recipe(common=Augmentation(allographs=1.0), gentle=NONE, strong=NONE)
    changed = (augment(inputs, labels, recipe, generator()) != inputs).flatten(1).any(1)
    assert torch.equal(changed, labels == 1)
