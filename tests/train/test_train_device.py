import dataclasses
from pathlib import Path

import pytest
import torch

from edgemnist.data import DataSet
from edgemnist.errors import UsageError
from edgemnist.train import loop
from edgemnist.train.classifier import classifier_task
from edgemnist.train.device import choose_device, has_bfloat16
from edgemnist.train.epoch import train_epoch
from edgemnist.train.learner import load_learner
from edgemnist.train.progress import EpochDone, StepDone
from edgemnist.train.recipe import default_recipe

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_is_the_fastest_device_here(cuda: bool, mps: bool, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto") == torch.device(chosen)


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_missing_device_is_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(UsageError) as caught:
        choose_device(name)
    expected = f"this machine has no '{name}' device that torch {torch.__version__} can use: try --device auto"
    assert str(caught.value) == expected


@pytest.mark.parametrize("name", ["", "gpu", "CPU", "cuda:0"])
def test_unknown_device_is_one_line(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose_device(name)
    assert str(caught.value) == f"unknown device '{name}': must be one of auto, cpu, cuda, mps"


@pytest.mark.parametrize(
    ("instructions", "answer"),
    [
        ({"avx2": True, "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"neon": True}, False),
    ],
)
def test_bf16_is_for_processors_with_instructions_for_it(
    instructions: dict[str, bool], answer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: instructions, raising=False)
    assert has_bfloat16(torch.device("cpu")) is answer
    assert has_bfloat16(torch.device("mps")) is False


def test_without_a_torch_that_can_tell_training_stays_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert has_bfloat16(torch.device("cpu")) is False


@pytest.mark.cuda
@needs_cuda
def test_training_on_a_gpu_learns_and_its_checkpoint_goes_on_elsewhere(tiny: DataSet, tmp_path: Path) -> None:
    recipe = default_recipe(epochs=5, batch_size=32)
    on_gpu = loop.train(tiny, recipe, tmp_path, seed=0, device="cuda", progress=lambda event: None)
    assert on_gpu.history[-1].validation_accuracy == 1.0
    assert all(tensor.device.type == "cpu" for tensor in on_gpu.state.values())
    assert loop.resume(tiny, tmp_path, device="cpu", progress=lambda event: None).history == on_gpu.history


@pytest.mark.cuda
@needs_cuda
@pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype:UserWarning")
def test_no_step_waits_for_the_gpu(tiny: DataSet, tmp_path: Path) -> None:
    recipe = dataclasses.replace(default_recipe(epochs=5), batch_size=32)
    device = torch.device("cuda")
    learner = load_learner(loop.begin(tiny, recipe, tmp_path, seed=0), device)
    task = classifier_task(tiny, recipe, 0, device, tmp_path)

    def forbid_waiting(event: StepDone | EpochDone) -> None:
        assert isinstance(event, StepDone)
        # From the first step, which may still copy constants to the device, to the last, after which the loss is read.
        torch.cuda.set_sync_debug_mode("error" if event.step < event.steps else "default")

    try:
        train_epoch(learner, task, 1, forbid_waiting)
    finally:
        torch.cuda.set_sync_debug_mode("default")
