"""Read a record out of a metadata string: JSON text that may be damaged or written to do harm."""

import dataclasses
import json
import math
from typing import Any, TypeVar

Record = TypeVar("Record")


def read_json(text: str) -> Any:
    """What a JSON text holds.

    Raises:
        ValueError: it is no JSON, too deep, has a key twice, or a number that is not finite.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("JSON that is too deep") from error


def to_json(record: Any) -> str:
    """The JSON text of a dataclass, which `read_record` reads.

    Raises:
        ValueError: a number that is not finite, which JSON has no word for.
    """
    return json.dumps(dataclasses.asdict(record), allow_nan=False)


def read_record(kind: type[Record], text: str) -> Record:
    """The dataclass `kind`, of int, float, bool and str fields, that a JSON text holds; every value is of its type.

    Raises:
        TypeError, ValueError: it holds something else.
    """
    return record_of(kind, read_json(text))


def record_of(kind: type[Record], values: Any) -> Record:
    """As `read_record`, from what a JSON text held.

    Raises:
        TypeError, ValueError: as `read_record`.
    """
    record = kind(**values)
    for field in dataclasses.fields(record):  # type: ignore[arg-type]  # every kind is a dataclass
        value = getattr(record, field.name)
        whole = type(value) is int and field.type is float
        if not whole and type(value) is not field.type:
            raise TypeError(f"{field.name} is of type {type(value).__name__}")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{field.name} is not finite")
    return record


def read_names(text: str, count: int) -> tuple[str, ...]:
    """The `count` names in a JSON list; a terminal can show each of them.

    Raises:
        ValueError: it holds something else.
    """
    names = read_json(text)
    if not isinstance(names, list) or len(names) != count:
        raise ValueError(f"{count} names expected")
    if not all(isinstance(name, str) and name and name.isprintable() for name in names):
        raise ValueError("a name that is no printable text")
    return tuple(names)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key that is there twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
