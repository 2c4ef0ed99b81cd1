"""What is particular to exporting a classifier."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import DataSet
from edgemnist.export.calibrate import Calibration
from edgemnist.export.doubt import Answers, answers, doubt, judging_outliers
from edgemnist.export.fold import FoldedNetwork, as_it_is, fold_batchnorm
from edgemnist.export.layers import Conv, Dense, Layer, MaxPool
from edgemnist.export.subject import Gate, MeasuredGraph, Subject
from edgemnist.model.classifier import INPUT_NAME, INTERFACE, ClassifierInfo, OwnRecord, SelfTest, ValidationRecord
from edgemnist.model.finder import Map
from edgemnist.model.parity import ParityLimits
from edgemnist.model.session import new_session, run_outputs
from edgemnist.train.checkpoint import Checkpoint
from edgemnist.train.network import DigitCnn
from edgemnist.train.predict import predict_logits
from edgemnist.train.recipe import Recipe

LAYERS: tuple[Layer, ...] = (
    Conv("conv1", (INPUT_NAME,), padding=1),
    MaxPool("pool1", ("conv1",)),
    Conv("conv2", ("pool1",), padding=1),
    MaxPool("pool2", ("conv2",)),
    Dense("dense1", ("pool2",), channels=64),
    Dense("dense2", ("dense1",)),
)
OUTPUTS = ("dense2",)
NETWORK = (
    "Conv 32 3x3 same - BatchNorm - ReLU - MaxPool 2x2 - Conv 64 3x3 same - BatchNorm - ReLU - MaxPool 2x2 - "
    "Flatten - Dense 128 ReLU - Dense 10 softmax; 421,834 parameters; BatchNorm folded"
)

_SELFTEST_BORDERLINE = 16
_SELFTEST_EASY = 16


def fold_network(network: DigitCnn) -> FoldedNetwork:
    """The layers of `network` with both BatchNorms folded into the convolutions before them."""
    numbers = {
        "conv1": fold_batchnorm(network.conv1, network.bn1),
        "conv2": fold_batchnorm(network.conv2, network.bn2),
        "dense1": as_it_is(network.dense1),
        "dense2": as_it_is(network.dense2),
    }
    return FoldedNetwork("classifier", LAYERS, OUTPUTS, numbers)


@dataclass(frozen=True)
class ClassifierSubject(Subject):
    """A classifier with its data."""

    info = ClassifierInfo
    gate = Gate("accuracy", max_drop=0.1, min_agreement=0.998, spare=1)
    fp32_limits = ParityLimits(max_abs_diff=1e-4, min_agreement=ClassifierInfo.float_agreement)
    """Measured on the shipped model: see exports/report.txt."""

    network: DigitCnn
    labels: NDArray[np.int64]
    """Of `inputs`: the validation images, and behind them own digits to judge by."""
    own: DataSet | None
    """Of a lesson: the digits of one hand."""
    class_names: tuple[str, ...]
    outliers: NDArray[np.uint8] | None
    """Images that are no digits, (N, 28, 28); None of a network that never saw any."""

    def ask(self) -> NDArray[np.float32]:
        """Logits (N, 10)."""
        return predict_logits(self.network, self.inputs)

    def score(self, values: NDArray[np.float32]) -> float:
        """The accuracy."""
        return float(np.mean(values.argmax(1) == self.labels))

    def maps(self, calibration: Calibration | None) -> tuple[Map, ...]:  # noqa: ARG002
        """None."""
        return ()

    def particulars(self, model: MeasuredGraph) -> dict[str, Any]:
        """Accuracy, threshold and self-test, all of the data; own digits, which are private, are only counted."""
        count = len(self.labels) - (len(self.own.validation) if self.own else 0)
        probabilities, logits = (output[:count] for output in model.outputs)
        right = model.outputs[1].argmax(1) == self.labels
        correct = right[:count]
        positions = selftest_positions(self.reference[:count])
        confidence, outliers = doubt(answers(probabilities, logits), correct, self._outlier_answers(model))
        return {
            "network": NETWORK,
            "labels": self.class_names,
            "validation": ValidationRecord(int(correct.sum()), len(correct)),
            "own": self.own and _own_record(self.own, right[count:]),
            "confidence": confidence,
            "outliers": outliers,
            "selftest": SelfTest(self.inputs[positions], logits[positions]),
        }

    def _outlier_answers(self, model: MeasuredGraph) -> Answers | None:
        if self.outliers is None:
            return None
        session = new_session(model.graph.SerializeToString(), model.precision)
        probabilities, logits = run_outputs(session, self.outliers, INTERFACE)
        return answers(probabilities, logits)


def classifier_subject(checkpoint: Checkpoint, network: DigitCnn, data: DataSet) -> ClassifierSubject:
    """The `network` of `checkpoint` with the images that it is measured on: those of `data`, and a lesson's own."""
    own = checkpoint.taught.own if checkpoint.taught else None
    measured = [data.validation, own.validation] if own else [data.validation]
    return ClassifierSubject(
        folded=fold_network(network),
        inputs=np.concatenate([split.images for split in measured]),
        training=(data.train.images, own.train.images) if own else (data.train.images,),
        network=network,
        labels=np.concatenate([split.labels for split in measured]),
        own=own,
        class_names=checkpoint.class_names,
        outliers=_outliers(checkpoint, data),
    )


def _outliers(checkpoint: Checkpoint, data: DataSet) -> NDArray[np.uint8] | None:
    recipe = checkpoint.recipe
    assert isinstance(recipe, Recipe)  # a classifier's
    if checkpoint.epoch <= recipe.epochs - recipe.outliers.epochs:
        return None
    return judging_outliers(data.validation.images, data.validation.labels, recipe)


def _own_record(own: DataSet, right: NDArray[np.bool_]) -> OwnRecord:
    return OwnRecord(own.sha256, learned=len(own.train), correct=int(right.sum()), count=len(right))


def selftest_positions(reference: NDArray[np.float32]) -> NDArray[np.intp]:
    """The images with the smallest margin between first and second answer, then some evenly spread ones."""
    ranked = np.sort(reference, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    borderline = np.argsort(margin, kind="stable")[:_SELFTEST_BORDERLINE]
    spread = np.linspace(0, len(reference) - 1, _SELFTEST_EASY).astype(np.intp)
    return np.unique(np.concatenate([borderline, spread]))
