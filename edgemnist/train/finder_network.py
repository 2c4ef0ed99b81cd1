"""The finder: a small fully convolutional network that says where on a page digits are.

A stem of one 8x8 convolution goes straight to a quarter of the size, three levels below it look at ever larger parts of
the page, and their maps come back up by nearest upsampling and addition.

Source: X. Zhou, D. Wang, P. Krähenbühl, "Objects as points" (2019), for boxes from the middles of things; B. Cheng
e.a., "Panoptic-DeepLab" (2020), for the way from a pixel to the middle of what it belongs to; Z. Tian e.a., "FCOS"
(2019), for the four sides.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgemnist.reading.finds import CELL, MAPS

CHANNELS = (32, 48, 64, 64)
"""At a stride of 4, 8, 16 and 32: multiples of 16, which integer kernels take whole."""
_RARE = -4.0
"""The first bias of heat and marks: middles of digits are rare, and so are points and commas."""


class FinderCnn(nn.Module):
    """(N, 1, H, W) inputs, 0 = paper, 1 = full ink, H and W multiples of 32 -> (N, 55, H/4, W/4) maps, as `MAPS`."""

    def __init__(self) -> None:
        super().__init__()
        first = CHANNELS[0]
        self.stem = _convolution(1, first, kernel=8, stride=CELL, padding=2)
        self.down = nn.ModuleList(
            nn.Sequential(_convolution(above, below, stride=2), _convolution(below, below))
            for above, below in pairwise(CHANNELS)
        )
        self.side = nn.ModuleList(
            _convolution(below, above, kernel=1, padding=0) for above, below in pairwise(CHANNELS)
        )
        self.up = nn.ModuleList(_convolution(channels, channels) for channels in CHANNELS[:-1])
        self.last = _convolution(first, first)
        self.head = nn.Conv2d(first, sum(MAPS.values()), 1)
        assert self.head.bias is not None
        with torch.no_grad():
            for rare in (self.head.bias[:1], self.head.bias[-MAPS["mark"] :]):
                rare.fill_(_RARE)
        self.to(memory_format=torch.channels_last)

    def forward(self, inputs: Tensor) -> Tensor:
        """The maps, without sigmoids."""
        levels = [self.stem(inputs)]
        for down in self.down:
            levels.append(down(levels[-1]))
        maps = levels.pop()
        for side, up in zip(reversed(self.side), reversed(self.up), strict=True):
            maps = up(levels.pop() + F.interpolate(side(maps), scale_factor=2, mode="nearest"))
        result: Tensor = self.head(self.last(maps))
        return result


def _convolution(before: int, after: int, kernel: int = 3, stride: int = 1, padding: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )
