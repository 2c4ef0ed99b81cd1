"""onnxruntime with the session that a tutorial opens, but for the number of threads."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime


def load(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(["logits"], {"image": images})[0]
