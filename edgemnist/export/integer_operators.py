"""onnxruntime's own channels-last integer operators, as nodes of a graph whose scales between layers are all 1."""

import numpy as np

from edgemnist.export.builder import MICROSOFT, GraphBuilder
from edgemnist.export.quantize import QuantizedLayer

AS_IT_IS = ["one", "zero"]
"""Scale and zero point of the integers between two layers."""


def conv(graph: GraphBuilder, x: str, layer: QuantizedLayer, name: str, *, strides: list[int], pads: list[int]) -> str:
    """The convolution `name` of (N, H, W, C) bytes, clipped to bytes."""
    return graph.node(
        f"{MICROSOFT}.QLinearConv",
        [x, *AS_IT_IS, *_weight(graph, layer, layer.weight, name), *AS_IT_IS, _bias(graph, layer, name)],
        name,
        channels_last=1,
        kernel_shape=list(layer.weight.shape[2:]),
        strides=strides,
        pads=pads,
    )


def dense(graph: GraphBuilder, x: str, layer: QuantizedLayer, name: str, *, logits: str | None = None) -> str:
    """The dense layer `name` of (N, K) bytes, clipped to bytes, or floats that are called `logits`."""
    inputs = [x, *AS_IT_IS, *_weight(graph, layer, layer.weight.T, name), _bias(graph, layer, name)]
    return graph.node(f"{MICROSOFT}.QGemm", inputs if logits else [*inputs, *AS_IT_IS], logits or name)


def add(graph: GraphBuilder, x: str, y: str, name: str) -> str:
    """The sum `name` of bytes, clipped to bytes."""
    return graph.node(f"{MICROSOFT}.QLinearAdd", [x, *AS_IT_IS, y, *AS_IT_IS, *AS_IT_IS], name)


def max_pool(graph: GraphBuilder, x: str, name: str, window: list[int]) -> str:
    """The maximum `name` of each window of (N, H, W, C) bytes."""
    return graph.node(f"{MICROSOFT}.NhwcMaxPool", [x], name, kernel_shape=window, strides=window)


def _weight(graph: GraphBuilder, layer: QuantizedLayer, weight: np.ndarray, name: str) -> list[str]:
    """The weights with their scale and zero point."""
    return [
        graph.constant(f"{name}_weight", weight),
        graph.constant(f"{name}_scale", layer.scale),
        graph.constant(f"{name}_zero_point", np.zeros(len(layer.scale), np.int8)),
    ]


def _bias(graph: GraphBuilder, layer: QuantizedLayer, name: str) -> str:
    return graph.constant(f"{name}_bias", layer.bias)
