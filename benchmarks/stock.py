"""The yardsticks: the network as people export and quantize it without any thought, frozen.

`plain_fp32` is torch's graph written out node by node, so that no later change of our own export moves it.
`stock_int8` is onnxruntime's quantizer on top of it with the settings that its documentation recommends for CPUs.
"""

import tempfile
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from edgemnist.export.builder import GraphBuilder
from edgemnist.export.fold import FoldedNetwork
from edgemnist.model import classifier

CALIBRATION_COUNT = 512


def plain_fp32(network: FoldedNetwork) -> onnx.ModelProto:
    """Cast, Conv, Relu, MaxPool, Conv, Relu, MaxPool, Reshape, Gemm, Relu, Gemm, Softmax."""
    graph = GraphBuilder()
    for name, layer in network.numbers.items():
        weight = layer.weight / 255 if name == "conv1" else layer.weight
        graph.constant(f"{name}_weight", weight.astype(np.float32))
        graph.constant(f"{name}_bias", layer.bias.astype(np.float32))
    x = graph.node("Cast", ["image"], "floats", to=onnx.TensorProto.FLOAT)
    for name in ("conv1", "conv2"):
        x = graph.node("Conv", [x, f"{name}_weight", f"{name}_bias"], name, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        x = graph.node("Relu", [x], f"{name}_relu")
        x = graph.node("MaxPool", [x], f"{name}_pool", kernel_shape=[2, 2], strides=[2, 2])
    x = graph.reshape(x, (3136,), "flat")
    x = graph.node("Gemm", [x, "dense1_weight", "dense1_bias"], "dense1", transB=1)
    x = graph.node("Relu", [x], "dense1_relu")
    graph.node("Gemm", [x, "dense2_weight", "dense2_bias"], "logits", transB=1)
    graph.node("Softmax", ["logits"], "probabilities", axis=1)
    return graph.model(classifier.INTERFACE)


def stock_int8(model: onnx.ModelProto, images: NDArray[np.uint8]) -> onnx.ModelProto:
    """QDQ, uint8 activations, 7-bit weights per channel, calibrated on the first of (N, 28, 28) training images."""
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self.parts = iter(images[:CALIBRATION_COUNT].reshape(-1, 64, 1, 28, 28))

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            part = next(self.parts, None)
            return None if part is None else {"image": part}

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "plain.onnx", Path(folder) / "stock.onnx"
        onnx.save(model, source)
        quantization.quantize_static(
            source,
            target,
            Reader(),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
        return onnx.load(target)
