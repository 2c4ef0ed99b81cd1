"""The library: Classifier().predict(...)."""

import dataclasses
import io
import threading

import numpy as np
import pytest
from PIL import Image

from edgemnist import Classifier, Prediction
from edgemnist.errors import PictureError
from edgemnist.model.opened import run


@pytest.fixture(scope="module")
def expected(int8, digits):
    return run(int8, digits).probabilities


def png(image) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return buffer.getvalue()


def test_an_array_of_one_image_gives_one_prediction(classifier, digits, expected):
    prediction = classifier.predict(digits[0])
    assert isinstance(prediction, Prediction)
    assert prediction.class_index == expected[0].argmax()
    assert prediction.label == str(expected[0].argmax())
    assert prediction.confidence == expected[0].max()


def test_an_array_of_images_gives_a_list(classifier, digits, expected):
    predictions = classifier.predict(digits)
    assert [prediction.class_index for prediction in predictions] == expected.argmax(1).tolist()


def test_every_kind_of_picture_gives_the_same_answer(classifier, digits, digit_png):
    wanted = classifier.predict(digits[0])
    assert classifier.predict(digit_png) == wanted
    assert classifier.predict(str(digit_png)) == wanted
    assert classifier.predict(png(digits[0])) == wanted
    assert classifier.predict(Image.fromarray(digits[0])) == wanted
    assert classifier.predict([digit_png, png(digits[0])]) == [wanted, wanted]


def test_no_pictures_give_no_predictions(classifier):
    assert classifier.predict([]) == []


def test_top_holds_all_labels_likeliest_first(classifier, digits, expected):
    prediction = classifier.predict(digits[0])
    assert [label for label, _ in prediction.top] == [str(index) for index in np.argsort(-expected[0], kind="stable")]
    assert [share for _, share in prediction.top] == sorted(expected[0].tolist(), reverse=True)


def test_a_blank_image_is_no_digit(classifier):
    blank = np.zeros((28, 28), np.uint8)
    assert classifier.predict(blank) == Prediction("blank", "", -1, 0.0, ())


def test_an_answer_below_the_threshold_is_doubtful(digits):
    classifier = Classifier()
    info = classifier.model.info
    strict = dataclasses.replace(info, confidence=dataclasses.replace(info.confidence, threshold=1.1))
    classifier.model = dataclasses.replace(classifier.model, info=strict)
    assert classifier.predict(digits[0]).status == "doubtful"
    mild = dataclasses.replace(info, confidence=dataclasses.replace(info.confidence, threshold=0.0))
    classifier.model = dataclasses.replace(classifier.model, info=mild)
    assert classifier.predict(digits[0]).status == "ok"


def test_a_picture_that_cannot_be_read_raises(classifier, tmp_path):
    with pytest.raises(PictureError, match="does not exist"):
        classifier.predict(tmp_path / "nowhere.png")


def test_an_array_of_floats_is_refused(classifier):
    with pytest.raises(ValueError, match="uint8"):
        classifier.predict(np.zeros((28, 28)))


def test_several_threads_get_the_answers_of_one(classifier, digits):
    """With arrays, pictures and rows."""
    row = Image.fromarray(255 - np.hstack(digits[:5]).repeat(4, 0).repeat(4, 1))

    def answer() -> list[Prediction]:
        return [*classifier.predict(digits), classifier.predict(row), classifier.predict_row(row)]

    wanted = answer()
    answers: list[list[Prediction]] = []

    def ask() -> None:
        answers.extend(answer() for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 80
    assert all(answer == wanted for answer in answers)
