"""The models that ship on emulated Raspberry Pis: int8 gives the integer network's logits bit for bit.

`make arm64` sets the emulation up. ARM64_IMAGES says how many images to answer (default: 1,000 with int8 and 300 with
fp32, whose floats are slow to emulate); `make arm64-full` takes all 10,000.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from int8_reference import integer_logits, read_layers

from edgemnist.model.opened import default_model, open_model, run

pytestmark = pytest.mark.arm64

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build/arm64"
PYTHON = PLACE / "device/bookworm/lib/edgemnist/current/bin/python"
COUNTS = {"int8": 1_000, "fp32": 300}
LOWEST_MARGINS = 100

PROBABILITY_TOLERANCE = 1e-6
"""Of the softmax alone, since the logits are equal; measured 2.4e-7."""
FP32_TOLERANCE = 1e-4
"""Logits; sums are taken in another order. Measured 3.8e-6."""


@pytest.fixture(scope="module")
def images(mnist):
    """Validation images: those that fp32 is least sure of first, then evenly spread ones."""

    def chosen(precision: str) -> np.ndarray:
        ranked = np.sort(run(open_model(default_model("fp32")), mnist.validation.images).logits, axis=1)
        order = np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")
        count = int(os.environ.get("ARM64_IMAGES", COUNTS[precision]))
        spread = np.linspace(LOWEST_MARGINS, len(order) - 1, count - LOWEST_MARGINS).astype(int)
        return mnist.validation.images[np.concatenate([order[:LOWEST_MARGINS], order[spread]])]

    return chosen


def answers_on(cpu: str, model: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    if not PYTHON.exists():
        pytest.skip("there is no emulated Raspberry Pi in build/arm64; on Debian, type: make arm64")
    # The emulated system sees nothing but the checkout.
    given, found = PLACE / f"images-{cpu}.npy", PLACE / f"logits-{cpu}.npz"
    np.save(given, images)
    found.unlink(missing_ok=True)
    command = [ROOT / "tests/arm64/run.sh", "bookworm", cpu, PYTHON, ROOT / "tests/arm64/logits.py"]
    subprocess.run([*command, model, given, found], check=True)
    with np.load(found) as archive:
        return dict(archive)


@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a72", "cortex-a76"])
def test_int8_logits_are_the_same_bits(cpu, images):
    asked = images("int8")
    answers = answers_on(cpu, default_model("int8"), asked)
    reference = integer_logits(read_layers(default_model("int8")), asked)
    here = run(open_model(default_model("int8")), asked)
    np.testing.assert_array_equal(here.logits, reference)
    for state in ("off", "on"):
        np.testing.assert_array_equal(answers[f"logits_{state}"], reference)
        difference = np.abs(answers[f"probabilities_{state}"] - here.probabilities)
        assert difference.max() <= PROBABILITY_TOLERANCE


@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a72", "cortex-a76"])
def test_fp32_gives_the_same_answers(cpu, images):
    asked = images("fp32")
    answers = answers_on(cpu, default_model("fp32"), asked)
    here = run(open_model(default_model("fp32")), asked).logits
    for state in ("off", "on"):
        np.testing.assert_array_equal(answers[f"logits_{state}"].argmax(1), here.argmax(1))
        assert np.abs(answers[f"logits_{state}"] - here).max() <= FP32_TOLERANCE
