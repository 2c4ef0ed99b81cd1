"""The graph in an int8 file as plain data, read without onnx and without onnxruntime.

`inspect` has looked through the file before. Source of the field numbers: onnx.proto of ONNX 1.19.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgemnist.model.wire import BYTES, VARINT, WireError, fields, integers

_TYPES: dict[int, Any] = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8"}
"""By onnx.TensorProto.DataType."""
_DECLARED = {1: "tensor(float)", 2: "tensor(uint8)"}

Found = dict[int, list[Any]]
"""The values of a message by the numbers of its fields."""


@dataclass(frozen=True)
class Node:
    """One operator; onnxruntime's own are written `com.microsoft.QLinearConv`."""

    operator: str
    inputs: list[str]
    """Names of tensors; empty where an optional one is left out."""
    output: str
    attributes: Mapping[str, int | str | list[int]]


@dataclass(frozen=True)
class Declaration:
    """An input or output, in the words of onnxruntime's `get_inputs`."""

    name: str
    type: str
    shape: list[int | str]


@dataclass(frozen=True)
class Graph:
    """What a file holds; `custom_metadata_map` is onnxruntime's word."""

    nodes: list[Node]
    """In the order in which they are computed."""
    constants: Mapping[str, NDArray[Any]]
    inputs: list[Declaration]
    outputs: list[Declaration]
    custom_metadata_map: Mapping[str, str]


def read_graph(content: bytes) -> Graph:
    """The graph in the file `content`.

    Raises:
        LookupError, ValueError: it is no such file, or has tensors of another type.
    """
    model = _read(memoryview(content))
    graph = _read(model[7][0])
    return Graph(
        nodes=[_node(_read(node)) for node in graph.get(1, ())],
        constants=dict(_constant(_read(tensor)) for tensor in graph.get(5, ())),
        inputs=[_declaration(_read(value)) for value in graph.get(11, ())],
        outputs=[_declaration(_read(value)) for value in graph.get(12, ())],
        custom_metadata_map={_text(entry, 1): _text(entry, 2) for entry in map(_read, model.get(14, ()))},
    )


def _node(node: Found) -> Node:
    inputs, (output,) = ([bytes(name).decode() for name in node.get(number, ())] for number in (1, 2))
    attributes = {_text(found, 1): _attribute(found) for found in map(_read, node.get(5, ()))}
    return Node(f"{_text(node, 7)}.{_text(node, 4)}".lstrip("."), inputs, output, attributes)


def _attribute(attribute: Found) -> int | str | list[int]:
    if 4 in attribute:
        return _text(attribute, 4)
    return int(attribute[3][0]) if 3 in attribute else _whole_numbers(attribute, 8)


def _constant(tensor: Found) -> tuple[str, NDArray[Any]]:
    name, kind = _text(tensor, 8), tensor[2][0]
    if kind not in _TYPES or 9 not in tensor:
        raise WireError(f"its {name:.60} is of a type or form that no int8 file of ours has")
    return name, np.frombuffer(tensor[9][0], _TYPES[kind]).reshape(_whole_numbers(tensor, 1))


def _declaration(value: Found) -> Declaration:
    tensor = _read(_read(value[2][0])[1][0])
    sizes = [_read(size) for size in _read(tensor[2][0]).get(1, ())]
    shape = [int(size[1][0]) if 1 in size else _text(size, 2) for size in sizes]
    return Declaration(_text(value, 1), _DECLARED.get(tensor[1][0], "another type"), shape)


def _read(message: memoryview) -> Found:
    found: Found = {}
    for number, _, value in fields(message):
        found.setdefault(number, []).append(value)
    return found


def _text(found: Found, number: int) -> str:
    return bytes(found[number][0]).decode() if number in found else ""


def _whole_numbers(found: Found, number: int) -> list[int]:
    """Of a repeated field, packed or not."""
    values = found.get(number, ())
    return [item for value in values for item in integers(VARINT if isinstance(value, int) else BYTES, value)]
