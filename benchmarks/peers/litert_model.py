"""Writes the same weights as .tflite files, fp32 and int8, without TensorFlow: node by node, as a flat buffer.

    python litert_model.py WEIGHTS.npz INTEGERS.npz FP32.tflite INT8.tflite

LiteRT's layouts: images and kernels channels last, dense inputs in the order row, column, channel. Its int8
activations are -128..127, so the integers 0..255 have the zero point -128.
"""

import sys
from pathlib import Path

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

BUILTIN = schema.BuiltinOperator
TYPES = {"float32": schema.TensorType.FLOAT32, "uint8": schema.TensorType.UINT8, "int8": schema.TensorType.INT8}
TYPES |= {"int32": schema.TensorType.INT32}


class Graph:
    """Tensors and operators in the order in which they are added; a tensor is known by its position."""

    def __init__(self):
        self.tensors, self.operators, self.codes, self.buffers = [], [], [], [schema.BufferT()]

    def tensor(self, shape, dtype, data=None, scale=None, zero_point=0, axis=0):
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.name = list(shape), TYPES[np.dtype(dtype).name], f"t{len(self.tensors)}"
        tensor.shapeSignature = [-1, *shape[1:]] if data is None else None
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data, dtype).tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        if scale is not None:
            scale = np.atleast_1d(scale)
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [float(value) for value in scale]
            tensor.quantization.zeroPoint = [zero_point] * len(scale)
            tensor.quantization.quantizedDimension = axis
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def node(self, code, inputs, output, options_name=None, version=1, **options):
        key = (code, version)
        if key not in self.codes:
            self.codes.append(key)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = self.codes.index(key), inputs, [output]
        if options_name:
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, options_name)
            operator.builtinOptions = getattr(schema, f"{options_name}T")()
            for name, value in options.items():
                setattr(operator.builtinOptions, name, value)
        self.operators.append(operator)
        return output

    def write(self, path, image, logits):
        graph = schema.SubGraphT()
        graph.tensors, graph.operators, graph.inputs, graph.outputs = self.tensors, self.operators, [image], [logits]
        model = schema.ModelT()
        model.version, model.subgraphs, model.buffers, model.operatorCodes = 3, [graph], self.buffers, []
        for builtin, version in self.codes:
            code = schema.OperatorCodeT()
            code.builtinCode, code.deprecatedBuiltinCode, code.version = builtin, min(builtin, 127), version
            model.operatorCodes.append(code)
        builder = flatbuffers.Builder(1 << 21)
        builder.Finish(model.Pack(builder), b"TFL3")
        Path(path).write_bytes(bytes(builder.Output()))


RELU = schema.ActivationFunctionType.RELU
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID


def conv_pool(graph, x, weight, bias, shape, dtype, quantization):
    """3x3 convolution with ReLU, and 2x2 pooling; `shape` is (height, width, channels) of the convolution."""
    out = graph.tensor([1, *shape], dtype, **quantization)
    options = {"padding": SAME, "strideW": 1, "strideH": 1, "dilationWFactor": 1, "dilationHFactor": 1}
    graph.node(BUILTIN.CONV_2D, [x, weight, bias], out, "Conv2DOptions", 3, fusedActivationFunction=RELU, **options)
    pooled = graph.tensor([1, shape[0] // 2, shape[1] // 2, shape[2]], dtype, **quantization)
    window = {"padding": VALID, "strideW": 2, "strideH": 2, "filterWidth": 2, "filterHeight": 2}
    return graph.node(BUILTIN.MAX_POOL_2D, [out], pooled, "Pool2DOptions", 2, **window)


def flatten(graph, x, dtype, quantization):
    shape = graph.tensor([2], np.int32, np.array([-1, 3136]))
    out = graph.tensor([1, 3136], dtype, **quantization)
    return graph.node(BUILTIN.RESHAPE, [x, shape], out, "ReshapeOptions", newShape=[-1, 3136])


def dense(graph, inputs, size, dtype, quantization, activation, version):
    out = graph.tensor([1, size], dtype, **quantization)
    options = {"fusedActivationFunction": activation, "keepNumDims": False}
    return graph.node(BUILTIN.FULLY_CONNECTED, inputs, out, "FullyConnectedOptions", version, **options)


def rows_first(weight):
    """Kernels (out, in, height, width) -> (out, height, width, in)."""
    return weight.transpose(0, 2, 3, 1)


def dense_rows_first(weight):
    return rows_first(weight.reshape(128, 64, 7, 7)).reshape(128, 3136)


def write_fp32(weights, path):
    graph, plain = Graph(), {}
    image = graph.tensor([1, 28, 28, 1], np.uint8)
    x = graph.node(BUILTIN.CAST, [image], graph.tensor([1, 28, 28, 1], np.float32), "CastOptions")
    kernels = {"conv1": rows_first(weights["conv1_weight"] / 255), "conv2": rows_first(weights["conv2_weight"])}
    for name, shape in {"conv1": (28, 28, 32), "conv2": (14, 14, 64)}.items():
        kernel = graph.tensor(kernels[name].shape, np.float32, kernels[name])
        bias = graph.tensor([shape[2]], np.float32, weights[f"{name}_bias"])
        x = conv_pool(graph, x, kernel, bias, shape, np.float32, plain)
    x = flatten(graph, x, np.float32, plain)
    rows = {"dense1": dense_rows_first(weights["dense1_weight"]), "dense2": weights["dense2_weight"]}
    for name, activation in {"dense1": RELU, "dense2": 0}.items():
        weight = graph.tensor(rows[name].shape, np.float32, rows[name])
        bias = graph.tensor([len(rows[name])], np.float32, weights[f"{name}_bias"])
        x = dense(graph, [x, weight, bias], len(rows[name]), np.float32, plain, activation, 1)
    graph.write(path, image, x)


def write_int8(integers, path):
    graph, steps = Graph(), {"scale": 1.0, "zero_point": -128}
    image = graph.tensor([1, 28, 28, 1], np.uint8, scale=1.0, zero_point=0)
    x = graph.node(BUILTIN.QUANTIZE, [image], graph.tensor([1, 28, 28, 1], np.int8, **steps), "QuantizeOptions", 2)

    def layer(name, weight):
        scale = integers[f"{name}_scale"]
        kernel = graph.tensor(weight.shape, np.int8, weight, scale=scale)
        return [kernel, graph.tensor([len(scale)], np.int32, integers[f"{name}_bias"], scale=scale)]

    for name, shape in {"conv1": (28, 28, 32), "conv2": (14, 14, 64)}.items():
        x = conv_pool(graph, x, *layer(name, rows_first(integers[f"{name}_weight"])), shape, np.int8, steps)
    x = flatten(graph, x, np.int8, steps)
    weight, bias = layer("dense1", dense_rows_first(integers["dense1_weight"]))
    x = dense(graph, [x, weight, bias], 128, np.int8, steps, RELU, 12)
    # The last layer in floats: LiteRT would round its logits to int8.
    x = graph.node(BUILTIN.DEQUANTIZE, [x], graph.tensor([1, 128], np.float32), "DequantizeOptions", 2)
    scale = integers["dense2_scale"]
    weight = graph.tensor([10, 128], np.float32, integers["dense2_weight"] * scale[:, np.newaxis])
    bias = graph.tensor([10], np.float32, integers["dense2_bias"] * scale)
    graph.write(path, image, dense(graph, [x, weight, bias], 10, np.float32, {}, 0, 1))


if __name__ == "__main__":
    with np.load(sys.argv[1]) as weights, np.load(sys.argv[2]) as integers:
        write_fp32(dict(weights), sys.argv[3])
        write_int8(dict(integers), sys.argv[4])
