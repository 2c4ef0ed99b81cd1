"""Gray backgrounds and lines left in, against numpy and Pillow."""

import numpy as np
import torch
from PIL import Image, ImageDraw

from edgemnist.train import surroundings
from edgemnist.train.amounts import Augmentation
from edgemnist.train.ink import change_ink

MOST_UNLIKE, MEAN_UNLIKE = 0.75, 0.02
"""Differences of pixels from a line that Pillow draws 16 times finer; measured 0.63, at the round end of a thin line,
and 0.011."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_background_is_gray_and_uneven_and_ink_stays_above_it() -> None:
    ink = torch.zeros(500, 1, 28, 28)
    ink[:, :, 10:18, 10:18] = 1
    found = surroundings.lay_on_gray(ink, generator())
    assert found.min() >= 0
    assert found.max() <= 1
    background = found[:, :, :8].flatten(1)
    assert background.max() <= surroundings.BRIGHTEST
    assert background.mean(1).min() < 0.05
    assert background.mean(1).max() > 0.5
    assert (background.amax(1) - background.amin(1)).max() > 0.2
    alone = surroundings.lay_on_gray(torch.zeros_like(ink), generator())
    least = surroundings.CONTRASTS[0] * (1 - surroundings.BRIGHTEST)
    assert (found - alone)[:, :, 10:18, 10:18].min() >= least - 1e-6


def test_an_image_without_ink_keeps_only_its_background() -> None:
    nothing, ink = torch.zeros(4, 1, 28, 28), torch.full((4, 1, 28, 28), 0.5)
    low, middle, high = (surroundings.lay_on_gray(x, generator(3)) for x in (nothing, ink, 2 * ink))
    assert torch.allclose(middle, (low + high) / 2, atol=1e-6)


def test_lines_are_those_that_pillow_draws() -> None:
    count = 200
    found = surroundings.leave_lines_in(torch.zeros(count, 1, 28, 28), generator())
    (x, y, angle, length, width, ink), second = surroundings._draw_lines(torch.zeros(count, 1, 28, 28), generator())
    differences = []
    for index in range(count):
        sheet = Image.new("L", (28 * 16, 28 * 16))
        start = np.array([x[index], y[index]])
        along = np.array([angle[index].cos(), angle[index].sin()])
        ends = [start + float(length[index]) * along, start + float(second[index]) * np.array([-along[1], along[0]])]
        for end in ends[: 1 + bool(second[index] > 0)]:
            points = [tuple((point + 0.5) * 16) for point in (start, end)]
            ImageDraw.Draw(sheet).line(points, fill=255, width=max(1, round(float(width[index]) * 16)))
        wanted = np.asarray(sheet.resize((28, 28), Image.Resampling.BOX)) / 255 * float(ink[index])
        differences.append(np.abs(found[index, 0].numpy() - wanted))
    assert np.max(differences) < MOST_UNLIKE
    assert np.mean(differences) < MEAN_UNLIKE
    assert (second > 0).float().mean() > 0.2
    assert (second == 0).float().mean() > 0.5


def test_lines_never_take_ink_away() -> None:
    ink = torch.rand(300, 1, 28, 28, generator=generator(1))
    assert (surroundings.leave_lines_in(ink, generator()) >= ink).all()


def test_only_the_share_that_was_asked_for_gets_a_background_or_a_line() -> None:
    ink = torch.zeros(400, 1, 28, 28)
    ink[:, :, 8:20, 13:15] = 0.8
    for amounts in (Augmentation(lines=0.25), Augmentation(background=0.25)):
        found = change_ink(ink, amounts, generator())
        changed = (found != ink).flatten(1).any(1).sum()
        assert 85 <= changed <= 100  # 100 are chosen; a short line may lie outside, or within the stroke
