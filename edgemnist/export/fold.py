"""Fold BatchNorm into the convolution before it.

In evaluation BatchNorm is an affine map per channel, so convolution and BatchNorm are one convolution:

    y  = gamma * (W x + b - mean) / sqrt(var + eps) + beta
    W' = W * gamma / sqrt(var + eps)
    b' = (b - mean) * gamma / sqrt(var + eps) + beta
    y  = W' x + b'

(Jacob et al. 2018, "Quantization and Training of Neural Networks", section 3.2.) Computed in float64, so that
the only rounding is the one to float32 at the end.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from edgemnist.export.layers import Network


@dataclass(frozen=True)
class FoldedLayer:
    """A convolution or a dense layer, in torch's layout."""

    weight: NDArray[np.float64]
    """(out, in, height, width), or (out, in)."""
    bias: NDArray[np.float64]
    """(out,)."""


FoldedNetwork = Network[FoldedLayer]
"""A network without BatchNorm, for inputs in [0, 1]."""


def fold_batchnorm(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d) -> FoldedLayer:
    """W' and b' of the convolution that equals `conv`, with or without a bias of its own, followed by `bn`."""
    factor = _float64(bn.weight) / np.sqrt(_float64(bn.running_var) + bn.eps)
    weight = _float64(conv.weight) * factor[:, np.newaxis, np.newaxis, np.newaxis]
    before = _float64(conv.bias) if conv.bias is not None else np.float64(0)
    return FoldedLayer(weight, (before - _float64(bn.running_mean)) * factor + _float64(bn.bias))


def as_it_is(layer: torch.nn.Conv2d | torch.nn.Linear) -> FoldedLayer:
    """The numbers of a layer that has a bias and no BatchNorm behind it."""
    return FoldedLayer(_float64(layer.weight), _float64(layer.bias))


def _float64(tensor: torch.Tensor | None) -> NDArray[np.float64]:
    assert tensor is not None  # these layers have biases and running statistics
    return tensor.detach().cpu().numpy().astype(np.float64)
