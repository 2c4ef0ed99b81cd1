"""What each hostile file costs `edgemnist infer`: peak memory and CPU time of a process of its own.

    python tests/faults/bounds.py [--folder DIR] [NAME...]

Each file of hostile.py is read in a child under RLIMIT_AS and RLIMIT_CPU. Exit code 1 when one takes more than
`PEAK_MB` or `CPU_S`, or ends in anything but one line.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

PEAK_MB = 240
"""Of the whole process, the libraries included."""
CPU_S = 3.0
"""On this machine; a Cortex-A53 takes several times as long."""
_MEMORY_BYTES, _MOST_CPU_S = 4 << 30, 60
"""Where the child is ended."""


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    peak_mb: float
    cpu_s: float
    code: int
    said: str
    """The last line of stderr, or of stdout where that is empty."""
    lines: int
    """Of stdout: answers."""

    @property
    def fits(self) -> bool:
        """Whether it kept within the bounds and ended as it should."""
        return (
            self.peak_mb <= PEAK_MB
            and self.cpu_s <= CPU_S
            and self.code in (0, 2, 4, 6)
            and "Traceback" not in self.said
        )


_ALONE = """
import json, os, resource, sys
child = os.fork()
if not child:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024, used.ru_utime + used.ru_stime], file)
""".replace("MEMORY", str(_MEMORY_BYTES)).replace("SECONDS", str(_MOST_CPU_S))
"""Starts the command from a process that is itself small: the system counts the memory that the starter had as its."""


def measure(arguments: list[str], folder: Path) -> Cost:
    """The cost of `edgemnist` with these arguments in that folder."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.NamedTemporaryFile() as record:
        starter = [sys.executable, "-I", "-S", "-c", _ALONE, record.name, "-m", "edgemnist", *arguments]
        done = subprocess.run(
            starter, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True
        )
        code, peak_bytes, cpu_s = json.loads(Path(record.name).read_text(encoding="utf-8"))
    out, errors = (text.decode(errors="replace").strip().splitlines() for text in (done.stdout, done.stderr))
    return Cost(peak_bytes / 1e6, cpu_s, code, [*errors[-1:], *out[-1:], ""][0], len(out))


def main() -> int:
    """The exit code: 1 when something is out of bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the files are made and stay; default: a temporary one")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    from hostile import BYTES, HONEST, PLACED, make

    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{'file':<28} {'bytes':>15} {'MB':>5} {'CPU s':>6} {'code':>4}  what it said")
        for name in options.names or [*BYTES, *PLACED]:
            path = folder / name
            if not os.path.lexists(path):
                make(name, path)
            cost = measure(["infer", name, *["--row"] * name.startswith("page-")], folder)
            fits = cost.fits or (name in HONEST and cost.code in (0, 4) and cost.peak_mb <= PEAK_MB)
            failed |= not fits
            size = path.stat().st_size
            mark = " " if fits else "!"
            print(
                f"{name:<28} {size:15,} {cost.peak_mb:5.0f} {cost.cpu_s:6.2f} {cost.code:4} {mark}{cost.said[:110]}",
                flush=True,
            )
            if not options.folder:
                path.unlink()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
