"""What the tests of the installer share."""

from pathlib import Path

import pytest
from pi import Device


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)
