"""What schemathesis sends where OpenAPI asks for a picture: real ones."""

import io

import numpy as np
import schemathesis
from hypothesis import strategies
from PIL import Image


def picture(form: str, seed: int) -> bytes:
    """One of the size and darkness of the network's own images: it may be kept as an example, too."""
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 200, (28, 28), np.uint8)).save(stream, form)
    return stream.getvalue()


for media_type, form in (("image/png", "PNG"), ("image/jpeg", "JPEG"), ("application/octet-stream", "PNG")):
    pictures = strategies.builds(picture, strategies.just(form), strategies.integers(0, 99))
    schemathesis.openapi.media_type(media_type, pictures)
