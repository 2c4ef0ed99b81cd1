"""Print what `infer --watch` costs while nothing arrives.

    python benchmarks/watch.py [PICTURES...]

For each number of pictures in a folder: the CPU time of looks at it, as a share of the time between them.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from edgemnist.infer.watch import Watch, watch_folder

LOOKS = 40


class EnoughError(Exception):
    """The looks are done."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", type=int, default=[1_000, 20_000, 100_000])
    print("| pictures in the folder | first look, CPU s | then, share of a core |")
    print("|---|---|---|")
    for pictures in parser.parse_args().pictures:
        with tempfile.TemporaryDirectory() as folder:
            for number in range(pictures):
                Path(folder, f"{number:06}.png").touch()
            os.utime(folder, (1, 1))
            first, share = idle(Path(folder))
        print(f"| {pictures:,} | {first:.2f} | {100 * share:.2f} % |")


def idle(folder: Path) -> tuple[float, float]:
    marks = [(time.monotonic(), time.process_time())]

    def wait(seconds: float) -> None:
        marks.append((time.monotonic(), time.process_time()))
        if len(marks) > LOOKS:
            raise EnoughError
        time.sleep(seconds)

    try:
        for _ in watch_folder(folder, wait, Watch(skip_existing=True)):
            pass
    except EnoughError:
        pass
    (_, start), (began, first), (ended, last) = marks[0], marks[1], marks[-1]
    return first - start, (last - first) / (ended - began)


main()
