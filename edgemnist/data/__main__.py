"""`python -m edgemnist.data`: obtain MNIST now, so that nothing later needs the network."""

import os
import sys
from pathlib import Path

from edgemnist.data.mnist import load_dataset
from edgemnist.errors import DataError


def main() -> None:
    """Load MNIST from $EDGEMNIST_DATA, the cache, or wherever it can be had."""
    folder = os.environ.get("EDGEMNIST_DATA")
    try:
        load_dataset(Path(folder) if folder else None, lambda line: print(line, file=sys.stderr))
    except DataError as error:
        sys.exit(f"edgemnist: {error}")


main()
