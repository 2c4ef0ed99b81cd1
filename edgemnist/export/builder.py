"""Builds an ONNX graph by hand, node after node."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edgemnist.data import CLASS_COUNT, IMAGE_SIZE
from edgemnist.export.graph import IR_VERSION, OPSET
from edgemnist.model.contract import INPUT_NAME, OUTPUT_NAMES

MICROSOFT = "com.microsoft"
"""The domain of onnxruntime's own operators."""


class GraphBuilder:
    """Nodes and initializers in the order in which they are added; a tensor is named by the node that makes it."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """The name of an initializer that holds `value`."""
        self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value).reshape(np.shape(value)), name)
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """The output of a new node; an `operator` of onnxruntime's own is written `com.microsoft.Name`."""
        domain, _, operator = operator.rpartition(".")
        name = f"{output}_{operator}"
        self._nodes.append(helper.make_node(operator, inputs, [output], name, domain=domain, **attributes))
        return output

    def reshape(self, tensor: str, shape: tuple[int, ...], output: str) -> str:
        """`tensor` in another shape, whose first axis is N."""
        return self.node("Reshape", [tensor, self.constant(f"{output}_shape", np.array([-1, *shape]))], output)

    def model(self) -> onnx.ModelProto:
        """The graph with the inputs and outputs of the contract, without metadata."""
        image = helper.make_tensor_value_info(INPUT_NAME, TensorProto.UINT8, ["N", 1, IMAGE_SIZE, IMAGE_SIZE])
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", CLASS_COUNT]) for name in OUTPUT_NAMES]
        graph = helper.make_graph(self._nodes, "edgemnist", [image], outputs, list(self._initializers.values()))
        opsets = [helper.make_opsetid("", OPSET)]
        if any(node.domain == MICROSOFT for node in self._nodes):
            opsets.append(helper.make_opsetid(MICROSOFT, 1))
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
