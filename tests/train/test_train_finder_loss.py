"""What the finder is taught: maps that say what is on the page cost nothing, all others more."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from edgemnist.reading.finds import MAPS
from edgemnist.train.finder_loss import SIDE, WAY, PageBatch, finder_losses
from edgemnist.train.finder_network import FinderCnn
from edgemnist.train.pages.page import DIGIT, EITHER, FOUND, IGNORED, MOST, OTHER

LITTLE = 0.02
"""A part of the loss of right maps, its logits 12 from 0; measured 0.0001, the way 0."""
BOX = (20, 12, 44, 60)
SURE = 12.0


def batch(state: int = FOUND, bits: int = DIGIT) -> PageBatch:
    """A page of 64x96 with one digit, all of its box inked."""
    left, top, right, bottom = BOX
    ink, owner = torch.zeros(1, 1, 64, 96, dtype=torch.uint8), torch.zeros(1, 16, 24, dtype=torch.int64)
    ink[..., top:bottom, left:right] = bits
    owner[:, top // 4 : bottom // 4, left // 4 : right // 4] = 1
    boxes, states = torch.zeros(1, MOST, 4), torch.zeros(1, MOST, dtype=torch.uint8)
    boxes[0, 0], states[0, 0] = torch.tensor(BOX, dtype=torch.float32), state
    return PageBatch(ink, ink, owner, boxes, states)


def right_maps() -> torch.Tensor:
    """The maps that say so."""
    left, top, right, bottom = BOX
    x, y = np.meshgrid(np.arange(24) * 4 + 2.0, np.arange(16) * 4 + 2.0)
    middle = ((left + right) / 2, (top + bottom) / 2)
    reach = np.stack([x - left, y - top, right - x, bottom - y]).clip(0.1)
    heat = np.full((1, 16, 24), -SURE)
    heat[0, int(middle[1] // 4), int(middle[0] // 4)] = SURE
    inked = F.pixel_unshuffle((batch().bits > 0).float(), 4)[0].numpy()
    nothing = np.full((32, 16, 24), -SURE)
    ink = np.concatenate([np.where(inked > 0, SURE, -SURE), nothing])
    way = np.stack([middle[0] - x, middle[1] - y]) / WAY
    return torch.from_numpy(np.concatenate([heat, np.log(reach / SIDE), way, ink]))[None].float()


def test_right_maps_cost_nothing():
    losses = finder_losses(right_maps(), batch())
    assert all(float(loss) <= LITTLE for loss in losses.values())


@pytest.mark.parametrize("part", [*MAPS])
def test_each_map_that_is_wrong_costs_in_its_own_part(part):
    start = sum(list(MAPS.values())[: list(MAPS).index(part)])
    maps = right_maps()
    maps[:, start : start + MAPS[part]] *= -1
    losses = finder_losses(maps, batch())
    own = {"sides": "box"}.get(part, part)
    assert float(losses[own]) > 10 * LITTLE
    assert all(float(loss) <= LITTLE for name, loss in losses.items() if name != own)


def test_a_digit_that_may_be_found_costs_neither_way():
    for maps in (right_maps(), -right_maps()):
        maps[:, 0] = right_maps()[:, 0]
        losses = finder_losses(maps, batch(EITHER, IGNORED))
        assert float(losses["heat"]) <= LITTLE
        assert float(losses["box"]) == float(losses["way"]) == 0
    missed = right_maps()
    missed[:, 0] = -SURE
    assert float(finder_losses(missed, batch(EITHER, IGNORED))["heat"]) <= LITTLE
    assert float(finder_losses(missed, batch())["heat"]) > 1


def test_a_page_without_digits_teaches_to_find_none():
    empty = batch(0, OTHER)
    empty.owner.zero_()
    losses = finder_losses(right_maps(), empty)
    assert float(losses["heat"]) > LITTLE
    assert all(torch.isfinite(loss) for loss in losses.values())


def test_the_network_has_a_value_of_each_map_for_each_cell():
    network = FinderCnn().eval()
    assert sum(parameter.numel() for parameter in network.parameters()) == 262_807
    for shape in ((32, 32), (64, 96), (160, 160)):
        maps = network(torch.zeros(2, 1, *shape))
        assert maps.shape == (2, sum(MAPS.values()), shape[0] // 4, shape[1] // 4)
