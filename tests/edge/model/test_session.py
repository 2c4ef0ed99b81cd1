"""Opening model files and running them."""

import numpy as np
import pytest

from edgemnist.data import Split
from edgemnist.errors import CheckError, DataError, ModelError, UsageError
from edgemnist.model import selftest, session, shipped
from edgemnist.model.classifier import ClassifierInfo
from edgemnist.model.opened import default_model, open_model, run
from edgemnist.model.session import CHUNK

FP32_BATCH_TOLERANCE = 2e-5
"""Logits of the same image in batches of different size; measured 4.8e-6: the order of sums differs."""


@pytest.fixture(params=["fp32", "int8"])
def model(request):
    return open_model(default_model(request.param))


def test_shipped_models_describe_themselves(model):
    assert model.info.labels == tuple("0123456789")
    assert model.info.data_canonical
    assert model.info.validation.count == 10_000
    assert model.name == ClassifierInfo.file_names[model.info.precision]
    assert (model.info.quantization is None) == (model.info.precision == "fp32")


def test_shipped_models_pass_their_selftest(model):
    report = selftest.require_selftest(model)
    assert report.count == len(model.info.selftest.images) >= 24
    assert report.agreement == 1


def test_a_device_that_computes_differently_fails_the_selftest(model, monkeypatch):
    true_run = selftest.run_values

    def other_run(opened, images):
        logits = true_run(opened, images)
        logits[:, 3] += 0.2
        return logits

    monkeypatch.setattr(selftest, "run_values", other_run)
    with pytest.raises(CheckError, match="on this device"):
        selftest.require_selftest(model)


def test_probabilities_are_the_softmax_of_the_logits(model, digits):
    outputs = run(model, digits)
    exponentials = np.exp(outputs.logits - outputs.logits.max(1, keepdims=True).astype(np.float64))
    np.testing.assert_allclose(outputs.probabilities, exponentials / exponentials.sum(1, keepdims=True), atol=1e-6)


def test_answers_do_not_depend_on_the_batch(model, digits):
    images = np.resize(digits, (2 * CHUNK + 3, 28, 28))
    together = run(model, images).logits
    alone = np.concatenate([run(model, image[np.newaxis]).logits for image in images])
    tolerance = 0 if model.info.precision == "int8" else FP32_BATCH_TOLERANCE
    np.testing.assert_allclose(together, alone, rtol=0, atol=tolerance)


def test_no_images_give_no_answers(model):
    outputs = run(model, np.zeros((0, 28, 28), np.uint8))
    assert outputs.logits.shape == outputs.probabilities.shape == (0, 10)


@pytest.mark.parametrize(
    "images",
    [np.zeros((1, 28, 28), np.float32), np.zeros((28, 28), np.uint8), np.zeros((1, 27, 28), np.uint8)],
)
def test_other_shapes_and_types_are_refused(model, images):
    with pytest.raises(ValueError, match="images must be"):
        run(model, images)


def test_a_view_that_is_not_contiguous_is_answered_alike(model, digits):
    spaced = np.repeat(digits, 2, axis=0)[::2]
    np.testing.assert_array_equal(run(model, spaced).logits, run(model, digits).logits)


def test_threads_must_be_positive(int8_path):
    with pytest.raises(UsageError, match="threads"):
        open_model(int8_path, threads=0)


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(ModelError, match="nowhere.onnx: No such file"):
        open_model(tmp_path / "nowhere.onnx")


def test_a_graph_that_onnxruntime_cannot_load_is_one_line():
    with pytest.raises(ModelError, match="cannot load x.onnx") as caught:
        session.new_session(b"nonsense", "x.onnx")
    assert "\n" not in str(caught.value)


def test_the_model_that_ships_is_found_in_the_package_before_the_checkout(tmp_path, monkeypatch):
    installed = tmp_path / "edgemnist"
    monkeypatch.setattr(shipped.resources, "files", lambda name: installed)
    with pytest.raises(ModelError, match="not in this installation"):
        default_model()
    checkout = tmp_path / "exports" / ClassifierInfo.file_names["int8"]
    checkout.parent.mkdir()
    checkout.touch()
    assert default_model() == checkout
    package = installed / "models" / ClassifierInfo.file_names["int8"]
    package.parent.mkdir(parents=True)
    package.touch()
    assert default_model() == package


def record_split(model, correct: int) -> Split:
    """As many images as the record is of, of which the model answers `correct` as labeled."""
    images = np.resize(model.info.selftest.images[:1], (model.info.validation.count, 28, 28))
    answer = int(run(model, images[:1]).logits.argmax())
    labels = np.full(len(images), (answer + 1) % 10, np.int64)
    labels[:correct] = answer
    return Split(images, labels)


def test_the_recorded_accuracy_is_confirmed(int8):
    split = record_split(int8, int8.info.validation.correct)
    assert selftest.require_record(int8, split).correct == int8.info.validation.correct


def test_another_accuracy_than_the_recorded_one_fails(int8):
    with pytest.raises(CheckError, match="its record says"):
        selftest.require_record(int8, record_split(int8, int8.info.validation.correct - 3))


def test_a_record_of_another_number_of_images_cannot_be_confirmed(int8, digits):
    with pytest.raises(DataError, match="10,000 validation images"):
        selftest.require_record(int8, Split(digits, np.zeros(len(digits), np.int64)))
