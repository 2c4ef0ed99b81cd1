"""Folded weights -> the fp32 graph: raw pixels in, probabilities and logits out."""

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
from torch.nn import functional as F

from edgemnist.data import IMAGE_SIZE
from edgemnist.export.fold import FoldedWeights
from edgemnist.model.contract import INPUT_NAME, OUTPUT_NAMES

OPSET = 18
"""torch's own opset: lower ones need a conversion. onnxruntime 1.14, the first for Python 3.11, runs it."""
IR_VERSION = 8
"""What opset 18 was released with."""


class FoldedCnn(nn.Module):
    """The network as it is deployed: uint8 (N, 1, 28, 28) -> probabilities (N, 10), logits (N, 10).

    The division by 255 is folded into the first convolution: W / 255 on pixels 0..255 is W on [0, 1], and the
    zero padding is the same in both.
    """

    def __init__(self, weights: FoldedWeights) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.dense1 = nn.Linear(3136, 128)
        self.dense2 = nn.Linear(128, 10)
        _fill(self.conv1, weights.conv1_weight / 255, weights.conv1_bias)
        _fill(self.conv2, weights.conv2_weight, weights.conv2_bias)
        _fill(self.dense1, weights.dense1_weight, weights.dense1_bias)
        _fill(self.dense2, weights.dense2_weight, weights.dense2_bias)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """probabilities and logits, both float32 (N, 10), of raw pixels."""
        x = F.max_pool2d(F.relu(self.conv1(image.float())), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.dense1(torch.flatten(x, 1)))
        logits = self.dense2(x)
        return torch.softmax(logits, 1), logits


def build_fp32(weights: FoldedWeights) -> onnx.ModelProto:
    """The fp32 graph of `weights`, without metadata and without a trace of the building machine."""
    network = FoldedCnn(weights).eval()
    example = torch.zeros((2, 1, IMAGE_SIZE, IMAGE_SIZE), dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            external_data=False,
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=list(OUTPUT_NAMES),
            dynamic_shapes=({0: torch.export.Dim("N", min=1)},),
            verbose=False,
        )
    assert program is not None
    return strip(program.model_proto)


def strip(model: onnx.ModelProto) -> onnx.ModelProto:
    """`model` reduced to what it computes: the exporter's stack traces (they hold paths) and notes removed."""
    graph = model.graph
    graph.name = "edgemnist"
    model.ir_version = IR_VERSION
    for part in [model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output]:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    graph.ClearField("value_info")
    model.ClearField("functions")
    return model


def _fill(layer: nn.Conv2d | nn.Linear, weight: NDArray[np.float64], bias: NDArray[np.float64]) -> None:
    layer.weight = nn.Parameter(torch.from_numpy(weight.astype(np.float32)))
    layer.bias = nn.Parameter(torch.from_numpy(bias.astype(np.float32)))


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
