"""Answers as text: a table for people, JSON Lines and CSV for programs. docs/infer-output.md is the schema."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Literal

from edgemnist.errors import printable
from edgemnist.infer.answers import Answer
from edgemnist.prediction import NO_DIGIT, WITHHELD, Prediction, Word

SCHEMA_VERSION = 1

ANSWERS = ("ok", "doubtful")
_NO_ANSWER = {
    "blank": "no digit: the picture is blank",
    "several": "several digits: read them with --row, or show one",
}

Format = Literal["table", "json", "csv"]


def render(answers: Iterable[Answer], form: Format, top_k: int) -> Iterator[str]:
    """The lines of `answers` in the format `form`, each with its `top_k` likeliest labels where there is room."""
    if form == "json":
        return (as_json(as_fields(answer, top_k)) for answer in answers)
    if form == "csv":
        return _csv(answers)
    return _table(list(answers), top_k)


def as_line(answer: Answer, top_k: int) -> str:
    """One answer for people, on its own."""
    name, digit, confidence, note = _row(answer, top_k)
    return "  ".join(part for part in (name, " | ".join(digit.splitlines()), confidence, note) if part)


def as_json(fields: dict[str, object]) -> str:
    """One line of JSON, in ASCII: names that are no UTF-8 come through."""
    return json.dumps(fields, allow_nan=False)


def as_fields(answer: Answer, top_k: int) -> dict[str, object]:
    """One answer as JSON's schema has it, each digit with its `top_k` likeliest labels."""
    fields: dict[str, object] = {
        "schema": SCHEMA_VERSION,
        "source": answer.source,
        "index": answer.index,
        "status": answer.status,
        **_prediction(answer.prediction, top_k),
        "error": str(answer.error) if answer.error else None,
    }
    if answer.prediction and answer.prediction.digits:
        fields["digits"] = [
            {"status": digit.status, **_prediction(digit, top_k), "doubt": digit.doubt or None}
            for digit in answer.prediction.digits
        ]
    if answer.frame is not None:
        fields["frame"] = answer.frame
    fields["doubt"] = (answer.prediction and answer.prediction.doubt) or None
    if answer.page:
        fields["lines"] = [[_word(word) for word in line] for line in answer.page.lines]
    return fields


def _prediction(prediction: Prediction | None, top_k: int) -> dict[str, object]:
    if prediction is None:
        return {"label": None, "class_index": None, "confidence": None, "top": [], "box": None}
    return {
        "label": prediction.label or None,
        "class_index": prediction.class_index if prediction.class_index >= 0 else None,
        "confidence": prediction.confidence if prediction.status in ANSWERS else None,
        "top": [{"label": label, "confidence": confidence} for label, confidence in prediction.top[:top_k]],
        "box": prediction.box,
    }


def _word(word: Word) -> dict[str, object]:
    return {
        "text": word.text,
        "box": word.box,
        "confidence": word.confidence,
        "digits": [
            {"label": digit.label or None, "box": digit.box, "confidence": digit.confidence} for digit in word.digits
        ],
        "marks": [{"kind": mark.kind, "box": mark.box} for mark in word.marks],
    }


def _csv(answers: Iterable[Answer]) -> Iterator[str]:
    yield "source,index,status,label,confidence,error"
    for answer in answers:
        prediction = answer.prediction
        known = prediction is not None and prediction.status in ANSWERS
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(
            [
                printable(answer.source),
                "" if _position(answer) is None else _position(answer),
                answer.status,
                prediction.label if prediction else "",
                f"{prediction.confidence:.6f}" if prediction and known else "",
                printable(str(answer.error or "")),
            ]
        )
        yield line.getvalue()


def _table(answers: list[Answer], top_k: int) -> Iterator[str]:
    rows = [("picture", "digit", "confidence", "")]
    for answer in answers:
        name, digit, confidence, note = _row(answer, top_k)
        first, *others = digit.splitlines()
        rows += [(name, first, confidence, note), *(("", line, "", "") for line in others)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for source, digit, confidence, note in rows:
        line = f"{source:<{widths[0]}}  {digit:<{widths[1]}}  {confidence:>{widths[2]}}  {note}"
        yield line.rstrip()


def _row(answer: Answer, top_k: int) -> tuple[str, str, str, str]:
    """Its name, what was read, line by line, its confidence and a note."""
    source = printable(answer.source)
    name = source if _position(answer) is None else f"{source}[{_position(answer)}]"
    prediction = answer.prediction
    if prediction is None:
        return name, "-", "", "unreadable"
    if prediction.status in _NO_ANSWER:
        return name, "-", "", _NO_ANSWER[prediction.status]
    others = ", ".join(f"{label} {_percent(confidence)}" for label, confidence in prediction.top[1:top_k])
    doubtful = f"doubtful, {NO_DIGIT}" if NO_DIGIT in prediction.doubt else "doubtful"
    notes = ([doubtful] if prediction.status == "doubtful" else []) + ([f"or {others}"] if others else [])
    text = answer.page.text if answer.page else prediction.label or WITHHELD
    return name, text, _percent(prediction.confidence), "; ".join(notes)


def _position(answer: Answer) -> int | None:
    """Within a file that holds several images or pages."""
    return answer.frame if answer.index is None else answer.index


def _percent(confidence: float) -> str:
    return f"{100 * confidence:.2f} %"
