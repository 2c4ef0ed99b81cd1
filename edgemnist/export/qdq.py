"""Quantized network -> the portable int8 graph, in standard ONNX operators only.

QDQ form: every integer tensor stands between QuantizeLinear and DequantizeLinear, and runtimes fuse these with the
layer between them into one integer operator. Where one does not fuse them, float32 gives the same bits
(`quantize`). ReLU is not a node: quantizing to uint8 with zero point 0 clips what is negative. No QuantizeLinear
runs over the image, because its pixels are already the integers.
"""

import numpy as np
import onnx

from edgemnist.export.builder import GraphBuilder
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork
from edgemnist.model.contract import INPUT_NAME, OUTPUT_NAMES


def build_portable(network: QuantizedNetwork) -> onnx.ModelProto:
    """The portable int8 graph of `network`, without metadata."""
    graph = GraphBuilder()
    graph.constant("one", np.float32(1))
    graph.constant("zero", np.uint8(0))
    x = _dequantize(graph, INPUT_NAME)
    x = graph.node("Conv", [x, *_layer(graph, network.conv1, "conv1")], "conv1", kernel_shape=[3, 3], pads=[1] * 4)
    x = _requantize(graph, x)
    x = graph.node("MaxPool", [x], "pool1", kernel_shape=[2, 2], strides=[2, 2])
    x = _requantize(graph, x)
    x = graph.node("Conv", [x, *_layer(graph, network.conv2, "conv2")], "conv2", kernel_shape=[3, 3], pads=[1] * 4)
    x = _requantize(graph, x)
    x = graph.node("MaxPool", [x], "pool2", kernel_shape=[2, 2], strides=[2, 2])
    x = _requantize(graph, x)
    x = graph.reshape(x, (3136,), "flat")
    x = _requantize(graph, x)
    x = graph.node("Gemm", [x, *_layer(graph, network.dense1, "dense1")], "dense1", transB=1)
    x = _requantize(graph, x)
    probabilities, logits = OUTPUT_NAMES
    graph.node("Gemm", [x, *_layer(graph, network.dense2, "dense2")], logits, transB=1)
    graph.node("Softmax", [logits], probabilities, axis=1)
    return graph.model()


def _dequantize(graph: GraphBuilder, tensor: str) -> str:
    return graph.node("DequantizeLinear", [tensor, "one", "zero"], f"{tensor}_dequantized")


def _requantize(graph: GraphBuilder, tensor: str) -> str:
    """To uint8 and back: what a runtime fuses into the integer operator before it."""
    return _dequantize(graph, graph.node("QuantizeLinear", [tensor, "one", "zero"], f"{tensor}_quantized"))


def _layer(graph: GraphBuilder, layer: QuantizedLayer, name: str) -> list[str]:
    """The dequantized weight and bias of `layer`; activations have scale 1, so both have the layer's scale."""
    scale = graph.constant(f"{name}_scale", layer.scale)
    return [
        graph.node(
            "DequantizeLinear",
            [
                graph.constant(f"{name}_{part}_quantized", integers),
                scale,
                graph.constant(f"{name}_{part}_zero_point", np.zeros(len(layer.scale), integers.dtype)),
            ],
            f"{name}_{part}",
            axis=0,
        )
        for part, integers in (("weight", layer.weight), ("bias", layer.bias))
    ]
