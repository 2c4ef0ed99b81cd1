"""Pictures in a list: one that cannot be read costs only its own answer."""

from collections.abc import Callable
from typing import Literal

from edgemnist.errors import PictureError
from edgemnist.reading.image import Reading, Source
from edgemnist.reading.source import SupportsArray, as_images, is_array

Sources = list[Source] | tuple[Source, ...]
Errors = Literal["raise", "return"]
"""What happens to the answers for a list when one of its pictures cannot be read."""


def read_each(sources: Sources, read: Callable[[Source], Reading], errors: Errors) -> list[Reading | PictureError]:
    """What the model gets to see of each picture, by `read`, and of each array of one image, verbatim.

    Raises:
        PictureError: a picture cannot be read, unless these are wanted in its place.
        TypeError, ValueError: no picture can be meant; the message says which of the list.
    """
    found: list[Reading | PictureError] = []
    for position, source in enumerate(sources):
        try:
            found.append(_only_image(source) if is_array(source) else read(source))
        except PictureError as error:
            if errors == "raise":
                raise
            # A new one: where it was raised, its frames still hold the pixels.
            found.append(PictureError(str(error)))
        except (TypeError, ValueError) as error:
            raise type(error)(f"number {position} of the list: {error}") from error
    return found


def _only_image(array: SupportsArray) -> Reading:
    images, single = as_images(array)
    if not single:
        raise ValueError(f"{len(images)} images in one array; give it alone, without a list around it")
    return Reading(images[0], None, 0, ())
