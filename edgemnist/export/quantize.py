"""Folded weights -> integers: post-training static quantization that gives the same bits in every runtime.

Between two layers stand integers 0..255, and a layer makes the next ones from them:

    y = clip(round(scale * (sum of weight * x + bias)), 0, 255)      a classifier's last layer: logits = scale * (...)

with `weight` int8 and one `scale` per output channel (Jacob et al. 2018, "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference"). The raw pixels are the first integers. What one step of
an activation is worth is divided out of the weights: for a ReLU network c * relu(x) = relu(c * x), so that no other
scale is left in the graph than these. A finder's maps can be negative: the integer that stands for 0 is in their bias.

Each channel's scale is the smallest m * 2^e, m odd and at most 255, with which both of these hold; tests prove them
from the numbers in a file:

1. Its two largest weights add to at most 128. x86 processors without VNNI add two products of an activation and a
   weight in a signed 16-bit register that saturates at 32,767, and 255 * 128 = 32,640. With all 8 bits the same file
   would answer differently on such a PC and on a Raspberry Pi.
2. m * (255 * the sum of its weights of one sign + the bias) < 2^24. Then every partial sum, in any order, is a
   float32 without rounding, and integer kernels, float kernels and numpy agree to the bit.

docs/int8.md has what the second one costs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgemnist.export.calibrate import Calibration
from edgemnist.export.fold import FoldedNetwork
from edgemnist.export.layers import Conv, Dense, Network
from edgemnist.export.rounding import round_jointly
from edgemnist.model.finder import Map

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


QuantizedNetwork = Network[QuantizedLayer]


def quantize_network(network: FoldedNetwork, calibration: Calibration, maps: Sequence[Map] = ()) -> QuantizedNetwork:
    """The integers of `network` for activations as in `calibration`, and for a finder's outputs in steps of `maps`."""
    steps = activation_steps(network, calibration)
    of_outputs = _output_steps(network, maps)
    numbers = {}
    for layer in network.layers:
        if isinstance(layer, Conv | Dense):
            folded, before = network.numbers[layer.name], steps[layer.sources[0]]
            step, zero = of_outputs.get(layer.name, (steps[layer.name], 0.0))
            factor = np.reshape(before / step, (-1, *[1] * (folded.weight.ndim - 1)))
            moments = calibration.moments[layer.name]
            numbers[layer.name] = quantize_layer(folded.weight * factor, folded.bias / step + zero, moments)
    return QuantizedNetwork(network.kind, network.layers, network.outputs, numbers)


def activation_steps(network: FoldedNetwork, calibration: Calibration) -> dict[str, float]:
    """What one step of the integers is worth that each layer answers, and of the input, 1 / 255, by name.

    Layers without numbers move integers as they are, or add them, so what they read and what they answer has one
    common step, in which the largest of them is 255; where all were 0, any step will do.
    """
    tied = {name: {name} for name in (network.input, *calibration.ranges)}
    for layer in network.layers:
        if not isinstance(layer, Conv | Dense):
            together = set[str]().union(*(tied[name] for name in (layer.name, *layer.sources)))
            tied |= dict.fromkeys(together, together)
    ranges = {network.input: 1.0, **calibration.ranges}
    return {name: (max(ranges[other] for other in names) or 1.0) / ACTIVATION_MAX for name, names in tied.items()}


def _output_steps(
    network: FoldedNetwork, maps: Sequence[Map]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """What one step of each channel of each output is worth, and the integer that stands for 0; logits are floats."""
    if not maps:
        return {name: (np.ones(1), np.zeros(1)) for name in network.outputs}
    channels = [found.channels for found in maps]
    scale, zero = (np.repeat([getattr(found, part) for found in maps], channels) for part in ("scale", "zero_point"))
    ends = np.cumsum([len(network.numbers[name].bias) for name in network.outputs])[:-1]
    return dict(zip(network.outputs, zip(np.split(scale, ends), np.split(zero, ends), strict=True), strict=True))


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
    second, first = _largest_two(weight)
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
    second, first = _largest_two(weight)
    if first > MAX_WEIGHT or first + second > MAX_PAIR:
        return False
    shift = float(np.rint(bias / scale))
    up = ACTIVATION_MAX * weight[weight > 0].sum() + max(shift, 0)
    down = ACTIVATION_MAX * weight[weight < 0].sum() + min(shift, 0)
    return bool(_odd_part(scale) * max(up, -down) < FLOAT32_EXACT)


def _largest_two(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2,) magnitudes, the largest last; beside a weight that is alone stands a 0."""
    return np.partition(np.abs(np.append(weight, 0)), -2)[-2:]


def _odd_part(scale: float) -> int:
    """m of scale = m * 2^e, m odd."""
    numerator, _ = scale.as_integer_ratio()
    return numerator // (numerator & -numerator)
