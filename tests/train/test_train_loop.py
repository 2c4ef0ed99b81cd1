import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from edgemnist.data import DataSet, Split
from edgemnist.errors import CheckError, StorageError, UsageError
from edgemnist.train import epoch as epoch_module
from edgemnist.train import loop
from edgemnist.train.amounts import NEARLY_NONE, NONE, Augmentation
from edgemnist.train.checkpoint import Checkpoint, build_network, load_checkpoint
from edgemnist.train.classifier import classifier_task
from edgemnist.train.epoch import train_epoch
from edgemnist.train.learner import load_learner
from edgemnist.train.progress import EpochDone, Progress, StepDone
from edgemnist.train.recipe import Recipe, default_recipe, learning_rate, plain_recipe

BF16_SIMILARITY = 0.95
"""Cosine between the changes of the weights; measured 0.990."""


def ignore(event: StepDone | EpochDone) -> None:
    pass


def train(data: DataSet, run: Path, recipe: Recipe, seed: int = 0, progress: Progress = ignore) -> Checkpoint:
    return loop.train(data, recipe, run, seed=seed, device="cpu", progress=progress)


def test_training_learns(tiny: DataSet, tmp_path: Path) -> None:
    checkpoint = train(tiny, tmp_path, default_recipe(epochs=3, batch_size=32))
    assert checkpoint.history[-1].validation_accuracy == 1.0
    assert checkpoint.history[-1].loss < checkpoint.history[0].loss


def test_same_seed_makes_the_same_bytes_and_another_seed_others(tiny: DataSet, tmp_path: Path) -> None:
    recipe = default_recipe(epochs=4, batch_size=64)
    contents = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(tiny, tmp_path / name, recipe, seed)
        contents.append((tmp_path / name / "checkpoint.pt").read_bytes())
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_run_folder_holds_what_the_documentation_names(tiny: DataSet, tmp_path: Path) -> None:
    recipe = default_recipe(epochs=2, batch_size=64)
    checkpoint = train(tiny, tmp_path, recipe, seed=5)
    metrics = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert metrics == [dataclasses.asdict(record) for record in checkpoint.history]
    assert [record["epoch"] for record in metrics] == [1, 2]
    config = json.loads((tmp_path / "config.json").read_text())
    fields = dataclasses.asdict(recipe)
    assert not any(fields.pop("lesson").values())  # only lessons write theirs
    assert config["recipe"] == fields
    assert (config["seed"], config["data_sha256"], config["data_canonical"]) == (5, tiny.sha256, False)
    with Image.open(tmp_path / "curves.png") as curves:
        assert curves.size == (1200, 480)


def test_progress_tells_every_step_and_epoch(tiny: DataSet, tmp_path: Path) -> None:
    events: list[StepDone | EpochDone] = []
    recipe = default_recipe(epochs=2, batch_size=128)
    checkpoint = train(tiny, tmp_path, recipe, progress=events.append)
    # 330 images: two batches of 128 and one of 74.
    assert events[:3] == [StepDone(1, 2, step, 3) for step in (1, 2, 3)]
    assert [type(event) for event in events] == 2 * [StepDone, StepDone, StepDone, EpochDone]
    last = events[-1]
    assert isinstance(last, EpochDone)
    assert last.record == checkpoint.history[-1]
    assert last.record.learning_rate == learning_rate(recipe, 5, 6)
    assert last.seconds > 0


def test_checkpoint_is_written_before_its_epoch_is_told(tiny: DataSet, tmp_path: Path) -> None:
    found: list[int] = []

    def look(event: StepDone | EpochDone) -> None:
        epoch = load_checkpoint(tmp_path / "checkpoint.pt").epoch
        expected = event.record.epoch if isinstance(event, EpochDone) else event.epoch - 1
        assert epoch == expected
        found.append(epoch)

    train(tiny, tmp_path, default_recipe(epochs=2), progress=look)
    assert found[-1] == 2


def inputs_of_epoch(data: DataSet, recipe: Recipe, run: Path, epoch: int) -> list[torch.Tensor]:
    """Everything the network is given in one epoch, batch by batch."""
    learner = load_learner(loop.begin(data, recipe, run, seed=0), torch.device("cpu"))
    seen: list[torch.Tensor] = []
    learner.network.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    train_epoch(learner, classifier_task(data, recipe, 0, torch.device("cpu"), run), epoch, ignore)
    return seen


def test_every_image_is_learned_from_once_an_epoch(tiny: DataSet, tmp_path: Path) -> None:
    seen = inputs_of_epoch(tiny, plain_recipe(epochs=1, batch_size=100), tmp_path, 1)
    assert [len(batch) for batch in seen] == [100, 100, 100, 30]
    images = (torch.cat(seen) * 255).round().to(torch.uint8).numpy().reshape(-1, 784)
    wanted = tiny.train.images.reshape(-1, 784)
    assert not np.array_equal(images, wanted)
    assert np.array_equal(np.unique(images, axis=0), np.unique(wanted, axis=0))


def test_every_epoch_has_an_order_and_changes_of_its_own(tiny: DataSet, tmp_path: Path) -> None:
    same = dataclasses.replace(tiny, train=Split(np.repeat(tiny.train.images[:1], 50, 0), np.zeros(50, np.int64)))
    for name, data, recipe in (("order", tiny, plain_recipe(5)), ("changes", same, default_recipe(5))):
        first, second = (inputs_of_epoch(data, recipe, tmp_path / f"{name}{epoch}", epoch)[0] for epoch in (1, 2))
        assert not torch.equal(first, second)


@pytest.mark.parametrize(("clean", "least", "most"), [(NONE, 1.0, 1.0), (NEARLY_NONE, 0.75, 0.92)])
def test_clean_epochs_come_last(clean: Augmentation, least: float, most: float, tiny: DataSet, tmp_path: Path) -> None:
    recipe = dataclasses.replace(default_recipe(epochs=4), clean=clean)
    first, second = (torch.cat(inputs_of_epoch(tiny, recipe, tmp_path / str(epoch), epoch)) for epoch in (1, 2))

    def unchanged(inputs: torch.Tensor) -> float:
        sums = (inputs * 255).sum((1, 2, 3)).round()
        return float(np.isin(sums, tiny.train.images.sum((1, 2))).mean())

    assert unchanged(first) < 0.1
    assert least <= unchanged(second) <= most


def test_one_clean_step_is_adam_by_hand(tiny: DataSet, tmp_path: Path) -> None:
    recipe = dataclasses.replace(plain_recipe(epochs=1, batch_size=len(tiny.train)), bfloat16=False)
    start = loop.begin(tiny, recipe, tmp_path, seed=0)
    inputs = torch.from_numpy(tiny.train.images).unsqueeze(1) / 255
    reference = build_network(start).train()
    logits = reference(inputs)
    picked = logits.log_softmax(1)[torch.arange(len(logits)), torch.from_numpy(tiny.train.labels)]
    (-picked.mean()).backward()
    finished = loop.resume(tiny, tmp_path, device="cpu", progress=ignore)
    for name, parameter in reference.named_parameters():
        gradient = parameter.grad
        assert gradient is not None
        # The first step of Adam: both moments are the gradient's own, so only its sign and epsilon count.
        step = 1e-3 * gradient / (gradient.abs() + 1e-8)
        clear = gradient.abs() > 1e-4  # below that, as in biases before BatchNorm, rounding decides the sign
        change = start.state[name] - finished.state[name]
        assert torch.allclose(change[clear], step[clear], atol=1e-6)


def test_a_step_in_bf16_goes_the_way_of_float32(tiny: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch_module, "has_bfloat16", lambda device: True)
    weights = []
    for in_bfloat16 in (False, True):
        recipe = dataclasses.replace(plain_recipe(epochs=1, batch_size=len(tiny.train)), bfloat16=in_bfloat16)
        state = train(tiny, tmp_path / str(in_bfloat16), recipe).state
        assert all(value.dtype != torch.bfloat16 for value in state.values())
        weights.append(torch.cat([value.flatten() for name, value in state.items() if name.endswith("weight")]))
    start = loop.begin(tiny, recipe, tmp_path / "start", seed=0).state
    before = torch.cat([value.flatten() for name, value in start.items() if name.endswith("weight")])
    similarity = torch.cosine_similarity(weights[0] - before, weights[1] - before, dim=0)
    assert BF16_SIMILARITY < similarity < 1


def test_evaluation_matches_numpy(tiny: DataSet, tmp_path: Path) -> None:
    recipe = default_recipe(epochs=1)
    network = build_network(train(tiny, tmp_path, recipe))
    loss, accuracy = classifier_task(tiny, recipe, 0, torch.device("cpu"), tmp_path).evaluate(network)
    with torch.no_grad():
        logits = network(torch.from_numpy(tiny.validation.images).unsqueeze(1) / 255).double().numpy()
    log_sums = np.log(np.exp(logits).sum(1))
    labels = tiny.validation.labels
    assert loss == pytest.approx((log_sums - logits[np.arange(len(labels)), labels]).mean(), rel=1e-5)
    assert accuracy == (logits.argmax(1) == labels).mean()


def test_fine_tuning_begins_with_the_weights_of_the_checkpoint(tiny: DataSet, tmp_path: Path) -> None:
    first = train(tiny, tmp_path / "first", default_recipe(epochs=2, batch_size=32))
    begun = loop.begin(tiny, default_recipe(epochs=1), tmp_path / "second", seed=9, initial=first)
    assert (begun.epoch, begun.optimizer, begun.seed) == (0, {}, 9)
    assert all(torch.equal(begun.state[name], first.state[name]) for name in first.state)
    tuned = loop.resume(tiny, tmp_path / "second", device="cpu", progress=ignore)
    assert tuned.history[0].loss < first.history[0].loss


def test_loss_that_is_not_finite_stops_with_the_last_good_checkpoint(tiny: DataSet, tmp_path: Path) -> None:
    recipe = dataclasses.replace(plain_recipe(epochs=3), peak_learning_rate=1e30)
    with pytest.raises(CheckError) as caught:
        train(tiny, tmp_path, recipe)
    path = tmp_path / "checkpoint.pt"
    assert str(caught.value) == f"the loss is no longer finite in epoch 1; epoch 0 is kept in {path}"
    assert load_checkpoint(path).epoch == 0


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_impossible_seed_is_refused_and_leaves_nothing(tiny: DataSet, tmp_path: Path, seed: int) -> None:
    with pytest.raises(UsageError, match=f"seed {seed} is not possible"):
        train(tiny, tmp_path / "run", default_recipe(1), seed)
    assert not (tmp_path / "run").exists()


def test_missing_device_is_refused_and_leaves_nothing(tiny: DataSet, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown device 'tpu'"):
        loop.train(tiny, default_recipe(1), tmp_path / "run", seed=0, device="tpu", progress=ignore)
    assert not (tmp_path / "run").exists()


def test_run_folder_below_a_file_is_refused(tiny: DataSet, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        train(tiny, tmp_path / "file" / "run", default_recipe(1))
