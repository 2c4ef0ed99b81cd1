"""What OpenAPI says of requests and answers. docs/infer-output.md says it in words."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from edgemnist.serve.bounds import MAX_PICTURES
from edgemnist.serve.problems import MEDIA_TYPE

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""
_NUMBER = r"[0-9]{1,7}(\.[0-9]{1,6})?%?"
_BINARY = {"type": "string", "format": "binary"}


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PredictQuery(_Fields):
    """How pictures are read."""

    row: Annotated[bool, Field(description="Pictures show rows of digits, or pages of numbers.")] = False
    crop: Annotated[
        str | None,
        Field(pattern=rf"^{_NUMBER}(,{_NUMBER}){{3}}$", description="X,Y,W,H: the part to read, in pixels or percent."),
    ] = None
    rotate: Annotated[int, Field(multiple_of=90, ge=0, le=270, description="Degrees, clockwise, before reading.")] = 0
    top_k: Annotated[int, Field(ge=1, le=10, description="How many of the likeliest digits to name.")] = 1
    inputs: Annotated[bool, Field(description="Add what the model saw: 784 bytes of each digit in base64.")] = False
    collect: Annotated[bool, Field(description="Keep doubtful digits, where the server collects them.")] = True


class ExampleQuery(_Fields):
    """What a picture shows."""

    label: Annotated[str, Field(pattern="^[0-9]$")]


class Ranked(_Fields):
    """A label and its probability."""

    label: str
    confidence: float


class Digit(_Fields):
    """A digit of a row."""

    status: Literal["ok", "doubtful", "blank", "several"]
    label: str | None
    class_index: int | None
    confidence: float | None
    top: list[Ranked]
    box: Box | None
    doubt: str | None


class WordDigit(_Fields):
    """A digit of a word."""

    label: str | None
    box: Box | None
    confidence: float


class Mark(_Fields):
    """A point, comma, minus, slash or colon."""

    kind: str | None
    box: Box


class Word(_Fields):
    """A number that stands apart on its line."""

    text: str
    box: Box
    confidence: float
    digits: list[WordDigit]
    marks: list[Mark]


class Answer(_Fields):
    """One object of `infer --format json`."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    version: Annotated[int, Field(alias="schema")]
    source: str
    index: int | None
    status: Literal["ok", "doubtful", "blank", "several", "unreadable"]
    label: str | None
    class_index: int | None
    confidence: float | None
    top: list[Ranked]
    box: Box | None
    error: str | None
    doubt: str | None
    digits: list[Digit] = Field(default_factory=list)
    frame: int = 0
    lines: list[list[Word]] = Field(default_factory=list)
    inputs: list[str] = Field(default_factory=list)


class Answers(_Fields):
    """An answer for each picture, and each page of a TIFF."""

    answers: list[Answer]


class Kept(_Fields):
    """The name of the file that an example is kept in."""

    name: str


class Thresholds(_Fields):
    """Below these an answer is doubtful."""

    confidence: float
    evidence: float | None


class Limits(_Fields):
    """How much a request may ask for."""

    body_bytes: int
    pictures: int
    images: int
    pixels: int
    waiting: int


class About(_Fields):
    """The model, what runs it, and what this server allows."""

    name: str
    kind: str
    sha256: str
    precision: str
    labels: list[str]
    thresholds: Thresholds
    engine: str
    version: str
    collect: bool
    limits: Limits


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "error": {"type": "string"},
    },
    "additionalProperties": False,
}
_REASONS = {
    400: "The form, the JSON or the body is damaged",
    401: "The token is missing or another",
    403: "The request comes from another site's page",
    404: "There is no such thing here",
    408: "The body arrives too slowly",
    413: "The body is too large, or holds too many pictures",
    415: "The body is compressed",
    421: "The server does not go by this name",
    422: "The picture cannot be read, or a parameter cannot be meant",
    503: "Too many requests wait; try again",
    507: "The folder is full",
}
_ANYWHERE = (401, 403, 421)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's responses for these statuses, and those that the guard gives anywhere."""
    return {
        status: {"description": _REASONS[status], "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status in sorted({*statuses, *_ANYWHERE})
    }


def picture_body(several: bool) -> dict[str, Any]:
    """OpenAPI's request body: a picture, or a form of one or several."""
    many = {"type": "array", "items": _BINARY, "minItems": 1, "maxItems": MAX_PICTURES}
    files: dict[str, Any] = many if several else _BINARY
    as_form = {"type": "object", "required": ["picture"], "properties": {"picture": files}}
    media = {kind: {"schema": _BINARY} for kind in ("image/png", "image/jpeg", "application/octet-stream")}
    return {"requestBody": {"required": True, "content": {**media, "multipart/form-data": {"schema": as_form}}}}


INFER_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One image here; N of them are of shape [N, 1, 28, 28], in JSON or as bytes behind it.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["inputs"],
                    "properties": {
                        "id": {"type": ["string", "null"]},
                        "inputs": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["name", "datatype", "shape", "data"],
                                "properties": {
                                    "name": {"const": "image"},
                                    "datatype": {"const": "UINT8"},
                                    "shape": {"const": [1, 1, 28, 28]},
                                    "data": {
                                        "type": "array",
                                        "minItems": 784,
                                        "maxItems": 784,
                                        "items": {"type": "integer", "minimum": 0, "maximum": 255},
                                    },
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
