"""Reads edgemnist model files with numpy and onnxruntime alone, and replays the self-test record of each.

Usage: python read_without_edgemnist.py FILE.onnx...
"""

import base64
import sys
import zlib

import numpy as np
import onnxruntime

ITEM_BYTES = 28 * 28 + 4 * 10

print(f"onnxruntime {onnxruntime.__version__}, numpy {np.__version__}")
for path in sys.argv[1:]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    record = zlib.decompress(base64.b64decode(metadata["edgemnist.selftest"]))
    count = len(record) // ITEM_BYTES
    images = np.frombuffer(record, np.uint8, count * 784).reshape(count, 1, 28, 28)
    expected = np.frombuffer(record, "<f4", offset=count * 784).reshape(count, 10)
    probabilities, logits = session.run(["probabilities", "logits"], {"image": images})
    difference = np.abs(logits - expected).max()
    same = np.array_equal(logits.argmax(1), expected.argmax(1))
    print(f"{path}: {count} images, max abs diff {difference:.2e}, same answers: {same}")
