"""Read an archive of pictures with all cores of one machine, and print a line of JSON for each picture.

python archive.py FOLDER [--processes 2]
"""

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from edgemnist import Classifier
from edgemnist.errors import PictureError
from edgemnist.infer.sources import find_sources


def read(classifier: Classifier, path: str) -> dict[str, object]:
    try:
        answer = classifier.predict(path)
    except PictureError as error:
        return {"source": path, "status": "unreadable", "error": str(error)}
    return {"source": path, "status": answer.status, "label": answer.label, "confidence": answer.confidence}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    paths = find_sources([options.folder], recursive=True)
    with ProcessPoolExecutor(options.processes) as pool:
        # With each task goes the model's name; 32 pictures to a task, so that it is opened seldom.
        began = time.perf_counter()
        for record in pool.map(partial(read, Classifier()), paths, chunksize=32):
            print(json.dumps(record))
    speed = len(paths) / (time.perf_counter() - began)
    print(f"{options.processes} processes: {speed:.0f} pictures a second", file=sys.stderr)


if __name__ == "__main__":
    main()
