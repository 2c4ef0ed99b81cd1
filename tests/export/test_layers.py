"""Each kind of layer that networks are made of: the int8 graphs against numpy integers, fp32 against torch, to the bit.

A finder of every layer, with random weights; trained ones are in test_finder_export.py.
"""

import dataclasses

import finder_reference as integers
import numpy as np
import onnx
import pytest
import torch
from exactness import require_exact
from torch.nn import functional as F

from edgemnist.export.calibrate import calibrate
from edgemnist.export.fold import FoldedLayer, FoldedNetwork
from edgemnist.export.graph import build_fp32
from edgemnist.export.layers import Add, Concat, Conv, MaxPool, Upsample
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import activation_steps, quantize_network
from edgemnist.model.finder import Map
from edgemnist.model.session import new_session

BUILDERS = {"default": build_nhwc, "portable": build_portable}
SIZES = [(64, 96), (32, 32), (128, 64)]
FP32_TOLERANCE = 1e-5
"""Of the largest value; measured 8e-7."""
LAYERS = (
    Conv("stem", ("page",), stride=4, padding=2),
    Conv("down", ("stem",), stride=2, padding=1),
    MaxPool("pooled", ("stem",)),
    Concat("both", ("down", "pooled")),
    Conv("side", ("both",)),
    Upsample("up", ("side",)),
    Add("sum", ("stem", "up")),
    Conv("ink", ("sum",)),
    Conv("middle", ("sum",), padding=1),
)
SHAPES = {
    "stem": (16, 1, 8, 8),
    "down": (16, 16, 3, 3),
    "side": (16, 32, 1, 1),
    "ink": (16, 16, 1, 1),
    "middle": (3, 16, 3, 3),
}
MAPS = (Map("ink", 16, 0.05, 130), Map("middle", 1, 0.02, 100), Map("size", 2, 0.1, 20))


@pytest.fixture(scope="module")
def pages() -> list[np.ndarray]:
    generator = np.random.default_rng(7)
    return [generator.integers(0, 256, (3, *size), np.uint8) for size in SIZES]


@pytest.fixture(scope="module")
def folded() -> FoldedNetwork:
    generator = np.random.default_rng(8)
    numbers = {
        name: FoldedLayer(
            generator.normal(0, 2 / np.sqrt(np.prod(shape[1:])), shape), generator.normal(0, 0.3, shape[0])
        )
        for name, shape in SHAPES.items()
    }
    return FoldedNetwork("finder", LAYERS, ("ink", "middle"), numbers)


@pytest.fixture(scope="module")
def quantized(folded, pages):
    return quantize_network(folded, calibrate(folded, pages), MAPS)


def sides(quantized, pages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is added."""
    layer = quantized.numbers
    stem = integers.conv(pages[:, np.newaxis].astype(float), layer["stem"], 4, 2)
    down = integers.conv(stem, layer["down"], 2, 1)
    pooled = np.maximum.reduce([stem[:, :, y::2, x::2] for y in (0, 1) for x in (0, 1)])
    side = integers.conv(np.concatenate([down, pooled], 1), layer["side"], 1, 0)
    return stem, integers.upsample(side)


def integer_maps(quantized, pages: np.ndarray) -> np.ndarray:
    layer, total = quantized.numbers, integers.add(*sides(quantized, pages))
    return np.concatenate([integers.conv(total, layer["ink"], 1, 0), integers.conv(total, layer["middle"], 1, 1)], 1)


@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_int8_maps_are_numpys_integers_at_every_size(quantized, pages, build, optimize):
    graph = build(quantized)
    onnx.checker.check_model(graph, full_check=True)
    session = new_session(graph.SerializeToString(), "int8", optimize=optimize)
    for some in pages:
        (maps,) = session.run(["maps"], {"page": some[:, np.newaxis]})
        expected = integer_maps(quantized, some)
        assert maps.dtype == np.uint8
        np.testing.assert_array_equal(maps, expected)
        assert np.mean((expected > 0) & (expected < 255)) > 0.2


def test_a_sum_beyond_255_is_clipped_and_not_wrapped(quantized, pages):
    """The side's scales eight times as large: the graphs still agree with numpy."""
    numbers = dict(quantized.numbers)
    numbers["side"] = dataclasses.replace(numbers["side"], scale=numbers["side"].scale * 8)
    loud = dataclasses.replace(quantized, numbers=numbers)
    page = pages[0]
    expected = integer_maps(loud, page)
    assert np.any(expected != integer_maps(quantized, page))
    assert np.any(sides(loud, page)[1] + sides(loud, page)[0] > 255)
    for build in BUILDERS.values():
        (maps,) = new_session(build(loud).SerializeToString(), "loud").run(["maps"], {"page": page[:, np.newaxis]})
        np.testing.assert_array_equal(maps, expected)


@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
def test_fp32_maps_are_torchs_at_every_size(folded, pages, optimize):
    session = new_session(build_fp32(folded).SerializeToString(), "fp32", optimize=optimize)

    def weighted(name: str, x: torch.Tensor, **how: int) -> torch.Tensor:
        layer = folded.numbers[name]
        return F.conv2d(x, torch.from_numpy(layer.weight).float(), torch.from_numpy(layer.bias).float(), **how)

    for some in pages:
        stem = weighted("stem", torch.from_numpy(some)[:, None] / 255, stride=4, padding=2).relu()
        down = weighted("down", stem, stride=2, padding=1).relu()
        side = weighted("side", torch.cat([down, F.max_pool2d(stem, 2)], 1)).relu()
        total = stem + side.repeat_interleave(2, 2).repeat_interleave(2, 3)
        expected = torch.cat([weighted("ink", total), weighted("middle", total, padding=1)], 1).numpy()
        (maps,) = session.run(["maps"], {"page": some[:, np.newaxis]})
        assert maps.dtype == np.float32
        assert np.abs(maps - expected).max() <= FP32_TOLERANCE * np.abs(expected).max()


def test_dequantized_maps_come_near_to_the_float_networks(folded, quantized, pages):
    """Where neither clips; half a step of rounding is the least that can be expected."""
    session = new_session(build_fp32(folded).SerializeToString(), "fp32")
    scale = np.repeat([found.scale for found in MAPS], [found.channels for found in MAPS])[:, np.newaxis, np.newaxis]
    zero = np.repeat([found.zero_point for found in MAPS], [found.channels for found in MAPS])[
        :, np.newaxis, np.newaxis
    ]
    for some in pages:
        (wanted,) = session.run(["maps"], {"page": some[:, np.newaxis]})
        found = integer_maps(quantized, some)
        within = (found > 0) & (found < 255)
        error = np.abs((found - zero) * scale - wanted)[within]
        assert np.median(error) < 0.05


def test_what_is_added_or_joined_has_one_step_and_its_largest_sum_is_255(folded, pages):
    steps = activation_steps(folded, calibration := calibrate(folded, pages))
    assert steps["page"] == 1 / 255
    assert len({steps[name] for name in ("stem", "pooled", "both", "down", "up", "side", "sum")}) == 1
    assert steps["sum"] == pytest.approx(calibration.ranges["sum"] / 255)


def test_no_pair_saturates_and_no_sum_leaves_the_integers_of_float32(quantized):
    for layer in quantized.numbers.values():
        require_exact(layer)
