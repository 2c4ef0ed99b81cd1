"""What the exporter writes, run in numpy: every layer that it knows, in both graphs, against integers in numpy.

MNIST_IMAGES and PAGES say how many validation images and pages the shipped files answer (default: 1,000 and 10);
`make engines` takes all 10,000 and 200. Not a tolerance in this file: equal means equal bits.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from finder_reference import add, conv, upsample
from int8_reference import integer_logits, read_layers

from edgemnist.export.calibrate import calibrate
from edgemnist.export.classifier import LAYERS, OUTPUTS
from edgemnist.export.fold import FoldedLayer, FoldedNetwork
from edgemnist.export.layers import Add, Concat, Conv, MaxPool, Upsample
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.qdq import build_portable
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork, quantize_network
from edgemnist.model.finder import Map
from edgemnist.model.numpy_engine import OPERATORS, NumpySession
from edgemnist.model.opened import default_model, open_any, open_finder, open_model, run, run_values
from edgemnist.model.shipped import finder_path
from edgemnist.train.pages.store import digits_to_write, numbered_page

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build/arm64"
PYTHON = PLACE / "device/bookworm/lib/edgemnist/current/bin/python"
IMAGES = int(os.environ.get("MNIST_IMAGES", "1000"))
PAGES = int(os.environ.get("PAGES", "10"))
BUILDERS = {"default": build_nhwc, "portable": build_portable}


def test_validation_images_have_onnxruntimes_logits(mnist):
    images = mnist.validation.images[:IMAGES]
    theirs, ours = (run(open_model(default_model(), engine=engine), images) for engine in ("onnxruntime", "numpy"))
    np.testing.assert_array_equal(ours.logits, theirs.logits)
    print(f"{len(images):,} validation images: the same logits")


def test_pages_have_onnxruntimes_maps(mnist):
    glyphs = digits_to_write(mnist.validation, 500, 0)
    engines = [open_finder(finder_path(), engine=engine) for engine in ("onnxruntime", "numpy")]
    for number in range(PAGES):
        page = numbered_page(glyphs, 1, number).page[np.newaxis]
        theirs, ours = (run_values(engine, page) for engine in engines)
        np.testing.assert_array_equal(ours, theirs)
    print(f"{PAGES:,} pages: the same maps")


@pytest.fixture(scope="module")
def classifier() -> QuantizedNetwork:
    """The integers of the classifier that ships."""
    numbers = {name: QuantizedLayer(**vars(layer)) for name, layer in read_layers(default_model()).items()}
    return QuantizedNetwork("classifier", LAYERS, OUTPUTS, numbers)


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_both_graphs_of_a_classifier_are_the_integers(classifier, mnist, build):
    images = mnist.validation.images[:100]
    session = NumpySession(build(classifier).SerializeToString())
    _, logits = session.run(["probabilities", "logits"], {"image": images[:, np.newaxis]})
    np.testing.assert_array_equal(logits, integer_logits(read_layers(default_model()), images))


@pytest.fixture(scope="module")
def every_layer() -> QuantizedNetwork:
    """A finder in which each kind of layer stands, two outputs among them, with random weights."""
    generator = np.random.default_rng(0)
    layers = (
        Conv("stem", ("page",), stride=2, padding=1),
        MaxPool("pool", ("stem",)),
        Conv("down", ("pool",), stride=2, padding=1),
        Upsample("up", ("down",)),
        Add("sum", ("pool", "up")),
        Concat("both", ("sum", "up")),
        Conv("ink", ("both",), padding=1),
        Conv("middle", ("both",)),
    )
    sizes = {"stem": (8, 1, 3), "down": (8, 8, 3), "ink": (4, 16, 3), "middle": (2, 16, 1)}
    numbers = {
        name: FoldedLayer(generator.normal(0, 1 / (inputs * size), (count, inputs, size, size)), np.full(count, 0.1))
        for name, (count, inputs, size) in sizes.items()
    }
    network = FoldedNetwork("finder", layers, ("ink", "middle"), numbers)
    pages = generator.integers(0, 256, (4, 64, 96)).astype(np.uint8)
    return quantize_network(
        network, calibrate(network, [pages]), (Map("ink", 4, 0.02, 100), Map("middle", 2, 0.03, 90))
    )


@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_every_kind_of_layer_is_the_integers(every_layer, build):
    pages = np.random.default_rng(1).integers(0, 256, (3, 64, 96)).astype(np.uint8)
    (maps,) = NumpySession(build(every_layer).SerializeToString()).run(["maps"], {"page": pages[:, np.newaxis]})
    numbers = every_layer.numbers
    stem = conv(pages[:, np.newaxis].astype(float), numbers["stem"], 2, 1)
    pool = stem.reshape(3, 8, 16, 2, 24, 2).max((3, 5))
    up = upsample(conv(pool, numbers["down"], 2, 1))
    both = np.concatenate([add(pool, up), up], 1)
    expected = np.concatenate([conv(both, numbers["ink"], 1, 1), conv(both, numbers["middle"], 1, 0)], 1)
    np.testing.assert_array_equal(maps, expected)
    assert np.mean((maps > 0) & (maps < 255)) > 0.5


def test_no_operator_is_known_that_the_exporter_does_not_write(every_layer, classifier):
    written = {
        f"{node.domain}.{node.op_type}".lstrip(".")
        for network in (every_layer, classifier)
        for build in BUILDERS.values()
        for node in build(network).graph.node
    }
    assert written == OPERATORS.keys()


@pytest.mark.arm64
@pytest.mark.parametrize("machine", ["armhf cortex-a7", "bookworm cortex-a53"])
def test_emulated_raspberry_pis_give_the_same_bits(machine, mnist):
    guest, cpu = machine.split()
    python, needed = ("/usr/bin/python3", PLACE / guest) if guest == "armhf" else (PYTHON, PYTHON)
    if not needed.exists():
        pytest.skip(f"there is no {machine} in build/arm64; on Debian, type: make arm64 arm32")
    glyphs = digits_to_write(mnist.validation, 500, 0)
    pages = [numbered_page(glyphs, 1, number).page for number in range(PAGES)]
    for model, inputs in ((default_model(), mnist.validation.images[:IMAGES]), (finder_path(), np.stack(pages))):
        given, found = PLACE / f"engine-{cpu}-inputs.npy", PLACE / f"engine-{cpu}-values.npy"
        np.save(given, inputs)
        found.unlink(missing_ok=True)
        command = [ROOT / "tests/arm64/run.sh", guest, cpu, python, ROOT / "tests/arm64/engine.py"]
        subprocess.run([*command, model, given, found], check=True)
        here = run_values(open_any(model, engine="onnxruntime"), inputs)
        np.testing.assert_array_equal(np.load(found), here)
