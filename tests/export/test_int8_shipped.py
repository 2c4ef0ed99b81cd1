"""The int8 models that ship keep what they promise: size, accuracy, and the same bits as integers in numpy."""

import finder_reference as integers
import numpy as np
import onnx
import pytest
from exactness import require_exact
from int8_reference import integer_logits, read_layers

from edgemnist.model.opened import default_model, open_finder, open_model, run
from edgemnist.model.session import run_outputs
from edgemnist.model.shipped import finder_path

MAX_BYTES = 450_000
"""Measured 438,957."""
MAX_ACCURACY_DROP = 0.02
"""Percentage points; measured 0.00."""
MIN_AGREEMENT = 0.9995
"""Measured 1.0000."""


@pytest.fixture(scope="module")
def shipped():
    return open_model(default_model("int8"))


def test_it_is_small():
    assert default_model("int8").stat().st_size <= MAX_BYTES


def test_it_loses_next_to_nothing(shipped):
    assert shipped.info.quantization.accuracy_drop <= MAX_ACCURACY_DROP
    assert shipped.info.quantization.agreement >= MIN_AGREEMENT
    assert shipped.info.parity.agreement >= MIN_AGREEMENT


@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
def test_its_logits_are_the_integer_networks(optimize, mnist):
    path, images = default_model("int8"), mnist.validation.images[:2_000]
    logits = run(open_model(path, optimize=optimize), images).logits
    np.testing.assert_array_equal(logits, integer_logits(read_layers(path), images))


def test_its_self_test_record_is_the_integer_networks_too(shipped):
    record = shipped.info.selftest
    np.testing.assert_array_equal(record.logits, integer_logits(read_layers(default_model("int8")), record.images))


def test_it_keeps_both_rules():
    for layer in read_layers(default_model("int8")).values():
        require_exact(layer)


@pytest.fixture(scope="module")
def finder() -> dict[str, integers.Layer]:
    """The layers of the finder that ships, from the numbers in its file."""
    graph = onnx.load(finder_path("int8")).graph
    numbers = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    names = [name.removesuffix("_bias") for name in numbers if name.endswith("_bias")]
    return {
        name: integers.Layer(*(numbers[f"{name}_{part}"] for part in ("weight", "bias", "scale"))) for name in names
    }


def test_the_finder_keeps_both_rules(finder):
    assert len(finder) == 15
    for layer in finder.values():
        require_exact(layer)


@pytest.mark.parametrize("size", [(32, 64), (96, 160)], ids=str)
def test_the_finders_maps_are_numpys_integers(finder, size):
    pages = np.random.default_rng(0).integers(0, 256, (1, *size)).astype(np.uint8)

    def conv(name: str, x: np.ndarray, stride: int = 1, padding: int = 1) -> np.ndarray:
        return integers.conv(x, finder[name], stride, padding)

    levels = [conv("stem", pages[:, np.newaxis].astype(float), 4, 2)]
    for number in (1, 2, 3):
        levels.append(conv(f"level{number}", conv(f"down{number}", levels[-1], 2)))
    x = levels.pop()
    for number in (3, 2, 1):
        larger = integers.upsample(conv(f"side{number}", x, padding=0))
        x = conv(f"up{number}", integers.add(levels.pop(), larger))
    expected = conv("head", conv("last", x), padding=0)
    for optimize in (False, True):
        model = open_finder(finder_path("int8"), optimize=optimize)
        (maps,) = run_outputs(model.session, pages, model.info.interface)
        np.testing.assert_array_equal(maps, expected)
    assert np.mean((expected > 0) & (expected < 255)) > 0.5
