"""Training, lessons and exports: what a fault can change is computed each time, what it cannot, once."""

import copy
import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image
from small import command, nothing
from strike import Scenario, Snapshot, files_below

from edgemnist.data import DIGITS, DataSet
from edgemnist.export import classifier as exported
from edgemnist.export import exporter
from edgemnist.model.opened import default_model, open_model
from edgemnist.reading.kept import image_name, keep_image
from edgemnist.train import loop, start
from edgemnist.train.amounts import Lesson, Outliers
from edgemnist.train.recipe import default_recipe, lesson_recipe

EPOCHS = 2


def training_scenarios(place: Path, data: DataSet, data_folder: Path) -> list[Scenario]:
    """`train`, `train --resume`, a lesson and `export`."""
    trained, begun, own = place / "trained", place / "begun", place / "own"
    recipe = dataclasses.replace(default_recipe(EPOCHS, 64), bfloat16=False)
    loop.train(data, recipe, trained, seed=0, device="cpu", progress=lambda event: None)
    loop.begin(data, recipe, begun, seed=0)
    _compute_once(trained, data, place / "exported")
    _keep_digits(own)

    def train(folder: Path) -> int:
        run = folder / "run"
        if (run / "checkpoint.pt").exists():
            return command("train", "--resume", run, "--data", data_folder)
        return command(
            "train", "--data", data_folder, "--out", run, "--epochs", EPOCHS, "--batch-size", 64, "--float32"
        )

    def begin(folder: Path) -> None:
        shutil.copytree(begun, folder / "run")

    def lesson(folder: Path) -> int:
        run = folder / "run"
        os.environ["EDGEMNIST_DATA"] = str(data_folder)
        if (run / "checkpoint.pt").exists():
            return command("train", "--resume", run)
        return command("train", "--data", own, "--out", run, "--float32")

    def export(folder: Path) -> int:
        return command(
            "export", trained / "checkpoint.pt", "--data", data_folder, "--out", folder / "models", "--quantize"
        )

    def old_models(folder: Path) -> None:
        (folder / "models").mkdir()
        for precision in ("fp32", "int8"):
            (folder / "models" / f"edgemnist-{precision}.onnx").write_text("old")

    return [
        Scenario("train", nothing, train, _without_curves, between="states"),
        Scenario("resume", begin, train, _without_curves, between="states"),
        Scenario("lesson", nothing, lesson, _without_curves, between="states"),
        Scenario("export", nothing, export, files_below),
        Scenario("export again", old_models, export, files_below),
    ]


def _without_curves(folder: Path) -> Snapshot:
    """The files of a run; of the picture of its curves only that it is there."""
    return {name: "" if name.endswith("curves.png") else content for name, content in files_below(folder).items()}


def _compute_once(trained: Path, data: DataSet, out: Path) -> None:
    """Have the graphs, the integers and the picture of the curves computed now, and only written from here on.

    They write nothing, and are all but a second of the 12 that `export` takes, and half of what `train` takes.
    """
    # The gates are for digits: a network of two epochs on 256 images need not pass them.
    exported.ClassifierSubject.gate = dataclasses.replace(
        exported.ClassifierSubject.gate, max_drop=100.0, min_agreement=0.0
    )
    start.lesson_recipe = lambda **numbers: dataclasses.replace(
        lesson_recipe(**numbers),
        outliers=Outliers(epochs=1, share=0.25, weight=0.05, turned=1.0),
        lesson=Lesson(steps=2, share=0.25, images=64, outliers=16, memory=1.0),
    )
    for name in ("build_fp32", "calibrate", "quantize_network"):
        setattr(exporter, name, _once(getattr(exporter, name)))
    exporter.export_checkpoint(trained / "checkpoint.pt", out, data, quantize=True, announce=lambda text: None)
    with Image.open(trained / "curves.png") as picture:
        curves = picture.copy()
    # matplotlib too has Pillow open and write the file
    Figure.savefig = lambda self, path, **options: curves.save(path, format=options["format"])


def _once(compute: Callable[..., Any]) -> Callable[..., Any]:
    """What computes the first time, and gives copies of that from then on."""
    found: list[Any] = []

    def computed(*arguments: Any) -> Any:
        if not found:
            found.append(compute(*arguments))
        return copy.deepcopy(found[0])

    return computed


def _keep_digits(folder: Path) -> None:
    """Digits with labels, as `label` leaves them."""
    model = open_model(default_model("int8"))
    for image, logits in zip(model.info.selftest.images, model.info.selftest.logits, strict=True):
        keep_image(folder / DIGITS[logits.argmax()] / image_name(image), image)
