"""Is an .onnx file of the kind that our exports write? Answered from its bytes, before onnxruntime gets to see it.

onnxruntime reads whatever a file names: other files as weights, loops without end, tensors of any size. The contract
needs none of it, so all that no export of ours holds is refused: other fields, operators, nested graphs, external data.
"""

import math
from collections import Counter

from edgemnist.errors import ModelError, reason_of
from edgemnist.model.wire import BYTES, WireError, fields, integers

MAX_BYTES = 32 * 2**20
"""Of a file: almost twenty times the largest of ours."""
MAX_METADATA_BYTES = 1 << 20
"""Of one metadata string: the self-test record, the longest of ours, has 8 to 20 KB."""
MAX_NODES = 1000
MAX_DIMENSION = 1 << 16
"""Of whole numbers among weights and attributes: shapes, paddings, positions. Ours reach 3,136."""

OPERATORS = {
    "": frozenset(
        {
            "Add", "Cast", "Concat", "Conv", "DequantizeLinear", "Gather", "Gemm", "MaxPool", "Pad", "QuantizeLinear",
            "Relu", "Reshape", "Resize", "Softmax", "Transpose",
        }
    ),
    "com.microsoft": frozenset({"NhwcMaxPool", "QGemm", "QLinearAdd", "QLinearConcat", "QLinearConv"}),
}  # fmt: skip
"""By domain. None of them holds a graph, reads a file, draws random numbers or repeats itself."""

# Of each message: the number of a field -> whether it may stand there more than once.
_MODEL = {1: False, 2: False, 3: False, 4: False, 5: False, 6: False, 7: False, 8: True, 14: True}
_GRAPH = {1: True, 2: False, 5: True, 10: False, 11: True, 12: True, 13: True, 16: True}
_NODE = {1: True, 2: True, 3: False, 4: False, 5: True, 6: False, 7: False, 9: True}
_ATTRIBUTE = {1: False, 2: False, 3: False, 4: False, 5: False, 7: True, 8: True, 9: True, 13: False, 20: False}
_TENSOR = {1: True, 2: False, 4: True, 5: True, 7: True, 8: False, 9: False, 10: True, 11: True, 12: False, 16: True}
_ENTRY = {1: False, 2: False}
_FORBIDDEN = {
    ("model", 25): "functions of its own",
    ("tensor", 13): "weights that lie in another file",
    ("tensor", 14): "weights that lie in another file",
    ("attribute", 6): "a graph within the graph",
    ("attribute", 11): "a graph within the graph",
}
_ITEM_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8}
"""By tensor type, onnx.TensorProto.DataType; complex numbers, texts and newer types are in no file of ours."""
_INT64 = 7

Found = dict[int, list[tuple[int, int | memoryview]]]


def require_plain(content: bytes, source: str) -> None:
    """Return when the file `content` holds nothing but what an export of ours may hold; `source` names it in errors.

    Raises:
        ModelError: it holds something else, or is no .onnx file.
    """
    if len(content) > MAX_BYTES:
        raise ModelError(f"{source} is larger than {MAX_BYTES >> 20} MB: that is not a model of edgemnist")
    try:
        _model(memoryview(content))
    except WireError as error:
        raise ModelError(f"{source} is refused: {reason_of(error)}; export it again") from error


def _model(message: memoryview) -> None:
    model = _read(message, "model", _MODEL)
    keys = Counter(bytes(_entry(entry)) for entry in _messages(model, 14))
    if keys and max(keys.values()) > 1:
        raise WireError("it has the same metadata twice")
    for graph in _messages(model, 7):
        _graph(graph)


def _entry(message: memoryview) -> memoryview:
    """The key of a metadata entry."""
    entry = _read(message, "metadata", _ENTRY)
    parts = [part for number in (1, 2) for part in _messages(entry, number)]
    if sum(map(len, parts)) > MAX_METADATA_BYTES:
        raise WireError(f"it has metadata of more than {MAX_METADATA_BYTES:,} bytes")
    for part in parts:
        _text(part)
    return parts[0] if parts else memoryview(b"")


def _graph(message: memoryview) -> None:
    graph = _read(message, "graph", _GRAPH)
    nodes = _messages(graph, 1)
    if len(nodes) > MAX_NODES:
        raise WireError(f"it has more than {MAX_NODES} operators")
    for node in nodes:
        _node(node)
    for tensor in _messages(graph, 5):
        _tensor(tensor)


def _node(message: memoryview) -> None:
    node = _read(message, "node", _NODE)
    names = [_text(part) for number in (4, 7) for part in _messages(node, number) or [memoryview(b"")]]
    operator, domain = names
    if operator not in OPERATORS.get("" if domain == "ai.onnx" else domain, ()):
        raise WireError(
            f"it has the operator {domain + '.' if domain else ''}{operator:.60}, which no export of ours uses"
        )
    for attribute in _messages(node, 5):
        found = _read(attribute, "attribute", _ATTRIBUTE)
        for number in (3, 8):
            _require_small([item for field in found.get(number, ()) for item in integers(*field)])
        for tensor in _messages(found, 5):
            _tensor(tensor)


def _tensor(message: memoryview) -> None:
    """Prove that a tensor's values are all in the file, as many as its shape says."""
    tensor = _read(message, "tensor", _TENSOR)
    shape = [size for field in tensor.get(1, ()) for size in integers(*field)]
    kinds = [value for _, value in tensor.get(2, ())]
    kind = kinds[0] if kinds else None
    if not isinstance(kind, int) or kind not in _ITEM_BYTES:
        raise WireError("it has a tensor of a type that no export of ours uses")
    held = sum(
        len(value) if not isinstance(value, int) else 8
        for number in (4, 5, 7, 9, 10, 11)
        for _, value in tensor.get(number, ())
    )
    # Outside raw data a value takes a byte or more, whatever its type.
    least = _ITEM_BYTES[kind] if 9 in tensor else 1
    if any(size < 0 for size in shape) or math.prod(shape) * least > held:
        raise WireError("it has a tensor that is larger than its values")
    if kind == _INT64:
        _require_small([item for field in tensor.get(7, ()) for item in integers(*field)])
        for raw in _messages(tensor, 9):
            _require_small([int.from_bytes(raw[at : at + 8], "little", signed=True) for at in range(0, len(raw), 8)])


def _require_small(numbers: list[int]) -> None:
    if any(abs(number) > MAX_DIMENSION for number in numbers):
        raise WireError(f"it has a size or position beyond {MAX_DIMENSION:,}")


def _read(message: memoryview, what: str, allowed: dict[int, bool]) -> Found:
    """The fields of a message, by number; a field that may stand once and stands twice would be merged by others."""
    found: Found = {}
    for number, kind, value in fields(message):
        if number not in allowed:
            raise WireError(
                f"it has {_FORBIDDEN.get((what, number), f'a field {number} in a {what}')}, as no export of ours has"
            )
        if number in found and not allowed[number]:
            raise WireError(f"it has the field {number} of a {what} twice")
        found.setdefault(number, []).append((kind, value))
    return found


def _messages(found: Found, number: int) -> list[memoryview]:
    parts = []
    for kind, value in found.get(number, ()):
        if kind != BYTES or isinstance(value, int):
            raise WireError(f"its field {number} is of wire type {kind}")
        parts.append(value)
    return parts


def _text(part: memoryview) -> str:
    try:
        return bytes(part).decode()
    except UnicodeDecodeError as error:
        raise WireError("it has text that is no UTF-8") from error
