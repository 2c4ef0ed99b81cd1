"""MNIST's own digits made into what is no digit: halves, two in one image, turned ones, dark ones on full ink."""

from dataclasses import dataclass

import torch
from torch import Tensor

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.train.outliers.form import INKED, resample, to_form

UPPER, LOWER, LEFT, RIGHT = range(4)
HALVES = {
    0: (UPPER, LOWER), 2: (LOWER,), 3: (LEFT,), 4: (UPPER, LEFT), 5: (UPPER, LEFT), 6: (RIGHT,), 7: (LEFT,), 8: (LEFT,),
    9: (LEFT,),
}  # fmt: skip
"""Of each digit the halves that are no digit to anybody: the upper half of a 9 is a 0, the right one a 1."""
STACKS = {1: (2, 3), 4: (2,), 5: (1, 2, 7), 6: (2, 3)}
"""Digits whose lower half makes no digit below each one's upper half: that of a 4 below a 0's would make a 9."""
CUTS = (11, 17)
"""The row or column at which a digit is cut; the middle is between 13 and 14."""
SQUEEZES = (1.3, 2.0)
"""How many times narrower each of two digits in one image is."""
OVERLAPS = (-0.5, 1.5)
"""Pixels that two digits side by side share."""
TO_LEFT, TO_RIGHT, OVER, MIRRORED, TRANSPOSED = range(5)
TURNS = {
    2: (TO_LEFT, TO_RIGHT, TRANSPOSED), 3: (TO_LEFT, TO_RIGHT, MIRRORED, TRANSPOSED),
    4: (TO_LEFT, TO_RIGHT, OVER, MIRRORED, TRANSPOSED), 5: (TO_LEFT, TO_RIGHT, TRANSPOSED), 7: (MIRRORED, TRANSPOSED),
    9: (TRANSPOSED,),
}  # fmt: skip
"""The ways to turn each digit after which it is none: a mirrored 2 is a 5."""
INKS = (0.4, 1.0)
"""How much of full ink a dark digit lacks."""


@dataclass(frozen=True)
class Digits:
    """The digits that outliers are made of."""

    images: Tensor
    """(N, 1, 28, 28) uint8."""
    labels: Tensor
    """(N,) int64."""

    def some(self, classes: Tensor, generator: torch.Generator) -> Tensor:
        """(M, 1, 28, 28) float in [0, 1]: an image of each of the classes (M,), drawn anew."""
        members = (self.labels.unsqueeze(1) == torch.arange(CLASS_COUNT, device=self.labels.device)).sum(0)
        starts = members.cumsum(0) - members
        place = starts[classes] + (_uniform((0.0, 1.0), len(classes), generator) * members[classes]).long()
        chosen = self.labels.argsort()[place.clamp(max=len(self.labels) - 1)]
        return self.images[chosen].float() / 255


def halves(digits: Digits, count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): half a digit alone, or the upper half of one over the lower half of another."""
    classes, sides = _cases(HALVES, count - count // 2, generator)
    alone = digits.some(classes, generator) * _half(sides, generator)
    upper, lower = _cases(STACKS, count // 2, generator)
    above = _half(torch.full_like(upper, UPPER), generator)
    stacked = torch.where(above, digits.some(upper, generator), digits.some(lower, generator))
    return to_form(torch.cat([alone, stacked]))


def pairs(digits: Digits, count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): two digits side by side in the width of one, touching or nearly so."""
    squeeze = _uniform(SQUEEZES, count, generator)
    overlap = _uniform(OVERLAPS, count, generator)
    pixels = torch.arange(IMAGE_SIZE, dtype=torch.float, device=squeeze.device)
    nothing, unit = torch.zeros_like(squeeze), torch.ones_like(squeeze)
    sides = []
    for on_left in (True, False):
        classes = (_uniform((0.0, CLASS_COUNT), count, generator)).long()
        images = digits.some(classes, generator)
        inked = (images[:, 0] > INKED).any(1)
        last, first = torch.where(inked, pixels, 0.0).amax(1) + 1, torch.where(inked, pixels, IMAGE_SIZE).amin(1)
        # What is to lie in the middle of the result: the inner edge, moved by half of the overlap.
        middle = last - squeeze * overlap / 2 if on_left else first + squeeze * overlap / 2
        theta = torch.stack([squeeze, nothing, middle * (2 / IMAGE_SIZE) - 1, nothing, unit, nothing], 1)
        sides.append(resample(images, theta.view(-1, 2, 3)))
    return to_form(torch.maximum(*sides))


def turned(digits: Digits, count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): digits on their side, upside down, mirrored or transposed."""
    classes, ways = _cases(TURNS, count, generator)
    images = digits.some(classes, generator)
    turns = [images.rot90(1, (2, 3)), images.rot90(3, (2, 3)), images.rot90(2, (2, 3)), images.flip(3), images.mT]
    return torch.stack(turns)[ways, torch.arange(count, device=ways.device)]


def inverted(digits: Digits, count: int, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28): dark digits on full ink; bent, they would have dark corners too."""
    classes = (_uniform((0.0, CLASS_COUNT), count, generator)).long()
    return 1 - _uniform(INKS, count, generator).view(-1, 1, 1, 1) * digits.some(classes, generator)


def _cases(table: dict[int, tuple[int, ...]], count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two of (N,): digits and what the table names beside them, every pair as often."""
    pairs = torch.tensor([(digit, other) for digit, others in table.items() for other in others])
    drawn = torch.randint(len(pairs), (count,), generator=generator, device=generator.device)
    first, second = pairs.to(generator.device)[drawn].unbind(1)
    return first, second


def _half(sides: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 1, 28, 28) bool: one side of each image."""
    sides = sides.view(-1, 1, 1, 1)
    cut = torch.randint(CUTS[0], CUTS[1] + 1, sides.shape, generator=generator, device=sides.device)
    pixels = torch.arange(IMAGE_SIZE, device=sides.device)
    before = torch.where(sides <= LOWER, pixels.view(-1, 1), pixels) < cut
    return before ^ ((sides == LOWER) | (sides == RIGHT))


def _uniform(limits: tuple[float, float], count: int, generator: torch.Generator) -> Tensor:
    low, high = limits
    return low + (high - low) * torch.rand(count, generator=generator, device=generator.device)
