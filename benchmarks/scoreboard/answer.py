"""Answers pictures with the edgemnist in a folder, or else this Python's own: a JSON line in, a JSON line out.

    python -P answer.py [FOLDER]

In: [path, whether it is a row]. Out, first: version and place of the package; then for each picture the text (of a row
as it stands there, line by line and word by word, if that version tells them apart), the status, the confidence, the
digits' boxes, and milliseconds of CPU.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path[:0] = sys.argv[1:]  # before whatever an editable installation has put there

import edgemnist  # noqa: E402
from edgemnist.errors import EdgemnistError  # noqa: E402


def answered(classifier: "edgemnist.Classifier", path: str, row: bool) -> dict[str, Any]:
    start = time.process_time()
    try:
        page = classifier.predict_page(path) if row and hasattr(classifier, "predict_page") else None
        prediction = page.row if page else classifier.predict_row(path) if row else classifier.predict(path)
    except EdgemnistError:
        return {
            "text": "",
            "status": "refused",
            "confidence": 0,
            "boxes": [],
            "ms": 1000 * (time.process_time() - start),
        }
    ms = 1000 * (time.process_time() - start)
    boxes = [digit.box for digit in prediction.digits or (prediction,) if digit.box]
    return {
        "text": page.text if page else prediction.label,
        "status": prediction.status,
        "confidence": prediction.confidence,
        "boxes": boxes,
        "ms": ms,
    }


def main() -> None:
    classifier = edgemnist.Classifier()
    print(json.dumps([edgemnist.__version__, str(Path(edgemnist.__file__).parent)]), flush=True)
    for line in sys.stdin:
        print(json.dumps(answered(classifier, *json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
