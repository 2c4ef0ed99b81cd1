"""Each event of each command that writes, failed once with ENOSPC, once with EIO, and once killed by SIGKILL.

    python tests/faults/campaign.py [--most N] [--seed S] [SCENARIO...]

`--most` takes that many events of each scenario instead of all. shim.c, built here, counts the events and strikes; the
process that has loaded everything forks one child for each fault, so that it costs what the command itself costs.
What must hold afterwards stands in `judge`. Prints a table; exit code 1 when anything did not hold.
"""

import argparse
import ctypes
import errno
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
FAULTS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "SIGKILL": -1}
FINE_CODES = (0, 7)
"""Of a command that was failed: it did without what failed, or says that writing failed."""
BUNDLE_CODES = (0, 3, 7)
"""An installer may also find out by the self-test of what it could not write."""

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
    steps: bool = False
    """Whether there are whole states between the old and the new one, from which a second run goes on."""
    codes: tuple[int, ...] = FINE_CODES


@dataclass
class Result:
    """What a scenario came to."""

    name: str
    events: int
    tried: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0


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
        return names.read_text().split()

    def strike(self, scenario: Scenario, folder: Path, at: int, how: int, log: Path) -> int:
        """The exit code of the scenario when its event number `at` is struck."""

        def work() -> int:
            self.calls.shim_arm(str(folder).encode(), at, how)
            return scenario.act(folder)

        return in_a_child(work, log)


def judge(
    scenario: Scenario, folder: Path, code: int, fault: str, event: str, states: tuple[Snapshot, Snapshot], log: Path
) -> str:
    """What does not hold after a fault; empty when everything does.

    The exit code is one of the table and there is no traceback. Every file is the old one or the new one, and all of
    them are of one kind, unless the process was killed between two renames or has whole states in between. No file of
    ours lies around, unless it was killed or could not remove it. The same command, run again, makes all new, and
    leaves nothing around.
    """
    old, new = states
    said = log.read_text(errors="replace")
    killed = fault == "SIGKILL"
    if killed and code != -signal.SIGKILL:
        return f"exit code {code} although killed"
    if not killed and code not in scenario.codes:
        return f"exit code {code}: {said[-600:]}"
    if "Traceback" in said or "Error ignored" in said:
        return f"a traceback: {said[-600:]}"
    found = scenario.look(folder)
    litter = {name for name in found if name.endswith(".edgemnist-part")}
    if litter and not killed and event not in ("unlink", "open"):
        return f"left behind: {sorted(litter)}"
    rest = {name: content for name, content in found.items() if name not in litter}
    if not scenario.steps:
        strange = [name for name, content in rest.items() if content not in (old.get(name), new.get(name))]
        if strange:
            return f"neither old nor new: {strange}"
        if not killed and rest not in (old, new):
            return f"some old, some new: {sorted(set(old.items()) ^ set(rest.items()))}"
        if code == 0 and rest != new:
            return "exit code 0, but not all new"
    again = in_a_child(lambda: scenario.act(folder), log)
    if again != 0:
        return f"run again: exit code {again}: {log.read_text(errors='replace')[-600:]}"
    after = scenario.look(folder)
    if after != new:
        return f"run again: not all new: {sorted(set(after.items()) ^ set(new.items()))}"
    return ""


def run(scenario: Scenario, shim: Shim, place: Path, most: int, chance: random.Random) -> Result:
    """Strike the scenario at its events, or at `most` of them."""
    began = time.monotonic()
    folder, log = place / "folder", place / "log"

    def fresh() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        scenario.prepare(folder)

    fresh()
    old = scenario.look(folder)
    events = shim.count(scenario, folder, log)
    new = scenario.look(folder)
    result = Result(scenario.name, len(events))
    cases = [(at, fault) for at in range(1, len(events) + 1) for fault in FAULTS]
    for at, fault in sorted(chance.sample(cases, min(most or len(cases), len(cases)))):
        fresh()
        code = shim.strike(scenario, folder, at, FAULTS[fault], log)
        failure = judge(scenario, folder, code, fault, events[at - 1], (old, new), log)
        result.tried[fault] += 1
        if failure:
            result.failures.append(f"{scenario.name}: {fault} at event {at} ({events[at - 1]}): {failure}")
    result.seconds = time.monotonic() - began
    return result


def main() -> int:
    """The exit code of the campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=0, help="faults in each scenario; default: all")
    parser.add_argument("--seed", type=int, default=0, help="which, where --most is given")
    parser.add_argument("scenarios", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edgemnist-faults-") as name:
        place = Path(name).resolve()
        if "FAULTS_SHIM" not in os.environ:
            environment = {"LD_PRELOAD": str(build_shim(place)), "FAULTS_SHIM": "1", "OMP_NUM_THREADS": "1"}
            return subprocess.run([sys.executable, *sys.argv], env=os.environ | environment, check=False).returncode
        del os.environ["LD_PRELOAD"]  # for this process it is loaded; its children's children do without
        sys.path.insert(0, str(HERE))
        from scenarios import make_scenarios

        os.environ["TMPDIR"] = str(place / "tmp")
        (place / "tmp").mkdir()
        scenarios = [one for one in make_scenarios(place) if one.name in options.scenarios or not options.scenarios]
        shim, failures = Shim(), []
        print(f"{'scenario':<20} {'events':>6} " + " ".join(f"{fault:>8}" for fault in FAULTS) + "  failed  seconds")
        for scenario in scenarios:
            result = run(scenario, shim, place / scenario.name, options.most, random.Random(options.seed))
            tried = " ".join(f"{result.tried[fault]:8}" for fault in FAULTS)
            print(
                f"{result.name:<20} {result.events:6} {tried} {len(result.failures):7} {result.seconds:8.0f}",
                flush=True,
            )
            failures += result.failures
        print(*failures, sep="\n")
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
