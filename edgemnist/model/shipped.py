"""The models that ship, by their names: for every runtime, so that finding one loads no onnxruntime."""

import os
from importlib import resources
from pathlib import Path
from typing import TypeGuard

from edgemnist.errors import ModelError
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.contract import Precision


def is_name(model: str | os.PathLike[str]) -> TypeGuard[Precision]:
    """Whether `model` is the name of one that ships."""
    return isinstance(model, str) and model in ClassifierInfo.file_names


def model_path(model: str | os.PathLike[str] = "int8") -> Path:
    """The file of a model: of one that ships for the names `fp32` and `int8`, else the path itself.

    A file that bears such a name is `./fp32`, or a `Path`.

    Raises:
        ModelError: the model that ships is neither in the installed package nor in the exports/ of a checkout.
    """
    if not is_name(model):
        return Path(model)
    name = ClassifierInfo.file_names[model]
    package = Path(str(resources.files("edgemnist")))
    for path in (package / "models" / name, package.parent / "exports" / name):
        if path.is_file():
            return path
    raise ModelError(f"{name} is not in this installation; name a model with --model")
