"""The augmentation against references that share nothing with it: numpy loops, Pillow, the recursion of de Boor."""

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from edgemnist.train import ink, warp
from edgemnist.train.amounts import GENTLE, NONE, STRONG, Augmentation
from edgemnist.train.augment import augment, change
from edgemnist.train.recipe import Recipe

GAP_STEP = 0.006
"""Half the step of 0.01 between the radii of the reference, and rounding; measured 0.005."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def digits(count: int) -> Tensor:
    """Smooth blobs in [0, 1] with a margin of background, float (N, 1, 28, 28)."""
    blobs = torch.zeros(count, 1, 28, 28)
    blobs[:, :, 8:20, 8:20] = torch.rand(count, 1, 12, 12, generator=generator(7))
    return ink.blur(blobs, torch.full((count, 1, 1, 1), 0.25)).clamp(0, 1)


def labels(count: int) -> Tensor:
    return torch.arange(count) % 10


@pytest.mark.parametrize("amounts", [NONE, GENTLE, STRONG])
def test_affine_warp_matches_pillow(amounts: Augmentation) -> None:
    amounts = dataclasses.replace(amounts, elastic=0.0)
    inputs = digits(16)
    found = warp.warp(inputs, amounts, generator())
    draws = torch.rand(16, 6, generator=generator()).double().numpy() * 2 - 1
    for index, (rotation, scale, aspect, shear, right, down) in enumerate(draws):
        angle = np.radians(rotation * amounts.rotation)
        rotate = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        slant = np.array([[1, shear * amounts.shear], [0, 1]])
        scale, aspect = scale * amounts.scale, aspect * amounts.aspect
        matrix = rotate @ slant @ np.diag([np.exp(-scale - aspect), np.exp(-scale + aspect)])
        offset = np.array([14, 14]) + amounts.shift * np.array([right, down]) - matrix @ [14, 14]
        picture = Image.fromarray(inputs[index, 0].numpy())
        coefficients = (*matrix[0], offset[0], *matrix[1], offset[1])
        wanted = picture.transform((28, 28), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
        # Half a pixel along the frame is left out: there Pillow repeats the border, and ours fades to background.
        difference = np.abs(found[index, 0].numpy() - np.asarray(wanted))[1:-1, 1:-1]
        assert difference.max() < 1e-4  # measured 2e-6


def test_elastic_warp_matches_numpy() -> None:
    inputs = digits(3)
    found = warp.warp(inputs, Augmentation(elastic=2.0), generator())
    random = generator()
    torch.rand(3, 6, generator=random)
    control = torch.randn(3, 2, 8, 8, generator=random).double().numpy()
    basis = np.array([[cubic(x / 6 + 1 - knot) for knot in range(8)] for x in range(28)])
    basis /= np.sqrt((basis**2).sum(1, keepdims=True))
    for index in range(3):
        right, down = (2.0 * basis @ points @ basis.T for points in control[index])
        rows, columns = np.indices((28, 28))
        wanted = bilinear(inputs[index, 0].numpy(), rows + down, columns + right)
        assert np.abs(found[index, 0].numpy() - wanted).max() < 1e-4  # measured 1e-6


def cubic(x: float) -> float:
    """The cubic B-spline centered on 0, by the recursion of Cox and de Boor."""

    def spline(degree: int, t: float) -> float:
        if degree == 0:
            return float(0 <= t < 1)
        return (t * spline(degree - 1, t) + (degree + 1 - t) * spline(degree - 1, t - 1)) / degree

    return spline(3, x + 2)


def bilinear(
    image: NDArray[np.float32], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    padded = np.pad(image, 30)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    result = np.zeros_like(rows)
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = (1 - np.abs(rows - top - row)) * (1 - np.abs(columns - left - column))
        result += weight * padded[top + row + 30, left + column + 30]
    return result


def test_elastic_displacement_has_the_named_deviation_everywhere() -> None:
    displacements = warp._draw_displacements(4_000, generator())
    assert displacements.shape == (4_000, 2, 28, 28)
    assert displacements.mean(0).abs().max() < 0.08  # 5 standard errors
    assert (displacements.std(0) - 1).abs().max() < 0.06


def test_dilation_matches_a_maximum_filter_by_numpy() -> None:
    inputs = torch.rand(4, 1, 28, 28, generator=generator()) - 0.5
    padded = np.pad(inputs.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    shifted = [padded[:, :, row : row + 28, column : column + 28] for row in range(3) for column in range(3)]
    assert np.array_equal(ink.dilate(inputs).numpy(), np.max(shifted, axis=0))


def test_thickness_moves_every_chosen_image_towards_its_maximum_or_minimum() -> None:
    inputs = digits(2_000)
    found = ink.change_ink(inputs, Augmentation(thickness=0.5), generator())
    highest, lowest = ink.dilate(inputs), -ink.dilate(-inputs)
    assert (found <= highest + 1e-6).all()
    assert (found >= lowest - 1e-6).all()
    thicker = (found > inputs + 1e-6).flatten(1).any(1)
    thinner = (found < inputs - 1e-6).flatten(1).any(1)
    assert not (thicker & thinner).any()
    assert thicker.float().mean() == pytest.approx(0.5 * 0.55, abs=0.05)
    assert thinner.float().mean() == pytest.approx(0.5 * 0.45, abs=0.05)
    span = (inputs - lowest).flatten(1).sum(1)[thinner]
    assert ((inputs - found).flatten(1).sum(1)[thinner] / span).max() == pytest.approx(0.7, abs=0.02)


def test_blur_matches_numpy() -> None:
    inputs = torch.rand(3, 1, 28, 28, generator=generator())
    weights = np.array([0.0, 0.1, 0.25])
    found = ink.blur(inputs, torch.tensor(weights, dtype=torch.float32).view(3, 1, 1, 1))
    for image, weight, result in zip(inputs[:, 0].numpy(), weights, found[:, 0].numpy(), strict=True):
        kernel = [weight, 1 - 2 * weight, weight]
        wanted = np.apply_along_axis(np.convolve, 0, image.astype(float), kernel, "same")
        wanted = np.apply_along_axis(np.convolve, 1, wanted, kernel, "same")
        assert np.abs(result - wanted).max() < 1e-6


def test_gaps_take_a_disc_of_ink_from_exactly_the_named_share_of_images() -> None:
    """Against the distance to every pixel, on strokes of two columns: a disc's center lies where there was ink."""
    inputs = torch.zeros(500, 1, 28, 28)
    inputs[:, :, 4:24, 13:15] = 1
    found = ink.change_ink(inputs, Augmentation(gaps=0.3), generator())
    broken = (found != inputs).flatten(1).any(1)
    assert broken.sum() == 150
    assert (found <= inputs).all()
    rows, columns = np.mgrid[:28, :28]
    candidates = [
        (radius + 0.5 - np.hypot(rows - row, columns - column)).clip(0, 1)
        for row in range(4, 24)
        for column in (13, 14)
        for radius in np.linspace(1, 2.5, 151)
    ]
    wanted = (1 - np.array(candidates)) * inputs[0, 0].numpy()
    for image in found[broken, 0].numpy():
        assert np.abs(wanted - image).max((1, 2)).min() < GAP_STEP
    assert len(found[broken, 0, 4:24, 13:15].sum(2).argmin(1).unique()) > 15  # of 20 rows with ink


def test_gaps_leave_an_empty_image_empty() -> None:
    assert not ink.change_ink(torch.zeros(4, 1, 28, 28), Augmentation(gaps=1.0), generator()).any()


def test_contrast_takes_away_at_most_the_named_share() -> None:
    found = ink.change_ink(torch.ones(1_000, 1, 28, 28), Augmentation(contrast=0.3), generator())
    levels = found.flatten(1)
    assert torch.equal(levels.min(1).values, levels.max(1).values)
    assert 0.7 <= levels.min() < 0.71
    assert 0.99 < levels.max() <= 1


def test_erasing_blanks_one_whole_box_in_the_named_share_of_images() -> None:
    found = ink.change_ink(torch.ones(2_000, 1, 28, 28), Augmentation(erasing=0.3), generator())
    erased = found.flatten(1).min(1).values == 0
    assert erased.float().mean() == pytest.approx(0.3, abs=0.04)
    for image in (found[erased, 0] == 0).numpy():
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        height, width = len(rows), len(columns)
        assert 5 <= height <= 9
        assert 5 <= width <= 9
        assert image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert image.sum() == height * width


def test_noise_reaches_half_of_the_images_with_the_named_deviation() -> None:
    found = ink.change_ink(torch.full((2_000, 1, 28, 28), 0.5), Augmentation(noise=0.15), generator())
    deviations = found.flatten(1).std(1)
    noisy = deviations > 0
    assert noisy.float().mean() == pytest.approx(0.5, abs=0.05)
    assert deviations.max() == pytest.approx(0.15, abs=0.01)
    assert deviations[noisy].mean() == pytest.approx(0.075, abs=0.01)


def test_nothing_to_change_leaves_the_images_alone() -> None:
    inputs = digits(32)
    assert torch.equal(change(inputs, labels(32), NONE, generator()), inputs)


@pytest.mark.parametrize("count", [1, 2, 96, 128])
def test_augmented_inputs_stay_between_0_and_1(count: int) -> None:
    inputs = digits(count)
    found = augment(inputs, labels(count), Recipe(), generator())
    assert found.shape == inputs.shape
    assert found.min() >= 0
    assert found.max() <= 1
    assert not torch.equal(found, inputs)


def test_the_named_share_of_a_batch_gets_the_strong_augmentation() -> None:
    inputs = digits(128)
    recipe = Recipe(common=NONE, gentle=NONE, strong_share=0.3)
    changed = (augment(inputs, labels(128), recipe, generator()) != inputs).flatten(1).any(1)
    assert torch.equal(changed, torch.arange(128) < 38)


def test_the_common_augmentation_reaches_gently_and_strongly_augmented_images_alike() -> None:
    inputs = digits(1_000)
    recipe = Recipe(common=Augmentation(contrast=0.5), gentle=NONE, strong=NONE)
    levels = (augment(inputs, labels(1_000), recipe, generator()) / inputs.clamp_min(1e-6)).flatten(1).amax(1)
    assert levels[:500].mean() == pytest.approx(0.75, abs=0.03)
    assert levels[500:].mean() == pytest.approx(0.75, abs=0.03)


def test_augmentation_depends_on_its_generator_alone() -> None:
    inputs = digits(64)
    first, second, other = (augment(inputs, labels(64), Recipe(), generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
