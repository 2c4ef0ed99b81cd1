"""Percentiles are numpy's."""

import numpy as np
import pytest

from edgemnist.reading.ranks import median, percentile

TOLERANCE = 1e-9
"""Of values up to 255; measured 0."""


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.int64])
@pytest.mark.parametrize("shape", [(1,), (2,), (9,), (30, 41)])
def test_percentiles_are_numpys(kind, shape):
    values = np.random.default_rng(0).integers(3, 250, shape).astype(kind)
    for percent in (0, 5, 30, 75, 99.93, 100):
        assert abs(percentile(values, percent) - np.percentile(values.astype(float), percent)) <= TOLERANCE
    assert median(values) == np.median(values)
