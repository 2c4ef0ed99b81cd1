"""The heart of it: torch unfolded, torch folded, ONNX fp32 and ONNX int8 give the same answers."""

import numpy as np
import pytest
import torch

from edgemnist.export.classifier import ClassifierSubject, fold_network
from edgemnist.export.graph import Deployed, build_fp32
from edgemnist.model.classifier import INPUT_NAME, OUTPUT_NAMES
from edgemnist.model.opened import default_model, open_model
from edgemnist.model.selftest import require_record
from edgemnist.model.session import new_session, run_session
from edgemnist.model.thresholds import confidence_threshold

FP32_TOLERANCE = 1e-4
"""Max abs logit difference over the 10,000 validation images; measured 6.7e-6 folded, 6.7e-6 in onnxruntime."""
PROBABILITY_TOLERANCE = 1e-5
"""Measured 6.0e-7."""
INT8_TOLERANCE = 0.5
"""Logits; measured 0.21. int8 is judged by its answers, this only finds a layer gone wrong."""
INT8_MAX_CHANGED = 20
"""Of 10,000 answers: agreement of 99.8 %; measured 2."""

SPREAD = 3
"""Standard deviations of a count about its expectation; measured 0.1 at most."""
TIES = 1
"""Of 10,000 answers: whose confidence may be the threshold but for its last bit; measured 0."""

BATCHES = [1, 7, 64, 1_000]


def answers(path, images, batch: int, optimize: bool):
    """Probabilities and logits from the bare session, in batches of `batch`."""
    session = open_model(path, optimize=optimize).session
    parts = [
        session.run(OUTPUT_NAMES, {INPUT_NAME: images[start : start + batch, np.newaxis]})
        for start in range(0, len(images), batch)
    ]
    return tuple(np.concatenate(outputs) for outputs in zip(*parts, strict=True))


def softmax(logits):
    exponentials = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


def test_the_trained_network_is_worth_comparing(exported, mnist):
    assert np.mean(exported.reference.argmax(1) == mnist.validation.labels) > 0.98


def test_folded_torch_matches_unfolded_torch(exported, mnist):
    folded = Deployed(fold_network(exported.network))
    images = torch.tensor(mnist.validation.images[:, None])
    with torch.inference_mode():
        logits = torch.cat([folded(part)[1] for part in images.split(1_000)]).numpy()
    assert np.abs(logits - exported.reference).max() <= FP32_TOLERANCE
    np.testing.assert_array_equal(logits.argmax(1), exported.reference.argmax(1))


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
def test_fp32_matches_unfolded_torch(exported, mnist, batch, optimize):
    probabilities, logits = answers(exported.fp32.path, mnist.validation.images, batch, optimize)
    assert np.abs(logits - exported.reference).max() <= FP32_TOLERANCE
    np.testing.assert_array_equal(logits.argmax(1), exported.reference.argmax(1))
    assert np.abs(probabilities - softmax(exported.reference)).max() <= PROBABILITY_TOLERANCE


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
def test_int8_agrees_with_unfolded_torch(exported, mnist, batch, optimize):
    _, logits = answers(exported.int8.path, mnist.validation.images, batch, optimize)
    assert np.abs(logits - exported.reference).max() <= INT8_TOLERANCE
    assert np.count_nonzero(logits.argmax(1) != exported.reference.argmax(1)) <= INT8_MAX_CHANGED


@pytest.mark.parametrize("optimize", [False, True], ids=["optimisation off", "optimisation on"])
@pytest.mark.parametrize("value", [0, 255])
def test_uniform_images_match(exported, value, optimize):
    images = np.full((3, 28, 28), value, np.uint8)
    with torch.inference_mode():
        reference = exported.network(torch.tensor(images[:, None], dtype=torch.float32) / 255).numpy()
    for model, tolerance in ((exported.fp32, FP32_TOLERANCE), (exported.int8, INT8_TOLERANCE)):
        _, logits = answers(model.path, images, 3, optimize)
        assert np.abs(logits - reference).max() <= tolerance * max(1, np.abs(reference).max())


def test_a_network_with_wild_batchnorm_matches_after_export(wild_network, mnist):
    images = mnist.validation.images[:200]
    session = new_session(build_fp32(fold_network(wild_network)).SerializeToString(), "wild")
    with torch.inference_mode():
        reference = wild_network(torch.tensor(images[:, None], dtype=torch.float32) / 255).numpy()
    assert np.abs(run_session(session, images).logits - reference).max() <= FP32_TOLERANCE


def test_parity_is_recorded_as_measured(exported):
    for model in (exported.fp32, exported.int8):
        record = model.info.parity
        assert record.count == 10_000
        assert record.max_abs_diff == max(report.max_abs_diff for report in model.parity)
        assert record.agreement == min(report.agreement for report in model.parity)
    assert exported.fp32.info.parity.max_abs_diff <= ClassifierSubject.fp32_limits.max_abs_diff
    assert exported.int8.info.parity.agreement >= ClassifierSubject.gate.min_agreement


def test_recorded_accuracy_is_the_accuracy(exported, mnist):
    for model in (exported.fp32, exported.int8):
        _, logits = answers(model.path, mnist.validation.images, 64, True)
        assert model.info.validation.correct == np.count_nonzero(logits.argmax(1) == mnist.validation.labels)


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_shipped_models_answer_as_recorded(precision, mnist):
    require_record(open_model(default_model(precision)), mnist.validation)


def test_the_recorded_threshold_is_chosen_on_all_images_and_tried_by_halves_on_each_other(exported, mnist):
    probabilities, logits = answers(exported.fp32.path, mnist.validation.images, 64, True)
    confidence, correct = probabilities.max(1), logits.argmax(1) == mnist.validation.labels
    record = exported.fp32.info.confidence
    sure = confidence >= record.threshold
    expected = record.target_error_rate * np.count_nonzero(sure)
    assert np.count_nonzero(sure & ~correct) <= expected + SPREAD * expected**0.5
    answered = wrong = 0
    for chosen, tried in ((0, 1), (1, 0)):
        least = confidence_threshold(confidence[chosen::2], correct[chosen::2], record.target_error_rate)
        given = confidence[tried::2] >= least
        answered += np.count_nonzero(given)
        wrong += np.count_nonzero(given & ~correct[tried::2])
    assert abs(record.coverage * len(correct) - answered) <= TIES
    assert abs(record.error_rate * answered - wrong) <= TIES
