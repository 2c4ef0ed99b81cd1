"""Each rewrite of the weights against the plain layer, in numpy integers; random weights, sizes that are not ours."""

import numpy as np
import pytest

from edgemnist.export.quantize import QuantizedLayer
from edgemnist.export.rewrites import channels_last, pool_positions, rows_as_channels


@pytest.fixture
def layer() -> QuantizedLayer:
    generator = np.random.default_rng(2)
    return QuantizedLayer(
        generator.integers(-64, 65, (5, 3, 3, 3), np.int8),
        generator.integers(-9_000, 9_000, 5, np.int32),
        (generator.integers(1, 64, 5) / 2.0**13).astype(np.float32),
    )


@pytest.fixture
def maps() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (2, 3, 8, 10), np.int64)


def convolve(layer: QuantizedLayer, maps: np.ndarray, stride: tuple[int, int], pad: tuple[int, int]) -> np.ndarray:
    """(N, out, H', W') integers 0..255, one output pixel after the other."""
    padded = np.pad(maps, ((0, 0), (0, 0), (pad[0], pad[0]), (pad[1], pad[1])))
    height, width = layer.weight.shape[2:]
    rows = range(0, padded.shape[2] - height + 1, stride[0])
    columns = range(0, padded.shape[3] - width + 1, stride[1])
    result = np.zeros((len(maps), len(layer.weight), len(rows), len(columns)))
    weight = layer.weight.astype(np.int64)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            window = padded[:, :, row : row + height, column : column + width]
            sums = np.einsum("nchw,mchw->nm", window, weight) + layer.bias
            result[:, :, i, j] = np.rint(sums * layer.scale.astype(np.float64)).clip(0, 255)
    return result


def pool(maps: np.ndarray) -> np.ndarray:
    return np.maximum.reduce([maps[:, :, row::2, column::2] for row in (0, 1) for column in (0, 1)])


def test_the_layer_of_these_tests_neither_vanishes_nor_saturates(layer, maps):
    answers = convolve(layer, maps, (1, 1), (1, 1))
    assert 0.05 < np.mean(answers == 0) < 0.7
    assert np.mean((answers > 0) & (answers < 255)) > 0.2


def test_four_window_positions_and_a_maximum_are_convolution_and_pooling(layer, maps):
    groups = convolve(pool_positions(layer), maps, (2, 2), (1, 1))
    maximum = groups.reshape(2, 4, 5, 4, 5).max(1)
    np.testing.assert_array_equal(maximum, pool(convolve(layer, maps, (1, 1), (1, 1))))


def test_a_window_position_in_the_wrong_place_is_found_out(layer, maps):
    """The control: the kernels of two positions exchanged between two channels."""
    wrong = pool_positions(layer).weight.copy()
    wrong[[0, 6]] = wrong[[6, 0]]
    groups = convolve(QuantizedLayer(wrong, np.tile(layer.bias, 4), np.tile(layer.scale, 4)), maps, (2, 2), (1, 1))
    assert np.any(groups.reshape(2, 4, 5, 4, 5).max(1) != pool(convolve(layer, maps, (1, 1), (1, 1))))


def test_rows_as_channels_are_the_same_convolution(layer, maps):
    one_channel = QuantizedLayer(layer.weight[:, :1], layer.bias, layer.scale)
    image = maps[:, 0]
    padded = np.pad(image, ((0, 0), (1, 1), (0, 0)))
    rows = np.stack([padded[:, row : row + 3] for row in range(8)], 1)  # (N, output row, kernel row, column)
    flat = QuantizedLayer(rows_as_channels(one_channel.weight), layer.bias, layer.scale)
    by_row = [convolve(flat, rows[:, row][:, :, np.newaxis], (1, 1), (0, 1)) for row in range(8)]
    np.testing.assert_array_equal(np.concatenate(by_row, 2), convolve(one_channel, maps[:, :1], (1, 1), (1, 1)))


def test_dense_weights_for_channels_last_inputs_give_the_same_sums(maps):
    weight = np.random.default_rng(4).integers(-64, 65, (7, 3 * 8 * 10), np.int8)
    plain = maps.reshape(2, -1) @ weight.astype(np.int64).T
    last = maps.transpose(0, 2, 3, 1).reshape(2, -1)
    np.testing.assert_array_equal(last @ channels_last(weight, 3).astype(np.int64).T, plain)
    assert np.any(last @ weight.astype(np.int64).T != plain)
