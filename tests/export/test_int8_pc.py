"""The int8 model that ships on an emulated PC without VNNI, whose int8 kernels can saturate 16 bits without a word.

Needs QEMU's x86-64 emulation, which `make arm64` brings along, and runs this very Python under it.
"""

import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from int8_reference import integer_logits, read_layers

from edgemnist.export.classifier import LAYERS, OUTPUTS
from edgemnist.export.exporter import _finish
from edgemnist.export.nhwc import build_nhwc
from edgemnist.export.quantize import QuantizedLayer, QuantizedNetwork
from edgemnist.model.opened import default_model, open_model

pytestmark = pytest.mark.arm64

ROOT = Path(__file__).parents[2]
QEMU = ROOT / "build/arm64/tools/usr/bin/qemu-x86_64-static"
COUNT = 200


def answers_on_haswell(model: Path, images: np.ndarray, folder: Path) -> dict[str, np.ndarray]:
    if not QEMU.exists() or platform.machine() != "x86_64":
        pytest.skip("there is no QEMU for x86-64 in build/arm64; on a Debian PC, type: make arm64")
    given, found = folder / "images.npy", folder / "logits.npz"
    np.save(given, images)
    # AVX2, no AVX-512, no VNNI.
    command = [QEMU, "-cpu", "Haswell", sys.executable, ROOT / "tests/arm64/logits.py", model, given, found]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    with np.load(found) as archive:
        return dict(archive)


def test_a_pc_without_vnni_gives_the_same_bits(mnist, tmp_path):
    images = mnist.validation.images[:COUNT]
    answers = answers_on_haswell(default_model("int8"), images, tmp_path)
    for state in ("off", "on"):
        np.testing.assert_array_equal(
            answers[f"logits_{state}"], integer_logits(read_layers(default_model("int8")), images)
        )


def test_weights_of_twice_the_size_do_saturate_there(mnist, tmp_path):
    """The control: the same network with one more bit in its weights, as quantizers choose them."""

    def doubled(layer) -> QuantizedLayer:
        weight = (2 * layer.weight.astype(int)).clip(-127, 127).astype(np.int8)
        return QuantizedLayer(weight, 2 * layer.bias, layer.scale / 2)

    numbers = {name: doubled(layer) for name, layer in read_layers(default_model("int8")).items()}
    graph = build_nhwc(QuantizedNetwork("classifier", LAYERS, OUTPUTS, numbers))
    model = tmp_path / "doubled.onnx"
    model.write_bytes(_finish(graph, open_model(default_model("int8")).info))
    images = mnist.validation.images[:COUNT]
    expected = integer_logits(read_layers(model), images)
    assert np.any(answers_on_haswell(model, images, tmp_path)["logits_on"] != expected)
