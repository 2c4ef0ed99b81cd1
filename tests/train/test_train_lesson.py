"""A lesson: one hand's digits learned beside others, and those remembered."""

import dataclasses

import numpy as np
import pytest
import torch
from tiny_data import make_tiny

from edgemnist.data import DIGITS, DataSet, Split
from edgemnist.errors import ModelError, UsageError
from edgemnist.train import loop, start
from edgemnist.train.amounts import Lesson
from edgemnist.train.checkpoint import build_network, load_checkpoint, save_checkpoint
from edgemnist.train.lesson import _cycle, lesson_task
from edgemnist.train.network import DENSE, DigitCnn
from edgemnist.train.predict import predict_logits
from edgemnist.train.recipe import Recipe, default_recipe, lesson_recipe
from edgemnist.train.start import Wish, comparison, first_look, prepare
from edgemnist.train.taught import own_digits, too_few

CPU = torch.device("cpu")
SHA = "1f" * 32
SUM_TOLERANCE = 1e-5
"""Float32 sums in another order; measured 4.8e-7."""
FEATURE_TOLERANCE = 1e-6
"""Measured 0."""


def small(epochs: int = 2, **changes: float) -> Recipe:
    lesson = Lesson(**({"steps": 6, "share": 0.25, "images": 50, "outliers": 20, "memory": 0.3} | changes))
    return dataclasses.replace(lesson_recipe(epochs, 32), bfloat16=False, lesson=lesson)


@pytest.fixture(scope="module")
def initial(tiny, tmp_path_factory):
    """A network that knows the tiny data."""
    run = tmp_path_factory.mktemp("initial")
    return loop.train(tiny, default_recipe(2, 32), run, seed=0, device="cpu", progress=lambda event: None)


@pytest.fixture(scope="module")
def own() -> DataSet:
    """A hand that writes the tiny data's classes elsewhere: their squares are moved by four rows."""
    data = make_tiny(80, 60)
    splits = (Split(np.roll(split.images, 4, 1), split.labels) for split in (data.train, data.validation))
    return own_digits(*splits)


def teach(tiny, own, initial, run, recipe, seed=0):
    loop.begin(tiny, recipe, run, seed=seed, initial=initial, taught=first_look(initial, SHA, own, tiny))
    return loop.resume(tiny, run, device="cpu", progress=lambda event: None)


def right(checkpoint, split) -> float:
    return float((predict_logits(build_network(checkpoint), split.images).argmax(1) == split.labels).mean())


def test_own_digits_are_learned_and_the_others_remembered(tiny, own, initial, tmp_path):
    after = teach(tiny, own, initial, tmp_path, small(1, steps=40))
    assert right(initial, own.validation) < 0.7
    assert right(after, own.validation) > 0.9  # measured 0.62 before, 1.0 after
    assert right(after, tiny.validation) >= right(initial, tiny.validation) - 0.02


def test_only_the_dense_layers_learn(tiny, own, initial, tmp_path):
    after = teach(tiny, own, initial, tmp_path, small())
    moved = {name for name, value in after.state.items() if not torch.equal(value, initial.state[name])}
    assert moved == {f"{layer}.{what}" for layer in DENSE for what in ("weight", "bias")}


def test_the_logits_of_features_are_those_of_the_images():
    network = DigitCnn().eval()
    images = torch.rand(5, 1, 28, 28)
    with torch.no_grad():
        difference = (network(network.features(images)) - network(images)).abs().max()
    assert difference <= FEATURE_TOLERANCE


def test_the_loss_adds_how_far_the_logits_moved(tiny, own):
    task = lesson_task(dataclasses.replace(tiny, own=own), small(), 0, CPU)
    random = np.random.default_rng(0)
    labels, logits, before = random.integers(0, 10, 24), random.normal(size=(32, 10)), random.normal(size=(26, 10))
    found = task.loss(torch.tensor(logits).float(), (torch.tensor(labels), torch.tensor(before).float()))
    eleven = np.log(1 + np.exp(logits).sum(1))
    digits = (eleven[:24] - logits[np.arange(24), labels]).mean()
    wanted = digits + 0.05 * eleven[24:].mean() + 0.3 * ((logits[-26:] - before) ** 2).mean()
    assert abs(found.learned.item() - wanted) < SUM_TOLERANCE
    assert abs(found.told.item() - digits) < SUM_TOLERANCE


def test_each_batch_holds_both_and_the_same_epoch_the_same(tiny, own, initial):
    task = lesson_task(dataclasses.replace(tiny, own=own), small(), 0, CPU)
    network = build_network(initial)
    batches = list(task.batches(1, network))
    assert len(batches) == task.steps == 6
    for batch, again in zip(batches, task.batches(1, network), strict=True):
        labels, before = batch.target
        assert batch.inputs.shape == (32 + 8, 64, 7, 7)
        assert (len(labels), before.shape) == (32, (24 + 8, 10))
        assert torch.equal(batch.inputs, again.inputs)
        with torch.no_grad():
            assert torch.equal(network.eval()(batch.inputs)[-32:], before)
    other = next(iter(task.batches(2, network)))
    assert not torch.equal(other.inputs, batches[0].inputs)


def test_all_are_drawn_before_any_comes_again():
    drawn = _cycle(7, 30, torch.Generator().manual_seed(0))
    assert len(drawn) == 30
    for start_ in range(0, 28, 7):
        assert sorted(drawn[start_ : start_ + 7].tolist()) == list(range(7))


def test_an_interrupted_lesson_ends_with_the_same_bytes(tiny, own, initial, tmp_path):
    class Stop(Exception):  # noqa: N818
        pass

    def stop(event) -> None:
        if event.epoch == 2 if hasattr(event, "epoch") else False:
            raise Stop

    whole = teach(tiny, own, initial, tmp_path / "whole", small())
    recipe, run = small(), tmp_path / "broken"
    loop.begin(tiny, recipe, run, seed=0, initial=initial, taught=first_look(initial, SHA, own, tiny))
    with pytest.raises(Stop):
        loop.resume(tiny, run, device="cpu", progress=stop)
    assert load_checkpoint(run / "checkpoint.pt").epoch == 1
    loop.resume(tiny, run, device="cpu", progress=lambda event: None)
    assert (run / "checkpoint.pt").read_bytes() == (tmp_path / "whole" / "checkpoint.pt").read_bytes()
    assert whole.epoch == 2


def test_the_checkpoint_holds_the_digits(tiny, own, initial, tmp_path):
    teach(tiny, own, initial, tmp_path, small(1))
    taught = load_checkpoint(tmp_path / "checkpoint.pt").taught
    assert taught.initial_sha256 == SHA
    assert taught.own.sha256 == own.sha256
    for found, given in ((taught.own.train, own.train), (taught.own.validation, own.validation)):
        np.testing.assert_array_equal(found.images, given.images)
        np.testing.assert_array_equal(found.labels, given.labels)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.pop("taught"),
        lambda content: content["recipe"].pop("lesson"),
        lambda content: content["taught"].pop("train_images"),
        lambda content: content["taught"].update(train_images=torch.zeros(80, 28, 28)),
        lambda content: content["taught"].update(train_labels=torch.full((80,), 10)),
        lambda content: content["taught"].update(train_labels="no tensor"),
        lambda content: content["taught"].update(own_before=61),
        lambda content: content["taught"].update(accuracy_before=float("nan")),
        lambda content: content["recipe"]["lesson"].update(images=0),
        lambda content: content["recipe"]["outliers"].update(epochs=0),
    ],
)
def test_a_damaged_lesson_is_refused(tiny, own, initial, tmp_path, spoil):
    path = tmp_path / "checkpoint.pt"
    loop.begin(tiny, small(), tmp_path, seed=0, initial=initial, taught=first_look(initial, SHA, own, tiny))
    content = torch.load(path, weights_only=True)
    assert content["format_version"] == 3
    spoil(content)
    torch.save(content, path)
    with pytest.raises(ModelError, match="is a damaged checkpoint"):
        load_checkpoint(path)


def test_other_checkpoints_are_written_as_before(initial, tmp_path):
    save_checkpoint(tmp_path / "checkpoint.pt", initial)
    content = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert content["format_version"] == 1
    assert "taught" not in content
    assert "lesson" not in content["recipe"]


def some(counts: list[int]) -> Split:
    labels = np.repeat(np.arange(len(counts)), counts)
    return Split(np.zeros((len(labels), 28, 28), np.uint8), labels)


@pytest.mark.parametrize(
    ("judged", "line"),
    [
        ([5] * 10, "yours 2.0 -> 10.0 % (of 50), MNIST 99.50 -> 97.00 %"),
        ([4, 6, 0] + [5] * 7, "yours 2.2 -> 8.9 % (of 45; of 0, 2 too few to tell), MNIST 99.50 -> 97.00 %"),
        ([1] * 10, "yours 1 -> 1 of 10, too few to tell, MNIST 99.50 -> 97.00 %"),
        ([0] * 10, "yours 0 -> 0 of 0, too few to tell, MNIST 99.50 -> 97.00 %"),
    ],
)
def test_a_line_tells_both_figures_before_and_after(initial, judged, line):
    own = own_digits(some([1] * 10), some(judged))
    answer = int(predict_logits(build_network(initial), np.zeros((1, 28, 28), np.uint8)).argmax())
    # The network gives all blank images the same answer: make that answer class 0's.
    order = np.roll(np.arange(10), -answer)
    state = dict(initial.state)
    state["dense2.weight"], state["dense2.bias"] = (state[f"dense2.{name}"][order] for name in ("weight", "bias"))
    last = dataclasses.replace(initial.history[-1], validation_accuracy=0.97)
    checkpoint = dataclasses.replace(initial, state=state, history=(last,))
    before = min(1, len(own.validation))
    taught = start.Taught(own, SHA, own_before=before, accuracy_before=0.995)
    assert comparison(checkpoint, taught) == line
    assert too_few(own) == [str(label) for label in range(10) if judged[label] < 5]


def test_a_network_that_knows_no_digits_begins_no_lesson(tiny, initial, tmp_path, monkeypatch):
    names = tuple("abcdefghij")
    save_checkpoint(tmp_path / "letters.pt", dataclasses.replace(initial, class_names=names))
    own = dataclasses.replace(tiny, pictures=True, class_names=DIGITS)
    monkeypatch.setattr(start, "load_data", lambda path, announce: own)
    wish = Wish("classifier", tmp_path, tmp_path / "letters.pt", False, None, None, bfloat16=False)
    with pytest.raises(UsageError, match="letters.pt does not know digits yet"):
        prepare(wish, lambda line: None)
