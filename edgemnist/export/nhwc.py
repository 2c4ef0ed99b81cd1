"""Quantized network -> the default int8 graph, in onnxruntime's own channels-last integer operators.

QLinearConv and QGemm of `com.microsoft` compute a quantized layer as `quantize` defines it: one pass over bytes,
nothing between. ReLU is the clipping at 0. The first convolution and its pooling are rewritten (`rewrites`); for
other runtimes than onnxruntime there is the portable graph (`qdq`), which gives the same bits.
"""

import numpy as np
import onnx

from edgemnist.data import IMAGE_SIZE
from edgemnist.export.builder import MICROSOFT, GraphBuilder
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork
from edgemnist.export.rewrites import channels_last, pool_positions, rows_as_channels
from edgemnist.model.contract import INPUT_NAME, OUTPUT_NAMES

_POOLED = IMAGE_SIZE // 2


def build_nhwc(network: QuantizedNetwork) -> onnx.ModelProto:
    """The default int8 graph of `network`, without metadata."""
    graph = GraphBuilder()
    graph.constant("one", np.float32(1))
    graph.constant("zero", np.uint8(0))
    x = _window_rows(graph)
    windows = pool_positions(network.conv1)
    windows = QuantizedLayer(rows_as_channels(windows.weight), windows.bias, windows.scale)
    x = _conv(graph, x, windows, "conv1", strides=[1, 2], pads=[0, 1, 0, 1])
    # The four groups of a cell become four columns: a pool of 1x4 takes their maximum without moving a byte.
    x = graph.reshape(x, (_POOLED, _POOLED * 4, 32), "conv1_groups")
    x = graph.node(f"{MICROSOFT}.NhwcMaxPool", [x], "pool1", kernel_shape=[1, 4], strides=[1, 4])
    x = _conv(graph, x, network.conv2, "conv2", strides=[1, 1], pads=[1, 1, 1, 1])
    x = graph.node(f"{MICROSOFT}.NhwcMaxPool", [x], "pool2", kernel_shape=[2, 2], strides=[2, 2])
    x = graph.reshape(x, (3136,), "flat")
    dense1 = network.dense1
    permuted = QuantizedLayer(channels_last(dense1.weight, 64), dense1.bias, dense1.scale)
    x = graph.node(f"{MICROSOFT}.QGemm", [*_dense(graph, x, permuted, "dense1"), "one", "zero"], "dense1")
    probabilities, logits = OUTPUT_NAMES
    graph.node(f"{MICROSOFT}.QGemm", _dense(graph, x, network.dense2, "dense2"), logits)
    graph.node("Softmax", [logits], probabilities, axis=1)
    return graph.model()


def _window_rows(graph: GraphBuilder) -> str:
    """(N, 14, 28, 4): for each row of pooling windows the four image rows that it depends on, as channels.

    Three cheap operators over bytes, and each window of the convolution behind them is 16 bytes in a row.
    """
    x = graph.reshape(INPUT_NAME, (IMAGE_SIZE, IMAGE_SIZE), "rows")
    x = graph.node("Pad", [x, graph.constant("row_pads", np.array([0, 1, 0, 0, 1, 0])), "zero"], "padded_rows")
    of_window = 2 * np.arange(_POOLED)[:, np.newaxis] + np.arange(4)
    x = graph.node("Gather", [x, graph.constant("rows_of_window", of_window)], "window_rows", axis=1)
    return graph.node("Transpose", [x], "window_rows_last", perm=[0, 1, 3, 2])


def _conv(graph: GraphBuilder, x: str, layer: QuantizedLayer, name: str, **attributes: list[int]) -> str:
    weight = [graph.constant(f"{name}_weight", layer.weight), *_quantized(graph, layer, name)]
    bias = graph.constant(f"{name}_bias", layer.bias)
    return graph.node(
        f"{MICROSOFT}.QLinearConv",
        [x, "one", "zero", *weight, "one", "zero", bias],
        name,
        channels_last=1,
        kernel_shape=list(layer.weight.shape[2:]),
        **attributes,
    )


def _dense(graph: GraphBuilder, x: str, layer: QuantizedLayer, name: str) -> list[str]:
    weight = [graph.constant(f"{name}_weight", layer.weight.T), *_quantized(graph, layer, name)]
    return [x, "one", "zero", *weight, graph.constant(f"{name}_bias", layer.bias)]


def _quantized(graph: GraphBuilder, layer: QuantizedLayer, name: str) -> list[str]:
    """Scale and zero point of the weights."""
    zeros = np.zeros(len(layer.scale), np.int8)
    return [graph.constant(f"{name}_scale", layer.scale), graph.constant(f"{name}_zero_point", zeros)]
