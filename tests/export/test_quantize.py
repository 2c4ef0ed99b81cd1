"""Quantization: the integers by hand, weights that cannot saturate, and the gate."""

import numpy as np
import onnx
import pytest
import torch

from edgemnist.contract import QuantizationRecord
from edgemnist.data import DataSet, Split
from edgemnist.errors import CheckError, DataError
from edgemnist.export import exporter
from edgemnist.export.fold import fold_network
from edgemnist.export.qdq import build_int8
from edgemnist.export.quantize import PIXEL_SCALE, ActivationScales, calibrate, quantize_layer
from edgemnist.parity import ParityReport
from edgemnist.runtime.session import default_model, open_model, run

INT16_MAX = 32_767
REFERENCE_TOLERANCE = 0.05
"""Logits of onnxruntime against integers in numpy; measured 0.03: a tie between two integers rounds either way."""


def quantized_weights(path) -> dict[str, np.ndarray]:
    graph = onnx.load(path).graph
    return {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if tensor.name.endswith("weight_quantized")
    }


def test_a_layer_is_quantized_as_by_hand():
    layer = quantize_layer(np.array([[0.5, -1.0, 0.26], [0.0, 0.02, -0.04]]), np.array([0.3, -0.1]), 0.1)
    np.testing.assert_allclose(layer.weight_scale, [1 / 64, 0.04 / 64], rtol=1e-6)
    np.testing.assert_array_equal(layer.weight, [[32, -64, 17], [0, 32, -64]])
    np.testing.assert_array_equal(layer.bias, [round(0.3 / (0.1 / 64)), round(-0.1 / (0.1 * 0.04 / 64))])


def test_a_channel_of_zeros_is_quantized_to_zeros():
    layer = quantize_layer(np.zeros((1, 4)), np.zeros(1), 0.1)
    assert not layer.weight.any()
    assert np.isfinite(layer.weight_scale).all()


def test_activation_scales_are_the_largest_activations_over_255(wild_network, mnist):
    images = mnist.train.images[:2_500]
    scales = calibrate(fold_network(wild_network), images)
    with torch.inference_mode():
        x = torch.tensor(images[:, None], dtype=torch.float32) / 255
        conv1 = wild_network.bn1(wild_network.conv1(x)).relu()
        conv2 = wild_network.bn2(wild_network.conv2(torch.nn.functional.max_pool2d(conv1, 2))).relu()
        dense1 = wild_network.dense1(torch.nn.functional.max_pool2d(conv2, 2).flatten(1)).relu()
    expected = [float(values.max()) / 255 for values in (conv1, conv2, dense1)]
    np.testing.assert_allclose([scales.conv1, scales.conv2, scales.dense1], expected, rtol=1e-5)


@pytest.mark.parametrize("source", ["shipped", "exported"])
def test_no_two_products_can_saturate_16_bits(source, request):
    path = default_model("int8") if source == "shipped" else request.getfixturevalue("exported").int8.path
    weights = quantized_weights(path)
    assert len(weights) == 4
    for name, weight in weights.items():
        assert weight.dtype == np.int8
        largest_pair = 2 * 255 * np.abs(weight.astype(int)).max()
        assert largest_pair <= INT16_MAX, name


def test_full_8_bit_weights_would_saturate():
    """The control: what the limit of 64 is for."""
    assert INT16_MAX < 2 * 255 * 127


def integer_reference(path, images: np.ndarray) -> np.ndarray:
    """The int8 network in numpy integers, from the file's own numbers: logits (N, 10)."""
    numbers = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}

    def accumulate(layer: str, patches: np.ndarray) -> np.ndarray:
        weight = numbers[f"{layer}_weight_quantized"].astype(np.int64)
        sums = patches.astype(np.int64) @ weight.reshape(len(weight), -1).T + numbers[f"{layer}_bias_quantized"]
        return sums * numbers[f"{layer}_bias_scale"].astype(np.float64)

    def requantize(real: np.ndarray, layer: str) -> np.ndarray:
        return np.rint(real / float(numbers[f"{layer}_scale"])).clip(0, 255)

    def convolve(maps: np.ndarray, layer: str) -> np.ndarray:
        padded = np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        count, channels, height, width = windows.shape[:4]
        patches = windows.transpose(0, 2, 3, 1, 4, 5).reshape(count, height, width, channels * 9)
        quantized = requantize(accumulate(layer, patches), layer)
        pooled = quantized.reshape(count, height // 2, 2, width // 2, 2, -1).max((2, 4))
        return pooled.transpose(0, 3, 1, 2)

    maps = convolve(convolve(images[:, np.newaxis], "conv1"), "conv2")
    hidden = requantize(accumulate("dense1", maps.reshape(len(images), -1)), "dense1")
    return accumulate("dense2", hidden)


@pytest.mark.parametrize("source", ["shipped", "exported"])
def test_int8_is_the_integer_network_in_numpy(source, request, mnist):
    path = default_model("int8") if source == "shipped" else request.getfixturevalue("exported").int8.path
    images = mnist.validation.images[:500]
    logits = run(open_model(path), images).logits
    np.testing.assert_allclose(logits, integer_reference(path, images), rtol=0, atol=REFERENCE_TOLERANCE)


def test_int8_that_loses_too_much_is_refused_and_nothing_is_written(checkpoint, mnist, tmp_path, monkeypatch):
    """Activation ranges a hundred times too small: the network saturates into nonsense."""
    monkeypatch.setattr(
        exporter.quantization, "calibrate", lambda weights, images: ActivationScales(0.0005, 0.0005, 0.0005)
    )
    with pytest.raises(CheckError, match=r"int8 is refused: accuracy falls by \d+\.\d\d percentage points"):
        exporter.export_checkpoint(checkpoint, tmp_path, mnist, quantize=True, announce=lambda line: None)
    assert list(tmp_path.iterdir()) == []


def test_int8_gate_holds_at_its_limits():
    def judge(drop: float, agreement: float) -> None:
        record = QuantizationRecord("m", 7, 1, accuracy_drop=drop, agreement=1.0)
        exporter._require_gate(record, (ParityReport("a", "b", 1_000, 0.2, agreement, ()),))

    judge(0.1, 0.998)
    with pytest.raises(CheckError, match="refused"):
        judge(0.11, 1.0)
    with pytest.raises(CheckError, match="refused"):
        judge(0.0, 0.9979)


def test_graph_from_scales_has_the_scales_it_was_given(wild_network):
    graph = build_int8(fold_network(wild_network), ActivationScales(0.5, 0.25, 0.125)).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    assert [float(constants[name]) for name in ("conv1_scale", "conv2_scale", "dense1_scale")] == [0.5, 0.25, 0.125]
    assert constants["pixel_scale"] == np.float32(PIXEL_SCALE)


def test_calibration_sees_training_images_only(checkpoint, mnist, tmp_path, monkeypatch):
    seen = []
    true_calibrate = exporter.quantization.calibrate

    def recorded(weights, images):
        seen.append(images)
        return true_calibrate(weights, images)

    monkeypatch.setattr(exporter.quantization, "calibrate", recorded)
    exporter.export_checkpoint(checkpoint, tmp_path, mnist, quantize=True, announce=lambda line: None)
    assert [images is mnist.train.images for images in seen] == [True]


def test_a_data_set_that_the_network_was_not_trained_on_is_refused(checkpoint, mnist, tmp_path):
    other = DataSet(
        Split(mnist.train.images[:5], mnist.train.labels[:5]), mnist.validation, mnist.class_names, "0", False
    )
    with pytest.raises(DataError, match="was trained on other data"):
        exporter.export_checkpoint(checkpoint, tmp_path, other, quantize=False, announce=lambda line: None)
    assert list(tmp_path.iterdir()) == []
