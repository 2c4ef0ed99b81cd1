"""What the edge writes: pictures of mistakes and of what was seen, digits that are kept and labeled, the cache."""

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from small import command, nothing
from strike import Scenario, files_below

from edgemnist.data import DataSet
from edgemnist.data.cache import keep
from edgemnist.data.canonical import CanonicalFile
from edgemnist.data.idx import encode_idx
from edgemnist.model.opened import default_model, open_model
from edgemnist.reading.kept import UNLABELED, image_name, keep_image

LABELED_AND_UNDONE = "\nu\n\n"
"""Enter, undo, Enter: what is typed for a digit, so that each is where it belongs, however often a run begins anew."""
DELETED = "x\n"


def edge_scenarios(data: DataSet, data_folder: Path, place: Path) -> list[Scenario]:
    """`evaluate --mistakes`, `infer --save-input` and `--collect`, `label`, and the cache of MNIST."""
    digits = open_model(default_model("int8")).info.selftest.images[:3]

    def evaluate(folder: Path) -> int:
        model = default_model("int8")
        return command("evaluate", model, "--data", data_folder, "--mistakes", folder / "mistakes.png")

    def picture(folder: Path) -> None:
        Image.fromarray(digits[0]).save(folder / "digit.png")

    def infer(folder: Path) -> int:
        return command("infer", folder / "digit.png", "--save-input")

    np.save(place / "digits.npy", digits)

    def collect(folder: Path) -> int:
        return command("infer", place / "digits.npy", "--collect", folder / "kept", "--collect-all")

    def unlabeled(folder: Path) -> None:
        for digit in digits:
            keep_image(folder / UNLABELED / image_name(digit), digit)

    def label(folder: Path, keys: str) -> int:
        sys.stdin = io.StringIO(keys * len(digits))
        return command("label", folder)

    arrays = [data.train.images, data.train.labels.astype(np.uint8)]
    files = [
        CanonicalFile(name, hashlib.sha256(encode_idx(array)).hexdigest(), len(encode_idx(array)))
        for name, array in zip(("images", "labels"), arrays, strict=True)
    ]

    def cache(folder: Path) -> int:
        said: list[str] = []
        keep(folder / "mnist", files, arrays, said.append)
        return 7 if said else 0

    return [
        Scenario("mistakes", nothing, evaluate, files_below),
        Scenario("save-input", picture, infer, files_below),
        Scenario("collect", nothing, collect, files_below, between="files"),
        Scenario("label", unlabeled, lambda folder: label(folder, LABELED_AND_UNDONE), files_below, between="files"),
        Scenario("label: delete", unlabeled, lambda folder: label(folder, DELETED), files_below, between="files"),
        Scenario("cache", nothing, cache, files_below, between="files"),
    ]
