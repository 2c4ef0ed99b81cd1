"""The commands that write, on data so small that a run takes a second or less."""

import dataclasses
import hashlib
import io
import shutil
import sys
from pathlib import Path

import numpy as np
from campaign import BUNDLE_CODES, Scenario, Snapshot, files_below
from PIL import Image

from edgemnist.bundle.installer import install
from edgemnist.bundle.installer.manifest import Manifest, Wheel
from edgemnist.bundle.make import write_bundle
from edgemnist.bundle.wheels import wheel_version
from edgemnist.data import DataSet
from edgemnist.data.cache import keep
from edgemnist.data.canonical import CanonicalFile
from edgemnist.data.idx import encode_idx, write_idx
from edgemnist.data.mnist import load_dataset
from edgemnist.errors import EdgemnistError
from edgemnist.export import classifier as exported
from edgemnist.model.opened import default_model, open_model
from edgemnist.process import main as process_main
from edgemnist.train import loop
from edgemnist.train.plot import save_curves
from edgemnist.train.recipe import default_recipe

sys.path.insert(0, str(Path(__file__).parent.parent / "bundle"))
from tiny_wheels import PLATFORM, PYTHON, make_own

IMAGES = 256
EPOCHS = 2


def command(*arguments: object) -> int:
    """The exit code of `edgemnist` with these arguments, in this process."""
    sys.argv = ["edgemnist", *map(str, arguments)]
    try:
        process_main()
    except SystemExit as end:
        return int(end.code or 0)


def make_data(folder: Path) -> DataSet:
    """Ten classes, each a bright square in a place of its own."""
    random = np.random.default_rng(0)
    for split, count in (("train", IMAGES), ("t10k", 100)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = random.integers(0, 60, (count, 28, 28)).astype(np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = 4 + 12 * (label // 5), 1 + 5 * (label % 5)
            image[row : row + 9, column : column + 5] = 250
        write_idx(folder / f"{split}-images-idx3-ubyte", images)
        write_idx(folder / f"{split}-labels-idx1-ubyte", labels)
    return load_dataset(folder, lambda line: None)


def without_curves(folder: Path) -> Snapshot:
    """The files of a run; of the picture of its curves only that it is there."""
    return {name: "" if name.endswith("curves.png") else content for name, content in files_below(folder).items()}


def make_scenarios(place: Path) -> list[Scenario]:
    """All scenarios; what they share is made in `place`."""
    data_folder = place / "data"
    data = make_data(data_folder)
    trained = place / "trained"
    recipe = dataclasses.replace(default_recipe(EPOCHS, 64), bfloat16=False)
    loop.train(data, recipe, trained, seed=0, device="cpu", progress=lambda event: None)
    begun = place / "begun"
    loop.begin(data, recipe, begun, seed=0)
    # The gates are for digits: a network of two epochs on 256 images need not pass them.
    exported.ClassifierSubject.gate = dataclasses.replace(
        exported.ClassifierSubject.gate, max_drop=100.0, min_agreement=0.0
    )
    digits = open_model(default_model("int8")).info.selftest.images

    def train(folder: Path) -> int:
        run = folder / "run"
        if (run / "checkpoint.pt").exists():
            return command("train", "--resume", run, "--data", data_folder)
        return command(
            "train", "--data", data_folder, "--out", run, "--epochs", EPOCHS, "--batch-size", 64, "--float32"
        )

    def begin(folder: Path) -> None:
        shutil.copytree(begun, folder / "run")

    def export(folder: Path) -> int:
        return command(
            "export", trained / "checkpoint.pt", "--data", data_folder, "--out", folder / "models", "--quantize"
        )

    def old_models(folder: Path) -> None:
        (folder / "models").mkdir()
        for precision in ("fp32", "int8"):
            (folder / "models" / f"edgemnist-{precision}.onnx").write_text("old")

    def evaluate(folder: Path) -> int:
        model = default_model("int8")
        return command("evaluate", model, "--data", data_folder, "--mistakes", folder / "mistakes.png")

    def picture(folder: Path) -> None:
        Image.fromarray(digits[0]).save(folder / "digit.png")

    def infer(folder: Path) -> int:
        return command("infer", folder / "digit.png", "--save-input")

    own_old = make_own(place / "old")
    own_new = make_own(place / "new", "0.2.0")

    def pack(own: Path, file: io.BufferedRandom) -> None:
        pinned = Wheel(own.name, hashlib.sha256(own.read_bytes()).hexdigest())
        write_bundle(file, Manifest(wheel_version(own), PLATFORM, {PYTHON: (pinned,)}), {own.name: own})

    bundles = {}
    for version, own in (("old", own_old), ("new", own_new)):
        bundles[version] = place / f"{version}.sh"
        with bundles[version].open("wb+") as file:
            pack(own, file)

    def bundle(folder: Path) -> int:
        from edgemnist.bundle import make

        make.download = lambda *_: []
        return command(
            "bundle", "--wheel", own_new, "--platform", PLATFORM, "--python", PYTHON, "--out", folder / "b.sh"
        )

    def old_bundle(folder: Path) -> None:
        (folder / "b.sh").write_text("old")

    def installer(folder: Path) -> int:
        return install.main(bundles["new"], ["--prefix", str(folder)])

    def old_installation(folder: Path) -> None:
        if install.main(bundles["old"], ["--prefix", str(folder)]) != 0:
            raise SystemExit("the old version cannot be installed")

    def installed(folder: Path) -> Snapshot:
        """What the command answers, and the temporary names; folders that the next run sweeps are nobody's."""
        import subprocess

        path = folder / "bin" / "edgemnist"
        if not path.exists():
            return {"answer": "none"}
        done = subprocess.run([path, "hello"], capture_output=True, text=True, check=False)
        return {"answer": done.stdout + done.stderr}

    arrays = [data.train.images, data.train.labels.astype(np.uint8)]
    files = [
        CanonicalFile(name, hashlib.sha256(encode_idx(array)).hexdigest(), len(encode_idx(array)))
        for name, array in zip(("images", "labels"), arrays, strict=True)
    ]

    def cache(folder: Path) -> int:
        said: list[str] = []
        keep(folder / "mnist", files, arrays, said.append)
        return 7 if said else 0

    def nothing(_: Path) -> None:
        return None

    def curves(folder: Path) -> int:
        try:
            save_curves(folder / "curves.png", loop.load_checkpoint(trained / "checkpoint.pt").history)
        except EdgemnistError as error:
            return error.exit_code
        return 0

    curves(place)  # matplotlib's fonts are looked for once, before anything is forked
    return [
        Scenario("train", nothing, train, without_curves, steps=True),
        Scenario("resume", begin, train, without_curves, steps=True),
        Scenario("export", nothing, export, files_below),
        Scenario("export again", old_models, export, files_below),
        Scenario("mistakes", nothing, evaluate, files_below),
        Scenario("save-input", picture, infer, files_below),
        Scenario("bundle", old_bundle, bundle, files_below),
        Scenario("install", nothing, installer, installed, codes=BUNDLE_CODES),
        Scenario("upgrade", old_installation, installer, installed, codes=BUNDLE_CODES),
        Scenario("cache", nothing, cache, files_below, steps=True),
    ]
