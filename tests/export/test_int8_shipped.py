"""The int8 model that ships keeps what it promises: size, accuracy, and the same bits as integers in numpy."""

import numpy as np
import pytest
from int8_reference import integer_logits, read_layers

from edgemnist.model.opened import default_model, open_model, run

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


def test_no_pair_saturates_and_no_sum_leaves_the_integers_of_float32():
    for name, layer in read_layers(default_model("int8")).items():
        rows = np.abs(layer.weight.reshape(len(layer.weight), -1).astype(int))
        assert np.sort(rows, axis=1)[:, -2:].sum(1).max() <= 128, name
        signed = layer.weight.reshape(len(layer.weight), -1).astype(int)
        one_sign = np.maximum(signed.clip(0).sum(1), -signed.clip(None, 0).sum(1)) * 255 + np.abs(
            layer.bias.astype(int)
        )
        mantissa = (np.frexp(layer.scale)[0] * 2**24).astype(int)
        assert np.all(mantissa // (mantissa & -mantissa) * one_sign < 2**24), name
