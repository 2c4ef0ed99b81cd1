"""What the finder's maps shall be on a page, and how far from that they are."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.reading.finds import CELL, MAPS
from edgemnist.train.pages.page import DIGIT, FOUND, IGNORED, MARK, OTHER

_SPREAD, _NARROWEST = 0.06, 0.7
"""Standard deviation of the heat around a middle, in cells: that share of width and height together, at least so
much."""
_NEAR = 0.5
"""Heat from which a cell shall know the box."""
_AROUND = 0.05
"""Heat from which a cell belongs to a digit that may or may not be found."""
SIDE, WAY = 8.0, 16.0
"""Pixels: a side of a box is that times the exponential of its map; a way to the middle that times its map."""
_LARGEST = 4.0
"""Of a map of sides: more is cut off, so that no exponential overflows."""
WEIGHTS = {"heat": 0.5, "box": 1.0, "way": 0.3, "digit": 4.0, "other": 1.5, "mark": 40.0}
"""Marks are a thousandth of all pixels: with less they are never learned."""
_INK_WEIGHTS = {"digit": (DIGIT, 2.0), "other": (OTHER, 1.0), "mark": (MARK, 3.0)}
"""Bits of the ink, and how much more a pixel weighs that is such ink."""


@dataclass(frozen=True)
class PageBatch:
    """Pages of one shape and what is to be found on them, as in `Page`, with a first axis of N."""

    page: Tensor
    """(N, 1, H, W) uint8"""
    bits: Tensor
    """(N, 1, H, W) uint8"""
    owner: Tensor
    """(N, H/4, W/4) int64"""
    boxes: Tensor
    """(N, MOST, 4) float32"""
    states: Tensor
    """(N, MOST) uint8"""


def finder_losses(maps: Tensor, batch: PageBatch) -> dict[str, Tensor]:
    """The parts of the loss, weighted, by the names of `WEIGHTS`; their sum is what training makes small."""
    heat, sides, way, *inks = maps.split(list(MAPS.values()), dim=1)
    number, box = batch.states.nonzero(as_tuple=True)
    boxes, found = batch.boxes[number, box], batch.states[number, box] == FOUND
    near = _heat_of(boxes, maps.shape[2:])
    wanted = _page_maximum(near[found], number[found], maps)
    either = _page_maximum(near[~found], number[~found], maps) > _AROUND
    losses = {
        "heat": _heat_loss(heat[:, 0], wanted, either),
        "box": _box_loss(sides, near[found], wanted, number[found], boxes[found]),
        "way": _way_loss(way, batch),
    }
    pixels = F.pixel_unshuffle(batch.bits, CELL)
    cared = (pixels & IGNORED) == 0
    for ink, logits in zip(_INK_WEIGHTS, inks, strict=True):
        bit, weight = _INK_WEIGHTS[ink]
        losses[ink] = _ink_loss(logits, (pixels & bit) > 0, cared, weight)
    return {name: WEIGHTS[name] * loss for name, loss in losses.items()}


def _heat_of(boxes: Tensor, shape: torch.Size) -> Tensor:
    """(K, H/4, W/4): for each of (K, 4) boxes a bell around the cell of its middle, where it is 1."""
    sides = boxes[:, 2:] - boxes[:, :2]
    middles = ((boxes[:, 2:] + boxes[:, :2]) / (2 * CELL)).floor()
    spread = (_SPREAD * sides.sum(1) / CELL).clamp_min(_NARROWEST)
    across, down = (
        torch.exp(
            -((torch.arange(length, device=boxes.device) - middles[:, axis, None]) ** 2) / (2 * spread[:, None] ** 2)
        )
        for axis, length in ((0, shape[1]), (1, shape[0]))
    )
    return down[:, :, None] * across[:, None, :]


def _page_maximum(near: Tensor, number: Tensor, maps: Tensor) -> Tensor:
    """(N, H/4, W/4): on each page the highest of the bells (K, H/4, W/4) that are on it."""
    heat = maps.new_zeros(maps.shape[0], *maps.shape[2:])
    return heat.scatter_reduce(0, number[:, None, None].expand_as(near), near, "amax")


def _heat_loss(logits: Tensor, wanted: Tensor, either: Tensor) -> Tensor:
    """The focal loss of "Objects as points", over the number of digits."""
    middles = wanted == 1
    hit = F.logsigmoid(logits) * torch.sigmoid(-logits) ** 2
    miss = F.logsigmoid(-logits) * torch.sigmoid(logits) ** 2 * (1 - wanted) ** 4
    return -torch.where(middles, hit, miss.masked_fill(either, 0.0)).sum() / middles.sum().clamp_min(len(logits))


def _box_loss(sides: Tensor, near: Tensor, wanted: Tensor, number: Tensor, boxes: Tensor) -> Tensor:
    """Source: H. Rezatofighi e.a., "Generalized intersection over union" (2019)."""
    # Here, because it costs more to import than torch, and no classifier needs it.
    from torchvision.ops import generalized_box_iou_loss

    which, down, across = ((near > _NEAR) & (near == wanted[number])).nonzero(as_tuple=True)
    reach = SIDE * sides[number[which], :, down, across].clamp_max(_LARGEST).exp()
    middle = (torch.stack([across, down], 1) + 0.5) * CELL
    predicted = torch.cat([middle - reach[:, :2], middle + reach[:, 2:]], 1)
    total: Tensor = generalized_box_iou_loss(predicted, boxes[which], reduction="sum")
    return total / max(1, len(which))


def _way_loss(way: Tensor, batch: PageBatch) -> Tensor:
    states, owner = batch.states, batch.owner
    known = torch.cat([torch.zeros_like(states[:, :1]), states], 1).gather(1, owner.flatten(1)).view_as(owner) == FOUND
    number, down, across = known.nonzero(as_tuple=True)
    boxes = batch.boxes[number, owner[number, down, across] - 1]
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    wanted = (middles - (torch.stack([across, down], 1) + 0.5) * CELL) / WAY
    return F.smooth_l1_loss(way[number, :, down, across], wanted, reduction="sum", beta=0.1) / max(1, len(number))


def _ink_loss(logits: Tensor, wanted: Tensor, cared: Tensor, weight: float) -> Tensor:
    loss = F.binary_cross_entropy_with_logits(
        logits, wanted.to(logits.dtype), pos_weight=logits.new_tensor(weight), reduction="none"
    )
    return (loss * cared).mean()
