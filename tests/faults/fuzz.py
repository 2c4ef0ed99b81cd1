"""Damaged files of each kind that is read, by a seed: is every one answered or refused, in time and in memory?

    python tests/faults/fuzz.py [--count N] [--seed S] [--first I] [KIND...]

Case `i` of a kind follows from the seed and `i` alone, so that any one can be made again: --first I --count 1.
Checksums and digests are made right after the change: otherwise only they would be tested. The cases run in child
processes under RLIMIT_AS and RLIMIT_CPU. Reported are exceptions that are no errors of ours, hangs, crashes and too
much memory; of pictures also sure answers that differ from the undamaged picture's. Exit code 1 when there is anything
but the last.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from workers import start_workers

MEMORY_BYTES = 1 << 30
"""That the cases may map beyond what the parent has mapped."""
CPU_S = 20
"""For one case; the slowest of the seeds takes a tenth of a second."""
BATCH = 250
"""Cases in one child."""
OURS, OTHER, DIFFERENT = "refused", "raw exception", "sure and different"


@dataclass
class Tally:
    """What became of one kind's cases."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: int = 0


def alter(content: bytes, chance: Random) -> bytes:
    """The content with one to four changes: bits, bytes, lengths, parts left out, doubled or put elsewhere."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if not data:
            break
        # Headers decide the most, and are the smallest part of a file.
        at = chance.randrange(min(len(data), chance.choice((32, 256, 1 << 30))))
        what = chance.randrange(9)
        if what == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif what == 2:
            number = chance.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, chance.randrange(1 << 32)))
            data[at : at + 4] = number.to_bytes(4, chance.choice(("big", "little")))
        elif what == 3:
            del data[at:]
        elif what == 4:
            del data[at : at + chance.randrange(1, 64)]
        elif what == 5:
            data[at:at] = data[at : at + chance.randrange(1, 256)]
        elif what == 6:
            data[at:at] = chance.randbytes(chance.randrange(1, 32))
        elif what == 7:
            other = chance.randrange(len(data))
            length = chance.randrange(1, 64)
            data[at : at + length] = data[other : other + length]
        else:
            data += chance.choice((data[:4096], chance.randbytes(64), bytes(64)))
    return bytes(data)


Kind = tuple[list[bytes], Callable[[bytes, Random], bytes], Callable[[bytes, int], object]]
"""Seeds, what damages one of them, what reads it: it is given the damaged content and the seed's position."""


def run_cases(kind: Kind, seed: str, first: int, count: int, say: Callable[[str], None]) -> None:
    """Make and read each case, telling `say` before and after each."""
    seeds, damage, read = kind
    from edgemnist.errors import EdgemnistError

    for number in range(first, first + count):
        chance = Random(f"{seed} {number}")
        which = chance.randrange(len(seeds))
        content = damage(seeds[which], chance)
        say(f"{number} begins")
        try:
            outcome = read(content, which) or "answered"
        except EdgemnistError as error:
            text = str(error)
            fine = text.isprintable() and 0 < len(text) < 2000
            outcome = OURS if fine else f"{OTHER}: a message of {len(text)} characters {text[:80]!r}"
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            outcome = (
                f"{OTHER}: {type(error).__name__} {str(error)[:80]!r} in {Path(where.filename).name}:{where.lineno}"
            )
        say(f"{number} {outcome}")


def run_batch(kind: Kind, seed: str, first: int, count: int, tally: Tally) -> int:
    """Run cases in one child; how many of them are done: a case that kills the child is done as well."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY_BYTES, mapped + MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        warnings.simplefilter("ignore")
        # What native code has to say about a damaged file is not ours to judge here.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

        def say(line: str) -> None:
            spent = resource.getrusage(resource.RUSAGE_SELF)
            used = int(spent.ru_utime + spent.ru_stime)
            resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_S, resource.RLIM_INFINITY))
            os.write(writing, f"{line}\t{spent.ru_maxrss >> 10}\n".encode(errors="replace"))

        try:
            run_cases(kind, seed, first, count, say)
        except BaseException as error:
            say(f"{first} {OTHER}: in the campaign itself: {error!r}")
            os._exit(1)
        os._exit(0)
    os.close(writing)
    done, pending = 0, None
    with os.fdopen(reading, errors="replace") as lines:
        for line in lines:
            text, _, peak = line.rstrip("\n").rpartition("\t")
            tally.peak_mb = max(tally.peak_mb, int(peak))
            number, _, outcome = text.partition(" ")
            if outcome == "begins":
                pending = number
                continue
            pending, done = None, done + 1
            tally.outcomes[outcome.partition(":")[0]] += 1
            if outcome.startswith((OTHER, DIFFERENT)):
                tally.findings.append(f"{number}: {outcome}")
    _, status = os.waitpid(child, 0)
    if pending is not None:
        code = os.waitstatus_to_exitcode(status)
        what = "hang" if code in (-24, -9) else f"crash ({code})"
        tally.outcomes[what] += 1
        tally.findings.append(f"{pending}: {what}")
        done += 1
    elif done < count:
        raise SystemExit(f"the child ended after {done} of {count} cases, {os.waitstatus_to_exitcode(status)}")
    return done


def run_kind(name: str, kind: Kind, seed: int, first: int, count: int) -> Tally:
    """The tally of `count` cases of a kind."""
    tally = Tally()
    began, done = time.monotonic(), 0
    while done < count:
        done += run_batch(kind, f"{seed} {name}", first + done, min(BATCH, count - done), tally)
    tally.seconds = time.monotonic() - began
    return tally


def together(tallies: list[Tally]) -> Tally:
    """The tally of all workers."""
    return Tally(
        sum((tally.outcomes for tally in tallies), Counter()),
        [finding for tally in tallies for finding in tally.findings],
        max(tally.seconds for tally in tallies),
        max(tally.peak_mb for tally in tallies),
    )


def main() -> int:
    """The exit code of the campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="cases of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the first case; to make one again")
    parser.add_argument("kinds", nargs="*")
    options = parser.parse_args()
    from kinds import make_kinds

    with tempfile.TemporaryDirectory(prefix="edgemnist-fuzz-") as folder:
        return campaign(make_kinds(Path(folder)), options)


def campaign(kinds: dict[str, Kind], options: argparse.Namespace) -> int:
    """The exit code after the table, a line for each kind and one for each finding."""
    chosen = {name: kind for name, kind in kinds.items() if name in options.kinds or not options.kinds}

    def work(worker: int, count: int, results: Connection) -> None:
        begin, end = (options.count * at // count for at in (worker, worker + 1))
        for name, kind in chosen.items():
            results.send(run_kind(name, kind, options.seed, options.first + begin, end - begin))

    workers = start_workers(work)
    failed = False
    print(f"seed {options.seed}, {options.count:,} cases of each kind")
    print(
        f"{'kind':<10} {'answered':>9} {'refused':>9} {'raw':>5} {'hang':>5} {'crash':>5} "
        f"{'sure, other':>11} {'MB':>5} {'s':>6}"
    )
    for name in chosen:
        tally = together([worker.recv() for worker in workers])
        found = tally.outcomes
        crashes = sum(number for what, number in found.items() if what.startswith("crash"))
        print(
            f"{name:<10} {found['answered']:9,} {found[OURS]:9,} {found[OTHER]:5} {found['hang']:5} {crashes:5} "
            f"{found[DIFFERENT]:11} {tally.peak_mb:5} {tally.seconds:6.0f}",
            flush=True,
        )
        for finding in tally.findings[:20]:
            print(f"    {name} {finding}", flush=True)
        failed |= bool(found[OTHER] or found["hang"] or crashes)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
