"""The Open Inference Protocol's requests and responses: JSON, and the extension that sends tensors as bytes behind it.

    Inference-Header-Content-Length: 142        the JSON's bytes; without it the body is JSON alone
    {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 1, 28, 28],
                 "parameters": {"binary_data_size": 784}}]}
    784 bytes

Source: github.com/kserve/open-inference-protocol, and Triton's binary tensor data extension.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgemnist.data import IMAGE_SIZE
from edgemnist.model.classifier import INPUT_NAME, OUTPUT_NAMES
from edgemnist.model.session import Outputs
from edgemnist.serve.bounds import MAX_IMAGES, MAX_JSON_BYTES
from edgemnist.serve.problems import ProblemError

MODEL_NAME, MODEL_VERSION = "edgemnist", "1"
LENGTH_HEADER = "Inference-Header-Content-Length"
METADATA = {
    "name": MODEL_NAME,
    "versions": [MODEL_VERSION],
    "platform": "onnx_onnxv1",
    "inputs": [{"name": INPUT_NAME, "datatype": "UINT8", "shape": [-1, 1, IMAGE_SIZE, IMAGE_SIZE]}],
    "outputs": [{"name": name, "datatype": "FP32", "shape": [-1, 10]} for name in OUTPUT_NAMES],
}


@dataclass(frozen=True)
class InferRequest:
    """What a client wants to know."""

    id: str | None
    images: NDArray[np.uint8]
    """(N, 28, 28)."""
    outputs: tuple[tuple[str, bool], ...]
    """Their names, and whether each comes as bytes."""


def parse_request(body: bytes, length: str | None) -> InferRequest:
    """The request in a body, of which so many bytes are JSON.

    Raises:
        ProblemError: it does not keep to the protocol, or asks for too much.
    """
    end = len(body) if length is None else _size(length, len(body))
    if end > MAX_JSON_BYTES:
        raise _wrong(f"the JSON has more than {MAX_JSON_BYTES >> 20} MB; send tensors as bytes behind it", 413)
    try:
        request = json.loads(body[:end])
    except (ValueError, RecursionError) as error:
        raise _wrong(f"no JSON: {error}") from None
    if not isinstance(request, dict):
        raise _wrong("the JSON is no object")
    name = request.get("id")
    if name is not None and not isinstance(name, str):
        raise _wrong("id is no string")
    return InferRequest(name, _images(request.get("inputs"), body[end:]), _outputs(request))


def render_response(request: InferRequest, answers: Outputs) -> tuple[bytes, dict[str, str]]:
    """The body of a response, and the headers that say how to read it."""
    tensors: list[dict[str, Any]] = []
    behind = b""
    for name, binary in request.outputs:
        values: NDArray[np.float32] = getattr(answers, name)
        tensor: dict[str, Any] = {"name": name, "datatype": "FP32", "shape": list(values.shape)}
        if binary:
            raw = values.astype("<f4").tobytes()
            tensor["parameters"] = {"binary_data_size": len(raw)}
            behind += raw
        else:
            tensor["data"] = values.ravel().tolist()
        tensors.append(tensor)
    named = {} if request.id is None else {"id": request.id}
    head = json.dumps({"model_name": MODEL_NAME, "model_version": MODEL_VERSION, **named, "outputs": tensors}).encode()
    if not any(binary for _, binary in request.outputs):
        return head, {"Content-Type": "application/json"}
    return head + behind, {"Content-Type": "application/octet-stream", LENGTH_HEADER: str(len(head))}


def _images(inputs: Any, behind: bytes) -> NDArray[np.uint8]:
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise _wrong(f"inputs is no list of one tensor, {INPUT_NAME}")
    tensor = inputs[0]
    shape = tensor.get("shape")
    if tensor.get("name") != INPUT_NAME or tensor.get("datatype") != "UINT8":
        raise _wrong(f"the input is {INPUT_NAME}, of datatype UINT8")
    if not isinstance(shape, list) or any(type(size) is not int for size in shape):
        raise _wrong("the input's shape is no list of whole numbers")
    if shape[1:] != [1, IMAGE_SIZE, IMAGE_SIZE] or shape[0] < 1:
        raise _wrong(f"the input's shape is [N, 1, {IMAGE_SIZE}, {IMAGE_SIZE}], not {shape}")
    if shape[0] > MAX_IMAGES:
        raise _wrong(f"{shape[0]} images are too many for one request; send {MAX_IMAGES:,} at most", 413)
    size, given = math.prod(shape), _parameters(tensor).get("binary_data_size")
    if (given is None) == ("data" not in tensor):
        raise _wrong("the input has its data in the JSON, or as bytes behind it with binary_data_size")
    if given is None:
        values = _from_json(tensor["data"], shape)
        unused = len(behind)
    elif type(given) is not int or given != size or len(behind) < size:
        raise _wrong(f"the input has {size:,} bytes, and binary_data_size says so")
    else:
        values, unused = np.frombuffer(behind, np.uint8, size), len(behind) - size
    if unused:
        raise _wrong(f"{unused:,} bytes behind the JSON belong to no tensor")
    return values.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _from_json(data: Any, shape: list[int]) -> NDArray[np.uint8]:
    try:
        values = np.asarray(data)
    except (ValueError, OverflowError) as error:
        raise _wrong(f"the input's data is no tensor: {error}") from None
    if list(values.shape) not in (shape, [math.prod(shape)]):
        raise _wrong(f"the input's data has the shape {list(values.shape)}, not {shape}")
    # JSON knows no whole numbers: 7.0 is one too.
    whole = values.dtype.kind in "iu" or (values.dtype.kind == "f" and (values == np.floor(values)).all())
    if not whole or values.min() < 0 or values.max() > 255:
        raise _wrong("the input's data are whole numbers from 0 to 255")
    return values.astype(np.uint8)


def _outputs(request: dict[str, Any]) -> tuple[tuple[str, bool], ...]:
    all_binary = _flag(_parameters(request), "binary_data_output", False)
    wanted = request.get("outputs")
    if not wanted:
        return tuple((name, all_binary) for name in OUTPUT_NAMES)
    if not isinstance(wanted, list) or not all(isinstance(output, dict) for output in wanted):
        raise _wrong("outputs is no list of tensors")
    found = {}
    for output in wanted:
        name, parameters = output.get("name"), _parameters(output)
        if name not in OUTPUT_NAMES or name in found:
            raise _wrong(f"the outputs are {' and '.join(OUTPUT_NAMES)}, each once")
        if "classification" in parameters:
            raise _wrong("the extension classification is not spoken here; ask for probabilities")
        found[name] = _flag(parameters, "binary_data", all_binary)
    return tuple(found.items())


def _parameters(fields: dict[str, Any]) -> dict[str, Any]:
    parameters = fields.get("parameters", {})
    if not isinstance(parameters, dict):
        raise _wrong("parameters is no object")
    return parameters


def _flag(parameters: dict[str, Any], name: str, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise _wrong(f"{name} is true or false")
    return value


def _size(length: str, most: int) -> int:
    if not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > most:
        raise _wrong(f"{LENGTH_HEADER} is no number of bytes of the body")
    return int(length)


def _wrong(reason: str, status: int = 400) -> ProblemError:
    return ProblemError(status, reason)
