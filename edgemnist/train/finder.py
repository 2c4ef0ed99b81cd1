"""What a finder learns: where on pages digits are.

The pages are made once, before the first step, and lie in the run's folder; a batch is a few of them in random order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgemnist.data import DIGITS, DataSet
from edgemnist.errors import UsageError
from edgemnist.model.contract import Kind
from edgemnist.model.finder import FindingRecord
from edgemnist.train.amounts import require
from edgemnist.train.finder_loss import PageBatch, finder_losses
from edgemnist.train.finder_score import judge_finds
from edgemnist.train.pages.store import PageSet, digits_to_write, make_pages, open_pages, write_pages
from edgemnist.train.task import Batch, Losses, generators


@dataclass(frozen=True)
class FinderRecipe:
    """Everything but the data and the seed that decides what a training of the finder makes."""

    kind: ClassVar[Kind] = "finder"
    pages: int = 30_000
    """To train on."""
    validation_pages: int = 300
    """Written with the validation images' digits."""
    glyphs: int = 8_000
    """Digits of the training images that the pages are written with, and an eighth of it of the validation images."""
    epochs: int = 10
    """Passes over the pages."""
    batch_size: int = 8
    """Pages for each step."""
    schedule: str = "triangle"
    """As in `recipe.Recipe`, and so are the next three."""
    peak_learning_rate: float = 2e-3
    warmup: float = 0.1
    beta2: float = 0.999
    bfloat16: bool = True
    """Whether to compute in bf16 on devices that are faster at it."""
    gain: float = 0.12
    """Standard deviation of the logarithm of a factor for a page's darkness, drawn anew for every page."""

    def __post_init__(self) -> None:
        for name in ("pages", "validation_pages", "glyphs", "epochs", "batch_size"):
            value = getattr(self, name)
            require(value >= 1, name.replace("_", " "), value, "1 or more")


@dataclass(frozen=True)
class FinderTask:
    """A `task.Task`: each epoch every page once; the metric is F1 of the finds on the validation pages."""

    training: PageSet
    validation: PageSet
    recipe: FinderRecipe
    seed: int
    device: torch.device

    @property
    def steps(self) -> int:
        """As in `Task`."""
        return -(-len(self.training) // self.recipe.batch_size)

    def batches(self, epoch: int, network: nn.Module) -> Iterator[Batch]:  # noqa: ARG002
        """Pages, each a little darker or lighter, with what is to be found on them."""
        shuffle, changes = generators(self.seed, epoch, self.device)
        for which in torch.randperm(len(self.training), generator=shuffle).split(self.recipe.batch_size):
            batch = _load(self.training, which, self.device)
            gain = torch.randn((len(which), 1, 1, 1), generator=changes, device=self.device)
            inputs = pages_to_inputs(batch.page) * (self.recipe.gain * gain).exp()
            yield Batch(inputs.clamp_(max=1), batch, len(which))

    def loss(self, outputs: Tensor, target: PageBatch) -> Losses:
        """The sum of the parts."""
        loss = torch.stack(list(finder_losses(outputs.float(), target).values())).sum()
        return Losses(loss, loss.detach())

    @torch.inference_mode()
    def evaluate(self, network: nn.Module) -> tuple[float, float]:
        """Mean loss, and F1 of the finds on the validation pages."""
        network.eval()
        losses, maps = [], []
        for which in torch.arange(len(self.validation)).split(self.recipe.batch_size):
            batch = _load(self.validation, which, self.device)
            outputs = network(pages_to_inputs(batch.page))
            losses.append(self.loss(outputs, batch).learned.item() * len(which))
            maps.append(outputs.cpu().numpy())
        score = judge_finds(np.concatenate(maps), self.validation).score
        return sum(losses) / len(self.validation), score


def finder_task(data: DataSet, recipe: FinderRecipe, seed: int, device: torch.device, run: Path) -> FinderTask:
    """The task of pages that are written with the digits of `data`; they are kept in the folder `run`.

    Raises:
        UsageError: `data` is not of digits.
    """
    if data.class_names != DIGITS:
        raise UsageError("the finder is trained on pages of digits; leave --data out, or name one of MNIST")
    folder = run / "pages"
    if not folder.exists():
        write_pages(folder, digits_to_write(data.train, recipe.glyphs, seed), seed, range(0, 2 * recipe.pages, 2))
    return FinderTask(open_pages(folder), validation_pages(data, recipe, seed), recipe, seed, device)


def validation_pages(data: DataSet, recipe: FinderRecipe, seed: int) -> PageSet:
    """The pages that a finder was not trained on."""
    glyphs = digits_to_write(data.validation, max(1, recipe.glyphs // 8), seed)
    return make_pages(glyphs, seed, range(1, 2 * recipe.validation_pages, 2))


def evaluate_finder(answer: Callable[[NDArray[np.uint8]], NDArray[np.float32]], data: DataSet) -> FindingRecord:
    """What is found on the validation pages of the default recipe and seed 0, when `answer` has the values of maps,
    (N, 55, H/4, W/4), for pages (N, H, W)."""
    pages = validation_pages(data, FinderRecipe(), 0)
    return judge_finds(answer(pages.page), pages)


def pages_to_inputs(pages: Tensor) -> Tensor:
    """Float inputs (N, 1, H, W), 0 = paper, 1 = full ink, of (N, 1, H, W) uint8 pages."""
    return pages.float().div_(255).contiguous(memory_format=torch.channels_last)


def recipe_from_dict(values: dict[str, Any]) -> FinderRecipe:
    """The recipe that `recipe.to_dict` wrote.

    Raises:
        TypeError: a field is unknown.
        UsageError: a value is impossible.
    """
    return FinderRecipe(**values)


def _load(pages: PageSet, which: Tensor, device: torch.device) -> PageBatch:
    """Those pages, on the device; they are read in the order in which they lie on disk."""
    index = np.sort(which.numpy())
    page, bits, owner, boxes, states = (
        torch.from_numpy(array[index]).to(device)
        for array in (pages.page, pages.bits, pages.owner, pages.boxes, pages.states)
    )
    return PageBatch(page.unsqueeze(1), bits.unsqueeze(1), owner.long(), boxes.float(), states)
