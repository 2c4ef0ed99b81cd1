"""The finder's layers, BatchNorm folded, and the pages that its export is measured on."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from edgemnist.data import DataSet
from edgemnist.export.finder import FinderSubject
from edgemnist.export.fold import FoldedLayer, FoldedNetwork, as_it_is, fold_batchnorm
from edgemnist.export.layers import Add, Conv, Layer, Upsample
from edgemnist.model.finder import INPUT_NAME, FindingRecord
from edgemnist.reading.finds import CELL, MAPS
from edgemnist.train.checkpoint import Checkpoint
from edgemnist.train.finder import FinderRecipe, validation_pages
from edgemnist.train.finder_network import CHANNELS, FinderCnn
from edgemnist.train.finder_score import judge_finds
from edgemnist.train.pages.page import make_page
from edgemnist.train.pages.store import digits_to_write, numbered_page

WORDS = (
    "Conv 32 8x8/4 - 48, 64, 64 channels at strides 8, 16, 32, two Conv 3x3 each - back up by Conv 1x1, nearest "
    "upsampling, addition, Conv 3x3 - Conv 32 3x3 - Conv 55 1x1; BatchNorm folded and ReLU behind all but the last; "
    "262,807 parameters"
)
_CALIBRATION_PAGES, _CALIBRATION_GLYPHS = 64, 1_000
_SELFTEST_PAGES, _SELFTEST_SHAPE = 2, (32, 64)
"""Pixels: small, because they and their maps are in the file."""


def fold_finder(network: FinderCnn) -> FoldedNetwork:
    """The layers of `network`, every BatchNorm folded into the convolution before it."""
    layers: list[Layer] = [Conv("stem", (INPUT_NAME,), stride=CELL, padding=2)]
    numbers = {"stem": _folded(network.stem)}
    levels = ["stem"]
    for number, down in enumerate(network.down, 1):
        assert isinstance(down, nn.Sequential)
        layers += [
            Conv(f"down{number}", (levels[-1],), stride=2, padding=1),
            Conv(f"level{number}", (f"down{number}",), padding=1),
        ]
        numbers |= {f"down{number}": _folded(down[0]), f"level{number}": _folded(down[1])}
        levels.append(f"level{number}")
    before = levels.pop()
    for number in reversed(range(1, len(CHANNELS))):
        layers += [
            Conv(f"side{number}", (before,)),
            Upsample(f"larger{number}", (f"side{number}",)),
            Add(f"sum{number}", (levels.pop(), f"larger{number}")),
            Conv(f"up{number}", (f"sum{number}",), padding=1),
        ]
        numbers |= {
            f"side{number}": _folded(network.side[number - 1]),
            f"up{number}": _folded(network.up[number - 1]),
        }
        before = f"up{number}"
    layers += [Conv("last", (before,), padding=1), Conv("head", ("last",))]
    numbers |= {"last": _folded(network.last), "head": as_it_is(network.head)}
    return FoldedNetwork("finder", tuple(layers), ("head",), numbers)


def finder_subject(checkpoint: Checkpoint, network: FinderCnn, data: DataSet) -> FinderSubject:
    """The `network` of `checkpoint` with pages written with the digits of `data`."""
    recipe, seed = checkpoint.recipe, checkpoint.seed
    assert isinstance(recipe, FinderRecipe)
    judged = validation_pages(data, recipe, seed)
    glyphs = digits_to_write(data.train, _CALIBRATION_GLYPHS, seed)

    def judge(maps: NDArray[np.float32]) -> FindingRecord:
        return judge_finds(maps, judged)

    return FinderSubject(
        folded=fold_finder(network),
        inputs=judged.page,
        training=(np.stack([numbered_page(glyphs, seed, 2 * index).page for index in range(_CALIBRATION_PAGES)]),),
        network=network,
        words=WORDS,
        named_maps=tuple(MAPS.items()),
        judge=judge,
        selftest_pages=np.stack(
            [
                make_page(glyphs, _SELFTEST_SHAPE, np.random.default_rng([seed, 2, index])).page
                for index in range(_SELFTEST_PAGES)
            ]
        ),
    )


def _folded(layer: nn.Module) -> FoldedLayer:
    """A convolution with its BatchNorm."""
    assert isinstance(layer, nn.Sequential)
    conv, norm = layer[0], layer[1]
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    return fold_batchnorm(conv, norm)
