"""Wheels of a few bytes that pip and the installer take for real ones."""

import base64
import hashlib
import platform
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PLATFORM = f"manylinux_2_17_{platform.machine()}"
NATIVE_TAG = f"cp{PYTHON.replace('.', '')}-cp{PYTHON.replace('.', '')}-{PLATFORM}"

CLI = """
import os, signal, sys

def main():
    if sys.argv[1] == "verify":
        {verify}
    print("this is {version}")
"""


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str],
    requires: tuple[str, ...] = (),
    tag: str = "py3-none-any",
    more: str = "",
) -> Path:
    """A wheel in `folder`, with the hashes and headers that pip looks at; `more` are headers of its own."""
    info = f"{name}-{version}.dist-info"
    requirements = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.11\n{requirements}{more}"
    header = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    members = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": header}
    record = "".join(f"{member},sha256={_hash(text)},\n" for member, text in members.items())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, text in {**members, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            wheel.writestr(zipfile.ZipInfo(member), text)
    return path


def make_own(folder: Path, version: str = "0.1.0", verify: str = "sys.exit(0)", extra: str = "") -> Path:
    """A wheel that passes for ours: its self-test runs the statement `verify`."""
    files = {
        "edgemnist/__init__.py": "",
        "edgemnist/__main__.py": CLI.format(verify=verify, version=version),
        "edgemnist/tests/test_it.py": extra,
        "edgemnist/models/edgemnist-fp32.onnx": "a model",
        "edgemnist/models/edgemnist-int8.onnx": "a model",
    }
    return make_wheel(folder, "edgemnist", version, files, ("numpy>=2", "onnxruntime>=1.23"))


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
