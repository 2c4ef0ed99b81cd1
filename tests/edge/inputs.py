"""What people hand to the library, and what comes of it: `python tests/edge/inputs.py` prints the table in
docs/inputs.md. test_inputs.py tries each line."""

import base64
import io
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from edgemnist import Classifier, read_image
from edgemnist.model.opened import default_model, open_model

PICTURES = (
    ("a path", 'predict("photo.png")', "7"),
    ("a `Path`", 'predict(Path("photo.png"))', "7"),
    ("an encoded file's bytes", "predict(encoded)", "7"),
    ("a bytearray", "predict(bytearray(encoded))", "7"),
    ("a memoryview", "predict(memoryview(encoded))", "7"),
    ("an open file", 'predict(open("photo.png", "rb"))', "7"),
    ("a file in memory, wherever it stands", "predict(written_to)", "7"),
    ("a data URL, as a browser's canvas gives", 'predict("data:image/png;base64,iVBORw0...")', "7"),
    ("a PIL image", 'predict(Image.open("photo.png"))', "7"),
    ("a list", 'predict(["photo.png", encoded, image])', "7, 7, 7"),
    ("a tuple", 'predict(("photo.png", encoded))', "7, 7"),
    ("an empty list", "predict([])", "nothing"),
    ("a list with a bad picture", 'predict(["photo.png", b"?"], errors="return")', "7, PictureError"),
    ("the picture of a row", "predict_row(Image.fromarray(frame))", "77"),
    ("a camera's frame (H, W, 3)", "predict_row(frame)", "77"),
    ("a gray frame (H, W)", "predict_row(frame[:, :, 0])", "77"),
    ("a gray frame (H, W, 1)", "predict_row(frame[:, :, :1])", "77"),
    ("a frame with alpha (H, W, 4)", "predict_row(np.dstack([frame, opaque]))", "77"),
    ("a frame with a filler of zeros", "predict_row(np.dstack([frame, 0 * opaque]))", "77"),
    ("one digit in a frame", "predict(read_image(frame[:, :400]))", "7"),
)

IMAGES = (
    ("one image (28, 28)", "predict(image)", "7"),
    ("one image (28, 28, 1)", "predict(image[:, :, np.newaxis])", "7"),
    ("one flat image (784,)", "predict(image.ravel())", "7"),
    ("images (N, 28, 28)", "predict(images)", "7, 7"),
    ("images (N, 28, 28, 1)", "predict(images[..., np.newaxis])", "7, 7"),
    ("images (N, 1, 28, 28)", "predict(images[:, np.newaxis])", "7, 7"),
    ("images (N, 784)", "predict(images.reshape(-1, 784))", "7, 7"),
    ("one image in an array for several", "predict(images[:1])", "7"),
    ("a list of images", "predict(list(images))", "7, 7"),
    ("what makes an array of itself, as a torch tensor does", "predict(tensor)", "7, 7"),
    ("images that lie in another order", "predict(np.asfortranarray(images)[::-1])", "7, 7"),
)

REFUSED = (  # the third: a pattern that the error matches
    (
        "floats in 0 to 1",
        "predict(image / 255)",
        r'ValueError: .*float64.*type: \(x \* 255\)\.round\(\)\.astype\("uint8"\)',
    ),
    ("floats in 0 to 255", "predict(image * 1.0)", r'ValueError: .*float64.*type: x\.round\(\)\.astype\("uint8"\)'),
    (
        "normalized floats",
        "predict((image - 33.3) / 78.6)",
        r"ValueError: .*float64.*from -0.424 to 2.82: bring them there first",
    ),
    (
        "whole numbers of another type",
        "predict(images.astype(int))",
        r'ValueError: .*int64.*type: x\.astype\("uint8"\)',
    ),
    ("a mask", "predict(image > 127)", r'ValueError: .*bool.*type: x\.astype\("uint8"\) \* 255'),
    ("a float tensor", "predict(float_tensor)", r"ValueError: .*float32.*type: \(np\.asarray\(x\) \* 255\)"),
    (
        "a tensor that is not in memory",
        "predict(tensor_on_a_gpu)",
        r"TypeError: a Tensor cannot be made a numpy array: .*cuda:0",
    ),
    (
        "a camera's frame",
        "predict(frame)",
        r"ValueError: .*\(400, 800, 3\).*predict_row\(x\).*predict\(read_image\(x\)\)",
    ),
    ("images that are no 28x28", "predict(images[:, :20, :20])", r"ValueError: .*\(2, 20, 20\).*\(N, 28, 28\)"),
    (
        "colors first",
        "predict_row(frame.transpose(2, 0, 1))",
        r"ValueError: .*\(3, 400, 800\).*x\.transpose\(1, 2, 0\)",
    ),
    ("an array without pixels", "predict_row(frame[:0])", r"ValueError: .*\(0, 800, 3\) is no picture"),
    ("images in a list of lists", "predict([images])", r"ValueError: number 0 of the list: 2 images in one array"),
    (
        "a list of numbers",
        "predict(image.tolist())",
        r'TypeError: number 0 of the list: a list.*np\.array\(x, dtype="uint8"\)',
    ),
    (
        "a list for predict_row",
        'predict_row(["photo.png"])',
        r"TypeError: a list is no picture; give one picture at a time",
    ),
    (
        "a generator",
        'predict(Path(".").glob("*.png"))',
        r"TypeError: a generator is no picture; make a list of it: list\(x\)",
    ),
    ("nothing", "predict(None)", r"TypeError: None is no picture; give a path"),
    ("a dict", 'predict({"picture": "photo.png"})', r"TypeError: a dict is no picture; give a path"),
    ("a number", "predict(7)", r"TypeError: an int is no picture; give a path"),
    ("a file opened as text", 'predict(open("notes.txt"))', r'TypeError: .*open it with mode "rb"'),
    ("a path that leads nowhere", 'predict("photo.jpg")', r"PictureError: photo.jpg does not exist; check the path"),
    (
        "a web address",
        'predict("https://example.com/photo.png")',
        r"PictureError: https://example.com/photo.png .*download it first",
    ),
    ("a damaged data URL", 'predict("data:image/png;base64,iVB!")', r"PictureError: .*damaged base64"),
    ("a PDF", 'predict(b"%PDF-1.7 ...")', r"PictureError: .*pdftoppm"),
    (
        "what is no picture",
        'predict("notes.txt")',
        r"PictureError: notes.txt is not a picture that can be read \(PNG, JPEG",
    ),
)


class Tensor:
    """As torch's: no array, but it makes one."""

    def __init__(self, array: np.ndarray, problem: str = "") -> None:
        self._array, self._problem = array, problem

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        if self._problem:
            raise TypeError(self._problem)
        return self._array


def names() -> dict[str, object]:
    """What the lines above speak of; photo.png and notes.txt are written to the current folder."""
    record = open_model(default_model()).info.selftest
    image = next(image for image, logits in zip(record.images, record.logits, strict=True) if sure_seven(logits))
    photo = Image.fromarray(255 - image).resize((400, 400))
    photo.save("photo.png")
    Path("notes.txt").write_text("no picture\n")
    encoded = Path("photo.png").read_bytes()
    written_to = io.BytesIO()
    photo.save(written_to, "PNG")
    frame = np.repeat(np.hstack([np.asarray(photo)] * 2)[:, :, np.newaxis], 3, axis=2)
    classifier = Classifier()
    return {
        "np": np,
        "Image": Image,
        "Path": Path,
        "read_image": read_image,
        "predict": classifier.predict,
        "predict_row": classifier.predict_row,
        "encoded": encoded,
        "url": f"data:image/png;base64,{base64.b64encode(encoded).decode()}",
        "written_to": written_to,
        "image": image,
        "images": np.stack([image, image]),
        "frame": frame,
        "opaque": np.full(frame.shape[:2], 255, np.uint8),
        "tensor": Tensor(np.stack([image, image])),
        "float_tensor": Tensor(image / np.float32(255)),
        "tensor_on_a_gpu": Tensor(image, "can't convert cuda:0 device type tensor to numpy; use Tensor.cpu()"),
    }


def sure_seven(logits: np.ndarray) -> bool:
    return bool(logits.argmax() == 7 and np.partition(logits, -2)[-2] < logits[7] - 5)


def outcome(code: str, known: dict[str, object]) -> str:
    """The labels that a line of code gives, or its error."""
    code = code.replace('"data:image/png;base64,iVBORw0..."', "url")
    try:
        answer = eval(code, dict(known))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    answers = answer if isinstance(answer, list) else [answer]
    labels = [type(one).__name__ if isinstance(one, Exception) else one.label for one in answers]
    return ", ".join(labels) or "nothing"


def table(known: dict[str, object]) -> str:
    """The page's two tables."""
    lines = ["| taken | code | answer |", "|---|---|---|"]
    lines += [f"| {what} | `{code}` | {outcome(code, known)} |" for what, code, _ in PICTURES + IMAGES]
    lines += ["", "| refused | code | error |", "|---|---|---|"]
    lines += [f"| {what} | `{code}` | {outcome(code, known)} |" for what, code, _ in REFUSED]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        print(table(names()), end="")
