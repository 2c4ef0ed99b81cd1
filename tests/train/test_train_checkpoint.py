import dataclasses
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from edgemnist.data import DIGITS, DataSet
from edgemnist.errors import ModelError
from edgemnist.train import loop
from edgemnist.train.checkpoint import Checkpoint, build_network, library_versions, load_checkpoint, save_checkpoint
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import default_recipe
from edgemnist.train.runs import checkpoint_path


@pytest.fixture(scope="module")
def trained(tiny: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """After the first of two epochs: the last one's has no moments of the optimizer."""
    run = tmp_path_factory.mktemp("run")

    def stop_after_an_epoch(event: StepDone | EpochDone) -> None:
        if isinstance(event, EpochDone):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.train(tiny, default_recipe(2), run, seed=4, device="cpu", progress=stop_after_an_epoch)
    return load_checkpoint(checkpoint_path(run))


def rewrite(path: Path, checkpoint: Checkpoint, change: Callable[[dict[str, Any]], object]) -> Path:
    """Save the checkpoint with its content changed behind the back of `save_checkpoint`."""
    save_checkpoint(path, checkpoint)
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(path), "FILE")


def test_checkpoint_comes_back_as_it_was_saved(trained: Checkpoint, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint.pt", trained)
    found = load_checkpoint(tmp_path / "checkpoint.pt")
    tensors = ("state", "optimizer")
    for field in dataclasses.fields(Checkpoint):
        if field.name not in tensors:
            assert getattr(found, field.name) == getattr(trained, field.name)
    assert (found.epoch, found.seed, found.class_names) == (1, 4, DIGITS)
    assert found.versions == library_versions()
    assert all(torch.equal(found.state[name], tensor) for name, tensor in trained.state.items())
    assert len(trained.optimizer) == len(list(build_network(trained).parameters()))
    for index, moments in trained.optimizer.items():
        assert all(torch.equal(found.optimizer[index][name], tensor) for name, tensor in moments.items())


def test_equal_checkpoints_make_equal_bytes_wherever_they_are_written(trained: Checkpoint, tmp_path: Path) -> None:
    for name in ("first.pt", "folder/second.pt", "folder/third"):
        save_checkpoint(tmp_path / name, trained)
    assert (tmp_path / "first.pt").read_bytes() == (tmp_path / "folder/second.pt").read_bytes()
    assert (tmp_path / "first.pt").read_bytes() == (tmp_path / "folder/third").read_bytes()
    save_checkpoint(tmp_path / "again.pt", load_checkpoint(tmp_path / "first.pt"))
    assert (tmp_path / "first.pt").read_bytes() == (tmp_path / "again.pt").read_bytes()


def test_built_network_is_the_saved_one_in_eval_mode(trained: Checkpoint) -> None:
    network = build_network(trained)
    assert not network.training
    assert all(torch.equal(network.state_dict()[name], tensor) for name, tensor in trained.state.items())


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.pt") == "cannot read the checkpoint FILE: No such file or directory"


def test_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "cannot read the checkpoint FILE: Is a directory"


@pytest.mark.parametrize("content", [b"", b"\n", b"not a checkpoint, just text\n", b"PK\x03\x04", b"\x80\x02}q\x00."])
def test_files_of_other_kinds_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.pt"
    path.write_bytes(content)
    assert refusal(path) == "FILE is not a checkpoint of edgemnist, or it is damaged"


def test_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert refusal(path) == "FILE is not a checkpoint of edgemnist, or it is damaged"


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99, 0.99999])
def test_truncated_checkpoint_is_refused(share: float, trained: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, trained)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert refusal(path) == "FILE is not a checkpoint of edgemnist, or it is damaged"


class Bomb:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


def test_hostile_pickle_is_refused_and_never_run(trained: Checkpoint, tmp_path: Path) -> None:
    path, trace = tmp_path / "checkpoint.pt", tmp_path / "executed"
    torch.save({"format_version": 1, "state": Bomb(trace)}, path)
    assert refusal(path) == "FILE is not a checkpoint of edgemnist, or it is damaged"
    path.write_bytes(pickle.dumps(Bomb(trace)))
    assert refusal(path) == "FILE is not a checkpoint of edgemnist, or it is damaged"
    assert not trace.exists()


@pytest.mark.parametrize("content", [{"state": {}}, [1, 2], torch.zeros(3), {"format_version": "1"}])
def test_foreign_torch_file_is_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "file.pt")
    assert refusal(tmp_path / "file.pt") == "FILE was written by torch, but is not a checkpoint of edgemnist"


def test_newer_format_is_refused(trained: Checkpoint, tmp_path: Path) -> None:
    path = rewrite(tmp_path / "checkpoint.pt", trained, lambda content: content.update(format_version=4))
    assert refusal(path) == "FILE has format version 4, and this edgemnist reads up to 3: upgrade edgemnist"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.pop("recipe"), "'recipe'"),
        (lambda c: c.pop("seed"), "missing 1 required positional argument: 'seed'"),
        (lambda c: c.update(surprise=1), "unexpected keyword argument 'surprise'"),
        (lambda c: c["recipe"].update(epochs=-1), "epochs -1 is not possible"),
        (lambda c: c.update(history=[{"epoch": 1}]), "missing 4 required positional arguments"),
        (lambda c: c.update(class_names=["a", "b"]), "2 class names instead of 10"),
        (lambda c: c.update(state=3), "'int' object has no attribute 'keys'"),
        (lambda c: c["state"].pop("conv1.bias"), "its weights are not those of the network"),
        (
            lambda c: c["state"].update({"dense2.bias": torch.zeros(11)}),
            r"weights dense2.bias is (11,) instead of (10,)",
        ),
        (lambda c: c["state"]["bn2.running_var"].fill_(torch.nan), "weights bn2.running_var is not finite"),
        (lambda c: c["state"]["dense1.weight"][5].fill_(torch.inf), "weights dense1.weight is not finite"),
        (lambda c: c["optimizer"].pop(3), "3"),
        (lambda c: c["optimizer"][11].update(exp_avg=torch.zeros(1)), "optimizer exp_avg is (1,) instead of (10,)"),
    ],
)
def test_damaged_content_is_refused(
    change: Callable[[dict[str, Any]], object], reason: str, trained: Checkpoint, tmp_path: Path
) -> None:
    message = refusal(rewrite(tmp_path / "checkpoint.pt", trained, change))
    assert message.startswith("FILE is a damaged checkpoint: ")
    assert reason in message
