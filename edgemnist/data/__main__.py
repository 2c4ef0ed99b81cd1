"""`python -m edgemnist.data`: obtain MNIST now, so that nothing later needs the network."""

import os
from pathlib import Path

from edgemnist.process import main, say


def run() -> int:
    """Load MNIST from $EDGEMNIST_DATA, the cache, or wherever it can be had.

    Raises:
        EdgemnistError: it is out of reach, or the folder cannot be read.
    """
    from edgemnist.data.mnist import load_dataset

    folder = os.environ.get("EDGEMNIST_DATA")
    load_dataset(Path(folder) if folder else None, say)
    return 0


main(run)
