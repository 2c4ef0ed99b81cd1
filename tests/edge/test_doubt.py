"""Why an answer is doubtful: an unsure digit, or perhaps none."""

import dataclasses
import json

import pytest

from edgemnist import Classifier
from edgemnist.infer.answers import Answer
from edgemnist.infer.report import render
from edgemnist.model.classifier import OutlierRecord
from edgemnist.model.opened import run
from edgemnist.model.thresholds import evidence
from edgemnist.prediction import join_row


def classifier_asking(least_evidence: float | None, least_confidence: float = 0.0) -> Classifier:
    """The shipped one with other thresholds."""
    classifier = Classifier()
    info = classifier.model.info
    outliers = None if least_evidence is None else OutlierRecord(least_evidence, lost=0.01, answered=0.1, count=10)
    confidence = dataclasses.replace(info.confidence, threshold=least_confidence)
    changed = dataclasses.replace(info, outliers=outliers, confidence=confidence)
    classifier.model = dataclasses.replace(classifier.model, info=changed)
    return classifier


def test_too_little_evidence_makes_an_answer_doubtful_and_changes_nothing_else(digits):
    sure, doubtful = (classifier_asking(least).predict(digits) for least in (-1e9, 1e9))
    assert {prediction.status for prediction in sure} == {"ok"}
    assert {prediction.doubt for prediction in sure} == {""}
    assert {prediction.doubt for prediction in doubtful} == {"perhaps no digit"}
    assert [dataclasses.replace(prediction, status="ok", doubt="") for prediction in doubtful] == sure


def test_evidence_is_that_of_the_logits(digits, int8):
    found = evidence(run(int8, digits).logits)
    least = float((found[3] + sorted(found)[-1]) / 2)
    predictions = classifier_asking(least).predict(digits)
    assert [prediction.status == "ok" for prediction in predictions] == (found >= least).tolist()


def test_a_file_that_asks_for_no_evidence_gets_none(digits):
    assert {prediction.doubt for prediction in classifier_asking(None, 1.1).predict(digits)} == {"unsure which digit"}


def test_both_doubts_are_named(digits):
    (first, *_) = classifier_asking(1e9, 1.1).predict(digits)
    assert first.doubt == "unsure which digit, perhaps no digit"


def test_min_confidence_is_about_the_digit_alone(digits):
    classifier = Classifier(min_confidence=0.0)
    classifier.model = classifier_asking(1e9).model
    (first, *_) = classifier.predict(digits)
    assert (first.status, first.doubt) == ("doubtful", "perhaps no digit")
    assert first.label


def test_a_row_has_the_doubts_of_its_digits(digits):
    classifier = classifier_asking(None)
    ok, no_digit, unsure = (
        dataclasses.replace(classifier.predict(digits[0]), box=(0, 0, 1, 1), doubt=doubt)
        for doubt in ("", "perhaps no digit", "unsure which digit")
    )
    assert join_row([ok, ok]).doubt == ""
    assert join_row([ok, no_digit]).doubt == "perhaps no digit"
    assert join_row([no_digit, unsure]).doubt == "perhaps no digit, unsure which digit"


@pytest.mark.parametrize(("least", "note"), [(-1e9, ""), (1e9, "  doubtful, perhaps no digit")])
def test_a_table_and_json_say_so(least, note, digits):
    prediction = classifier_asking(least).predict(digits[0])
    answer = Answer("a.npy", 0, prediction, None)
    _, line = render([answer], "table", 1)
    assert line.endswith(f"{100 * prediction.confidence:.2f} %{note}")
    (line,) = render([answer], "json", 1)
    assert json.loads(line)["doubt"] == (prediction.doubt or None)
