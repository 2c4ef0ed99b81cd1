"""What a training leaves behind: one file of plain types and tensors from which it can go on, bit for bit."""

import dataclasses
import io
import math
import platform
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from edgemnist import __version__
from edgemnist.atomic import write_bytes
from edgemnist.data.regular import read_regular
from edgemnist.errors import ModelError, UsageError, reason_of
from edgemnist.train import recipe as recipes
from edgemnist.train.kinds import KINDS
from edgemnist.train.network import DENSE
from edgemnist.train.task import TrainingRecipe
from edgemnist.train.taught import Taught, from_content, to_content

MAX_BYTES = 256 * 2**20
"""Of a checkpoint's file: fifty times the largest of ours."""


LESSON_FORMAT = 3
"""The first version of checkpoints with a lesson."""


@dataclass(frozen=True)
class EpochRecord:
    """What is known of one finished epoch."""

    epoch: int
    """1 for the first."""
    loss: float
    """Mean over the training inputs, as augmented, while they were learned from."""
    validation_loss: float
    """Mean over the validation data."""
    validation_accuracy: float
    """0 to 1; of a finder its own metric."""
    learning_rate: float
    """Of the epoch's last step."""


@dataclass(frozen=True)
class Checkpoint:
    """A training after some whole epoch; nothing in it depends on when or where it was made."""

    recipe: TrainingRecipe
    """Its `kind` says which network it is."""
    seed: int
    """The random numbers of each epoch follow from it and the epoch, so that no generator's state is kept."""
    class_names: tuple[str, ...]
    """Ten names, position = class index; none of a finder."""
    data_sha256: str
    """`DataSet.sha256` of the data it was trained on; of a lesson, of what was mixed in."""
    data_canonical: bool
    """Whether that is MNIST itself, byte for byte."""
    state: dict[str, Tensor]
    """The network's state dict, on the CPU."""
    optimizer: dict[int, dict[str, Tensor]]
    """Adam's memory for each parameter, by position; empty before the first step and after the last."""
    history: tuple[EpochRecord, ...]
    """One record for each finished epoch."""
    versions: dict[str, str]
    """Of edgemnist, Python, torch and numpy."""
    taught: Taught | None = None
    """Of a lesson: the digits of one hand, beside the data."""

    @property
    def epoch(self) -> int:
        """Epochs finished so far; 0 before the first step."""
        return len(self.history)


def library_versions() -> dict[str, str]:
    """What this process runs on, by name."""
    return {
        "edgemnist": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
    }


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint to `path`, whole or not at all; equal checkpoints make equal bytes.

    Raises:
        StorageError: writing fails.
    """
    content = {field.name: getattr(checkpoint, field.name) for field in dataclasses.fields(checkpoint)}
    taught = content.pop("taught")
    content |= {
        "format_version": KINDS[checkpoint.recipe.kind].checkpoint_format,
        "recipe": recipes.to_dict(checkpoint.recipe),
        "class_names": list(checkpoint.class_names),
        "history": [dataclasses.asdict(record) for record in checkpoint.history],
    }
    if checkpoint.recipe.kind != "classifier":  # those of version 1 have no such key
        content["network"] = checkpoint.recipe.kind
    if taught:
        content |= {"format_version": LESSON_FORMAT, "taught": to_content(taught)}
    # Into memory first: torch.save names the archive inside the file after the path it is given.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_bytes(path, buffer.getvalue())


def load_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint in `path`, on the CPU.

    Raises:
        ModelError: missing, damaged, not ours, of a newer format, or with weights that do not fit or are not finite.
    """
    return parse_checkpoint(read_checkpoint(path), path)


def read_checkpoint(path: Path) -> bytes:
    """The content of the file `path`.

    Raises:
        ModelError: missing, no file, or larger than `MAX_BYTES`.
    """
    try:
        content = read_regular(path, MAX_BYTES)
    except OSError as error:
        raise ModelError(f"cannot read the checkpoint {path}: {error.strerror}") from error
    if content is None:
        raise ModelError(f"{path} is larger than {MAX_BYTES:,} bytes: that is not a checkpoint of edgemnist")
    return content


def parse_checkpoint(content: bytes, path: Path) -> Checkpoint:
    """The checkpoint in the `content` of the file `path`.

    Raises:
        ModelError: as `load_checkpoint`.
    """
    try:
        _require_plain_archive(content)
        fields = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged or hostile file makes torch's unpickler raise
        raise ModelError(f"{path} is not a checkpoint of edgemnist, or it is damaged") from error
    version = fields.get("format_version") if isinstance(fields, dict) else None
    if type(version) is not int:
        raise ModelError(f"{path} was written by torch, but is not a checkpoint of edgemnist")
    if version > LESSON_FORMAT:
        raise ModelError(
            f"{path} has format version {version}, and this edgemnist reads up to {LESSON_FORMAT}: upgrade edgemnist"
        )
    try:
        return _from_content(fields)
    except (TypeError, LookupError, ValueError, AttributeError, ArithmeticError, RuntimeError, UsageError) as error:
        raise ModelError(f"{path} is a damaged checkpoint: {reason_of(error)}") from error


def _require_plain_archive(content: bytes) -> None:
    """Prove that nothing in the archive unpacks to more than it is: torch.save stores and never packs."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("a packed member")
    if sum(member.file_size for member in members) > len(content):
        raise ValueError("members larger than the file")


def build_network(checkpoint: Checkpoint) -> nn.Module:
    """The checkpoint's network in eval mode, BatchNorm unfolded: what parity is measured against."""
    network = KINDS[checkpoint.recipe.kind].network()
    network.load_state_dict(checkpoint.state)
    return network.eval()


def _from_content(content: dict[str, Any]) -> Checkpoint:
    values = {name: value for name, value in content.items() if name not in ("format_version", "network")}
    kind = KINDS[content.get("network", "classifier")]
    values["recipe"] = kind.recipe(values["recipe"])
    values["class_names"] = tuple(values["class_names"])
    values["taught"] = from_content(values["taught"]) if "taught" in values else None
    values["history"] = tuple(EpochRecord(**record) for record in values["history"])
    checkpoint = Checkpoint(**values)
    if len(checkpoint.class_names) != kind.class_count:
        raise ValueError(f"{len(checkpoint.class_names)} class names instead of {kind.class_count}")
    is_lesson = isinstance(checkpoint.recipe, recipes.Recipe) and checkpoint.recipe.lesson.steps > 0
    if is_lesson != (checkpoint.taught is not None):
        raise ValueError("a lesson and its digits go together")
    _check_plain(checkpoint)
    network = kind.network()
    _check_tensors("weights", checkpoint.state, network.state_dict())
    for index, (name, parameter) in enumerate(network.named_parameters()):
        learns = checkpoint.taught is None or name.startswith(DENSE)
        if checkpoint.optimizer and learns:
            moments = {"step": torch.zeros(()), "exp_avg": parameter, "exp_avg_sq": parameter}
            _check_tensors("optimizer", checkpoint.optimizer[index], moments)
    return checkpoint


def _check_plain(checkpoint: Checkpoint) -> None:
    texts = (*checkpoint.class_names, checkpoint.data_sha256, *checkpoint.versions, *checkpoint.versions.values())
    for text in texts:
        if type(text) is not str or not text.isprintable():
            raise TypeError(f"{text!r:.60} is no text")
    if type(checkpoint.seed) is not int or type(checkpoint.data_canonical) is not bool:
        raise TypeError("the seed or the origin of the data is of a wrong type")
    for position, record in enumerate(checkpoint.history, start=1):
        numbers = (record.loss, record.validation_loss, record.validation_accuracy, record.learning_rate)
        if record.epoch != position or not all(type(number) is float and math.isfinite(number) for number in numbers):
            raise TypeError(f"the record of epoch {position} is not one")


def _check_tensors(what: str, found: dict[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    if found.keys() != wanted.keys():
        raise ValueError(f"its {what} are not those of the network")
    for name, tensor in wanted.items():
        if found[name].shape != tensor.shape or found[name].dtype != tensor.dtype:
            raise ValueError(f"{what} {name} is {tuple(found[name].shape)} instead of {tuple(tensor.shape)}")
        if not found[name].isfinite().all():
            raise ValueError(f"{what} {name} is not finite")
