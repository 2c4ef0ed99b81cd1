"""MNIST from its mirrors, over HTTPS and with the standard library alone."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgemnist.data.canonical import CanonicalFile
from edgemnist.data.idx import decode_idx
from edgemnist.errors import DataError

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
"""Folders that hold the four files as .gz."""

TIMEOUT_S = 10.0
"""How long a mirror may stay silent, in seconds: while connecting, and between two packets."""


def download_files(mirror: str, files: Sequence[CanonicalFile]) -> tuple[NDArray[np.uint8], ...]:
    """The arrays of `files` from one mirror, each proven by its SHA-256.

    Raises:
        DataError: the mirror cannot be reached, or what it sends is not MNIST.
    """
    return tuple(_download(f"{mirror}{file.name}.gz", file) for file in files)


def _download(url: str, file: CanonicalFile) -> NDArray[np.uint8]:
    try:
        # Packing shortens a file, or lengthens a tiny one by its header: an answer beyond this is not MNIST.
        content = fetch_https(url, limit_bytes=file.size_bytes + 1024)
    except urllib.error.HTTPError as error:
        raise DataError(f"{url}: HTTP {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise DataError(f"{url}: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DataError(f"{url}: {error}") from error
    array = decode_idx(content, url)
    file.require(array, url)
    return array


def fetch_https(url: str, limit_bytes: int) -> bytes:
    """What `url` answers, cut off after `limit_bytes`; proxies are taken from the environment.

    The opener knows HTTPS and nothing else, so that no redirect leads to plain HTTP or to a local file.

    Raises:
        OSError, http.client.HTTPException: whatever urllib raises.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    with opener.open(url, timeout=TIMEOUT_S) as response:
        content: bytes = response.read(limit_bytes)
        return content
