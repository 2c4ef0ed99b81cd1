"""The models that ship, by their names: for every runtime, so that finding one loads no onnxruntime."""

import os
from importlib import resources
from pathlib import Path
from typing import TypeGuard

from edgemnist.errors import ModelError
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.contract import Precision
from edgemnist.model.finder import FinderInfo


def is_name(model: str | os.PathLike[str]) -> TypeGuard[Precision]:
    """Whether `model` is the name of one that ships."""
    return isinstance(model, str) and model in ClassifierInfo.file_names


def model_path(model: str | os.PathLike[str] = "int8") -> Path:
    """The file of a classifier: of one that ships for the names `fp32` and `int8`, else the path itself.

    A file that bears such a name is `./fp32`, or a `Path`.

    Raises:
        ModelError: the model that ships is neither in the installed package nor in the exports/ of a checkout.
    """
    return _shipped(ClassifierInfo.file_names[model], "--model") if is_name(model) else Path(model)


def finder_path(finder: str | os.PathLike[str] = "int8") -> Path:
    """The file of a finder, as `model_path`.

    Raises:
        ModelError: the finder that ships is neither in the installed package nor in the exports/ of a checkout.
    """
    return _shipped(FinderInfo.file_names[finder], "--finder") if is_name(finder) else Path(finder)


def checkpoint_path() -> Path:
    """The checkpoint of the classifiers that ship: in the exports/ of a checkout alone.

    Raises:
        ModelError: there is none.
    """
    return _shipped("edgemnist.pt", "--init, or clone the repository: it is in exports/ there")


def _shipped(name: str, option: str) -> Path:
    package = Path(str(resources.files("edgemnist")))
    for path in (package / "models" / name, package.parent / "exports" / name):
        if path.is_file():
            return path
    raise ModelError(f"{name} is not in this installation; name one with {option}")
