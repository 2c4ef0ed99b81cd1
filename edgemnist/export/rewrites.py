"""Weights rearranged so that the same integers are computed by cheaper operators.

Each function states an equation between two ways of computing one thing; tests/export/test_int8_rewrites.py holds
each of them to it in numpy integers. docs/int8.md has the time that they save together.
"""

import numpy as np
from numpy.typing import NDArray

from edgemnist.export.quantize import QuantizedLayer


def pool_positions(layer: QuantizedLayer) -> QuantizedLayer:
    """The convolution that computes all four positions of each 2x2 pooling window behind a 3x3 convolution.

        maxpool2x2(conv3x3(x)) = max over groups of conv4x4, stride 2 (x)

    `layer` is (M, C, 3, 3), the result (4 M, C, 4, 4): four groups of M channels, one per position, each the kernel
    moved to its place in the 4x4 window. Scale and rounding grow with their argument, so they may stand before or
    behind the maximum. A quarter of the windows, and nothing to pool in space.
    """
    count, channels = layer.weight.shape[:2]
    positions = np.zeros((2, 2, count, channels, 4, 4), np.int8)
    for row in range(2):
        for column in range(2):
            positions[row, column, :, :, row : row + 3, column : column + 3] = layer.weight
    return QuantizedLayer(positions.reshape(-1, channels, 4, 4), np.tile(layer.bias, 4), np.tile(layer.scale, 4))


def rows_as_channels(weight: NDArray[np.int8]) -> NDArray[np.int8]:
    """(M, H, 1, W) from (M, 1, H, W): the kernel for an image whose H rows under the kernel are its channels.

    conv HxW (x) = conv 1xW (rows of x gathered into channels). Channels last, a window is then one run of
    bytes, which kernels read in place instead of copying H pieces.
    """
    return weight.transpose(0, 2, 1, 3)


def channels_last(weight: NDArray[np.int8], channels: int) -> NDArray[np.int8]:
    """A dense layer's (out, C * pixels) weights for an input flattened as (pixels, C) instead of (C, pixels)."""
    return weight.reshape(len(weight), channels, -1).transpose(0, 2, 1).reshape(weight.shape)
