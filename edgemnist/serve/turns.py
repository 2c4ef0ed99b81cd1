"""Work in turns: a few threads, a bounded queue before them, and a word to those who find it full."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from edgemnist.serve.bounds import MAX_WAITING, WAIT_S
from edgemnist.serve.problems import busy

Result = TypeVar("Result")


class Turns:
    """Threads that work one request each at a time."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "turn")
        self.taken = 0
        """Requests that wait or are worked on."""

    async def take(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, done in its turn.

        Raises:
            ProblemError: too many wait, or it has waited too long.
        """
        if self.taken >= MAX_WAITING:
            raise busy(f"{MAX_WAITING} requests wait already")
        until = time.monotonic() + WAIT_S

        def in_time() -> Result:
            if time.monotonic() > until:
                raise busy(f"no turn came within {WAIT_S} seconds")
            return work()

        self.taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, in_time)
        finally:
            self.taken -= 1
