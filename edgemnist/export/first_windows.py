"""A classifier's first convolution with its pooling, rewritten: a quarter of the windows, each 16 bytes in a row.

docs/int8.md has the time that it saves.
"""

import numpy as np

from edgemnist.data import IMAGE_SIZE
from edgemnist.export import integer_operators as integers
from edgemnist.export.builder import GraphBuilder
from edgemnist.export.quantize import QuantizedLayer
from edgemnist.export.rewrites import pool_positions, rows_as_channels

_POOLED = IMAGE_SIZE // 2


def build_first_windows(graph: GraphBuilder, image: str, layer: QuantizedLayer, names: tuple[str, str]) -> str:
    """(N, 14, 14, 32) bytes: the 3x3 convolution `layer` of the image, pooled; `names` of both."""
    conv_name, pool_name = names
    x = _window_rows(graph, image)
    windows = pool_positions(layer)
    windows = QuantizedLayer(rows_as_channels(windows.weight), windows.bias, windows.scale)
    x = integers.conv(graph, x, windows, conv_name, strides=[1, 2], pads=[0, 1, 0, 1])
    # The four groups of a cell become four columns: a pool of 1x4 takes their maximum without moving a byte.
    x = graph.reshape(x, (_POOLED, _POOLED * 4, len(layer.bias)), f"{conv_name}_groups")
    return integers.max_pool(graph, x, pool_name, [1, 4])


def _window_rows(graph: GraphBuilder, image: str) -> str:
    """(N, 14, 28, 4): for each row of pooling windows the four image rows that it depends on, as channels.

    Three cheap operators over bytes, and each window of the convolution behind them is 16 bytes in a row.
    """
    x = graph.reshape(image, (IMAGE_SIZE, IMAGE_SIZE), "rows")
    x = graph.node("Pad", [x, graph.constant("row_pads", np.array([0, 1, 0, 0, 1, 0])), "zero"], "padded_rows")
    of_window = 2 * np.arange(_POOLED)[:, np.newaxis] + np.arange(4)
    x = graph.node("Gather", [x, graph.constant("rows_of_window", of_window)], "window_rows", axis=1)
    return graph.node("Transpose", [x], "window_rows_last", perm=[0, 1, 3, 2])
