"""Read an archive of pictures on many machines with Dask, and print a line of JSON for each picture.

    pip install edgemnist "dask[distributed]"
    python archive_dask.py FOLDER                                  # two processes on this machine
    python archive_dask.py FOLDER --scheduler tcp://HOST:8786      # any number of them anywhere

The workers, `dask worker tcp://HOST:8786 --nthreads 1`, run on machines that have edgemnist and see FOLDER at the same
path. When one dies, the others read its pictures. Lines come as they are ready, not in the order of names.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from distributed import Client, LocalCluster, as_completed

from edgemnist import Classifier
from edgemnist.errors import PictureError
from edgemnist.infer.sources import find_sources

BATCH = 32
"""Pictures in a task: a second or so, and little lost when a worker dies."""


def read_batch(classifier: Classifier, paths: list[str]) -> list[dict[str, object]]:
    """One record for each picture; runs on a worker."""
    answers = classifier.predict(paths, errors="return")
    return [
        {"source": path, "status": "unreadable", "error": str(answer)}
        if isinstance(answer, PictureError)
        else {"source": path, "status": answer.status, "label": answer.label, "confidence": answer.confidence}
        for path, answer in zip(paths, answers, strict=True)
    ]


def read_archive(client: Client, paths: list[str], batch: int = BATCH) -> Iterator[dict[str, object]]:
    """A record for each of `paths`, as they come."""
    # Made on a worker, and anew on each that needs it: what is pickled is the model's name, not the model.
    classifier = client.submit(Classifier)
    batches = [paths[start : start + batch] for start in range(0, len(paths), batch)]
    futures = [client.submit(read_batch, classifier, some, pure=False) for some in batches]
    for _, records in as_completed(futures, with_results=True):
        yield from records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scheduler", help="address of a Dask scheduler; default: two processes here")
    parser.add_argument("--workers", type=int, default=2, help="processes on this machine, without --scheduler")
    options = parser.parse_args()
    paths = [str(Path(path).resolve()) for path in find_sources([str(options.folder)], recursive=True)]
    cluster = options.scheduler or LocalCluster(n_workers=options.workers, threads_per_worker=1, dashboard_address=None)
    with Client(cluster) as client:
        for record in read_archive(client, paths):
            print(json.dumps(record))


if __name__ == "__main__":
    main()
