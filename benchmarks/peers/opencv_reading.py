"""How pictures are commonly read with OpenCV: a JSON line in, a JSON line out, as in benchmarks/scoreboard/answer.py.

    python opencv_reading.py MODEL

imdecode, blur, closing for the light, Otsu, connectedComponents, crop of the largest piece, resize, moments; the fp32
file through OpenCV's own dnn module. One digit alone; rows are not its matter. Needs opencv-python-headless.
"""

import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np

SIDE, CENTER = 20, 14
"""Pixels, as MNIST has them."""
CLOSING = 51
"""Pixels: strokes are narrower, shadows wider."""


def mnist_image(content: bytes) -> np.ndarray | None:
    """(28, 28) uint8 of the largest piece of ink in an encoded picture; None where there is none."""
    gray = cv2.GaussianBlur(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE), (5, 5), 0)
    paper = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((CLOSING, CLOSING), np.uint8))
    ink = cv2.subtract(paper, gray)
    _, mask = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    number = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height = stats[number, :4]
    part = (slice(top, top + height), slice(left, left + width))
    digit = np.where(labels[part] == number, ink[part], 0)
    digit = cv2.normalize(digit, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    scale = SIDE / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    digit = cv2.resize(digit, size, interpolation=cv2.INTER_AREA)
    moments = cv2.moments(digit)
    shift = [CENTER - moments[name] / max(moments["m00"], 1) for name in ("m10", "m01")]
    return cv2.warpAffine(digit, np.float32([[1, 0, round(shift[0])], [0, 1, round(shift[1])]]), (28, 28))


def answered(network: cv2.dnn.Net, path: str) -> dict:
    start = time.process_time()
    image = mnist_image(Path(path).read_bytes())
    text = ""
    if image is not None:
        network.setInput(image[None, None], "image")
        text = str(int(network.forward("logits").argmax()))
    ms = 1000 * (time.process_time() - start)
    return {"text": text, "status": "ok" if text else "blank", "confidence": 0.0, "boxes": [], "ms": ms}


def main() -> None:
    cv2.setNumThreads(1)
    network = cv2.dnn.readNetFromONNX(sys.argv[1])
    print(json.dumps([cv2.__version__, cv2.__file__]), flush=True)
    for line in sys.stdin:
        print(json.dumps(answered(network, json.loads(line)[0])), flush=True)


if __name__ == "__main__":
    main()
