"""One peer in a process of its own: answers all images once, then takes its turns at being timed.

    python worker.py PEER MODEL IMAGES.npy LOGITS.npy STARTED

PEER is a module beside this file with `load(model, threads)`, which returns a function from (n, 1, 28, 28) uint8 to
logits (n, 10). Writes the logits of all images to a file and a line of JSON about its start; then each line
`BATCH CALLS` on stdin is a turn, answered by the median of its times in seconds. Needs numpy and what the peer needs.
"""

import importlib
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

THREADS = 1


def main() -> None:
    peer, model, images_path, logits_path, started = sys.argv[1:]
    answer = importlib.import_module(peer).load(model, THREADS)
    images = np.load(images_path, mmap_mode="r")
    answer(np.array(images[:1]))
    facts = {"start_s": time.monotonic() - float(started), "rss_bytes": peak_rss_bytes()}
    np.save(logits_path, np.concatenate([answer(np.array(images[at : at + 50])) for at in range(0, len(images), 50)]))
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        batch, calls = map(int, line.split())
        inputs = np.array(images[:batch])
        answer(inputs)
        times = []
        for _ in range(calls):
            began = time.perf_counter()
            answer(inputs)
            times.append(time.perf_counter() - began)
        print(statistics.median(times), flush=True)


def peak_rss_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
