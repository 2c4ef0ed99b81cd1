"""Write a small data set and a picture from the self-test record of the model that ships.

    python small_set.py FOLDER

The labels are the exporter's answers, so a device that computes rightly answers all of them correctly.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from edgemnist.data.canonical import FILES
from edgemnist.data.idx import write_idx
from edgemnist.model.opened import default_model, open_model

folder = Path(sys.argv[1])
record = open_model(default_model()).info.selftest
labels = record.logits.argmax(1).astype(np.uint8)
for file, array in zip(FILES, (record.images, labels) * 2, strict=True):
    write_idx(folder / file.name, array)
Image.fromarray(record.images[0]).save(folder / f"digit-{labels[0]}.png")
