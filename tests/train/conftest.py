import pytest
from tiny_data import make_tiny

from edgemnist.data import DataSet


@pytest.fixture(scope="session")
def tiny() -> DataSet:
    return make_tiny()
