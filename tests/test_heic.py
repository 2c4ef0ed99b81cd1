"""HEIC, the photos of iPhones, where pillow-heif is installed."""

import pillow_heif
from PIL import Image

from edgemnist import Classifier
from edgemnist.reading.formats import suffixes


def test_heic_is_read(tmp_path):
    classifier = Classifier()
    image = classifier.model.info.selftest.images[-1]
    photo = Image.fromarray(255 - image).resize((400, 400)).convert("RGB")
    path = tmp_path / "photo.heic"
    pillow_heif.from_pillow(photo).save(path, quality=90)
    assert ".heic" in suffixes()
    assert classifier.predict(path).label == classifier.predict(image).label != ""
