"""Reads edgemnist model files with numpy and onnxruntime alone, and replays the self-test record of each.

Usage: python read_without_edgemnist.py FILE.onnx...
"""

import base64
import json
import sys
import zlib

import numpy as np
import onnxruntime


def replay_classifier(session, metadata):
    """How many images are recorded, their logits, and those of this machine."""
    record = zlib.decompress(base64.b64decode(metadata["edgemnist.selftest"]))
    count = len(record) // (28 * 28 + 4 * 10)
    images = np.frombuffer(record, np.uint8, count * 784).reshape(count, 1, 28, 28)
    expected = np.frombuffer(record, "<f4", offset=count * 784).reshape(count, 10)
    (logits,) = session.run(["logits"], {"image": images})  # "probabilities" are their softmax
    return f"{count} images", expected, logits


def replay_finder(session, metadata):
    """How many pages are recorded, the values of their maps, and those of this machine."""
    selftest, described = (json.loads(metadata[f"edgemnist.{key}"]) for key in ("selftest", "maps"))
    count, height, width = selftest["shape"]
    record = zlib.decompress(base64.b64decode(selftest["content"]))
    pages = np.frombuffer(record, np.uint8, count * height * width).reshape(count, 1, height, width)
    kind = np.uint8 if metadata["edgemnist.precision"] == "int8" else "<f4"
    maps = np.frombuffer(record, kind, offset=pages.size).reshape(count, -1, height // 4, width // 4)
    channels = [found["channels"] for found in described]
    scale, zero_point = (
        np.repeat([found[part] for found in described], channels)[:, np.newaxis, np.newaxis]
        for part in ("scale", "zero_point")
    )
    (found,) = session.run(["maps"], {"page": pages})
    expected, values = ((some - zero_point) * scale for some in (maps.astype(np.float32), found.astype(np.float32)))
    return f"{count} pages", expected, values


print(f"onnxruntime {onnxruntime.__version__}, numpy {np.__version__}")
for path in sys.argv[1:]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    if int(metadata["edgemnist.format_version"]) > 2:
        sys.exit(f"{path} is of a newer format version than this script knows")
    is_finder = metadata.get("edgemnist.kind") == "finder"
    inputs, expected, found = (replay_finder if is_finder else replay_classifier)(session, metadata)
    answers, others = ((x > 0 if is_finder else x.argmax(1)) for x in (found, expected))
    same = 100 * np.mean(answers == others)
    print(f"{path}: {inputs}, max abs diff {np.abs(found - expected).max():.2e}, same answers: {same:.2f} %")
