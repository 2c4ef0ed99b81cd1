"""What each hostile picture costs a server: its answer, seconds, and the memory that the server grows to.

    python tests/serve/hostile_pictures.py [NAME...]

One server of one turn gets the files of tests/faults/hostile.py one after the other, and an honest digit behind each.
Exit code 1 when one is answered with 5xx, the digit is not read, or the server takes more than `PEAK_MB`.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from served import PICTURES, Served, serving

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))

from hostile import BYTES

PEAK_MB = 320
"""Of the whole process: 80 MB at rest, 160 for a picture at its largest, what arrives, and what the allocator keeps."""


@dataclass(frozen=True)
class Met:
    """How a server met a hostile picture."""

    name: str
    status: int
    detail: str
    seconds: float
    peak_mb: float
    next_status: int
    """Of the digit behind it."""

    @property
    def fits(self) -> bool:
        return self.status < 500 and self.next_status == 200 and self.peak_mb <= PEAK_MB


def meet(server: Served, names: Sequence[str]) -> Iterator[Met]:
    """What `server` makes of each of the pictures."""
    digit = (PICTURES / "seven.jpg").read_bytes()
    for name in names:
        content = BYTES[name]()
        start = time.monotonic()
        reply = server.ask("POST", "/v1/predict?row=1", content)
        seconds = time.monotonic() - start
        detail = reply.json["detail"] if reply.status != 200 else reply.json["answers"][0]["status"]
        behind = server.ask("POST", "/v1/predict", digit)
        yield Met(name, reply.status, detail, seconds, peak_mb(server), behind.status)


def peak_mb(server: Served) -> float:
    """The most memory that the server's process has taken so far."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> int:
    """Print a line for each picture; the exit code."""
    failed = 0
    with serving("--threads", 1) as server:
        for met in meet(server, sys.argv[1:] or list(BYTES)):
            failed += not met.fits
            mark = " " if met.fits else "!"
            print(f"{mark} {met.name:28} {met.status} {met.seconds:5.1f} s {met.peak_mb:4.0f} MB  {met.detail[:110]}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
