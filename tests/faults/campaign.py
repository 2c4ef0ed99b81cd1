"""Each event of each command that writes, failed once with ENOSPC, once with EIO, and once killed by SIGKILL.

    python tests/faults/campaign.py [--most N] [--seed S] [SCENARIO...]

`--most` takes that many faults of each scenario instead of all. How an event is struck stands in strike.py, what must
hold afterwards in judge.py. The faults are divided among as many workers as there are cores. Prints a table; exit code
1 when anything did not hold.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from judge import judge
from strike import FAULTS, Scenario, Shim, build_shim
from workers import start_workers


@dataclass(frozen=True)
class Share:
    """Which faults are struck."""

    most: int
    """Of each scenario; 0 for all."""
    seed: int
    """Which, where there is a most."""
    worker: int
    """This one takes every `workers`-th."""
    workers: int


@dataclass(frozen=True)
class Result:
    """What a scenario came to, with one worker."""

    events: int
    tried: Counter[str]
    failures: list[str]
    seconds: float


def run(scenario: Scenario, shim: Shim, place: Path, share: Share) -> Result:
    """Strike the scenario, in `place`."""
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
    cases = [(at, fault) for at in range(1, len(events) + 1) for fault in FAULTS]
    if share.most:
        cases = sorted(random.Random(share.seed).sample(cases, min(share.most, len(cases))))
    tried, failures = Counter[str](), []
    for at, fault in cases[share.worker :: share.workers]:
        fresh()
        code = shim.strike(scenario, folder, at, FAULTS[fault], log)
        failure = judge(scenario, folder, code, fault, events[at - 1], (old, new), log)
        tried[fault] += 1
        if failure:
            failures.append(f"{scenario.name}: {fault} at event {at} ({events[at - 1]}): {failure}")
    return Result(len(events), tried, failures, time.monotonic() - began)


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
            # With threads of OpenMP in the parent, a forked child would wait for them forever.
            environment = {"LD_PRELOAD": str(build_shim(place)), "FAULTS_SHIM": "1", "OMP_NUM_THREADS": "1"}
            return subprocess.run([sys.executable, *sys.argv], env=os.environ | environment, check=False).returncode
        del os.environ["LD_PRELOAD"]  # for this process it is loaded; its children's children do without
        from scenarios import make_scenarios

        os.environ["TMPDIR"] = str(place / "tmp")
        (place / "tmp").mkdir()
        scenarios = [one for one in make_scenarios(place) if one.name in options.scenarios or not options.scenarios]

        def work(worker: int, count: int, results: Connection) -> None:
            shim, share = Shim(), Share(options.most, options.seed, worker, count)
            for scenario in scenarios:
                results.send(run(scenario, shim, place / f"{scenario.name} {worker}", share))

        workers = start_workers(work)
        failures = []
        print(f"{'scenario':<20} {'events':>6} " + " ".join(f"{fault:>8}" for fault in FAULTS) + "  failed  seconds")
        for scenario in scenarios:
            results: list[Result] = [worker.recv() for worker in workers]
            found = [failure for result in results for failure in result.failures]
            tried = " ".join(f"{sum(result.tried[fault] for result in results):8}" for fault in FAULTS)
            seconds = max(result.seconds for result in results)
            print(f"{scenario.name:<20} {results[0].events:6} {tried} {len(found):7} {seconds:8.0f}", flush=True)
            failures += found
        print(*failures, sep="\n")
        return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
