"""A command that writes below a folder, run in children whose n-th event there is struck.

shim.c, built here, counts the events and strikes. The process that has loaded everything forks one child for each
fault, so that it costs what the command itself costs.
"""

import ctypes
import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent
FAULTS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "SIGKILL": -1}
FINE_CODES = (0, 7)
"""Of a command that was failed: it did without what failed, or says that writing failed."""

Snapshot = dict[str, str]


@dataclass(frozen=True)
class Scenario:
    """A command that writes below a folder."""

    name: str
    prepare: Callable[[Path], None]
    """Makes the folder as it is before the command."""
    act: Callable[[Path], int]
    """The command, in a process of its own; its exit code."""
    look: Callable[[Path], Snapshot]
    """What is there, by name: everything that a user would count as theirs or ours."""
    between: Literal["nothing", "files", "states"] = "nothing"
    """What is whole between all old and all new: files of which some are old and some new, or states of their own,
    from which a second run goes on."""
    codes: tuple[int, ...] = FINE_CODES


def build_shim(folder: Path) -> Path:
    """The shared library, compiled."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise SystemExit("a C compiler is needed for these tests; on Debian: sudo apt install gcc libc6-dev")
    path = folder / "shim.so"
    subprocess.run([compiler, "-Wall", "-shared", "-fPIC", "-O1", "-o", path, HERE / "shim.c", "-ldl"], check=True)
    return path


def files_below(folder: Path) -> Snapshot:
    """The hash of each file, and where each link points to."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def in_a_child(work: Callable[[], int], log: Path) -> int:
    """The exit code of `work` in a forked process whose output goes to `log`; negative for a signal."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(out, 1)
            os.dup2(out, 2)
            code = work()
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


class Shim:
    """The library that this process was started with."""

    def __init__(self) -> None:
        self.calls = ctypes.CDLL(None)
        self.calls.shim_name.restype = ctypes.c_char_p

    def count(self, scenario: Scenario, folder: Path, log: Path) -> list[str]:
        """The names of the scenario's events."""
        names = folder.parent / "names"

        def work() -> int:
            self.calls.shim_arm(str(folder).encode(), 0, 0)
            code = scenario.act(folder)
            events = [self.calls.shim_name(n).decode() for n in range(1, self.calls.shim_count() + 1)]
            names.write_text("\n".join(events))
            return code

        code = in_a_child(work, log)
        if code != 0:
            raise SystemExit(f"{scenario.name} fails without a fault ({code}):\n{log.read_text()}")
        events = names.read_text().split()
        if not events:
            raise SystemExit(f"{scenario.name} writes nothing:\n{log.read_text()}")
        return events

    def strike(self, scenario: Scenario, folder: Path, at: int, how: int, log: Path) -> int:
        """The exit code of the scenario when its event number `at` is struck."""

        def work() -> int:
            self.calls.shim_arm(str(folder).encode(), at, how)
            return scenario.act(folder)

        return in_a_child(work, log)
