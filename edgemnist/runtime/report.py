"""Answers as text: a table for people, JSON Lines and CSV for programs. docs/infer-output.md is the schema."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Literal

from edgemnist.runtime.answers import Answer

SCHEMA_VERSION = 1

Format = Literal["table", "json", "csv"]


def render(answers: Iterable[Answer], form: Format, top_k: int) -> Iterator[str]:
    """The lines of `answers` in the format `form`, each with its `top_k` likeliest labels where there is room."""
    if form == "json":
        return (_json(answer, top_k) for answer in answers)
    if form == "csv":
        return _csv(answers)
    return _table(list(answers), top_k)


def as_line(answer: Answer, top_k: int) -> str:
    """One answer for people, on its own."""
    return "  ".join(part for part in _row(answer, top_k) if part)


def _json(answer: Answer, top_k: int) -> str:
    prediction = answer.prediction
    answered = prediction is not None and prediction.status != "blank"
    return json.dumps(
        {
            "schema": SCHEMA_VERSION,
            "source": answer.source,
            "index": answer.index,
            "status": answer.status,
            "label": prediction.label if prediction and answered else None,
            "class_index": prediction.class_index if prediction and answered else None,
            "confidence": prediction.confidence if prediction and answered else None,
            "top": [
                {"label": label, "confidence": confidence}
                for label, confidence in (prediction.top[:top_k] if prediction else ())
            ],
            "box": None,
            "error": str(answer.error) if answer.error else None,
        },
        ensure_ascii=False,
    )


def _csv(answers: Iterable[Answer]) -> Iterator[str]:
    yield "source,index,status,label,confidence,error"
    for answer in answers:
        prediction = answer.prediction
        known = prediction is not None and prediction.status != "blank"
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(
            [
                answer.source,
                "" if answer.index is None else answer.index,
                answer.status,
                prediction.label if prediction else "",
                f"{prediction.confidence:.6f}" if prediction and known else "",
                str(answer.error or ""),
            ]
        )
        yield line.getvalue()


def _table(answers: list[Answer], top_k: int) -> Iterator[str]:
    rows = [("picture", "digit", "confidence", "")] + [_row(answer, top_k) for answer in answers]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for source, digit, confidence, note in rows:
        line = f"{source:<{widths[0]}}  {digit:<{widths[1]}}  {confidence:>{widths[2]}}  {note}"
        yield line.rstrip()


def _row(answer: Answer, top_k: int) -> tuple[str, str, str, str]:
    name = answer.source if answer.index is None else f"{answer.source}[{answer.index}]"
    prediction = answer.prediction
    if prediction is None:
        return name, "-", "", "unreadable"
    if prediction.status == "blank":
        return name, "-", "", "no digit: the picture is blank"
    others = ", ".join(f"{label} {_percent(confidence)}" for label, confidence in prediction.top[1:top_k])
    notes = (["doubtful"] if prediction.status == "doubtful" else []) + ([f"or {others}"] if others else [])
    return name, prediction.label, _percent(prediction.confidence), "; ".join(notes)


def _percent(confidence: float) -> str:
    return f"{100 * confidence:.2f} %"
