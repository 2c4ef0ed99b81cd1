"""A network of layers, computed in torch."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from edgemnist.export.layers import Add, Concat, Conv, Dense, Layer, MaxPool, Network, Upsample

Parameters = Mapping[str, tuple[Tensor, Tensor]]
"""Weight and bias by the layer's name."""


def forward(network: Network[Any], parameters: Parameters, inputs: Tensor) -> dict[str, Tensor]:
    """What each layer answers to `inputs` (N, 1, H, W), by its name; under the input's name the inputs themselves."""
    found = {network.input: inputs}
    for layer in network.layers:
        values = _compute(layer, [found[source] for source in layer.sources], parameters)
        weighted = isinstance(layer, Conv | Dense)
        found[layer.name] = values.relu() if weighted and layer.name not in network.outputs else values
    return found


def _compute(layer: Layer, sources: list[Tensor], parameters: Parameters) -> Tensor:
    match layer:
        case Conv():
            return F.conv2d(sources[0], *parameters[layer.name], stride=layer.stride, padding=layer.padding)
        case Dense():
            return F.linear(sources[0].flatten(1) if layer.channels else sources[0], *parameters[layer.name])
        case MaxPool():
            return F.max_pool2d(sources[0], 2)
        case Upsample():
            return F.interpolate(sources[0], scale_factor=2, mode="nearest")
        case Add():
            return sources[0] + sources[1]
        case Concat():
            return torch.cat(sources, 1)
