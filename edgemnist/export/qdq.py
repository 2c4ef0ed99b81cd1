"""Quantized network -> the portable int8 graph, in standard ONNX operators only.

QDQ form: every integer tensor stands between QuantizeLinear and DequantizeLinear, and runtimes fuse these with the
layer between them into one integer operator. Where one does not fuse them, float32 gives the same bits
(`quantize`). ReLU is not a node: quantizing to uint8 with zero point 0 clips what is negative. No QuantizeLinear
runs over the input, because its pixels are already the integers.
"""

import numpy as np
import onnx

from edgemnist.export.builder import GraphBuilder, interface
from edgemnist.export.layers import Add, Concat, Conv, Dense, Layer, MaxPool, Upsample
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork
from edgemnist.model.classifier import OUTPUT_NAMES
from edgemnist.model.finder import OUTPUT_NAME


def build_portable(network: QuantizedNetwork) -> onnx.ModelProto:
    """The portable int8 graph of `network`, without metadata."""
    graph = GraphBuilder()
    graph.constant("one", np.float32(1))
    graph.constant("zero", np.uint8(0))
    floats = {network.input: _dequantize(graph, network.input)}
    for layer in network.layers:
        x = _build(graph, network, layer, [floats[name] for name in layer.sources])
        floats[layer.name] = x if layer.name in network.outputs else _requantize(graph, x)
    if network.kind == "classifier":
        probabilities, logits = OUTPUT_NAMES
        graph.node("Softmax", [logits], probabilities, axis=1)
    else:
        maps = list(network.outputs)
        joined = graph.node("Concat", maps, "maps_joined", axis=1) if len(maps) > 1 else maps[0]
        graph.node("QuantizeLinear", [joined, "one", "zero"], OUTPUT_NAME)
    return graph.model(interface(network, "int8"))


def _build(graph: GraphBuilder, network: QuantizedNetwork, layer: Layer, sources: list[str]) -> str:
    """`layer` of whole numbers in floats (N, C, H, W), or (N, K) from the first dense layer on."""
    x, name = sources[0], layer.name
    match layer:
        case Conv():
            numbers = network.numbers[name]
            window = {"kernel_shape": list(numbers.weight.shape[2:]), "pads": [layer.padding] * 4}
            if layer.stride > 1:
                window["strides"] = [layer.stride] * 2
            return graph.node("Conv", [x, *_numbers(graph, numbers, name)], name, **window)
        case Dense():
            numbers = network.numbers[name]
            if layer.channels:
                x = _requantize(graph, graph.reshape(x, numbers.weight.shape[1:], "flat"))
            output = OUTPUT_NAMES[1] if name in network.outputs else name
            return graph.node("Gemm", [x, *_numbers(graph, numbers, name)], output, transB=1)
        case MaxPool():
            return graph.node("MaxPool", [x], name, kernel_shape=[2, 2], strides=[2, 2])
        case Upsample():
            return graph.upsample(x, name, [1, 1, 2, 2])
        case Add():
            return graph.node("Add", sources, name)
        case Concat():
            return graph.node("Concat", sources, name, axis=1)


def _dequantize(graph: GraphBuilder, tensor: str) -> str:
    return graph.node("DequantizeLinear", [tensor, "one", "zero"], f"{tensor}_dequantized")


def _requantize(graph: GraphBuilder, tensor: str) -> str:
    """To uint8 and back: what a runtime fuses into the integer operator before it."""
    return _dequantize(graph, graph.node("QuantizeLinear", [tensor, "one", "zero"], f"{tensor}_quantized"))


def _numbers(graph: GraphBuilder, layer: QuantizedLayer, name: str) -> list[str]:
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
