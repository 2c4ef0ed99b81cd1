"""An int8 file run in numpy alone: the same bits as in onnxruntime, where onnxruntime does not install.

Between two layers stand integers 0 to 255, here in float32. A layer is a matrix product of them with its weights times
its scale. Every partial sum is a multiple, below 2^24, of one power of two for each channel, so no float32 is rounded,
in whatever order numpy's library adds (docs/int8.md): proven for each layer when a file is opened. The one rounding
that is left, to the next integers, takes halves to the even one, as ONNX has it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from edgemnist.model.graph import Declaration, Graph, read_graph

Array = NDArray[Any]
Compute = Callable[..., Array]

MAX_BYTE, FLOAT32_EXACT = 255, 2**24
BLOCK = 1 << 18
"""Floats of windows that are copied at a time: 1 MB, so that a large page needs little memory."""


class NumpySession:
    """An opened graph that answers as `onnxruntime.InferenceSession` does; several threads may ask it at once.

    Raises:
        LookupError, ValueError: it is no int8 graph of ours, or one whose sums would be rounded.
    """

    def __init__(self, content: bytes) -> None:
        self._graph = graph = read_graph(content)
        if graph.custom_metadata_map.get("edgemnist.precision") == "fp32":
            raise ValueError("it is fp32, whose last bits depend on the order of sums; numpy runs int8 files")
        constants, clipped = dict(graph.constants), {tensor.name for tensor in graph.inputs}
        self._steps: list[tuple[Compute, list[str], str]] = []
        for node in graph.nodes:
            if node.operator not in OPERATORS:
                raise ValueError(f"it has the operator {node.operator:.60}, which no int8 file of ours has")
            inputs = [name for name in node.inputs if name and name not in constants]
            try:
                made = OPERATORS[node.operator]([constants.get(name) for name in node.inputs], **node.attributes)
            except (AttributeError, LookupError, TypeError) as error:  # inputs or attributes that ours do not have
                raise ValueError(f"its {node.operator} is unlike ours ({error})") from error
            if isinstance(made, np.ndarray):
                constants[node.output] = made
                continue
            if node.operator in _LAYERS and not clipped.issuperset(inputs):
                raise ValueError(f"its {node.operator} reads what is not clipped to 0 to {MAX_BYTE}")
            if node.operator in _CLIPPING or (node.operator in _MOVING and clipped.issuperset(inputs)):
                clipped.add(node.output)
            self._steps.append((made, inputs, node.output))
        self._last = {name: at for at, (_, inputs, _) in enumerate(self._steps) for name in inputs}

    def get_inputs(self) -> list[Declaration]:
        """The graph's inputs."""
        return self._graph.inputs

    def get_outputs(self) -> list[Declaration]:
        """The graph's outputs."""
        return self._graph.outputs

    def get_modelmeta(self) -> Graph:
        """What has the file's metadata in its `custom_metadata_map`."""
        return self._graph

    def run(self, names: Sequence[str], feed: Mapping[str, Array]) -> list[Array]:
        """The outputs `names` for the inputs in `feed`."""
        tensors = dict(feed)
        for at, (compute, inputs, output) in enumerate(self._steps):
            tensors[output] = compute(*[tensors[name] for name in inputs])
            for name in inputs:
                if self._last[name] == at and name not in names:
                    tensors.pop(name, None)  # a page's layers need not all be in memory
        types = {tensor.name: np.uint8 if "uint8" in tensor.type else np.float32 for tensor in self._graph.outputs}
        return [np.ascontiguousarray(tensors[name], types[name]) for name in names]


# ---- operators: each function gets the constants among its inputs, None in place of others, and its attributes


def _product(weight: Array, bias: Array, *, clips: bool) -> Compute:
    """Of (N, K) with `weight` (K, M), plus `bias` (M,), in float32, after the proof that no sum of theirs is rounded.

    Every sum is a multiple of the largest power of two that divides all numbers of its channel.
    """
    fractions, exponents = np.frexp(np.concatenate([weight, bias[np.newaxis]]).astype(np.float64))
    whole = np.abs(fractions * 2.0**53).astype(np.int64)
    units = np.where(whole == 0, np.inf, np.ldexp((whole & -whole).astype(np.float64), exponents - 53)).min(0)
    most, least = (MAX_BYTE * part(weight, 0).sum(0) + part(bias, 0) for part in (np.maximum, np.minimum))
    if not (np.maximum(most, -least) < FLOAT32_EXACT * units).all():
        raise ValueError("its sums would be rounded, so that its answers depend on the machine; export it again")
    matrix, added = np.ascontiguousarray(weight, np.float32), bias.astype(np.float32)

    def compute(x: Array) -> Array:
        sums: Array = x @ matrix + added
        return _to_bytes(sums) if clips else sums

    return compute


def _to_bytes(sums: Array) -> Array:
    """To the next integers, 0 to 255, in place."""
    return np.clip(np.rint(sums, out=sums), 0, MAX_BYTE, out=sums)


def _require_as_it_is(*scales: Any) -> None:
    """Prove that integers between layers have the scale 1 and the zero point 0."""
    if any(scale != 1 or zero != 0 for scale, zero in scales):
        raise ValueError("its layers are joined by other scales than 1: it was made before int8 was exact")


def _times_scale(axis: int, whole: Array, scale: Array, zero: Array) -> Array:
    if zero.any():
        raise ValueError("its weights have a zero point other than 0")
    return whole * scale.astype(np.float64).reshape([-1 if at == axis else 1 for at in range(whole.ndim)])


def _convolution(weight: Array, bias: Array, kernel_shape: Any, strides: Any, pads: Any, *, clips: bool) -> Compute:
    """Of (N, H, W, C) with `weight` (M, C, kernel height, kernel width): the windows, in rows, times the weights."""
    if list(weight.shape[2:]) != kernel_shape:
        raise ValueError("its convolution has weights of another size than its kernel")
    product = _product(weight.transpose(2, 3, 1, 0).reshape(-1, len(weight)), bias, clips=clips)
    (down, right), (top, left, bottom, end) = strides, pads

    def compute(x: Array) -> Array:
        x = _padded(x.astype(np.float32, copy=False), [(0, 0), (top, bottom), (left, end), (0, 0)])
        windows = sliding_window_view(x, kernel_shape, (1, 2))[:, ::down, ::right].transpose(0, 1, 2, 4, 5, 3)
        batch, rows, columns = windows.shape[:3]
        sums = np.empty((batch, rows, columns, len(weight)), np.float32)
        most = max(1, BLOCK // (columns * weight[0].size))
        some, some_rows = max(1, most // rows), min(most, rows)
        for at in range(0, batch, some):
            for row in range(0, rows, some_rows):
                block = np.s_[at : at + some, row : row + some_rows]
                sums[block] = product(windows[block].reshape(-1, weight[0].size)).reshape(sums[block].shape)
        return sums

    return compute


def _qlinear_conv(v: list[Any], *, channels_last: int, **windows: Any) -> Compute:
    _require_as_it_is(v[1:3], v[6:8])
    if not channels_last:
        raise ValueError("its QLinearConv has its channels first")
    return _convolution(_times_scale(0, *v[3:6]), v[8] * v[4].astype(np.float64), **windows, clips=True)


def _conv(v: list[Any], *, kernel_shape: Any, pads: Any = (0, 0, 0, 0), strides: Any = (1, 1)) -> Compute:
    convolve = _convolution(v[1], v[2], kernel_shape, strides, pads, clips=False)
    return lambda x: convolve(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def _qgemm(v: list[Any]) -> Compute:
    clips = len(v) > 7
    _require_as_it_is(v[1:3], *[v[7:9]] * clips)
    return _product(_times_scale(1, *v[3:6]), v[6] * v[4].astype(np.float64), clips=clips)


def _gemm(v: list[Any], *, transB: int) -> Compute:  # noqa: N803 - ONNX calls it so
    return _product(v[1].T if transB else v[1], v[2], clips=False)


def _quantize(v: list[Any]) -> Compute:
    _require_as_it_is(v[1:3])
    return lambda x: _to_bytes(x.copy())


def _dequantize(v: list[Any], *, axis: int = 1) -> Compute | Array:
    if v[0] is not None:
        return _times_scale(axis, *v)
    _require_as_it_is(v[1:3])
    return lambda x: x.astype(np.float32, copy=False)


def _qlinear_add(v: list[Any]) -> Compute:
    _require_as_it_is(v[1:3], v[4:6], v[6:8])
    return lambda x, y: np.minimum(x + y, MAX_BYTE)


def _max_pool(_: list[Any], *, kernel_shape: list[int], strides: list[int], axes: tuple[int, int] = (2, 3)) -> Compute:
    if kernel_shape != strides:
        raise ValueError("its pooling windows overlap")

    def compute(x: Array) -> Array:
        for axis, size in zip(axes, kernel_shape, strict=True):
            whole = x.shape[axis] // size * size
            x = reduce(np.maximum, [x[(slice(None),) * axis + (slice(at, whole, size),)] for at in range(size)])
        return x

    return compute


def _pad(v: list[Any]) -> Compute:
    if v[2] != 0:
        raise ValueError("its padding is not 0")
    return lambda x: _padded(x, v[1].reshape(2, -1).T)


def _padded(x: Array, pads: Any) -> Array:
    larger = np.zeros(x.shape + np.sum(pads, 1), x.dtype)
    larger[tuple(slice(before, before + size) for size, (before, _) in zip(x.shape, pads, strict=True))] = x
    return larger


def _resize(v: list[Any], *, mode: str, coordinate_transformation_mode: str, nearest_mode: str) -> Compute:
    how = mode, coordinate_transformation_mode, nearest_mode
    if how != ("nearest", "asymmetric", "floor") or not set(v[2]) <= {1, 2}:
        raise ValueError("its Resize does more than repeat values")
    doubled = [axis for axis, scale in enumerate(v[2]) if scale == 2]
    return lambda x: reduce(lambda found, axis: found.repeat(2, axis), doubled, x)


def _softmax(_: list[Any], *, axis: int) -> Compute:
    def compute(x: Array) -> Array:
        powers = np.exp(x - x.max(axis, keepdims=True))
        shares: Array = powers / powers.sum(axis, keepdims=True)
        return shares

    return compute


OPERATORS: Mapping[str, Callable[..., Compute | Array]] = {
    "Add": lambda _: np.add,
    "Concat": lambda _, *, axis: lambda *parts: np.concatenate(parts, axis),
    "Conv": _conv,
    "DequantizeLinear": _dequantize,
    "Gather": lambda v, *, axis: lambda x: x.take(v[1].astype(np.intp), axis),
    "Gemm": _gemm,
    "MaxPool": _max_pool,
    "Pad": _pad,
    "QuantizeLinear": _quantize,
    "Reshape": lambda v: lambda x: x.reshape(v[1]),
    "Resize": _resize,
    "Softmax": _softmax,
    "Transpose": lambda _, *, perm: lambda x: x.transpose(perm),
    "com.microsoft.NhwcMaxPool": partial(_max_pool, axes=(1, 2)),
    "com.microsoft.QGemm": _qgemm,
    "com.microsoft.QLinearAdd": _qlinear_add,
    "com.microsoft.QLinearConv": _qlinear_conv,
}
"""What the exporter writes, and nothing else."""
_CLIPPING = {"QuantizeLinear", "com.microsoft.QGemm", "com.microsoft.QLinearAdd", "com.microsoft.QLinearConv"}
_LAYERS = {"Conv", "Gemm"} | _CLIPPING - {"QuantizeLinear"}
"""They are exact for inputs 0 to 255."""
_MOVING = OPERATORS.keys() - _CLIPPING - _LAYERS - {"Add", "Softmax"}
