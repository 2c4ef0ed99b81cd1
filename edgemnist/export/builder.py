"""Builds an ONNX graph by hand, node after node."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edgemnist.export.layers import Network
from edgemnist.model import classifier, finder
from edgemnist.model.contract import Interface, Precision, Tensor

OPSET = 18
"""torch's own opset: lower ones need a conversion. onnxruntime 1.14, the first for Python 3.11, runs it."""
IR_VERSION = 8
"""What opset 18 was released with."""
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

    def upsample(self, tensor: str, output: str, scales: list[int]) -> str:
        """`tensor` with each value repeated as often as `scales` says for each axis."""
        times = self.constant(f"{output}_scales", np.array(scales, np.float32))
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.node("Resize", [tensor, "", times], output, **how)

    def model(self, interface: Interface) -> onnx.ModelProto:
        """The graph with the inputs and outputs of `interface`, without metadata."""
        inputs, outputs = [declaration(interface.input)], [declaration(output) for output in interface.outputs]
        graph = helper.make_graph(self._nodes, "edgemnist", inputs, outputs, list(self._initializers.values()))
        opsets = [helper.make_opsetid("", OPSET)]
        if any(node.domain == MICROSOFT for node in self._nodes):
            opsets.append(helper.make_opsetid(MICROSOFT, 1))
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def declaration(tensor: Tensor) -> onnx.ValueInfoProto:
    """`tensor` as an ONNX graph declares its inputs and outputs."""
    types = {"uint8": TensorProto.UINT8, "float": TensorProto.FLOAT}
    return helper.make_tensor_value_info(tensor.name, types[tensor.type], tensor.shape)


def interface(network: Network[Any], precision: Precision) -> Interface:
    """The inputs and outputs of the file that `network` becomes."""
    if network.kind == "classifier":
        return classifier.INTERFACE
    return finder.interface(sum(len(network.numbers[name].bias) for name in network.outputs), precision)
