"""Folded weights -> integers: post-training static quantization that gives the same bits in every runtime.

Between two layers stand integers 0..255, and a layer makes the next ones from them:

    y = clip(round(scale * (sum of weight * x + bias)), 0, 255)      the last layer: logits = scale * (...)

with `weight` int8 and one `scale` per output channel (Jacob et al. 2018, "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference"). The raw pixels are the first integers. What one step of
an activation is worth is divided out of the weights: for a ReLU network c * relu(x) = relu(c * x), so that no other
scale is left in the graph than these.

Each channel's scale is the smallest m * 2^e, m odd and at most 255, with which both of these hold; tests prove them
from the numbers in a file:

1. Its two largest weights add to at most 128. x86 processors without VNNI add two products of an activation and a
   weight in a signed 16-bit register that saturates at 32,767, and 255 * 128 = 32,640. With all 8 bits the same file
   would answer differently on such a PC and on a Raspberry Pi.
2. m * (255 * the sum of its weights of one sign + the bias) < 2^24. Then every partial sum, in any order, is a
   float32 without rounding, and integer kernels, float kernels and numpy agree to the bit.

docs/int8.md has what the second one costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.export.calibrate import Calibration
from edgemnist.export.fold import FoldedWeights
from edgemnist.export.rounding import round_jointly

METHOD = "post-training static, uint8 activations per tensor, int8 weights per channel (GPTQ), exact in float32"
WEIGHT_BITS = 8
ACTIVATION_MAX = 255
MAX_WEIGHT = 127
MAX_PAIR = 128
"""Two weights of one channel, whichever they are: no kernel's order of summation matters."""
FLOAT32_EXACT = 2**24
"""Integers below it are float32 numbers."""
_MANTISSAS = range(128, 256)
"""One octave of scales; those that are even here are odd ones of an octave further down."""
_LEAST_SCALE = 2.0**-100
"""A channel of zeros has a scale too; far from float32's least number."""


@dataclass(frozen=True)
class QuantizedLayer:
    """The integers of a convolution or a dense layer."""

    weight: NDArray[np.int8]
    """In the layout of the layer, output channels first."""
    bias: NDArray[np.int32]
    """(output channels,)."""
    scale: NDArray[np.float32]
    """(output channels,)."""


@dataclass(frozen=True)
class QuantizedNetwork:
    """The integers of the whole network, in torch's layouts."""

    conv1: QuantizedLayer
    conv2: QuantizedLayer
    dense1: QuantizedLayer
    dense2: QuantizedLayer


def quantize_network(weights: FoldedWeights, calibration: Calibration) -> QuantizedNetwork:
    """The integers of `weights` for activations as in `calibration`."""
    ranges, moments = calibration.ranges, calibration.moments
    pixel, conv1, conv2, dense1 = (top / ACTIVATION_MAX for top in (1.0, ranges.conv1, ranges.conv2, ranges.dense1))
    return QuantizedNetwork(
        conv1=quantize_layer(weights.conv1_weight * (pixel / conv1), weights.conv1_bias / conv1, moments.conv1),
        conv2=quantize_layer(weights.conv2_weight * (conv1 / conv2), weights.conv2_bias / conv2, moments.conv2),
        dense1=quantize_layer(weights.dense1_weight * (conv2 / dense1), weights.dense1_bias / dense1, moments.dense1),
        dense2=quantize_layer(weights.dense2_weight * dense1, weights.dense2_bias, moments.dense2),
    )


def quantize_layer(
    weight: NDArray[np.float64], bias: NDArray[np.float64], moments: NDArray[np.float64]
) -> QuantizedLayer:
    """The integers of a layer with `weight` (out, ...) and `bias` (out,), both in steps of activations.

    `moments` (K, K) are those of the inputs of one output (calibrate.py).
    """
    rows = weight.reshape(len(weight), -1)
    choices = [allowed_scales(row, shift) for row, shift in zip(rows, bias, strict=True)]
    scale = np.empty(len(rows))
    integers = np.empty_like(rows)
    channels = np.arange(len(rows))
    # Rounded jointly, a channel may need a larger scale than when each weight is rounded by itself.
    while len(channels):
        scale[channels] = [next(choices[channel]) for channel in channels]
        integers[channels] = round_jointly(rows[channels] / scale[channels, np.newaxis], moments)
        fits = [_fits(integers[channel], bias[channel], scale[channel]) for channel in channels]
        channels = channels[~np.array(fits)]
    return QuantizedLayer(
        weight=integers.astype(np.int8).reshape(weight.shape),
        bias=np.rint(bias / scale).astype(np.int32),
        scale=scale.astype(np.float32),
    )


def allowed_scales(weight: NDArray[np.float64], bias: float) -> Iterator[float]:
    """The scales, from the smallest, that keep both rules of the module for a channel: `weight` (K,) and its `bias`."""
    second, first = np.sort(np.abs(weight))[-2:]
    # Rounding adds half a step to each, so below this no scale can fit.
    least = max(first / (MAX_WEIGHT + 0.5), (first + second) / (MAX_PAIR + 1), abs(bias) / FLOAT32_EXACT, _LEAST_SCALE)
    octave = 2.0 ** np.floor(np.log2(least)) / _MANTISSAS.start
    while True:
        for mantissa in _MANTISSAS:
            scale = float(mantissa * octave)
            if scale >= least and _fits(np.rint(weight / scale), bias, scale):
                yield scale
        octave *= 2


def _fits(weight: NDArray[np.float64], bias: float, scale: float) -> bool:
    """Whether integers `weight` (K,) keep both rules, with a `bias` still to be rounded in steps of `scale`."""
    second, first = np.partition(np.abs(weight), -2)[-2:]
    if first > MAX_WEIGHT or first + second > MAX_PAIR:
        return False
    shift = float(np.rint(bias / scale))
    up = ACTIVATION_MAX * weight[weight > 0].sum() + max(shift, 0)
    down = ACTIVATION_MAX * weight[weight < 0].sum() + min(shift, 0)
    return bool(_odd_part(scale) * max(up, -down) < FLOAT32_EXACT)


def _odd_part(scale: float) -> int:
    """m of scale = m * 2^e, m odd."""
    numerator, _ = scale.as_integer_ratio()
    return numerator // (numerator & -numerator)
