"""What `edgemnist serve` costs beside the library, as ratios within one run.

    OMP_NUM_THREADS=1 python benchmarks/serving.py [--requests 2000] [--memory 100000] [--threads 2]

The same bytes, 28x28 PNGs and 480x640 JPEGs, go to `Classifier.predict` in this process and to a server over loopback,
from 8 clients and from 64, which share the machine with it. Seconds are CPU seconds, of this process and of the server
alone; throughput and latency are by the clock. `--memory`: requests after which the server's memory is looked at again.
"""

import argparse
import asyncio
import io
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from edgemnist import Classifier, __version__

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = (8, 64)
FIRST = 1_000
"""Requests after which memory is looked at first; both kinds of picture were read before."""
PHOTO = (480, 640)


@dataclass(frozen=True)
class Load:
    """What a server did under load."""

    per_second: float
    cpu_ms: float
    """Of the server, for each request."""
    latencies_ms: np.ndarray


def small_pictures() -> list[bytes]:
    """The model's own few dozen MNIST images as files."""
    return [encoded(Image.fromarray(image), "PNG") for image in Classifier().model.info.selftest.images]


def photos() -> list[bytes]:
    """A photo of one digit, at eight places of a page of 480x640 pixels."""
    with Image.open(ROOT / "docs" / "pictures" / "seven.jpg") as file:
        photo = file.convert("RGB").resize(PHOTO)
    return [encoded(photo.rotate(angle, fillcolor=photo.getpixel((5, 5))), "JPEG") for angle in range(-8, 8, 2)]


def encoded(picture: Image.Image, form: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form)
    return stream.getvalue()


def library_ms(pictures: Sequence[bytes], count: int) -> float:
    """CPU milliseconds of `Classifier.predict` for one picture."""
    classifier = Classifier()
    for picture in pictures:
        classifier.predict(picture)
    start = time.process_time()
    for picture in itertools.islice(itertools.cycle(pictures), count):
        classifier.predict(picture)
    return 1000 * (time.process_time() - start) / count


async def load(port: int, pid: int, pictures: Sequence[bytes], count: int, clients: int) -> Load:
    """`count` requests from so many clients, each of which asks again when it has its answer."""
    waiting = itertools.islice(itertools.cycle(pictures), count)
    latencies: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for picture in waiting:
            begun = time.perf_counter()
            head = f"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(picture)}\r\n\r\n"
            writer.write(head.encode() + picture)
            answered = (await reader.readuntil(b"\r\n\r\n")).decode()
            if not answered.startswith("HTTP/1.1 200"):
                raise SystemExit(answered)
            await reader.readexactly(int(answered.lower().partition("content-length:")[2].split()[0]))
            latencies.append(1000 * (time.perf_counter() - begun))
        writer.close()

    cpu, start = cpu_s(pid), time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    seconds = time.perf_counter() - start
    return Load(count / seconds, 1000 * (cpu_s(pid) - cpu) / count, np.array(latencies))


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has used so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """What a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def compare(port: int, pid: int, name: str, pictures: Sequence[bytes], count: int) -> None:
    """Print what one kind of picture costs here and there."""
    asyncio.run(load(port, pid, pictures, count // 10, 8))  # warm
    before = library_ms(pictures, count)
    loads = {clients: asyncio.run(load(port, pid, pictures, count, clients)) for clients in CLIENTS}
    library = (before + library_ms(pictures, count)) / 2
    few, many = (loads[clients] for clients in CLIENTS)
    print(f"{name}: the library takes {library:.2f} ms of CPU")
    for clients, done in loads.items():
        p50, p99 = np.percentile(done.latencies_ms, [50, 99])
        print(
            f"  {clients:2} clients: {done.cpu_ms:.2f} ms of CPU, ratio {library / done.cpu_ms:.2f}; "
            f"{done.per_second:.0f} a second, p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        )
    print(f"  throughput at {CLIENTS[1]} clients / at {CLIENTS[0]}: {many.per_second / few.per_second:.2f}")


def main() -> None:
    """Print the table of docs/serve.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--memory", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=2)
    wanted = parser.parse_args()
    command = [sys.executable, "-m", "edgemnist", "serve", "--port", "0", "--threads", str(wanted.threads)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port, pid = int(server.stdout.readline().rstrip("/\n").rpartition(":")[2]), server.pid
        try:
            print(f"edgemnist {__version__}, {wanted.threads} threads, {wanted.requests:,} requests of each kind")
            small = small_pictures()
            compare(port, pid, "28x28 PNG", small, wanted.requests)
            compare(port, pid, "480x640 JPEG", photos(), wanted.requests // 4)
            held = []
            for count in (FIRST, wanted.memory - FIRST):
                asyncio.run(load(port, pid, small, count, 8))
                held.append(memory_mb(pid))
            print(f"memory after {FIRST:,} requests more {held[0]:.0f} MB, after {wanted.memory:,} {held[1]:.0f} MB")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
