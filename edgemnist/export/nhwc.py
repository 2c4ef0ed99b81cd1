"""Quantized network -> the default int8 graph, in onnxruntime's own channels-last integer operators.

QLinearConv and QGemm of `com.microsoft` compute a quantized layer as `quantize` defines it: one pass over bytes,
nothing between. ReLU is the clipping at 0. A classifier's first convolution and its pooling are rewritten
(`first_windows`); for other runtimes than onnxruntime there is the portable graph (`qdq`), which gives the same bits.
"""

import numpy as np
import onnx

from edgemnist.export import integer_operators as integers
from edgemnist.export.builder import GraphBuilder, interface
from edgemnist.export.first_windows import build_first_windows
from edgemnist.export.layers import Add, Concat, Conv, Dense, Layer, MaxPool, Upsample
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork
from edgemnist.export.rewrites import channels_last
from edgemnist.model.classifier import OUTPUT_NAMES
from edgemnist.model.finder import OUTPUT_NAME


def build_nhwc(network: QuantizedNetwork) -> onnx.ModelProto:
    """The default int8 graph of `network`, without metadata."""
    graph = GraphBuilder()
    graph.constant("one", np.float32(1))
    graph.constant("zero", np.uint8(0))
    if network.kind == "classifier":
        conv, pool, *layers = network.layers
        build_first_windows(graph, network.input, network.numbers[conv.name], (conv.name, pool.name))
        for layer in layers:
            _build(graph, network, layer, list(layer.sources))
        probabilities, logits = OUTPUT_NAMES
        graph.node("Softmax", [logits], probabilities, axis=1)
    else:
        page = graph.node("Transpose", [network.input], "page_last", perm=[0, 2, 3, 1])
        for layer in network.layers:
            _build(graph, network, layer, [page if name == network.input else name for name in layer.sources])
        maps = list(network.outputs)
        joined = graph.node("Concat", maps, "maps_last", axis=3) if len(maps) > 1 else maps[0]
        graph.node("Transpose", [joined], OUTPUT_NAME, perm=[0, 3, 1, 2])
    return graph.model(interface(network, "int8"))


def _build(graph: GraphBuilder, network: QuantizedNetwork, layer: Layer, sources: list[str]) -> None:
    """`layer` of bytes (N, H, W, C), or (N, K) from the first dense layer on."""
    x, name = sources[0], layer.name
    match layer:
        case Conv():
            window = {"strides": [layer.stride] * 2, "pads": [layer.padding] * 4}
            integers.conv(graph, x, network.numbers[name], name, **window)
        case Dense():
            numbers = network.numbers[name]
            if layer.channels:
                x = graph.reshape(x, numbers.weight.shape[1:], "flat")
                numbers = QuantizedLayer(channels_last(numbers.weight, layer.channels), numbers.bias, numbers.scale)
            integers.dense(graph, x, numbers, name, logits=OUTPUT_NAMES[1] if name in network.outputs else None)
        case MaxPool():
            integers.max_pool(graph, x, name, [2, 2])
        case Upsample():
            graph.upsample(x, name, [1, 2, 2, 1])
        case Add():
            integers.add(graph, x, sources[1], name)
        case Concat():
            graph.node("Concat", sources, name, axis=3)
