"""Networks that nobody chose: whatever layers are put together, the graphs are numpy's integers, to the bit.

Each network follows from its number. The last test holds the numbers to what they must cover.
"""

import finder_reference as integers
import numpy as np
import pytest
import torch
from exactness import require_exact

from edgemnist.export.calibrate import calibrate
from edgemnist.export.fold import FoldedLayer, FoldedNetwork
from edgemnist.export.graph import Deployed
from edgemnist.export.layers import Add, Concat, Conv, Layer, MaxPool, Network, Upsample
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import QuantizedNetwork, quantize_network
from edgemnist.model.finder import Map
from edgemnist.model.numpy_engine import NumpySession
from edgemnist.model.session import new_session

NETWORKS = range(20)
LAYERS = 14
"""In the middle of each network."""
SIZES = [(32, 64), (64, 32)]
FLOAT_TOLERANCE = 1e-5
"""Of the largest value; measured 1.5e-6."""
STEPS_TOLERANCE = 0.02
"""Of a map's range, the median of what the integers are from the floats; measured 0.013."""


def random_network(number: int) -> FoldedNetwork:
    """Two strides of 2, then whatever fits together, then two outputs at a stride of 4."""
    chance = np.random.default_rng(number)
    layers: list[Layer] = []
    numbers: dict[str, FoldedLayer] = {}
    made: dict[str, tuple[int, int]] = {"page": (1, 1)}  # channels and stride of what can be read

    def conv(source: str, stride: int, name: str = "") -> None:
        name, size = name or f"layer{len(layers)}", int(chance.choice([1, 3, 5]))
        shape = (int(chance.integers(1, 20)), made[source][0], size, size)
        weight = chance.normal(0, 10 ** chance.uniform(-2, 1), shape) * chance.choice([0, 1], shape, p=[0.1, 0.9])
        numbers[name] = FoldedLayer(weight, chance.normal(0, weight.std() + 0.1, shape[0]))
        layers.append(Conv(name, (source,), stride, size // 2))
        made[name] = (shape[0], made[source][1] * stride)

    def join(layer: Layer, channels: int, stride: int) -> None:
        layers.append(layer)
        made[layer.name] = (channels, stride)

    conv("page", 2)
    conv("layer0", 2)
    del made["page"], made["layer0"]
    while len(layers) < 2 + LAYERS:
        name, names = f"layer{len(layers)}", list(made)
        source = names[max(chance.integers(len(names)), chance.integers(len(names)))]
        channels, stride = made[source]
        beside = [other for other in names if made[other][1] == stride]
        other = str(chance.choice(beside))
        match chance.choice(["conv", "down", "pool", "up", "add", "concat"]):
            case "conv":
                conv(source, 1)
            case "down" if stride < 16:
                conv(source, 2)
            case "pool" if stride < 16:
                join(MaxPool(name, (source,)), channels, 2 * stride)
            case "up" if stride > 4:
                join(Upsample(name, (source,)), channels, stride // 2)
            case "add":
                same = [some for some in beside if made[some][0] == channels]
                join(Add(name, (source, str(chance.choice(same)))), channels, stride)
            case "concat" if channels + made[other][0] < 60:
                join(Concat(name, (source, other)), channels + made[other][0], stride)
    last = [name for name in made if made[name][1] == 4][-1]
    conv(last, 1, "ink")
    conv(last, 1, "middle")
    return FoldedNetwork("finder", tuple(layers), ("ink", "middle"), numbers)


def compute(network: Network, pages: np.ndarray, conv, add) -> dict[str, np.ndarray]:
    """What each layer answers, by `conv` of a layer's name, its input, stride and padding; nothing of ours computes."""
    found = {"page": pages[:, np.newaxis].astype(np.float64)}
    for layer in network.layers:
        x, *more = (found[source] for source in layer.sources)
        match layer:
            case Conv():
                found[layer.name] = conv(layer.name, x, layer.stride, layer.padding)
            case MaxPool():
                found[layer.name] = np.maximum.reduce([x[:, :, y::2, z::2] for y in (0, 1) for z in (0, 1)])
            case Upsample():
                found[layer.name] = integers.upsample(x)
            case Add():
                found[layer.name] = add(x, *more)
            case Concat():
                found[layer.name] = np.concatenate([x, *more], 1)
    return found


def integer_maps(network: QuantizedNetwork, pages: np.ndarray) -> np.ndarray:
    def conv(name: str, x: np.ndarray, stride: int, padding: int) -> np.ndarray:
        return integers.conv(x, network.numbers[name], stride, padding)

    found = compute(network, pages, conv, integers.add)
    return np.concatenate([found[name] for name in network.outputs], 1)


def real_values(network: FoldedNetwork, pages: np.ndarray) -> dict[str, np.ndarray]:
    """In float64, without integers."""

    def conv(name: str, x: np.ndarray, stride: int, padding: int) -> np.ndarray:
        weight, bias = network.numbers[name].weight, network.numbers[name].bias
        padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(2, 3))[
            :, :, ::stride, ::stride
        ]
        y = np.einsum("nchwyx,ocyx->nohw", windows, weight) + bias[:, np.newaxis, np.newaxis]
        return y if name in network.outputs else y.clip(0)

    return compute(network, pages / 255, conv, np.add)


def pages_of(number: int, size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng([number, *size]).integers(0, 256, (2, *size)).astype(np.uint8)


def calibration_pages(number: int) -> list[np.ndarray]:
    """Not so bright as those that are answered, so that some sums leave a byte."""
    return [pages_of(number, size) // 2 for size in SIZES]


def maps_of(network: FoldedNetwork, values: np.ndarray) -> tuple[Map, ...]:
    """A map for each output, from its least to its greatest value."""
    channels = [len(network.numbers[name].bias) for name in network.outputs]
    ends = np.cumsum([0, *channels])
    found = []
    for name, begin, end in zip(network.outputs, ends, ends[1:], strict=False):
        least, most = min(values[:, begin:end].min(), 0.0), max(values[:, begin:end].max(), 0.0)
        scale = float(most - least) / 255
        found.append(Map(name, int(end - begin), scale, round(-least / scale)))
    return tuple(found)


def quantized(number: int) -> QuantizedNetwork:
    network = random_network(number)
    some = calibration_pages(number)
    values = real_values(network, some[0])
    maps = maps_of(network, np.concatenate([values[name] for name in network.outputs], 1))
    return quantize_network(network, calibrate(network, some), maps)


@pytest.mark.parametrize("number", NETWORKS)
def test_both_graphs_are_numpys_integers_in_every_engine(number):
    network = quantized(number)
    for layer in network.numbers.values():
        require_exact(layer)
    for build in (build_nhwc, build_portable):
        content = build(network).SerializeToString()
        sessions = [new_session(content, "int8", optimize=optimize) for optimize in (False, True)]
        for session in (*sessions, NumpySession(content)):
            for size in SIZES:
                pages = pages_of(number, size)
                (maps,) = session.run(["maps"], {"page": pages[:, np.newaxis]})
                np.testing.assert_array_equal(maps, integer_maps(network, pages))


@pytest.mark.parametrize("number", NETWORKS)
def test_ranges_floats_and_steps_are_those_of_numpy(number):
    network, some = random_network(number), calibration_pages(number)
    values = [real_values(network, pages) for pages in some]
    ranges = calibrate(network, some).ranges
    largest = {name: max(found[name].max() for found in values) for name in ranges}
    np.testing.assert_allclose([ranges[name] for name in largest], list(largest.values()), rtol=1e-4, atol=1e-30)
    with torch.inference_mode():
        (maps,) = Deployed(network)(torch.from_numpy(some[0][:, np.newaxis]))
    expected = np.concatenate([values[0][name] for name in network.outputs], 1)
    assert np.abs(maps.numpy() - expected).max() <= FLOAT_TOLERANCE * np.abs(expected).max()
    steps = maps_of(network, expected)
    scale, zero = (
        np.repeat([getattr(one, part) for one in steps], [one.channels for one in steps])[:, np.newaxis, np.newaxis]
        for part in ("scale", "zero_point")
    )
    found = scale * (integer_maps(quantized(number), some[0]) - zero)
    assert np.median(np.abs(found - expected) / (255 * scale)) <= STEPS_TOLERANCE


def test_a_layer_that_never_answers_leaves_its_readers_their_numbers():
    layers = (
        Conv("stem", ("page",), stride=4),
        Conv("dead", ("stem",)),
        Add("sum", ("stem", "dead")),
        Conv("deaf", ("dead",)),
        Conv("ink", ("sum",)),
        Conv("middle", ("deaf",)),
    )
    one = np.ones((2, 2, 1, 1))
    biases = {"stem": 0.1, "dead": -1.0, "deaf": -1.0, "ink": 0.1, "middle": 0.1}
    numbers = {name: FoldedLayer(0.1 * one, np.full(2, bias)) for name, bias in biases.items()}
    numbers["stem"] = FoldedLayer(np.full((2, 1, 8, 8), 0.01), np.full(2, 0.1))
    network, pages = FoldedNetwork("finder", layers, ("ink", "middle"), numbers), pages_of(0, (32, 64))
    calibration = calibrate(network, [pages])
    assert (calibration.ranges["dead"], calibration.ranges["deaf"]) == (0, 0)
    found = quantize_network(network, calibration, (Map("ink", 2, 0.01, 0), Map("middle", 2, 0.01, 0)))
    assert all(np.isfinite(layer.scale).all() for layer in found.numbers.values())
    for build in (build_nhwc, build_portable):
        session = new_session(build(found).SerializeToString(), "dead")
        (maps,) = session.run(["maps"], {"page": pages[:, np.newaxis]})
        np.testing.assert_array_equal(maps, integer_maps(found, pages))
        assert set(maps[:, 2:].ravel().tolist()) == {10}  # its bias, 0.1, alone


def test_the_networks_have_every_way_in_which_layers_meet():
    seen = set()
    for number in NETWORKS:
        network = random_network(number)
        kinds = {layer.name: type(layer) for layer in network.layers}
        readers = [source for layer in network.layers for source in layer.sources]
        for layer in network.layers:
            meets = {kinds.get(source) for source in layer.sources}
            if isinstance(layer, Add | Concat) and type(layer) in meets:
                seen.add(f"{type(layer).__name__} of itself")
            if isinstance(layer, Conv):
                shape = network.numbers[layer.name].weight.shape
                seen |= {f"{shape[2]}x{shape[2]}, stride {layer.stride}"}
                seen |= {"odd channels"} if shape[0] % 2 and shape[1] % 2 else set()
                seen |= {"one weight"} if shape[1:] == (1, 1, 1) else set()
            if readers.count(layer.name) > 2:
                seen.add("read by three")
    convolutions = {f"{size}x{size}, stride {stride}" for size in (1, 3, 5) for stride in (1, 2)}
    others = {"Add of itself", "Concat of itself", "odd channels", "one weight", "read by three"}
    assert seen >= convolutions | others
