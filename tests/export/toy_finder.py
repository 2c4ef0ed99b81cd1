"""A throwaway finder: three layers at a stride of 4, one upsampling and one addition, that finds squares in noise."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from edgemnist.data import DIGITS, DataSet, Split
from edgemnist.export.finder import FinderSubject
from edgemnist.export.fold import FoldedNetwork, as_it_is, fold_batchnorm
from edgemnist.export.layers import Add, Conv, Upsample
from edgemnist.model.finder import FindingRecord
from edgemnist.train.kinds import Trainable
from edgemnist.train.task import Batch, Losses, generators

SIZE = (64, 96)
MAPS = (("ink", 16), ("middle", 1))
NOTHING = Split(np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.int64))
DATA = DataSet(NOTHING, NOTHING, DIGITS, "f1" * 32, canonical=False)


class ToyFinder(nn.Module):
    """(N, 1, H, W) in [0, 1] -> maps (N, 17, H / 4, W / 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.stem_norm = nn.Conv2d(1, 16, 8, 4, 2, bias=False), nn.BatchNorm2d(16)
        self.down, self.down_norm = nn.Conv2d(16, 32, 3, 2, 1), nn.BatchNorm2d(32)
        self.side, self.side_norm = nn.Conv2d(32, 16, 1, bias=False), nn.BatchNorm2d(16)
        self.heads = nn.Conv2d(16, 17, 3, padding=1)

    def forward(self, pages: torch.Tensor) -> torch.Tensor:
        stem = self.stem_norm(self.stem(pages)).relu()
        side = self.side_norm(self.side(self.down_norm(self.down(stem)).relu())).relu()
        return self.heads(stem + F.interpolate(side, scale_factor=2, mode="nearest"))


def fold_toy(network: ToyFinder) -> FoldedNetwork:
    layers = (
        Conv("stem", ("page",), stride=4, padding=2),
        Conv("down", ("stem",), stride=2, padding=1),
        Conv("side", ("down",)),
        Upsample("up", ("side",)),
        Add("sum", ("stem", "up")),
        Conv("heads", ("sum",), padding=1),
    )
    numbers = {
        "stem": fold_batchnorm(network.stem, network.stem_norm),
        "down": fold_batchnorm(network.down, network.down_norm),
        "side": fold_batchnorm(network.side, network.side_norm),
        "heads": as_it_is(network.heads),
    }
    return FoldedNetwork("finder", layers, ("heads",), numbers)


def squares(seed: int, count: int, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Pages (N, H, W) uint8 of noise with squares, and where their ink is, (N, H, W) bool."""
    random = np.random.default_rng(seed)
    pages, ink = random.integers(0, 60, (count, *size)), np.zeros((count, *size), bool)
    for page, mask in zip(pages, ink, strict=True):
        for _ in range(3):
            side = random.integers(8, 20)
            row, column = random.integers(0, size[0] - side), random.integers(0, size[1] - side)
            page[row : row + side, column : column + side] = random.integers(150, 230)
            mask[row : row + side, column : column + side] = True
    return pages.astype(np.uint8), ink


@dataclass(frozen=True)
class ToyRecipe:
    kind: ClassVar[str] = "finder"
    epochs: int = 6
    schedule: str = "triangle"
    peak_learning_rate: float = 1e-2
    warmup: float = 0.2
    beta2: float = 0.99
    bfloat16: bool = False


@dataclass(frozen=True)
class ToyTask:
    """Ink at full size, and as `middle` whether most of a cell is ink."""

    recipe: ToyRecipe
    seed: int
    steps: int = 8

    def batches(self, epoch: int, network: nn.Module) -> Iterator[Batch]:
        order, _ = generators(self.seed, epoch, torch.device("cpu"))
        for _ in range(self.steps):
            pages, ink = squares(int(torch.randint(2**31, (), generator=order)), 8)
            yield Batch(torch.from_numpy(pages)[:, None] / 255, torch.from_numpy(ink)[:, None].float(), len(pages))

    def loss(self, outputs: torch.Tensor, target: torch.Tensor) -> Losses:
        cells = torch.cat([F.pixel_unshuffle(target, 4), F.avg_pool2d(target, 4).round()], 1)
        loss = F.binary_cross_entropy_with_logits(outputs, cells)
        return Losses(loss, loss.detach())

    @torch.inference_mode()
    def evaluate(self, network: nn.Module) -> tuple[float, float]:
        pages, ink = squares(99, 8)
        outputs = network.eval()(torch.from_numpy(pages)[:, None] / 255)
        loss = self.loss(outputs, torch.from_numpy(ink)[:, None].float()).told.item()
        return loss, judge(outputs.numpy(), ink).score


def judge(maps: np.ndarray, ink: np.ndarray) -> FindingRecord:
    """Counted in cells."""
    count, height, width = ink.shape
    there = ink.reshape(count, height // 4, 4, width // 4, 4).mean((2, 4)) > 0.5
    found = maps[:, 16] > 0
    return FindingRecord(int(there.sum()), int((there & found).sum()), int((found & ~there).sum()))


def toy_subject(network: ToyFinder) -> FinderSubject:
    pages, ink = squares(5, 40)
    return FinderSubject(
        folded=fold_toy(network),
        inputs=pages,
        training=(squares(6, 20)[0], squares(7, 10, (128, 64))[0]),
        network=network,
        words="a toy",
        named_maps=MAPS,
        judge=lambda maps: judge(maps, ink),
        selftest_pages=squares(8, 2, (32, 64))[0],
    )


TRAINABLE = Trainable(
    ToyFinder,
    class_count=0,
    recipe=lambda values: ToyRecipe(**values),
    task=lambda data, recipe, seed, device, run: ToyTask(recipe, seed),
    checkpoint_format=2,
)


def train_toy(run: Path) -> Path:
    """The folder of a finished training; `TRAINABLE` must stand in the table."""
    from edgemnist.train import loop

    loop.train(DATA, ToyRecipe(), run, seed=0, device="cpu", progress=lambda event: None)
    return run
