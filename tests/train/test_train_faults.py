"""Run folders that two trainings want, foreign files in them, checkpoints that are broken or mean harm."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_data import make_tiny

from edgemnist.errors import ModelError, UsageError
from edgemnist.train import loop, runs
from edgemnist.train.checkpoint import load_checkpoint
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import default_recipe

RECIPE = default_recipe(epochs=1, batch_size=100)


def test_a_second_training_in_a_run_folder_is_refused(tmp_path: Path) -> None:
    data, refused = make_tiny(), []

    def meanwhile(event: StepDone | EpochDone) -> None:
        with pytest.raises(UsageError, match="another training is at work in") as caught:
            loop.resume(data, tmp_path, device="cpu", progress=lambda _: None)
        refused.append(caught.value.exit_code)

    assert loop.train(data, RECIPE, tmp_path, seed=0, device="cpu", progress=meanwhile).epoch == 1
    assert refused
    assert set(refused) == {2}


@pytest.mark.parametrize("name", ["config.json", "metrics.jsonl", "curves.png"])
def test_files_that_no_training_wrote_are_not_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("somebody's")
    with pytest.raises(UsageError, match=f"{name} is there and not from a training"):
        loop.begin(make_tiny(), RECIPE, tmp_path, seed=0)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "somebody's"


def test_training_removes_nobodys_files(tmp_path: Path) -> None:
    foreign = tmp_path / ".notes.abc.part"
    foreign.write_text("somebody's")
    loop.train(make_tiny(), RECIPE, tmp_path, seed=0, device="cpu", progress=lambda event: None)
    assert foreign.read_text() == "somebody's"


def test_runs_that_begin_in_the_same_second_get_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    class Clock:
        @staticmethod
        def now() -> Any:
            import datetime

            return datetime.datetime(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr(runs, "datetime", Clock)
    found = [runs.new_run_folder() for _ in range(3)]
    assert [str(run) for run in found] == [f"runs/20260102-030405{end}" for end in ("", "-2", "-3")]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    run = tmp_path_factory.mktemp("run")
    loop.train(make_tiny(), RECIPE, run, seed=0, device="cpu", progress=lambda event: None)
    return torch.load(run / "checkpoint.pt", weights_only=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", "0"),
        ("seed", True),
        ("class_names", [0] * 10),
        ("class_names", ["\x1b[31m", *"123456789"]),
        ("class_names", 5),
        ("data_sha256", None),
        ("data_canonical", "yes"),
        ("versions", []),
        ("versions", {"torch": 2}),
        ("history", [{"epoch": 1}]),
        ("history", [5]),
        ("history", None),
        ("recipe", []),
        ("recipe", None),
        ("state", []),
        ("state", {"conv1.weight": "text"}),
        ("optimizer", 7),
        ("optimizer", {0: None}),
        ("format_version", True),
        ("format_version", 10**400),
    ],
)
def test_fields_of_wrong_types_are_a_damaged_checkpoint(
    tmp_path: Path, content: dict[str, Any], name: str, value: Any
) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save(content | {name: value}, path)
    with pytest.raises(ModelError) as caught:
        load_checkpoint(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("name", "value"), [("epochs", 1.5), ("bfloat16", 1), ("schedule", None), ("epochs", True)])
def test_recipes_of_wrong_types_are_a_damaged_checkpoint(
    tmp_path: Path, content: dict[str, Any], name: str, value: Any
) -> None:
    torch.save(content | {"recipe": content["recipe"] | {name: value}}, tmp_path / "checkpoint.pt")
    with pytest.raises(ModelError, match="damaged checkpoint"):
        load_checkpoint(tmp_path / "checkpoint.pt")


def test_a_checkpoint_that_unpacks_to_more_than_it_is_is_refused_before_it_is_unpacked(
    tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO()
    torch.save(content, stream)
    path = tmp_path / "checkpoint.pt"
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in source.namelist():
            packed.writestr(name, source.read(name))
    monkeypatch.setattr(torch, "load", None)
    with pytest.raises(ModelError, match="is not a checkpoint of edgemnist, or it is damaged"):
        load_checkpoint(path)


def test_a_checkpoint_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(ModelError, match="no regular file"):
        load_checkpoint(Path("/dev/zero"))
