"""What the tests of cameras share: films of three rows."""

import pytest
from films import filmed, jpeg, rows

TEXTS = ("70592", "05926", "59264")
"""The digits that the shipped model is sure of are few; these need no 1."""
EACH = 5
"""Frames of each text: a second at five a second."""


@pytest.fixture(scope="session")
def scenes(int8):
    """(H, W) gray levels of a sheet for each of `TEXTS`."""
    return dict(zip(TEXTS, rows(int8, TEXTS), strict=True))


@pytest.fixture(scope="session")
def mjpeg(scenes) -> bytes:
    """MJPEG of a row that changes every second."""
    return b"".join(jpeg(frame) for frame in filmed(scenes[text] for text in TEXTS for _ in range(EACH)))
