"""Readings as text: a line for people, or one of JSON as docs/camera.md has it."""

from dataclasses import replace
from typing import Literal

from edgemnist.camera.watch import CameraReading
from edgemnist.infer.report import as_fields, as_json
from edgemnist.infer.report import as_line as line_of_answer

Format = Literal["table", "json"]


def as_line(reading: CameraReading, form: Format) -> str:
    """One line for a reading."""
    if form == "json":
        behind = {"time": _time(reading, "milliseconds"), "frame": reading.frame, "region": reading.region}
        return as_json(as_fields(reading.answer, top_k=1) | behind)
    name = "  ".join(part for part in (_time(reading, "seconds"), reading.region) if part)
    line = line_of_answer(replace(reading.answer, source=name), top_k=1)
    doubt = reading.answer.prediction.doubt if reading.answer.prediction else ""
    reasons = ", ".join(reason for reason in doubt.split(", ") if reason not in line)
    return f"{line}: {reasons}" if reasons else line


def _time(reading: CameraReading, precision: str) -> str:
    """ISO 8601; Z is UTC."""
    return reading.time.isoformat(timespec=precision).replace("+00:00", "Z")
