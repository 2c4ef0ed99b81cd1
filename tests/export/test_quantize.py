"""Quantization: scales by hand and by exhaustion, the two rules that make it exact, calibration, and the gate."""

import numpy as np
import onnx
import pytest
import torch
from exactness import FLOAT32_INTEGERS, INT16_MAX, pair_and_sum
from int8_reference import read_layers

from edgemnist.data import DataSet, Split
from edgemnist.errors import CheckError, DataError
from edgemnist.export import exporter
from edgemnist.export.calibrate import Calibration, calibrate
from edgemnist.export.classifier import ClassifierSubject, fold_network
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import allowed_scales, quantize_layer, quantize_network
from edgemnist.export.rounding import round_jointly
from edgemnist.model.contract import QuantizationRecord
from edgemnist.model.parity import ParityReport

UNCORRELATED = {"conv1": np.eye(9), "conv2": np.eye(288), "dense1": np.eye(3136), "dense2": np.eye(128)}
"""Inputs for which each weight is rounded by itself."""


NEAR_THE_BEST = 2.5
"""Times the least error that any rounding leaves; measured 1.8."""


def calibration(conv1: float, conv2: float, dense1: float) -> Calibration:
    ranges = {"conv1": conv1, "pool1": conv1, "conv2": conv2, "pool2": conv2, "dense1": dense1, "dense2": 1.0}
    return Calibration(ranges, {}, UNCORRELATED)


def test_a_layer_is_quantized_as_by_hand():
    layer = quantize_layer(np.array([[0.5, -1.0, 0.25], [0.0, 48.0, -81.0]]), np.array([3.0, -1.0]), np.eye(3))
    # 191/128/128 rounds the largest two to 86 and 43, one too many; 192/128/128 to 85 and 43. Then 1 gives 81 and 48.
    np.testing.assert_array_equal(layer.scale, [np.float32(192 / 2**14), np.float32(129 / 2**7)])
    np.testing.assert_array_equal(layer.weight, [[43, -85, 21], [0, 48, -80]])
    np.testing.assert_array_equal(layer.bias, [256, -1])


def test_the_scale_is_the_smallest_allowed_one():
    """Against a search through every m * 2^e, exactly, in fractions."""
    generator = np.random.default_rng(5)
    for _ in range(20):
        weight, bias = generator.normal(size=12) * generator.uniform(0.01, 3), generator.normal() * 20
        allowed = []
        for mantissa in range(1, 256, 2):
            for exponent in range(-16, 4):
                scale = mantissa * 2.0**exponent
                integers, shift = np.rint(weight / scale), np.rint(bias / scale)
                largest = sorted(abs(integers))[-2:]
                up = 255 * integers[integers > 0].sum() + max(shift, 0)
                down = -255 * integers[integers < 0].sum() + max(-shift, 0)
                if sum(largest) <= 128 and largest[1] <= 127 and mantissa * max(up, down) < FLOAT32_INTEGERS:
                    allowed.append(scale)
        assert next(allowed_scales(weight, bias)) == min(allowed)


def test_a_single_large_weight_stays_within_int8():
    layer = quantize_layer(np.array([[1.0, 1e-9, 1e-9]]), np.zeros(1), np.eye(3))
    assert layer.weight.tolist() == [[127, 0, 0]]


@pytest.mark.parametrize("bias", [0.0, 3.0, -1e6])
def test_a_channel_of_zeros_is_quantized_to_zeros(bias):
    layer = quantize_layer(np.zeros((1, 4)), np.array([bias]), np.eye(4))
    assert not layer.weight.any()
    assert np.isfinite(layer.scale).all()
    assert layer.bias[0] * float(layer.scale[0]) == pytest.approx(bias, rel=2**-7)


def test_activation_ranges_are_the_largest_activations(wild_network, mnist):
    images = mnist.train.images[:2_500]
    ranges = calibrate(fold_network(wild_network), [images]).ranges
    with torch.inference_mode():
        x = torch.tensor(images[:, None], dtype=torch.float32) / 255
        conv1 = wild_network.bn1(wild_network.conv1(x)).relu()
        conv2 = wild_network.bn2(wild_network.conv2(torch.nn.functional.max_pool2d(conv1, 2))).relu()
        dense1 = wild_network.dense1(torch.nn.functional.max_pool2d(conv2, 2).flatten(1)).relu()
    expected = [float(values.max()) for values in (conv1, conv2, dense1)]
    np.testing.assert_allclose([ranges[name] for name in ("conv1", "conv2", "dense1")], expected, rtol=1e-5)


def test_input_moments_are_those_of_what_a_layer_sees(wild_network, mnist):
    """Of all inputs, one after the other: windows cut out by hand, features from the network itself."""
    images = mnist.train.images[:20]
    moments = calibrate(fold_network(wild_network), [images]).moments
    padded = np.pad(images / 255, ((0, 0), (1, 1), (1, 1)))
    windows = [padded[:, y : y + 3, x : x + 3].reshape(20, 9) for y in range(28) for x in range(28)]
    np.testing.assert_allclose(moments["conv1"], sum(window.T @ window for window in windows), rtol=1e-4, atol=1e-4)
    with torch.inference_mode():
        x = torch.tensor(images[:, None], dtype=torch.float32) / 255
        x = torch.nn.functional.max_pool2d(wild_network.bn1(wild_network.conv1(x)).relu(), 2)
        columns = np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)))
        x = torch.nn.functional.max_pool2d(wild_network.bn2(wild_network.conv2(x)).relu(), 2).flatten(1)
        hidden = wild_network.dense1(x).relu()
    windows = [columns[:, :, y : y + 3, x : x + 3].reshape(20, 288) for y in range(14) for x in range(14)]
    expected = (sum(window.T @ window for window in windows), (x.T @ x).numpy(), (hidden.T @ hidden).numpy())
    for found, wanted in zip((moments["conv2"], moments["dense1"], moments["dense2"]), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4 * wanted.max())


def test_uncorrelated_inputs_round_each_weight_by_itself():
    weight = np.random.default_rng(1).normal(size=(5, 40)) * 30
    np.testing.assert_array_equal(round_jointly(weight, np.diag(np.full(40, 7.0))), np.rint(weight))


def test_two_inputs_that_are_the_same_share_the_error():
    """0.4 + 0.4 of one input is nearer to 1 than to 0."""
    assert round_jointly(np.array([[0.4, 0.4]]), np.ones((2, 2))).tolist() == [[0.0, 1.0]]


def test_rounding_jointly_comes_near_to_the_best_choice():
    """Against all ways to round 8 weights up or down. Measured medians: 1.8 times the least error,
    and 8.3 times with each weight by itself."""
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(50):
        inputs = rng.normal(size=(200, 3)) @ rng.normal(size=(3, 8)) + 0.1 * rng.normal(size=(200, 8))
        weight = rng.normal(size=8) * 5
        ways = np.floor(weight) + np.array(list(np.ndindex(*[2] * 8)))
        best = (((ways - weight) @ inputs.T) ** 2).sum(1).min()
        joint = round_jointly(weight[np.newaxis], inputs.T @ inputs)[0]
        alone = np.rint(weight)
        ratios.append([(((way - weight) @ inputs.T) ** 2).sum() / best for way in (joint, alone)])
    joint, alone = np.median(ratios, axis=0)
    assert joint < NEAR_THE_BEST < alone


def test_inputs_that_are_always_zero_leave_their_weights_alone():
    moments = np.zeros((3, 3))
    assert round_jointly(np.array([[0.4, 0.6, -1.6]]), moments).tolist() == [[0.0, 1.0, -2.0]]
    moments[0, 0] = 4.0
    assert round_jointly(np.array([[0.4, 0.6, -1.6]]), moments).tolist() == [[0.0, 1.0, -2.0]]


def test_dequantized_layers_are_the_folded_ones(wild_network):
    """Undo the steps of the activations by hand: weights come back within half a step of their scale."""
    weights = fold_network(wild_network)
    network = quantize_network(weights, calibration(2.0, 30.0, 4.0))
    steps = {"pixel": 1 / 255, "conv1": 2.0 / 255, "conv2": 30.0 / 255, "dense1": 4.0 / 255, "dense2": 1.0}
    for before, name in zip(steps, list(steps)[1:], strict=False):
        layer, folded = network.numbers[name], weights.numbers[name]
        scale = layer.scale.astype(np.float64)
        per_row = scale.reshape(-1, *[1] * (layer.weight.ndim - 1))
        weight = layer.weight * per_row * steps[name] / steps[before]
        half_step = 0.5000001 * per_row * steps[name] / steps[before]
        assert np.all(np.abs(weight - folded.weight) <= half_step), name
        bias = layer.bias * scale * steps[name]
        assert np.all(np.abs(bias - folded.bias) <= 0.5000001 * scale * steps[name]), name


def test_no_two_products_can_saturate_16_bits(exported):
    """Any two weights of a channel, so in whatever order a kernel pairs them."""
    for name, layer in read_layers(exported.int8.path).items():
        largest_pair, _ = pair_and_sum(layer.weight, layer.bias, layer.scale)
        assert largest_pair <= INT16_MAX, name


def test_no_sum_can_leave_the_integers_of_float32(exported):
    for name, layer in read_layers(exported.int8.path).items():
        _, largest_sum = pair_and_sum(layer.weight, layer.bias, layer.scale)
        assert largest_sum < FLOAT32_INTEGERS, name


def test_plain_8_bit_weights_would_break_both_rules(exported):
    """The control: the largest weight at 127 and a scale of full precision."""
    weight = fold_network(exported.network).numbers["dense1"].weight
    scale = (np.abs(weight).max(1) / 127).astype(np.float32)
    plain = np.rint(weight / scale[:, np.newaxis]).astype(int)
    largest_pair, largest_sum = pair_and_sum(plain, np.zeros(len(plain), int), scale)
    assert largest_pair > INT16_MAX
    assert largest_sum > FLOAT32_INTEGERS


def test_int8_that_loses_too_much_is_refused_and_nothing_is_written(checkpoint, mnist, tmp_path, monkeypatch):
    """Activation ranges a hundred times too small: the network saturates into nonsense."""
    wrong = calibration(0.1, 0.1, 0.1)
    monkeypatch.setattr(exporter, "calibrate", lambda weights, images: wrong)
    with pytest.raises(CheckError, match=r"int8 is refused: accuracy falls by \d+\.\d\d percentage points"):
        exporter.export_checkpoint(checkpoint, tmp_path, mnist, quantize=True, announce=lambda line: None)
    assert list(tmp_path.iterdir()) == []


def test_int8_gate_holds_at_its_limits():
    def judge(drop: float, agreement: float) -> None:
        record = QuantizationRecord("m", 8, 1, accuracy_drop=drop, agreement=1.0)
        exporter._require_gate(ClassifierSubject.gate, record, (ParityReport("a", "b", 1_000, 0.2, agreement, ()),))

    judge(0.1, 0.998)
    with pytest.raises(CheckError, match="refused"):
        judge(0.11, 1.0)
    with pytest.raises(CheckError, match="refused"):
        judge(0.0, 0.9979)


def test_portable_graph_has_scale_1_between_layers(wild_network):
    network = quantize_network(fold_network(wild_network), calibration(2.0, 30.0, 4.0))
    graph = build_portable(network).graph
    scales = {node.input[1] for node in graph.node if node.op_type == "QuantizeLinear"}
    assert scales == {"one"}
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    assert constants["one"] == 1.0


def test_calibration_sees_training_images_only(checkpoint, mnist, tmp_path, monkeypatch):
    seen = []

    def recorded(weights, images):
        seen.extend(images)
        return calibrate(weights, images)

    monkeypatch.setattr(exporter, "calibrate", recorded)
    exporter.export_checkpoint(checkpoint, tmp_path, mnist, quantize=True, announce=lambda line: None)
    assert [images is mnist.train.images for images in seen] == [True]


def test_a_data_set_that_the_network_was_not_trained_on_is_refused(checkpoint, mnist, tmp_path):
    other = DataSet(
        Split(mnist.train.images[:5], mnist.train.labels[:5]), mnist.validation, mnist.class_names, "0", False
    )
    with pytest.raises(DataError, match="was trained on other data"):
        exporter.export_checkpoint(checkpoint, tmp_path, other, quantize=False, announce=lambda line: None)
    assert list(tmp_path.iterdir()) == []
