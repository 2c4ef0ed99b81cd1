"""Folded network -> the fp32 graph: raw pixels in, the outputs of its kind's file out."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgemnist.export.builder import IR_VERSION, OPSET, declaration, interface
from edgemnist.export.fold import FoldedNetwork
from edgemnist.export.forward import forward
from edgemnist.export.layers import Conv, Dense
from edgemnist.model.contract import Interface
from edgemnist.model.finder import SIZE_STEP


class Deployed(nn.Module):
    """A network as it is deployed, raw pixels in: uint8 (N, 1, H, W) -> the outputs of its kind's file.

    The division by 255 is folded into the layers that read the pixels: W / 255 on pixels 0..255 is W on [0, 1], and
    the zero padding is the same in both.
    """

    def __init__(self, network: FoldedNetwork) -> None:
        super().__init__()
        self._network = network
        for layer in network.layers:
            if isinstance(layer, Conv | Dense):
                numbers, divisor = network.numbers[layer.name], 255 if layer.sources == (network.input,) else 1
                holder = nn.Module()
                holder.weight = _parameter(numbers.weight / divisor)
                holder.bias = _parameter(numbers.bias)
                self.add_module(layer.name, holder)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """A classifier's probabilities and logits, or a finder's maps, float32."""
        parameters = {
            name: (self.get_parameter(f"{name}.weight"), self.get_parameter(f"{name}.bias"))
            for name in self._network.numbers
        }
        answers = forward(self._network, parameters, pixels.float())
        outputs = [answers[name] for name in self._network.outputs]
        if self._network.kind == "classifier":
            return torch.softmax(outputs[0], 1), outputs[0]
        return (torch.cat(outputs, 1) if len(outputs) > 1 else outputs[0],)


def build_fp32(network: FoldedNetwork) -> onnx.ModelProto:
    """The fp32 graph of `network`, without metadata and without a trace of the building machine."""
    kind_interface = interface(network, "fp32")
    free = {0: torch.export.Dim("N", min=1)}
    shape = (2, *(size if isinstance(size, int) else 2 * SIZE_STEP for size in kind_interface.input.shape[1:]))
    if network.kind == "finder":
        free |= {axis: SIZE_STEP * torch.export.Dim(name, min=1) for axis, name in ((2, "h"), (3, "w"))}
    with _quiet():
        program = torch.onnx.export(
            Deployed(network).eval(),
            (torch.zeros(shape, dtype=torch.uint8),),
            dynamo=True,
            external_data=False,
            opset_version=OPSET,
            input_names=[kind_interface.input.name],
            output_names=[output.name for output in kind_interface.outputs],
            dynamic_shapes=(free,),
            verbose=False,
        )
    assert program is not None
    return strip(program.model_proto, kind_interface)


def strip(model: onnx.ModelProto, kept: Interface) -> onnx.ModelProto:
    """`model` reduced to what it computes: the exporter's stack traces (they hold paths) and notes removed."""
    graph = model.graph
    # The exporter's names of free sizes change from run to run.
    for values, tensors in ((graph.input, (kept.input,)), (graph.output, kept.outputs)):
        for value, tensor in zip(values, tensors, strict=True):
            value.CopyFrom(declaration(tensor))
    graph.name = "edgemnist"
    model.ir_version = IR_VERSION
    for part in [model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output]:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    graph.ClearField("value_info")
    model.ClearField("functions")
    return model


def _parameter(values: NDArray[np.float64]) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(values.astype(np.float32)))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints and warns of its own internals; none of it is for our user."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
