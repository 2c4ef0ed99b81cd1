"""Draws allographs.png: python docs/pictures/draw_allographs.py [--data DIR]. Needs the extra edgemnist[train].

In each pair of rows digits of MNIST, and below each what training makes of it.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from edgemnist.data.mnist import load_dataset
from edgemnist.train.allographs import to_allographs
from edgemnist.train.network import images_to_inputs, images_to_tensor

EACH = 6
"""Examples of each digit."""
FIRST = 100
"""Among the digits of its class: where the examples begin."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    split = load_dataset(parser.parse_args().data, lambda line: print(line, file=sys.stderr)).train
    generator = torch.Generator().manual_seed(0)
    rows = []
    for digits in ((0, 1, 4), (7, 8, 9)):
        chosen = np.concatenate([np.flatnonzero(split.labels == digit)[FIRST : FIRST + EACH] for digit in digits])
        inputs = images_to_inputs(images_to_tensor(split.images[chosen], torch.device("cpu")))
        for shown in (inputs, to_allographs(inputs, torch.from_numpy(split.labels[chosen]), generator)):
            rows.append(np.concatenate(list((shown[:, 0] * 255).round().byte().numpy()), axis=1))
    page = Image.fromarray(255 - np.concatenate(rows))
    page.resize((page.width * 2, page.height * 2), Image.Resampling.NEAREST).save(
        Path(__file__).with_name("allographs.png"), optimize=True
    )


if __name__ == "__main__":
    main()
