"""The strokes of other countries' handwriting: where they lie, and that nothing else is touched."""

import numpy as np
import pytest
import torch
from torch import Tensor

from edgemnist.train.augment import augment
from edgemnist.train.habits import add_habits
from edgemnist.train.recipe import Augmentation, Recipe, default_recipe, without_habits

NOTHING = Augmentation()
COUNT = 300
NONE = 1e-6
"""Of float32 sums; measured 1.2e-7."""


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def uprights(ink: float = 1.0) -> Tensor:
    """(COUNT, 1, 28, 28): a stroke 2 pixels wide from row 4 to row 23, columns 13 and 14."""
    images = torch.zeros(COUNT, 1, 28, 28)
    images[:, :, 4:24, 13:15] = ink
    return images


def added(digit: int) -> np.ndarray:
    """(COUNT, 28, 28): what a label adds to uprights."""
    inputs = uprights()
    found = add_habits(inputs, torch.full((COUNT,), digit), generator())
    assert (found >= inputs).all()
    assert found.max() <= 1
    return (found - inputs)[:, 0].numpy()


def share_within(ink: np.ndarray, rows: slice, columns: slice) -> float:
    return float(ink[:, rows, columns].sum() / ink.sum())


@pytest.mark.parametrize("digit", [0, 2, 3, 4, 5, 6, 8])
def test_other_digits_stay_as_they_are(digit: int) -> None:
    assert not added(digit).any()


def test_a_one_gets_an_upstroke_from_its_top_to_the_lower_left() -> None:
    ink = added(1)
    assert share_within(ink, slice(3, 20), slice(0, 16)) > 1 - NONE
    lengths = np.array([np.hypot(*(np.ptp(np.nonzero(image > 0.5), axis=1) + 1)) for image in ink])
    # 0.25 to 0.7 of the 19 pixels from the first row to the last; the stem hides some, the stroke's width adds some
    assert 4 < lengths.min() < lengths.max() < 0.7 * 19 + 3 * np.sqrt(2)
    lowest = [np.flatnonzero((image[:, :13] > 0.5).any(1))[-1] for image in ink]
    assert min(lowest) >= 6  # two rows below the top at least


def test_a_seven_gets_a_bar_across_its_middle() -> None:
    ink = added(7)
    assert share_within(ink, slice(9, 20), slice(0, 28)) > 1 - NONE
    left, right = ink[:, :, :13].sum((1, 2)), ink[:, :, 15:].sum((1, 2))
    assert (left > 0).all()
    assert np.allclose(left, right, atol=0.01)


def test_a_nine_gets_a_foot_to_the_left() -> None:
    ink = added(9)
    assert share_within(ink, slice(17, 28), slice(0, 16)) > 1 - NONE
    assert (np.array([np.flatnonzero(image.any(0))[0] for image in ink]) <= 9).all()


def test_strokes_are_as_dark_as_the_digit() -> None:
    inputs = uprights(0.6)
    found = add_habits(inputs, torch.full((COUNT,), 7), generator())
    assert found.amax((1, 2, 3)).tolist() == pytest.approx([0.6] * COUNT)


def test_a_stroke_is_the_band_around_a_line() -> None:
    """Against the distance to the nearest of many points on the line, which the ink itself tells the ends of."""
    inputs = torch.zeros(1, 1, 28, 28)
    inputs[0, 0, 4:24, 13] = 1
    found = add_habits(inputs, torch.tensor([9]), generator())[0, 0].numpy()
    draws = torch.Generator().manual_seed(1)
    *_, length, slope, width = (torch.rand(1, generator=draws).item() for _ in range(8))
    length, slope, width = 4 + 5 * length, -0.1 + 0.55 * slope, 1.6 + 1.4 * width
    steps = np.linspace(0, 1, 2_000)
    x, y = 13 - steps * length, 23 - steps * slope * length
    rows, columns = np.mgrid[:28, :28]
    distance = np.hypot(rows[..., None] - y, columns[..., None] - x).min(-1)
    expected = np.maximum(np.clip(width / 2 + 0.5 - distance, 0, 1), inputs[0, 0].numpy())
    assert np.abs(found - expected).max() < 1e-4


def test_an_empty_image_stays_empty() -> None:
    found = add_habits(torch.zeros(3, 1, 28, 28), torch.tensor([1, 7, 9]), generator())
    assert not found.any()


def test_the_last_images_of_a_batch_get_them_before_all_else() -> None:
    recipe = Recipe(gentle=NOTHING, strong=NOTHING, habits_share=0.2)
    inputs, labels = uprights()[:100], torch.full((100,), 7)
    changed = (augment(inputs, labels, recipe, generator()) - inputs).flatten(1).abs().max(1).values > 0.1
    assert torch.equal(changed, torch.arange(100) >= 80)
    untouched = augment(inputs, labels, without_habits(recipe), generator())
    assert (untouched - inputs).abs().max() < 1e-5


def test_images_that_are_not_mnist_get_none() -> None:
    assert default_recipe().habits_share > 0
    assert without_habits(default_recipe()).habits_share == 0
