"""A process for each core, forked once everything is loaded."""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection


def start_workers(work: Callable[[int, int, Connection], None]) -> list[Connection]:
    """Where the results of each worker come from: `work` is given its number, how many there are, and where they go."""
    context = multiprocessing.get_context("fork")
    count = len(os.sched_getaffinity(0))
    found = []
    for worker in range(count):
        receiver, sender = context.Pipe(duplex=False)
        context.Process(target=work, args=(worker, count, sender), daemon=True).start()
        sender.close()
        found.append(receiver)
    return found
