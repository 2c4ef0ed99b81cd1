"""One set of logits: both int8 graphs, graph optimisation off and on, every batch size, and integers in numpy.

Not a tolerance in this file: equal means equal bits.
"""

import numpy as np
import onnx
import pytest
import torch
from int8_reference import integer_logits, read_layers

from edgemnist.errors import ModelError
from edgemnist.export.calibrate import calibrate
from edgemnist.export.classifier import LAYERS, OUTPUTS, fold_network
from edgemnist.export.exporter import export_checkpoint
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork, quantize_network
from edgemnist.model.classifier import INPUT_NAME, OUTPUT_NAMES
from edgemnist.model.opened import open_model, run
from edgemnist.model.session import new_session

BATCHES = [1, 7, 64, 1_000]
BUILDERS = {"default": build_nhwc, "portable": build_portable}


@pytest.fixture(scope="module")
def quantized(exported) -> QuantizedNetwork:
    numbers = {name: QuantizedLayer(**vars(layer)) for name, layer in read_layers(exported.int8.path).items()}
    return QuantizedNetwork("classifier", LAYERS, OUTPUTS, numbers)


@pytest.fixture(scope="module", params=BUILDERS)
def graph(request, quantized) -> onnx.ModelProto:
    return BUILDERS[request.param](quantized)


@pytest.fixture(scope="module")
def reference(quantized, mnist) -> np.ndarray:
    return integer_logits(read_layers(build_portable(quantized)), mnist.validation.images)


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
def test_logits_are_the_integer_networks_in_numpy(graph, reference, mnist, optimize, batch):
    session = new_session(graph.SerializeToString(), "int8", optimize=optimize)
    images = mnist.validation.images[:, np.newaxis]
    logits = [
        session.run(OUTPUT_NAMES, {INPUT_NAME: part})[1] for part in np.split(images, range(batch, 10_000, batch))
    ]
    np.testing.assert_array_equal(np.concatenate(logits), reference)


def test_the_default_file_holds_the_same_integers_as_the_portable_one(quantized):
    default, portable = (read_layers(build(quantized)) for build in BUILDERS.values())
    for name, layer in portable.items():
        for part in ("weight", "bias", "scale"):
            np.testing.assert_array_equal(getattr(default[name], part), getattr(layer, part), f"{name} {part}")


def test_the_exported_file_answers_as_the_numbers_in_it(exported, mnist):
    images = mnist.validation.images[:1_000]
    logits = run(open_model(exported.int8.path), images).logits
    np.testing.assert_array_equal(logits, integer_logits(read_layers(exported.int8.path), images))


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_uniform_and_noisy_images_too(graph, quantized, value):
    noise = np.random.default_rng(value).integers(0, value + 1, (20, 28, 28)).astype(np.uint8)
    images = np.concatenate([np.full((1, 28, 28), value, np.uint8), noise])
    expected = integer_logits(read_layers(build_portable(quantized)), images)
    for optimize in (False, True):
        session = new_session(graph.SerializeToString(), "int8", optimize=optimize)
        np.testing.assert_array_equal(session.run(OUTPUT_NAMES, {INPUT_NAME: images[:, np.newaxis]})[1], expected)


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_a_network_with_wild_batchnorm_is_exact_too(wild_network, mnist, build):
    weights = fold_network(wild_network)
    graph = build(quantize_network(weights, calibrate(weights, [mnist.train.images[:2_000]])))
    images = mnist.validation.images[:300]
    expected = integer_logits(read_layers(graph), images)
    for optimize in (False, True):
        session = new_session(graph.SerializeToString(), "wild", optimize=optimize)
        np.testing.assert_array_equal(session.run(OUTPUT_NAMES, {INPUT_NAME: images[:, np.newaxis]})[1], expected)


def test_one_step_in_one_bias_is_found_out(quantized, mnist):
    """The control for all of the above."""
    model = build_nhwc(quantized)
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "dense2_bias")
    changed = onnx.numpy_helper.to_array(tensor).copy()
    changed[3] += 1
    tensor.CopyFrom(onnx.numpy_helper.from_array(changed, "dense2_bias"))
    images = mnist.validation.images[:1_000]
    logits = new_session(model.SerializeToString(), "changed").run(OUTPUT_NAMES, {INPUT_NAME: images[:, np.newaxis]})[1]
    assert np.any(logits != integer_logits(read_layers(build_portable(quantized)), images))


def test_plain_torch_floats_give_the_same_logits(quantized, mnist):
    """A float framework with no notion of quantization: the dequantized weights in float32, rounding by hand."""
    images = torch.tensor(mnist.validation.images[:500, None], dtype=torch.float32)

    def parts(layer):
        scale = layer.scale.reshape(-1, *[1] * (layer.weight.ndim - 1))
        return torch.from_numpy(layer.weight * scale), torch.from_numpy((layer.bias * layer.scale).astype(np.float32))

    def activate(x):
        return x.round().clamp(0, 255)

    functional, numbers = torch.nn.functional, quantized.numbers
    with torch.inference_mode():
        x = functional.max_pool2d(activate(functional.conv2d(images, *parts(numbers["conv1"]), padding=1)), 2)
        x = functional.max_pool2d(activate(functional.conv2d(x, *parts(numbers["conv2"]), padding=1)), 2)
        x = activate(functional.linear(x.flatten(1), *parts(numbers["dense1"])))
        logits = functional.linear(x, *parts(numbers["dense2"])).numpy()
    np.testing.assert_array_equal(
        logits, integer_logits(read_layers(build_portable(quantized)), mnist.validation.images[:500])
    )


def test_portable_export_has_standard_operators_only_and_the_same_logits(exported, checkpoint, mnist, tmp_path):
    _, portable = export_checkpoint(
        checkpoint, tmp_path, mnist, quantize=True, portable=True, announce=lambda line: None
    )
    assert portable.path == tmp_path / "edgemnist-int8.onnx"
    nodes = onnx.load(portable.path).graph.node
    assert {node.domain for node in nodes} == {""}
    assert [node.op_type for node in nodes if INPUT_NAME in node.input] == ["DequantizeLinear"]
    np.testing.assert_array_equal(portable.info.selftest.logits, exported.int8.info.selftest.logits)
    assert portable.info.validation == exported.int8.info.validation


def test_the_default_graph_quantizes_nothing_at_run_time(quantized):
    operators = [node.op_type for node in build_nhwc(quantized).graph.node]
    assert operators == [
        "Reshape",
        "Pad",
        "Gather",
        "Transpose",
        "QLinearConv",
        "Reshape",
        "NhwcMaxPool",
        "QLinearConv",
        "NhwcMaxPool",
        "Reshape",
        "QGemm",
        "QGemm",
        "Softmax",
    ]


def test_an_int8_graph_that_onnxruntime_does_not_know_is_refused_in_one_line(quantized):
    model = build_nhwc(quantized)
    next(node for node in model.graph.node if node.op_type == "QGemm").op_type = "QGemmOfTomorrow"
    with pytest.raises(ModelError, match="cannot load tomorrow.onnx: .*QGemmOfTomorrow"):
        new_session(model.SerializeToString(), "tomorrow.onnx")
