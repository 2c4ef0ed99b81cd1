"""docs/inputs.md holds what the library does today, and torch's tensors are taken as it says."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from edgemnist import Classifier

ROOT = Path(__file__).parent.parent


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_page_holds_the_table(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("inputs", ROOT / "tests" / "edge" / "inputs.py")
    inputs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(inputs)
    monkeypatch.chdir(tmp_path)
    assert inputs.table(inputs.names()) in (ROOT / "docs" / "inputs.md").read_text()


def test_tensors_of_torch_are_taken():
    classifier = Classifier()
    images = classifier.model.info.selftest.images[:3].copy()
    wanted = classifier.predict(images)
    assert classifier.predict(torch.from_numpy(images)) == wanted
    assert classifier.predict(torch.from_numpy(images)[:, None]) == wanted
    assert classifier.predict(list(torch.from_numpy(images))) == wanted
    with pytest.raises(ValueError, match=r"float32.*\(np\.asarray\(x\) \* 255\)"):
        classifier.predict(torch.from_numpy(images / np.float32(255)))
