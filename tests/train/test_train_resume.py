"""What kill -9, Ctrl-C and a full disk may do to a training, and what they may not."""

import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from edgemnist.data import DataSet
from edgemnist.errors import StorageError, UsageError
from edgemnist.train import loop
from edgemnist.train.checkpoint import load_checkpoint
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import default_recipe

CHILD = Path(__file__).with_name("training_child.py")
RECIPE = default_recipe(epochs=4, batch_size=100)


def run_child(run: Path, stop_at: str = "") -> None:
    """Run the child to its end, or kill it without warning where it stops."""
    command = [sys.executable, str(CHILD), str(run), stop_at]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == (f"at {stop_at}" if stop_at else "finished")
        child.kill() if stop_at else child.wait()
    assert child.returncode == (-9 if stop_at else 0)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    run = tmp_path_factory.mktemp("uninterrupted")
    run_child(run)
    return (run / "checkpoint.pt").read_bytes()


def test_killed_training_ends_with_the_same_bytes(tmp_path: Path, uninterrupted: bytes) -> None:
    chance = random.Random(0)
    # Each time it goes on: killed in a step, then half-way through writing, four steps and four files an epoch.
    run_child(tmp_path, f"step:1:{chance.randint(1, 4)}")
    run_child(tmp_path, f"write:{chance.randint(3, 5)}")
    assert list(tmp_path.glob(".*part"))
    run_child(tmp_path, f"step:{chance.randint(2, 4)}:{chance.randint(1, 4)}")
    run_child(tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == uninterrupted
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"checkpoint.pt", "config.json", "metrics.jsonl", "curves.png"}


def test_training_killed_before_its_first_checkpoint_can_begin_again(tmp_path: Path, uninterrupted: bytes) -> None:
    run_child(tmp_path, "write:1")
    run_child(tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == uninterrupted


def test_interrupt_passes_through_and_leaves_a_checkpoint_to_go_on_from(tiny: DataSet, tmp_path: Path) -> None:
    def interrupt(event: StepDone | EpochDone) -> None:
        if isinstance(event, StepDone) and (event.epoch, event.step) == (3, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop.train(tiny, RECIPE, tmp_path, seed=0, device="cpu", progress=interrupt)
    assert load_checkpoint(tmp_path / "checkpoint.pt").epoch == 2
    assert loop.resume(tiny, tmp_path, device="cpu", progress=lambda event: None).epoch == 4


def test_full_disk_leaves_the_earlier_checkpoint(tiny: DataSet, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill_disk(event: StepDone | EpochDone) -> None:
        if isinstance(event, EpochDone):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))

    try:
        with pytest.raises(StorageError, match=r"cannot write .*checkpoint\.pt: File too large"):
            loop.train(tiny, RECIPE, tmp_path, seed=0, device="cpu", progress=fill_disk)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert load_checkpoint(tmp_path / "checkpoint.pt").epoch == 1
    assert not list(tmp_path.glob(".*part"))


def test_finished_training_takes_no_step(tiny: DataSet, tmp_path: Path) -> None:
    last = loop.train(tiny, default_recipe(1), tmp_path, seed=0, device="cpu", progress=lambda event: None)
    before = (tmp_path / "checkpoint.pt").read_bytes()
    events: list[object] = []
    again = loop.resume(tiny, tmp_path, device="cpu", progress=events.append)
    assert not events
    assert again.history == last.history
    assert again.optimizer == {}
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_resuming_with_other_data_is_refused(tiny: DataSet, mnist: DataSet, tmp_path: Path) -> None:
    loop.begin(tiny, RECIPE, tmp_path, seed=0)
    with pytest.raises(UsageError, match=r"begun with other data: SHA-256 5e5e5e5e5e5e\.\.\., not "):
        loop.resume(mnist, tmp_path, device="cpu", progress=lambda event: None)


def test_folder_with_a_training_is_not_overwritten(tiny: DataSet, tmp_path: Path) -> None:
    loop.begin(tiny, RECIPE, tmp_path, seed=0)
    with pytest.raises(UsageError, match="already holds a training: resume it, or choose another folder"):
        loop.begin(tiny, RECIPE, tmp_path, seed=0)
