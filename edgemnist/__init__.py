"""Train one CNN on MNIST, export it to a single ONNX file, read digits on a Raspberry Pi.

    from edgemnist import Classifier
    Classifier().predict("photo.jpg").label

Importing the package costs nothing: all but `model_path` load numpy, Pillow and onnxruntime when they are first
touched. `model_path("int8")` is the file of a model that ships, for other runtimes.
"""

TYPE_CHECKING = False  # typing costs more than all the rest of this file; type checkers know the name
if TYPE_CHECKING:
    from edgemnist.camera.options import CameraOptions
    from edgemnist.camera.watch import CameraReading, watch_camera
    from edgemnist.classifier import Classifier
    from edgemnist.model.shipped import model_path
    from edgemnist.prediction import Page, Prediction
    from edgemnist.reading.image import read_image

__all__ = [
    "CameraOptions",
    "CameraReading",
    "Classifier",
    "Page",
    "Prediction",
    "__version__",
    "model_path",
    "read_image",
    "watch_camera",
]
__version__ = "0.2.0"

_HOMES = {
    "CameraOptions": "edgemnist.camera.options",
    "CameraReading": "edgemnist.camera.watch",
    "Classifier": "edgemnist.classifier",
    "Page": "edgemnist.prediction",
    "Prediction": "edgemnist.prediction",
    "model_path": "edgemnist.model.shipped",
    "read_image": "edgemnist.reading.image",
    "watch_camera": "edgemnist.camera.watch",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
