"""Runs models between marks that the counting plugin sees: the guest's side of count.sh.

python marks.py [ENGINE:]MODEL...

ENGINE is onnxruntime, with the session that a tutorial opens, or numpy.
"""

import contextlib
import os
import sys
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

MARK = 424200
TURNS = ((1, 8), (64, 1))
"""Images per run, and runs."""


def mark(at: int) -> None:
    # There is no such process: the call is the message.
    with contextlib.suppress(OSError):
        os.getpgid(MARK + at)


def open_session(name: str):
    engine, _, model = name.rpartition(":")
    if engine == "numpy":
        from edgemnist.model.numpy_engine import NumpySession

        return NumpySession(Path(model).read_bytes())
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main() -> None:
    images = np.random.default_rng(0).integers(0, 256, (64, 1, 28, 28)).astype(np.uint8)
    at = 0
    for name in sys.argv[1:]:
        session = open_session(name)
        outputs = [output.name for output in session.get_outputs()]
        for batch, calls in TURNS:
            for _ in range(2):
                session.run(outputs, {"image": images[:batch]})
            mark(at)
            for _ in range(calls):
                session.run(outputs, {"image": images[:batch]})
            mark(at + 1)
            at += 2


if __name__ == "__main__":
    main()
