"""Quantized weights -> the int8 graph, in standard ONNX operators only.

QDQ form: every integer tensor stands between QuantizeLinear and DequantizeLinear, and runtimes fuse these with
the layer between them into one integer operator. ReLU is not a node: quantizing to uint8 with zero point 0 clips
what is negative. No QuantizeLinear runs over the image, because its pixels are already the integers.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edgemnist.contract import INPUT_NAME, OUTPUT_NAMES
from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.export.fold import FoldedWeights
from edgemnist.export.graph import IR_VERSION, OPSET
from edgemnist.export.quantize import PIXEL_SCALE, ActivationScales, QuantizedLayer, quantize_layer


def build_int8(weights: FoldedWeights, scales: ActivationScales) -> onnx.ModelProto:
    """The int8 graph of `weights`, without metadata."""
    graph = _Graph()
    graph.constant("zero_point", np.uint8(0))
    graph.constant("pixel_scale", np.float32(PIXEL_SCALE))
    graph.constant("conv1_scale", np.float32(scales.conv1))
    graph.constant("conv2_scale", np.float32(scales.conv2))
    graph.constant("dense1_scale", np.float32(scales.dense1))
    graph.constant("flat_shape", np.array([-1, 3136], np.int64))

    conv1 = quantize_layer(weights.conv1_weight, weights.conv1_bias, PIXEL_SCALE)
    conv2 = quantize_layer(weights.conv2_weight, weights.conv2_bias, scales.conv1)
    dense1 = quantize_layer(weights.dense1_weight, weights.dense1_bias, scales.conv2)
    dense2 = quantize_layer(weights.dense2_weight, weights.dense2_bias, scales.dense1)

    x = graph.dequantize(INPUT_NAME, "pixel_scale")
    x = graph.node("Conv", [x, *graph.layer("conv1", conv1)], "conv1", kernel_shape=[3, 3], pads=[1] * 4)
    x = graph.requantize(x, "conv1_scale")
    x = graph.node("MaxPool", [x], "pool1", kernel_shape=[2, 2], strides=[2, 2])
    x = graph.requantize(x, "conv1_scale")
    x = graph.node("Conv", [x, *graph.layer("conv2", conv2)], "conv2", kernel_shape=[3, 3], pads=[1] * 4)
    x = graph.requantize(x, "conv2_scale")
    x = graph.node("MaxPool", [x], "pool2", kernel_shape=[2, 2], strides=[2, 2])
    x = graph.requantize(x, "conv2_scale")
    x = graph.node("Reshape", [x, "flat_shape"], "flat")
    x = graph.requantize(x, "conv2_scale")
    x = graph.node("Gemm", [x, *graph.layer("dense1", dense1)], "dense1", transB=1)
    x = graph.requantize(x, "dense1_scale")
    probabilities, logits = OUTPUT_NAMES
    graph.node("Gemm", [x, *graph.layer("dense2", dense2)], logits, transB=1)
    graph.node("Softmax", [logits], probabilities, axis=1)
    return graph.model()


class _Graph:
    """Nodes and initializers in the order in which they are added; a tensor is named by the node that makes it."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        self._initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], f"{output}_{operator}", **attributes))
        return output

    def dequantize(self, tensor: str, scale: str) -> str:
        return self.node("DequantizeLinear", [tensor, scale, "zero_point"], f"{tensor}_dequantized")

    def requantize(self, tensor: str, scale: str) -> str:
        """To uint8 and back: what a runtime fuses into the integer operator before it."""
        quantized = self.node("QuantizeLinear", [tensor, scale, "zero_point"], f"{tensor}_quantized")
        return self.dequantize(quantized, scale)

    def layer(self, name: str, layer: QuantizedLayer) -> list[str]:
        """The dequantized weight and bias of `layer`."""
        parts: dict[str, tuple[NDArray[Any], NDArray[np.float32]]] = {
            "weight": (layer.weight, layer.weight_scale),
            "bias": (layer.bias, layer.bias_scale),
        }
        return [
            self.node(
                "DequantizeLinear",
                [
                    self.constant(f"{name}_{part}_quantized", integers),
                    self.constant(f"{name}_{part}_scale", scale),
                    self.constant(f"{name}_{part}_zero_point", np.zeros(len(scale), integers.dtype)),
                ],
                f"{name}_{part}",
                axis=0,
            )
            for part, (integers, scale) in parts.items()
        ]

    def model(self) -> onnx.ModelProto:
        image = helper.make_tensor_value_info(INPUT_NAME, TensorProto.UINT8, ["N", 1, IMAGE_SIZE, IMAGE_SIZE])
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", CLASS_COUNT]) for name in OUTPUT_NAMES]
        graph = helper.make_graph(self._nodes, "edgemnist", [image], outputs, self._initializers)
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
