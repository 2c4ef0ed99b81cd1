"""How a process gets to its first answer, measured in one that has loaded nothing yet.

`measure_cold_start` starts this very file as that process. Its clock is the system's monotonic one, which both sides
share; what is imported and opened is what `edgemnist infer` needs for an image, without the command line before it.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgemnist.errors import ModelError


@dataclass(frozen=True)
class ColdStart:
    """One start."""

    total_ms: float
    """From the start of the process to its first answer."""
    import_ms: float
    """Of which numpy and the engine."""
    load_ms: float
    """Of which opening the model: digest, session, metadata."""
    first_ms: float
    """Of which the first image, or page."""
    peak_rss_bytes: int | None
    """The most memory the process had in use; None where there is no /proc."""


def measure_cold_start(model: Path, engine: str = "auto") -> ColdStart:
    """One start of a new process that answers one image with `model`.

    Raises:
        ModelError: the process failed; says what it said last.
    """
    # A file of the current folder must not be taken for a module; -I where we were started with it.
    flag = "-I" if sys.flags.isolated else "-P"
    command = [sys.executable, flag, "-m", "edgemnist.device.cold_start", str(model), engine]
    command.append(str(time.monotonic()))
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ModelError(f"{model} gave no answer in a new process: {done.stderr.strip().rpartition(chr(10))[2]}")
    return ColdStart(**json.loads(done.stdout))


def peak_rss_bytes(status: Path = Path("/proc/self/status")) -> int | None:
    """The most memory this process had in use.

    Not by `resource`: after an exec that still counts what the parent used.
    """
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)


def _answer_once(model: Path, engine: Any, started: float) -> ColdStart:
    began = time.monotonic()
    from edgemnist.model.opened import open_any, run_values
    from edgemnist.model.session import find_engine

    find_engine(engine)
    imported = time.monotonic()
    opened = open_any(model, engine=engine)
    loaded = time.monotonic()
    run_values(opened, opened.info.recorded[0][:1])
    answered = time.monotonic()
    return ColdStart(
        total_ms=1e3 * (answered - started),
        import_ms=1e3 * (imported - began),
        load_ms=1e3 * (loaded - imported),
        first_ms=1e3 * (answered - loaded),
        peak_rss_bytes=peak_rss_bytes(),
    )


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(asdict(_answer_once(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))), allow_nan=False)
    )
