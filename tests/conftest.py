"""Fixtures for the tests that need the real MNIST. pytest itself never uses the network."""

import os
from pathlib import Path

import pytest

from edgemnist.data import DataSet
from edgemnist.data.mnist import load_cached, load_dataset


@pytest.fixture(scope="session")
def mnist() -> DataSet:
    """The canonical MNIST: from the folder in EDGEMNIST_DATA, else from the cache."""
    folder = os.environ.get("EDGEMNIST_DATA")
    notes: list[str] = []
    data = load_dataset(Path(folder), notes.append) if folder else load_cached(notes.append)
    if data is None or not data.canonical:
        where = folder or "the cache"
        pytest.fail(f"the canonical MNIST is not in {where}: run `make test`, which obtains it first. {notes}")
    return data
