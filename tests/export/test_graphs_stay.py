"""The classifier's graphs for fixed integers: whatever the builders learn besides, a shipped model does not change.

The digests were taken before layers became data; both graphs of the shipped integers were then the same bytes.
"""

import hashlib

import numpy as np
import onnx
import pytest

from edgemnist.export.classifier import LAYERS, OUTPUTS
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork

SHAPES = {"conv1": (32, 1, 3, 3), "conv2": (64, 32, 3, 3), "dense1": (128, 3136), "dense2": (10, 128)}


def fixed_integers() -> dict[str, QuantizedLayer]:
    """Integers that follow from nothing but these lines."""

    def spread(count: int, step: int, limit: int) -> np.ndarray:
        return (np.arange(count, dtype=np.int64) * step + step // 3) % (2 * limit + 1) - limit

    return {
        name: QuantizedLayer(
            spread(int(np.prod(shape)), 7919, 60).astype(np.int8).reshape(shape),
            spread(shape[0], 104_729, 9_000).astype(np.int32),
            ((spread(shape[0], 31, 60) + 64) / 2**14).astype(np.float32),
        )
        for name, shape in SHAPES.items()
    }


def digest(graph: onnx.GraphProto) -> str:
    """Of nodes, constants, inputs and outputs, whatever way onnx serializes them."""
    found = hashlib.sha256()
    for tensor in graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        found.update(f"{tensor.name} {array.dtype.str} {array.shape} ".encode() + array.tobytes())
    for node in graph.node:
        attributes = sorted((part.name, str(onnx.helper.get_attribute_value(part))) for part in node.attribute)
        words = (node.domain, node.op_type, node.name, list(node.input), list(node.output), attributes)
        found.update(repr(words).encode())
    for value in [*graph.input, *graph.output]:
        shape = [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        found.update(repr((value.name, value.type.tensor_type.elem_type, shape)).encode())
    return found.hexdigest()


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (build_nhwc, "2c35095e5f7d1d9d0723dc1ca5cda6220fa1833fa79466723060290ca5f6d7c5"),
        (build_portable, "958a19a72b4f1881c09360fcb08384692f71e60e318933156455d17e75de0b32"),
    ],
)
def test_the_classifiers_graphs_are_what_they_were(build, expected):
    network = QuantizedNetwork("classifier", LAYERS, OUTPUTS, fixed_integers())
    assert digest(build(network).graph) == expected
