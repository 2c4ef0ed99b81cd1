"""Fixtures: one server for all tests that change nothing of it, and real digits."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from served import Served, serving

from edgemnist.model.opened import default_model, open_model


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that collects, for all tests that change nothing of it."""
    with serving("--collect", tmp_path_factory.mktemp("kept"), "--threads", 2) as served:
        yield served


@pytest.fixture(scope="session")
def digits() -> NDArray[np.uint8]:
    """(K, 28, 28): the real MNIST images that every model file carries."""
    return open_model(default_model("int8")).info.selftest.images


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A browser; for a module, as it would be in the way of what runs a loop of its own."""
    import browser

    if not browser.CHROMIUM.exists():
        pytest.skip(browser.MISSING)
    with browser.chromium(tmp_path_factory.mktemp("camera") / "film.mjpeg") as running:
        yield running
